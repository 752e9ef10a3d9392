"""Title and text as one string."""

from __future__ import annotations

import pytest

from framescope.text.article import full_text


@pytest.mark.parametrize(
    ("title", "text", "expected"),
    [
        ("Маневри", "Войските тръгнаха.", "Маневри\nВойските тръгнаха."),
        ("Маневри", "Маневри\nВойските тръгнаха.", "Маневри\nВойските тръгнаха."),
        ("", "Войските тръгнаха.", "Войските тръгнаха."),
        (None, "", ""),
    ],
)
def test_a_title_precedes_a_text_that_lacks_it(title: str | None, text: str, expected: str) -> None:
    assert full_text(title, text) == expected
