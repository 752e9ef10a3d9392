"""CSV, TSV and their kind, record by record, for every command.

The separator is that of the format, unless the header tells another one, which is said. The strict csv module
refuses stray quotes; a quoted cell that has swallowed rows is a fault of its record, and so are bytes that are
not of the encoding, a header that occurs again, and too many cells.
"""

from __future__ import annotations

import csv
import logging
from collections import Counter
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Literal

from framescope.errors import InputError, columns_shown
from framescope.formats.dialect import Dialect, Quoting
from framescope.formats.encodings import UTF8, encoding_problem, likely, open_text, undecoded_byte
from framescope.formats.layout import (
    DELIMITERS,
    REPEATED_HEADER,
    are_whole_rows,
    excel_delimiter,
    other_delimiter,
    refuse_data,
    repeats_header,
)
from framescope.visible import visible

MAX_RECORD_CHARACTERS = 32_000_000
QUOTE_RULE = (
    "quote fields with quotes or separators in them, and double their quotes; "
    "--quoting none if quotes are plain characters here"
)
SWALLOWED = (
    "is a quote not closed on its line? --quoting none if quotes are plain characters here, "
    "--quoting standard if the cell is right"
)

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Record:
    """A row below the header: its first line and its number, from 1, and its cells, or why there are none."""

    line: int
    number: int
    cells: list[str]
    fault: str = ""


class SeparatedTable:
    """A table with a header; its records can be read once. It leaves the file open that it was given.

    ``required`` are columns that a header of this table has: by them the separator is found.

    Raises:
        InputError: there is no header, or it cannot be one.
    """

    def __init__(
        self,
        opened: IO[bytes],
        path: Path | str,
        *,
        delimiter: str,
        dialect: Dialect,
        required: Collection[str],
    ) -> None:
        if csv.field_size_limit() < MAX_RECORD_CHARACTERS:
            # The limit is global. It is lifted for good: other threads may be reading, too.
            csv.field_size_limit(MAX_RECORD_CHARACTERS)
        self._path, self._quoting = path, dialect.quoting
        self._usual, self._asked = delimiter, dialect.delimiter
        self._looks_like: str | None = None
        self._text = open_text(opened, path, dialect.encoding)
        try:
            self._lines = _Lines(self._text, path)
            self.delimiter = self._found_delimiter(required)
            self._reader = self._new_reader()
            self.header = self._read_header(required)
        except UnicodeDecodeError as error:
            self._text.detach()
            raise _undecodable(path, error) from error
        except InputError:
            self._text.detach()
            raise

    def __enter__(self) -> SeparatedTable:
        return self

    def __exit__(self, *_error: object) -> None:
        self._text.detach()

    def records(self) -> Iterator[Record]:
        """Yield the rows below the header, blank lines apart.

        Raises:
            InputError: a quote is not closed for too long, or the file cannot be decoded.
        """
        if self.delimiter not in {self._usual, self._asked}:
            shown = DELIMITERS.get(self.delimiter, repr(self.delimiter))
            logger.warning("%s", visible(f"{self._path}: read with {shown} between the columns"))
        try:
            for number, (line, cells, fault) in enumerate(self._raw_records(), start=1):
                yield Record(line, number, cells, fault or self._fault(cells))
        except UnicodeDecodeError as error:
            raise _undecodable(self._path, error) from error

    def _found_delimiter(self, required: Collection[str]) -> str:
        """Return what separates cells, and pass by Excel's line where there is one."""
        first = self._lines.ahead()
        by_excel = excel_delimiter(first)
        if by_excel is not None:
            self._lines.skip()
            first = self._lines.ahead()
        if self._asked is not None:
            return self._asked
        return by_excel or other_delimiter(first, self._usual, required) or self._usual

    def _new_reader(self) -> Iterator[list[str]]:
        how: Literal[0, 3] = csv.QUOTE_NONE if self._quoting == Quoting.NONE else csv.QUOTE_MINIMAL
        return csv.reader(self._lines, delimiter=self.delimiter, quoting=how, strict=True)

    def _read_header(self, required: Collection[str]) -> list[str]:
        """Return the names of the columns."""
        line, cells, fault = next(self._raw_records(), (1, [], "is empty, expected a header and rows"))
        if fault:
            raise InputError.at(self._path, fault, line=line if cells else None)
        if fault := self._undecoded(cells):
            raise InputError.at(self._path, fault, line=line)
        refuse_data(cells, required, self._path)
        return check_header(cells, self._path, line)

    def _raw_records(self) -> Iterator[tuple[int, list[str], str]]:
        """Yield each record that is not a blank line: the number of its first line, its cells, its fault."""
        while True:
            line = self._lines.begin_record()
            try:
                cells = next(self._reader)
            except StopIteration:
                return
            except csv.Error as error:
                yield line, [""], f"is not valid CSV: {error}: {QUOTE_RULE}"
                continue
            if cells:
                yield line, cells, ""

    def _fault(self, cells: list[str]) -> str:
        """Return why cells are no row, nothing if they are one."""
        since = self._lines.since
        if self._quoting is None and are_whole_rows(since, self.delimiter, len(self.header)):
            return f"a quoted cell holds {len(since)} rows: {SWALLOWED}"
        if len(cells) != len(self.header):
            return f"has {len(cells)} fields, expected {len(self.header)}"
        if repeats_header(zip(self.header, cells, strict=True)):
            return REPEATED_HEADER
        return self._undecoded(cells)

    def _undecoded(self, cells: list[str]) -> str:
        """Return what is wrong with a byte that is no character."""
        text = "\n".join(cells)
        byte = undecoded_byte(text)
        if byte is None:
            return ""
        if not self._text.encoding.startswith(UTF8):
            return f"byte 0x{byte:02x} is not {self._text.encoding}"
        if self._looks_like is None:  # found once: it takes time
            self._looks_like = likely(text.encode(errors="surrogateescape"))
        return encoding_problem(byte, self._looks_like)


