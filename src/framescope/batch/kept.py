"""Columns of the input that are carried through to the output: which there are, and under what names."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Sequence
from itertools import islice
from typing import IO

import pyarrow as pa
import pyarrow.parquet as pq

from framescope.batch.inputs import DOCUMENT, InputFile, open_input
from framescope.batch.options import ScoringError
from framescope.batch.tables import DOCUMENT_FIELDS
from framescope.errors import InputError, columns_shown
from framescope.formats.dialect import Fields
from framescope.formats.tables import RECORDS, open_table
from framescope.limits import MAX_LINE_BYTES

ALL = "all"
N_LINES = 1000
MAX_KEPT = 1_000


def resolve(keep: Sequence[str], files: Iterable[InputFile], fields: Fields) -> tuple[str, ...]:
    """Return the columns to keep, in the order of ``keep`` or, for ``all``, of the files; the id has its own.

    Raises:
        ScoringError: a column is in no file; where a file cannot be read, that is said instead.
    """
    found, faults = _names_and_faults(files, fields)
    if list(keep) == [ALL]:
        every = tuple(name for name in found if name != (fields.id or "id"))
        if len(every) > MAX_KEPT:
            message = f"keep: the inputs have {len(every):,} columns, more than {MAX_KEPT:,}"
            raise ScoringError(f"{message}: name those that are needed, in place of {ALL}")
        return every
    known = set(found)
    missing = [name for name in keep if name not in known]
    if missing and faults:
        raise ScoringError(faults[0])
    if missing:
        has = f"they have {columns_shown(found)}" if found else "they have no columns"
        raise ScoringError(f"keep: no input has a column {missing[0]!r}: {has}")
    return tuple(dict.fromkeys(keep))


def column_names(files: Iterable[InputFile], fields: Fields) -> list[str]:
    """Return the names of the columns of all files, of JSON lines those of the first ``N_LINES`` of each.

    A file that cannot be read has none: the run itself will say so.
    """
    return _names_and_faults(files, fields)[0]


def _names_and_faults(files: Iterable[InputFile], fields: Fields) -> tuple[list[str], list[str]]:
    names: dict[str, None] = {}
    faults: list[str] = []
    for file in files:
        if file.format in _NAMES:
            try:
                with open_input(file) as opened:
                    names.update(dict.fromkeys(_NAMES[file.format](opened, file, fields)))
            except InputError as error:
                faults.append(str(error))
            except (OSError, ValueError, pa.ArrowException) as error:
                faults.append(f"{file.path}: cannot be read: {error}")
    return list(names), faults


def names_of(keep: Iterable[str], taken: Iterable[str]) -> list[str]:
    """Return the names of kept columns in the output: ``input_`` goes before those that it has itself."""
    known, names = set(taken), []
    for name in keep:
        while name in known:
            name = f"input_{name}"  # noqa: PLW2901
        known.add(name)
        names.append(name)
    return names


def _names_of_lines(opened: IO[bytes], _file: InputFile, _fields: Fields) -> Iterable[str]:
    for number, line in enumerate(islice(iter(lambda: opened.readline(MAX_LINE_BYTES), b""), N_LINES)):
        try:
            value = json.loads(line.decode("utf-8-sig" if number == 0 else "utf-8"))
        except (ValueError, RecursionError):
            continue
        if isinstance(value, dict):
            yield from value


def _names_of_table(opened: IO[bytes], file: InputFile, fields: Fields) -> Iterable[str]:
    with open_table(opened, file.path, file.format, dialect=fields.dialect, required=fields.required) as table:
        return table.header


def _names_of_documents(_opened: IO[bytes], _file: InputFile, _fields: Fields) -> Iterable[str]:
    return DOCUMENT_FIELDS


def _names_of_parquet(opened: IO[bytes], _file: InputFile, _fields: Fields) -> Iterable[str]:
    return list(pq.read_schema(opened).names)


_NAMES: dict[str, Callable[[IO[bytes], InputFile, Fields], Iterable[str]]] = {
    "jsonl": _names_of_lines,
    **dict.fromkeys(RECORDS, _names_of_table),
    DOCUMENT: _names_of_documents,
    "parquet": _names_of_parquet,
}
