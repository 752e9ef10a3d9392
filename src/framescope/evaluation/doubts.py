"""The units whose labels an annotator should look at again, with the passages to look at."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from framescope.evaluation.judged import Judged
from framescope.measure.suspects import Doubt, Suspect, find_suspects
from framescope.predictor import Predictor
from framescope.text.article import full_text

N_CHARACTERS = 240
N_AROUND = 60


@dataclass(frozen=True, slots=True)
class DoubtfulPassage:
    """Characters of a unit that speak for a label, with some before and after."""

    before: str
    text: str
    after: str


@dataclass(frozen=True, slots=True)
class DoubtView:
    """A label in doubt, with the passage that the annotator marked or that the model leans on, if any."""

    doubt: Doubt
    passage: DoubtfulPassage | None


@dataclass(frozen=True, slots=True)
class Doubtful:
    """A unit with labels in doubt."""

    id: str
    language: str
    source: str
    title: str
    opening: str
    given: Sequence[str]
    decided: Sequence[str]
    doubts: Sequence[DoubtView]


def doubtful_units(predictor: Predictor, judged: Judged, *, n_units: int) -> list[Doubtful]:
    """Return at most ``n_units`` units whose labels are in doubt, the most doubtful first."""
    return [
        _view(predictor, judged, suspect)
        for suspect in find_suspects(judged.outcomes, judged.codebook, n_suspects=n_units)
    ]


def _view(predictor: Predictor, judged: Judged, suspect: Suspect) -> Doubtful:
    unit = judged.corpus.row(suspect.row)
    return Doubtful(
        id=unit["id"],
        language=unit["lang"],
        source=unit["source"],
        title=unit["title"],
        opening=_cut(unit["text"]),
        given=judged.codebook.finest(judged.outcomes.truth[suspect.row]),
        decided=judged.codebook.finest(judged.outcomes.decided[suspect.row]),
        doubts=[DoubtView(doubt, _passage(predictor, unit, doubt.label)) for doubt in suspect.doubts],
    )


def _passage(predictor: Predictor, unit: Mapping[str, Any], label: str) -> DoubtfulPassage | None:
    """Return what the annotator marked for a label, or else what speaks most for it, if anything does."""
    marked = [(span["start"], span["end"]) for span in unit["spans"] if span["label"] == label]
    if marked:
        return _around(unit["text"], *marked[0])
    if label not in predictor.labels:
        return None
    text = full_text(unit["title"], unit["text"])
    found = predictor.find_spans(text, label)
    if not found:
        return None
    best = max(found, key=lambda span: span.weight)
    return _around(text, best.start, best.end)


def _around(text: str, start: int, end: int) -> DoubtfulPassage:
    """Return a passage with whole words before and after it."""
    before, after = text[:start], text[end:]
    if len(before) > N_AROUND:
        before = "… " + before[-N_AROUND:].partition(" ")[2]
    if len(after) > N_AROUND:
        after = after[:N_AROUND].rpartition(" ")[0] + " …"
    return DoubtfulPassage(before, text[start:end], after)


def _cut(text: str) -> str:
    """Return the beginning of a text, whole words."""
    return text if len(text) <= N_CHARACTERS else f"{text[:N_CHARACTERS].rsplit(maxsplit=1)[0]} …"
