"""What ends a run before its list was read: the reason, and whether a later try can help."""


class SiteError(Exception):
    """The site cannot be crawled on; the message is a sentence for people.

    `passing` says whether trying again later can help, `wait` after how many seconds at least.
    """

    def __init__(self, message: str, *, passing: bool = False, wait: float = 0.0) -> None:
        super().__init__(message)
        self.passing, self.wait = passing, wait


class SiteBlockedError(SiteError):
    """The site, or who guards it, does not want us; nothing is tried to get around that."""
