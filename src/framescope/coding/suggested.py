"""Suggestions as files: CSV for people, and lines of JSON and tasks of tools that come back as a corpus."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Any

from framescope.coding.choosing import Suggestion
from framescope.coding.exported import proposal_of, write_tasks
from framescope.coding.formats import Format, Tool
from framescope.coding.tasks import Task
from framescope.files import write_json_lines
from framescope.formats.cells import write_cells
from framescope.predictor import Predictor

HEADER = ("id", "article_id", "lang", "source", "why", "in_doubt", "predicted", "title", "text", "labels")
JOIN = "; "
N_DECIMALS = 3


def doubts_shown(suggestion: Suggestion) -> str:
    """Return the labels in doubt with their probabilities, for people."""
    return JOIN.join(f"{label} {probability:.2f}" for label, probability in suggestion.doubts.items())


def write_suggestions(
    path: Path, found: Sequence[Suggestion], predictor: Predictor, chosen: Format = Format.CSV
) -> None:
    """Write suggestions; ``labels`` are left for coders to fill in.

    Raises:
        FramescopeError: the file cannot be written.
    """
    WRITERS[chosen](path, found, predictor)


def _write_csv(path: Path, found: Sequence[Suggestion], predictor: Predictor) -> None:
    del predictor
    rows = [
        {**_fields(one), "in_doubt": doubts_shown(one), "predicted": JOIN.join(one.unit.labels), "labels": ""}
        for one in found
    ]
    write_cells(path, HEADER, ([row[name] for name in HEADER] for row in rows))


def _write_lines(path: Path, found: Sequence[Suggestion], predictor: Predictor) -> None:
    del predictor
    rows = (
        {
            **_fields(one),
            "labels": None,
            "predicted": list(one.unit.labels),
            "in_doubt": _rounded(one.doubts),
            "unlike_training": one.unit.unlike_training,
        }
        for one in found
    )
    write_json_lines(path, rows)


def _write_tasks(path: Path, found: Sequence[Suggestion], predictor: Predictor, *, tool: Tool) -> None:
    tasks = [
        Task({**_fields(one), "in_doubt": doubts_shown(one)}, [proposal_of(one.unit, predictor)])
        for one in found
    ]
    write_tasks(path, tasks, predictor.codebook, tool)


def _fields(one: Suggestion) -> dict[str, Any]:
    names = ("id", "article_id", "lang", "source", "title", "text")
    return {**{name: getattr(one.unit, name) for name in names}, "why": one.why}


def _rounded(doubts: Mapping[str, float]) -> dict[str, float]:
    return {label: round(probability, N_DECIMALS) for label, probability in doubts.items()}


WRITERS: dict[Format, Callable[[Path, Sequence[Suggestion], Predictor], None]] = {
    Format.CSV: _write_csv,
    Format.JSONL: _write_lines,
    **{Format(tool): partial(_write_tasks, tool=tool) for tool in Tool},
}
