"""Federated searches: many queries, one list of hits."""
