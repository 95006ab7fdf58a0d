"""Storing: offers into Postgres in bulk, and the listings that follow from them."""
