import pytest

from stack.market.clock import Clock, ClockError

MARKET = {"seed": 1, "cars": 10}


@pytest.fixture
def clock(tmp_path):
    return Clock(tmp_path / "state", MARKET)


def test_a_new_clock_stands_at_the_first_day_and_runs(clock):
    assert (clock.now.day, clock.now.paused) == (0.0, False)
    assert clock.now.rate > 0


def test_an_hour_is_worth_the_rate(clock):
    clock.set_rate(2.5)
    assert clock.tick(3600)
    assert clock.now.day == pytest.approx(2.5)


def test_a_paused_clock_stands_still_but_can_be_turned_by_hand(clock):
    clock.pause(True)
    assert not clock.tick(3600)
    clock.advance(2)
    assert clock.now.day == 2


def test_a_clock_of_rate_zero_stands_still(clock):
    clock.set_rate(0)
    assert not clock.tick(3600)
    assert clock.now.day == 0


def test_everything_is_known_after_a_restart(clock, tmp_path):
    clock.advance(1.25)
    clock.pause(True)
    clock.set_rate(9)
    clock.reprice(["a", "b"], 9000)
    clock.reprice(["a"], 8000)
    clock.sell(["b"])
    again = Clock(tmp_path / "state", MARKET).now
    assert (again.day, again.rate, again.paused) == (1.25, 9, True)
    assert again.prices == {"a": [[1.25, 9000], [1.25, 8000]], "b": [[1.25, 9000]]}
    assert again.sold == {"b": 1.25}


def test_what_is_not_on_disk_is_not_shown(clock, monkeypatch):
    def full(_file):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("os.fsync", full)
    with pytest.raises(OSError, match="No space"):
        clock.advance(1)
    assert clock.now.day == 0


def test_a_half_written_file_is_never_read(clock, tmp_path):
    clock.advance(3)
    (tmp_path / "state" / "clock.new").write_text('{"day": 7')
    assert Clock(tmp_path / "state", MARKET).now.day == 3


@pytest.mark.parametrize("text", ["", "{", '{"hour": 3}', "[1]"])
def test_a_damaged_file_is_a_sentence(tmp_path, text):
    (tmp_path / "clock.json").write_text(text)
    with pytest.raises(ClockError, match="is damaged"):
        Clock(tmp_path, MARKET)


def test_another_markets_clock_is_refused(clock, tmp_path):
    clock.advance(1)
    with pytest.raises(ClockError, match="belongs to a market of"):
        Clock(tmp_path / "state", {"seed": 2, "cars": 10})
