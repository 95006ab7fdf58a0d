"""From a draft to an offer."""

import re
from collections.abc import Iterator
from dataclasses import asdict

import pytest
from hypothesis import given
from hypothesis import strategies as st

from catalog.cars import OfferRow
from scrapers.normalise import Refused, normalise
from scrapers.normalise.draft import DEALER, VALUES, Draft
from scrapers.normalise.offer import external_id

VIN = "1HGCM82633A004352"


def offer(**given: object) -> OfferRow:
    values = {name: str(value) for name, value in given.items()}
    return normalise(Draft(source="lot", external_id="7", values=values))


def test_a_whole_offer() -> None:
    draft = Draft(
        source="lot",
        external_id=" 7 ",
        url="https://lot.example/7",
        card_digest="abc",
        has_detail=True,
        values={
            "vin": VIN.lower(),
            "year": "2021",
            "make": "HONDA",
            "model": "ACCORD",
            "trim": "EX-L",
            "body_type": "4dr Sedan",
            "drivetrain": "Front-wheel Drive",
            "fuel_type": "Gas",
            "transmission": "Continuously Variable",
            "stock_type": "used",
            "cpo": "1",
            "exterior_color": "Modern Steel Metallic",
            "interior_color": "Black",
            "engine": "1.5L I4",
            "mileage": "31k",
            "price": "$21,500",
            "msrp": "30,000",
            "stock_number": "A-1",
            "description": "Clean.<br>One owner.",
        },
        features=["Bluetooth", "Bluetooth", "Sunroof"],
        photos=["https://lot.example/1.jpg", "javascript:1", "https://lot.example/1.jpg"],
        dealer={"external_id": "d1", "name": "Smith &amp; Sons", "zip": "60601-1234"},
    )
    assert asdict(normalise(draft)) == {
        "source": "lot",
        "external_id": "7",
        "dealer": {
            "external_id": "d1",
            "name": "Smith & Sons",
            "phone": None,
            "street": None,
            "city": "Chicago",
            "state": "IL",
            "zip": "60601",
            "lat": 41.8858,
            "lng": -87.6181,
            "url": None,
        },
        "card_digest": "abc",
        "has_detail": True,
        "problems": [],
        "unknown": [],
        "vin": VIN,
        "title": "2021 Honda Accord EX-L",
        "year": 2021,
        "make": "Honda",
        "model": "Accord",
        "trim": "EX-L",
        "body_type": "Sedan",
        "drivetrain": "FWD",
        "fuel_type": "Gasoline",
        "transmission": "CVT",
        "condition": "Certified",
        "color": "Gray",
        "exterior_color": "Modern Steel Metallic",
        "interior_color": "Black",
        "engine": "1.5L I4",
        "mileage": 31_000,
        "price": 21_500,
        "msrp": 30_000,
        "features": ["Bluetooth", "Sunroof"],
        "photos": ["https://lot.example/1.jpg"],
        "description": "Clean.\nOne owner.",
        "stock_number": "A-1",
        "url": "https://lot.example/7",
        "zip": None,
        "lat": None,
        "lng": None,
    }


@pytest.mark.parametrize("vin", ["1HGCM82633A00435", "IHGCM82633A004352", "1HGCM82633A00435O", "x"])
def test_a_vin_without_its_form_is_refused_not_repaired(vin: str) -> None:
    with pytest.raises(Refused) as refused:
        offer(vin=vin, make="Honda")
    assert refused.value.code == "vin/form"


def test_a_vin_that_fails_its_check_digit_is_kept_and_flagged() -> None:
    row = offer(vin="1HGCM82643A004352", make="Honda")
    assert row.vin == "1HGCM82643A004352"
    assert row.problems == ["vin/check_digit"]


def test_filler_is_no_vin() -> None:
    row = offer(vin="0" * 17, make="Honda")
    assert (row.vin, row.problems) == (None, ["vin/filler"])


def test_what_is_not_understood_stays_empty_and_is_told() -> None:
    row = offer(
        make="Quuxmobile",
        fuel_type="plutonium",
        exterior_color="Zyx 9",
        price="18000 EUR",
        mileage="900000",
        zip="SW1A 1AA",
    )
    assert (row.make, row.fuel_type, row.color, row.price, row.mileage, row.zip) == (
        ("Quuxmobile",) + (None,) * 5
    )
    assert row.exterior_color == "Zyx 9"
    assert sorted(row.problems) == [
        "color/unknown",
        "fuel_type/unknown",
        "make/unknown",
        "mileage/out_of_range",
        "price/currency",
        "zip/form",
    ]


def test_a_title_gives_what_the_fields_do_not() -> None:
    row = offer(title="2016 Range Rover Sport HSE")
    assert (row.year, row.make, row.model) == (2016, "Land Rover", "Range Rover Sport")


