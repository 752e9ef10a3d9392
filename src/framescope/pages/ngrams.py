"""The n-grams behind each label in each language, with a warning where they look like shortcuts."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import scipy.sparse as sp

from framescope._types import BoolArray, Indices
from framescope.evaluation.judged import Judged
from framescope.measure.shortcuts import Articles, concentrated, find_shortcuts
from framescope.measure.shown import ngram
from framescope.measure.top_ngrams import Ngram, feature_rows, top_ngrams
from framescope.messages import Say, english
from framescope.model.fitted import Model

N_SHOWN = 12


@dataclass(frozen=True, slots=True)
class NgramRow:
    """An n-gram, what it adds as a share of what the best one adds, and why it looks like a shortcut.

    It stands in ``n_texts`` of the ``n_members`` units with the label.
    """

    text: str
    is_part: bool
    share: float
    n_texts: int
    n_members: int
    reasons: Sequence[str]

    @property
    def shown(self) -> str:
        """The n-gram on one line, between dots where it is part of a word."""
        return ngram(self.text, is_part=self.is_part)


def ngrams_by_language(
    model: Model, judged: Judged, say: Say = english
) -> dict[str, dict[str, list[NgramRow]]]:
    """Return the n-grams that speak most for each label of the model, by the languages of its units.

    Where no unit has a language there is one, named "".
    """
    found: dict[str, dict[str, list[NgramRow]]] = {label: {} for label in model.codebook.ids}
    languages = judged.languages or {"": np.arange(judged.corpus.n_units)}
    for language, rows in languages.items():
        for label, ngrams in _of_language(model, judged, rows, say).items():
            if ngrams:
                found[label][language] = ngrams
    return found


def _of_language(model: Model, judged: Judged, rows: Indices, say: Say) -> dict[str, list[NgramRow]]:
    corpus = judged.corpus
    full_texts, texts, sources = corpus.full_texts(), corpus.column("text"), corpus.column("source")
    dates = corpus.column("date")
    columns = [judged.codebook.columns[label] for label in model.codebook.ids]
    members = judged.outcomes.truth[rows][:, columns]
    chosen = [full_texts[row] for row in rows]
    features = feature_rows(model, chosen)
    ranked = top_ngrams(model, features, texts=chosen, members=members, n_top=N_SHOWN)
    reasons = find_shortcuts(
        [ngram for ngrams in ranked for ngram in ngrams],
        model.ngrams.vocabulary.hashes,
        Articles(
            [texts[row] for row in rows], [sources[row] for row in rows], [str(dates[row]) for row in rows]
        ),
        say,
    )
    found: dict[str, list[NgramRow]] = {}
    for column, (label, ngrams) in enumerate(zip(model.codebook.ids, ranked, strict=True)):
        gap = _gap(model, features, members[:, column], column) if ngrams else 0.0
        marks = concentrated(ngrams, gap, say)
        found[label] = [
            _row(
                ngram,
                ngrams[0].gap,
                int(members[:, column].sum()),
                (*(marks if rank == 0 else ()), *reasons.get(ngram.feature, ())),
            )
            for rank, ngram in enumerate(ngrams)
        ]
    return found


def _gap(model: Model, features: sp.csr_array, members: BoolArray, column: int) -> float:
    """Return the gap between the mean margins of a label's units and of the others."""
    margins = features @ model.ngrams.weights.of(column)
    return float(margins[members].mean() - margins[~members].mean())


def _row(ngram: Ngram, best: float, n_members: int, reasons: Sequence[str]) -> NgramRow:
    return NgramRow(ngram.text, ngram.is_part, ngram.gap / best, ngram.n_texts, n_members, reasons)
