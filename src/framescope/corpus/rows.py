"""From rows as they stand in a file to a checked corpus: every field, every label, every span.

A reader of a format turns a :class:`~framescope.corpus.raw.Source` into raw rows; :func:`build_corpus` does
the rest, the same for every format. Problems in ``RawRows`` are of one row each, which ``skip_invalid`` may
leave out; what makes a whole file useless is raised by the reader.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

import pyarrow as pa

from framescope.codebook import Codebook
from framescope.corpus.across_rows import check_across
from framescope.corpus.coders import CODERS, CODERS_TYPE, FIELDS_OF_CODERS, Unit, annotations_of, unite
from framescope.corpus.coding import Missing, labels_in, yes_no_columns
from framescope.corpus.label_rows import Read, joined_rows
from framescope.corpus.one_row import Expected, read_row
from framescope.corpus.raw import RawRows, Row, file_stem, required_columns
from framescope.corpus.resolving import check_adjudicator, resolve_units
from framescope.corpus.schema import COLUMNS, SCHEMA, Corpus, Tie
from framescope.errors import CorpusError, Problem, columns_shown
from framescope.limits import check_cells


def build_corpus(
    raw: RawRows, source: Path | str, *, format_name: str, codebook: Codebook | None, skip_invalid: bool
) -> Corpus:
    """Check every row and return the corpus.

    Labels are checked against ``codebook``, or else the reader's; without either, the labels found make a flat
    codebook, and spans may bear other labels.

    Raises:
        CorpusError: with all problems, unless ``skip_invalid``; or no row is left; or there is no label at all.
    """
    codebook = codebook or raw.codebook or _codebook_of_columns(raw, source)
    _check_columns(raw, source)
    read = _read_rows(raw, codebook)
    units, ties = _units_of(read, raw, codebook, source)
    problems = [problem for _, _, found in read for problem in found]
    unread = {(str(problem.path), problem.line or problem.field) for problem in raw.problems}
    n_left_out = sum(bool(found) for _, _, found in read) + len(unread)
    problems = sorted([*raw.problems, *problems], key=lambda p: (str(p.path), p.line or 0))
    if problems and not skip_invalid:
        raise CorpusError(problems)
    coded = [unit for unit in units if unit["labels"] is not None]
    if not coded:
        raise CorpusError(problems or [Problem(_nothing(units), source)])
    others = [*_other_columns(raw), *([CODERS] if any(unit[CODERS] for unit in units) else [])]
    check_cells(len(raw.rows), len(others), source)
    uncoded = [{**unit, "labels": []} for unit in units if unit["labels"] is None]
    return Corpus(
        _build_table(coded, others),
        codebook or _flat_codebook(coded, source),
        source,
        format_name,
        left_out=tuple(problems),
        n_left_out=n_left_out,
        has_found_labels=codebook is None,
        uncoded=_build_table(uncoded, others) if uncoded else None,
        ties=ties,
    )


def _nothing(units: Sequence[Unit]) -> str:
    """Return why no unit of a corpus is coded."""
    if any(unit[CODERS] for unit in units):
        return "the coders of every article are in a tie: --resolve union or intersection takes sides"
    return "no row is coded: all labels are null or missing" if units else "holds no rows"


def _codebook_of_columns(raw: RawRows, source: Path | str) -> Codebook | None:
    """Return the flat codebook of labels that have a column, or a place in lists, each; None if none has."""
    names = raw.conventions.label_columns or raw.conventions.label_names
    return Codebook.from_parents(dict.fromkeys(names), name=file_stem(source)) if names else None


def _check_columns(raw: RawRows, source: Path | str) -> None:
    """Raise for columns that no row has; one problem says more than the same one on every row."""
    columns = dict.fromkeys(name for row in raw.rows for name in row.values)
    is_by_coders = any(annotations_of(row.values) for row in raw.rows)
    problems = [
        Problem(f"no such column; columns are: {columns_shown(columns)}{_hint(raw, name)}", source, field=name)
        for name in required_columns(raw.fields, raw.conventions)
        if raw.rows and name not in columns and not (is_by_coders and name == raw.fields.labels)
    ]
    if problems:
        raise CorpusError(problems)


def _hint(raw: RawRows, missing: str) -> str:
    """Return where labels may be, as the end of a message."""
    if missing != raw.fields.labels:
        return ""
    values = [row.values for row in raw.rows]
    of_labels = yes_no_columns(values, dict.fromkeys(name for row in values for name in row))
    return f"; --label-columns {','.join(of_labels)} if these are labels" if of_labels else ""


def _read_rows(raw: RawRows, codebook: Codebook | None) -> list[Read]:
    expected = Expected.of(raw, codebook)
    read = [(row, *read_row(row, expected)) for row in raw.rows]
    if raw.conventions.label_rows:
        read = joined_rows(read, expected.coder)
    check_across(read, expected, raw.problems)
    return read


def _units_of(
    read: Sequence[Read], raw: RawRows, codebook: Codebook | None, source: Path | str
) -> tuple[list[Unit], dict[str, Tie]]:
    """Return the units of rows without problems, of several coders' labels one set, None for a tie; and ties.

    Raises:
        CorpusError: the adjudicator has coded nothing.
    """
    mapped = _mapped(raw)
    units: dict[str, Unit] = {}
    to_resolve = []
    for row, unit, problems in read:
        if problems:
            continue
        if unit["id"] in units:
            unite(units[unit["id"]], unit)
            continue
        others = {_other_name(key): value for key, value in row.values.items() if key not in mapped}
        units[unit["id"]] = unit | others
        if raw.conventions.resolve is not None or not _has_own_labels(row, raw):
            to_resolve.append(unit["id"])
    check_adjudicator(units.values(), raw.conventions, source)
    ties = resolve_units([units[unit_id] for unit_id in to_resolve], raw.conventions, codebook)
    return list(units.values()), ties


def _has_own_labels(row: Row, raw: RawRows) -> bool:
    """Tell whether a row has labels beside those of its coders."""
    is_there = not isinstance(labels_in(row.values, raw.fields.labels, raw.conventions), Missing)
    return is_there and not raw.fields.coder


def _flat_codebook(units: Iterable[Mapping[str, Any]], source: Path | str) -> Codebook:
    labels = {label for unit in units for label in unit["labels"]}
    if not labels:
        raise CorpusError.at(source, "no row has a label, expected some labels or a codebook")
    return Codebook.flat(labels, name=file_stem(source))


def _other_name(column: str) -> str:
    return f"{column}_other" if column in {*COLUMNS, CODERS} else column


def _mapped(raw: RawRows) -> frozenset[str]:
    """Return the columns of a file that are not kept as they are."""
    of_coders = FIELDS_OF_CODERS if any(annotations_of(row.values) for row in raw.rows) else ()
    named = (getattr(raw.fields, name) for name in (*COLUMNS, "coder"))
    return frozenset([*named, *raw.conventions.label_columns, *of_coders])


def _other_columns(raw: RawRows) -> list[str]:
    mapped = _mapped(raw)
    columns = dict.fromkeys(key for row in raw.rows for key in row.values if key not in mapped)
    return [_other_name(column) for column in columns]


def _build_table(units: Sequence[Mapping[str, Any]], other_columns: Sequence[str]) -> pa.Table:
    arrays = {name: pa.array([unit[name] for unit in units], SCHEMA.field(name).type) for name in COLUMNS}
    for name in other_columns:
        values = [unit.get(name) for unit in units]
        arrays[name] = pa.array(values, CODERS_TYPE) if name == CODERS else _infer_array(values)
    return pa.table(arrays)


def _infer_array(values: Sequence[object]) -> pa.Array:
    """Return values with the type that Arrow finds, or as JSON text where ``datasets`` has no such type."""
    try:
        array = pa.array(values)
    except (pa.ArrowException, OverflowError, ValueError):
        array = None
    if array is None or not _is_common(array.type):
        return pa.array([json.dumps(value, ensure_ascii=False, default=str) for value in values], pa.string())
    return array


def _is_common(kind: pa.DataType) -> bool:
    """Tell whether ``datasets`` has a type, too: there is no extension type and no interval in it."""
    parts = [kind.field(number).type for number in range(kind.num_fields)]
    if isinstance(kind, pa.BaseExtensionType) or pa.types.is_interval(kind):
        return False
    return all(map(_is_common, parts))
