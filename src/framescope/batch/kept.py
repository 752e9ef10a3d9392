"""Columns of the input that are carried through to the output: which there are, and under what names."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable, Iterable, Sequence
from itertools import islice
from typing import IO

import pyarrow as pa
import pyarrow.parquet as pq

from framescope.batch.inputs import InputFile, open_input
from framescope.batch.options import ScoringError
from framescope.errors import InputError
from framescope.limits import MAX_LINE_BYTES

ALL = "all"
N_LINES = 1000
MAX_HEADER_CHARACTERS = 1 << 20


def resolve(keep: Sequence[str], files: Iterable[InputFile], *, id_field: str | None) -> tuple[str, ...]:
    """Return the columns to keep, in the order of ``keep`` or, for ``all``, of the files; the id has its own.

    Raises:
        ScoringError: a column is in no file.
    """
    found = column_names(files)
    if list(keep) == [ALL]:
        return tuple(name for name in found if name != (id_field or "id"))
    missing = [name for name in keep if name not in found]
    if missing:
        has = f"they have {', '.join(map(repr, found))}" if found else "they have no columns"
        raise ScoringError(f"keep: no input has a column {missing[0]!r}: {has}")
    return tuple(dict.fromkeys(keep))


def column_names(files: Iterable[InputFile]) -> list[str]:
    """Return the names of the columns of all files, of JSON lines those of the first ``N_LINES`` of each.

    A file that cannot be read has none: the run itself will say so.
    """
    names: dict[str, None] = {}
    for file in files:
        if file.format in _NAMES:
            try:
                with open_input(file) as opened:
                    names.update(dict.fromkeys(_NAMES[file.format](opened)))
            except (OSError, ValueError, csv.Error, pa.ArrowException, InputError):
                continue
    return list(names)


def names_of(keep: Iterable[str], taken: Iterable[str]) -> list[str]:
    """Return the names of kept columns in the output: ``input_`` goes before those that it has itself."""
    known, names = set(taken), []
    for name in keep:
        while name in known:
            name = f"input_{name}"  # noqa: PLW2901
        known.add(name)
        names.append(name)
    return names


def _names_of_lines(opened: IO[bytes]) -> Iterable[str]:
    for number, line in enumerate(islice(iter(lambda: opened.readline(MAX_LINE_BYTES), b""), N_LINES)):
        try:
            value = json.loads(line.decode("utf-8-sig" if number == 0 else "utf-8"))
        except (ValueError, RecursionError):
            continue
        if isinstance(value, dict):
            yield from value


def _names_of_csv(opened: IO[bytes], delimiter: str = ",") -> Iterable[str]:
    text = io.TextIOWrapper(opened, encoding="utf-8-sig", newline="")
    try:
        lines = iter(lambda: text.readline(MAX_HEADER_CHARACTERS), "")
        return [cell.strip() for cell in next(csv.reader(lines, delimiter=delimiter), [])]
    finally:
        text.detach()


def _names_of_tsv(opened: IO[bytes]) -> Iterable[str]:
    return _names_of_csv(opened, "\t")


def _names_of_parquet(opened: IO[bytes]) -> Iterable[str]:
    return list(pq.read_schema(opened).names)


_NAMES: dict[str, Callable[[IO[bytes]], Iterable[str]]] = {
    "jsonl": _names_of_lines,
    "csv": _names_of_csv,
    "tsv": _names_of_tsv,
    "parquet": _names_of_parquet,
}
