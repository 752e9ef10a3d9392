"""From rows as they stand in a file to a checked corpus: every field, every label, every span.

A reader of a format turns a :class:`~framescope.corpus.raw.Source` into raw rows; :func:`build_corpus` does
the rest, the same for every format. Problems in ``RawRows`` are of one row each, which ``skip_invalid`` may
leave out; what makes a whole file useless is raised by the reader.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import pyarrow as pa

from framescope.codebook import Codebook
from framescope.corpus.coders import (
    CODERS,
    CODERS_TYPE,
    FIELDS_OF_CODERS,
    Unit,
    annotations_of,
    coder_name,
    given_by_any,
    unite,
)
from framescope.corpus.coding import Missing, labels_in, yes_no_columns
from framescope.corpus.conventions import Conventions
from framescope.corpus.label_rows import Read, coder_of, joined_rows
from framescope.corpus.labels import joined_labels, joined_message
from framescope.corpus.raw import RawRows, Row, file_stem, required_columns
from framescope.corpus.resolving import check_adjudicator, resolve_units
from framescope.corpus.schema import COLUMNS, SCHEMA, Corpus, Tie
from framescope.corpus.spans import bring_text, fits_utf16_only, spans_of
from framescope.errors import CorpusError, Problem, columns_shown
from framescope.formats.layout import REPEATED_HEADER, repeats_header
from framescope.limits import check_cells
from framescope.text.lookalikes import near_hint

_LABEL_ROWS = "; --label-rows if a row is one label"
STRING_FIELDS = ("id", "text", "title", "lang", "source", "date", "url", "article_id")


@dataclass(frozen=True, slots=True)
class _Expected:
    """What rows are checked against: the column of each field, the labels if they are known, conventions.

    ``coder`` is the column of coders, where a row is what one coder gave. ``paths`` are labels as a taxonomy
    names them, ``parent: child``, with their ids; ``names`` are those that they have for people.
    """

    columns: Mapping[str, str]
    known: frozenset[str] | None
    conventions: Conventions
    coder: str = ""
    paths: Mapping[str, str] = field(default_factory=dict)
    names: Mapping[str, str] = field(default_factory=dict)


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
    read = _check_rows(raw, codebook)
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


def _check_rows(raw: RawRows, codebook: Codebook | None) -> list[Read]:
    columns = {name: getattr(raw.fields, name) for name in COLUMNS}
    known = None if codebook is None else frozenset(codebook.ids)
    expected = _Expected(columns, known, raw.conventions, raw.fields.coder, _paths(codebook), _names(codebook))
    read = [(row, *_check_row(row, expected)) for row in raw.rows]
    if raw.conventions.label_rows:
        read = joined_rows(read, expected.coder)
    _check_ids(read, expected)
    _ask_for_empty(read, expected, raw.problems)
    _check_joined_labels(read, expected)
    _check_counting(read, expected)
    return read


def _paths(codebook: Codebook | None) -> dict[str, str]:
    """Return the ids of labels by their paths, unless these are labels, too."""
    labels = () if codebook is None else codebook.labels
    named = {f"{label.parent}: {label.id}": label.id for label in labels if label.parent is not None}
    return {path: label for path, label in named.items() if codebook and path not in codebook.columns}


def _names(codebook: Codebook | None) -> dict[str, str]:
    """Return the ids of labels by their names in all languages, without regard to capitals."""
    labels = () if codebook is None else codebook.labels
    return {name.strip().casefold(): label.id for label in labels for name in label.names.values()}


def _check_ids(read: Sequence[Read], expected: _Expected) -> None:
    """Add a problem to every row whose id is another's, unless both are of one article and two coders."""
    first_rows: dict[tuple[str, str], Row] = {}
    texts: dict[str, tuple[str, Row]] = {}
    for row, unit, problems in read:
        coder = coder_of(row, expected.coder)
        first = first_rows.setdefault((unit["id"], coder), row)
        text, owner = texts.setdefault(unit["id"], (unit["text"], row))
        if first is not row:
            what = (
                f"{coder!r} coded {unit['id']!r} twice: keep one" if coder else f"duplicate id {unit['id']!r}"
            )
            place = f"first at {_place(first, row)}{_LABEL_ROWS if coder and unit['labels'] else ''}"
            problems.append(row.problem(expected.columns["id"], f"{what}, {place}"))
        elif text != unit["text"] and expected.coder:
            message = f"another text of {unit['id']!r} than at {_place(owner, row)}"
            problems.append(row.problem(expected.columns["text"], message))


