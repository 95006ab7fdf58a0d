"""Sources: what `sources.yml` says, kept as rows, and which of them are left alone."""
