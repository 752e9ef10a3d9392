"""What is wrong with rows only beside others: ids, empty cells, joined labels, how spans are counted."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from framescope.corpus.coders import annotations_of
from framescope.corpus.coding import Missing
from framescope.corpus.label_rows import Read, coder_of
from framescope.corpus.labels import joined_labels, joined_message
from framescope.corpus.one_row import Expected
from framescope.corpus.raw import Row
from framescope.corpus.spans import bring_text, fits_utf16_only
from framescope.errors import CorpusError, Problem

_LABEL_ROWS = "; --label-rows if a row is one label"


def check_across(read: Sequence[Read], expected: Expected, unread: Sequence[Problem]) -> None:
    """Add to the problems of rows what is wrong with them beside others; ``unread`` are of rows not read.

    Raises:
        CorpusError: cells of labels are empty, and nobody has said what that means.
    """
    _check_ids(read, expected)
    _ask_for_empty(read, expected, unread)
    _check_joined_labels(read, expected)
    _check_counting(read, expected)


def _check_ids(read: Sequence[Read], expected: Expected) -> None:
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


def _ask_for_empty(read: Sequence[Read], expected: Expected, unread: Sequence[Problem]) -> None:
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


def _check_joined_labels(read: Sequence[Read], expected: Expected) -> None:
    """Add a problem to every row with a label that is others joined, by all the labels found."""
    if expected.known is not None or expected.conventions.label_separator is not None:
        return
    joined = joined_labels(dict.fromkeys(label for _, unit, _ in read for label in unit["labels"] or ()))
    for row, unit, problems in read if joined else ():
        for label in unit["labels"] or ():
            if label in joined:
                problems.append(row.problem(expected.columns["labels"], joined_message(label, joined[label])))


def _check_counting(read: Sequence[Read], expected: Expected) -> None:
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
