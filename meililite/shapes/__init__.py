"""What requests must look like, and the exact words for those that do not."""
