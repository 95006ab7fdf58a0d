from catalog.cars import CARS
from service.suggesting.suggester import Suggester


def test_popular_queries_are_suggested_unless_another_kind_says_the_same() -> None:
    suggester = Suggester(CARS)
    suggester.show_queries(["red suv under 20k", "redding, ca", "suv"])
    shown = [(one["kind"], one["text"]) for one in suggester.suggest("red", 20)]
    assert ("query", "red suv under 20k") in shown
    assert ("place", "Redding, CA") in shown
    assert ("query", "redding, ca") not in shown
    query = next(one for one in suggester.suggest("suv", 5) if one["text"] == "red suv under 20k")
    assert (query["parameters"], query["count"]) == ({"q": "red suv under 20k"}, None)