def _place(first: Row, other: Row) -> str:
    """Return where a row is, for who reads of another."""
    return first.part or f"line {first.line}" if first.path == other.path else str(first.path)


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


def _ask_for_empty(read: Sequence[Read], expected: _Expected, unread: Sequence[Problem]) -> None:
    """Raise where cells of labels are empty, and nobody has said what that means.

    Raises:
        CorpusError: with the number of cells, and all other problems found so far.
    """
    empty = [row for row, unit, _ in read if unit["labels"] is Missing.EMPTY]
    if not empty:
        return
    names = expected.conventions.label_columns
    column = f"of {', '.join(names)}" if names else f"of {expected.columns['labels']!r}"
    message = (
        f"{len(empty):,} of {len(read):,} cells {column} are empty: --empty none if these rows have no label, "
        "--empty uncoded if nobody has judged them"
    )
    question = replace(empty[0].problem("", message), field=empty[0].part or None)
    raise CorpusError([question, *unread, *(problem for _, _, found in read for problem in found)])


def _check_joined_labels(read: Sequence[Read], expected: _Expected) -> None:
    """Add a problem to every row with a label that is others joined, by all the labels found."""
    if expected.known is not None or expected.conventions.label_separator is not None:
        return
    joined = joined_labels(dict.fromkeys(label for _, unit, _ in read for label in unit["labels"] or ()))
    for row, unit, problems in read if joined else ():
        for label in unit["labels"] or ():
            if label in joined:
                problems.append(row.problem(expected.columns["labels"], joined_message(label, joined[label])))


def _check_counting(read: Sequence[Read], expected: _Expected) -> None:
    """Add a problem to the rows whose spans cut words, but not in UTF-16 units, if most spans tell so."""
    if expected.conventions.offsets is not None:
        return
    column = expected.columns["spans"]
    counts = [
        (0, 0) if _brings_text(row, column) else fits_utf16_only(unit["text"], unit["spans"])
        for row, unit, _ in read
    ]
    if sum(n for n, _ in counts) <= sum(n for _, n in counts):
        return
    for (row, _, problems), (n_utf16, _) in zip(read, counts, strict=True):
        if n_utf16:
            message = (
                f"{n_utf16} spans cut words, but not if an emoji counts two: --offsets utf16; "
                "--offsets code-points if they are right as they are"
            )
            problems.append(row.problem(column, message))


def _brings_text(row: Row, column: str) -> bool:
    """Tell whether the spans of a row, or of one of its coders, bring the text they mark."""
    cells = [annotation.get("spans") for annotation in annotations_of(row.values)]
    return any(map(bring_text, [row.values.get(column), *cells]))


def _check_row(row: Row, expected: _Expected) -> tuple[Unit, list[Problem]]:
    """Return the row's fields under their own names, and the row's problems."""
    columns = expected.columns
    problems: list[Problem] = []
    if repeats_header(row.values.items()):
        problems.append(row.problem("", REPEATED_HEADER))
    unit: dict[str, Any] = {name: row.string(columns[name], name, problems) for name in STRING_FIELDS}
    if not unit["text"].strip() and isinstance(row.values.get(columns["text"]), str | None):
        problems.append(row.problem(columns["text"], "is empty, expected the text of the unit"))
    unit["id"] = unit["id"] or file_stem(row.path) + row.place
    unit["article_id"] = unit["article_id"] or unit["id"]
    unit["labels"] = _labels(row, expected, problems)
    unit["spans"] = _spans(row, unit["text"], expected, problems)
    unit[CODERS] = _coders(row, unit, expected, problems)
    if unit["labels"] is None and unit[CODERS]:
        unit["labels"], unit["spans"] = given_by_any(unit[CODERS])
    return unit, problems


