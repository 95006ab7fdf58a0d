"""Columns: recognised by name, by values, or as people say."""

from pathlib import Path

import pytest

from scrapers.feeds import drafts
from scrapers.feeds.columns import FIELDS, Layout, field_named, recognise
from scrapers.feeds.opening import FeedError, open_feed
from scrapers.feeds.tables import read_table
from scrapers.normalise.draft import DEALER, VALUES


@pytest.fixture
def layout_of(tmp_path: Path):  # type: ignore[no-untyped-def]
    def layout(header: str, *rows: str, given: list[tuple[str, str]] | None = None) -> Layout:
        path = tmp_path / "cars.csv"
        path.write_text("\n".join([header, *rows]) + "\n", encoding="utf-8")
        with open_feed(str(path)) as feed:
            return recognise(read_table(feed), given or [])

    return layout


def names(layout: Layout) -> dict[str, list[str]]:
    return {field: [column.name for column in found] for field, found in layout.fields.items()}


@pytest.mark.parametrize(
    ("column", "field"),
    [
        ("Website VDP URL", "url"),
        ("NEW-USED", "condition"),
        ("Stock_No", "stock_number"),
        ("mileage.value", "mileage"),
        ("InternetPrice", "price"),
        ("Photo_URLs", "photos"),
        ("image[0].url", "photos"),
        ("Image 2", "photos"),
        ("Yr", "year"),
        ("vehicle_make", "make"),
        ("modelYear", "year"),
        ("listingPriceRaw", "price"),
        ("Ext. Colour", "exterior_color"),
        ("Kilometers_Driven", "mileage"),
        ("yearOfRegistration", "year"),
        ("gearbox", "transmission"),
        ("Driven_Wheels", "drivetrain"),
        ("address.region", "state"),
        ("DATE-IN-STOCK", None),
        ("Unnamed: 0", None),
        ("Number of Doors", None),
    ],
)
def test_columns_are_known_by_their_names(layout_of, column: str, field: str | None) -> None:  # type: ignore[no-untyped-def]
    layout = layout_of(f"VIN,{column}", "1HGCM82633A004352,1")
    expected = {"vin": ["VIN"]} | ({field: [column]} if field else {})
    assert names(layout) == {name: expected[name] for name in FIELDS if name in expected}
    assert layout.left_out == ([] if field else [column])


def test_a_type_is_what_its_values_are(layout_of) -> None:  # type: ignore[no-untyped-def]
    assert "condition" in names(layout_of("make,Type", "Kia,Used", "VW,New"))
    assert "body_type" in names(layout_of("make,type", "Kia,SUV", "VW,pickup", "VW,"))
    assert layout_of("make,type", "Kia,A7", "VW,B2").left_out == ["type"]


def test_where_no_name_tells_the_values_do(layout_of) -> None:  # type: ignore[no-untyped-def]
    layout = layout_of(
        "Automobile,Asked,Clock,Hue,Inside,X",
        "2017 Subaru Outback 2.5i,$17.9k,61k mi,Agate Black Metallic,1HGCM82633A004352,7",
        'Honda CR-V EX,"$12,500",98000 miles,Ice Cap,,8',
    )
    assert names(layout) == {
        "vin": ["Inside"],
        "title": ["Automobile"],
        "exterior_color": ["Hue"],
        "mileage": ["Clock"],
        "price": ["Asked"],
    }
    assert layout.left_out == ["X"]
    assert "Hue is taken for exterior_color by its values." in layout.notes


def test_values_do_not_overrule_a_name(layout_of) -> None:  # type: ignore[no-untyped-def]
    layout = layout_of("make,fuel,other", "Kia,gas,diesel", "VW,diesel,gas")
    assert layout.left_out == ["other"]


def test_a_few_values_that_fit_are_not_enough(layout_of) -> None:  # type: ignore[no-untyped-def]
    assert layout_of("make,remark", "Kia,red", "VW,blue", "VW,nice").left_out == ["remark"]


def test_what_people_say_comes_first(layout_of) -> None:  # type: ignore[no-untyped-def]
    layout = layout_of(
        "Wagen,Betrag,price", "Kia Rio,1,2", given=[("title", "wagen"), ("price", "Betrag")]
    )
    assert names(layout) == {"title": ["Wagen"], "price": ["Betrag"]}
    assert layout.left_out == ["price"]


def test_a_field_has_more_than_one_name() -> None:
    assert field_named("odometer") == "mileage"
    assert field_named("colour") == "exterior_color"


@pytest.mark.parametrize(
    ("given", "says"),
    [
        ([("mileagee", "make")], "Did you mean mileage"),
        ([("make", "Mak")], "Did you mean 'make'"),
        ([("make", "zzz")], "Its columns are: make, price"),
    ],
)
def test_a_wrong_name_is_told_with_the_nearest(layout_of, given, says: str) -> None:  # type: ignore[no-untyped-def]
    with pytest.raises(FeedError, match=says):
        layout_of("make,price", "Kia,1", given=given)


def test_a_file_of_something_else_is_told_with_its_columns(layout_of) -> None:  # type: ignore[no-untyped-def]
    with pytest.raises(FeedError, match=r"The columns are: a, b\. .*--map make=COLUMN"):
        layout_of("a,b", "1,2")


def test_an_id_that_rows_share_is_not_the_offers(layout_of) -> None:  # type: ignore[no-untyped-def]
    rows = [f"{number // 50},Kia,{number}" for number in range(100)]
    layout = layout_of("id,make,stock", *rows)
    assert "id" not in layout.fields
    assert layout.notes == ["id is no id of a car here: rows share its values."]
    assert "id" in layout_of("id,make,stock", *rows, given=[("id", "id")]).fields


def test_zips_of_a_file_in_kilometers_are_not_american(layout_of) -> None:  # type: ignore[no-untyped-def]
    assert "zip" not in layout_of("make,kilometer,postalCode", "Kia,9,60601").fields
    assert "zip" in layout_of("make,miles,postalCode", "Kia,9,60601").fields


def test_every_field_reaches_a_draft() -> None:
    assert set(drafts.VALUES.values()) == VALUES
    assert {"external_id" if name == "id" else name for name in drafts.DEALER} == DEALER
    read = {"id", "url", "photos", "features", "is_new", "currency", "location", *drafts.PLACE}
    read.add("availability")  # of the row: whether it is an offer at all
    dealers = {f"dealer_{name}" for name in drafts.DEALER}
    assert set(FIELDS) == set(drafts.VALUES) | read | dealers
    assert set(drafts.IDENTIFYING) <= set(FIELDS)
