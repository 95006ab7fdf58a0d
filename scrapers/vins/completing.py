"""The page beside the VIN: what the page leaves out is filled in, what differs is noted."""

from catalog.cars import OfferRow
from catalog.vocabulary import fold, squeeze
from scrapers.vins.facts import Facts

FILLED = (
    "year",
    "make",
    "model",
    "body_type",
    "drivetrain",
    "fuel_type",
    "transmission",
    "engine",
)

YEARS_AGAIN = 30
"""Position 10 of a VIN, its year, means the same again after so many years (49 CFR 565.15)."""


def complete(row: OfferRow, told: Facts) -> None:
    """Lay what the VIN tells under what the page says.

    Where they disagree on make, year or model the page counts, the disagreement is a problem
    (`vin/make_differs`, …), and nothing is filled in: it may be another car's VIN. An offer that
    was read from its card alone is only compared, since its page may say the rest.
    """
    different = _differences(row, told)
    row.problems.extend(different)
    if different or (row.card_digest is not None and not row.has_detail):
        return
    for name in FILLED:
        if getattr(row, name) is None:
            setattr(row, name, getattr(told, name))
    if row.title is None:
        parts = (str(row.year) if row.year else None, row.make, row.model, row.trim)
        row.title = " ".join(part for part in parts if part) or None


def _differences(row: OfferRow, told: Facts) -> list[str]:
    if row.make and told.make and fold(row.make) != fold(told.make):
        return ["vin/make_differs"]
    problems = []
    if row.year and told.year and (row.year - told.year) % YEARS_AGAIN:
        problems.append("vin/year_differs")
    if row.model and told.model and not _alike(row, told.model):
        problems.append("vin/model_differs")
    return problems


def _alike(row: OfferRow, told: str) -> bool:
    """Whether the page may mean the model that the VIN tells.

    One name within the other is enough (`Silverado HD` and `Silverado 2500`), and so is the series
    where names are letters and numbers: `330i` is a 3 Series, a `C 300` a C-Class.
    """
    said = fold(f"{row.model} {row.trim or ''}")
    reported = fold(told).removesuffix(" hd")
    a, b = said.replace(" ", ""), reported.replace(" ", "")
    if a in b or b in a or squeeze(row.model or "") in b:
        return True
    series, own = reported.split()[0], said.split()[0]
    if series[0] != own[0]:
        return False
    return own[0].isdigit() or (len(own) <= 3 and series.startswith(own))
