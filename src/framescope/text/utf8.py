"""Texts as one buffer of UTF-8 bytes with offsets, the layout of Arrow string arrays."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import numpy.typing as npt

from framescope.errors import TextError


@dataclass(frozen=True)
class Utf8Texts:
    """Text i is ``data[offsets[i]:offsets[i + 1]]``, valid UTF-8."""

    data: npt.NDArray[np.uint8]
    offsets: npt.NDArray[np.int64]

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

    def __len__(self) -> int:
        return len(self.offsets) - 1

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
