"""Bytes to characters: by the mark of byte order, else UTF-8, else as the user says.

Bytes that are not UTF-8 are never guessed in silence: the message names the encoding that they look like.
"""

from __future__ import annotations

import codecs
import logging
import re
from io import TextIOWrapper
from pathlib import Path
from typing import IO

from framescope.errors import InputError
from framescope.visible import visible

AUTO = "auto"
UTF8 = "utf-8"
BOM = codecs.BOM_UTF8
BOMS = {
    codecs.BOM_UTF8: "utf-8-sig",
    codecs.BOM_UTF32_LE: "utf-32",  # before UTF-16, whose mark is the beginning of this one
    codecs.BOM_UTF32_BE: "utf-32",
    codecs.BOM_UTF16_LE: "utf-16",
    codecs.BOM_UTF16_BE: "utf-16",
}
HEAD_BYTES = 1 << 18
MIN_OTHER_BYTES = 3
CYRILLIC = ("cp1251", "koi8_r", "cp866")
LATIN = ("cp1252", "cp1250")
"""What texts of Europe were written in before UTF-8, the usual ones first."""

NAMES = {
    "cp1251": "windows-1251",
    "koi8_r": "koi8-r",
    "cp866": "cp866",
    "cp1252": "windows-1252",
    "cp1250": "windows-1250",
}

logger = logging.getLogger(__name__)


def is_encoding(name: str) -> bool:
    """Tell whether there is such an encoding of text, or it is ``auto``.

    >>> is_encoding("windows-1251"), is_encoding("auto"), is_encoding("hex"), is_encoding("ансi")
    (True, True, False, False)
    """
    try:
        return name == AUTO or codecs.lookup(name)._is_text_encoding
    except (LookupError, ValueError):
        return False


def by_mark(head: bytes) -> str | None:
    """Return the encoding that a mark of byte order tells."""
    return next((name for mark, name in BOMS.items() if head.startswith(mark)), None)


def open_text(opened: IO[bytes], path: Path | str, asked: str | None = None) -> TextIOWrapper:
    """Return a file's characters; line ends as they are, bytes that are none as halves of surrogate pairs.

    Raises:
        InputError: ``auto`` was asked for, and the bytes look like nothing known.
    """
    encoding = _encoding_of(opened, path, asked)
    return TextIOWrapper(opened, encoding, errors="surrogateescape", newline="")


def decoded(content: bytes, path: Path | str, asked: str | None = None) -> str:
    """Return the characters of a whole text.

    Raises:
        InputError: a byte is none of the encoding, with its line; or see :func:`open_text`.
    """
    encoding = _encoding_by(content[:HEAD_BYTES], path, asked)
    try:
        return content.decode(encoding)
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        if encoding.startswith(UTF8):
            looks_like = likely(content[error.start : error.start + HEAD_BYTES])
            message = encoding_problem(content[error.start], looks_like)
            raise InputError.at(path, message, line=line) from error
        raise InputError.at(path, f"is not {encoding}: {error.reason}", line=line) from error


def encoding_problem(byte: int, looks_like: str = "") -> str:
    """Return the message for a byte that is not UTF-8, with the encoding that the file looks like."""
    remedy = f"looks like {looks_like}: --encoding {looks_like}, or " if looks_like else ""
    return f"byte 0x{byte:02x} is not UTF-8{', ' if remedy else ': '}{remedy}save the file again as UTF-8"


def likely(content: bytes) -> str:
    """Return the name of the encoding that bytes look like, nothing if they look like none or are too few.

    >>> likely("Съюзът на изток се разширява, казаха министрите.".encode("cp1251"))
    'windows-1251'
    """
    words = re.findall(rb"[A-Za-z]*[\x80-\xff][A-Za-z\x80-\xff]*", content)
    n_other, n_bytes = sum(byte > 127 for word in words for byte in word), sum(map(len, words))
    if n_other < MIN_OTHER_BYTES:
        return ""
    # Lazily: it takes time to load, and well-written files need it not.
    from charset_normalizer import from_bytes  # noqa: PLC0415

    # Of a few words several encodings make sense: Cyrillic ones have no ASCII letter, Latin ones mostly those.
    is_cyrillic = 2 * n_other > n_bytes
    order = [*CYRILLIC, *LATIN] if is_cyrillic else [*LATIN, *CYRILLIC]
    found = from_bytes(
        b" ".join(words) if is_cyrillic else content, cp_isolation=order, preemptive_behaviour=False
    )
    alike = {
        name
        for match in found
        if (match.chaos, match.coherence) == (found[0].chaos, found[0].coherence)
        for name in match.could_be_from_charset
    }
    return next((NAMES[name] for name in order if name in alike), "")


def undecoded_byte(text: str) -> int | None:
    """Return the first byte that was no character of the encoding, None if there is no such byte."""
    try:
        text.encode()
    except UnicodeEncodeError as error:
        return ord(text[error.start]) - 0xDC00
    return None


def _encoding_of(opened: IO[bytes], path: Path | str, asked: str | None) -> str:
    head = opened.read(HEAD_BYTES if asked == AUTO else len(max(BOMS, key=len)))
    opened.seek(0)
    return _encoding_by(head, path, asked)


def _encoding_by(head: bytes, path: Path | str, asked: str | None) -> str:
    marked = by_mark(head)
    if marked is not None:
        return marked
    if asked != AUTO:
        return asked or UTF8
    if _is_utf8(head):
        return UTF8
    found = likely(head)
    if not found:
        raise InputError.at(path, "looks like no encoding that is known: name it with --encoding")
    logger.warning("%s", visible(f"{path}: read as {found}"))
    return found


def _is_utf8(head: bytes) -> bool:
    try:
        codecs.getincrementaldecoder(UTF8)().decode(head)  # the last character may be cut
    except UnicodeDecodeError:
        return False
    return True
