"""The numbers of several workers, whose files outlive them."""

import os
import shutil
import time

import pytest

from service.metrics.declared import BUCKETS
from service.metrics.ledger import FRESH_SECONDS, Ledger, emptied

LIMITED = ("showroom_rate_limited_total",)
WAITING = ("showroom_search_queue_waiting",)
TOOK = ("showroom_http_request_duration_seconds", "/docs")


@pytest.fixture
def folder(tmp_path):
    return emptied(tmp_path / "home", 8000)


def test_whoever_is_asked_tells_the_sum_of_all(folder):
    one, other = Ledger(folder, 0), Ledger(folder, 1)
    one.publish({LIMITED: [3], TOOK: [0.5, 1, *[0] * (len(BUCKETS) - 1)]})
    other.publish({LIMITED: [4], WAITING: [2], TOOK: [0.25, 0, 2, *[0] * (len(BUCKETS) - 2)]})
    for ledger in (one, other):
        assert ledger.total() == {
            LIMITED: [7],
            WAITING: [2],
            TOOK: [0.75, 1, 2, *[0] * (len(BUCKETS) - 2)],
        }
    one.publish({LIMITED: [5]})
    assert other.total()[LIMITED] == [9]


def test_who_takes_a_killed_workers_place_goes_on_with_what_it_counted(folder):
    Ledger(folder, 0).publish({LIMITED: [3], WAITING: [2]})
    again = Ledger(folder, 0)
    assert again.total()[LIMITED] == [3]
    again.publish({LIMITED: [1], WAITING: [0]})
    assert again.total() == {LIMITED: [4], WAITING: [0]}
    again.publish({LIMITED: [2], WAITING: [0]})
    assert Ledger(folder, 1).total()[LIMITED] == [5]


def test_what_was_true_of_a_moment_goes_with_a_worker_that_does_not_come_back(folder):
    Ledger(folder, 0).publish({LIMITED: [3], WAITING: [2]})
    before = time.time() - FRESH_SECONDS
    os.utime(folder / "0.json", (before, before))
    assert Ledger(folder, 1).total() == {LIMITED: [3]}


def test_a_service_that_starts_counts_from_nothing(folder, tmp_path):
    Ledger(folder, 0).publish({LIMITED: [3]})
    other = emptied(tmp_path / "home", 8001)
    assert Ledger(folder, 1).total() == {LIMITED: [3]}
    assert emptied(tmp_path / "home", 8000) == folder
    assert Ledger(folder, 0).total() == Ledger(other, 0).total() == {}
    assert folder.stat().st_mode & 0o077 == 0


def test_who_cannot_write_tells_at_least_its_own(folder):
    one, other = Ledger(folder, 0), Ledger(folder, 1)
    one.publish({LIMITED: [3]})
    other.publish({LIMITED: [4]})
    shutil.rmtree(folder)
    with pytest.raises(OSError, match=r"0\.new"):
        one.publish({LIMITED: [5]})
    assert one.total() == {LIMITED: [5]}


def test_alone_it_needs_no_file():
    ledger = Ledger()
    ledger.publish({LIMITED: [3]})
    assert ledger.total() == {LIMITED: [3]}
    ledger.publish({LIMITED: [4]})
    assert ledger.total() == {LIMITED: [4]}
