"""Codebooks as tables: a row a label, as a spreadsheet has them, to and from the layout of their JSON."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from framescope.errors import CodebookError, InputError, Problem, columns_shown
from framescope.formats.dialect import PLAIN
from framescope.formats.encodings import BOM
from framescope.formats.files import TABLES, read_content, suffix_of
from framescope.formats.separated import Record
from framescope.formats.tables import RECORDS, open_table
from framescope.text.lookalikes import near_hint

COLUMNS = ("id", "parent", "applies", "excludes", "catch_all", "disarm")
OF_CODEBOOK = ("rule", "caution")
"""Fields of the whole codebook that a table does not have."""

NAME, MENTIONS = "name_", "mentions_"
"""With a language code: the columns of names, and of terms joined by ``;``."""

YES, NO = frozenset({"1", "yes", "x", "true"}), frozenset({"", "0", "no", "false"})
JOIN = "; "
FORMULA = tuple("=+-@")


def is_table(path: Path) -> bool:
    """Tell by its name whether a codebook is a table."""
    return TABLES.get(suffix_of(path)) in RECORDS


def read_table(path: Path) -> dict[str, Any]:
    """Return what a table of labels says, in the layout of JSON.

    Raises:
        CodebookError: with all rows that are no labels, or whose parents are none.
    """
    try:
        kind = TABLES[suffix_of(path)]
        with open_table(io.BytesIO(read_content(path)), path, kind, dialect=PLAIN, required=("id",)) as table:
            problems = list(_unknown_columns(table.header, path))
            rows = list(_rows(table.header, list(table.records()), path, problems))
    except CodebookError:
        raise
    except InputError as error:
        raise CodebookError(error.problems) from error
    parents = {row["id"]: row["parent"] for _, row in rows}
    entries = _entries(rows, parents, path, problems)
    if problems:
        raise CodebookError(problems)
    for label_id, parent in parents.items():
        if parent:
            entries[parent].setdefault("children", []).append(entries[label_id])
    return {
        "name": path.stem,
        "labels": [entries[label_id] for label_id, parent in parents.items() if not parent],
    }


def table_lines(content: Mapping[str, Any]) -> Iterator[str]:
    """Yield the lines of a table with the labels of a codebook in the layout of JSON, for Excel, too.

    The codebook's own ``mentions`` go to the labels of the first level that have none, which comes to the same.
    An apostrophe goes before an id that spreadsheets take for a formula; :func:`read_table` takes it away.
    """
    shared = {"mentions": content["mentions"]} if content.get("mentions") else {}
    labels = [(label, parent) for top in content["labels"] for label, parent in _family({**shared, **top})]
    languages = [str(language) for language in content.get("languages", [])]
    names = dict.fromkeys([*languages, *(code for label, _ in labels for code in label.get("name", {}))])
    terms = dict.fromkeys(code for label, _ in labels for code in label.get("mentions", {}))
    header = [
        "id",
        "parent",
        *(f"{NAME}{code}" for code in names or ("en",)),
        "applies",
        "excludes",
        *(name for name in ("catch_all", "disarm") if any(label.get(name) for label, _ in labels)),
        *(f"{MENTIONS}{code}" for code in terms),
    ]
    rows = [_cells(label, parent) for label, parent in labels]
    file = io.StringIO(newline="")
    writer = csv.DictWriter(file, header, restval="")
    writer.writeheader()
    writer.writerows(rows)
    yield BOM.decode() + file.getvalue()


def left_out(content: Mapping[str, Any]) -> list[str]:
    """Return what a table has no place for: fields of the whole codebook, and scopes that are lifted."""
    fields = [name for name in OF_CODEBOOK if content.get(name)]
    lifted = [
        f"the empty scope of {child['id']!r}"
        for top in content["labels"]
        for child in top.get("children", [])
        if child.get("mentions") == {} and (top.get("mentions") or content.get("mentions"))
    ]
    return [*fields, *lifted]


def _unknown_columns(header: Sequence[str], path: Path) -> Iterator[Problem]:
    """Yield a problem for a missing ``id``, and for columns that nothing is known of: they may be misspelt."""
    known = [*COLUMNS, f"{NAME}en", f"{NAME}bg", f"{MENTIONS}en"]
    if "id" not in header:
        raise CodebookError.at(path, f"has no column 'id', but {columns_shown(header)}", line=1)
    for name in header:
        if name not in COLUMNS and not name.startswith((NAME, MENTIONS)):
            message = f"no such column of a codebook; there are {columns_shown(known)} and so on"
            yield Problem(message, path, 1, name)


def _rows(
    header: Sequence[str], records: Sequence[Record], path: Path, problems: list[Problem]
) -> Iterator[tuple[int, dict[str, str]]]:
    for record in records:
        if record.fault:
            problems.append(Problem(record.fault, path, record.line))
            continue
        row = {name: cell.strip() for name, cell in zip(header, record.cells, strict=True)}
        row = {"parent": "", **row, "id": _plain(row["id"])}
        if not any(row.values()):
            continue
        if row["id"]:
            yield record.line, row | {"parent": _plain(row["parent"])}
        else:
            problems.append(Problem("is empty, expected the id of a label", path, record.line, "id"))


def _entries(
    rows: Sequence[tuple[int, dict[str, str]]], parents: Mapping[str, str], path: Path, problems: list[Problem]
) -> dict[str, dict[str, Any]]:
    """Return the labels by id, as JSON has them, and note what is wrong with their ids and parents."""
    entries: dict[str, dict[str, Any]] = {}
    for line, row in rows:
        if row["id"] in entries:
            problems.append(Problem(f"duplicate label id {row['id']!r}", path, line, "id"))
        elif message := _fault(row["parent"], row["id"], parents):
            problems.append(Problem(message, path, line, "parent"))
        entries[row["id"]] = _entry(row, line, path, problems)
    return entries


def _fault(parent: str, label_id: str, parents: Mapping[str, str]) -> str:
    """Return what is wrong with a label's parent."""
    if not parent:
        return ""
    if parent == label_id:
        return f"label {label_id!r} is its own parent"
    if parent not in parents:
        return f"{parent!r} is not the id of a label{near_hint(parent, frozenset(parents))}"
    return f"{parent!r} has a parent itself: more than 2 levels of labels" if parents[parent] else ""


