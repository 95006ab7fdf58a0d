"""Keeps the search server in step with Postgres: outbox → pending → batch → task → done."""
