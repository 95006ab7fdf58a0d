"""An embedded search server that speaks Meilisearch's HTTP API."""

# The release of Meilisearch whose answers are given; clients read it at `/version`.
MEILISEARCH_VERSION = "1.50.0"
