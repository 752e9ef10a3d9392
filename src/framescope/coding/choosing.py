"""What to code next: articles that a model is unsure of and that differ, and a random tenth to measure on."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import scipy.sparse as sp

from framescope._types import Array, Float64, Indices
from framescope.articles import Article, batches
from framescope.coding.to_code import ToCode, to_code
from framescope.errors import FramescopeError, UnknownLabelError
from framescope.features.ngram_block import NgramBlock
from framescope.predictor import Predictor
from framescope.text.languages import primary_language
from framescope.text.lookalikes import near_hint
from framescope.text.utf8 import Utf8Texts

N_CANDIDATES = 4
"""So many times the articles asked for are looked at for how they differ."""

RANDOM = "random"
IN_DOUBT = "in doubt"
N_DOUBTS = 3
MIN_DOUBT = 0.01

N_BLOCK = 1 << 12


@dataclass(frozen=True, slots=True)
class Suggestion:
    """What to code, and why: it is ``in doubt``, or a ``random`` one, by which to measure.

    ``doubts`` are the probabilities of the labels that are most in doubt; ``uncertainty`` is the sum of
    p (1 - p) over the labels without children, each weighed by how rare it is where this was asked for.
    """

    unit: ToCode
    why: str
    uncertainty: float
    doubts: Mapping[str, float]


def next_to_code(  # noqa: PLR0913 - what may be asked for
    predictor: Predictor,
    articles: Sequence[Article | str],
    n: int = 50,
    *,
    labelled: Sequence[Article] = (),
    label: str | None = None,
    rare: bool = False,
    seed: int = 0,
) -> list[Suggestion]:
    """Return what to code next of a pool: the articles in doubt, first those to begin with, then random ones.

    A tenth is drawn at random from the pool, so that measuring on it says something of the pool. The others
    are, of four times as many that are least certain, those that are also unlike what is ``labelled`` or chosen
    already: uncertainty times 1 - the greatest cosine of their n-grams. Each language has its share of the
    pool: a model doubts little in a language of which it has seen little, and would leave it as it is. With a
    ``label`` only its doubt counts, in any language; with ``rare`` that of each label is divided by the root of
    its share of the training articles. Articles of the pool that are labelled, by id or text, and
    repeated texts are left out.

    Raises:
        FramescopeError: nothing of the pool is left to code.
        UnknownLabelError: the codebook does not have the label.
    """
    columns = _columns(predictor, label)
    pool = _distinct(
        [each if isinstance(each, Article) else _named(i, each) for i, each in enumerate(articles)]
    )
    known = {one.id for one in labelled} | {one.text for one in labelled}
    pool = [one for one in pool if one.id not in known and one.text not in known]
    units = [unit for batch in batches(pool) for unit in to_code(predictor, batch)]
    units = [unit for unit in units if unit.id not in known and unit.read not in known and unit.read.strip()]
    if not units:
        raise FramescopeError(f"nothing to code: all of {len(articles):,} articles are empty or labelled")
    n_random = min(round(n / 10), len(units))
    at_random = np.random.default_rng(seed).choice(len(units), n_random, replace=False)
    doubts = _doubts(predictor, units, columns, rare=rare)
    # Whoever looks for one label takes it where it is.
    languages = np.array(["" if label else primary_language(unit.lang) for unit in units])
    pool_left = _Pool(units, np.setdiff1d(np.arange(len(units)), at_random), doubts.sum(axis=1), languages)
    known_texts = [*(one.text for one in labelled), *(units[row].read for row in at_random)]
    chosen = _choose(predictor, pool_left, known_texts, n - n_random)
    return [
        *(_suggestion(units[row], IN_DOUBT, columns, doubts[row]) for row in chosen),
        *(_suggestion(units[row], RANDOM, columns, doubts[row]) for row in sorted(at_random)),
    ]


def _columns(predictor: Predictor, label: str | None) -> list[str]:
    codebook = predictor.codebook
    if label is None:
        return [codebook.ids[column] for column in codebook.fine]
    if label not in codebook.columns:
        hint = near_hint(label, frozenset(codebook.ids))
        raise UnknownLabelError(f"label {label!r} is not in the codebook {codebook.name!r}{hint}")
    return [label]


def _doubts(predictor: Predictor, units: Sequence[ToCode], columns: Sequence[str], *, rare: bool) -> Float64:
    """Return p (1 - p) of some labels, (n_units, n_columns), with ``rare`` over the root of their priors."""
    probabilities = [[unit.probabilities[name] for name in columns] for unit in units]
    doubts = np.array(probabilities, dtype=np.float64)
    doubts *= 1 - doubts
    if rare:
        priors = predictor.bundle.model.calibration.prior
        doubts /= np.sqrt([priors[predictor.codebook.columns[name]] for name in columns])
    return doubts


def _named(number: int, text: str) -> Article:
    return Article(str(number), text)


def _distinct(articles: Sequence[Article]) -> list[Article]:
    """Return the first of the articles with each text."""
    first: dict[str, Article] = {}
    for article in articles:
        first.setdefault(article.text, article)
    return list(first.values())


@dataclass(frozen=True, slots=True)
class _Pool:
    """Units, the rows of those that may be chosen, how uncertain each unit is, and in what language."""

    units: Sequence[ToCode]
    rows: Indices
    uncertainty: Float64
    languages: Array

    def shares(self, n: int) -> dict[str, int]:
        """Return how many of n are each language's, by how many there are to choose from."""
        names, counts = np.unique(self.languages[self.rows], return_counts=True)
        exact = n * counts / max(len(self.rows), 1)
        shares = np.floor(exact).astype(int)
        most_left = np.argsort(shares - exact, kind="stable")[: n - int(shares.sum())]
        shares[most_left] += 1
        return dict(zip(names.tolist(), np.minimum(shares, counts).tolist(), strict=True))

    def least_certain(self, language: str, n: int) -> Indices:
        """Return the rows of the n least certain of a language, these first."""
        rows = self.rows[self.languages[self.rows] == language]
        order = np.argsort(-self.uncertainty[rows], kind="stable")[:n]
        return np.asarray(rows[order], dtype=np.intp)


