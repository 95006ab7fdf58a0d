"""What the routes in Meilisearch's language do, and their answers as JSON Schema."""

from collections.abc import Iterable

from catalog.vertical import Vertical
from service.http.bounds import LONGEST_BODY, SLOWEST_SECONDS
from service.instantsearch.refusals import SCHEMA as REFUSAL
from service.instantsearch.requests import FacetSearch, MultiSearch
from service.openapi.listings import LATITUDE, LONGITUDE
from service.openapi.operation import Answer, Operation
from service.openapi.schema import (
    COUNT,
    NUMBER,
    TEXT,
    Schema,
    array,
    mapping,
    nullable,
    of_model,
    record,
)

TAG = "InstantSearch"
REFUSALS = {
    400: Answer(REFUSAL, "It is not understood, or asks for too much"),
    401: Answer(REFUSAL, "The key is missing"),
    403: Answer(REFUSAL, "The key is wrong"),
    404: Answer(REFUSAL, "There is no such index"),
    408: Answer(REFUSAL, f"Its headers, or then its body, did not come within {SLOWEST_SECONDS} s"),
    413: Answer(REFUSAL, f"The body is longer than {LONGEST_BODY:,} bytes"),
    415: Answer(REFUSAL, "The body is compressed", headers=("Accept-Encoding",)),
    417: Answer(REFUSAL, "It expects more than `100-continue`"),
    429: Answer(REFUSAL, "The client asks too often", headers=("Retry-After",)),
    500: Answer(REFUSAL, "Something went wrong on this side"),
    503: Answer(REFUSAL, "The search server does not answer", headers=("Retry-After",)),
}


def operations(verticals: Iterable[Vertical]) -> dict[str, Operation]:
    """The operations by the names of their routes."""
    listed = list(verticals)
    value = record({"value": TEXT, "count": COUNT})
    values = {"facetHits": array(value), "facetQuery": nullable(TEXT), "processingTimeMs": COUNT}
    return {
        "multi_search": Operation(
            "Several searches at once, as Meilisearch takes them",
            {200: _kept(record({"results": array(_result(listed))}), "Query-Id"), **REFUSALS},
            description=(
                "For `@meilisearch/instant-meilisearch`. `*` in a list of fields is all that a "
                "listing has. What a person searched is noted, as that of any search is."
            ),
            tag=TAG,
            body=of_model(MultiSearch),
        ),
        "facet_search": Operation(
            "Values of a facet that begin so, as Meilisearch takes it",
            {200: _kept(record(values)), **REFUSALS},
            tag=TAG,
            path={"uid": {"enum": [vertical.index for vertical in listed]}},
            body=of_model(FacetSearch),
        ),
    }


def _kept(schema: Schema, *more: str) -> Answer:
    return Answer(schema, headers=("Cache-Status", *more))


def _result(verticals: list[Vertical]) -> Schema:
    fields = {name: dict(one) for vertical in verticals for name, one in vertical.fields.items()}
    hit = record(
        {},
        optional={
            **fields,
            "_geo": nullable(record({"lat": LATITUDE, "lng": LONGITUDE})),
            "_geoDistance": COUNT,
            "_formatted": {"type": "object"},
            "_matchesPosition": {"type": "object"},
            "_rankingScore": NUMBER,
        },
    )
    counted = {
        **dict.fromkeys(("offset", "limit", "estimatedTotalHits"), COUNT),
        **dict.fromkeys(("page", "hitsPerPage", "totalPages", "totalHits"), COUNT),
        "facetDistribution": mapping(mapping(COUNT)),
        "facetStats": mapping(record({"min": NUMBER, "max": NUMBER})),
        "requestUid": TEXT,
    }
    index = {**TEXT, "enum": [vertical.index for vertical in verticals]}
    return record(
        {"indexUid": index, "hits": array(hit), "query": TEXT, "processingTimeMs": COUNT},
        optional=counted,
    )
