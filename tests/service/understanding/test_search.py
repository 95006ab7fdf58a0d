import json
from urllib.parse import urlencode

import pytest

from catalog.cars import CARS
from catalog.grid import Box
from config.settings import ROOT
from service.geography.places import Place
from service.http.problems import Problem
from service.understanding.paging import MOST_RESULTS, Window
from service.understanding.parameters import LONGEST_QUERY
from service.understanding.search import Bounds, Reader

READER = Reader(CARS)


def refusal(query: str) -> dict:
    with pytest.raises(Problem) as caught:
        READER.read(query)
    assert caught.value.status == 400
    return {"detail": caught.value.detail, **caught.value.extra}


def test_without_parameters_everything_is_wanted():
    search = READER.read("")
    assert (search.q, search.sort.name, search.window) == ("", "relevance", Window(0, 20))
    assert search.wanted == (*CARS.facets, "year", "price", "mileage", "rings", "clusters")
    assert search.applied == {"sort": "relevance"}


def test_what_was_understood_is_told():
    query = "q=sporty&make=Toyota&price_max=20000&zip=60601&radius=50&sort=price&per_page=5"
    search = READER.read(query)
    assert search.chosen == {"make": (("Toyota",),)}
    assert search.bounds == {"price": Bounds(None, 20000)}
    assert search.radius == pytest.approx(80467.2)
    assert search.applied == {
        "q": "sporty",
        "make": ("Toyota",),
        "price_max": 20000,
        "zip": "60601",
        "radius": 50.0,
        "unit": "mi",
        "sort": "price",
        "place": {"city": "Chicago", "state": "IL", "lat": 41.8858, "lng": -87.6181},
    }


def test_words_that_were_understood_become_filters():
    search = READER.read("q=red suv under 20k near 60601 sporty")
    assert (search.q, search.radius) == ("sporty", pytest.approx(80467.2))
    assert search.chosen == {"body_type": (("SUV",),), "color": (("Red",),)}
    assert search.bounds == {"price": Bounds(None, 20000)}
    assert search.applied == {
        "q": "sporty",
        "color": ("Red",),
        "body_type": ("SUV",),
        "price_max": 20000,
        "zip": "60601",
        "radius": 50.0,
        "unit": "mi",
        "sort": "relevance",
        "place": {"city": "Chicago", "state": "IL", "lat": 41.8858, "lng": -87.6181},
    }


def test_every_word_is_told_with_what_it_did_and_how_to_undo_it():
    assert READER.read("q=red sky motors closest under 20k&price_max=9000").words == [
        {
            "words": "red",
            "applied": {"color": ("Red",)},
            "without": "sky motors closest under 20k",
            "as_text": '"red" sky motors closest under 20k',
        },
        {
            "words": "sky motors",
            "applied": {"q": "sky motors"},
            "without": "red closest under 20k",
        },
        {
            "words": "closest",
            "applied": {},
            "needs": ["zip"],
            "without": "red sky motors under 20k",
            "as_text": 'red sky motors "closest" under 20k',
        },
        {
            "words": "under 20k",
            "applied": {},
            "overruled": ["price_max"],
            "without": "red sky motors closest",
            "as_text": 'red sky motors closest "under 20k"',
        },
    ]


def test_a_query_that_would_be_too_long_is_not_offered():
    (text, red) = READER.read(f"q={'x' * 195} red").words
    assert ("without" in red, "as_text" in red, text["without"]) == (True, False, "red")
    (_, red) = READER.read(f"q={'x' * 194} red").words
    assert len(red["as_text"]) == LONGEST_QUERY


@pytest.mark.parametrize("words", ["red suv under 20k near 60601", "", '"', "closest", "10k-20k+"])
def test_without_parsing_a_query_is_the_text_that_it_is(words: str):
    search = READER.read(urlencode({"q": words, "parse": "off", "sort": "price"}))
    assert (search.q, search.chosen, search.bounds, search.place) == (words, {}, {}, None)
    assert search.applied == {"q": words, "sort": "price"}
    assert search.words is None


def test_words_never_make_a_search_wrong():
    assert READER.read("q=under 20k&price_min=30000").bounds == {"price": Bounds(30000, None)}
    assert READER.read("q=closest within 20 miles").sort.name == "relevance"
    assert refusal("q=closest honda&sort=distance")["parameter"] == "sort"


def test_a_radius_may_be_in_kilometres():
    search = READER.read("lat=41.5&lng=-87&radius=10&unit=km")
    assert (search.place, search.radius) == (Place(41.5, -87.0), 10_000.0)


