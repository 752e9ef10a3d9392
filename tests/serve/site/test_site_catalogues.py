"""The words of the service's pages in other languages: all of them, and only them."""

from __future__ import annotations

import re
from importlib.resources import files

import pytest
from messages import messages

from framescope.pages.catalogues import Interface, read_po
from framescope.serve.site.showing import PACKAGE

OTHERS = [interface for interface in Interface if interface != Interface.EN]
PLACEHOLDER = re.compile(r"%\(\w+\)s|%%")
NAMES = re.compile("Excel|JSON lines|Parquet|Word|text|title|source|date")
"""What is called so in every language: formats, and columns of tables."""


def catalogue(interface: str) -> list[tuple[str, str]]:
    path = files(PACKAGE) / "locale" / f"{interface}.po"
    return list(read_po(path.read_text(encoding="utf-8")))


def own_messages() -> list[str]:
    templates = tuple(sorted(path.name for path in (files(PACKAGE) / "templates").iterdir()))
    known = set(messages())
    return [message for message in messages(PACKAGE, templates) if message not in known]


@pytest.mark.parametrize("interface", OTHERS)
def test_a_catalogue_is_complete(interface: str) -> None:
    assert len(own_messages()) > 80
    assert [message for message, _ in catalogue(interface)] == own_messages()
    assert [message for message, translation in catalogue(interface) if not translation.strip()] == []


@pytest.mark.parametrize("interface", OTHERS)
def test_translations_have_what_is_filled_in(interface: str) -> None:
    for message, translation in catalogue(interface):
        assert sorted(PLACEHOLDER.findall(translation)) == sorted(PLACEHOLDER.findall(message))
        bare = NAMES.sub("", PLACEHOLDER.sub("", translation))
        assert "%" not in bare
        assert not re.search("[A-Za-z]{4}", bare), translation
