"""Sites: crawled page by page into rows; their pages are kept and can be read again."""