def _choose(predictor: Predictor, pool: _Pool, known_texts: Sequence[str], n: int) -> list[int]:
    """Return the rows of units to code, in the order in which they are chosen."""
    shares = pool.shares(min(n, len(pool.rows)))
    parts = [pool.least_certain(language, N_CANDIDATES * share) for language, share in shares.items()]
    candidates = np.concatenate([np.zeros(0, dtype=np.intp), *parts])
    languages, uncertainty = pool.languages[candidates], pool.uncertainty[candidates]
    rows = _unit_rows(predictor, [pool.units[row].read for row in candidates])
    nearest = _greatest_cosines(rows, predictor, known_texts)
    chosen: list[int] = []
    is_left = np.ones(len(candidates), dtype=bool)
    for _ in range(sum(shares.values())):
        worth = np.where(is_left, uncertainty * (1 - nearest), -1.0)
        best = int(worth.argmax())
        chosen.append(int(candidates[best]))
        is_left[best] = False
        language = str(languages[best])
        shares[language] -= 1
        if not shares[language]:
            is_left &= languages != language
        nearest = np.maximum(nearest, (rows @ rows[[best]].T).toarray()[:, 0])
    return chosen


def _greatest_cosines(rows: Any, predictor: Predictor, texts: Sequence[str]) -> Float64:
    """Return each row's greatest cosine to any of the texts, 0 where there are none."""
    nearest = np.zeros(rows.shape[0])
    for start in range(0, len(texts), N_BLOCK):
        others = _unit_rows(predictor, texts[start : start + N_BLOCK])
        nearest = np.maximum(nearest, (rows @ others.T).toarray().max(axis=1, initial=0.0))
    return np.minimum(nearest, 1.0)


def _unit_rows(predictor: Predictor, texts: Sequence[str]) -> Any:
    """Return the n-grams of texts as rows of length 1, (n_texts, n_features), or 0 where none is known."""
    block = next(one for one in predictor.bundle.model.blocks if isinstance(one, NgramBlock))
    indptr, indices, values = block.vocabulary.values(Utf8Texts.encode(texts))
    rows = sp.csr_array((values.astype(np.float64), indices, indptr), shape=(len(texts), len(block.vocabulary)))
    norms = np.sqrt(np.asarray(rows.multiply(rows).sum(axis=1)).ravel())
    return sp.diags_array(np.divide(1, norms, out=np.zeros_like(norms), where=norms > 0)) @ rows


def _suggestion(unit: ToCode, why: str, columns: Sequence[str], doubts: Float64) -> Suggestion:
    order = np.argsort(-doubts, kind="stable")[:N_DOUBTS]
    named = {columns[at]: unit.probabilities[columns[at]] for at in order if doubts[at] >= MIN_DOUBT}
    return Suggestion(unit, why, float(doubts.sum()), named)
