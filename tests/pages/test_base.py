"""What every page promises: escaped, complete, without scripts and addresses."""

from __future__ import annotations

import re
from html import unescape
from html.parser import HTMLParser

import pytest
from jinja2 import UndefinedError

from framescope.pages.base import environment, percent

TEMPLATE = """
{% extends "base.html.j2" %}
{% block title %}{{ title }}{% endblock %}
{% block content %}<p id="text" title="{{ title }}">{{ text }}</p>{% endblock %}
"""
HOSTILE = "\"'><script>throw 1</script><img src=http://example.org/x.png onerror=alert(1)>&amp;{{ 7 * 7 }}"


@pytest.fixture
def hostile_page() -> str:
    """A page whose title and text try to be markup."""
    return environment("en").from_string(TEMPLATE).render(title=HOSTILE, text=HOSTILE)


class Tags(HTMLParser):
    """The tags of a page and its attributes."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.found: list[tuple[str, dict[str, str | None]]] = []
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, dict(attrs)))


def test_values_are_text_in_elements_and_in_attributes(hostile_page: str) -> None:
    tags = Tags(hostile_page).found
    assert {tag for tag, _ in tags} & {"script", "img"} == set()
    assert [attrs["title"] for tag, attrs in tags if tag == "p"] == [HOSTILE]
    shown = re.search(r'<p id="text"[^>]*>(.*?)</p>', hostile_page, re.DOTALL)
    assert shown is not None
    assert unescape(shown[1]) == HOSTILE


def test_a_page_forbids_scripts_and_the_network(hostile_page: str) -> None:
    policies = [attrs["content"] for tag, attrs in Tags(hostile_page).found if "http-equiv" in attrs]
    assert len(policies) == 1
    assert "default-src 'none'" in str(policies[0])
    assert "script-src" not in str(policies[0])
    addresses = [a.get("href") or a.get("src") for _, a in Tags(hostile_page).found if {"href", "src"} & {*a}]
    assert all(str(address).startswith(("data:", "#")) for address in addresses)


def test_a_value_that_is_missing_is_an_error() -> None:
    with pytest.raises(UndefinedError, match="'text' is undefined"):
        environment("en").from_string(TEMPLATE).render(title="")


@pytest.mark.parametrize(
    ("probability", "shown"),
    [
        (0.0, "< 0.1 %"),
        (0.001, "0.1 %"),
        (0.0994, "9.9 %"),
        (0.0996, "10 %"),
        (0.5, "50 %"),
        (0.996, "99.6 %"),
        (1.0, "> 99.9 %"),
    ],
)
def test_a_percentage_is_never_certain(probability: float, shown: str) -> None:
    assert percent(probability) == shown.replace(" ", "\xa0")
