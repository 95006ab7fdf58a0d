"""The one way to the search server: every call goes through here and is measured."""
