import pytest

from stack.market.templates import Template


def test_holes_are_filled_and_other_braces_stay():
    assert Template("{a} {{b}} {{ c }}").fill({"b": "1"}) == "{a} 1 {{ c }}"


def test_a_missing_value_is_an_error():
    with pytest.raises(KeyError, match="name"):
        Template("Hello {{name}}").fill({})


def test_some_holes_can_be_filled_before_others():
    half = Template("{{a}}-{{b}}").partly({"a": "1"})
    assert half.fill({"b": "2"}) == "1-2"