def check_header(cells: Sequence[str], path: Path | str, line: int) -> list[str]:
    """Return the names of the columns; the unnamed index column of pandas becomes ``column 1``.

    Raises:
        InputError: two have one name.
    """
    header = [
        cell.strip().removeprefix("\ufeff") or f"column {position}"
        for position, cell in enumerate(cells, start=1)
    ]
    repeated = sorted(name for name, count in Counter(header).items() if count > 1)
    if repeated:
        raise InputError.at(path, f"columns occur twice: {columns_shown(repeated)}", line=line)
    return header


def _undecodable(path: Path | str, error: UnicodeDecodeError) -> InputError:
    return InputError.at(path, f"is not {error.encoding}: {error.reason}")


class _Lines:
    """The lines of a text, of which those since the last record are kept.

    Raises:
        InputError: a record has too many characters.
    """

    def __init__(self, text: IO[str], path: Path | str) -> None:
        self._text, self._path = text, path
        self._ahead: str | None = None
        self._n_lines = 0
        self._n_characters = 0
        self.since: list[str] = []

    def ahead(self) -> str:
        """Return the next line that is not blank, which stays the next one."""
        if self._ahead is None:
            self._ahead = self._readline()
            while self._ahead and not self._ahead.strip():
                self._n_lines += 1
                self._ahead = self._readline()
        return self._ahead

    def skip(self) -> None:
        """Pass by the line that is ahead."""
        self._ahead = None
        self._n_lines += 1

    def begin_record(self) -> int:
        """Forget the lines so far; return the number of the next one."""
        self.since.clear()
        self._n_characters = 0
        return self._n_lines + 1

    def __iter__(self) -> _Lines:
        return self

    def __next__(self) -> str:
        line, self._ahead = self._readline() if self._ahead is None else self._ahead, None
        if not line:
            raise StopIteration
        self._n_lines += 1
        self._n_characters += len(line)
        if self._n_characters > MAX_RECORD_CHARACTERS:
            message = f"the record has more than {MAX_RECORD_CHARACTERS} characters: is a quote not closed?"
            raise InputError.at(self._path, message, line=self._n_lines - len(self.since))
        self.since.append(line)
        return line

    def _readline(self) -> str:
        return self._text.readline(MAX_RECORD_CHARACTERS + 1)
