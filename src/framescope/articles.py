"""Articles to predict on, from texts, tables and standard input; tables are read as those of a corpus are."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

from framescope.article_ids import from_common_folder, stem_of
from framescope.documents.document import MAX_DOCUMENT_BYTES, Document
from framescope.documents.read import SUFFIXES as DOCUMENTS
from framescope.documents.read import document_id, read_documents
from framescope.documents.web import is_web, read_web
from framescope.errors import InputError, Problem
from framescope.formats.dialect import Fields
from framescope.formats.encodings import decoded
from framescope.formats.files import TABLES, suffix_of
from framescope.formats.layout import REPEATED_HEADER, repeats_header
from framescope.limits import MAX_TEXT_BYTES, open_unpacked
from framescope.text.article import full_text

if TYPE_CHECKING:
    from framescope.corpus.raw import Row

STDIN = "-"
SUFFIXES = (".txt", *TABLES, *DOCUMENTS)
DEFAULT_FIELDS = Fields()
MAX_BATCH_ARTICLES = 256
MAX_BATCH_CHARACTERS = 4_000_000


@dataclass(frozen=True, slots=True)
class Article:
    """What a model reads of an article, title included, what its prediction is filed under, and its origin.

    ``n_before`` characters of ``text`` are the title and the line break that were put before the body.
    """

    id: str
    text: str
    lang: str = ""
    title: str = ""
    source: str = ""
    date: str = ""
    n_before: int = 0

    @property
    def body(self) -> str:
        """The text without the title that was put before it: what is cut into units."""
        return self.text[self.n_before :]


def read_articles(
    sources: Iterable[str], stdin: BinaryIO, fields: Fields = DEFAULT_FIELDS, *, allow_private: bool = False
) -> list[Article]:
    """Return the articles of files and web addresses, and that of standard input where a source is ``-``.

    A row of a table has a text and, where known, an id, a title and a language. An article without an id is
    named by its place: see :mod:`framescope.article_ids`. An empty text is one of which nothing is known; a
    file without any content is a problem, and so is every row that is no article.

    All articles are held in memory: whoever prints results must know every problem before, and a pipe can be
    read only once. ``framescope score`` is for more than memory holds.

    Raises:
        InputError: with the problems of all sources.
    """
    problems: list[Problem] = []
    named = list(sources)
    stems = _stems(named)
    articles = [
        article
        for source in named
        for article in _read(source, stems[source], stdin, fields, problems, allow_private=allow_private)
    ]
    if problems:
        raise InputError(problems)
    return articles


def readable_articles(paths: Sequence[str], fields: Fields = DEFAULT_FIELDS) -> Iterator[Article]:
    """Yield the articles of files as :func:`read_articles` names them, without the rows that are at fault."""
    stems = _stems(paths)
    for path in stems:
        yield from _read(path, stems[path], BytesIO(), fields, [], allow_private=False)


def batches(articles: Iterable[Article]) -> Iterator[list[Article]]:
    """Yield lists of articles that bound the memory: 256 articles, fewer where they are long."""
    batch: list[Article] = []
    n_characters = 0
    for article in articles:
        batch.append(article)
        n_characters += len(article.text)
        if len(batch) == MAX_BATCH_ARTICLES or n_characters >= MAX_BATCH_CHARACTERS:
            yield batch
            batch, n_characters = [], 0
    if batch:
        yield batch


def _stems(sources: Iterable[str]) -> dict[str, str]:
    """Return what articles of each file are named by: its path from the folder that has all of them."""
    named = dict.fromkeys(sources)
    paths = [path for path in named if path != STDIN and not is_web(path)]
    prefixes = from_common_folder([Path(path).absolute().parent.as_posix() for path in paths])
    return {path: stem_of(prefix + Path(path).name) for path, prefix in zip(paths, prefixes, strict=True)} | {
        source: source for source in named if source == STDIN or is_web(source)
    }


def _read(
    source: str, stem: str, stdin: BinaryIO, fields: Fields, problems: list[Problem], *, allow_private: bool
) -> Iterator[Article]:
    """Yield the articles of one source; a name that ends in ``.gz`` is unpacked."""
    path = Path(source)
    try:
        if source == STDIN:
            yield Article(STDIN, _text(stdin.read(MAX_TEXT_BYTES + 1), STDIN, fields))
        elif is_web(source):
            yield from _articles_of(read_web(source, allow_private=allow_private), source, source, problems)
        elif suffix_of(path) in DOCUMENTS:
            with open_unpacked(path) as opened:
                content = opened.read(MAX_DOCUMENT_BYTES + 1)
            found = read_documents(content, source, fields.dialect.encoding)
            yield from _articles_of(found, source, stem, problems)
        elif suffix_of(path) == ".txt":
            with open_unpacked(path) as opened:
                yield Article(stem, _text(opened.read(MAX_TEXT_BYTES + 1), source, fields))
        else:
            yield from _read_table(path, stem, fields, problems)
    except InputError as error:
        problems.extend(error.problems)


def _articles_of(
    documents: Iterable[Document], source: str, stem: str, problems: list[Problem]
) -> Iterator[Article]:
    """Yield documents as articles; what is wrong with one of several is said with its name."""
    for document in documents:
        if document.fault:
            problems.append(Problem(document.fault, source, field=document.name or None))
            continue
        text = full_text(document.title, document.text)
        yield Article(
            document_id(stem, document.name),
            text,
            document.lang,
            document.title,
            document.source,
            document.date,
            len(text) - len(document.text),
        )


def _text(content: bytes, name: str, fields: Fields) -> str:
    """Return the text that a text file, or standard input, holds.

    Raises:
        InputError: there is nothing in it, it is too much, or a byte is none of the encoding.
    """
    if len(content) > MAX_TEXT_BYTES:
        raise InputError.at(name, f"has more than {MAX_TEXT_BYTES} bytes")
    text = decoded(content, name, fields.dialect.encoding)
    if not text.strip():
        raise InputError.at(name, "is empty, expected an article")
    return text


def _read_table(path: Path, stem: str, fields: Fields, problems: list[Problem]) -> Iterator[Article]:
    # Lazily: pyarrow takes time to load, and a text can do without.
    from framescope.corpus.raw import Source  # noqa: PLC0415
    from framescope.corpus.table import READERS  # noqa: PLC0415

    raw = READERS[TABLES[suffix_of(path)]](Source.of_articles(path, fields))
    found = list(raw.problems)
    if raw.rows:
        names = dict.fromkeys(name for row in raw.rows for name in row.values)
        fields.columns(list(names), str(path))
    for row in raw.rows:
        yield from article_of(row, stem, fields, found)
    problems.extend(sorted(found, key=lambda problem: problem.line or 0))


def article_of(row: Row, stem: str, fields: Fields, problems: list[Problem]) -> Iterator[Article]:
    """Yield the article of a row, or nothing where a field is at fault."""
    names = _names(fields)
    faults: list[Problem] = []
    if repeats_header(row.values.items()):
        faults.append(row.problem("", REPEATED_HEADER))
    values = {role: row.string(name, role, faults) for role, name in names.items()}
    if row.values.get(names["text"]) is None:
        faults.append(row.problem(names["text"], "is missing, expected the text of the article"))
    n_bytes = _size_bytes(values["text"], values["title"])
    if n_bytes > MAX_TEXT_BYTES:
        message = f"has {n_bytes} bytes, title included, more than {MAX_TEXT_BYTES}"
        faults.append(row.problem(names["text"], message))
    problems.extend(faults)
    if not faults:
        source, date = (str(row.values.get(name) or "") for name in ("source", "date"))
        text = full_text(values["title"], values["text"])
        n_before = len(text) - len(values["text"])
        article_id = values["id"] or f"{stem}{row.place}"
        yield Article(article_id, text, values["lang"], values["title"], source, date, n_before)


@lru_cache(maxsize=16)
def _names(fields: Fields) -> dict[str, str]:
    """Return the columns of the roles of an article."""
    return {role: name for role, (name, _) in fields.wanted().items()}


def _size_bytes(*texts: str) -> int:
    """Return the bytes of texts in UTF-8, or as many as there might be where those are few."""
    most = 4 * sum(map(len, texts))
    return most if most <= MAX_TEXT_BYTES else sum(len(text.encode()) for text in texts)
