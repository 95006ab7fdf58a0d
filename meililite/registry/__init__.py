"""What the front remembers on disk: tasks, batches, the names of indexes, keys."""
