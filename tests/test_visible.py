"""What people see has no control characters, and no name of a file keeps a program from its work."""

from __future__ import annotations

import json
import os
import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from framescope.errors import FramescopeError, InputError
from framescope.visible import name_of, visible

RAW = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ud800-\udfff]|\r(?!\n)")


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("a\x1b]0;title\x07b", r"a\u001b]0;title\u0007b"),
        ("\x9b2J", r"\u009b2J"),
        ("safe\rerror", r"safe\u000derror"),
        ("two\r\nlines\n\ttabs", "two\r\nlines\n\ttabs"),
        ("\u202egpj.exe", r"\u202egpj.exe"),
        ("\udccf\udcf0.txt", r"\udccf\udcf0.txt"),
        ("Съюз, संघ‍, 🙂", "Съюз, संघ‍, 🙂"),
    ],
)
def test_control_characters_are_spelled_out(text: str, shown: str) -> None:
    assert visible(text) == shown


@given(st.text())
def test_nothing_that_steers_a_terminal_is_left_and_json_says_the_same(text: str) -> None:
    assert not RAW.search(visible(text))
    assert json.loads(visible(json.dumps({text: text}, ensure_ascii=False))) == {text: text}


def test_messages_of_errors() -> None:
    assert str(FramescopeError("a\x1b[2J")) == r"a\u001b[2J"
    assert str(InputError.at("\udccf.txt", "no\x07 file")) == r"\udccf.txt: no\u0007 file"


def test_a_name_that_is_not_utf8(tmp_path: Path) -> None:
    path = os.fsdecode(os.fsencode(tmp_path) + b"/\xcf\xf0.txt")
    assert name_of(path) == f"{tmp_path}/\\xcf\\xf0.txt"
    assert name_of("Съюз.txt") == "Съюз.txt"
