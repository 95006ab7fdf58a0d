"""Cars: dealers, the offers that sources make, the listings that people search."""

import hashlib
import re
from dataclasses import dataclass, field

from tortoise import fields
from tortoise.contrib.postgres.fields import ArrayField
from tortoise.fields import Now, SqlDefault
from tortoise.models import Model

from catalog.cars_document import CAR_FIELDS
from catalog.cars_words import car_words
from catalog.vertical import Alike, Buckets, Facet, Near, Range, Sort, Suggested, Vertical

NO_TEXTS = SqlDefault("'{}'::text[]")


class Dealer(Model):
    """Who sells, and where."""

    id = fields.BigIntField(primary_key=True)
    source = fields.TextField()
    external_id = fields.TextField()
    name = fields.TextField()
    phone = fields.TextField(null=True)
    street = fields.TextField(null=True)
    city = fields.TextField(null=True)
    state = fields.TextField(null=True)
    zip = fields.TextField(null=True)
    lat = fields.FloatField(null=True)
    lng = fields.FloatField(null=True)
    url = fields.TextField(null=True)

    class Meta:
        table = "dealers"
        unique_together = (("source", "external_id"),)


class Car(Model):
    """What is known of a car; offers say it, a listing repeats its best offer's."""

    vin = fields.TextField(null=True)
    title = fields.TextField(null=True)
    year = fields.SmallIntField(null=True)
    make = fields.TextField(null=True)
    model = fields.TextField(null=True)
    trim = fields.TextField(null=True)
    body_type = fields.TextField(null=True)
    drivetrain = fields.TextField(null=True)
    fuel_type = fields.TextField(null=True)
    transmission = fields.TextField(null=True)
    condition = fields.TextField(null=True)
    color = fields.TextField(null=True, description="the family of the exterior colour")
    exterior_color = fields.TextField(null=True, description="as the source writes it")
    interior_color = fields.TextField(null=True)
    engine = fields.TextField(null=True)
    mileage = fields.IntField(null=True, description="miles")
    price = fields.IntField(null=True, description="whole dollars; null is 'ask'")
    msrp = fields.IntField(null=True)
    features: list[str] = ArrayField("text", db_default=NO_TEXTS)
    photos: list[str] = ArrayField("text", db_default=NO_TEXTS)
    description = fields.TextField(null=True)
    stock_number = fields.TextField(null=True)
    url = fields.TextField(null=True)
    zip = fields.TextField(null=True, description="own place, where there is no dealer")
    lat = fields.FloatField(null=True)
    lng = fields.FloatField(null=True)

    class Meta:
        abstract = True


class Offer(Car):
    """What one source says about one car; touched at every visit."""

    id = fields.BigIntField(primary_key=True)
    source = fields.TextField()
    external_id = fields.TextField()
    listing_key = fields.TextField()
    dealer: fields.ForeignKeyNullableRelation[Dealer] = fields.ForeignKeyField(
        "models.Dealer", related_name="offers", null=True, on_delete=fields.RESTRICT
    )
    card_digest = fields.TextField(null=True, description="of the card or row it was read from")
    detail_at = fields.DatetimeField(null=True, description="when its detail page was read")
    active = fields.BooleanField(db_default=True)
    problems: list[str] = ArrayField("text", db_default=NO_TEXTS)
    first_seen_at = fields.DatetimeField(db_default=Now())
    last_seen_at = fields.DatetimeField(db_default=Now())
    changed_at = fields.DatetimeField(db_default=Now())
    run_id = fields.BigIntField(null=True, description="the run that saw it last")

    class Meta:
        table = "offers"
        unique_together = (("source", "external_id"),)


class Listing(Car):
    """What people search: one car, as its best offer has it."""

    key = fields.CharField(max_length=255, primary_key=True)
    active = fields.BooleanField(db_default=False)
    source = fields.TextField(null=True)
    offer: fields.ForeignKeyNullableRelation[Offer] = fields.ForeignKeyField(
        "models.Offer", related_name="listings", null=True, on_delete=fields.SET_NULL
    )
    dealer: fields.ForeignKeyNullableRelation[Dealer] = fields.ForeignKeyField(
        "models.Dealer", related_name="listings", null=True, on_delete=fields.RESTRICT
    )
    offers = fields.IntField(db_default=0, description="live ones")
    price_drop = fields.IntField(null=True, description="dollars off at the last change of price")
    first_seen_at = fields.DatetimeField(db_default=Now())
    changed_at = fields.DatetimeField(db_default=Now())

    class Meta:
        table = "listings"


class PriceChange(Model):
    """A price that a listing took on, and when; written by a trigger."""

    id = fields.BigIntField(primary_key=True)  # in Postgres behind the listing: see sql/cars.sql
    listing_key = fields.TextField()
    price = fields.IntField(null=True)
    at = fields.DatetimeField(db_default=Now())

    class Meta:
        table = "listing_price_history"


@dataclass(slots=True, kw_only=True)
class DealerRow:
    """A dealer as a source names it; `external_id` is the source's own."""

    external_id: str
    name: str
    phone: str | None = None
    street: str | None = None
    city: str | None = None
    state: str | None = None
    zip: str | None = None
    lat: float | None = None
    lng: float | None = None
    url: str | None = None


