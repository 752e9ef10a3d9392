"""How well the coders of a corpus agree: on each label, on label sets, two by two; and where they do not."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from itertools import combinations
from pathlib import Path
from typing import Any

import numpy as np

from framescope._types import BoolArray
from framescope.codebook import Codebook
from framescope.corpus.coders import CODERS
from framescope.corpus.schema import Corpus
from framescope.formats.cells import write_cells
from framescope.measure.alpha import label_alpha, label_shares, label_sums, set_alpha
from framescope.measure.bootstrap import Bootstrap, percentile_interval, resample_sums
from framescope.measure.ceiling import beside_coders, human_ceiling
from framescope.measure.f1 import defined
from framescope.measure.judgements import Judgements, judgements_of
from framescope.model.fitted import Model

TO_FILL_IN = ("verdict", "coder", "note", "passage")
"""The columns of a list that a coder fills in: it is then a file of corrections."""

JOIN = "; "
N_CHARACTERS = 300


@dataclass(frozen=True, slots=True)
class LabelAgreement:
    """Agreement on one label, a parent counting as given where a child is.

    ``alpha`` is None where all codings are alike. ``percent_agreement`` is the share of pairs of codings of one
    article that agree, ``prevalence`` that of codings with the label, both between 0 and 1.
    """

    label: str
    parent: str | None
    alpha: float | None
    ci95: tuple[float, float] | None
    percent_agreement: float
    prevalence: float


@dataclass(frozen=True, slots=True)
class PairAgreement:
    """Agreement of two coders on the label sets of the articles that both coded."""

    coders: tuple[str, str]
    n_articles: int
    alpha: float | None
    same_sets: float


@dataclass(frozen=True, slots=True)
class Disagreement:
    """A label that some coders gave an article and others did not, with the passages that coders marked."""

    id: str
    lang: str
    label: str
    given_by: tuple[str, ...]
    not_given_by: tuple[str, ...]
    passages: Mapping[str, Sequence[str]]
    text: str


@dataclass(frozen=True)
class Agreement:
    """What :func:`agreement` finds; ``n_articles`` are coded by two or more.

    ``alpha`` is Krippendorff's of label sets, with the MASI distance; ``same_sets`` is the share of pairs of
    codings with the same set. ``human_ceiling`` has the F1 of coders against the others, by level.
    """

    n_articles: int
    coders: Mapping[str, int]
    alpha: float | None
    ci95: tuple[float, float] | None
    same_sets: float
    labels: tuple[LabelAgreement, ...]
    pairs: tuple[PairAgreement, ...]
    human_ceiling: Mapping[str, Any]
    disagreements: tuple[Disagreement, ...]

    def to_json(self) -> dict[str, Any]:
        """Return everything as JSON has it."""
        return asdict(self)

    def write_disagreements(self, path: Path) -> None:
        """Write a row of CSV for each label of an article on which coders differ.

        Filled in with verdicts it is a file of corrections.

        Raises:
            FramescopeError: the file cannot be written.
        """
        header = ("id", "lang", "label", "given_by", "not_given_by", "passages", "text", *TO_FILL_IN)
        write_cells(path, header, map(_cells, self.disagreements))


def agreement(corpus: Corpus, *, seed: int = 0) -> Agreement:
    """Measure how well the coders of a corpus agree.

    Intervals are of 95 %, from 1,000 bootstrap samples of whole articles.

    Raises:
        CorpusError: the corpus has no coders, or only one, or one without a name; or no article has two.
    """
    found = judgements_of(corpus)
    bootstrap = Bootstrap(seed=seed)
    alpha, drawn, same_sets = set_alpha(found, bootstrap)
    return Agreement(
        n_articles=int((found.n_coders > 1).sum()),
        coders=dict(zip(found.coders, np.bincount(found.coder).tolist(), strict=True)),
        alpha=defined(alpha),
        ci95=percentile_interval(drawn),
        same_sets=same_sets,
        labels=tuple(_labels(found, bootstrap)),
        pairs=tuple(_pairs(found)),
        human_ceiling=human_ceiling(found, bootstrap),
        disagreements=tuple(_disagreements(found)),
    )


def coder_figures(
    corpus: Corpus, codebook: Codebook, decided: BoolArray, model: Model
) -> dict[str, Any] | None:
    """Return how coders agree, and their F1 beside that of a model's decisions; None where no two compare.

    ``n_articles`` are coded by two or more, ``coders`` how many each has coded; ``alpha`` with ``ci95`` is that
    of label sets; ``human_ceiling`` has the layout of :func:`~framescope.measure.ceiling.human_ceiling`;
    ``model`` decides the articles that a tie leaves uncoded.
    """
    ceiling = beside_coders(corpus, codebook, decided, model=model)
    if ceiling is None:
        return None
    found = agreement(corpus)
    return {
        "n_articles": found.n_articles,
        "coders": dict(found.coders),
        "alpha": found.alpha,
        "ci95": found.ci95,
        "human_ceiling": ceiling,
    }


def _labels(found: Judgements, bootstrap: Bootstrap) -> Iterator[LabelAgreement]:
    sums = label_sums(found)
    drawn = label_alpha(resample_sums(sums, bootstrap))
    total = sums.sum(axis=0)
    alphas, (agreed, shares) = label_alpha(total), label_shares(total)
    for column, label in enumerate(found.codebook.labels):
        yield LabelAgreement(
            label.id,
            label.parent,
            defined(float(alphas[column])),
            percentile_interval(drawn[:, column]),
            float(agreed[column]),
            float(shares[column]),
        )


def _pairs(found: Judgements) -> Iterator[PairAgreement]:
    """Yield the agreement of every two coders that share an article."""
    for one, other in combinations(range(len(found.coders)), 2):
        both = found.select(np.isin(found.coder, [one, other]))
        n_articles = int((both.n_coders > 1).sum())
        if n_articles:
            alpha, _, same_sets = set_alpha(both)
            names = (found.coders[one], found.coders[other])
            yield PairAgreement(names, n_articles, defined(alpha), same_sets)


def _disagreements(found: Judgements) -> list[Disagreement]:
    """Return the labels in dispute, the articles with most of them first."""
    by_article: list[list[Disagreement]] = []
    order = np.split(np.arange(len(found.article)), np.cumsum(found.n_coders)[:-1])
    for row, codings in zip(found.rows, order, strict=True):
        given = found.given[codings]
        disputed = _disputed(found, given)
        names = [found.coders[coder] for coder in found.coder[codings]]
        by_article.append([_disagreement(found, row, label, names, given[:, label]) for label in disputed])
    return [each for labels in sorted(by_article, key=len, reverse=True) for each in labels]


def _disputed(found: Judgements, given: BoolArray) -> list[int]:
    """Return the labels that some gave and others did not, without the parents of others in dispute."""
    is_disputed = np.atleast_2d(given.any(axis=0) & ~given.all(axis=0))
    return [int(label) for label in np.flatnonzero(found.codebook.without_implied(is_disputed)[0])]


def _disagreement(
    found: Judgements, row: Mapping[str, Any], label: int, names: Sequence[str], given: BoolArray
) -> Disagreement:
    name = found.codebook.ids[label]
    passages = {
        one["coder"]: [
            row["text"][span["start"] : span["end"]] for span in one["spans"] if span["label"] == name
        ]
        for one in row[CODERS]
    }
    return Disagreement(
        row["id"],
        row["lang"],
        name,
        tuple(coder for coder, is_given in zip(names, given, strict=True) if is_given),
        tuple(coder for coder, is_given in zip(names, given, strict=True) if not is_given),
        {coder: marked for coder, marked in passages.items() if marked},
        row["text"],
    )


def _cells(one: Disagreement) -> tuple[str, ...]:
    passages = "\n".join(f"{coder}: {' ... '.join(marked)}" for coder, marked in one.passages.items())
    given, not_given = JOIN.join(one.given_by), JOIN.join(one.not_given_by)
    filled = ("",) * len(TO_FILL_IN)
    return one.id, one.lang, one.label, given, not_given, passages, one.text[:N_CHARACTERS], *filled
