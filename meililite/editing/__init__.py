"""Functions that edit documents: a small part of the Rhai language."""
