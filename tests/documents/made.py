"""Small files of every kind, made where they are needed."""

from __future__ import annotations

import gzip
import io
import tarfile
import zipfile
import zlib
from typing import Any

import pytest

TITLE = "Съюзът се разширява"
FIRST = "Нов военен блок подкопава ОДКБ, казаха министрите на срещата в понеделник."
SECOND = "Втори абзац с още думи за това какво се случи вчера в столицата на страната."
TEXT = f"{FIRST}\n{SECOND}"

PAGE = f"""<!DOCTYPE html><html lang="bg-BG"><head><title>{TITLE} | Вестник</title>
<meta charset="utf-8"><meta property="og:site_name" content="Вестник">
<meta property="article:published_time" content="2024-05-11T10:00:00"></head>
<body><nav><a href="/">Начало</a> <a href="/x">Още</a></nav>
<article><h1>{TITLE}</h1><p>{FIRST}</p><p>{SECOND}</p></article>
<script>alert("не")</script></body></html>"""

FEED = f"""<?xml version="1.0" encoding="utf-8"?><rss version="2.0"
xmlns:content="http://purl.org/rss/1.0/modules/content/"><channel><title>Вестник</title><language>bg-bg</language>
<item><title>{TITLE}</title><link>https://example.org/1</link><guid>g1</guid>
<pubDate>Sat, 11 May 2024 10:00:00 GMT</pubDate><description>кратко</description>
<content:encoded><![CDATA[<p>{FIRST}</p><p>{SECOND}</p>]]></content:encoded></item>
<item><guid>g2</guid></item></channel></rss>"""

ATOM = f"""<feed xmlns="http://www.w3.org/2005/Atom" xml:lang="bg"><title>Вестник</title>
<entry><id>a1</id><title>{TITLE}</title><link href="https://example.org/1"/><updated>2024-05-11T10:00:00Z</updated>
<summary>{FIRST}</summary></entry></feed>"""

MHTML = (
    "From: <Saved by Blink>\r\nSnapshot-Content-Location: https://example.org/1\r\nMIME-Version: 1.0\r\n"
    'Content-Type: multipart/related; type="text/html"; boundary="b"\r\n\r\n--b\r\n'
    "Content-Type: text/html; charset=utf-8\r\nContent-Transfer-Encoding: 8bit\r\n\r\n"
    f"{PAGE}\r\n--b\r\nContent-Type: image/png\r\n\r\nx\r\n--b--\r\n"
)


def pdf(
    text: str = "A new military bloc undermines the CSTO", title: str = "The union grows", stream: bytes = b""
) -> bytes:
    """Return a PDF of one page; nothing but its text is in it, or what a stream, which is packed, draws."""
    packing = b"/Filter/FlateDecode" if stream else b""
    stream = zlib.compress(stream) if stream else f"BT /F1 12 Tf 20 700 Td ({text}) Tj ET".encode("latin-1")
    parts = [
        b"<</Type/Catalog/Pages 2 0 R>>",
        b"<</Type/Pages/Kids[3 0 R]/Count 1>>",
        b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 600 800]/Contents 4 0 R/Resources<</Font<</F1 5 0 R>>>>>>",
        b"<</Length %d%b>>\nstream\n%b\nendstream" % (len(stream), packing, stream),
        b"<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>",
        f"<</Title({title})>>".encode(),
    ]
    content, places = b"%PDF-1.4\n", []
    for number, part in enumerate(parts, start=1):
        places.append(len(content))
        content += b"%d 0 obj\n%b\nendobj\n" % (number, part)
    table = b"".join(b"%010d 00000 n \n" % place for place in places)
    end = b"trailer\n<</Size 7/Root 1 0 R/Info 6 0 R>>\nstartxref\n%d\n%%%%EOF\n" % len(content)
    return content + b"xref\n0 7\n0000000000 65535 f \n" + table + end


def docx() -> bytes:
    module: Any = pytest.importorskip("docx")
    document = module.Document()
    document.core_properties.title = TITLE
    document.add_paragraph(FIRST)
    table = document.add_table(1, 2)
    table.rows[0].cells[0].text, table.rows[0].cells[1].text = "едно", "две"
    document.add_paragraph(SECOND)
    file = io.BytesIO()
    document.save(file)
    return file.getvalue()


def warc() -> bytes:
    """Return a web archive, each record packed by itself."""
    records = []
    for url, status, kind, content in (
        ("https://example.org/1", "200 OK", "text/html; charset=utf-8", PAGE.encode()),
        ("https://example.org/2", "404 Not Found", "text/html", b"<p>no</p>"),
        ("https://example.org/3", "200 OK", "image/png", b"png"),
        ("https://example.org/4", "200 OK", "text/html", b"<html><body></body></html>"),
    ):
        answer = f"HTTP/1.1 {status}\r\nContent-Type: {kind}\r\n\r\n".encode() + content
        head = (
            f"WARC/1.0\r\nWARC-Type: response\r\nWARC-Target-URI: {url}\r\nWARC-Date: 2024-05-11T10:00:00Z\r\n"
            f"Content-Type: application/http; msgtype=response\r\nContent-Length: {len(answer)}\r\n\r\n"
        )
        records.append(gzip.compress(head.encode() + answer + b"\r\n\r\n"))
    return b"".join(records)


def zipped(members: dict[str, bytes]) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return file.getvalue()


def tarred(members: dict[str, bytes]) -> bytes:
    file = io.BytesIO()
    with tarfile.open(fileobj=file, mode="w:gz") as archive:
        for name, content in members.items():
            info = tarfile.TarInfo(name)
            info.size = len(content)
            archive.addfile(info, io.BytesIO(content))
    return file.getvalue()
