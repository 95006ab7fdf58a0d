import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from catalog.grid import Box
from service.geography.polygons import MOST_BOXES, SLABS, Point, boxes

RECTANGLE = [(41.0, -88.0), (41.0, -87.0), (42.0, -87.0), (42.0, -88.0)]


def crossings(corners: list[Point], lat: float, lng: float) -> int:
    """How many edges a ray from a point to the east crosses (even-odd rule)."""
    count = 0
    for (lat1, lng1), (lat2, lng2) in zip(corners, [*corners[1:], corners[0]], strict=True):
        if (lat1 <= lat) != (lat2 <= lat):
            count += lng < lng1 + (lat - lat1) / (lat2 - lat1) * (lng2 - lng1)
    return count


def holds(box: Box, lat: float, lng: float) -> bool:
    within = box.west <= lng <= box.east if box.west <= box.east else not box.east < lng < box.west
    return within and box.south <= lat <= box.north


def area(found: list[Box]) -> float:
    return sum((box.north - box.south) * ((box.east - box.west) % 360) for box in found)


def test_a_rectangle_is_one_box():
    assert boxes(RECTANGLE) == [Box(41.0, -88.0, 42.0, -87.0)]
    assert boxes(RECTANGLE[::-1]) == boxes(RECTANGLE[2:] + RECTANGLE[:2]) == boxes(RECTANGLE)


def test_a_triangle_keeps_its_area():
    found = boxes([(0.0, 0.0), (0.0, 10.0), (10.0, 5.0)])
    assert len(found) == SLABS
    assert area(found) == pytest.approx(50)


def test_a_shape_reaches_over_the_date_line():
    found = boxes([(0.0, 170.0), (0.0, -170.0), (10.0, -170.0), (10.0, 170.0)])
    assert found == [Box(0.0, 170.0, 10.0, -170.0)]
    found = boxes([(0.0, 170.0), (0.0, -170.0), (10.0, 180.0)])
    assert area(found) == pytest.approx(100)
    assert any(holds(box, 1.0, 179.9) for box in found)
    assert any(holds(box, 1.0, -179.9) for box in found)
    assert not any(holds(box, 1.0, 0.0) for box in found)


def test_a_shape_that_crosses_itself_has_no_inside_where_it_is_twice_around():
    bow = [(0.0, 0.0), (10.0, 10.0), (0.0, 10.0), (10.0, 0.0)]
    assert not any(holds(box, 5.0, 2.0) for box in boxes(bow) if box.south < 4 and box.west > 3)
    assert area(boxes(bow)) == pytest.approx(50)


def test_a_shape_that_winds_too_much_is_refused():
    comb = [(10.0 * (n % 2), float(n)) for n in range(48)] + [(20.0, 47.0), (20.0, 0.0)]
    with pytest.raises(ValueError, match="winds less"):
        boxes(comb)
    with pytest.raises(ValueError, match="some area"):
        boxes([(0.0, 0.0), (1.0, 0.0), (2.0, 0.0)])
    with pytest.raises(ValueError, match="round a pole"):
        boxes([(80.0, 0.0), (80.0, 120.0), (80.0, -120.0)])


def no_edge_within(corners: list[Point], lat: float, lng: float, slab: float) -> bool:
    """Whether no edge crosses the point's meridian within a slab's height of it."""
    for (lat1, lng1), (lat2, lng2) in zip(corners, [*corners[1:], corners[0]], strict=True):
        if min(lng1, lng2) <= lng <= max(lng1, lng2):
            across = lng2 - lng1
            at = lat1 + (lng - lng1) / across * (lat2 - lat1) if across else lat1
            if abs(at - lat) <= slab or not across:
                return False
    return True


DEGREES = st.floats(-60, 60).map(lambda degrees: round(degrees, 4))
CORNERS = st.lists(st.tuples(DEGREES, DEGREES), min_size=3, max_size=12)


@settings(max_examples=150, deadline=None, database=None)
@given(CORNERS, st.lists(st.tuples(DEGREES, DEGREES), min_size=20, max_size=20))
def test_a_point_away_from_the_edges_is_in_a_box_if_it_is_inside(
    corners: list[Point], points: list[Point]
):
    lats = [lat for lat, _ in corners]
    assume(len(set(lats)) > 1 and len({lng for _, lng in corners}) > 1)
    try:
        found = boxes(corners)
    except ValueError:
        assume(False)
    slab = (max(lats) - min(lats)) / SLABS
    assert len(found) <= MOST_BOXES
    for lat, lng in points:
        if no_edge_within(corners, lat, lng, slab):
            inside = crossings(corners, lat, lng) % 2 == 1
            assert any(holds(box, lat, lng) for box in found) == inside
