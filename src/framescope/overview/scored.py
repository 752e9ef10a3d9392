"""The output of ``framescope score`` as a feed: one folder or several of one model, in any format."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from framescope._types import BoolArray, Int32, Integers, UInt64
from framescope.batch.folder import JOB, MANIFEST, read_json
from framescope.batch.outputs import is_output
from framescope.codebook import Codebook
from framescope.overview.feed import SCORES, Batch, Mark, OverviewError
from framescope.overview.parts import (
    EVIDENCE,
    HASH,
    LABELS,
    OWN,
    PROBABILITIES,
    UNLIKE,
    Part,
    header_of,
    tables_of,
)
from framescope.predictor import Predictor
from framescope.text.arrow import as_text, join_checked
from framescope.text.segments import Unit
from framescope.text.utf8 import Utf8Texts
from framescope.wide import GIVEN

HASH_DIGITS = 16
TITLE, TEXT, LANG = "title", "text", "lang"
SHORT = ("id", TITLE, "source", "date")
"""Columns of which it costs little to keep what is shown."""
MAX_KEPT = 50_000
"""Articles of which they are kept."""


class ScoredFeed:
    """Folders that ``framescope score`` has written.

    ``fields`` name the columns that hold a field, where they are not those that score was told to read:
    ``{"text": "body"}``.

    Raises:
        OverviewError: they are of several models, lack probabilities, or are not the output of score.
    """

    kind = SCORES

    def __init__(
        self,
        paths: Sequence[Path],
        predictor: Predictor | None = None,
        fields: Mapping[str, str] | None = None,
    ) -> None:
        self._paths = paths
        jobs = [_job_of(path) for path in paths]
        self.digest = _one_model(paths, jobs)
        if predictor is not None and predictor.digest != self.digest:
            raise OverviewError(
                f"{paths[0]}: was scored by the model {self.digest[:12]}, not by {predictor.digest[:12]}: "
                "name its own model, or score the articles again with this one"
            )
        self.unit = Unit(jobs[0].get("unit") or Unit.ARTICLE)
        self.model_name = str(jobs[0].get("model") or "")
        forms = [str(job["options"]["format"]) for job in jobs]
        self._folders = [
            [Part(file, form) for file in sorted(path.glob(f"part-*.{form}"))]
            for path, form in zip(paths, forms, strict=True)
        ]
        self._parts = [part for parts in self._folders for part in parts]
        self._headers = [header_of(part) for part in self._parts]
        self._looked_up: tuple[Integers, pa.Table] = np.zeros(0, np.intp), pa.table({})
        self.fields = _read_fields(jobs[0]) | dict(fields or {})
        self.codebook = self._codebook(None if predictor is None else predictor.codebook)

    @property
    def name(self) -> str:
        """The folders' names."""
        return " + ".join(path.resolve().name for path in self._paths)

    @cached_property
    def column_names(self) -> list[str]:
        """The columns that every part has beside those of the model."""
        every = [header.names for header in self._headers]
        first = every[0] if every else ()
        return [name for name in first if name not in OWN and all(name in names for names in every)]

    def batches(self, columns: Sequence[str]) -> Iterator[Batch]:
        """Yield all articles in order, with these columns."""
        for path, parts in zip(self._paths, self._folders, strict=True):
            n_rows = 0
            for part in parts:
                for table in tables_of(part, self.codebook.ids, [*OWN, *columns]):
                    n_rows += len(table)
                    yield _batch(part.path, table, self.codebook, columns)
            _check_rows(path, n_rows)

    def look_up(self, rows: Integers, columns: Sequence[str]) -> pa.Table:
        """Return columns of some articles, by their numbers, ascending.

        Short columns of the articles that were looked up last are kept, unless they are very many: a part
        without an index is read whole.
        """
        if {self._column(TEXT), EVIDENCE} & {*columns} or len(rows) > MAX_KEPT:
            return self._read(rows, columns)
        known, table = self._looked_up
        if not ({*columns} <= {*table.column_names} and np.isin(rows, known).all()):
            short = [name for name in SHORT if name in self.column_names and name not in columns]
            known, table = self._looked_up = rows, self._read(rows, [*columns, *short])
        return table.select(list(columns)).take(pa.array(np.searchsorted(known, rows)))

    def _read(self, rows: Integers, columns: Sequence[str]) -> pa.Table:
        empty = pa.table({name: pa.array([], pa.large_string()) for name in columns})
        return pa.concat_tables([empty, *self._tables(rows, columns)])

    def _tables(self, rows: Integers, columns: Sequence[str]) -> Iterator[pa.Table]:
        """Yield columns of some articles, part by part."""
        n_before = 0
        for part, header in zip(self._parts, self._headers, strict=True):
            if header.n_rows is not None and not len(rows[_between(rows, n_before, header.n_rows)]):
                n_before += header.n_rows
                continue
            for table in tables_of(part, self.codebook.ids, columns):
                taken = table.take(pa.array(rows[_between(rows, n_before, len(table))] - n_before))
                yield pa.table({name: as_text(taken[name]) for name in columns})
                n_before += len(table)

    @property
    def has_texts(self) -> bool:
        """Whether texts were kept."""
        return self._column(TEXT) in self.column_names

    def texts(self, rows: Integers) -> Sequence[str] | None:
        """Return some articles, title and text joined; None where texts were not kept."""
        if not self.has_texts:
            return None
        return [text for batch in self.text_batches(rows) for text in batch]

    def text_batches(self, rows: Integers) -> Iterator[Utf8Texts]:
        """Yield some articles, title and text joined, some at a time."""
        title, text = self._column(TITLE), self._column(TEXT)
        names = [name for name in (title, text) if name in self.column_names]
        for table in self._tables(rows, names):
            found = table.combine_chunks()
            texts = pc.fill_null(found[text], "").combine_chunks()
            titles = found[title].combine_chunks() if title in names else None
            yield join_checked(titles, texts)

    def marks(self, rows: Integers) -> Sequence[Sequence[Mark]]:
        """Return the words that speak most for each label, where score was to find them."""
        if EVIDENCE not in self.column_names:
            return [()] * len(rows)
        found = [json.loads(cell or "[]") for cell in self.look_up(rows, [EVIDENCE])[EVIDENCE].to_pylist()]
        return [
            [Mark(one["label"], one["start"], one["end"], one["value"], is_whole=False) for one in words]
            for words in found
        ]

    def _column(self, field: str) -> str:
        return self.fields.get(field, field)

    def _codebook(self, codebook: Codebook | None) -> Codebook:
        """Return the codebook, whose labels must be those of the parts; without one, a flat one of these."""
        found = next((header.labels for header in self._headers if header.labels), None)
        if found is None:
            raise OverviewError(f"{self._paths[0]}: has no rows: expected scored articles")
        if codebook is None:
            return Codebook.from_parents(dict.fromkeys(found), name=self.name)
        if found != codebook.ids:
            strange = [label for label in found if label not in codebook.columns]
            what = f"label {strange[0]!r} is not in" if strange else "does not have all labels of"
            raise OverviewError(f"{self._paths[0]}: {what} the codebook {codebook.name!r}: name its own model")
        return codebook


