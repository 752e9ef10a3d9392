"""Articles to predict on, from text files, JSON lines and standard input, with nothing heavy loaded."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from types import NoneType
from typing import Any, BinaryIO

from framescope.article_ids import AT_BYTE, from_common_folder, stem_of
from framescope.corpus.files import BOM, encoding_problem, numbered_lines, parse_json
from framescope.errors import InputError, Problem
from framescope.limits import MAX_TEXT_BYTES, open_unpacked
from framescope.text.article import full_text

STDIN = "-"
SUFFIXES = (".txt", ".jsonl", ".ndjson")
EXPECTED_SUFFIX = ".txt, .jsonl or .ndjson"
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


def read_articles(sources: Iterable[str], stdin: BinaryIO) -> list[Article]:
    """Return the articles of files, and that of standard input where a source is ``-``.

    A line of JSON is an object with ``text`` and, where known, ``id``, ``title`` and ``lang``. An article
    without an id is named by its place: see :mod:`framescope.article_ids`. An empty ``text`` is one
    of which nothing is known; a file without any content is a problem, and so is every line that is no
    article.

    All articles are held in memory: whoever prints results must know every problem before, and a pipe can be
    read only once. ``framescope score`` is for more than memory holds.

    Raises:
        InputError: with the problems of all sources.
    """
    problems: list[Problem] = []
    named = list(sources)
    stems = _stems(named)
    articles = [article for source in named for article in _read(source, stems[source], stdin, problems)]
    if problems:
        raise InputError(problems)
    return articles


def suffix_of(path: Path) -> str:
    """Return the suffix that tells the format, ``.gz`` apart."""
    return Path(path.name.lower().removesuffix(".gz")).suffix


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
    paths = [path for path in dict.fromkeys(sources) if path != STDIN]
    prefixes = from_common_folder([Path(path).absolute().parent.as_posix() for path in paths])
    return {path: stem_of(prefix + Path(path).name) for path, prefix in zip(paths, prefixes, strict=True)} | {
        STDIN: STDIN
    }


def _read(source: str, stem: str, stdin: BinaryIO, problems: list[Problem]) -> Iterator[Article]:
    """Yield the articles of one source; a name that ends in ``.gz`` is unpacked."""
    path = Path(source)
    try:
        if source == STDIN:
            yield Article(STDIN, _decode(stdin.read(MAX_TEXT_BYTES + 1), STDIN))
        elif suffix_of(path) == ".txt":
            with open_unpacked(path) as opened:
                yield Article(stem, _decode(opened.read(MAX_TEXT_BYTES + 1), source))
        else:
            yield from _read_lines(path, stem, problems)
    except InputError as error:
        problems.extend(error.problems)


def _decode(content: bytes, name: str) -> str:
    """Return the text that a text file, or standard input, holds.

    Raises:
        InputError: there is nothing in it, or it is not UTF-8.
    """
    content = content.removeprefix(BOM)
    if len(content) > MAX_TEXT_BYTES:
        raise InputError.at(name, f"has more than {MAX_TEXT_BYTES} bytes")
    if not content.strip():
        raise InputError.at(name, "is empty, expected an article")
    try:
        return content.decode()
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        raise InputError.at(name, encoding_problem(content[error.start]), line=line) from error


def _read_lines(path: Path, stem: str, problems: list[Problem]) -> Iterator[Article]:
    for number, begin, line in numbered_lines(path, problems):
        try:
            value = parse_json(line)
        except ValueError as error:
            problems.append(Problem(str(error), path, number))
        else:
            yield from _article_of(value, path, number, f"{stem}{AT_BYTE}{begin}", problems)


def _article_of(
    value: object, path: Path, line: int, default_id: str, problems: list[Problem]
) -> Iterator[Article]:
    """Yield the article of a line, or nothing where a field is at fault."""
    if not isinstance(value, dict):
        found = type(value).__name__
        problems.append(Problem(f"expected a JSON object, found a {found}", path, line))
        return
    faults = [
        Problem(f"expected a string, found {type(value[name]).__name__}", path, line, name)
        for name, allowed in (
            ("id", {str, int, NoneType}),
            ("title", {str, NoneType}),
            ("lang", {str, NoneType}),
        )
        if type(value.get(name)) not in allowed  # a bool is an int, too
    ]
    if "text" not in value:
        faults.append(Problem("is missing, expected the text of the article", path, line, "text"))
    elif not isinstance(value["text"], str):
        message = f"expected a string, found {type(value['text']).__name__}"
        faults.append(Problem(message, path, line, "text"))
    elif (n_bytes := _n_bytes(value)) > MAX_TEXT_BYTES:
        message = f"has {n_bytes} bytes, title included, more than {MAX_TEXT_BYTES}"
        faults.append(Problem(message, path, line, "text"))
    problems.extend(faults)
    if not faults:
        given = value.get("id")
        article_id = default_id if given is None or given == "" else str(given)
        title = value.get("title") or ""
        source, date = (str(value.get(name) or "") for name in ("source", "date"))
        text = full_text(title, value["text"])
        n_before = len(text) - len(value["text"])
        yield Article(article_id, text, value.get("lang") or "", title, source, date, n_before)


def _n_bytes(value: dict[str, Any]) -> int:
    title = value.get("title")
    return len(value["text"].encode()) + (len(title.encode()) if isinstance(title, str) else 0)