@pytest.mark.parametrize(
    ("words", "radius"), [("within 20 miles of 60601", 32.2), ("near 60601", 80.5)]
)
def test_a_distance_in_words_is_told_in_the_unit_that_is_given(words: str, radius: float):
    search = READER.read(f"q={words}&unit=km")
    assert search.radius == pytest.approx(radius * 1000)
    assert (search.applied["radius"], search.applied["unit"]) == (radius, "km")


def test_values_after_a_mark_are_left_out():
    search = READER.read(r"make=!Ford&color=Red,!Blue, !White,\!Gold&feature=!Sunroof")
    assert search.chosen == {"color": (("Red", "!Gold"),)}
    assert search.excluded == {
        "make": ("Ford",), "color": ("Blue", "White"), "feature": ("Sunroof",)
    }  # fmt: skip
    assert search.applied == {
        "color": ("Red", "!Gold"), "not": search.excluded, "sort": "relevance"
    }  # fmt: skip


def test_a_facet_that_is_excluded_from_is_not_read_from_words():
    search = READER.read("q=ford suv&make=!Ford")
    assert (search.chosen, search.excluded) == ({"body_type": (("SUV",),)}, {"make": ("Ford",)})
    assert search.words is not None
    assert search.words[0]["overruled"] == ["make"]


def test_all_of_several_values_may_be_required_where_a_thing_has_several():
    search = READER.read("feature_all=Sunroof,Bluetooth&feature=A,B&feature_all=Sunroof")
    assert search.required == {"feature": ("Sunroof", "Bluetooth")}
    assert search.chosen == {"feature": (("A", "B"),)}
    assert search.applied["feature_all"] == ("Sunroof", "Bluetooth")
    assert refusal("make_all=Ford")["nearest"] == "make"


def test_a_part_of_the_map_has_four_edges():
    search = READER.read("bbox=-88.2, 41.6,-87.3,42.1&polygon=-88,41,-87,41,-87,42,-88,41")
    assert search.box == Box(south=41.6, west=-88.2, north=42.1, east=-87.3)
    assert search.polygon.corners == ((41, -88), (41, -87), (42, -87))
    assert search.applied["bbox"] == [-88.2, 41.6, -87.3, 42.1]
    assert search.applied["polygon"] == [-88, 41, -87, 41, -87, 42]


def test_least_above_most_names_both():
    assert refusal("price_min=2&price_max=1") == {
        "detail": "price_min (2) is more than price_max (1); exchange them.",
        "parameter": "price_min",
        "parameters": ["price_min", "price_max"],
    }


def test_nothing_at_least_and_one_number_alone_are_bounds():
    assert READER.read("price_min=0").bounds == {"price": Bounds(0, None)}
    assert READER.read("year_min=2020&year_max=2020").bounds == {"year": Bounds(2020, 2020)}


@pytest.mark.parametrize(
    ("query", "parameter", "says"),
    [
        ("sort=distance", "sort", "sort=distance needs a place: give zip, or lat and lng."),
        ("zoom=5", "zoom", "zoom needs a bbox: the part of the map that is seen."),
        ("radius=5", "radius", "radius needs a place: give zip, or lat and lng."),
        ("lat=5", "lng", "lat needs lng: a place has both."),
        ("lng=5", "lat", "lng needs lat: a place has both."),
        ("zip=60601&lat=5&lng=5", "zip", "not by both"),
        ("unit=km", "unit", "unit needs a place: give zip, or lat and lng."),
        ("facets=none,make", "facets", "facets=none stands alone"),
        ("page=501", "page", "page must be at most 500 when per_page is 20; it is 501"),
        ("offset=9901&limit=100", "offset", "offset must be at most 9900 when limit is 100"),
        ("page=2&limit=5", "page", "by page and per_page or by offset and limit, not both"),
        ("per_page=2&offset=0", "per_page", "not both"),
        ("fields=distance", "fields", "fields=distance needs a place"),
        ("page=101&per_page=100", "page", "page must be at most 100 when per_page is 100"),
    ],
)
def test_parameters_that_do_not_go_together(query: str, parameter: str, says: str):
    told = refusal(query)
    assert told["parameter"] == parameter
    assert says in told["detail"]


def test_the_last_page_can_be_asked_for():
    assert READER.read("page=500").window == Window(9980, 20)
    assert READER.read("page=100&per_page=100").window == Window(9900, 100)
    assert READER.read("offset=9900&limit=100").window == Window(9900, 100, paged=False)
    assert READER.read("offset=7&limit=0").window.page == 8


def test_the_engine_counts_far_past_the_last_page():
    settings = json.loads((ROOT / "meilisearch-settings.json").read_text())["cars"]
    assert settings["pagination"]["maxTotalHits"] > 100 * MOST_RESULTS


def test_wanted_facets_can_be_chosen():
    assert READER.read("facets=price,make").wanted == ("make", "price")
    assert READER.read("facets=none").wanted == ()
