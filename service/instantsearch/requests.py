"""What a page may send in Meilisearch's language: every member, its type and its bounds.

Names and types are Meilisearch's (https://www.meilisearch.com/docs/reference/api/search). What
costs much or tells of the inside (vectors, score details, federation) is no member here, and so
refused as the engine refuses what it does not know.
"""

import re
from typing import Annotated, Any, Literal, Self, TypeVar

from pydantic import (
    AfterValidator,
    BaseModel,
    ConfigDict,
    Field,
    ValidationError,
    model_validator,
)
from pydantic.alias_generators import to_camel, to_snake

from service.instantsearch.clauses import depth, every
from service.instantsearch.refusals import Refusal
from service.understanding.paging import MOST_RESULTS
from service.understanding.parameters import LARGEST_PAGE, LONGEST_QUERY

MOST_QUERIES = 20
MOST_NAMES = 50  # fields in one list
LONGEST_NAME = 200  # characters of a field, a tag, an order
MOST_SORTS = 5
MOST_CLAUSES = 100  # members of a filter's list, and of a list in it
LONGEST_FILTER = 8_000  # characters of all clauses together
DEEPEST_FILTER = 10  # parentheses within another
USUAL_RESULTS = 20  # that the engine gives where no number is asked for

Name = Annotated[str, Field(max_length=LONGEST_NAME)]
Names = Annotated[list[Name], Field(max_length=MOST_NAMES)]
Clause = Annotated[str, Field(max_length=LONGEST_FILTER)]
Clauses = Annotated[list[Clause], Field(max_length=MOST_CLAUSES)]
Filter = Clause | Annotated[list[Clause | Clauses], Field(max_length=MOST_CLAUSES)]
M = TypeVar("M", bound=BaseModel)

MISSING = {"indexUid": "missing_index_uid", "facetName": "missing_facet_search_facet_name"}
CODES = {
    "": "bad_request",
    "queries": "bad_request",
    "indexUid": "invalid_index_uid",
    "facetName": "invalid_facet_search_facet_name",
    "facetQuery": "invalid_facet_search_query",
}
"""Codes of members that are not those of a search."""


def bounded(given: Filter) -> Filter:
    """The filter; ValueError when it is too long or too deep."""
    clauses = every(given)
    if sum(map(len, clauses)) > LONGEST_FILTER:
        raise ValueError(f"a filter has at most {LONGEST_FILTER} characters")
    if any(depth(clause) > DEEPEST_FILTER for clause in clauses):
        raise ValueError(f"a filter has at most {DEEPEST_FILTER} parentheses within each other")
    return given


Strategy = Literal["last", "all", "frequency"]


class Words(BaseModel):
    """What both routes take."""

    model_config = ConfigDict(alias_generator=to_camel, strict=True, frozen=True, extra="forbid")

    q: Annotated[str, Field(max_length=LONGEST_QUERY)] | None = None
    filter: Annotated[Filter, AfterValidator(bounded)] | None = None
    matching_strategy: Strategy | None = None
    attributes_to_search_on: Names | None = None
    ranking_score_threshold: Annotated[float, Field(ge=0, le=1)] | None = None


