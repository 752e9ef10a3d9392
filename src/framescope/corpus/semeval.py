r"""Readers of two shared tasks as they were published: SemEval-2025 Task 10 and SemEval-2023 Task 3.

Both take the root with a folder per language, or one language's folder. The id is the article's name in the
annotation file; a name that occurs in several of the languages read gets the folder before it, as in
``BG/article.txt``. Articles without a line in the annotation file are no units: that file says what belongs to
a subtask. Line ends become ``\n``.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from framescope.codebook import Codebook
from framescope.corpus.raw import RawRows, Row, Source
from framescope.errors import CorpusError, InputError, Problem
from framescope.formats.files import numbered_lines, read_text

logger = logging.getLogger(__name__)

NARRATIVES_FILE = "subtask-2-annotations.txt"
DOMINANT_FILE = "subtask-3-annotations.txt"
DOCUMENT_FOLDERS = ("raw-documents", "subtask-2-documents")
DOMINANT_COLUMNS = ("dominant_narrative", "dominant_subnarrative", "explanation")


@dataclass(frozen=True, slots=True)
class _Line:
    """One line of an annotation file, taken apart at the tabs."""

    cells: Sequence[str]
    path: Path
    number: int

    def problem(self, field_name: str, message: str) -> Problem:
        return Problem(message, self.path, self.number, field_name)


@dataclass(frozen=True, slots=True)
class _Articles:
    """The article files of one folder, each read once; only names that the folder lists are opened."""

    folder: Path
    paths: Mapping[str, Path]
    texts: dict[str, str | None] = field(default_factory=dict)

    @classmethod
    def of(cls, folder: Path) -> _Articles:
        return cls(folder, {path.name: path for path in sorted(folder.glob("[!.]*.txt"))})

    def read(self, name: str, line: _Line, problems: list[Problem]) -> str | None:
        """Return the article that a line names; None, with a problem, where it cannot be had."""
        if name not in self.paths:
            problems.append(line.problem("file", f"article {name!r} is not in {self.folder}"))
            return None
        if name not in self.texts:
            try:
                self.texts[name] = read_text(self.paths[name]).replace("\r\n", "\n")
            except InputError as error:
                self.texts[name] = None
                problems.extend(error.problems)
        return self.texts[name]


def read_semeval2025(source: Source) -> RawRows:
    """Read subtask 2 (narratives), with subtask 3's dominant narrative as further columns where present.

    The labels are the sub-narratives, ``Other`` among them; the codebook puts each under its narrative. The
    column ``file`` holds the file name that a submission needs.
    """
    problems: list[Problem] = []
    rows: list[Row] = []
    parents: dict[str, str | None] = {}
    for folder in _language_folders(source.path, NARRATIVES_FILE):
        articles = _Articles.of(_documents_folder(folder))
        dominant = _read_dominant(folder / DOMINANT_FILE, articles, problems)
        for line in _lines(folder / NARRATIVES_FILE, 3, 3, problems):
            name = line.cells[0]
            article = articles.read(name, line, problems)
            pairs = _label_pairs(line, problems)
            if article is None or pairs is None:
                continue
            for narrative, subnarrative in pairs:
                parents.setdefault(narrative, None)
                parents.setdefault(subnarrative, narrative)
            values = _article_values(name, folder, article) | {"file": name, **dominant.get(name, {})}
            values["labels"] = [subnarrative for _, subnarrative in pairs]
            rows.append(Row(values, line.path, len(rows) + 1, line.number))
        _log_unused(articles)
    codebook = Codebook.from_parents(dict(sorted(parents.items())), name="semeval-2025-task-10")
    return RawRows(_with_distinct_ids(rows), problems, codebook if parents else None)


def read_semeval2023(source: Source) -> RawRows:
    """Read subtask 1 (genre), 2 (frames) or 3 (persuasion techniques) and a split of it.

    The format names them: ``semeval2023:3:dev`` is the development split of subtask 3, ``semeval2023`` is
    ``semeval2023:2:train``. For subtask 3 each line of an article that the labels file lists is a unit,
    ``<article>:<line>``, with or without labels; blank lines are none. ``semeval2023:3-spans`` reads the folder
    of spans of subtask 3 instead: a unit is an article with its title, and spans tell its labels.
    """
    subtask, split = _subtask_and_split(source)
    if subtask == "3-spans":
        return _read_span_folders(source, split)
    problems: list[Problem] = []
    rows: list[Row] = []
    labels_file = f"{split}-labels-subtask-{subtask}.txt"
    for folder in _language_folders(source.path, labels_file):
        articles = _Articles.of(_existing(folder / f"{split}-articles-subtask-{subtask}"))
        read_unit = _paragraph if subtask == "3" else _labelled_article
        n_cells = (2, 3) if subtask == "3" else (1, 2)
        for line in _lines(folder / labels_file, *n_cells, problems):
            article = articles.read(f"article{line.cells[0]}.txt", line, problems)
            values = None if article is None else read_unit(line, folder, article, problems)
            if values is not None:
                rows.append(Row(values, line.path, len(rows) + 1, line.number))
        _log_unused(articles)
    return RawRows(_with_distinct_ids(rows), problems)


def _read_span_folders(source: Source, split: str) -> RawRows:
    """Read a file of spans for each article: number of the article, technique, start, end."""
    problems: list[Problem] = []
    rows: list[Row] = []
    spans_folder = f"{split}-labels-subtask-3-spans"
    for folder in _language_folders(source.path, spans_folder):
        articles = _Articles.of(_existing(folder / f"{split}-articles-subtask-3"))
        for path in sorted((folder / spans_folder).glob("[!.]*.txt")):
            number = path.name.partition("-")[0].removeprefix("article").removesuffix(".txt")
            first = _Line([number], path, 1)
            text = articles.read(f"article{number}.txt", first, problems)
            if text is None:
                continue
            spans = list(_technique_spans(path, number, problems))
            labels = list(dict.fromkeys(span["label"] for span in spans))
            values = {"id": number, "lang": folder.resolve().name.lower(), "text": text}
            rows.append(Row(values | {"labels": labels, "spans": spans}, path, len(rows) + 1))
        _log_unused(articles)
    return RawRows(_with_distinct_ids(rows), problems)


def _technique_spans(path: Path, number: str, problems: list[Problem]) -> Iterator[dict[str, Any]]:
    """Yield the spans of one article; a file without lines has none."""
    for line in _lines(path, 4, 4, problems) if path.read_bytes().strip() else ():
        article, technique, *offsets = line.cells
        if article != number:
            problems.append(
                line.problem("article", f"expected {number!r} as in the file's name, found {article!r}")
            )
        elif not all(cell.isascii() and cell.isdecimal() for cell in offsets):
            problems.append(line.problem("offsets", f"expected start and end, found {offsets!r:.60}"))
        else:
            yield {"start": int(offsets[0]), "end": int(offsets[1]), "label": technique}


def _language_folders(root: Path, annotation_file: str) -> list[Path]:
    if not root.is_dir():
        raise CorpusError.at(root, "no such folder")
    if (root / annotation_file).exists():
        return [root]
    folders = sorted(path.parent for path in root.glob(f"*/{annotation_file}"))
    if not folders:
        raise CorpusError.at(root, f"expected {annotation_file} here, or in a folder per language")
    return folders


def _documents_folder(folder: Path) -> Path:
    for name in DOCUMENT_FOLDERS:
        if (folder / name).is_dir():
            return folder / name
    raise CorpusError.at(folder, f"expected a folder {' or '.join(DOCUMENT_FOLDERS)}")


def _existing(folder: Path) -> Path:
    if not folder.is_dir():
        raise CorpusError.at(folder, "no such folder, expected the articles")
    return folder


def _lines(path: Path, n_min: int, n_max: int, problems: list[Problem]) -> Iterator[_Line]:
    """Yield the lines with a number of fields in the given range; others go to ``problems``."""
    expected = str(n_min) if n_min == n_max else f"{n_min} or {n_max}"
    for number, _, line in numbered_lines(path, problems):
        cells = [cell.strip() for cell in line.split("\t")]
        if n_min <= len(cells) <= n_max:
            yield _Line(cells, path, number)
        else:
            message = f"{len(cells)} tab-separated fields, expected {expected}"
            problems.append(Problem(message, path, number))


def _read_dominant(path: Path, articles: _Articles, problems: list[Problem]) -> dict[str, dict[str, str]]:
    """Return subtask 3's columns by file name; nothing where the release has no subtask 3."""
    dominant = {}
    for line in _lines(path, 3, 4, problems) if path.is_file() else ():
        name, *cells = line.cells
        if name in articles.paths:
            dominant[name] = dict(zip(DOMINANT_COLUMNS, [*cells, ""], strict=False))
        else:
            problems.append(line.problem("file", f"article {name!r} is not in {articles.folder}"))
    return dominant


