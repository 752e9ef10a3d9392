"""Saved web pages, HTML and MHTML (a page with all that it shows); trafilatura finds the article in them."""

from __future__ import annotations

import re
from email import message_from_bytes, policy
from pathlib import Path
from typing import Any

from framescope.documents.document import MAX_TAGS, TOO_MANY_TAGS, Document, load
from framescope.formats.encodings import by_mark
from framescope.limits import MAX_TEXT_BYTES

LANGUAGE = re.compile(rb"<html\b[^>]*?\blang\s*=\s*[\"']?([A-Za-z]{2,3})\b", re.IGNORECASE)
HEAD_BYTES = 4096
NO_TEXT = "no article was found in the page: is it made by a script, or a list of links?"


def read_html(content: bytes, path: Path | str, *, url: str = "") -> Document:
    """Return the article of a page, without menus, comments and advertisements."""
    if len(content) > MAX_TEXT_BYTES:
        return Document(fault=f"the page has more than {MAX_TEXT_BYTES:,} bytes", url=url)
    if content.count(b"<") > MAX_TAGS:
        return Document(fault=TOO_MANY_TAGS, url=url)
    trafilatura: Any = load("trafilatura", path)
    page = content.decode(marked, errors="replace") if (marked := by_mark(content)) else content
    found = trafilatura.bare_extraction(page, url=url or None, with_metadata=True, include_comments=False)
    text = "" if found is None else (found.text or "").strip()
    if not text:
        return Document(fault=NO_TEXT, url=url)
    language = LANGUAGE.search(content[:HEAD_BYTES])
    return Document(
        text=text,
        title=found.title or "",
        lang=found.language or (language[1].decode().lower() if language else ""),
        source=found.sitename or found.hostname or "",
        date=found.date or "",
        url=found.url or url,
    )


def read_mhtml(content: bytes, path: Path | str) -> Document:
    """Return the article of the first page in a file of several parts."""
    message = message_from_bytes(content, policy=policy.default)
    for part in message.walk():
        if part.get_content_type() in {"text/html", "application/xhtml+xml"}:
            page = part.get_payload(decode=True)
            if isinstance(page, bytes):
                url = message.get("Snapshot-Content-Location") or part.get("Content-Location") or ""
                return read_html(page, path, url=str(url))
    return Document(fault="has no part that is a page")