class Query(Words):
    """One search of a multi-search."""

    index_uid: Annotated[str, Field(max_length=LONGEST_NAME, examples=["cars"])]
    offset: Annotated[int, Field(ge=0, le=MOST_RESULTS)] | None = None
    limit: Annotated[int, Field(ge=0, le=LARGEST_PAGE + 1)] | None = None  # one to see if more are
    page: Annotated[int, Field(ge=0, le=MOST_RESULTS)] | None = None
    hits_per_page: Annotated[int, Field(ge=0, le=LARGEST_PAGE)] | None = None
    attributes_to_retrieve: Names | None = None
    attributes_to_crop: Names | None = None
    crop_length: Annotated[int, Field(ge=0, le=1_000)] | None = None
    crop_marker: Name | None = None
    attributes_to_highlight: Names | None = None
    highlight_pre_tag: Name | None = None
    highlight_post_tag: Name | None = None
    show_matches_position: bool | None = None
    show_ranking_score: bool | None = None
    sort: Annotated[list[Name], Field(max_length=MOST_SORTS)] | None = None
    distinct: Name | None = None
    facets: Names | None = None

    @model_validator(mode="after")
    def _within_results(self) -> Self:
        last = (self.offset or 0) + _or_usual(self.limit)
        paged = (self.page or 0) * _or_usual(self.hits_per_page)
        if max(last - 1, paged) > MOST_RESULTS:
            raise ValueError(f"the first {MOST_RESULTS} results can be paged through")
        return self

    @property
    def paged(self) -> bool:
        """Whether it asks for a page, rather than from an offset on."""
        return self.page is not None or self.hits_per_page is not None

    @property
    def wanted(self) -> int:
        """How many results it asks for."""
        return _or_usual(self.hits_per_page if self.paged else self.limit)

    @property
    def page_number(self) -> int:
        """The number of the page that it asks for; from an offset on it wants one result more than
        the page has.
        """
        if self.paged:
            return self.page or 1
        return (self.offset or 0) // max(1, self.wanted - 1) + 1


def _or_usual(results: int | None) -> int:
    return USUAL_RESULTS if results is None else results


class MultiSearch(BaseModel):
    """The body of `/multi-search`."""

    model_config = ConfigDict(strict=True, frozen=True, extra="forbid")

    queries: Annotated[list[Query], Field(max_length=MOST_QUERIES)]


class FacetSearch(Words):
    """The body of `/indexes/{uid}/facet-search`, which may hold a search's members beside it."""

    model_config = ConfigDict(extra="ignore")

    facet_name: Name
    facet_query: Annotated[str, Field(max_length=LONGEST_QUERY)] | None = None


def read(model: type[M], body: bytes) -> M:
    """The body that was sent; raises Refusal in the engine's words for the first thing wrong."""
    try:
        return model.model_validate_json(body or b"null")
    except ValidationError as error:
        faults = error.errors(include_url=False)
        # Of a union each kind complains; the one that was meant does not complain of the kind.
        meant = (fault for fault in faults if not fault["type"].endswith("_type"))
        raise _refusal(next(meant, faults[0]), model) from None


def _refusal(fault: Any, model: type[BaseModel]) -> Refusal:
    """The first fault that pydantic found, as the engine would tell it."""
    kind, loc, reason = fault["type"], fault["loc"], fault["msg"]
    if kind == "json_invalid":
        return Refusal("malformed_payload", f"The json payload provided is malformed. {reason}.")
    if kind in ("extra_forbidden", "missing"):
        place = _place(loc[:-1])
        inside = f" inside `{place}`" if place else ""
        if kind == "missing":
            code = MISSING.get(loc[-1], "bad_request")
            return Refusal(code, f"Missing field `{loc[-1]}`{inside}")
        known = ", ".join(f"`{name}`" for name in _members(Query if place else model))
        message = f"Unknown field `{loc[-1]}`{inside}: expected one of {known}"
        return Refusal("bad_request", message)
    place = _place(loc)
    at = f" at `{place}`" if place else ""
    reason = reason.removeprefix("Value error, ").replace("Input should", "it should")
    return Refusal(_code(place), f"Invalid value{at}: {reason}")


def _place(loc: tuple[str | int, ...]) -> str:
    """Where a fault is as the engine writes it, `.queries[0].q`.

    What is not a member or a number is the kind of a union that pydantic tried.
    """
    known = {*_members(MultiSearch), *_members(Query), *_members(FacetSearch)}
    steps = [step for step in loc if isinstance(step, int) or step in known]
    return "".join(f"[{step}]" if isinstance(step, int) else f".{step}" for step in steps)


def _code(place: str) -> str:
    """The code of a fault, named after the member that it is in."""
    name = re.sub(r"(\[[0-9]+\])+$", "", place).rpartition(".")[2]
    return CODES.get(name, f"invalid_search_{to_snake(name)}")


def _members(model: type[BaseModel]) -> list[str]:
    return [field.alias or name for name, field in model.model_fields.items()]
