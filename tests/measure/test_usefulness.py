"""Which labels are called good enough to use."""

from __future__ import annotations

from typing import Any

from framescope.measure.usefulness import Usefulness, usefulness


def row(label: str, support: int, precision: float | None, recall: float | None) -> dict[str, Any]:
    return {"label": label, "support": support, "precision": precision, "recall": recall}


ROWS = [
    row("good", 20, 0.75, 0.5),
    row("rare", 19, 1.0, 1.0),
    row("seldom found", 40, 0.9, 0.49),
    row("often wrong", 40, 0.49, 0.9),
    row("никога", 40, None, 0.0),
]


def test_a_label_is_good_by_precision_recall_and_support() -> None:
    assert usefulness({"per_label": ROWS}) == Usefulness(
        good=("good",), fair=("rare", "seldom found"), poor=("often wrong", "никога")
    )


def test_sorts_without_labels_are_not_told_of() -> None:
    lines = usefulness({"per_label": ROWS[3:]}).lines()
    assert lines == ["Not good enough to use, for want of examples or of clear words: often wrong, никога."]
