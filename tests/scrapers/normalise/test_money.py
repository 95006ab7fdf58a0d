"""What is asked for a car, as sellers write it."""

import string

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from scrapers.normalise.money import MOST_DOLLARS, Money, money

prices = st.integers(1, MOST_DOLLARS - 1)
SCALES = ("k", "thousand", "m", "mil", "million")


@pytest.mark.parametrize(
    ("text", "price"),
    [
        ("$28.5k", 28_500),
        ("28,5k", 28_500),
        ("10499 USD", 10_499),
        ("US$ 12 500", 12_500),
        ("12345.0", 12_345),
        ("18500.000", 18_500),
        ("28.500,00", 28_500),
        ("$12,345.67", 12_346),
        ("1.2M", 1_200_000),
        ("1.2 mil", 1_200_000),
        ("1.2 million", 1_200_000),
        ("$28 thousand", 28_000),
        ("Was $30,000 Now $28,500", 28_500),
        ("Now $28,500, was $30,000", 28_500),
        ("$28,500 $30,000", 28_500),
        ("$25k - $30k", 25_000),
        ("$25,000 ($500 below market)", 25_000),
        ("Save $2,000! $25,000", 25_000),
        ("$15,990 est. $250/mo", 15_990),
        ("$18,500 or $300 per month", 18_500),
        ("List $20,000, our price $18,000 after $1,500 rebate", 18_000),
        ("2019 Honda $9,999", 9_999),
        ("Price $22,900.00*", 22_900),
        ("$2,000 off $22,900", 22_900),
        ("$499 fee, $22,900", 22_900),
        ("22'900", 22_900),
        ("18000USD", 18_000),
        ("$20,000USD", 20_000),
        ("$19,995now", 19_995),
        ("Was$21,000Now$19,995", 19_995),
        ("$22,900$21,900", 21_900),
        ("$21,900Call us", 21_900),
        ("$22,900 or $300mo", 22_900),
        ("$22,900 $300/m", 22_900),
        ("4x4 pickup 5000", 5_000),
        ("$20,000 150 miles", 20_000),
        ("$20,000 200hp", 20_000),
        ("20,000 | has 30,000 miles", 20_000),
        ("20,000 | has 200hp", 20_000),
        ("Trade-in OK! $8,500", 8_500),
    ],
)
def test_the_price_that_is_asked(text: str, price: int) -> None:
    assert money(text) == Money(price=price)


@pytest.mark.parametrize(
    "text",
    [
        "",
        " ",
        None,
        "0",
        "$0.00",
        "Call",
        "CALL FOR PRICE",
        "Not Priced",
        "nan",
        "Contact dealer for price",
        "N/A",
    ],
)
def test_no_price_is_no_problem(text: str | None) -> None:
    assert money(text) == Money()


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("From $299/mo", "price/per_month"),
        ("$1,299 per month", "price/per_month"),
        ("Starting at $199 a month for 36 months", "price/per_month"),
        ("18000 EUR", "price/currency"),
        ("18000 Euro", "price/currency"),
        ("CHF 18000", "price/currency"),
        ("Rs. 450000", "price/currency"),
        ("A$20,000", "price/currency"),
        ("AU$20,000", "price/currency"),
        ("CA$20,000", "price/currency"),
        ("€ 18.500", "price/currency"),
        ("C$20,000", "price/currency"),
        ("-500", "price/out_of_range"),
        ("10000000", "price/out_of_range"),
        ("$299 down", "price/unreadable"),
        ("$920 under", "price/unreadable"),
        ("$500 off", "price/unreadable"),
        ("cheap", "price/unreadable"),
        ("$28know", "price/unreadable"),
        ("20,000mi", "price/unreadable"),
        ("320HP", "price/unreadable"),
    ],
)
def test_what_is_not_the_price(text: str, problem: str) -> None:
    assert money(text) == Money(problem=problem)


WORTH = "book value, KBB value, market value, appraised value, estimated value, KBB, NADA, invoice"
WORTH += ", invoice price, market price, average price, avg. price, trade-in value, trade in"
BEFORE = "was, were, before, reg, regular price, original, originally, old price, list, listed"
BEFORE += (
    ", compare, retail price, down from, reduced from, dropped from, cut from, discounted from"
)
LESS = "save, saves, savings, off, discount, rebate, bonus, cash, below, under, down, deposit, fee"
LESS += ", fees, payment, payments, finance, lease, reduction, dropped, price drop, price cut"
LESS += ", price reduced, price reduction, price drop of, price reduced by, price cut -, price cut:"
NOW = "now, sale, internet, special, final, asking, today, price, only, your price, reduced to"
NOW += ", reduced!"
MSRP = "MSRP, M.S.R.P., sticker, suggested, suggested retail, retail"


