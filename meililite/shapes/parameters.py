"""The query parameters of each route."""

from __future__ import annotations

from typing import Any

import orjson

from meililite.errors import ApiError
from meililite.shapes import query
from meililite.shapes.locales import LOCALES
from meililite.shapes.query import FaultError, Parameter, UnknownWordError
from meililite.shapes.search import MATCHING_STRATEGIES, RATIO_FAULT, THRESHOLD_FAULT

STATUSES = ("enqueued", "processing", "succeeded", "failed", "canceled")
TYPES = (
    "documentAdditionOrUpdate", "documentEdition", "documentDeletion", "settingsUpdate",
    "indexCreation", "indexDeletion", "indexUpdate", "indexSwap", "taskCancelation", "taskDeletion",
    "dumpCreation", "snapshotCreation", "export", "upgradeDatabase", "indexCompaction",
    "networkTopologyChange", "dsrUpdate", "dsrClear",
)  # fmt: skip


def _unit(fault: str) -> query.Reading:
    def check(value: str) -> float:
        try:
            number = float(value)
        except ValueError:
            raise FaultError(fault) from None
        if not 0 <= number <= 1:
            raise FaultError(fault)
        return number

    return check


def _choice(*accepted: str) -> query.Reading:
    def check(value: str) -> str:
        if value not in accepted:
            raise UnknownWordError(value, accepted)
        return value

    return check


_texts = query.separated(query.text)

SEARCH = {
    "q": Parameter(query.text, "invalid_search_q"),
    "offset": Parameter(query.unsigned, "invalid_search_offset"),
    "limit": Parameter(query.unsigned, "invalid_search_limit"),
    "page": Parameter(query.unsigned, "invalid_search_page"),
    "hitsPerPage": Parameter(query.unsigned, "invalid_search_hits_per_page"),
    "attributesToRetrieve": Parameter(_texts, "invalid_search_attributes_to_retrieve"),
    "attributesToCrop": Parameter(_texts, "invalid_search_attributes_to_crop"),
    "cropLength": Parameter(query.unsigned, "invalid_search_crop_length"),
    "cropMarker": Parameter(query.text, "invalid_search_crop_marker"),
    "attributesToHighlight": Parameter(_texts, "invalid_search_attributes_to_highlight"),
    "highlightPreTag": Parameter(query.text, "invalid_search_highlight_pre_tag"),
    "highlightPostTag": Parameter(query.text, "invalid_search_highlight_post_tag"),
    "showMatchesPosition": Parameter(query.boolean, "invalid_search_show_matches_position"),
    "filter": Parameter(query.text, "invalid_search_filter"),
    "sort": Parameter(query.text, "invalid_search_sort"),
    "distinct": Parameter(query.text, "invalid_search_distinct"),
    "facets": Parameter(_texts, "invalid_search_facets"),
    "matchingStrategy": Parameter(
        _choice(*MATCHING_STRATEGIES), "invalid_search_matching_strategy"
    ),
    "attributesToSearchOn": Parameter(_texts, "invalid_search_attributes_to_search_on"),
    "rankingScoreThreshold": Parameter(
        _unit(THRESHOLD_FAULT), "invalid_search_ranking_score_threshold"
    ),
    "locales": Parameter(query.separated(_choice(*LOCALES)), "invalid_search_locales"),
    "hybridEmbedder": Parameter(query.text, "invalid_search_embedder"),
    "hybridSemanticRatio": Parameter(_unit(RATIO_FAULT), "invalid_search_semantic_ratio"),
    "vector": Parameter(query.separated(query.number), "invalid_search_vector"),
    "retrieveVectors": Parameter(query.boolean, "invalid_search_retrieve_vectors"),
    "personalizeUserContext": Parameter(query.text, "invalid_search_personalize_user_context"),
    "useNetwork": Parameter(query.boolean, "invalid_search_use_network"),
    "showRankingScore": Parameter(query.boolean, "invalid_search_show_ranking_score"),
    "showRankingScoreDetails": Parameter(
        query.boolean, "invalid_search_show_ranking_score_details"
    ),
    "showPerformanceDetails": Parameter(query.boolean, "invalid_search_show_performance_details"),
}


