"""Word documents by python-docx: paragraphs and tables in their order."""

from __future__ import annotations

from io import BytesIO
from pathlib import Path
from typing import Any
from zipfile import ZipFile

from framescope.documents import archives
from framescope.documents.document import MAX_TAGS, TOO_MANY_TAGS, Document, load

FAULTS = (*archives.FAULTS, KeyError, AttributeError, IndexError, SyntaxError)
"""What is raised for files that are no Word documents; lxml's errors of syntax are ``SyntaxError``."""


def read_docx(content: bytes, path: Path | str) -> Document:
    """Return the text of a document; headers, footers, comments and deleted text are not in it."""
    docx: Any = load("docx", path)
    try:
        archives.refuse_bomb(content, path)
        if _n_tags(content) > MAX_TAGS:
            return Document(fault=TOO_MANY_TAGS)
        document = docx.Document(BytesIO(content))
        lines = [line for block in document.iter_inner_content() for line in _lines(block)]
        title = document.core_properties.title or ""
    except FAULTS as error:
        return Document(fault=f"is not an intact Word document: {error}")
    except docx.opc.exceptions.PackageNotFoundError:
        return Document(fault="is not a Word document")
    text = "\n".join(lines).strip()
    return Document(text=text, title=title.strip()) if text else Document(fault="has no text")


def _n_tags(content: bytes) -> int:
    with ZipFile(BytesIO(content)) as archive:
        return sum(archive.read(name).count(b"<") for name in archive.namelist() if name.endswith(".xml"))


def _lines(block: Any) -> list[str]:
    if hasattr(block, "rows"):
        return ["\t".join(cell.text for cell in row.cells) for row in block.rows]
    return [block.text]
