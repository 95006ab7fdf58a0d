"""The demo market: a web site of its own that sells cars which do not exist.

Its pages have the shape of Cars.com's. It knows nothing of those who read it:
it shares no code with parsers, catalog or index, and speaks with them over HTTP only.

Everything follows from a seed and a virtual clock. `fleet` knows what VINs there are,
`cars` draws cars from them, `prices` says what one costs on a day, `lot` holds what
stands there now, `clock` keeps the time on disk, `pages` shows it, `server` serves it.
"""