@pytest.mark.parametrize("word", f"{WORTH}, {BEFORE}, {LESS}".split(", "))
def test_what_another_word_names_is_not_the_price(word: str) -> None:
    assert money(f"{word} $4,000 | $20,000") == Money(price=20_000)


@pytest.mark.parametrize("word", NOW.split(", "))
def test_what_is_called_the_price_wins_over_what_is_not(word: str) -> None:
    assert money(f"$4,000 | {word} $20,000") == Money(price=20_000)


@pytest.mark.parametrize("word", MSRP.split(", "))
def test_the_makers_suggestion_has_many_names(word: str) -> None:
    assert money(f"{word} $25,000 | $20,000") == Money(price=20_000, msrp=25_000)


def test_the_makers_suggestion_is_not_what_is_asked() -> None:
    assert money("MSRP $35,120") == Money(msrp=35_120, problem="price/msrp_only")
    assert money("$31,990 MSRP: $35,120") == Money(price=31_990, msrp=35_120)
    assert money("$31,990MSRP$35,120") == Money(price=31_990, msrp=35_120)
    assert money("MSRP: $35,120 Sale Price: $31,990") == Money(price=31_990, msrp=35_120)


@given(
    prices,
    st.sampled_from(
        [
            "{}",
            "${}",
            "{:,}",
            "${:,}",
            "{:,} USD",
            "Price: ${:,}",
            "{}.00",
            "${:,}.00 ",
            "Now ${:,}",
        ]
    ),
)
def test_a_price_is_read_back_however_it_is_written(price: int, form: str) -> None:
    assert money(form.format(price)).price == price


@given(prices, prices)
def test_now_wins_over_was(now: int, was: int) -> None:
    assert money(f"Was ${was:,} Now ${now:,}").price == now


@given(prices, prices)
def test_of_two_prices_the_lower_one_counts(one: int, other: int) -> None:
    assert money(f"${one:,} / ${other:,}").price == min(one, other)


PERIODS = ["/mo", "/mos", "/mth", " / month", " per month", " a month", " each month", " monthly"]
PERIODS += [
    "/m",
    " p/m",
    "mo",
    "/week",
    " per wk",
    " every week",
    " weekly",
    " bi-weekly",
    " bi weekly",
    " a day",
    " daily",
    "pm",
    " pcm",
    "permonth",
    " mos",
    " mth",
    " day",
    "amonth",
]


@given(prices, st.sampled_from(PERIODS))
def test_a_payment_is_never_a_price(payment: int, period: str) -> None:
    assert money(f"${payment:,}{period}").price is None


@given(prices, st.text(string.ascii_letters, min_size=1, max_size=8))
def test_a_word_that_sticks_to_a_price_cuts_none_of_it(price: int, word: str) -> None:
    assume(word.lower() not in SCALES)
    assert money(f"${price:,}{word}").price in (price, None)


@given(st.text(max_size=60))
def test_a_price_is_within_bounds_or_none(text: str) -> None:
    price, msrp, problem = money(text)
    assert price is None or (0 < price < MOST_DOLLARS and problem is None)
    assert msrp is None or 0 < msrp < MOST_DOLLARS


@pytest.mark.parametrize(
    "form",
    [
        "{price} Savings {less}",
        "{less} Savings {price}",
        "Savings: {less} {price}",
        "Price {price} Savings {less}",
        "Price {price} | Down payment {less}",
        "{price} (save {less})",
        "Reduced by {less} {price}",
        "{less} price drop {price}",
        "{price} price drop {less}",
        "{less} off {price}",
        "{price} Discount: -{less}",
        "{less} down {price}",
        "{price} deposit {less}",
        "{price} Trade-in value {less}",
        "{price} or {less} for 72 months",
        "{price} for 72 months at {less}",
        "{less} for 36 months, {price}",
    ],
)
@settings(max_examples=25)
@given(price=st.integers(6_000, 200_000), less=st.integers(100, 4_999))
def test_what_is_saved_or_paid_in_part_is_never_the_price(form: str, price: int, less: int) -> None:
    assert money(form.format(price=f"${price:,}", less=f"${less:,}")) == Money(price=price)


