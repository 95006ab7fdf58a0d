"""Experimental features: their names, and what is said of one that is off."""

from __future__ import annotations

from collections.abc import Mapping

from meililite.errors import ApiError

_DISCUSSIONS = "https://github.com/orgs/meilisearch/discussions"

# By their name in the API: what errors call them, and where they are discussed. Those that no
# error names have none.
FEATURES: dict[str, tuple[str, str]] = {
    "metrics": ("metrics", "https://github.com/meilisearch/product/discussions/625"),
    "logsRoute": ("logs route", f"{_DISCUSSIONS}/721"),
    "editDocumentsByFunction": ("edit documents by function", f"{_DISCUSSIONS}/762"),
    "containsFilter": ("contains filter", f"{_DISCUSSIONS}/763"),
    "dynamicSearchRules": ("dynamic search rules", f"{_DISCUSSIONS}/884"),
    "network": ("network", f"{_DISCUSSIONS}/805"),
    "getTaskDocumentsRoute": ("get task documents route", f"{_DISCUSSIONS}/808"),
    "taskQueueCompactionRoute": ("task queue compaction route", f"{_DISCUSSIONS}/883"),
    "compositeEmbedders": ("composite embedders", f"{_DISCUSSIONS}/816"),
    "chatCompletions": ("chat completions", f"{_DISCUSSIONS}/835"),
    "multimodal": ("multimodal", f"{_DISCUSSIONS}/846"),
    "foreignKeys": ("foreign_keys", f"{_DISCUSSIONS}/873"),
    "disableDocumentsFetchQueue": ("", ""),
    "legacySearch": ("", ""),
    "renderRoute": ("render_route", f"{_DISCUSSIONS}/888"),
}

Switched = Mapping[str, bool]  # features by name: whether they are on


def off(doing: str, feature: str, discussion: str) -> ApiError:
    """The error for doing something whose feature is off."""
    return ApiError(
        "feature_not_enabled",
        f"{doing} requires enabling the `{feature}` experimental feature. See {discussion}",
    )


def require(features: Switched, name: str, doing: str) -> None:
    """Raise `feature_not_enabled`, in a sentence that begins with `doing`, unless it is on."""
    if not features.get(name):
        raise off(doing, *FEATURES[name])


def refuse_unbuilt(request: Mapping[str, object], features: Switched) -> None:
    """Raise what Meilisearch says, without an embedder, of searches that ask for what is not here.

    Source of the order: Meilisearch's `search_kind`.
    """
    hybrid, vector, media = (request.get(name) for name in ("hybrid", "vector", "media"))
    if request.get("useNetwork") is not None:
        require(features, "network", "passing `useNetwork` in a search query")
    if media is not None and vector is not None:
        raise ApiError(
            "invalid_search_media_and_vector",
            "Invalid request: both `media` and `vector` parameters are present.",
        )
    if isinstance(hybrid, dict):
        asked = bool(str(request.get("q") or "").strip()) or vector is not None or media is not None
        if asked and hybrid.get("semanticRatio", 0.5) > 0:
            raise ApiError(
                "invalid_search_embedder", f"Cannot find embedder with name `{hybrid['embedder']}`."
            )
    elif vector is not None or media is not None:
        raise ApiError(
            "missing_search_hybrid",
            "Invalid request: missing `hybrid` parameter when `vector` or `media` are present.",
        )
    if media is not None:
        require(features, "multimodal", "passing `media` in a search query")
    if request.get("personalize") is not None:
        raise off("reranking search results", "personalization", f"{_DISCUSSIONS}/866")
