"""Which module reads which suffix: a new format is one module and one row here."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

from framescope.article_ids import stem_of
from framescope.documents.archives import read_tar, read_zip
from framescope.documents.document import MAX_DOCUMENT_BYTES, Document
from framescope.documents.docx import read_docx
from framescope.documents.feeds import read_feed
from framescope.documents.pages import read_html, read_mhtml
from framescope.documents.pdf import read_pdf
from framescope.documents.warc import read_warc
from framescope.errors import InputError
from framescope.formats.encodings import decoded
from framescope.formats.files import suffix_of
from framescope.limits import MAX_TEXT_BYTES

ONE: dict[str, Callable[[bytes, Path | str], Document]] = {
    ".html": read_html,
    ".htm": read_html,
    ".xhtml": read_html,
    ".mhtml": read_mhtml,
    ".mht": read_mhtml,
    ".pdf": read_pdf,
    ".docx": read_docx,
}
"""Files that are one article."""

SEVERAL: dict[str, Callable[[bytes, Path | str], Iterator[Document]]] = {
    ".rss": read_feed,
    ".atom": read_feed,
    ".xml": read_feed,
    ".warc": read_warc,
}
ARCHIVES: dict[str, Callable[[bytes, Path | str], Iterator[tuple[str, bytes]]]] = {
    ".zip": read_zip,
    ".tar": read_tar,
    ".tgz": read_tar,
}
SUFFIXES = (*ONE, *SEVERAL, *ARCHIVES)
MEMBERS = (".txt", *ONE, *SEVERAL)
NO_TEXT_FILE = "is empty, expected an article"


def read_documents(content: bytes, path: Path | str, encoding: str | None = None) -> Iterator[Document]:
    """Yield the articles of a file, and why others are none; ``content`` is what it holds, ``.gz`` apart.

    Raises:
        InputError: the whole file is useless, or its reader is not installed.
    """
    suffix = suffix_of(Path(path))
    if len(content) > MAX_DOCUMENT_BYTES:
        raise InputError.at(path, f"has more than {MAX_DOCUMENT_BYTES:,} bytes")
    if suffix in ARCHIVES:
        for name, member in ARCHIVES[suffix](content, path):
            yield from _of_member(name, member, path, encoding)
    else:
        yield from read_content(suffix, content, path, encoding)


def read_content(
    suffix: str, content: bytes, path: Path | str, encoding: str | None = None
) -> Iterator[Document]:
    """Yield the articles of a text, or a file that is no archive, of the format that a suffix tells.

    Raises:
        InputError: see :func:`read_documents`.
    """
    if suffix == ".txt":
        text = decoded(content, path, encoding)
        yield _checked(Document(text=text, fault="" if text.strip() else NO_TEXT_FILE))
    elif suffix in ONE:
        yield _checked(ONE[suffix](content, path))
    else:
        yield from map(_checked, SEVERAL[suffix](content, path))


def document_id(stem: str, name: str) -> str:
    """Return what a document is called: by its file and, where that has several, its place there."""
    return f"{stem}:{name}" if name else stem


def _of_member(name: str, content: bytes, path: Path | str, encoding: str | None) -> Iterator[Document]:
    """Yield the articles of a file in an archive, named by its own name there."""
    suffix, stem = suffix_of(Path(name)), stem_of(name)
    if suffix not in MEMBERS:
        yield Document(name=name, fault=f"is not read within an archive; {', '.join(MEMBERS)} are")
        return
    try:
        for document in read_content(suffix, content, path, encoding):
            yield replace(document, name=document_id(stem, document.name))
    except InputError as error:
        yield Document(name=name, fault="; ".join(problem.message for problem in error.problems))


def _checked(document: Document) -> Document:
    n_bytes = len(document.text.encode()) + len(document.title.encode())
    if n_bytes <= MAX_TEXT_BYTES:
        return document
    fault = f"text: has {n_bytes} bytes, title included, more than {MAX_TEXT_BYTES}"
    return Document(name=document.name, fault=fault)
