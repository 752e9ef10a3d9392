"""The rows of a job's table: one for each article, whatever the model judges."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from framescope.serve.columns import shown_columns
from framescope.serve.jobs import ScoringJob, score_options
from framescope.serve.results import batches, schema_of
from framescope.wide import GIVEN

MAX_ROWS = 200_000
"""Articles that a table shows at most; the files to take away have all."""

N_BEGINNING = 100
OF_DOCUMENT = ("title", "source", "date", "lang")


@dataclass(slots=True)
class ArticleRow:
    """What the table says of an article.

    ``labels`` are closed upwards, each with its greatest probability; of those, ``given`` are the ones that the
    model vouches for somewhere. ``n_parts`` is how many parts of it were judged, 1 by a model of articles.
    ``typicality`` is that of the least typical part, None where a model does not tell it.
    """

    id: str
    title: str
    source: str
    date: str
    lang: str
    labels: dict[str, float] = field(default_factory=dict)
    given: set[str] = field(default_factory=set)
    typicality: float | None = None
    n_parts: int = 0
    n_unlike: int = 0

    @property
    def is_unlike(self) -> bool:
        """Whether it, or half of its parts, are unlike training."""
        return 2 * self.n_unlike >= self.n_parts > 0


@dataclass(frozen=True, slots=True)
class _Remembered:
    """A job by what makes its results what they are."""

    id: str
    finished: str
    job: ScoringJob = field(compare=False)


def table_of(job: ScoringJob) -> tuple[ArticleRow, ...]:
    """Return the rows of a job that is done, the first ``MAX_ROWS`` articles in the order of its files."""
    return _table_of(_Remembered(job.id, job.finished, job))


@lru_cache(maxsize=4)
def _table_of(remembered: _Remembered) -> tuple[ArticleRow, ...]:
    found: dict[str, ArticleRow] = {}
    for values in _rows(remembered.job):
        article_id = str(values.get("article_id") or values["id"])
        if article_id not in found:
            if len(found) == MAX_ROWS:
                break
            found[article_id] = _first(article_id, values)
        _add(found[article_id], values)
    return tuple(found.values())


def _rows(job: ScoringJob) -> Iterator[dict[str, Any]]:
    """Yield rows with ``labels`` as pairs of a label and its probability, and the roles of columns as names."""
    known = schema_of(job).names
    wanted = score_options(job.options).fields.wanted()
    roles = shown_columns(known, job.options)
    roles |= {role: wanted[role][0] for role in ("title", "lang", "text")}
    named = {role: name for role, name in roles.items() if name in known}
    plain = [name for name in ("id", "article_id", GIVEN, "typicality", "unlike_training") if name in known]
    for batch in batches(job, [*plain, *named.values(), "labels", "probabilities"]):
        columns = {name: batch[name].to_pylist() for name in plain}
        columns |= {role: _beginnings(batch[name]).to_pylist() for role, name in named.items()}
        columns["labels"] = _with_probabilities(batch)
        for cells in zip(*columns.values(), strict=True):
            yield dict(zip(columns, cells, strict=True))


def _beginnings(column: pa.Array) -> pa.Array:
    return pc.utf8_slice_codeunits(column.cast(pa.large_string()), 0, N_BEGINNING * 3)


def _with_probabilities(batch: pa.RecordBatch) -> list[list[tuple[str, float]]]:
    every = batch["probabilities"]
    columns = {every.type[at].name: every.field(at) for at in range(every.type.num_fields)}
    return [
        [(label, columns[label][row].as_py()) for label in labels or ()]
        for row, labels in enumerate(batch["labels"].to_pylist())
    ]


def _first(article_id: str, values: dict[str, Any]) -> ArticleRow:
    title, source, date, lang = (str(values.get(role) or "").strip() for role in OF_DOCUMENT)
    return ArticleRow(article_id, title or _beginning(values.get("text")) or article_id, source, date, lang)


def _beginning(text: object) -> str:
    """Return the first line of a text, or what fits of it."""
    first = next((line.strip() for line in str(text or "").splitlines() if line.strip()), "")
    return first if len(first) <= N_BEGINNING else f"{first[:N_BEGINNING].rstrip()}…"


def _add(row: ArticleRow, values: dict[str, Any]) -> None:
    """Add what was found in an article, or in one of its parts."""
    for label, probability in values["labels"]:
        row.labels[label] = max(probability, row.labels.get(label, 0.0))
    row.given.update(values.get(GIVEN, row.labels))
    if values["typicality"] is not None:
        row.typicality = min(values["typicality"], 1.0 if row.typicality is None else row.typicality)
    row.n_parts += 1
    row.n_unlike += bool(values["unlike_training"])


def own_labels(labels: Mapping[str, float], parents: Mapping[str, str | None]) -> list[str]:
    """Return labels without the parents of others, most probable first."""
    implied = {parents.get(label) for label in labels}
    return sorted(labels.keys() - implied, key=lambda label: (-labels[label], label))
