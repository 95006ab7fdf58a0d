from hypothesis import given
from hypothesis import strategies as st

from catalog.cars import CARS
from service.answering.queries import MARKS, multi_search, quoted
from service.understanding.search import Reader

READER = Reader(CARS)


def queries(query: str) -> list[dict]:
    return multi_search(READER.read(query))


def test_one_query_when_nothing_is_refined():
    assert queries("q=sporty&facets=make,price&page=3&per_page=10") == [
        {
            "indexUid": "cars",
            "q": "sporty",
            "matchingStrategy": "all",
            "filter": [],
            "facets": ["make", "price", "buckets.price"],
            "sort": [],
            "offset": 20,
            "limit": 10,
        }
    ]


def test_each_refined_facet_and_range_is_counted_without_its_own_filter():
    asked = "make=Toyota,Kia&price_min=1000&price_max=20000&year_min=2015&color=Red"
    main, make, price = queries(f"{asked}&facets=make,model,price")
    makes, prices = 'make IN ["Toyota", "Kia"]', "price 1000 TO 20000"
    years, colors = "year >= 2015", 'color IN ["Red"]'
    assert (main["facets"], main["filter"]) == (["model"], [makes, colors, years, prices])
    assert (make["facets"], make["filter"]) == (["make"], [colors, years, prices])
    assert (price["facets"], price["filter"]) == (
        ["price", "buckets.price"],
        [makes, colors, years],
    )
    assert (main["limit"], make["limit"], price["limit"]) == (20, 0, 0)


def test_a_facet_asks_for_its_field():
    (main,) = queries("dealer=Loop Motors&facets=feature")
    assert main["filter"] == ['dealer.name IN ["Loop Motors"]']
    assert main["facets"] == ["features"]


def test_of_each_feature_that_is_named_one_spelling_must_be_there():
    main, feature = queries("q=carplay third row&feature=Sunroof,Moonroof&facets=feature,make")
    assert main["filter"] == [
        'features IN ["Sunroof", "Moonroof"] AND features IN ["Apple CarPlay"]'
        ' AND features IN ["Third Row Seating", "Third Row Seats"]'
    ]
    assert (main["q"], feature["filter"]) == ("", [])


def test_a_facet_is_counted_without_what_is_excluded_but_with_what_is_required():
    main, feature = queries("feature=!A&feature_all=B,C&make=!Kia&facets=feature,price")
    required = 'features = "B" AND features = "C"'
    excluded = ['NOT make IN ["Kia"]', 'NOT features IN ["A"]']
    assert main["filter"] == [*excluded, required]
    assert (feature["facets"], feature["filter"]) == (["features"], [excluded[0], required])


def test_values_that_may_and_that_may_not_both_hold():
    assert queries("make=Kia,!Ford&facets=none")[0]["filter"] == [
        'make IN ["Kia"] AND NOT make IN ["Ford"]'
    ]


def test_parts_of_the_map_are_boxes():
    (main,) = queries("bbox=170,-10,-170,10.5&polygon=1,2,3,2,3,4,1,4&facets=none")
    assert main["filter"] == [
        "_geoBoundingBox([10.500000, -170.000000], [-10.000000, 170.000000])",
        "_geoBoundingBox([4.000000, 3.000000], [2.000000, 1.000000])",
    ]


def test_only_what_is_shown_of_a_document_is_asked_for():
    assert queries("fields=title,location&facets=none&limit=0")[0] == {
        **queries("facets=none")[0],
        "limit": 0,
        "attributesToRetrieve": ["title", "_geo"],
    }
    assert queries("fields=id&highlight=title&facets=none")[0] == {
        **queries("facets=none")[0],
        "attributesToRetrieve": ["id"],
        "attributesToHighlight": ["title"],
        "highlightPreTag": MARKS[0],
        "highlightPostTag": MARKS[1],
    }


def test_a_place_filters_only_with_a_radius():
    assert queries("zip=60601&facets=none")[0]["filter"] == []
    assert queries("zip=60601&radius=50&facets=none")[0]["filter"] == [
        "_geoRadius(41.885800, -87.618100, 80467.2)"
    ]


def test_each_ring_is_counted_in_place_of_the_radius():
    main, year, *around = queries("lat=41.5&lng=-87&radius=7&year_min=2015&facets=rings,year")
    assert main["filter"] == ["year >= 2015", "_geoRadius(41.500000, -87.000000, 11265.4)"]
    assert year["facets"] == ["year"]
    miles = (16093.4, 40233.6, 80467.2, 160934.4, 402336.0)
    assert [query["filter"] for query in around] == [
        ["year >= 2015", f"_geoRadius(41.500000, -87.000000, {metres})"] for metres in miles
    ]
    assert all(query["limit"] == 0 for query in around)


def test_there_are_no_rings_without_a_place_or_when_they_are_not_wanted():
    assert len(queries("facets=rings")) == len(queries("zip=60601&facets=make")) == 1


def test_clusters_are_counted_with_the_results():
    (main,) = queries("bbox=-88.5,41.4,-87.2,42.3&zoom=9&facets=clusters,make")
    assert main["facets"] == ["make", "grid.z12", "grid.z20"]
    (unseen,) = queries("bbox=-88.5,41.4,-87.2,42.3&facets=clusters")
    assert unseen["facets"] == []


def test_small_coordinates_are_not_written_with_an_exponent():
    (query,) = queries("lat=0.00001&lng=0&sort=distance&facets=none")
    assert query["sort"] == ["_geoPoint(0.000010, 0.000000):asc", "id:asc"]


def test_an_order_ends_with_the_id():
    assert queries("sort=-price&facets=none")[0]["sort"] == ["price:desc", "id:asc"]


def test_relevance_leaves_the_order_to_the_words():
    assert queries("q=sporty&facets=none")[0]["sort"] == []


@given(st.text())
def test_no_text_ends_its_string(text: str):
    inside = quoted(text)[1:-1]
    assert quoted(text)[0] == quoted(text)[-1] == '"'
    rest = inside.replace("\\\\", "").replace('\\"', "")
    assert '"' not in rest
    assert "\\" not in rest
