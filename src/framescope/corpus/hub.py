"""Reader of datasets: of the Hugging Face hub, of a folder that ``datasets`` understands, or in memory.

It loads ``datasets``, which takes seconds: import it where such a corpus is read.
"""

from __future__ import annotations

import errno
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import datasets
import pyarrow as pa

from framescope.corpus.conventions import DEFAULT_CONVENTIONS, Conventions
from framescope.corpus.raw import RawRows, Row, Source
from framescope.corpus.schema import HUB, FieldNames
from framescope.corpus.table import read_json_objects, read_json_rows, read_table_rows
from framescope.errors import CorpusError, InputError, Problem
from framescope.formats.files import parse_json, read_content
from framescope.formats.tables import DELIMITERS

LOADER_ERRORS = (
    *(OSError, ValueError, RuntimeError, TypeError, AttributeError, LookupError, ImportError, AssertionError),
    *(pa.ArrowException, datasets.exceptions.DatasetsError),
)
"""What ``datasets`` raises for files that it cannot read: of another version, of other layouts, away."""

KINDS = {sign: kind for kind, sign in DELIMITERS.items()}
PLAIN_CSV = {"header": "infer", "names": None, "column_names": None, "quotechar": '"', "quoting": 0}
"""The settings of a CSV data set with which it is the file that ``read_csv`` reads."""

N_CAUSES = 5
N_CAUSE_SHOWN = 300


CACHE_ERRORS = {errno.EACCES, errno.EPERM, errno.EROFS, errno.ENOENT, errno.ENOSPC}
CACHE_REMEDY = ": if it is the folder where datasets keeps its files, name another one by HF_HOME"


def read_hub(name: str, fields: FieldNames, conventions: Conventions = DEFAULT_CONVENTIONS) -> RawRows:
    """Read ``hf:<name>[:config][:split]``; the split is ``train`` unless named.

    ``hf:name::test`` names a split of a dataset with a single configuration. CSV and JSON without declared
    types are read as such files are elsewhere, so that ``NA`` and ``001`` stay as they are. ``datasets`` keeps
    what it downloads in its own cache.
    """
    parts = name.removeprefix(HUB).split(":")
    if not parts[0] or len(parts) > 3:
        raise CorpusError.at(name, "expected hf:<name>[:config][:split]")
    path, config, split = [*parts, "", ""][:3]
    source = Source(Path(name), fields, conventions=conventions)
    try:
        with _quiet_when_piped():
            builder = datasets.load_dataset_builder(path, config or None)
            files = _plain_files(builder, split or "train")
            if not files:
                return read_dataset(_prepared(builder, path, config, split or "train"), name, fields)
    except InputError:
        raise
    except LOADER_ERRORS as error:
        remedy = CACHE_REMEDY if isinstance(error, OSError) and error.errno in CACHE_ERRORS else ""
        raise CorpusError.at(name, f"cannot be loaded: {_causes(error)}{remedy}") from error
    return _read_files(files, _delimiter(builder), name, source)


def read_dataset(dataset: datasets.Dataset, name: str, fields: FieldNames) -> RawRows:
    """Read a dataset that is in memory; ``name`` is what its rows without an id, and messages, are named by.

    Class numbers become the names of the classes, a class of -1 no label.

    Raises:
        CorpusError: it is no dataset.
    """
    if not isinstance(dataset, datasets.Dataset):
        found = type(dataset).__name__
        raise CorpusError.at(name, f"expected a path, an hf: name or a datasets.Dataset, found a {found}")
    columns = {
        column: [_decode(value, dataset.features[column]) for value in values]
        for column, values in dataset.with_format("arrow")[:].to_pydict().items()
    }
    rows = [
        Row(dict(zip(columns, values, strict=True)), name, number, part=f"row {number}")
        for number, values in enumerate(zip(*columns.values(), strict=True), start=1)
    ]
    return RawRows(rows, fields=fields)


def _delimiter(builder: datasets.DatasetBuilder) -> str:
    """Return what separates the fields of a CSV data set; nothing for JSON."""
    return str(getattr(builder.config, "sep", ""))


