"""What a page or a file says of one offer, before anything is understood."""

from dataclasses import dataclass, field

VALUES = frozenset(
    {
        "vin",
        "title",
        "year",
        "make",
        "model",
        "trim",
        "body_type",
        "drivetrain",
        "fuel_type",
        "transmission",
        "stock_type",  # new, used, certified in any spelling
        "cpo",  # certified pre-owned, in any spelling of yes and no
        "exterior_color",
        "interior_color",
        "engine",
        "mileage",
        "mileage_unit",
        "price",
        "msrp",
        "stock_number",
        "description",
        "zip",
        "lat",
        "lng",
    }
)
"""The keys that `Draft.values` may have."""

DEALER = frozenset(
    {"external_id", "name", "phone", "street", "city", "state", "zip", "lat", "lng", "url"}
)
"""The keys that `Draft.dealer` may have."""


@dataclass(slots=True, kw_only=True)
class Draft:
    """One offer as its source writes it: raw text, nothing converted, nothing guessed.

    `values` and `dealer` hold only what was there: a missing or empty value has no key.
    `problems` are codes such as `parse/price_missing`; normalising adds its own.
    """

    source: str
    external_id: str
    url: str | None = None
    values: dict[str, str] = field(default_factory=dict)
    features: list[str] = field(default_factory=list)
    photos: list[str] = field(default_factory=list)
    dealer: dict[str, str] | None = None
    card_digest: str | None = None
    has_detail: bool = False
    problems: list[str] = field(default_factory=list)
