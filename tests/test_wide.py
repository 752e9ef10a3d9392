"""Predictions as rows of a table."""

from __future__ import annotations

import pytest

from framescope.formats.cells import harmless
from framescope.wide import WideTable

LABELS = ("bloc", "west")


@pytest.mark.parametrize(
    "text", ['=HYPERLINK("http://x")', "+1+cmd", "-1+1", "@SUM(A1)", "\t=1", "\r=1", "\n=1", "--", "-5 %"]
)
def test_what_might_be_a_formula_gets_an_apostrophe(text: str) -> None:
    assert harmless(text) == f"'{text}"


@pytest.mark.parametrize("text", ["", "-0.5", "+359", "-12", "Съюз = сила", "a@b", "नया - गुट", "'=1"])
def test_numbers_and_other_texts_stay(text: str) -> None:
    assert harmless(text) == text


def test_every_label_has_a_column() -> None:
    """The most probable ones alone leave the others empty; lists are joined, evidence is JSON."""
    table = WideTable(("id", "labels", "probabilities", "out_of_scope", "evidence"), LABELS)
    assert table.header == [
        *("id", "labels", "given", "to_review", "p_bloc", "p_west"),
        *("out_of_scope", "evidence"),
    ]
    row = {
        "id": "1",
        "labels": ["bloc", "west"],
        "probabilities": [{"label": "west", "probability": 0.12345678}],
        "out_of_scope": ["bloc"],
        "evidence": [{"label": "west", "start": 0}],
    }
    assert table.cells(row) == [
        *("1", "bloc; west", "bloc; west", "", None, 0.123457),
        *("bloc", '[{"label": "west", "start": 0}]'),
    ]


def test_given_and_to_review_are_those_of_the_row() -> None:
    table = WideTable(("id", "labels", "given", "to_review", "probabilities"), LABELS)
    row = {
        "id": "1",
        "labels": ["bloc", "west"],
        "given": ["bloc"],
        "to_review": ["west"],
        "probabilities": {"bloc": 1.0, "west": 0.5},
    }
    assert table.header == ["id", "labels", "given", "to_review", "p_bloc", "p_west"]
    assert table.cells(row) == ["1", "bloc; west", "bloc", "west", 1.0, 0.5]
