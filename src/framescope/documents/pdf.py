"""PDF by pypdf: it is Python alone, so a malicious file meets no parser in C; pdfium would be faster."""

from __future__ import annotations

from io import BytesIO
from pathlib import Path
from time import monotonic
from typing import Any

from framescope.documents.document import Document, load

MAX_PAGES = 2000
MAX_SECONDS = 60.0
FAULTS = (
    ValueError,
    KeyError,
    TypeError,
    AttributeError,
    IndexError,
    RecursionError,
    OverflowError,
    MemoryError,
)
"""What pypdf raises beside its own errors on files that are damaged."""


def read_pdf(content: bytes, path: Path | str) -> Document:
    """Return the text of all pages, a line break between them."""
    pypdf: Any = load("pypdf", path)
    until = monotonic() + MAX_SECONDS
    texts = []
    try:
        reader = pypdf.PdfReader(BytesIO(content))
        if reader.is_encrypted and not reader.decrypt(""):
            return Document(fault="is encrypted: save it without a password")
        if len(reader.pages) > MAX_PAGES:
            return Document(fault=f"has more than {MAX_PAGES:,} pages")
        for page in reader.pages:
            texts.append(page.extract_text())
            if monotonic() > until:
                return Document(fault=f"takes more than {MAX_SECONDS:.0f} s to read")
        title = (reader.metadata.title if reader.metadata else None) or ""
    except (pypdf.errors.PyPdfError, *FAULTS) as error:
        return Document(fault=f"is not an intact PDF: {error}")
    text = "\n".join(texts).strip()
    if not text:
        return Document(fault="has no text: are its pages images?")
    return Document(text=text.encode(errors="ignore").decode(), title=str(title).strip())
