"""The index: documents and settings in, exact answers out.

One `IndexWriter` a directory changes it; any number of `IndexReader`s answer from a committed
version of it. Everything here is independent of HTTP: requests are dictionaries in Meilisearch's
JSON shape, answers are bytes, and what is wrong with a request is an `ApiError`.
"""

from meililite.index.reader import IndexReader
from meililite.index.writer import IndexWriter

__all__ = ["IndexReader", "IndexWriter"]