def _entry(row: Mapping[str, str], line: int, path: Path, problems: list[Problem]) -> dict[str, Any]:
    """Return a label as JSON has it."""
    entry: dict[str, Any] = {"id": row["id"], "name": {}}
    for name, cell in row.items():
        if not cell:
            continue
        if name.startswith(NAME):
            entry["name"][name.removeprefix(NAME)] = cell
        elif name.startswith(MENTIONS):
            terms = [term.strip() for term in cell.split(";") if term.strip()]
            entry.setdefault("mentions", {})[name.removeprefix(MENTIONS)] = terms
        elif name in {"applies", "excludes", "disarm"}:
            entry[name] = cell
    answer = row.get("catch_all", "").casefold()
    if answer not in YES | NO:
        problems.append(Problem(f"expected yes or no, found {answer!r}", path, line, "catch_all"))
    return entry | ({"catch_all": True} if answer in YES else {})


def _family(top: Mapping[str, Any]) -> Iterator[tuple[Mapping[str, Any], str]]:
    yield top, ""
    yield from ((child, top["id"]) for child in top.get("children", []))


def _cells(label: Mapping[str, Any], parent: str) -> dict[str, str]:
    return {
        "id": _safe(label["id"]),
        "parent": _safe(parent),
        **{f"{NAME}{code}": name for code, name in label.get("name", {}).items()},
        **{name: label[name] for name in ("applies", "excludes", "disarm") if name in label},
        **({"catch_all": "yes"} if label.get("catch_all") else {}),
        **{f"{MENTIONS}{code}": JOIN.join(terms) for code, terms in label.get("mentions", {}).items()},
    }


def _safe(cell: str) -> str:
    return f"'{cell}" if cell.startswith(FORMULA) else cell


def _plain(cell: str) -> str:
    return cell[1:] if cell.startswith("'") and cell[1:].startswith(FORMULA) else cell
