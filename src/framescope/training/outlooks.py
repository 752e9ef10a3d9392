"""What tomorrow may look like: the ways in which a corpus lets a recipe be judged."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from framescope._types import BoolArray, Indices
from framescope.corpus.schema import Corpus
from framescope.corpus.stories import STORY, groups_of
from framescope.fit.outlooks import TIME, LeftOut, Outlooks
from framescope.measure.metrics import Outcomes
from framescope.measure.outlooks import Outlook, new_articles, outlook_figures

ARTICLE, SOURCE, BATCH, LANGUAGE = "article", "source", "batch", "language"
COLUMNS = {ARTICLE: "article_id", SOURCE: "source", STORY: STORY}
BATCH_SIZE = 50
"""Articles of a batch, in the order of the corpus: what was collected together."""
N_PERIODS = 5
MIN_DATED = 0.8
"""Share of the units that must have a date for the future to be judged by the past."""
ISO_DATE = re.compile(r"\d{4}-\d{2}-\d{2}")


def outlooks_of(
    corpus: Corpus, unit_of: Sequence[int], *, known: Mapping[str, Sequence[str]] | None = None
) -> Outlooks:
    """Return the ways to judge a corpus, for its units and the evidence that comes from these rows.

    ``known`` are groups of units that need not be found again, by what they are grouped by.
    """
    known = {} if known is None else known
    columns = {name: column for name, column in COLUMNS.items() if _is_given(corpus, column)}
    groups = {
        name: known[column] if column in known else groups_of(corpus, column)
        for name, column in columns.items()
    }
    languages = language_groups(corpus)
    if languages is not None:
        groups[LANGUAGE] = languages
    groups[BATCH] = _batches(corpus)
    rows = [*range(corpus.n_units), *unit_of]
    periods = _periods(corpus)
    return Outlooks(
        {name: [names[row] for row in rows] for name, names in groups.items() if len(set(names)) > 1},
        None if periods is None else periods[rows],
        foreign=LANGUAGE,
    )


def judge_outlooks(
    corpus: Corpus, left_out: Mapping[str, LeftOut], truth: BoolArray, outlooks: Outlooks, *, n_new: int
) -> tuple[dict[str, Any], dict[str, Any] | None]:
    """Return the figures of each outlook, and what to expect of new articles, None where nothing tells."""
    found = {
        name: _outlook(one, truth, outlooks.groups[ARTICLE if name == TIME else name])
        for name, one in left_out.items()
    }
    telling = [found[name] for name in (STORY, BATCH, SOURCE) if name in found]
    n_known = len(set(corpus.column("article_id")))
    expected = new_articles(telling, corpus.codebook, n_known=n_known, n_new=n_new) if telling else None
    return {name: outlook_figures(one, corpus.codebook) for name, one in found.items()}, expected


def _is_given(corpus: Corpus, column: str) -> bool:
    """Tell whether a column has two values or more, apart from none; stories are always found."""
    return column == STORY or len(set(corpus.column(column)) - {"", None}) > 1


def _outlook(left_out: LeftOut, truth: BoolArray, groups: Sequence[str]) -> Outlook:
    rows: Indices = np.flatnonzero(left_out.is_judged)
    outcomes = Outcomes(truth[rows], left_out.decisions[rows], left_out.probabilities[rows])
    return Outlook(outcomes, [groups[row] for row in rows.tolist()])


def _batches(corpus: Corpus) -> list[str]:
    """Return the batch of each unit: 50 articles that stand together in the corpus."""
    place = {article: number for number, article in enumerate(dict.fromkeys(corpus.column("article_id")))}
    return [f"batch {place[article] // BATCH_SIZE}" for article in corpus.column("article_id")]


def language_groups(corpus: Corpus) -> list[str] | None:
    """Return the language of each unit, or else its article; None unless there are two languages."""
    if len({*corpus.languages()} - {""}) < 2:
        return None
    named = zip(corpus.languages(), corpus.column("article_id"), strict=True)
    return [f"language {code}" if code else f"article {article}" for code, article in named]


def _periods(corpus: Corpus) -> Indices | None:
    """Return the fifth of the dated units that each is in, by date, -1 without a date; None if few have one."""
    dates = np.array([_day(date) for date in corpus.column("date")])
    is_dated = dates != ""
    if is_dated.mean() < MIN_DATED:
        return None
    ordered = np.sort(dates[is_dated])
    starts = np.unique(ordered[len(ordered) * np.arange(1, N_PERIODS) // N_PERIODS])
    periods = np.searchsorted(starts, dates, side="right")
    return np.where(is_dated, periods, -1).astype(np.intp) if len(set(periods[is_dated])) > 1 else None


def _day(date: str | None) -> str:
    """Return a date in ISO 8601 without its time, nothing for what is not one."""
    found = ISO_DATE.match(date or "")
    return found[0] if found else ""
