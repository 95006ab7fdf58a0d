"""Runs: from the first page to the verdict, and what their sources no longer have."""
