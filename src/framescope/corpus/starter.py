"""Reader of a folder that holds a corpus as framescope lays it out: JSON lines and their codebook."""

from __future__ import annotations

from pathlib import Path

from framescope.codebook_reading import read_codebook
from framescope.corpus.raw import RawRows, Row, Source
from framescope.corpus.table import read_json_rows
from framescope.errors import CorpusError, Problem


def read_starter(source: Source) -> RawRows:
    """Read every ``*.jsonl`` of a folder with its ``codebook.json``, or one file with the codebook beside it.

    A file with a codebook of its own name (``techniques.jsonl``, ``techniques.json``) is another corpus: it is
    not read with the folder, only when it is named itself.
    """
    path = source.path.resolve()
    paths = _corpus_files(path) if path.is_dir() else [path]
    problems: list[Problem] = []
    rows: list[Row] = []
    for file in paths:
        rows += read_json_rows(file, problems)
    own = _own_codebook(path)
    codebook = read_codebook(own if own.is_file() else paths[0].with_name("codebook.json"))
    return RawRows(rows, problems, codebook, source.fields)


def _corpus_files(folder: Path) -> list[Path]:
    found = sorted(
        path
        for pattern in ("*.jsonl", "*.jsonl.gz", "*.ndjson", "*.ndjson.gz")
        for path in folder.glob(pattern)
        if not path.name.startswith((".", "_"))  # hidden ones, such as macOS makes, are left out as by score
    )
    paths = [path for path in found if not _own_codebook(path).is_file()]
    if not paths:
        raise CorpusError.at(folder, "holds no *.jsonl files")
    return paths


def _own_codebook(path: Path) -> Path:
    return path.with_name(Path(path.name.removesuffix(".gz")).stem + ".json")
