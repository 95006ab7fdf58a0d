"""What a request may be: how long, and how long it may take to come."""

LONGEST_URL = 8_000  # characters
LONGEST_HEADERS = 32_768  # bytes
LONGEST_BODY = 65_536  # bytes
SLOWEST_SECONDS = 10  # for all headers from their first byte on, and then for the whole body