def search(given: list[tuple[str, str]]) -> dict[str, Any]:
    """The parameters of `GET /indexes/{uid}/search` as the body of a search."""
    values = query.read(given, SEARCH)
    request = {name: value for name, value in values.items() if value is not None}
    if "filter" in request:
        request["filter"] = filter_of(request["filter"])
    if "sort" in request:
        request["sort"] = sort_of(request["sort"])
    embedder = request.pop("hybridEmbedder", None)
    ratio = request.pop("hybridSemanticRatio", None)
    if embedder is not None:
        request["hybrid"] = {"embedder": embedder, "semanticRatio": 0.5 if ratio is None else ratio}
    elif ratio is not None:
        raise ApiError(
            "invalid_search_hybrid_query",
            "`hybridEmbedder` is mandatory when `hybridSemanticRatio` is present",
        )
    elif "vector" in request:
        raise ApiError(
            "missing_search_hybrid", "`hybridEmbedder` is mandatory when `vector` is present"
        )
    return request


def filter_of(text: str) -> Any:
    """A filter from a query parameter: JSON if it is, else an expression."""
    try:
        return orjson.loads(text)
    except orjson.JSONDecodeError:
        return text


def sort_of(text: str) -> list[str]:
    """Sort criteria with commas between them; those within parentheses belong to a place."""
    criteria: list[str] = []
    for part in text.split(","):
        if criteria and criteria[-1].count("(") > criteria[-1].count(")"):
            criteria[-1] += "," + part
        else:
            criteria.append(part)
    return criteria


INDEXES = {
    "offset": Parameter(query.unsigned, "invalid_index_offset", 0),
    "limit": Parameter(query.unsigned, "invalid_index_limit", 20),
}
STATS = {
    "showInternalDatabaseSizes": Parameter(
        query.boolean, "invalid_stats_show_internal_database_sizes", default=False
    ),
    "sizeFormat": Parameter(_choice("human", "raw"), "invalid_stats_size_format"),
}
KEYS = {
    "offset": Parameter(query.unsigned, "invalid_api_key_offset", 0),
    "limit": Parameter(query.unsigned, "invalid_api_key_limit", 20),
}
DOCUMENTS = {
    "offset": Parameter(query.unsigned, "invalid_document_offset", 0),
    "limit": Parameter(query.unsigned, "invalid_document_limit", 20),
    "fields": Parameter(query.star_or(query.text), "invalid_document_fields"),
    "retrieveVectors": Parameter(query.boolean, "invalid_document_retrieve_vectors", default=False),
    "ids": Parameter(_texts, "invalid_document_ids"),
    "filter": Parameter(query.text, "invalid_document_filter"),
    "sort": Parameter(query.text, "invalid_document_sort"),
    "useNetwork": Parameter(query.boolean, "invalid_document_use_network"),
}
DOCUMENT = {
    "fields": Parameter(query.star_or(query.text), "invalid_document_fields"),
    "retrieveVectors": Parameter(query.boolean, "invalid_document_retrieve_vectors", default=False),
    "useNetwork": Parameter(query.boolean, "invalid_document_use_network"),
}
_METADATA = Parameter(query.text, "invalid_index_custom_metadata")
ADDITION = {
    "primaryKey": Parameter(query.text, "invalid_index_primary_key"),
    "csvDelimiter": Parameter(query.character, "invalid_document_csv_delimiter"),
    "customMetadata": _METADATA,
    "skipCreation": Parameter(query.boolean, "invalid_skip_creation", default=False),
}
METADATA = {"customMetadata": _METADATA}

_TASK_FILTERS = {
    "batchUids": Parameter(query.star_or(query.unsigned), "invalid_batch_uids"),
    "uids": Parameter(query.star_or(query.unsigned), "invalid_task_uids"),
    "canceledBy": Parameter(query.star_or(query.unsigned), "invalid_task_canceled_by"),
    "types": Parameter(
        query.star_or(query.word_of("task type", "types", TYPES)), "invalid_task_types"
    ),
    "statuses": Parameter(
        query.star_or(query.word_of("task status", "statuses", STATUSES)),
        "invalid_task_statuses",
    ),
    "indexUids": Parameter(query.star_or(query.index_uid), "invalid_index_uid"),
    **{
        f"{side}{event}At": Parameter(
            query.moment(end_of_day=side == "after"), f"invalid_task_{side}_{event.lower()}_at"
        )
        for event in ("Enqueued", "Started", "Finished")
        for side in ("after", "before")
    },
}
TASKS = {
    "limit": Parameter(query.unsigned, "invalid_task_limit", 20),
    "from": Parameter(query.unsigned, "invalid_task_from"),
    "reverse": Parameter(query.boolean, "invalid_task_reverse", default=False),
    **_TASK_FILTERS,
}
TASK_SELECTION = {
    name: _TASK_FILTERS[name]
    for name in (
        "uids", "batchUids", "canceledBy", "types", "statuses", "indexUids", "afterEnqueuedAt",
        "beforeEnqueuedAt", "afterStartedAt", "beforeStartedAt", "afterFinishedAt",
        "beforeFinishedAt",
    )
}  # fmt: skip