def test_the_year_that_no_field_says_begins_the_title() -> None:
    assert offer(make="Honda", title="2019 Honda Civic EX").year == 2019
    assert offer(make="Honda", title="Used 2019 <b>Honda</b> Civic EX").year == 2019
    assert offer(make="Honda", year="soon", title="2019 Honda Civic EX").year == 2019
    assert offer(make="Honda", year="2018", title="2019 Honda Civic EX").year == 2018
    assert offer(make="Peugeot", title="Peugeot 2008 Allure").year is None


def test_a_model_gives_the_make_that_is_missing() -> None:
    assert [(row.make, row.model) for row in (offer(model="Scion iM"), offer(model="focus"))] == [
        ("Scion", "iM"),
        ("Ford", "Focus"),
    ]


def test_the_condition_is_no_part_of_the_title() -> None:
    assert offer(title="Used 2022 Toyota Corolla Cross LE").title == "2022 Toyota Corolla Cross LE"


def test_underscores_of_a_title_are_its_spaces() -> None:
    assert offer(title="VW_Golf_1.6").title == "VW Golf 1.6"
    assert offer(title="VW Golf T_1").title == "VW Golf T_1"


def test_nothing_that_says_which_car_is_refused() -> None:
    with pytest.raises(Refused) as refused:
        offer(price="5000")
    assert refused.value.code == "car/unnamed"


@pytest.mark.parametrize("name", ["title", "make", "model", "vin"])
def test_one_of_what_says_which_car_is_enough(name: str) -> None:
    said = {"title": "Great deal", "make": "Quuxmobile", "model": "Flyer", "vin": VIN}
    assert getattr(offer(**{name: said[name]}), name) == said[name]


def test_an_offer_needs_an_id_and_one_too_long_is_kept_by_its_digest() -> None:
    longest = "x" * 200
    assert external_id(longest) == longest
    assert re.fullmatch("[0-9a-f]{32}", external_id(longest + "y"))
    assert external_id(longest + "y") != external_id(longest + "z")
    with pytest.raises(Refused) as refused:
        external_id(" \x00")
    assert (refused.value.code, str(refused.value)) == ("key/missing", "The offer has no id.")


def test_a_model_that_was_typed_with_its_trim_is_both() -> None:
    def read(**said: str) -> tuple[str | None, str | None]:
        row = offer(make="Ford", **said)
        return row.model, row.trim

    assert read(model="f150 xlt") == ("F-150", "xlt")
    assert read(model="f150 xlt", trim="Lariat") == ("F-150", "Lariat")
    assert read(model="f150") == ("F-150", None)
    assert read(model="quux flyer") == ("Quux Flyer", None)
    assert read(model="F150 XLT") == ("F150 XLT", None)


def test_the_model_that_no_field_says_stands_in_the_title() -> None:
    assert offer(make="Honda", title="2019 Honda Civic EX").model == "Civic"
    assert offer(make="Honda", title="Civic EX, one owner").model == "Civic"
    assert offer(make="Ford", title="2019 Honda Civic EX").model is None


def test_a_maker_that_is_not_known_is_not_shouted() -> None:
    said = ("quuxmobile", "QUUXMOBILE", "QUUX", "QuuxMobile")
    made = [offer(make=text) for text in said]
    assert [row.make for row in made] == ["Quuxmobile", "Quuxmobile", "QUUX", "QuuxMobile"]
    assert [row.unknown for row in made] == [[("make", text)] for text in said]


def test_the_makers_suggestion_is_read_wherever_it_stands() -> None:
    def read(**said: str) -> tuple[object, ...]:
        row = offer(make="Kia", **said)
        return row.price, row.msrp, row.problems

    assert read(price="$21,500", msrp="MSRP $25,000") == (21_500, 25_000, [])
    assert read(price="$21,500 MSRP $25,000", msrp="Call") == (21_500, 25_000, [])
    assert read(price="$21,500", msrp="cheap") == (21_500, None, ["msrp/unreadable"])


def test_an_address_that_nobody_can_follow_is_told() -> None:
    def problems(url: str | None, photos: list[str]) -> list[str]:
        values = {"make": "Kia"}
        draft = Draft(source="lot", external_id="7", url=url, photos=photos, values=values)
        return normalise(draft).problems

    assert problems("javascript:1", ["ftp://lot.example/1.jpg"]) == [
        "url/unusable",
        "photos/unusable",
    ]
    assert problems(None, []) == problems("n/a", ["https://lot.example/1.jpg", "x"]) == []


def test_a_place_that_is_none_is_told() -> None:
    def problems(**said: str) -> list[str]:
        return offer(make="Kia", **said).problems

    assert problems(zip="60601") == problems(lat="41.9", lng="-87.6") == problems(lat="41.9") == []
    assert problems(zip="00000") == ["zip/unknown"]
    assert problems(zip="Chicago") == ["zip/form"]
    assert problems(lat="141.9", lng="-87.6") == ["place/out_of_range"]
    assert problems(zip="00000", lat="41.9", lng="-87.6") == []


