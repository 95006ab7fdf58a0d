"""Feeds: files of cars, in whatever dialect, as offers."""
