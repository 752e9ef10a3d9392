"""What a corpus is in memory: its columns, the names a file may give them, and the corpus itself.

The table of every :class:`Corpus` starts with the columns of :data:`SCHEMA`:

==========  =======================================  ====================================================
column      type                                     meaning
==========  =======================================  ====================================================
id          string                                   unique; see ``framescope.article_ids`` where there is none
text        string                                   what is labelled; never blank
title       string                                   apart from the text, see ``framescope.text.article``
lang        string                                   language code as given, such as ``bg``
source      string                                   outlet
date        string                                   as given; dates of Parquet files in ISO 8601
url         string
article_id  string                                   the article a unit is part of; its id where not given
labels      list of string                           as given, without repetitions; not closed upwards
spans       list of {start, end, label}              evidence: code points of ``text``, end exclusive
==========  =======================================  ====================================================

A string that a file does not give is empty. Other columns of the file follow, with the types that Arrow
finds; values of mixed types become JSON text. One of them, ``kind``,
may say what kind of article each is; ``coders`` holds what each coder gave, see ``framescope.corpus.coders``.
A column that bears one of the names above while the option for that field names another column is kept with
``_other`` after its name.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, fields, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pyarrow as pa

from framescope.codebook import Codebook
from framescope.errors import CorpusError, Problem
from framescope.notebook import short
from framescope.text.arrow import as_strings
from framescope.text.article import full_text
from framescope.text.languages import primary_language
from framescope.text.segments import Unit
from framescope.text.utf8 import Utf8Texts
from framescope.visible import name_of

if TYPE_CHECKING:
    from datasets import Dataset

SPAN = pa.struct([("start", pa.int32()), ("end", pa.int32()), ("label", pa.string())])
SCHEMA = pa.schema(
    [
        *((name, pa.string()) for name in ("id", "text", "title", "lang")),
        *((name, pa.string()) for name in ("source", "date", "url", "article_id")),
        ("labels", pa.list_(pa.string())),
        ("spans", pa.list_(SPAN)),
    ]
)
COLUMNS = tuple(SCHEMA.names)

KIND = "kind"
"""The column of what kind an article is, such as "neutral" or "refuted": false alarms are counted by it."""

HUB = "hf:"
"""How the name of a corpus on the Hugging Face hub begins."""

IN_MEMORY = "dataset"
"""The name of a corpus that was a ``datasets.Dataset``."""


@dataclass(frozen=True, slots=True)
class FieldNames:
    """The columns of a file that hold the fields of a unit; ``text`` and ``labels`` must be there.

    A field that is named otherwise than here must be there, too. ``coder`` is named where a table has a row for
    each coder of an article; the rows of one article have one id.
    """

    id: str = "id"
    text: str = "text"
    labels: str = "labels"
    title: str = "title"
    lang: str = "lang"
    source: str = "source"
    date: str = "date"
    url: str = "url"
    article_id: str = "article_id"
    spans: str = "spans"
    coder: str = ""

    @property
    def required(self) -> tuple[str, ...]:
        """The fields whose column must exist."""
        named = (f.name for f in fields(self) if getattr(self, f.name) != f.default)
        needed = ["text", "labels", *(["id"] if self.coder else []), *named]
        return tuple(dict.fromkeys(needed))


DEFAULT_FIELDS = FieldNames()


@dataclass(frozen=True, slots=True)
class Tie:
    """What the coders of an article agree on, and the labels on which they are in a tie."""

    labels: tuple[str, ...]
    tied: tuple[str, ...]


@dataclass(frozen=True)
class Corpus:
    """Annotated units with the codebook of their labels.

    ``table`` has a row for each unit. ``path`` is where they were read from: a file, the root of a SemEval
    corpus, an ``hf:`` name, or ``dataset`` for one that was in memory.
    ``left_out`` holds the problems of the rows that ``skip_invalid`` left out, ``n_left_out`` counts the rows.
    ``unit`` tells what the rows were cut into; as read, they are taken for articles. ``also`` are the places of
    what was joined to it. ``has_found_labels`` where no codebook names the labels, and those found are all.
    ``uncoded`` are the rows that nobody has judged, with the same columns, and those that a tie of their coders
    leaves without labels: they are no units. ``ties`` are these by id.
    """

    table: pa.Table
    codebook: Codebook
    path: Path | str
    format: str
    left_out: tuple[Problem, ...] = ()
    n_left_out: int = 0
    unit: Unit = Unit.ARTICLE
    also: tuple[Path | str, ...] = ()
    has_found_labels: bool = False
    uncoded: pa.Table | None = None
    ties: Mapping[str, Tie] = field(default_factory=dict)
    # Columns as lists, by name; the full texts under None.
    _lists: dict[str | None, Sequence[Any]] = field(default_factory=dict, init=False, repr=False, compare=False)

    def __repr__(self) -> str:
        uncoded = f", {self.n_uncoded:,} uncoded" if self.n_uncoded else ""
        name = self.path if isinstance(self.path, str) else name_of(self.path.name)
        return short(f"Corpus({name!r}, {self.n_units:,} units{uncoded}, {len(self.codebook.ids)} labels)")

    def __getstate__(self) -> dict[str, Any]:
        """Leave out the lists, which another process makes again from the table."""
        return {**self.__dict__, "_lists": {}}

    @property
    def n_units(self) -> int:
        """The number of rows."""
        return int(self.table.num_rows)

    @property
    def n_uncoded(self) -> int:
        """The number of rows that nobody has judged."""
        return 0 if self.uncoded is None else int(self.uncoded.num_rows)

    def column(self, name: str) -> Sequence[Any]:
        """Return one column as a list that is made once: do not change it.

        Raises:
            KeyError: there is no such column.
        """
        if name not in self._lists:
            self._lists[name] = self.table[name].to_pylist()
        return self._lists[name]

    def languages(self) -> list[str]:
        """Return each unit's language as codes compare: ``bg`` for ``BG`` and ``bg-BG``; "" where unknown."""
        return [primary_language(code) for code in self.column("lang")]

    def row(self, number: int) -> dict[str, Any]:
        """Return all columns of one unit."""
        row: dict[str, Any] = self.table.slice(number, 1).to_pylist()[0]
        return row

    def select(self, rows: Iterable[int]) -> Corpus:
        """Return a corpus of these rows, in this order."""
        return replace(self, table=self.table.take(pa.array(rows, pa.int64())))

    def to_dataset(self) -> Dataset:
        """Return the table as a ``datasets.Dataset``."""
        # Lazily: datasets takes seconds to load, and nothing else here needs it.
        from datasets import Dataset  # noqa: PLC0415

        return Dataset(self.table)

    def groups(self, group_by: str) -> list[str]:
        """Return the name of each unit's group; a unit without a value is grouped with its article.

        Raises:
            CorpusError: there is no such column, or it holds no names.
        """
        if group_by not in self.table.column_names:
            columns = ", ".join(self.table.column_names)
            raise CorpusError.at(self.path, f"no such column; columns are: {columns}", field=group_by)
        values = self.column(group_by)
        if any(isinstance(value, list | dict) for value in values):
            raise CorpusError.at(
                self.path, "expected names or numbers to group by, found lists", field=group_by
            )
        return [
            f"article {article}" if value in {None, ""} else f"group {value}"
            for value, article in zip(values, self.column("article_id"), strict=True)
        ]

    def full_texts(self) -> Sequence[str]:
        """Return what a model reads of each unit, title and text joined; do not change the list."""
        if None not in self._lists:
            both = zip(self.column("title"), self.column("text"), strict=True)
            self._lists[None] = [full_text(title, text) for title, text in both]
        return self._lists[None]

    def forget_texts(self) -> None:
        """Let go of the lists of texts, which take as much memory as the table; who asks gets new ones."""
        for name in (None, "text"):
            self._lists.pop(name, None)


def texts_hash(corpus: Corpus) -> str:
    """Return the SHA-256 of ids, article ids, titles and texts in their order: the same whatever the labels."""
    digest = hashlib.sha256()
    for name in ("id", "article_id", "title", "text"):
        encoded = Utf8Texts.from_arrow(as_strings(corpus.table[name]))
        digest.update((encoded.offsets - encoded.offsets[0]).data)
        digest.update(encoded.data[encoded.offsets[0] : encoded.offsets[-1]].data)
    return digest.hexdigest()


def corpus_hash(corpus: Corpus) -> str:
    """Return the SHA-256 of ids, texts, labels and spans in their order."""
    digest = hashlib.sha256()
    columns = [corpus.column("id"), corpus.full_texts(), corpus.column("labels"), corpus.column("spans")]
    for row in zip(*columns, strict=True):
        digest.update(json.dumps(row, ensure_ascii=True, sort_keys=True).encode())
    return digest.hexdigest()
