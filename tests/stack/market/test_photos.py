import pytest
from lxml import etree

from stack.market import fleet, paint, photos

NAMESPACE = {"s": "http://www.w3.org/2000/svg"}


@pytest.mark.parametrize("body", sorted(set(fleet.BODIES.values())))
def test_every_body_has_its_picture_in_its_color(body):
    tree = etree.fromstring(photos.draw(body, "Radiant Red Tintcoat", 1))
    outline = tree.xpath("//s:g/s:path", namespaces=NAMESPACE)[0]
    assert outline.get("fill") == paint.HEX["Red"]


def test_bodies_and_views_look_different():
    drawn = {photos.draw(body, "Black", 1) for body in ("Sedan", "SUV", "Truck", "Cargo Van")}
    assert len(drawn) == 4
    assert len({photos.draw("SUV", "Black", number) for number in range(1, 11)}) == 10


@pytest.mark.parametrize(
    ("name", "color"),
    [
        ("Snow White Pearl", "White"),
        ("OXFORD WHITE", "White"),
        ("Midnight Black Metallic", "Black"),
        ("Lakeshore Blue Metallic", "Blue"),
        ("Ice Silver Metallic", "Silver"),
        ("Burgundy", "Red"),
        ("Zynith", "Other"),
    ],
)
def test_the_plain_color_of_a_paint(name, color):
    assert paint.family(name) == color


def test_every_photo_is_four_by_three_as_pages_show_cars() -> None:
    for number in range(1, 11):
        tree = etree.fromstring(photos.draw("Truck", "Black", number))
        assert int(tree.get("width")) * 3 == int(tree.get("height")) * 4
        assert (
            float(tree.get("viewBox").split()[2]) * 3 == float(tree.get("viewBox").split()[3]) * 4
        )
