"""The numbers of several workers, whose files outlive them."""

import logging
import os
import shutil
import time
from contextlib import ExitStack

import pytest

from service.metrics.declared import BUCKETS
from service.metrics.ledger import FRESH_SECONDS, LEFT_SECONDS, Ledger, opened

LIMITED = ("showroom_rate_limited_total",)
WAITING = ("showroom_search_queue_waiting",)
TOOK = ("showroom_http_request_duration_seconds", "/docs")


@pytest.fixture
def folder(tmp_path):
    with opened(tmp_path / "home", 8000) as folder:
        yield folder


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


def test_services_that_share_a_home_and_a_port_do_not_touch_each_others_numbers(folder, tmp_path):
    Ledger(folder, 0).publish({LIMITED: [3]})
    with opened(tmp_path / "home", 8000) as other:
        assert Ledger(other, 0).total() == {}
        Ledger(other, 0).publish({LIMITED: [4]})
        assert Ledger(folder, 1).total() == {LIMITED: [3]}
        assert Ledger(other, 1).total() == {LIMITED: [4]}
    assert not other.exists()
    assert Ledger(folder, 1).total() == {LIMITED: [3]}


def test_only_the_user_can_read_the_numbers(folder, tmp_path):
    for private in (tmp_path / "home", folder.parent, folder):
        assert private.stat().st_mode & 0o077 == 0


def test_what_a_killed_service_left_is_removed_after_an_hour(folder, tmp_path):
    with ExitStack() as services:
        old, young = (services.enter_context(opened(tmp_path / "home", 8001)) for _ in range(2))
        Ledger(old, 0).publish({LIMITED: [3]})
        for left, seconds in ((old, LEFT_SECONDS + 60), (young, LEFT_SECONDS - 60)):
            before = time.time() - seconds
            os.utime(left, (before, before))
        with opened(tmp_path / "home", 8000) as mine:
            assert set(folder.parent.iterdir()) == {folder, young, mine}


def test_a_home_that_cannot_be_written_is_told_once_and_has_no_folder(tmp_path, caplog):
    (tmp_path / "file").touch()
    with caplog.at_level(logging.WARNING), opened(tmp_path / "file" / "home", 8000) as folder:
        assert folder is None
    (said,) = caplog.messages
    assert "numbers of one worker" in said
    assert "SHOWROOM_HOME" in said


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
