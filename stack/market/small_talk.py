"""What fills real pages and says nothing of the car: reviews, questions, names of staff."""

from html import escape
from itertools import cycle, islice

STAFF = (
    "Dana Whitfield",
    "Marcus Bell",
    "Priya Raman",
    "Tom Okonkwo",
    "Elena Vargas",
    "Sam Lindgren",
    "Grace Holt",
    "Andre Dubois",
    "Kim Nakata",
    "Rosa Mendez",
)

_SAYINGS = (
    "I drive forty miles each way and it has been quiet, comfortable and easy on fuel.",
    "The seats are firm but hold up on long trips, and the kids like the space in the back.",
    "Service was quick every time, and the dealer explained what was due and what could wait.",
    "The screen takes a week to get used to; after that you hardly look at it.",
    "It starts in the cold, the heater is fast, and the tires grip well in slush.",
    "I compared four others in the same price range and this one felt the most solid.",
    "Parking is easier than I expected thanks to the camera and the small turning circle.",
    "The trunk swallows a stroller and a week of groceries without folding a seat.",
    "Visibility over the shoulder could be better, but the warnings make up for it.",
    "After two years and thirty thousand miles the only repair was a set of wipers.",
)
_ASKED = (
    ("Is the price final?", "Taxes, title, registration and the dealer's documentation fee come on"
     " top. Ask the dealer for an out-the-door price in writing."),
    ("Can I have the car inspected?", "Most dealers allow an inspection by a mechanic of your"
     " choice before you sign. Arrange it by phone."),
    ("How do I know the mileage is right?", "Compare the odometer with the service records and the"
     " title. Ask for a vehicle history report."),
    ("Does the dealer take my car in trade?", "Usually. Bring the title, both keys and the service"
     " book, and get a second offer elsewhere."),
    ("Can the car be delivered?", "Some dealers deliver for a fee. Confirm the date, the cost and"
     " what happens if you do not like the car."),
)  # fmt: skip


def _review(number: int) -> str:
    words = " ".join(islice(cycle(_SAYINGS), number % 7, number % 7 + 5))
    return (
        f'<article class="review"><h3>{escape(_SAYINGS[number % len(_SAYINGS)][:38])}&hellip;</h3>'
        f'<p class="stars">{"&#9733;" * (3 + number % 3)}</p><p>{escape(words)}</p>'
        f"<p>Verified owner, {2 + number % 9} months ago</p></article>"
    )


REVIEWS = "".join(_review(number) for number in range(12))
QUESTIONS = "".join(
    f"<details><summary>{escape(question)}</summary><p>{escape(answer)}</p></details>"
    for question, answer in _ASKED
)
