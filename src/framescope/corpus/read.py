"""Which reader reads which format; the one way to read a corpus.

    corpus = read_corpus("articles.jsonl")
    corpus = read_corpus("SemEval/", format="semeval2025", codebook=read_codebook(path), skip_invalid=True)

A new format is one reader and one row in :data:`READERS`.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from framescope.codebook import Codebook
from framescope.corpus import table
from framescope.corpus.conventions import DEFAULT_CONVENTIONS, Conventions
from framescope.corpus.doccano import read_doccano
from framescope.corpus.frame import FRAME, read_frame
from framescope.corpus.labelstudio import read_labelstudio
from framescope.corpus.prodigy import read_prodigy
from framescope.corpus.raw import RawRows, Source
from framescope.corpus.rows import build_corpus
from framescope.corpus.schema import DEFAULT_FIELDS, HUB, IN_MEMORY, Corpus, FieldNames
from framescope.corpus.semeval import read_semeval2023, read_semeval2025
from framescope.corpus.starter import read_starter
from framescope.errors import CodebookError, CorpusError, InputError
from framescope.formats.files import TABLES, suffix_of
from framescope.frames import is_frame

if TYPE_CHECKING:
    from datasets import Dataset

READERS: dict[str, Callable[[Source], RawRows]] = {
    **table.READERS,
    "semeval2025": read_semeval2025,
    "semeval2023": read_semeval2023,
    "labelstudio": read_labelstudio,
    "doccano": read_doccano,
    "prodigy": read_prodigy,
    "starter": read_starter,
}

WITH_OPTIONS = frozenset({"semeval2023"})


def read_corpus(
    path: Path | str | Dataset | Any,
    *,
    format: str | None = None,  # noqa: A002 - the word that users know from --format
    codebook: Codebook | None = None,
    fields: FieldNames = DEFAULT_FIELDS,
    conventions: Conventions = DEFAULT_CONVENTIONS,
    skip_invalid: bool = False,
) -> Corpus:
    """Read annotated units.

    Args:
        path: a file, a folder, ``hf:<name>[:config][:split]`` for a dataset of the Hugging Face hub, or a
            ``datasets.Dataset``, or a data frame of pandas, polars, pyarrow, DuckDB or alike.
        format: a name of :data:`READERS`; without it the suffix decides (before ``.gz``), and a folder is
            ``starter`` where it holds a ``codebook.json``. ``semeval2023:3:dev`` names subtask and split.
        codebook: the labels to expect; otherwise the format's own, otherwise flat from the labels found.
        fields: the columns that hold the fields.
        conventions: how labels are joined, cells quoted and characters counted, where the file cannot tell.
        skip_invalid: leave out rows with problems and list them in the corpus.

    Raises:
        CorpusError: with every problem that was found.
        CodebookError: the corpus brings a codebook that cannot be used.
    """
    source: Path | str
    try:
        if is_frame(path) and not hasattr(type(path), "features"):  # datasets know the names of their classes
            raw, source, name = read_frame(path, fields), FRAME, FRAME
        elif not isinstance(path, Path | str) or str(path).startswith(HUB):
            raw, source, name = _read_with_datasets(path, fields, conventions)
        else:
            raw, source, name = _read_file(Path(path), format, fields, conventions)
        raw = replace(raw, conventions=conventions)
        return build_corpus(raw, source, format_name=name, codebook=codebook, skip_invalid=skip_invalid)
    except (CorpusError, CodebookError):
        raise
    except InputError as error:
        raise CorpusError(error.problems) from error


def _read_file(
    path: Path, asked: str | None, fields: FieldNames, conventions: Conventions
) -> tuple[RawRows, Path, str]:
    """Return the rows of a file or a folder, where it is, and the name of its format."""
    name, *options = (asked or _format_of(path)).split(":")
    if name not in READERS or (options and name not in WITH_OPTIONS):
        expected = f"expected one of {', '.join(READERS)}"
        raise CorpusError.at(path, f"unknown format {':'.join([name, *options])!r}, {expected}")
    return READERS[name](Source(path, fields, tuple(options), conventions)), path, name


def _read_with_datasets(
    corpus: Path | str | Dataset, fields: FieldNames, conventions: Conventions
) -> tuple[RawRows, str, str]:
    """Return the rows of a dataset, its name and that of its format."""
    # Lazily: datasets takes seconds to load, and files are read without it.
    from framescope.corpus.hub import read_dataset, read_hub  # noqa: PLC0415

    if isinstance(corpus, Path | str):
        return read_hub(str(corpus), fields, conventions), str(corpus), "hf"
    return read_dataset(corpus, IN_MEMORY, fields), IN_MEMORY, IN_MEMORY


def _format_of(path: Path) -> str:
    formats = ", ".join(READERS)
    if path.is_dir():
        if (path / "codebook.json").is_file():
            return "starter"
        raise CorpusError.at(path, f"is a folder without codebook.json: name its format, one of {formats}")
    if not path.exists():
        raise CorpusError.at(path, "no such file or folder")
    suffix = suffix_of(path)
    if suffix not in TABLES:
        raise CorpusError.at(path, f"suffix {suffix!r} is no known format: name it, one of {formats}")
    return TABLES[suffix]
