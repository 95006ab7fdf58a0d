"""`showroom status` says what is not as it should be, and which command helps."""

from datetime import UTC, datetime, timedelta

import pytest

from jobs.sync_reports import Verified
from jobs.unmade import Unmade
from stack import sync_health
from stack.board import board
from stack.overview import Overview, Stock
from stack.sync_health import Health
from tests.stack.test_overview import text_of

AT = datetime(2026, 2, 3, 4, 5, tzinfo=UTC)
REFUSED = Unmade(7, AT, 1, True, None, False, ("", ""))


def test_all_is_well():
    assert sync_health.sentences("cars", Health(0, Verified(AT, 9, 0, repaired=False))) == []
    assert sync_health.sentences("cars", Health(0, Verified(AT, 9, 2, repaired=True))) == []


def test_each_trouble_has_its_command():
    health = Health(1, Verified(AT, 9, 2, repaired=False), ["synonyms", "stopWords"], REFUSED)
    assert sync_health.sentences("cars", health) == [
        "the table looks emptied, so no new index is made since 02-03 04:05 UTC and the live one"
        " stays: put the rows back, or if it is meant `showroom reindex cars --allow-fewer`",
        "1 document refused by the search server: `showroom dead-letters list cars`",
        "settings differ from the file (synonyms, stopWords): `showroom settings diff cars`",
        "2 documents differed at 02-03 04:05 UTC: `showroom verify cars --repair`",
    ]
    seen = Overview(running=True, pid=1, address="", stock=[Stock("cars", health=health)])
    assert "cars: 1 document refused" in text_of(seen, 100)
    told = seen.as_json()["stock"][0]["health"]
    assert told["verified"]["at"] == told["unmade"]["since"] == AT.isoformat()


@pytest.mark.parametrize(("times", "said"), [(1, "failed"), (3, "failed 3 times")])
def test_an_index_that_failed_is_told_with_the_next_attempt(times, said):
    again_at = AT + timedelta(minutes=20)
    health = Health(0, unmade=Unmade(7, AT, times, False, again_at, True, ("", "")))
    assert sync_health.sentences("cars", health) == [
        f"a new index is wanted and {said}, at last at 02-03 04:05 UTC: tries again at"
        " 02-03 04:25 UTC; `showroom generations cars` says why, `showroom reindex cars` tries now"
    ]
    assert health.as_json()["unmade"] == {
        "generation": 7,
        "since": AT.isoformat(),
        "times": times,
        "refused": False,
        "again_at": again_at.isoformat(),
    }


def test_a_board_without_trouble_says_nothing_of_it():
    seen = Overview(running=True, pid=1, address="", stock=[Stock("cars")])
    assert "cars:" not in text_of(seen)
    assert board(seen)
