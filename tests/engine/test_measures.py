import pytest

from engine.measures import BOUNDS, Measure, route


@pytest.mark.parametrize(
    ("path", "named"),
    [
        ("/indexes", "/indexes"),
        ("/indexes/cars", "/indexes/:index"),
        ("/indexes/cars_g7/settings", "/indexes/:index/settings"),
        ("/indexes/cars/documents", "/indexes/:index/documents"),
        ("/indexes/cars/documents/1HGCM", "/indexes/:index/documents/:document"),
        ("/indexes/cars/documents/fetch", "/indexes/:index/documents/fetch"),
        ("/indexes/cars/documents/delete-batch", "/indexes/:index/documents/delete-batch"),
        ("/tasks/42", "/tasks/:task"),
        ("/tasks", "/tasks"),
    ],
)
def test_a_route_has_no_names_in_it(path, named):
    assert route("GET", path) == f"GET {named}"


def test_a_call_is_counted_in_the_bucket_it_fits():
    measure = Measure()
    measure.add(0.001, failed=False)
    measure.add(0.03, failed=True)
    measure.add(99.0, failed=False)
    assert (measure.count, measure.errors) == (3, 1)
    assert [n for n, count in enumerate(measure.buckets) if count] == [
        0,
        BOUNDS.index(0.05),
        len(BOUNDS),
    ]
