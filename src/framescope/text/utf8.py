"""Texts as one buffer of UTF-8 bytes with offsets, the layout of Arrow string arrays."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import pyarrow as pa

from framescope._types import Int64, UInt8
from framescope.errors import TextError


@dataclass(frozen=True)
class Utf8Texts:
    """Text i is ``data[offsets[i]:offsets[i + 1]]``, valid UTF-8."""

    data: UInt8
    offsets: Int64

    @classmethod
    def encode(cls, texts: Iterable[str]) -> Utf8Texts:
        """Copy texts into one buffer.

        Raises:
            TextError: one string stands where a collection should, a text is not a string, or it holds a
                lone surrogate.
        """
        if isinstance(texts, str):
            raise TextError(f"expected a collection of texts, found one string: put {texts[:40]!r} in a list")
        encoded = [_encode(row, text) for row, text in enumerate(texts)]
        offsets = np.zeros(len(encoded) + 1, dtype=np.int64)
        np.cumsum([len(text) for text in encoded], out=offsets[1:])
        return cls(np.frombuffer(b"".join(encoded), dtype=np.uint8), offsets)

    @classmethod
    def from_arrow(cls, texts: pa.Array | pa.ChunkedArray) -> Utf8Texts:
        """View a string or large_string array; only the offsets are copied, and the texts of several chunks.

        Raises:
            TextError: the array is of another type, or a text is null or not valid UTF-8.
        """
        if isinstance(texts, pa.ChunkedArray):
            return cls._from_chunks(texts)
        if not (pa.types.is_string(texts.type) or pa.types.is_large_string(texts.type)):
            raise TextError(f"expected an Arrow array of string or large_string, found {texts.type}: cast it")
        _check_arrow(texts)
        _, offsets, data = texts.buffers()
        dtype = np.int32 if pa.types.is_string(texts.type) else np.int64
        if len(texts) == 0:
            return cls.encode([])
        bounds = np.frombuffer(offsets, dtype)[texts.offset : texts.offset + len(texts) + 1]
        view = np.frombuffer(data or b"", np.uint8)
        view.flags.writeable = False  # one numba type whatever the buffer
        return cls(view, bounds.astype(np.int64))

    @classmethod
    def _from_chunks(cls, texts: pa.ChunkedArray) -> Utf8Texts:
        if texts.num_chunks == 1:
            return cls.from_arrow(texts.chunk(0))
        # 64-bit offsets: all chunks together may be longer than 2 GiB.
        wide = texts.cast(pa.large_string()) if pa.types.is_string(texts.type) else texts
        return cls.from_arrow(wide.combine_chunks())

    def __len__(self) -> int:
        return len(self.offsets) - 1

    def __iter__(self) -> Iterator[str]:
        for start, end in pairwise(self.offsets.tolist()):
            yield self.data[start:end].tobytes().decode()

    def chunks(self, size_bytes: int) -> list[Utf8Texts]:
        """Return views of successive texts, each of about so many bytes and at least one text."""
        chunk_of_text = self.offsets[:-1] // size_bytes
        firsts = np.flatnonzero(np.diff(chunk_of_text, prepend=-1))
        return [
            Utf8Texts(self.data, self.offsets[first : last + 1])
            for first, last in pairwise([*firsts, len(self)])
        ]


def _encode(row: int, text: str) -> bytes:
    if not isinstance(text, str):
        raise TextError(f"text {row}: expected a string, found {type(text).__name__}")
    try:
        return text.encode()
    except UnicodeEncodeError as error:
        raise TextError(
            f"text {row}: character {error.start} is a lone surrogate ({text[error.start]!r}); "
            "decode the source with errors='replace'"
        ) from error


def _check_arrow(texts: pa.Array) -> None:
    """Check that no text is null and that offsets and bytes are in order: the kernel trusts them."""
    if texts.null_count:
        row = texts.is_null().to_pylist().index(True)
        raise TextError(f"text {row}: is null; leave it out, or give an empty text")
    try:
        texts.validate(full=True)
    except pa.ArrowInvalid as error:
        if row := re.fullmatch(r"Invalid UTF8 sequence at string index (\d+)", str(error)):
            raise TextError(f"text {row[1]}: is not valid UTF-8") from error
        raise TextError(f"expected an intact Arrow array, found {error}") from error
