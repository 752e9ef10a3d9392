"""Doubtful labels as a list for a coder, who fills in verdicts: it comes back as corrections."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from framescope.evaluation.doubts import Doubtful, DoubtView
from framescope.files import write_json_lines
from framescope.formats.cells import write_cells
from framescope.formats.files import suffix_of
from framescope.measure.agreement import TO_FILL_IN

HEADER = ("id", "label", *TO_FILL_IN, "is_given", "probability", "seen", "lang", "title", "opening")
N_DECIMALS = 3


def write_doubts(path: Path, units: Sequence[Doubtful]) -> int:
    """Write a row for each label in doubt, and return how many: lines of JSON, or else CSV.

    ``seen`` is the passage that an annotator marked or that the model leans on, with some around it;
    ``passage`` is for the coder: words that speak for a label that was missed.

    Raises:
        FramescopeError: the file cannot be written.
    """
    rows = [row for unit in units for row in _rows(unit)]
    if suffix_of(path) == ".jsonl":
        write_json_lines(path, rows)
    else:
        write_cells(path, HEADER, ([str(row[name]) for name in HEADER] for row in rows))
    return len(rows)


def _rows(unit: Doubtful) -> Iterator[dict[str, Any]]:
    for view in unit.doubts:
        yield {
            "id": unit.id,
            "label": view.doubt.label,
            **dict.fromkeys(TO_FILL_IN, ""),
            "is_given": "yes" if view.doubt.is_given else "no",
            "probability": round(view.doubt.probability, N_DECIMALS),
            "seen": _seen(view),
            "lang": unit.language,
            "title": unit.title,
            "opening": unit.opening,
        }


def _seen(view: DoubtView) -> str:
    passage = view.passage
    return "" if passage is None else f"{passage.before}[{passage.text}]{passage.after}"
