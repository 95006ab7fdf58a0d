"""Suggestions below the search box, and what the page tells of clicks, in a real Chromium."""

import json

import httpx
import pytest

from tests.service.browser import CHROMIUM, Browser

pytestmark = [
    pytest.mark.prove,
    pytest.mark.skipif(CHROMIUM is None, reason="needs a chromium program on PATH"),
]

OPTIONS = "[...document.querySelectorAll('#suggestions [role=option]')]"
TEXTS = f"{OPTIONS}.map((one) => one.querySelector('.text').textContent)"
BOX = "document.getElementById('q')"
DOWN, UP, ENTER, ESCAPE = ("ArrowDown", 40), ("ArrowUp", 38), ("Enter", 13), ("Escape", 27)


def typed(page: Browser, text: str, first: str) -> None:
    """Type until this is suggested first: what is in stock is read behind the start."""
    page.run(f"{BOX}.focus()")
    page.call("Input.insertText", text=text)
    again = f"{BOX}.dispatchEvent(new Event('input', {{bubbles: true}}))"
    page.until(f"{TEXTS}[0] === {json.dumps(first)} || ({again}, false)", 60)


def test_a_make_is_chosen_with_the_keyboard(page: Browser, documents):
    typed(page, "benz", "Mercedes-Benz")
    assert page.run(f"{BOX}.getAttribute('aria-expanded')") == "true"
    assert page.run("document.querySelector('#suggestions mark').textContent") == "Benz"
    page.press(*DOWN)
    assert page.run(f"{BOX}.getAttribute('aria-activedescendant')") == "suggestion-0"
    page.press(*DOWN)
    page.press(*UP)
    assert page.run(f"{OPTIONS}.map((one) => one.ariaSelected)")[:2] == ["true", "false"]
    page.press(*ENTER)
    found = sum(one["make"] == "Mercedes-Benz" for one in documents)
    page.until(f"document.querySelector('#total').textContent === '{found} cars'")
    assert page.query() == {"make": ["Mercedes-Benz"]}
    assert page.run(f"{BOX}.value") == ""
    assert page.run("document.getElementById('suggestions').hidden") is True


def test_escape_closes_the_list_and_keeps_the_text(page: Browser):
    typed(page, "toy", "Toyota")
    page.press(*ESCAPE)
    assert page.run("document.getElementById('suggestions').hidden") is True
    assert page.run(f"{BOX}.getAttribute('aria-expanded')") == "false"
    assert page.run(f"{BOX}.value") == "toy"


def test_a_place_is_chosen_with_the_pointer(page: Browser):
    typed(page, "evanston", "Evanston, IL")
    page.run(f"{OPTIONS}[0].dispatchEvent(new PointerEvent('pointerdown', {{bubbles: true}}))")
    page.until("document.querySelector('#zip-note').textContent === 'Evanston, IL'")
    assert page.query()["radius"] == ["50"]


def test_what_the_form_has_no_control_for_is_searched_as_words(page: Browser, documents):
    typed(page, "camry", "Toyota Camry")
    page.press(*DOWN)
    page.press(*ENTER)
    found = sum(one["model"] == "Camry" for one in documents)
    page.until(f"document.querySelector('#total').textContent === '{found} cars'")
    assert page.query() == {"q": ["Toyota Camry"]}


def test_a_click_on_a_card_is_told_with_its_place_among_all(page: Browser, api: httpx.Client):
    page.run("document.getElementById('next').click()")
    page.until("document.querySelector('#position').textContent === 'Page 2 of 20'")
    page.run(
        "window.told = []; navigator.sendBeacon = (...sent) => window.told.push(sent);"
        " const link = document.createElement('a'); link.href = '#';"
        " document.querySelectorAll('.card h2')[2].append(link); link.click()"
    )
    [[address, body]] = page.run("told")
    key = page.run("document.querySelectorAll('.card')[2].dataset.key")
    assert json.loads(body)["events"] == [{"kind": "click", "key": key, "position": 23}]
    assert api.post(address, content=body).status_code == 202