def _label_pairs(line: _Line, problems: list[Problem]) -> list[tuple[str, str]] | None:
    """Return the distinct narratives with their sub-narratives; None, with a problem, if they do not match."""
    above, below = ([label.strip() for label in cell.split(";")] for cell in line.cells[1:])
    if len(above) != len(below):
        message = f"{len(below)} sub-narratives, expected one for each narrative ({len(above)})"
        problems.append(line.problem("sub-narratives", message))
        return None
    pairs = list(dict.fromkeys(zip(above, below, strict=True)))
    for narrative, subnarrative in pairs:
        # "Other" alone stands on the first level and is its own sub-narrative.
        if not narrative or narrative not in {subnarrative, subnarrative.rpartition(": ")[0]}:
            message = f"{subnarrative!r} is no sub-narrative of {narrative!r}"
            problems.append(line.problem("sub-narratives", message))
            return None
    return pairs


def _article_values(name: str, folder: Path, article: str) -> dict[str, object]:
    """Return an article's fields: its first line is the title, unless there is no other."""
    title, _, text = article.strip().partition("\n")
    title, text = (title.strip(), text.strip()) if text.strip() else ("", title)
    return {"id": name, "lang": folder.resolve().name.lower(), "title": title, "text": text}


def _with_distinct_ids(rows: Sequence[Row]) -> list[Row]:
    """Put the language's folder before the ids that occur in more than one language."""
    folders: dict[object, set[Path]] = {}
    for row in rows:
        folders.setdefault(row.values["id"], set()).add(_language_folder(row))
    return [
        replace(row, values={**row.values, **_ids_with_folder(row)})
        if len(folders[row.values["id"]]) > 1
        else row
        for row in rows
    ]