def test_a_new_car_is_not_certified() -> None:
    assert offer(make="Kia", stock_type="New", cpo="true").condition == "New"
    assert offer(make="Kia", stock_type="Used", cpo="false").condition == "Used"
    assert offer(make="Kia", cpo="Yes").condition == "Certified"


def test_a_condition_that_is_not_understood_is_told() -> None:
    row = offer(make="Kia", stock_type="zorbed")
    assert (row.condition, row.problems) == (None, ["condition/unknown"])
    assert row.unknown == [("condition", "zorbed")]


def test_no_text_is_longer_than_the_catalog_wants_it() -> None:
    names = ("title", "make", "model", "trim", "exterior_color", "interior_color")
    names += ("engine", "stock_number", "description")
    row = offer(**dict.fromkeys(names, "Long " * 10_000))
    assert [len(getattr(row, name) or "") for name in names] == [
        *(299, 99, 99, 99, 99, 99),
        *(199, 99, 19_999),
    ]


def test_an_offer_has_a_place_of_its_own_only_where_its_dealer_has_none() -> None:
    def placed(dealer: dict[str, str] | None, **values: str) -> tuple[object, ...]:
        row = normalise(
            Draft(source="lot", external_id="7", values={"make": "Kia"} | values, dealer=dealer)
        )
        return row.zip, row.lat, row.lng

    loop, dealer = ("60601", 41.8858, -87.6181), {"name": "Smith", "zip": "60601"}
    assert placed(None, zip="60601") == loop
    assert placed(dealer, zip="60601") == (None, None, None)
    assert placed({"name": "Smith"}, zip="60601") == loop
    assert placed(dealer, lat="30.1", lng="-90.1") == (None, 30.1, -90.1)
    assert placed(dealer, zip="10001")[0] == "10001"
    assert placed(None, zip="60601", lat="30.1", lng="-90.1") == ("60601", 30.1, -90.1)
    assert placed({"name": "Smith", "zip": "00000"}, zip="00000") == ("00000", None, None)


def test_a_dealer_without_an_id_is_known_by_its_name_and_place() -> None:
    def dealer(**said: str) -> str:
        row = normalise(
            Draft(source="lot", external_id="7", values={"make": "Kia"}, dealer=said)
        ).dealer
        assert row is not None
        return row.external_id

    assert dealer(name="Smith", zip="60601") == dealer(name="SMITH", zip="60601-0001")
    assert dealer(name="Smith", zip="60601") != dealer(name="Smith", zip="10001")
    assert dealer(name="Smith", street="1 Oak") != dealer(name="Smith", street="2 Oak")
    assert dealer(name="Smith", city="Boston") != dealer(name="Smith", city="Austin")
    assert dealer(name="Smith", external_id="d1") == "d1"


def test_a_dealer_is_called_by_its_id_where_it_has_no_name_and_stands_where_it_says() -> None:
    said = {"external_id": "d1", "zip": "60601", "lat": "41.9", "lng": "-87.7"}
    dealer = normalise(
        Draft(source="lot", external_id="7", values={"make": "Kia"}, dealer=said)
    ).dealer
    assert dealer is not None
    assert (dealer.name, dealer.zip, dealer.lat, dealer.lng) == ("d1", "60601", 41.9, -87.7)


def test_a_seller_that_nothing_names_is_no_dealer() -> None:
    for said in ({"zip": "60601"}, {"name": "N/A", "city": "Chicago"}):
        row = normalise(Draft(source="lot", external_id="7", values={"make": "Kia"}, dealer=said))
        assert row.dealer is None


texts = st.lists(st.characters() | st.sampled_from(["\x00", "\ud800"]), max_size=60).map("".join)


@given(
    st.dictionaries(st.sampled_from(sorted(VALUES - {"vin"})), texts),
    st.dictionaries(st.sampled_from(sorted(DEALER)), texts),
    st.lists(texts, max_size=3),
)
def test_whatever_a_page_says_gives_a_row_that_postgres_takes_or_a_refusal(
    values: dict[str, str], dealer: dict[str, str], many: list[str]
) -> None:
    draft = Draft(
        source="lot",
        external_id="7",
        values=values | {"make": "Kia"},
        features=many,
        photos=many,
        dealer=dealer,
    )
    row = normalise(draft)
    assert normalise(draft) == row
    told = "".join(strings(asdict(row)))
    assert "\x00" not in told
    told.encode()  # no half of a surrogate pair
    assert (row.lat is None) == (row.lng is None)


def strings(value: object) -> Iterator[str]:
    """The texts in a value, however deep."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        yield from strings(list(value.values()))
    elif isinstance(value, list | tuple):
        for each in value:
            yield from strings(each)
