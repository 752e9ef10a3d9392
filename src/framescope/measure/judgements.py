"""Who gave which labels to which articles: a corpus by coders as arrays."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import pyarrow as pa

from framescope._types import BoolArray, Indices, Int64
from framescope.codebook import Codebook
from framescope.corpus.coders import CODERS
from framescope.corpus.schema import Corpus
from framescope.errors import CorpusError, Problem
from framescope.text.segments import Unit

COLUMNS = ("id", "article_id", "lang", "text", CODERS)

Row = Mapping[str, Any]


@dataclass(frozen=True, eq=False)
class Judgements:
    """Codings, of one coder and one article each, sorted by article.

    ``rows`` are the articles, those that a tie leaves uncoded included. ``article`` and ``coder`` (n_codings,)
    are positions in ``rows`` and ``coders``; ``given`` (n_codings, n_labels) has closed label sets.
    """

    codebook: Codebook
    rows: Sequence[Row]
    coders: Sequence[str]
    article: Indices
    coder: Indices
    given: BoolArray

    @cached_property
    def clusters(self) -> Indices:
        """The articles that rows are parts of, as numbers: (n_rows,)."""
        _, numbers = np.unique([row["article_id"] for row in self.rows], return_inverse=True)
        return np.asarray(numbers, dtype=np.intp)

    @cached_property
    def n_coders(self) -> Int64:
        """By how many each row is coded: (n_rows,)."""
        return np.bincount(self.article, minlength=len(self.rows))

    def select(self, codings: BoolArray) -> Judgements:
        """Return some of the codings, of the same articles and coders."""
        return Judgements(
            self.codebook,
            self.rows,
            self.coders,
            self.article[codings],
            self.coder[codings],
            self.given[codings],
        )


def judgements_of(corpus: Corpus, of_model: Codebook | None = None) -> Judgements:
    """Return what the coders of a corpus gave; columns begin with those of a model's codebook, if there is one.

    Raises:
        CorpusError: there are no coders, or only one, or one without a name; or no article has two.
    """
    rows = [row for row in _rows_of(corpus) if row[CODERS]]
    codings = [(number, one) for number, row in enumerate(rows) for one in row[CODERS]]
    n_unnamed = sum(not one["coder"] for _, one in codings)
    if n_unnamed:
        message = f"{n_unnamed:,} of {len(codings):,} codings do not name their coder: expected a name for each"
        raise CorpusError.at(corpus.path, message)
    coders = sorted({one["coder"] for _, one in codings})
    label_lists = [one["labels"] for _, one in codings]
    given = {label for labels in label_lists for label in labels}
    codebook = corpus.codebook
    if corpus.has_found_labels:
        codebook = Codebook.flat(given, name=codebook.name)
    if of_model is not None:
        codebook = of_model.joined(codebook, given)
    article = np.array([number for number, _ in codings], dtype=np.intp)
    coder = np.array([coders.index(one["coder"]) for _, one in codings], dtype=np.intp)
    found = Judgements(codebook, rows, coders, article, coder, codebook.indicator(label_lists))
    _check(found, corpus)
    return found


def _rows_of(corpus: Corpus) -> list[Row]:
    """Return the articles that are coded, and those that a tie leaves uncoded.

    Raises:
        CorpusError: the corpus has no coders.
    """
    if corpus.unit != Unit.ARTICLE:
        message = f"is cut into {corpus.unit}s, but coders gave labels to whole articles: leave out --unit"
        raise CorpusError.at(corpus.path, message)
    if CODERS not in corpus.table.column_names:
        message = (
            "does not say who coded: expected 'annotations' with coders, or a row for each coder and article "
            "and --coder-field"
        )
        raise CorpusError.at(corpus.path, message)
    tables = [corpus.table, *([] if corpus.uncoded is None else [corpus.uncoded])]
    rows: list[Row] = pa.concat_tables([table.select(COLUMNS) for table in tables]).to_pylist()
    return rows


def _check(found: Judgements, corpus: Corpus) -> None:
    if len(found.coders) == 1:
        message = f"has one coder only, {found.coders[0]!r}: agreement needs two"
    elif not (found.n_coders > 1).any():
        named = ", ".join(map(repr, found.coders))
        message = f"no article is coded by two of the {len(found.coders)} coders: {named}"
    else:
        return
    raise CorpusError([Problem(message, corpus.path)])
