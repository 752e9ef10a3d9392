"""Composition is that of Unicode, and takes no longer for long runs of marks."""

from __future__ import annotations

import unicodedata
from time import process_time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from framescope.text import composed as module
from framescope.text.composed import composed

MARKS = "\u0301\u0323\u0308\u0344\u0f73\u0f71\u0f72\u3099\u05b0"


@given(st.text(f"аéệ {MARKS}", max_size=30), st.sampled_from(MARKS), st.integers(60, 90))
def test_long_runs_are_composed_as_python_does(text: str, mark: str, n_times: int) -> None:
    text = f"{text}а\u0302{(mark + MARKS) * n_times}{text}"
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(module, "MAX_UNSORTED", 0)
        assert composed(text) == unicodedata.normalize("NFC", text)
        assert composed(text, "NFKC") == unicodedata.normalize("NFKC", text)


@pytest.mark.parametrize("marks", ["\u0301\u0323", "\u0f73", "\u0344\u0323"])
def test_a_million_marks_take_seconds(marks: str) -> None:
    """Python alone takes the square: hours."""
    begin = process_time()
    composed("а" + marks * 300_000)
    assert process_time() - begin < 10
