"""From a slice to rows: one reader a format, and one kind of error for whatever is wrong with a file."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pyarrow as pa

from framescope.batch.inputs import DOCUMENT
from framescope.batch.lines import read_lines
from framescope.batch.rows import Found, ScorableRows, check
from framescope.batch.shards import Slice
from framescope.batch.tables import read_document_files, read_parquet, read_records, read_texts
from framescope.errors import InputError, TextError
from framescope.formats.dialect import Fields
from framescope.formats.tables import RECORDS
from framescope.text.segments import Unit

READERS: dict[str, Callable[[Slice, Fields], Iterator[Found]]] = {
    "jsonl": read_lines,
    **dict.fromkeys(RECORDS, read_records),
    DOCUMENT: read_document_files,
    "parquet": read_parquet,
    "txt": read_texts,
}


def read(piece: Slice, fields: Fields, unit: Unit = Unit.ARTICLE) -> Iterator[ScorableRows]:
    """Yield the rows of a slice in batches, in order, with titles for a model of whole articles.

    Raises:
        InputError: a file is missing, damaged, changed, or lacks a column.
    """
    file = piece.files[0]
    try:
        for found in READERS[file.format](piece, fields):
            yield check(found, fields, with_titles=unit == Unit.ARTICLE)
    except (pa.ArrowException, UnicodeDecodeError) as error:
        raise InputError.at(file.path, f"is not an intact {file.format} file: {error}") from error
    except TextError as error:
        raise InputError.at(file.path, str(error)) from error
    except FileNotFoundError as error:
        raise InputError.at(error.filename or file.path, "is missing") from error
    except OSError as error:
        raise InputError.at(file.path, f"cannot be read: {error.strerror or error}") from error
