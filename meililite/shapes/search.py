"""The bodies of searches: one index, facets, and many searches in one request."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from meililite.shapes.locales import locale
from meililite.shapes.shape import (
    Field,
    anything,
    array,
    boolean,
    choice,
    index_uid,
    invalid,
    mapping,
    number,
    optional,
    record,
    string,
    unsigned,
)

MATCHING_STRATEGIES = ("last", "all", "frequency")
THRESHOLD_FAULT = (
    "the value of `rankingScoreThreshold` is invalid, expected a float between `0.0` and `1.0`."
)
RATIO_FAULT = "the value of `semanticRatio` is invalid, expected a float between `0.0` and `1.0`."
_WEIGHT_FAULT = "the value of `weight` is invalid, expected a positive float (>= 0.0)."


def _within(accepts: Callable[[float], bool], fault: str) -> Any:
    def check(value: Any, place: str, code: str) -> float:
        checked = number(value, place, code)
        if not accepts(checked):
            raise invalid(place, code, fault)
        return checked

    return check


threshold = _within(lambda value: 0 <= value <= 1, THRESHOLD_FAULT)
_ratio = _within(lambda value: 0 <= value <= 1, RATIO_FAULT)
_weight = _within(lambda value: value >= 0, _WEIGHT_FAULT)

_strings = optional(array(string))

_hybrid = record(
    {
        "semanticRatio": Field(_ratio, "invalid_search_semantic_ratio"),
        "embedder": Field(string, "invalid_search_embedder", missing="invalid_search_hybrid_query"),
    },
    code="invalid_search_hybrid_query",
)
_personalize = record(
    {
        "userContext": Field(
            string,
            "invalid_search_personalize_user_context",
            missing="invalid_search_personalize",
        )
    },
    code="invalid_search_personalize",
)

SEARCH_FIELDS = {
    "q": Field(optional(string), "invalid_search_q"),
    "offset": Field(unsigned, "invalid_search_offset"),
    "limit": Field(unsigned, "invalid_search_limit"),
    "page": Field(optional(unsigned), "invalid_search_page"),
    "hitsPerPage": Field(optional(unsigned), "invalid_search_hits_per_page"),
    "attributesToRetrieve": Field(_strings, "invalid_search_attributes_to_retrieve"),
    "attributesToCrop": Field(_strings, "invalid_search_attributes_to_crop"),
    "cropLength": Field(unsigned, "invalid_search_crop_length"),
    "cropMarker": Field(string, "invalid_search_crop_marker"),
    "attributesToHighlight": Field(_strings, "invalid_search_attributes_to_highlight"),
    "highlightPreTag": Field(string, "invalid_search_highlight_pre_tag"),
    "highlightPostTag": Field(string, "invalid_search_highlight_post_tag"),
    "showMatchesPosition": Field(boolean, "invalid_search_show_matches_position"),
    "filter": Field(anything, "invalid_search_filter"),
    "sort": Field(_strings, "invalid_search_sort"),
    "distinct": Field(optional(string), "invalid_search_distinct"),
    "facets": Field(_strings, "invalid_search_facets"),
    "matchingStrategy": Field(choice(*MATCHING_STRATEGIES), "invalid_search_matching_strategy"),
    "attributesToSearchOn": Field(_strings, "invalid_search_attributes_to_search_on"),
    "rankingScoreThreshold": Field(optional(threshold), "invalid_search_ranking_score_threshold"),
    "locales": Field(optional(array(locale)), "invalid_search_locales"),
    "hybrid": Field(optional(_hybrid), "invalid_search_hybrid_query"),
    "vector": Field(optional(array(number)), "invalid_search_vector"),
    "retrieveVectors": Field(boolean, "invalid_search_retrieve_vectors"),
    "media": Field(anything, "invalid_search_media"),
    "personalize": Field(optional(_personalize), "invalid_search_personalize"),
    "useNetwork": Field(optional(boolean), "invalid_search_use_network"),
    "showRankingScore": Field(boolean, "invalid_search_show_ranking_score"),
    "showRankingScoreDetails": Field(boolean, "invalid_search_show_ranking_score_details"),
    "showPerformanceDetails": Field(boolean, "invalid_search_show_performance_details"),
}

_FACET_SEARCH_FIELDS = {
    "facetQuery": Field(optional(string), "invalid_facet_search_query"),
    "facetName": Field(
        string, "invalid_facet_search_facet_name", missing="missing_facet_search_facet_name"
    ),
    **{
        name: SEARCH_FIELDS[name]
        for name in (
            "q",
            "vector",
            "media",
            "hybrid",
            "filter",
            "matchingStrategy",
            "attributesToSearchOn",
            "rankingScoreThreshold",
            "locales",
            "useNetwork",
        )
    },
    "exhaustiveFacetCount": Field(optional(boolean), "invalid_facet_search_exhaustive_facet_count"),
}

_federation_options = record(
    {
        "weight": Field(_weight, "invalid_multi_search_weight"),
        "remote": Field(optional(string), "invalid_multi_search_remote"),
        "queryPosition": Field(optional(unsigned), "invalid_multi_search_query_position"),
    },
    code="invalid_multi_search_federation_options",
)

_query = record(
    {
        "indexUid": Field(index_uid, "invalid_index_uid", missing="missing_index_uid"),
        **SEARCH_FIELDS,
        "federationOptions": Field(
            optional(_federation_options), "invalid_multi_search_federation_options"
        ),
    },
    code="bad_request",
)

_federation = record(
    {
        "limit": Field(unsigned, "invalid_search_limit"),
        "offset": Field(unsigned, "invalid_search_offset"),
        "page": Field(optional(unsigned), "invalid_search_page"),
        "hitsPerPage": Field(optional(unsigned), "invalid_search_hits_per_page"),
        "facetsByIndex": Field(mapping(_strings), "invalid_multi_search_facets_by_index"),
        "mergeFacets": Field(
            optional(
                record(
                    {
                        "maxValuesPerFacet": Field(
                            optional(unsigned), "invalid_multi_search_max_values_per_facet"
                        )
                    }
                )
            ),
            "invalid_multi_search_merge_facets",
        ),
        "distinct": Field(optional(string), "invalid_search_distinct"),
        "showPerformanceDetails": Field(boolean, "invalid_search_show_performance_details"),
        "personalize": Field(optional(_personalize), "invalid_search_personalize"),
    },
    code="bad_request",
)

_search = record(SEARCH_FIELDS, code="bad_request")
_facet_search = record(_FACET_SEARCH_FIELDS, code="bad_request", open_ended=True)
_multi_search = record(
    {
        "queries": Field(array(_query), missing="bad_request"),
        "federation": Field(optional(_federation)),
    },
    code="bad_request",
)


def search(body: Any) -> dict[str, Any]:
    """What was given in a search, checked; nulls are left out."""
    return _given(_search(body, "", "bad_request"))


def facet_search(body: Any) -> dict[str, Any]:
    return _given(_facet_search(body, "", "bad_request"))


def multi_search(body: Any) -> tuple[list[dict[str, Any]], dict[str, Any] | None]:
    """The queries of a multi-search, and its federation if it has one."""
    checked = _multi_search(body, "", "bad_request")
    federation = checked.get("federation")
    return [_given(query) for query in checked["queries"]], (
        None if federation is None else _given(federation)
    )


def _given(checked: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in checked.items() if value is not None}
