import subprocess
import sys

from catalog.cars import CARS
from service.answering import answers
from service.answering.queries import MARKS
from service.answering.results import Result
from service.understanding.search import Reader, Search
from tests.service.answering import made
from tests.service.answering.made import result

READER = Reader(CARS)


def document(**fields: object) -> dict:
    hidden = {"digest": "d", "buckets": {"price": 9000}, "grid": {"z4": 1}}
    return {"id": "A", **hidden, "description": "long", "_geo": None, **fields}


def answer(search: Search, results: list[Result]) -> dict:
    return dict(made.as_json(answers.answer(search, results)))


def test_an_answer_is_whole():
    search = READER.read(
        "make=Kia&price_max=9000&zip=60601&facets=make,color,price,year&per_page=2"
    )
    results = [
        result(
            hits=[
                document(_geo={"lat": 41.8858, "lng": -87.6181}, make="Kia", _geoDistance=7),
                document(id="B"),
            ],
            estimatedTotalHits=5,
            facetDistribution={"color": {"Red": 2, "Blue": 3, "Black": 2}, "year": {"2015": 5}},
            facetStats={"year": {"min": 2015.0, "max": 2015.0}},
        ),
        result(facetDistribution={"make": {"Kia": 5, "Ford": 9}}),
        result(facetDistribution={"price": {}}, facetStats={}),
    ]
    assert answer(search, results) == {
        "data": [
            {
                "id": "A",
                "make": "Kia",
                "location": {"lat": 41.8858, "lng": -87.6181},
                "distance": 0,
            },
            {"id": "B", "location": None, "distance": None},
        ],
        "meta": {
            "total": 5,
            "page": 1,
            "per_page": 2,
            "pages": 3,
            "applied": made.as_json(search.applied),
        },
        "facets": {
            "make": [
                {"value": "Kia", "label": "Kia", "count": 5, "selected": True},
                {"value": "Ford", "label": "Ford", "count": 9},
            ],
            "color": [
                {"value": "Blue", "label": "Blue", "count": 3},
                {"value": "Black", "label": "Black", "count": 2},
                {"value": "Red", "label": "Red", "count": 2},
            ],
        },
        "ranges": {
            "price": {"min": None, "max": None, "histogram": []},
            "year": {
                "min": 2015,
                "max": 2015,
                "histogram": [{"min": 2015, "max": 2015, "count": 5}],
            },
        },
    }


def test_without_a_place_there_is_no_distance():
    listing = answer(READER.read("facets=none"), [result(hits=[document()])])["data"][0]
    assert listing == {"id": "A", "location": None}


def test_pages_end_where_paging_ends():
    search = READER.read("facets=none&per_page=100")
    assert answer(search, [result(estimatedTotalHits=123_456)])["meta"]["pages"] == 100


def test_an_answer_by_offset_says_so():
    search = READER.read("facets=none&offset=30&limit=0")
    meta = answer(search, [result(estimatedTotalHits=31)])["meta"]
    assert (meta["total"], meta["offset"], meta["limit"]) == (31, 30, 0)
    assert "pages" not in meta


def test_only_the_members_that_were_asked_for_are_there():
    search = READER.read("fields=distance,title,description,vin&zip=60601&facets=none")
    hit = document(title="A", _geo={"lat": 41.8858, "lng": -87.6181})
    (listing,) = answer(search, [result(hits=[hit])])["data"]
    assert listing == {"distance": 0, "title": "A", "description": "long"}


def test_what_matches_is_marked_and_all_else_is_text():
    search = READER.read("fields=id&highlight=title,features,dealer.name,trim,vin&facets=none")
    marked = {
        "title": f'<b>{MARKS[0]}Kia{MARKS[1]}</b> & "co"',
        "features": ["a", f"{MARKS[0]}<{MARKS[1]}"],
        "dealer": {"name": "Kia's"},
        "trim": None,
    }
    (listing,) = answer(search, [result(hits=[document(_formatted=marked)])])["data"]
    assert listing["highlights"] == {
        "title": "&lt;b&gt;<mark>Kia</mark>&lt;/b&gt; &amp; &quot;co&quot;",
        "features": ["a", "<mark>&lt;</mark>"],
        "dealer.name": "Kia&#x27;s",
        "trim": None,
        "vin": None,
    }


def test_no_text_brings_marks_of_its_own():
    search = READER.read("highlight=title&facets=none")
    title = f"\ue000a\ue001 <mark>{MARKS[0][1:]}"
    (listing,) = answer(search, [result(hits=[document(_formatted={"title": title})])])["data"]
    assert "<mark>" not in listing["highlights"]["title"]
    line = "from service.answering.queries import MARKS; print(ascii(MARKS))"
    told = [sys.executable, "-c", line]
    other = subprocess.run(told, capture_output=True, text=True, check=True, timeout=60)
    assert other.stdout.strip() != ascii(MARKS)
