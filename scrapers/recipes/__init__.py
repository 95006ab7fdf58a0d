"""Recipes: how a site's pages are read, said in YAML instead of code."""
