"""The kinds of cars there are: real VIN descriptors with what they decode to.

`ultravin` invents VINs that decode cleanly, but spread over all that was ever
registered. The fleet weighs them so that makes, bodies and years get a market's shares.
"""

from collections import Counter, defaultdict
from datetime import UTC, datetime
from typing import Any, NamedTuple

import numpy as np
import orjson
import ultravin

from stack.market import vins, vocabulary
from stack.market.vocabulary import Floats, Ints

NOW = datetime(2026, 1, 1, tzinfo=UTC)
BANDS = ((2008, 2018), (2019, 2024), (2025, 2026))
FULL = 3_000  # enough for a market of any number of cars
CARS, MPVS, TRUCKS = 2, 7, 3  # vPIC's ids of vehicle types
TRUCK_MAKERS = frozenset(
    [
        "Toyota",
        "Chevrolet",
        "Ford",
        "Honda",
        "Hyundai",
        "Nissan",
        "GMC",
        "Jeep",
        "RAM",
        "Dodge",
        "Mercedes-Benz",
        "Tesla",
        "Rivian",
        "INEOS",
    ]
)

# vPIC's body classes as shoppers name them; what is missing here is not sold here.
BODIES = {
    "Sport Utility Vehicle [SUV]/Multipurpose Vehicle [MPV]": "SUV",
    "Crossover Utility Vehicle [CUV]": "SUV",
    "Pickup": "Truck",
    "Sport Utility Truck [SUT]": "Truck",
    "Sedan/Saloon": "Sedan",
    "Hatchback/Liftback/Notchback": "Hatchback",
    "Coupe": "Coupe",
    "Convertible/Cabriolet": "Convertible",
    "Roadster": "Convertible",
    "Wagon": "Wagon",
    "Minivan": "Minivan",
    "Van": "Passenger Van",
    "Cargo Van": "Cargo Van",
}
DRIVES = {
    "AWD/All-Wheel Drive": "AWD",
    "4WD/4-Wheel Drive/4x4": "4WD",
    "FWD/Front-Wheel Drive": "FWD",
    "RWD/Rear-Wheel Drive": "RWD",
}
# Where the VIN is silent or says only "4x2", the body decides.
REAR_DRIVEN = frozenset({"Truck", "Coupe", "Convertible", "Cargo Van", "Passenger Van"})
USUAL_DRIVE = {"SUV": "AWD", "Truck": "4WD"}

# Model years as they stand on lots at the turn of 2026, in percent.
YEARS = dict(
    zip(
        range(2026, 2007, -1),
        (22, 24, 9, 10, 8, 7, 5, 4.5, 3.5, 2.5, 2, 1.5, 1, 0.8, 0.6, 0.5, 0.4, 0.3, 0.4),
        strict=True,
    )
)


class Model(NamedTuple):
    """A model as vPIC and as shoppers spell it, with its share inside its make."""

    make: str
    name: str
    share: float
    msrp: int


class Kind(NamedTuple):
    """What a VIN descriptor decodes to; empty where the VIN does not say."""

    make: str
    model: str
    year: int
    body: str
    drive: str
    fuel: str
    engine: str
    transmission: str
    trims: tuple[str, ...]
    msrp: int


class Fleet:
    """Kinds of cars with their weights."""

    def __init__(self, kinds: list[Kind], descriptors: list[str], weights: Floats) -> None:
        self.kinds = kinds
        self.letters = vins.letters(descriptors)
        self.cumulative: Floats = np.cumsum(weights / weights.sum())

    def draw(self, rng: np.random.Generator, n: int) -> Ints:
        """`n` positions in `kinds`."""
        return vocabulary.pick(self.cumulative, rng, n)


