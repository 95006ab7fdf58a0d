"""What a recipe may say."""

from typing import Annotated, Any, Literal, Self

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, model_validator

from config.written import not_there
from scrapers.normalise.draft import DEALER, VALUES
from scrapers.recipes import selecting
from scrapers.recipes.conversions import DEFAULTS, KIND_NAMES

DEALERS = frozenset(f"dealer_{name}" for name in DEALER - {"external_id"}) | {"dealer_id"}
FIELDS = VALUES | DEALERS | {"id", "url", "photos", "features"}
PLACES = ("css", "xpath", "script", "jsonld", "microdata", "value")


def _possible(compile_it: Any) -> AfterValidator:
    def check(text: str) -> str:
        compile_it(text)
        return text

    return AfterValidator(check)


Css = Annotated[str, _possible(selecting.css)]
XPath = Annotated[str, _possible(selecting.xpath)]
JsonPath = Annotated[str, _possible(selecting.json_path)]
Pattern = Annotated[str, _possible(selecting.pattern)]


class Place(BaseModel):
    """Where something stands on a page: by one of css, xpath, script, jsonld, microdata, value.

    `attribute` is of the elements that css or xpath finds. `json` is a path into the JSON that
    stands there; alone, into the item's own. `match` marks the part of the text that is meant.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    css: Css | None = None
    xpath: XPath | None = None
    script: Annotated[str, Field(min_length=1)] | None = None
    jsonld: JsonPath | None = None
    microdata: JsonPath | None = None
    value: str | None = None
    attribute: str | None = None
    path: JsonPath | None = Field(None, alias="json")
    match: Pattern | None = None

    @model_validator(mode="after")
    def _is_one_place(self) -> Self:
        named = [name for name in PLACES if getattr(self, name) is not None]
        if len(named) > 1:
            raise ValueError(f"say one place, not {' and '.join(named)}")
        if not named and self.path is None:
            raise ValueError(f"say where it stands: {', '.join(PLACES)} or json")
        if self.attribute and self.css is None and self.xpath is None:
            raise ValueError("an attribute is of an element: say css or xpath")
        if self.path and named and named[0] in ("jsonld", "microdata", "value"):
            raise ValueError(f"json is within css, xpath or script, not {named[0]}")
        return self

    def __str__(self) -> str:
        said = self.model_dump(by_alias=True, exclude_none=True, exclude={"kind", "form"})
        return ", ".join(f"{name} {value}" for name, value in said.items())


def _short(value: Any) -> Any:
    """A text alone is a CSS selector."""
    if not isinstance(value, str | dict | Place):
        raise ValueError(  # noqa: TRY004 -- what pydantic takes for the answer
            "write a CSS selector, or where it stands: {css: .price} or {value: 'Used'}"
        )
    return {"css": value} if isinstance(value, str) else value


class Value(Place):
    """A field: where it stands, and what its text is converted to."""

    kind: Literal[KIND_NAMES] | None = Field(None, alias="as")  # type: ignore[valid-type]
    form: str | None = Field(None, alias="format")

    @model_validator(mode="after")
    def _is_of_a_date(self) -> Self:
        if self.form is not None and self.kind != "date":
            raise ValueError("a format is of a date: say as: date")
        return self


class Counted(BaseModel):
    """A next page by counting up a parameter of the address."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    parameter: Annotated[str, Field(min_length=1)]
    first: int = 1
    step: Annotated[int, Field(ge=1)] = 1


def _known(name: str) -> str:
    if name not in FIELDS:
        raise ValueError(not_there("field", name, FIELDS))
    return name


At = Annotated[Place, BeforeValidator(_short)]
Name = Annotated[str, AfterValidator(_known)]
Fields = dict[Name, Annotated[Value, BeforeValidator(_short)]]


class Results(BaseModel):
    """A page of results: its items, and where the next page is (a link `rel=next` if left out)."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    jsonld: bool = False
    sitemap: Pattern | None = None
    items: At | None = None
    fields: Fields = Field(default_factory=dict)
    following: At | None = Field(None, alias="next")
    counted: Counted | None = Field(None, alias="count")
    empty: At | None = None

    @model_validator(mode="after")
    def _has_items(self) -> Self:
        ways = [name for name in ("jsonld", "sitemap", "items") if getattr(self, name)]
        if len(ways) != 1:
            raise ValueError("say what the items are, by one of items, jsonld or sitemap")
        if self.sitemap and (self.fields or self.following or self.counted):
            raise ValueError("a sitemap has addresses alone: fields are read in detail")
        if self.following and self.counted:
            raise ValueError("say next or count, not both")
        if self.counted and not self.empty:
            raise ValueError("count needs empty: what the page after the last one shows")
        if self.items and not self.fields.keys() & {"url", "id", "vin", "title", "make"}:
            raise ValueError("its fields need a url or an id, or what names the car")
        return self


class Details(BaseModel):
    """An offer's own page, and what it shows when the offer is gone."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    jsonld: bool = False
    fields: Fields = Field(default_factory=dict)
    gone: At | None = None

    @model_validator(mode="after")
    def _reads_something(self) -> Self:
        if not self.jsonld and not self.fields:
            raise ValueError("say jsonld: true, or which fields it has")
        return self


class Recipe(BaseModel):
    """How a site's pages are read; without `detail` the list says all."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    results: Results = Field(alias="list")
    detail: Details | None = None

    @model_validator(mode="after")
    def _reads_what_is_linked(self) -> Self:
        if self.results.sitemap and self.detail is None:
            raise ValueError("a sitemap has addresses alone: say what detail pages have")
        return self


def kind_of(name: str, value: Value) -> str:
    """What a field's text is converted to."""
    return value.kind or DEFAULTS.get(name, "text")