def _batch(path: Path, table: pa.Table, codebook: Codebook, columns: Sequence[str]) -> Batch:
    shape = (len(table), len(codebook.ids))
    scores = table[PROBABILITIES].combine_chunks()
    probabilities = np.empty(shape, np.float32)
    for column, label in enumerate(codebook.ids):
        values = scores.field(label)
        if values.null_count:
            raise OverviewError(f"{path}: lacks probabilities of {label!r}: score the articles again")
        probabilities[:, column] = values.to_numpy(zero_copy_only=False)
    decided = _marked(table[LABELS].combine_chunks(), codebook)
    is_unlike = table[UNLIKE].combine_chunks().to_numpy(zero_copy_only=False).astype(bool)
    has_review = GIVEN in table.column_names
    given = _marked(table[GIVEN].combine_chunks(), codebook) if has_review else decided
    return Batch(
        probabilities=probabilities,
        decided=decided,
        given=given & ~is_unlike[:, np.newaxis],
        is_unlike=is_unlike,
        hashes=_hashes(path, table[HASH]),
        columns={name: as_text(table[name]) for name in columns},
    )


def _marked(lists: pa.Array, codebook: Codebook) -> BoolArray:
    """Return lists of labels as a matrix; what is no label of the codebook marks nothing."""
    marked = np.zeros((len(lists), len(codebook.ids)), bool)
    columns = pc.index_in(lists.flatten(), value_set=pa.array(codebook.ids, pa.string())).fill_null(-1)
    rows = pc.list_parent_indices(lists).to_numpy(zero_copy_only=False)
    found: Int32 = columns.to_numpy(zero_copy_only=False)
    marked[rows[found >= 0], found[found >= 0]] = True
    return marked


