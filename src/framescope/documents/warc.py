"""Web archives by warcio: the pages that were received, each through the reader of pages."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from io import BytesIO
from pathlib import Path
from typing import Any

from framescope.documents.document import MAX_DOCUMENTS, Document, load
from framescope.documents.pages import read_html
from framescope.errors import InputError
from framescope.limits import MAX_TEXT_BYTES

PAGES = ("text/html", "application/xhtml+xml")


def read_warc(content: bytes, path: Path | str) -> Iterator[Document]:
    """Yield the pages that were answered with 200, in order; a page of more than 10 MB is a fault.

    Raises:
        InputError: it is no web archive.
    """
    iterator: Any = load("warcio.archiveiterator", path)
    errors: Any = load("warcio.exceptions", path)
    try:
        records = iterator.ArchiveIterator(BytesIO(content), arc2warc=True)
        for number, record in enumerate(records, start=1):
            if number > MAX_DOCUMENTS:
                raise InputError.at(path, f"has more than {MAX_DOCUMENTS:,} records")
            if record.rec_type == "response" and _is_page(record):
                yield _document(record, number, path)
    except (errors.ArchiveLoadFailed, ValueError, EOFError, OSError) as error:
        raise InputError.at(path, f"is not an intact web archive: {error}") from error


def _is_page(record: Any) -> bool:
    headers = record.http_headers
    if headers is None or headers.get_statuscode() != "200":
        return False
    return (headers.get_header("Content-Type") or "").lower().startswith(PAGES)


def _document(record: Any, number: int, path: Path | str) -> Document:
    url = record.rec_headers.get_header("WARC-Target-URI") or ""
    page = record.content_stream().read(MAX_TEXT_BYTES + 1)
    if len(page) > MAX_TEXT_BYTES:
        found = Document(fault=f"the page has more than {MAX_TEXT_BYTES} bytes", url=url)
    else:
        found = read_html(page, path, url=url)
    return replace(found, url=url, name=url or str(number))