@dataclass(slots=True, kw_only=True)
class OfferRow:
    """A normalised offer, ready to be written; fields as in `Car`."""

    source: str
    external_id: str
    dealer: DealerRow | None = None
    card_digest: str | None = None
    has_detail: bool = False  # read from a detail page, not only from a card
    problems: list[str] = field(default_factory=list)
    unknown: list[tuple[str, str]] = field(default_factory=list)  # field, spelling
    vin: str | None = None
    title: str | None = None
    year: int | None = None
    make: str | None = None
    model: str | None = None
    trim: str | None = None
    body_type: str | None = None
    drivetrain: str | None = None
    fuel_type: str | None = None
    transmission: str | None = None
    condition: str | None = None
    color: str | None = None
    exterior_color: str | None = None
    interior_color: str | None = None
    engine: str | None = None
    mileage: int | None = None
    price: int | None = None
    msrp: int | None = None
    features: list[str] = field(default_factory=list)
    photos: list[str] = field(default_factory=list)
    description: str | None = None
    stock_number: str | None = None
    url: str | None = None
    zip: str | None = None
    lat: float | None = None
    lng: float | None = None

    @property
    def listing_key(self) -> str:
        return listing_key(self.source, self.external_id, self.vin)


CAR_COLUMNS = tuple(Car._meta.fields_map)

_PLAIN = re.compile(r"[A-Za-z0-9-][A-Za-z0-9_-]{0,127}")


def listing_key(source: str, external_id: str, vin: str | None) -> str:
    """The key of what people search: the VIN, or for an offer without one its own.

    It is also the document's id, so it keeps to the characters an engine takes: an external id
    with others is told by its digest. `_` is in no VIN and in no source's name, and no plain
    external id begins with it, so that the three forms and two sources never share a key.
    """
    if vin:
        return vin
    if _PLAIN.fullmatch(external_id):
        return f"{source}_{external_id}"
    digest = hashlib.md5(external_id.encode(), usedforsecurity=False).hexdigest()
    return f"{source}__{digest}"


DRIVETRAINS = {
    "AWD": "All-wheel drive",
    "4WD": "Four-wheel drive",
    "FWD": "Front-wheel drive",
    "RWD": "Rear-wheel drive",
    "2WD": "Two-wheel drive",
}

TEXTS = (
    "title", "make", "model", "trim", "body_type", "color", "exterior_color", "features",
    "fuel_type", "drivetrain", "transmission", "engine", "dealer.name", "city", "vin",
    "stock_number",
)  # fmt: skip

YEARS = Buckets("year", ((2100, 1),), first=1900)
PRICES = Buckets("buckets.price", ((100_000, 1_000), (200_000, 5_000), (500_000, 25_000)))
MILEAGES = Buckets("buckets.mileage", ((200_000, 5_000), (300_000, 10_000)))

CARS = Vertical(
    name="cars",
    collection="listings",
    index="cars",
    table="listings",
    view="cars_documents",
    history="SELECT price, at FROM listing_price_history WHERE listing_key = $1 ORDER BY id",
    kinds={
        "listing": "SELECT unnest($1::text[])",
        "dealer": "SELECT key FROM listings WHERE dealer_id = ANY ($1::text[]::bigint[])",
    },
    document_kind="listing",
    facets={
        "make": Facet("make", "Make"),
        "model": Facet("model", "Model"),
        "body_type": Facet("body_type", "Body type"),
        "drivetrain": Facet("drivetrain", "Drivetrain", values=DRIVETRAINS),
        "fuel_type": Facet("fuel_type", "Fuel"),
        "transmission": Facet("transmission", "Transmission"),
        "condition": Facet("condition", "Condition", values={"Certified": "Certified pre-owned"}),
        "color": Facet("color", "Color"),
        "feature": Facet("features", "Features", many=True),
        "dealer": Facet("dealer.name", "Dealer"),
    },
    ranges=(
        Range("year", "year", "Year", YEARS),
        Range("price", "USD", "Price", PRICES),
        Range("mileage", "mi", "Mileage", MILEAGES),
    ),
    sorts=(
        Sort("relevance", (), "Best match"),
        Sort("newest", ("listed_at:desc",), "Newest listed"),
        Sort("price", ("price:asc",), "Price, lowest first"),
        Sort("-price", ("price:desc",), "Price, highest first"),
        Sort("mileage", ("mileage:asc",), "Mileage, lowest first"),
        Sort("-mileage", ("mileage:desc",), "Mileage, highest first"),
        Sort("year", ("year:asc",), "Year, oldest first"),
        Sort("-year", ("year:desc",), "Year, newest first"),
        Sort("price_drop", ("price_drop:desc",), "Biggest price drop"),
        Sort("distance", ("_geoPoint({place}):asc",), "Distance, nearest first", needs_place=True),
    ),
    fields=CAR_FIELDS,
    texts=TEXTS,
    detail=("description",),
    place=True,
    suggested=(Suggested("make"), Suggested("model", within="make"), Suggested("dealer")),
    alike=Alike(
        same=("make", "model", "body_type"),
        near=(Near("price", 0.2, 1_000), Near("year", least=2), Near("mileage", 0.3, 10_000)),
        steps=(
            ("make", "model", "price", "year", "mileage"),
            ("make", "model", "price"),
            ("body_type", "price", "year", "mileage"),
            ("make", "model"),
            ("body_type", "price"),
            ("make", "price"),
            ("body_type",),
            ("make",),
        ),
    ),
    words=car_words,
)