def _spans(row: Row, text: str, expected: _Expected, problems: list[Problem]) -> list[dict[str, Any]]:
    column = expected.columns["spans"]
    value = row.values.get(column)
    if expected.paths and isinstance(value, list):
        value = [_with_id(span, expected.paths) for span in value]
    spans, faults = spans_of(value, text, expected.known, expected.conventions.offsets)
    for position, message in faults:
        problems.append(row.problem(column if position is None else f"{column}[{position}]", message))
    return spans


def _with_id(span: object, paths: Mapping[str, str]) -> object:
    """Return a span whose label is named by its id."""
    if not isinstance(span, dict):
        return span
    label = span.get("label")
    return {**span, "label": paths.get(label, label)} if isinstance(label, str) else span


def _coders(row: Row, unit: Unit, expected: _Expected, problems: list[Problem]) -> list[dict[str, Any]]:
    """Return what each coder gave: the one of this row, or those of its annotations."""
    if expected.coder:
        name = _coder(row, expected.coder, problems)
        if not name:
            problems.append(row.problem(expected.coder, "is empty, expected the name of who coded this row"))
        if row.values.get(expected.columns["id"]) in (None, ""):  # a list may be there, too
            problems.append(row.problem(expected.columns["id"], "is empty: it tells which article is coded"))
        is_coded = isinstance(unit["labels"], list)
        return [{"coder": name, "labels": unit["labels"], "spans": unit["spans"]}] if is_coded else []
    coders: list[dict[str, Any]] = []
    for position, values in enumerate(annotations_of(row.values)):
        part = ": ".join(filter(None, [row.part, f"annotations[{position}]"]))
        own = {expected.columns["labels"]: values["labels"], expected.columns["spans"]: values.get("spans")}
        entry = replace(row, values=own, part=part)
        name = _coder(replace(row, values=values, part=part), "coder", problems)
        if name and name in [coder["coder"] for coder in coders]:
            problems.append(entry.problem("coder", f"{name!r} coded this article twice: keep one"))
        labels = _labels(entry, replace(expected, conventions=_in_lists(expected)), problems)
        spans = _spans(entry, unit["text"], expected, problems)
        if isinstance(labels, list):
            coders.append({"coder": name, "labels": labels, "spans": spans})
    return coders


def _in_lists(expected: _Expected) -> Conventions:
    """Return the conventions of labels within annotations, which have no columns of their own."""
    return replace(expected.conventions, label_columns=())


def _coder(row: Row, column: str, problems: list[Problem]) -> str:
    try:
        return coder_name(row.values.get(column))
    except ValueError as error:
        problems.append(row.problem(column, str(error)))
        return ""


def _labels(row: Row, expected: _Expected, problems: list[Problem]) -> list[str] | Missing | None:
    """Return the labels of a row, None if it is uncoded; a row with evidence is coded."""
    column, known = expected.columns["labels"], expected.known
    try:
        labels = labels_in(row.values, column, expected.conventions)
    except ValueError as error:
        problems.append(row.problem("" if expected.conventions.label_columns else column, str(error)))
        return []
    if isinstance(labels, Missing):
        if labels is Missing.EMPTY:
            return labels
        return [] if row.values.get(expected.columns["spans"]) else None
    labels = [expected.paths.get(label, label) for label in labels]
    for label in labels:
        if known is not None and label not in known:
            message = f"label {label!r} is not in the codebook{_remedy(label, known, expected)}"
            problems.append(row.problem(column, message))
    return labels


def _remedy(label: str, known: frozenset[str], expected: _Expected) -> str:
    """Return what an unknown label may be, as the end of a message."""
    if named := expected.names.get(label.strip().casefold()):
        return f": it is the name of {named!r}, and labels are named by their ids"
    joined = joined_labels([label], known) if expected.conventions.label_separator is None else {}
    return f": --label-separator {joined[label]!r} splits it" if joined else near_hint(label, known)


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
