"""Tenant tokens: JSON web tokens that narrow what a key may search."""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import time
import uuid
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import orjson

from meililite.errors import ApiError

_HASHES = {"HS256": hashlib.sha256, "HS384": hashlib.sha384, "HS512": hashlib.sha512}

Rules = dict[str, dict[str, Any] | None]


class _NotATokenError(Exception):
    """The text is no tenant token, or none of a key that is known."""


@dataclass(frozen=True, slots=True)
class Token:
    key_uid: str
    rules: Rules


def read(text: str, secret_of: Callable[[str], str | None]) -> Token | None:
    """The checked content of a tenant token; None for a text that is none, or of no known key.

    `secret_of` gives the key of a uid, with which the token must be signed. Raises ApiError
    `invalid_api_key` for a token that is expired or not signed so.
    """
    try:
        return _read(text, secret_of)
    except _NotATokenError:
        return None


def _read(text: str, secret_of: Callable[[str], str | None]) -> Token:
    head, claims, signed, signature = _parts(text)
    key_uid = _uid(claims.get("apiKeyUid"))
    rules = _rules(claims.get("searchRules"))
    key = secret_of(key_uid)
    algorithm = _HASHES.get(str(head.get("alg")))
    if key is None:
        raise _NotATokenError
    if algorithm is None:
        raise _refused("Could not decode tenant token, InvalidAlgorithm.")
    if not hmac.compare_digest(hmac.new(key.encode(), signed, algorithm).digest(), signature):
        raise _refused("Could not decode tenant token, InvalidSignature.")
    _check_expiry(claims.get("exp"))
    return Token(key_uid, rules)


def _parts(text: str) -> tuple[dict[str, Any], dict[str, Any], bytes, bytes]:
    pieces = text.split(".")
    if len(pieces) != 3:
        raise _NotATokenError
    try:
        head, claims, signature = (_decode(piece) for piece in pieces)
        head, claims = orjson.loads(head), orjson.loads(claims)
    except (ValueError, binascii.Error):
        raise _NotATokenError from None
    if not (isinstance(head, dict) and isinstance(claims, dict)):
        raise _NotATokenError
    return head, claims, ".".join(pieces[:2]).encode(), signature


def _decode(piece: str) -> bytes:
    return base64.urlsafe_b64decode(piece + "=" * (-len(piece) % 4))


def _uid(value: Any) -> str:
    try:
        return str(uuid.UUID(value))
    except (ValueError, AttributeError, TypeError):
        raise _NotATokenError from None


def _rules(value: Any) -> Rules:
    if isinstance(value, list):
        return {str(pattern): None for pattern in value}
    if isinstance(value, dict) and all(isinstance(rule, dict | None) for rule in value.values()):
        return value
    raise _NotATokenError


def _check_expiry(expiry: Any) -> None:
    if expiry is None:
        return
    moment = int(time.time())
    if not isinstance(expiry, int) or moment > expiry:
        raise _refused(
            f"Tenant token expired. Was valid up to `{expiry}` and we're now `{moment}`."
        )


def _refused(message: str) -> ApiError:
    return ApiError("invalid_api_key", message)
