"""Which answers a worker keeps."""

from service.caching.memory import OWN_BYTES, Kept, Memory

KEY, OTHER, THIRD = (("cars", name) for name in (b"one", b"other", b"third"))


def kept(made: float, size: int = 100) -> Kept:
    return Kept(b"x" * size, "tag", 1, made)


def test_an_answer_that_was_made_earlier_does_not_replace_a_newer_one():
    memory = Memory()
    for made in (1.0, 3.0, 2.0):
        memory.keep(KEY, kept(made))
    assert memory[KEY].made == 3.0


def test_the_least_recently_used_goes_when_there_is_no_room():
    memory = Memory(2 * (OWN_BYTES + 100))
    memory.keep(KEY, kept(1.0))
    memory.keep(OTHER, kept(1.0))
    assert memory[KEY]
    memory.keep(THIRD, kept(1.0))
    assert set(memory) == {KEY, THIRD}


def test_an_answer_that_is_larger_than_all_of_it_is_not_kept_and_pushes_nothing_out():
    memory = Memory(OWN_BYTES + 100)
    memory.keep(KEY, kept(1.0))
    memory.keep(OTHER, kept(1.0, size=101))
    assert set(memory) == {KEY}
