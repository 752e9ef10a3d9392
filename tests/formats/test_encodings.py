"""Encodings: told by a mark, by the user, or by a message; never guessed in silence."""

from __future__ import annotations

import io

import pytest

from framescope.errors import InputError
from framescope.formats.encodings import decoded, is_encoding, likely, open_text


@pytest.mark.parametrize(
    ("text", "encoding", "expected"),
    [
        ("Съюзът на изток се разширява, казаха министрите.", "cp1251", "windows-1251"),
        ("1;Война;fear", "cp1251", "windows-1251"),
        ("Съюз,text,labels", "cp1251", "windows-1251"),
        ("Союз не расширяется, это слухи", "koi8_r", "koi8-r"),
        ("L’été à Genève, dit-il — déjà vu", "cp1252", "windows-1252"),
        ("Größe über alles", "cp1252", "windows-1252"),
        ("Zażółć gęślą jaźń", "cp1250", "windows-1250"),
        ("1,é", "cp1252", ""),
        ("plain", "ascii", ""),
    ],
)
def test_the_encoding_that_bytes_look_like(text: str, encoding: str, expected: str) -> None:
    assert likely(text.encode(encoding)) == expected


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "utf-32"])
def test_a_mark_of_byte_order_is_believed(encoding: str) -> None:
    content = "नया गुट".encode(encoding)
    assert decoded(content, "a.txt") == "नया गुट"
    assert open_text(io.BytesIO(content), "a.csv", "windows-1251").read() == "नया गुट"


def test_a_byte_of_no_character_is_named_with_line_and_remedy() -> None:
    content = "Първи ред\n".encode() + "Втори ред".encode("cp1251")
    with pytest.raises(InputError, match=r"^a\.txt:2: byte 0xc2 is not UTF-8, looks like windows-1251: --enc"):
        decoded(content, "a.txt")
    with pytest.raises(InputError, match=r"^a\.txt:1: is not windows-1251: character maps"):
        decoded(b"\x98", "a.txt", "windows-1251")


def test_a_guess_is_asked_for_and_told(caplog: pytest.LogCaptureFixture) -> None:
    assert decoded("Война и мир".encode("cp1251"), "a.txt", "auto") == "Война и мир"
    assert caplog.messages == ["a.txt: read as windows-1251"]
    assert decoded("Война и мир".encode(), "a.txt", "auto") == "Война и мир"
    with pytest.raises(InputError, match=r"^a\.txt: looks like no encoding that is known: name it with --enc"):
        decoded(b"\xff", "a.txt", "auto")


@pytest.mark.parametrize(
    ("name", "expected"),
    [("windows-1251", True), ("CP866", True), ("auto", True), ("rot13", False), ("ан\0", False), ("", False)],
)
def test_names_of_encodings(name: str, expected: bool) -> None:
    assert is_encoding(name) is expected
