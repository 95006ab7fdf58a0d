"""What people do with the API, for locust; names in the report are `scenario: step`."""

import random
import string
from typing import Any

from locust import FastHttpUser, between, constant, task

LISTINGS = "/api/v1/listings"
SUGGEST = f"{LISTINGS}/suggest"
CENTER = (41.9, -87.6)
ZOOMS = (6, 8, 10, 12)
LIMIT_SECONDS = 10.0

_values: dict[str, list[str]] = {}


class Person(FastHttpUser):
    """Knows what can be filtered, as a page does after its first answer."""

    abstract = True
    network_timeout = connection_timeout = LIMIT_SECONDS

    def on_start(self) -> None:
        if not _values:
            facets = self.ask("start", {"per_page": 1})["facets"]
            found = {name: [one["value"] for one in values] for name, values in facets.items()}
            _values.update({name: values for name, values in found.items() if values})

    def ask(self, step: str, parameters: dict[str, Any], path: str = LISTINGS) -> Any:
        """The body of an answer; anything but a 200 is a failure in the report."""
        name = f"{type(self).__name__}: {step}"
        with self.client.get(path, params=parameters, name=name, catch_response=True) as answer:
            if answer.status_code != 200:
                answer.failure(f"status {answer.status_code}")
                return {}
            answer.success()
            return answer.json()

    def value(self, facet: str) -> str:
        """A value of a facet, written as one."""
        text = random.choice(_values[facet])
        return text.replace("\\", "\\\\").replace(",", "\\,")


class Browse(Person):
    """Searches, turns pages, opens what looks good."""

    weight = 5
    wait_time = between(0.5, 2)

    @task
    def browse(self) -> None:
        search = {"make": self.value("make"), "sort": random.choice(("price", "-year", "newest"))}
        answer = self.ask("search", search)
        for page in range(2, min(4, answer.get("meta", {}).get("pages", 1)) + 1):
            self.wait()
            answer = self.ask("next page", {**search, "page": page})
        for listing in random.sample(answer.get("data", []), min(2, len(answer.get("data", [])))):
            self.wait()
            self.ask("open", {}, f"{LISTINGS}/{listing['id']}")


class TypeAhead(Person):
    """Types a make or model letter by letter, then searches for it."""

    weight = 3
    wait_time = constant(0.15)

    @task
    def type(self) -> None:
        words = random.choice(_values[random.choice(("make", "model"))])
        for end in range(1, len(words) + 1):
            self.ask("letter", {"q": words[:end]}, SUGGEST)
            self.wait()
        self.ask("search", {"q": words})


class FilterStorm(Person):
    """Ticks one filter after the other, faster than anybody reads."""

    weight = 3
    wait_time = constant(0.1)

    @task
    def storm(self) -> None:
        chosen: dict[str, Any] = {"price_max": random.randrange(10, 60) * 1000}
        for facet in random.sample(sorted(_values), min(5, len(_values))):
            chosen[facet] = ",".join(self.value(facet) for _ in range(random.randrange(1, 4)))
            self.ask("tick", chosen)
            self.wait()


class MapPanning(Person):
    """Moves a map and zooms in and out."""

    weight = 2
    wait_time = constant(0.3)

    @task
    def pan(self) -> None:
        lat, lng = (degrees + random.uniform(-8, 8) for degrees in CENTER)
        for _ in range(6):
            zoom = random.choice(ZOOMS)
            half = 180 / 2**zoom
            box = (lng - half, lat - half / 2, lng + half, lat + half / 2)
            bbox = ",".join(f"{degrees:.4f}" for degrees in box)
            self.ask("move", {"bbox": bbox, "zoom": zoom, "facets": "clusters", "per_page": 50})
            lat, lng = lat + random.uniform(-half, half) / 2, lng + random.uniform(-half, half)
            self.wait()


class ColdCache(Person):
    """Asks what nobody asked before, so that the search server has to answer."""

    weight = 2
    wait_time = between(0.2, 0.6)

    @task
    def ask_anew(self) -> None:
        letters = "".join(random.choices(string.ascii_lowercase, k=2))
        price, mileage = random.randrange(20_000, 90_000), random.randrange(10_000, 250_000)
        self.ask("search", {"q": letters, "price_max": price, "mileage_max": mileage})


class InstantSearchPage(Person):
    """A page of InstantSearch with two lists, of which one is ticked."""

    weight = 2
    wait_time = between(0.3, 1)

    @task
    def refine(self) -> None:
        make = random.choice(_values["make"]).replace("\\", "\\\\").replace('"', '\\"')
        whole = {"indexUid": "cars", "facets": ["make", "body_type", "price"]}
        main = {**whole, "filter": [[f'"make"="{make}"']], "limit": 21}
        body = {"queries": [main, {**whole, "limit": 0, "facets": ["make"]}]}
        self.client.post("/multi-search", json=body, name=f"{type(self).__name__}: refine")
