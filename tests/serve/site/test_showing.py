"""The language of a page."""

from __future__ import annotations

import pytest
from person import Person

FIRST = {
    "en": "Find framing in news",
    "bg": "Открийте рамкирането в новините",
    "ru": "Найдите фрейминг в новостях",
}


@pytest.mark.parametrize("code", FIRST)
def test_a_language_is_chosen_and_kept(person: Person, code: str) -> None:
    assert f"<h1>{FIRST[code]}</h1>" in person.get("/", interface=code).text
    page = person.get("/").text
    assert f"<h1>{FIRST[code]}</h1>" in page
    assert f'<html lang="{code}">' in page


@pytest.mark.parametrize(
    ("accepted", "code"), [("ru-RU,ru;q=0.9,en;q=0.8", "ru"), ("de, BG;q=0.5", "bg"), ("de", "en"), ("", "en")]
)
def test_a_browser_says_which_language_it_wants(person: Person, accepted: str, code: str) -> None:
    person.headers["Accept-Language"] = accepted
    assert f"<h1>{FIRST[code]}</h1>" in person.get("/").text
    assert f"<h1>{FIRST[code]}</h1>" in person.get("/", interface="xx").text


def test_a_page_in_another_language_is_the_same_page(person: Person) -> None:
    page = person.get("/article", ref=f"{person.done().id}/a1", model="tiny").text
    assert "&amp;model=tiny&amp;interface=ru" in page
