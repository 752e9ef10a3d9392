"""RSS and Atom feeds: an article for each entry, with what text the feed itself has of it."""

from __future__ import annotations

from collections.abc import Iterator
from email.utils import parsedate_to_datetime
from pathlib import Path
from typing import Any

from framescope.documents.document import MAX_DOCUMENTS, MAX_TAGS, TOO_MANY_TAGS, Document, load
from framescope.errors import InputError

TEXTS = ("encoded", "content", "description", "summary")
"""The elements that may hold an entry's text, the fullest first."""


def read_feed(content: bytes, path: Path | str) -> Iterator[Document]:
    """Yield the entries of a feed, in order.

    Raises:
        InputError: it is no XML, or no feed.
    """
    if content.count(b"<") > MAX_TAGS:
        raise InputError.at(path, TOO_MANY_TAGS)
    etree: Any = load("lxml.etree", path)
    parser = etree.XMLParser(resolve_entities=False, no_network=True, huge_tree=False, recover=False)
    try:
        root = etree.fromstring(content, parser)
    except (etree.XMLSyntaxError, ValueError) as error:
        raise InputError.at(path, f"is not an intact feed: {error}") from error
    entries = [element for element in root.iter() if _name(element) in {"item", "entry"}]
    if _name(root) not in {"rss", "RDF", "feed"}:
        raise InputError.at(path, f"is not a feed: its first element is {_name(root)!r}, expected rss or feed")
    if len(entries) > MAX_DOCUMENTS:
        raise InputError.at(path, f"has more than {MAX_DOCUMENTS:,} entries")
    channel = next((element for element in root.iter() if _name(element) in {"channel", "feed"}), root)
    source, lang = _child(channel, "title"), _child(channel, "language") or _attribute(root, "lang")
    for number, entry in enumerate(entries, start=1):
        text = next(filter(None, (_plain(_child(entry, name), path) for name in TEXTS)), "")
        title = _plain(_child(entry, "title"), path)
        name = _child(entry, "guid") or _child(entry, "id") or str(number)
        if not text and not title:
            yield Document(name=name, fault=f"entry {number} has no text")
            continue
        yield Document(
            text=text or title,
            title=title,
            lang=lang[:2].lower(),
            source=source,
            date=_date(_child(entry, "pubDate") or _child(entry, "published") or _child(entry, "updated")),
            url=_link(entry),
            name=name,
        )


def _name(element: Any) -> str:
    """Return an element's name without its namespace, nothing for a comment."""
    return element.tag.rpartition("}")[2] if isinstance(element.tag, str) else ""


def _child(element: Any, name: str) -> str:
    found = next((child for child in element if _name(child) == name), None)
    return "" if found is None else "".join(found.itertext()).strip()


def _attribute(element: Any, name: str) -> str:
    return next((value for key, value in element.attrib.items() if key.rpartition("}")[2] == name), "")


def _link(entry: Any) -> str:
    links = [child for child in entry if _name(child) == "link"]
    return next(((link.text or "").strip() or link.get("href", "") for link in links), "")


def _plain(text: str, path: Path | str) -> str:
    """Return the text of what may be HTML."""
    if "<" not in text:
        return text
    html: Any = load("lxml.html", path)
    try:
        root = html.fromstring(f"<div>{text}</div>")
    except (ValueError, SyntaxError):
        return text
    for block in root.iter("p", "br", "div", "li"):
        block.tail = f"\n{block.tail or ''}"
    lines = (" ".join(line.split()) for line in root.text_content().splitlines())
    return "\n".join(filter(None, lines))


def _date(text: str) -> str:
    """Return a date in ISO 8601 where it is one, otherwise as it stands."""
    try:
        return parsedate_to_datetime(text).date().isoformat()
    except (ValueError, TypeError, IndexError):
        return text[:10] if text[:4].isdigit() else text
