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
        (" ", "Да", "Да"),
        ("Нов блок", "\n Нов  блок\u00a0е тук", "\n Нов  блок\u00a0е тук"),
        (" Нов\u2003блок ", "Нов\nблокове", "Нов\nблокове"),
        ("Нов блок", "Новблок", "Нов блок\nНовблок"),
        ("Новблок", "Нов блок", "Новблок\nНов блок"),
        ("Нов блок", "Нов", "Нов блок\nНов"),
    ],
)
def test_a_title_precedes_a_text_that_lacks_it(title: str | None, text: str, expected: str) -> None:
    assert full_text(title, text) == expected