def _plain_files(builder: datasets.DatasetBuilder, split: str) -> list[tuple[str, Path]]:
    """Return the files of a split, named, that are read as files are; none where ``datasets`` must read."""
    config = builder.config
    is_csv = builder.name == "csv" and config.sep in {",", "\t"} and not config.delimiter
    is_plain = (is_csv and all(getattr(config, k, v) == v for k, v in PLAIN_CSV.items())) or (
        builder.name == "json" and getattr(config, "field", None) is None
    )
    if not is_plain or builder.info.features is not None or split not in (config.data_files or {}):
        return []
    origins = [str(origin) for origin in config.data_files[split]]
    paths = map(Path, datasets.DownloadManager().download_and_extract(origins))
    files = [(origin.rsplit("/", 1)[-1], path) for origin, path in zip(origins, paths, strict=True)]
    return files if all(path.is_file() for _, path in files) else []


def _prepared(builder: datasets.DatasetBuilder, path: str, config: str, split: str) -> datasets.Dataset:
    """Return what ``datasets`` makes of its files; words such as ``NA`` stay words where text is declared."""
    options: dict[str, Any] = {}
    if builder.name == "csv" and builder.info.features is not None:
        text = {column for column, kind in builder.info.features.items() if kind == datasets.Value("string")}
        options = {
            "keep_default_na": False,
            "na_values": {column: [""] for column in builder.info.features if column not in text},
        }
    return datasets.load_dataset(path, config or None, split=split, **options)


def _read_files(files: list[tuple[str, Path]], delimiter: str, name: str, source: Source) -> RawRows:
    """Read files as one; rows and problems are named by the data set, and by file and line within it."""
    rows: list[Row] = []
    problems: list[Problem] = []
    for file, path in files:
        found: list[Problem] = []
        try:
            read = _read_file(replace(source, path=path), delimiter, found)
        except InputError as error:
            raise CorpusError([_renamed(problem, name, file) for problem in error.problems]) from error
        problems += [_renamed(problem, name, file) for problem in found]
        for row in read:
            part = row.part or f"line {row.line}"
            rows.append(Row(row.values, name, len(rows) + len(problems) + 1, part=f"{file}: {part}"))
    return RawRows(rows, problems, fields=source.fields)


def _read_file(source: Source, delimiter: str, problems: list[Problem]) -> list[Row]:
    if delimiter:
        return read_table_rows(source, KINDS[delimiter], problems)
    if not read_content(source.path).lstrip().startswith(b"["):
        return read_json_rows(source.path, problems)
    values = read_json_objects(source.path)
    return [Row(value, source.path, n, part=f"row {n}") for n, value in enumerate(values, start=1)]


def _renamed(problem: Problem, name: str, file: str) -> Problem:
    """Return a problem of a cached file as one of the data set."""
    line = None if problem.line is None else f"line {problem.line}"
    return Problem(problem.message, name, field=": ".join(filter(None, [file, line, problem.field])))


def _causes(error: BaseException) -> str:
    """Return an error with what led to it, in one line."""
    messages: list[str] = []
    cause: BaseException | None = error
    while cause is not None and len(messages) < N_CAUSES:
        message = " ".join(f"{cause}".split()) or type(cause).__name__
        if not any(message in earlier for earlier in messages):
            messages.append(message[:N_CAUSE_SHOWN])
        cause = cause.__cause__ or cause.__context__
    return "; caused by: ".join(messages)


@contextmanager
def _quiet_when_piped() -> Iterator[None]:
    """Show the progress bars of ``datasets`` on a terminal only."""
    was_enabled = datasets.is_progress_bar_enabled()
    if not sys.stderr.isatty():
        datasets.disable_progress_bars()
    try:
        yield
    finally:
        if was_enabled:
            datasets.enable_progress_bars()


def _class_names(feature: object) -> list[str] | None:
    """Return the names of a class column, or of a column of lists of classes."""
    inner = feature[0] if isinstance(feature, list) else getattr(feature, "feature", feature)
    return list(inner.names) if isinstance(inner, datasets.ClassLabel) else None


def _decode(value: Any, feature: object) -> object:
    if type(feature).__name__ == "Json" and isinstance(value, str):
        try:
            return parse_json(value)
        except ValueError:
            return value
    names = _class_names(feature)
    if names is None or value is None:
        return value
    numbers = value if isinstance(value, list) else [value]
    return [names[number] for number in numbers if number is not None and number >= 0]
