"""The words of the pages in other languages: all of them, and only them."""

from __future__ import annotations

import re
from importlib.resources import files

import pytest
from messages import messages

from framescope.messages import english
from framescope.pages.catalogues import Interface, read_po, say_in

OTHERS = [interface for interface in Interface if interface != Interface.EN]
PLACEHOLDER = re.compile(r"%\(\w+\)s|%%")


def catalogue(interface: str) -> list[tuple[str, str]]:
    path = files("framescope.pages") / "locale" / f"{interface}.po"
    return list(read_po(path.read_text(encoding="utf-8")))


@pytest.mark.parametrize("interface", OTHERS)
def test_a_catalogue_is_complete(interface: str) -> None:
    assert len(messages()) > 80
    assert [message for message, _ in catalogue(interface)] == messages()
    assert [message for message, translation in catalogue(interface) if not translation.strip()] == []


@pytest.mark.parametrize("interface", OTHERS)
def test_translations_have_what_is_filled_in(interface: str) -> None:
    """And the white space at which sentences are joined."""
    for message, translation in catalogue(interface):
        assert set(PLACEHOLDER.findall(translation)) == set(PLACEHOLDER.findall(message))
        assert "%" not in PLACEHOLDER.sub("", translation)
        assert translation[0].isspace() == message[0].isspace()
        assert translation[-1].isspace() == message[-1].isspace()
        assert not re.search("[A-Za-z]{4}", PLACEHOLDER.sub("", translation)), translation


def test_a_message_that_nobody_has_translated_is_english() -> None:
    assert say_in("bg")("never seen") == "never seen"
    assert say_in("en") is english
    assert say_in("ru")("nothing") == "ничего"
