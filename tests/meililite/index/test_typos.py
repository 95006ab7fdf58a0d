"""Near words are those that a plain comparison of every word finds."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from rapidfuzz.distance import OSA

from meililite.index import typos as module
from meililite.index.typos import TypoIndex, prefix_distance

letters = st.text("abé", min_size=1, max_size=9)
words = st.sets(letters, max_size=80).map(sorted)


def plain_near(words: list[str], query: str, typos: int) -> dict[str, int]:
    found = {}
    for word in words:
        distance = OSA.distance(query, word)
        if word[0] == query[0]:
            if 0 < distance <= typos:
                found[word] = distance
        elif typos == 2 and distance <= 1:
            found[word] = 2
    return found


def plain_prefixes(words: list[str], query: str, typos: int) -> dict[str, int]:
    found = {}
    for word in words:
        distance = min(OSA.distance(query, word[:n]) for n in range(1, len(word) + 1))
        if word[0] == query[0]:
            if 0 < distance <= typos:
                found[word] = distance
        elif typos == 2 and distance <= 1:
            found[word] = 2
    return found


@given(words=words, query=letters, typos=st.integers(1, 2))
def test_finds_the_words_within_the_typos(words: list[str], query: str, typos: int) -> None:
    assert TypoIndex(words).near(query, typos) == plain_near(words, query, typos)


@pytest.mark.parametrize("few", [0, 8])
@settings(deadline=None)
@given(words=words, query=st.text("abé", min_size=3, max_size=9), typos=st.integers(1, 2))
def test_finds_the_words_that_start_within_the_typos(
    few: int, words: list[str], query: str, typos: int
) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(module, "_FEW", few)
        found = TypoIndex(words).near_prefixes(query, typos)
    assert found == plain_prefixes(words, query, typos)


def test_long_queries_are_compared_too() -> None:
    index = TypoIndex(["internationalisations", "internationalizations"])
    found = index.near_prefixes("internationalisatoin", 2)
    assert found == {"internationalisations": 1, "internationalizations": 2}
    assert prefix_distance("abc", "abd", 1) == 1
