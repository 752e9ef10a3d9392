"""Corpora in other shapes: articles cut into paragraphs or sentences, and several corpora as one."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import pyarrow as pa

from framescope._types import Indices
from framescope.corpus.coders import CODERS
from framescope.corpus.schema import COLUMNS, KIND, Corpus
from framescope.errors import CorpusError, Problem
from framescope.text.segments import Offsets, Unit, segments, unit_ids
from framescope.text.words import word_offsets

OWN = ("id", "article_id", "text", "labels", "spans")
"""The columns in which the units of a row differ, and the article that they share."""


def split_units(corpus: Corpus, unit: Unit) -> Corpus:
    """Cut every row into its paragraphs or sentences; ``article`` returns the corpus as it is.

    A row that is a part of an article, by its ``article_id``, has been cut already and annotated by itself: it
    stays as it is, and so does an article of one unit. From any other come units ``ID#1``, ``ID#2`` and so on,
    each with the spans that share a word with it and with their labels, see :func:`units_of_span`; all other
    columns are the article's. Where an
    article bears a label that none of its spans does, nobody knows which of its units carry it: it is left out.
    Titles are no units, and are dropped; so is what each coder gave, which is of articles.

    Raises:
        CorpusError: no row is left.
    """
    if unit == Unit.ARTICLE:
        return corpus
    rows: list[int] = []
    units: list[dict[str, Any]] = []
    problems: list[Problem] = []
    for number, row in enumerate(corpus.table.select(OWN).to_pylist()):
        offsets = [] if row["article_id"] != row["id"] else segments(row["text"], unit)
        unplaced = _unplaced(corpus, row) if len(offsets) > 1 else []
        if unplaced:
            message = f"{row['id']}: no span tells which {unit} bears the label {unplaced[0]!r}"
            problems.append(Problem(message, corpus.path, field="spans"))
            continue
        parts = list(_parts(row, offsets, corpus)) if len(offsets) > 1 else [row]
        units += parts
        rows += [number] * len(parts)
    if not units:
        raise CorpusError(problems)
    return replace(
        corpus,
        table=_with_units(corpus.table, rows, units),
        unit=unit,
        left_out=(*corpus.left_out, *problems),
        n_left_out=corpus.n_left_out + len(problems),
    )


def join_corpora(first: Corpus, others: Sequence[Corpus]) -> Corpus:
    """Return one corpus of the first's codebook with the units of all.

    Other columns than the common ones and ``kind`` go.

    Raises:
        CorpusError: an id stands in two corpora, or the codebooks have other labels.
    """
    known: dict[str, Corpus] = {}
    problems: list[Problem] = []
    for corpus in (first, *others):
        if corpus.codebook.columns != first.codebook.columns:
            message = f"its codebook {corpus.codebook.name!r} has other labels than {first.codebook.name!r}"
            problems.append(Problem(message, corpus.path))
        for unit_id in corpus.column("id"):
            if unit_id in known:
                problems.append(Problem(f"id {unit_id!r} stands in {known[unit_id].path}, too", corpus.path))
            known[unit_id] = corpus
    if problems:
        raise CorpusError(problems)
    tables = [_common_columns(corpus.table) for corpus in (first, *others)]
    left_out = tuple(problem for corpus in (first, *others) for problem in corpus.left_out)
    uncoded = [_common_columns(each.uncoded) for each in (first, *others) if each.uncoded is not None]
    return replace(
        first,
        table=pa.concat_tables(tables, promote_options="default"),
        uncoded=pa.concat_tables(uncoded, promote_options="default") if uncoded else None,
        ties={key: tie for corpus in (first, *others) for key, tie in corpus.ties.items()},
        also=tuple(corpus.path for corpus in others),
        left_out=left_out,
        n_left_out=sum(corpus.n_left_out for corpus in (first, *others)),
    )


def _common_columns(table: pa.Table) -> pa.Table:
    """Return the columns that every corpus has, and the kinds as names where there are any."""
    common = table.select(COLUMNS)
    return common.append_column(KIND, table[KIND].cast(pa.string())) if KIND in table.column_names else common


def units_of_span(span: Mapping[str, int], units: Sequence[Offsets], words: Indices) -> list[int]:
    """Return the units that a span marks: those of which it holds a whole word.

    A span that reaches into a unit by a full stop or a few letters does not mark it. One that holds no word at
    all marks the unit of which it holds most. ``words`` are the :func:`word_offsets` of the text.
    """
    shared = {
        number: (max(span["start"], start), min(span["end"], end))
        for number, (start, end) in enumerate(units)
        if span["start"] < end and span["end"] > start
    }
    whole = [number for number, (start, end) in shared.items() if _holds_word(words, start, end)]
    longest = sorted(shared, key=lambda number: shared[number][0] - shared[number][1])[:1]
    return whole or longest


def _holds_word(words: Indices, start: int, end: int) -> bool:
    first = int(np.searchsorted(words[:, 0], start))
    return first < len(words) and bool(words[first, 1] <= end)


def _unplaced(corpus: Corpus, row: dict[str, Any]) -> list[str]:
    """Return the labels that none of the row's spans bears, itself or by a child."""
    codebook = corpus.codebook
    placed = codebook.close(span["label"] for span in row["spans"] if span["label"] in codebook.columns)
    return [label for label in row["labels"] if label not in placed]


def _parts(row: dict[str, Any], offsets: Sequence[Offsets], corpus: Corpus) -> Iterator[dict[str, Any]]:
    words = word_offsets(row["text"]) if row["spans"] else None
    marked: list[list[dict[str, Any]]] = [[] for _ in offsets]
    for span in row["spans"]:
        for number in units_of_span(span, offsets, words) if words is not None else ():
            marked[number].append(_clipped(span, *offsets[number]))
    ids = unit_ids(row["id"], len(offsets))
    for unit_id, (start, end), spans in zip(ids, offsets, marked, strict=True):
        labels = dict.fromkeys(span["label"] for span in spans if span["label"] in corpus.codebook.columns)
        yield {
            "id": unit_id,
            "article_id": row["article_id"],
            "text": row["text"][start:end],
            "labels": list(labels),
            "spans": spans,
        }


def _clipped(span: Mapping[str, Any], start: int, end: int) -> dict[str, Any]:
    """Return the part of a span within a unit, counted from the unit's start."""
    inside = (max(span["start"], start) - start, min(span["end"], end) - start)
    return {"start": inside[0], "end": inside[1], "label": span["label"]}


def _with_units(table: pa.Table, rows: Sequence[int], units: Sequence[dict[str, Any]]) -> pa.Table:
    """Return the table's rows, repeated for each unit of theirs, with the units' own columns."""
    table = table.drop_columns([name for name in table.column_names if name == CODERS])
    table = table.take(pa.array(rows, pa.int64()))
    own = {name: [unit[name] for unit in units] for name in units[0]} | {"title": [""] * len(units)}
    for name, values in own.items():
        at = table.schema.get_field_index(name)
        table = table.set_column(at, name, pa.array(values, table.schema.field(name).type))
    return table
