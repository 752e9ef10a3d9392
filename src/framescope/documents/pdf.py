"""PDF by pypdf: it is Python alone, so a malicious file meets no parser in C; pdfium would be faster."""

from __future__ import annotations

from pathlib import Path

from framescope.documents import pdf_process
from framescope.documents.bounded import run_bounded
from framescope.documents.document import Document, load
from framescope.errors import InputError
from framescope.limits import MAX_TEXT_BYTES

REMEDY = "print it to a new PDF, or save its text"
MAX_SECONDS = 60
MAX_ESCAPED = 6
"""Bytes that JSON takes for a character."""


def read_pdf(content: bytes, path: Path | str) -> Document:
    """Return the text of all pages, a line break between them."""
    load("pypdf", path)
    script, limit = pdf_process.__file__, MAX_ESCAPED * MAX_TEXT_BYTES
    try:
        (found,) = run_bounded(script, content, str(MAX_SECONDS), path=path, max_bytes=limit, remedy=REMEDY)
    except InputError as error:
        return Document(fault="; ".join(problem.message for problem in error.problems))
    if "fault" in found:
        return Document(fault=found["fault"])
    text = found["text"].strip()
    if not text:
        return Document(fault="has no text: are its pages images?")
    return Document(text=_whole(text), title=_whole(found["title"]).strip())


def _whole(text: str) -> str:
    """Return a text without halves of surrogate pairs, which are no characters."""
    return text.encode(errors="ignore").decode()
