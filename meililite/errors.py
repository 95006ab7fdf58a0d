"""What can go wrong, as clients are told: a code, and what follows from it."""

from __future__ import annotations

from typing import Any

_INVALID_REQUEST = "invalid_request"

# Status and type of the codes that are not (400, invalid_request).
_SPECIAL: dict[str, tuple[int, str]] = {
    "api_key_already_exists": (409, _INVALID_REQUEST),
    "api_key_not_found": (404, _INVALID_REQUEST),
    "batch_not_found": (404, _INVALID_REQUEST),
    "chat_not_found": (404, _INVALID_REQUEST),
    "document_not_found": (404, _INVALID_REQUEST),
    "index_not_found": (404, _INVALID_REQUEST),
    "task_file_not_found": (404, _INVALID_REQUEST),
    "task_not_found": (404, _INVALID_REQUEST),
    "webhook_not_found": (404, _INVALID_REQUEST),
    "invalid_content_type": (415, _INVALID_REQUEST),
    "missing_content_type": (415, _INVALID_REQUEST),
    "payload_too_large": (413, _INVALID_REQUEST),
    "requires_enterprise_edition": (451, _INVALID_REQUEST),
    "invalid_api_key": (403, "auth"),
    "missing_authorization_header": (401, "auth"),
    "missing_master_key": (401, "auth"),
    "internal": (500, "internal"),
    "invalid_store_file": (500, "internal"),
    "no_space_left_on_device": (422, "system"),
    "io_error": (422, "system"),
    "too_many_open_files": (422, "system"),
    "too_many_search_requests": (503, "system"),
}


class ApiError(Exception):
    """An error with Meilisearch's code; status, type and link follow from the code.

    `code` is one of https://www.meilisearch.com/docs/reference/errors/error_codes, in snake case.
    """

    def __init__(self, code: str, message: str, status: int | None = None) -> None:
        """`status` where it is not the one that the code usually has."""
        super().__init__(code, message)
        self.code = code
        self.message = message
        self.status = status or _SPECIAL.get(code, (400, ""))[0]

    def __str__(self) -> str:
        return self.message

    @property
    def type(self) -> str:
        """invalid_request, auth, internal or system."""
        return _SPECIAL.get(self.code, (0, _INVALID_REQUEST))[1]

    @property
    def link(self) -> str:
        return f"https://docs.meilisearch.com/errors#{self.code}"

    def body(self) -> dict[str, Any]:
        """The error object as it stands in an answer and in a failed task."""
        return {"message": self.message, "code": self.code, "type": self.type, "link": self.link}

    def at(self, place: str) -> ApiError:
        """The same error, said of one part of a request: `at("Inside `.queries[1]`: ")`."""
        return ApiError(self.code, place + self.message, self.status)