def build(seed: int, size: int = FULL) -> Fleet:
    """The fleet of a seed, from about eight times `size` invented VINs."""
    models = {
        (make, decoded.lower()): Model(make, name, float(share), int(msrp))
        for make, decoded, name, share, msrp in vocabulary.rows("models")
    }
    found: dict[str, tuple[Kind, float]] = {}
    for make, share in vocabulary.shares("makes").items():
        for answer in _decoded(make, seed, max(size // 100, int(share * size))):
            model = models.get((make, answer["attributes"].get("Model", "").lower()))
            if model and (kind := _kind(model, answer)):
                found[answer["vin"]] = (kind, model.share)
    usual = _usual_bodies([kind for kind, _ in found.values()])
    chosen = {vin: pair for vin, pair in found.items() if pair[0].body in usual[pair[0].model]}
    kinds = [kind for kind, _ in chosen.values()]
    return Fleet(kinds, list(chosen), _weights(kinds, [share for _, share in chosen.values()]))


def _decoded(make: str, seed: int, n: int) -> list[dict[str, Any]]:
    types = (CARS, MPVS, TRUCKS) if make in TRUCK_MAKERS else (CARS, MPVS)
    generated: list[str] = []
    for vehicle_type in types:
        for first, last in BANDS:
            generated += ultravin.generate(
                n,
                seed=seed,
                make=make.upper(),
                vehicle_type=vehicle_type,
                min_year=first,
                max_year=last,
                invalid_rate=0,
                now=NOW,
            )
    # A 9 at position 3 marks a small maker, whose name goes on in the serial number.
    generated = [vin for vin in generated if vin[2] != "9"]
    answers: list[dict[str, Any]] = orjson.loads(ultravin.decode_batch_json(generated, now=NOW))
    return answers


def _kind(model: Model, answer: dict[str, Any]) -> Kind | None:
    said = answer["attributes"]
    body = BODIES.get(said.get("Body Class", ""))
    fuel = _fuel(said)
    if not body or not fuel:
        return None
    return Kind(
        model.make,
        model.name,
        answer["model_year"],
        body,
        _drive(said.get("Drive Type", ""), body),
        fuel,
        _engine(said),
        _transmission(said),
        _trims(said, model.name),
        model.msrp,
    )


def _drive(said: str, body: str) -> str:
    if said == "4x2":
        return "RWD" if body in REAR_DRIVEN else "FWD"
    fallback = "RWD" if body in REAR_DRIVEN else "FWD"
    return DRIVES.get(said) or USUAL_DRIVE.get(body, fallback)


def _fuel(said: dict[str, Any]) -> str:
    level = said.get("Electrification Level", "")
    both = f"{said.get('Fuel Type - Primary', '')} {said.get('Fuel Type - Secondary', '')}"
    for word, family in (("PHEV", "Plug-in Hybrid"), ("Mild", "Mild Hybrid"), ("HEV", "Hybrid")):
        if word in level:
            return family
    if "BEV" in level or both.startswith("Electric"):
        return "Electric"
    for word, family in (("Diesel", "Diesel"), ("Flexible", "Flex Fuel"), ("E85", "Flex Fuel")):
        if word in both:
            return family
    if any(rare in both for rare in ("Hydrogen", "Fuel Cell", "CNG", "LPG")):
        return ""  # not one of the listings that were counted runs on these
    return "Hybrid" if "Electric" in both else "Gasoline"


def _engine(said: dict[str, Any]) -> str:
    if said.get("Fuel Type - Primary") == "Electric" and "Displacement (L)" not in said:
        return "Electric"
    letter = {"In-Line": "I", "V-Shaped": "V", "W Shaped": "W"}.get(
        said.get("Engine Configuration", ""), "H" if "Engine Configuration" in said else ""
    )
    cylinders = said.get("Engine Number of Cylinders", "")
    size = f"{float(said['Displacement (L)']):.1f}L" if "Displacement (L)" in said else ""
    count = f"{letter or 'V'}{cylinders}" if letter else cylinders and f"{cylinders}-Cylinder"
    turbo = "Turbo" if said.get("Turbo") == "Yes" else ""
    return " ".join(part for part in (size, count, turbo) if part)


def _transmission(said: dict[str, Any]) -> str:
    style = said.get("Transmission Style", "")
    speeds = f"{said['Transmission Speeds']}-Speed " if "Transmission Speeds" in said else ""
    if "CVT" in style or "Continuously" in style:
        return "Automatic CVT"
    if "Manual/Standard" in style:
        return f"{speeds}Manual"
    if style == "Direct Drive":
        return "1-Speed Automatic"
    if "Dual-clutch" in style:
        return f"{speeds}Automatic with Auto-Shift"
    return f"{speeds}Automatic" if style else ""


def _trims(said: dict[str, Any], model: str) -> tuple[str, ...]:
    """The trims a VIN leaves open; vPIC sometimes names the model once more."""
    parts = said.get("Trim", "").replace(",", "/").replace(" or ", "/").split("/")
    names = dict.fromkeys(part.strip() for part in parts)
    return tuple(name for name in names if 0 < len(name) <= 24 and name != model)


def _usual_bodies(kinds: list[Kind]) -> dict[str, set[str]]:
    """VPIC's patterns allow an Altima convertible: a body must be an eighth of its model."""
    counts: defaultdict[str, Counter[str]] = defaultdict(Counter)
    for kind in kinds:
        counts[kind.model][kind.body] += 1
    return {
        model: {body for body, n in seen.items() if n * 8 >= seen.total()}
        for model, seen in counts.items()
    }


def _weights(kinds: list[Kind], model_shares: list[float]) -> Floats:
    """Rake the kinds (iterative proportional fitting) to the shares of year, body and make."""
    alike = Counter((kind.make, kind.model, kind.year) for kind in kinds)
    weights = np.array(
        [
            share / alike[kind.make, kind.model, kind.year]
            for kind, share in zip(kinds, model_shares, strict=True)
        ]
    )
    margins = (
        _margin([str(kind.year) for kind in kinds], {str(y): p for y, p in YEARS.items()}),
        _margin([kind.body for kind in kinds], vocabulary.shares("body_styles")),
        _margin([kind.make for kind in kinds], vocabulary.shares("makes")),
    )
    for _ in range(15):
        for codes, wanted in margins:
            have = np.bincount(codes, weights, minlength=len(wanted))
            weights *= (wanted / np.where(have > 0, have, 1))[codes]
    return weights


def _margin(values: list[str], wanted: dict[str, float]) -> tuple[Ints, Floats]:
    """Codes of the values, and the share that each code shall have of the values present."""
    present, codes = np.unique(np.array(values), return_inverse=True)
    shares = np.array([wanted[value] for value in present])
    return codes, shares / shares.sum()