@pytest.mark.parametrize(
    "form",
    [
        "Was {more} Now {price}",
        "{price} was {more}",
        "{more} now {price}",
        "{price} down from {more}",
        "Reduced from {more} to {price}",
        "Was {more}, reduced to {price}",
        "Old price {more} New price {price}",
        "{more} Savings {less} {price}",
        "KBB value {more} Our price {price}",
        "Was {more} Save {less} Now {price}",
    ],
)
@settings(max_examples=25)
@given(price=st.integers(6_000, 200_000), less=st.integers(100, 4_999))
def test_the_price_before_is_not_the_price_now(form: str, price: int, less: int) -> None:
    amounts = {"price": price, "less": less, "more": price + less}
    text = form.format(**{name: f"${value:,}" for name, value in amounts.items()})
    assert money(text) == Money(price=price)


@pytest.mark.parametrize(
    "form",
    [
        "MSRP {msrp} | Our price {price}",
        "{price} MSRP {msrp}",
        "{price} MSRP: {msrp}",
        "{msrp} MSRP {price}",
        "MSRP {msrp} Discount {less} Price {price}",
        "MSRP {msrp} - {less} = {price}",
        "MSRP: {msrp} Dealer Discount: -{less} Internet Price: {price}",
        "Our price {price} Savings {less} MSRP {msrp}",
    ],
)
@settings(max_examples=25)
@given(price=st.integers(6_000, 200_000), less=st.integers(100, 4_999))
def test_the_price_and_what_the_maker_suggests(form: str, price: int, less: int) -> None:
    amounts = {"price": price, "less": less, "msrp": price + less}
    text = form.format(**{name: f"${value:,}" for name, value in amounts.items()})
    assert money(text) == Money(price=price, msrp=price + less)


CONDITIONS = [
    "Conditional price",
    "Conditional final price",
    "Finance price",
    "Price with trade-in",
    "With trade in",
    "With your trade",
    "Price after rebate",
    "After all rebates",
    "Price with financing",
]


@pytest.mark.parametrize("condition", CONDITIONS)
@pytest.mark.parametrize(
    "form",
    [
        "{condition} {less} Price {price}",
        "Price {price} {condition} {less}",
        "{condition}: {less} | Internet price: {price}",
        "Cash price {price} {condition}: {less}",
        "{price} {condition} {less}",
        "Was {more} Our price {price} {condition} {less}",
    ],
)
def test_what_only_some_get_is_not_the_price(form: str, condition: str) -> None:
    text = form.format(condition=condition, price="$20,000", less="$19,000", more="$21,000")
    assert money(text) == Money(price=20_000)


@pytest.mark.parametrize("condition", CONDITIONS)
def test_what_only_some_get_is_better_than_nothing(condition: str) -> None:
    assert money(f"{condition} $19,000") == Money(price=19_000)
    assert money(f"Was $21,000 {condition} $19,000") == Money(price=19_000)
    assert money(f"MSRP $25,000 {condition} $19,000") == Money(price=19_000, msrp=25_000)


@pytest.mark.parametrize(
    "text",
    [
        "$20,000 + $500 shipping",
        "$20,000 plus $999 dealer fee",
        "$20,000 (includes $1,000 trade assist)",
        "$20,000 incl. $500 bonus",
        "$20,000 excluding $450 delivery",
        "$20,000 Trade-in $5,000",
        "Trade-in: $5,000 $20,000",
        "$20,000 -$500",
        "$20,000 Miles 30,000",
    ],
)
def test_what_comes_on_top_or_is_taken_off_is_not_the_price(text: str) -> None:
    assert money(text) == Money(price=20_000)


@pytest.mark.parametrize(
    "unit", ["%", "% APR", "APR", "mi", "miles", "km", "kms", "kilometers", "mpg"]
)
def test_a_rate_or_a_distance_is_no_price(unit: str) -> None:
    assert money(f"30,000 | 12,000 {unit}") == Money(price=30_000)


@pytest.mark.parametrize(
    ("text", "read"),
    [
        ("$20,000 MSRP", Money(msrp=20_000, problem="price/msrp_only")),
        ("Book value $24,000", Money(problem="price/unreadable")),
        ("Price reduced $500", Money(problem="price/unreadable")),
        ("$299 x 60 months", Money(problem="price/per_month")),
        ("Call 555-123-4567", Money()),
        ("Average market price $19,000 | Our price $20,000", Money(price=20_000)),
        ("Invoice price $19,000, dealer price $20,000", Money(price=20_000)),
        ("20,000 at 2.9% APR", Money(price=20_000)),
        ("2019 Honda 9,999", Money(price=9_999)),
    ],
)
def test_another_number_is_no_price(text: str, read: Money) -> None:
    assert money(text) == read
