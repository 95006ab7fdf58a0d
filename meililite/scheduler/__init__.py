"""What runs when: batches of tasks, one after another."""
