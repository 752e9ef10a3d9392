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


@pytest.mark.parametrize("interface", OTHERS)
def test_a_catalogue_is_complete(interface: str) -> None:
    """It may repeat what the pages' own catalogue has, and has nothing that no page says."""
    templates = tuple(sorted(path.name for path in (files(PACKAGE) / "templates").iterdir()))
    said, translated = messages(PACKAGE, templates), [message for message, _ in catalogue(interface)]
    assert len(said) > 100
    assert [message for message in said if message not in {*translated, *messages()}] == []
    assert [message for message in translated if message not in said] == []
    assert [message for message, translation in catalogue(interface) if not translation.strip()] == []


@pytest.mark.parametrize("interface", OTHERS)
def test_translations_have_what_is_filled_in(interface: str) -> None:
    for message, translation in catalogue(interface):
        assert sorted(PLACEHOLDER.findall(translation)) == sorted(PLACEHOLDER.findall(message))
        bare = NAMES.sub("", PLACEHOLDER.sub("", translation))
        assert "%" not in bare
        assert not re.search("[A-Za-z]{4}", bare), translation
