"""What a VIN says, in the catalog's words: the maker's own report to NHTSA."""

from collections.abc import Mapping
from dataclasses import dataclass

from scrapers.normalise.name import MAKES, tidy_model
from scrapers.normalise.offer import CHOICES

NAMES = {
    "ModelYear": "Model Year",
    "Make": "Make",
    "Model": "Model",
    "BodyClass": "Body Class",
    "DriveType": "Drive Type",
    "FuelTypePrimary": "Fuel Type - Primary",
    "ElectrificationLevel": "Electrification Level",
    "TransmissionStyle": "Transmission Style",
    "DisplacementL": "Displacement (L)",
    "EngineCylinders": "Engine Number of Cylinders",
}
"""The keys of vPIC's flat answers that are read, and the names of the same in its tables."""

CLEAN = frozenset({"0", "9", "10"})
"""Error codes of an answer that is whole: no error, a glider kit, made for off the road."""

TRUSTED = CLEAN | {"14"}
"""Those of one that may be believed: some characters say nothing, the others are right."""


@dataclass(frozen=True, slots=True)
class Facts:
    """A car as its VIN tells it; the names are those of an offer, None is not told."""

    year: int | None = None
    make: str | None = None
    model: str | None = None
    body_type: str | None = None
    drivetrain: str | None = None
    fuel_type: str | None = None
    transmission: str | None = None
    engine: str | None = None


def facts(answer: Mapping[str, str]) -> Facts:
    """An answer of vPIC, by its flat keys, in the catalog's vocabulary."""
    said = {key: text for key in NAMES if (text := answer.get(key, "").strip())}
    make = _make(said.get("Make"))
    year = said.get("ModelYear", "")
    return Facts(
        year=int(year) if year.isdecimal() else None,
        make=make,
        model=tidy_model(make, said.get("Model")),
        body_type=_choice("body_type", said.get("BodyClass")),
        drivetrain=_choice("drivetrain", said.get("DriveType")),
        fuel_type=_fuel(said),
        transmission=_choice("transmission", said.get("TransmissionStyle")),
        engine=_engine(said),
    )


def _make(text: str | None) -> str | None:
    """The maker as it writes itself; NHTSA writes all in capitals."""
    return MAKES.meaning(text).value or text.title() if text else None


def _choice(field: str, text: str | None) -> str | None:
    return CHOICES[field].meaning(text).value if text else None


def _fuel(said: Mapping[str, str]) -> str | None:
    """The fuel; of what drives by wire in part, how far: a plug-in's first fuel is electric."""
    level = said.get("ElectrificationLevel", "").split(" ")[0]
    if level in ("PHEV", "BEV", "FCEV"):
        return _choice("fuel_type", level)
    if level in ("HEV", "Strong", "Mild"):
        return "Hybrid"
    return _choice("fuel_type", said.get("FuelTypePrimary"))


def _engine(said: Mapping[str, str]) -> str | None:
    """As dealers write it: `3.5L V6` without the V, which is not always told: `3.5L 6-cylinder`."""
    litres, cylinders = said.get("DisplacementL"), said.get("EngineCylinders")
    try:
        parts = [f"{float(litres):.1f}L"] if litres else []
    except ValueError:
        parts = []
    if cylinders and cylinders.isdecimal():
        parts.append(f"{cylinders}-cylinder")
    return " ".join(parts) or None