def _language_folder(row: Row) -> Path:
    folder = Path(row.path).parent
    return folder.parent if folder.name.endswith("-spans") else folder


def _ids_with_folder(row: Row) -> dict[str, str]:
    folder = _language_folder(row).resolve().name
    return {name: f"{folder}/{row.values[name]}" for name in ("id", "article_id") if name in row.values}


def _subtask_and_split(source: Source) -> tuple[str, str]:
    subtask, split = [*source.options, *("2", "train")[len(source.options) :]][:2]
    if subtask not in {"1", "2", "3", "3-spans"} or len(source.options) > 2 or not split.isalnum():
        name = ":".join(["semeval2023", *source.options])
        message = f"{name!r} is no format, expected semeval2023:<subtask 1, 2, 3 or 3-spans>:<split>"
        raise CorpusError.at(source.path, message)
    return subtask, split


def _labelled_article(
    line: _Line, folder: Path, article: str, problems: list[Problem]
) -> dict[str, object] | None:
    """Return the unit of subtasks 1 and 2: the article, labelled with its genre or its frames."""
    values = _article_values(line.cells[0], folder, article)
    return values | {"labels": _comma_separated(line.cells[1:]), "file": f"article{line.cells[0]}.txt"}


def _paragraph(line: _Line, folder: Path, article: str, problems: list[Problem]) -> dict[str, object] | None:
    """Return the unit of subtask 3: one line of the article; None if it is blank or there is no such line."""
    name, number, *techniques = line.cells
    paragraphs = article.split("\n")
    if not number.isascii() or not number.isdecimal() or not 0 < int(number) <= len(paragraphs):
        message = f"{number!r} is no line of article{name}.txt, which has {len(paragraphs)} lines"
        problems.append(line.problem("line", message))
        return None
    text, labels = paragraphs[int(number) - 1].strip(), _comma_separated(techniques)
    if not text:
        if labels:
            problems.append(line.problem("line", f"line {number} of article{name}.txt is labelled but empty"))
        return None
    lang = folder.resolve().name.lower()
    return {"id": f"{name}:{number}", "article_id": name, "lang": lang, "text": text, "labels": labels}


def _comma_separated(cells: Sequence[str]) -> list[str]:
    return [label.strip() for cell in cells for label in cell.split(",") if label.strip()]


def _log_unused(articles: _Articles) -> None:
    n_unused = len(articles.paths.keys() - articles.texts.keys())
    if n_unused:
        logger.info("%d articles of %s have no annotation and are not read", n_unused, articles.folder)
