"""What every peer is tuned with: annotated units, an inner split by groups, the cut of the best F1."""

from __future__ import annotations

import json
from collections.abc import Callable, Hashable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

import numpy as np
import numpy.typing as npt

BoolArray = npt.NDArray[np.bool_]
Scores = npt.NDArray[np.floating]
Setting = TypeVar("Setting", bound=Hashable)

SHARE_HELD_OUT = 0.2
NEVER = np.inf


@dataclass(frozen=True)
class Units:
    """Texts, their labels (n_units, n_labels) bool, and the groups that are held out together."""

    texts: list[str]
    truth: BoolArray
    groups: npt.NDArray[np.str_]

    def take(self, chosen: BoolArray) -> Units:
        """Return the units where ``chosen`` (n_units,) is true."""
        texts = [text for text, is_chosen in zip(self.texts, chosen, strict=True) if is_chosen]
        return Units(texts, self.truth[chosen], self.groups[chosen])

    def inner_split(self) -> tuple[Units, Units]:
        """Return four fifths to try settings on, and a fifth of the groups to judge them."""
        names = np.unique(self.groups)
        drawn = np.random.default_rng(0).permutation(len(names))[: max(1, round(SHARE_HELD_OUT * len(names)))]
        is_held_out = np.isin(self.groups, names[drawn])
        return self.take(~is_held_out), self.take(is_held_out)


def read_units(path: Path) -> Units:
    """Read JSON lines with ``text``, ``labels`` and ``article_id``; ``labels.json`` beside has the columns."""
    with path.open(encoding="utf-8") as lines:
        rows = [json.loads(line) for line in lines]
    labels = json.loads(path.with_name("labels.json").read_text(encoding="utf-8"))
    truth = np.zeros((len(rows), len(labels)), dtype=bool)
    columns = {label: column for column, label in enumerate(labels)}
    for row, unit in enumerate(rows):
        truth[row, [columns[label] for label in unit["labels"]]] = True
    return Units([unit["text"] for unit in rows], truth, np.array([unit["article_id"] for unit in rows]))


def best_cut(truth: BoolArray, scores: Scores) -> tuple[float, float]:
    """Return the cut of the best F1 over all cells, and that F1; without examples nothing is given."""
    if not truth.any():
        return NEVER, 0.0
    order = np.argsort(-scores, axis=None, kind="stable")
    ranked = scores.ravel()[order]
    hits = np.cumsum(truth.ravel()[order])
    f1 = 2 * hits / (np.arange(1, len(hits) + 1) + hits[-1])
    f1[:-1][ranked[:-1] == ranked[1:]] = 0.0  # equal scores are given together
    at = int(np.argmax(f1))
    return float(ranked[at]), float(f1[at])


def choose(
    settings: Iterable[Setting], score: Callable[[Setting], Scores], truth: BoolArray, *, worth: float = 0.0
) -> tuple[Setting, float]:
    """Return the first setting whose F1 comes within ``worth`` of the best, and its cut.

    ``score`` gives what a setting makes of the units whose labels are ``truth``, (n_units, n_labels).
    """
    tuned = {setting: best_cut(truth, score(setting)) for setting in settings}
    least = max(f1 for _, f1 in tuned.values()) - worth
    return next((setting, cut) for setting, (cut, f1) in tuned.items() if f1 >= least)


def write_cut(model: Path, cut: float) -> None:
    """Write the cut of a model beside its files."""
    (model / "cut.json").write_text(json.dumps(cut), encoding="utf-8")


def read_cut(model: Path) -> float:
    """Return the cut of a model."""
    cut: float = json.loads((model / "cut.json").read_text(encoding="utf-8"))
    return cut


def micro_f1(truth: BoolArray, decided: list[list[int]]) -> float:
    """Return F1 over all cells; ``decided`` lists the columns of each unit's labels."""
    n_hits = sum(int(row[columns].sum()) for row, columns in zip(truth, decided, strict=True))
    return 2 * n_hits / max(1, int(truth.sum()) + sum(map(len, decided)))