def _hashes(path: Path, column: pa.ChunkedArray) -> UInt64:
    """Return hashes of 16 hexadecimal digits as numbers."""
    digits = as_text(column).cast(pa.binary())
    if not pc.all(pc.equal(pc.binary_length(digits), HASH_DIGITS)).as_py():
        raise OverviewError(f"{path}: {HASH}: expected {HASH_DIGITS} digits: check it with framescope verify")
    codes = np.frombuffer(digits.buffers()[2], np.uint8)
    first = digits.offset * HASH_DIGITS
    ascii_codes = codes[first : first + len(digits) * HASH_DIGITS].reshape(-1, HASH_DIGITS)
    values = np.where(ascii_codes > ord("9"), ascii_codes - ord("a") + 10, ascii_codes - ord("0")).astype(
        np.uint64
    )
    shifts = np.arange(HASH_DIGITS - 1, -1, -1, dtype=np.uint64) * np.uint64(4)
    return np.asarray((values << shifts).sum(axis=1, dtype=np.uint64))


def _between(rows: Integers, first: int, n_rows: int) -> slice:
    """Return where the numbers of so many rows from the first on are."""
    begin, end = np.searchsorted(rows, [first, first + n_rows]).tolist()
    return slice(begin, end)


def _check_rows(path: Path, n_rows: int) -> None:
    """Refuse parts that were cut, or that were added."""
    expected = (read_json(path / MANIFEST).get("counts") or {}).get("n_scored")
    if n_rows != expected:
        raise OverviewError(
            f"{path}: has {n_rows:,} rows, its manifest says {expected}: check it with framescope verify"
        )


def _job_of(path: Path) -> dict[str, Any]:
    if not is_output(path):
        raise OverviewError(f"{path}: is not the finished output of framescope score: run score to its end")
    job = read_json(path / JOB)
    options = job.get("options")
    if not isinstance(options, dict) or "format" not in options:
        raise OverviewError(f"{path / JOB}: options: expected those of score: score the articles again")
    if options.get("top") is not None or options.get("threshold") is not None:
        raise OverviewError(f"{path}: lacks probabilities: score again without --top and --threshold")
    return job


def _read_fields(job: Mapping[str, Any]) -> dict[str, str]:
    """Return the columns that score was told to read, by field."""
    named = {field: job["options"].get(f"{field}_field") for field in (TITLE, TEXT, LANG)}
    return {field: str(column) for field, column in named.items() if column}


def _one_model(paths: Sequence[Path], jobs: Sequence[dict[str, Any]]) -> str:
    digests = [str(job.get("model_digest")) for job in jobs]
    for path, digest in zip(paths, digests, strict=True):
        if digest != digests[0]:
            raise OverviewError(
                f"{path}: was scored by the model {digest[:12]}, {paths[0]} by {digests[0][:12]}: "
                "their shares cannot be compared; score all with one model"
            )
    return digests[0]
