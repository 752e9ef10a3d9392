"""Texts as one buffer of UTF-8 bytes with offsets, the layout of Arrow string arrays."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import chain, islice, pairwise, zip_longest
from typing import NoReturn

import numpy as np
import pyarrow as pa

from framescope._types import Int64, Integers, UInt8
from framescope.errors import TextError
from framescope.text.kernels import in_threads, kernel, part
from framescope.text.plain import list_odd_pieces, mixed_words, plain

CHUNK_BYTES = 1 << 20
PIECE_BYTES = 1 << 12
N_BEFORE = 3
_LEAD_OF_MORE = np.array([0xC0, 0xE0, 0xF0], np.uint8)  # the first lead of more than one byte, of two, of three


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
        return cls._join([_encode(row, text) for row, text in enumerate(texts)])

    @classmethod
    def _join(cls, texts: Sequence[bytes | memoryview]) -> Utf8Texts:
        offsets = np.zeros(len(texts) + 1, dtype=np.int64)
        np.cumsum([len(text) for text in texts], out=offsets[1:])
        return cls(np.frombuffer(b"".join(texts), dtype=np.uint8), offsets)

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
        if len(texts) == 0:
            return cls.encode([])
        if texts.null_count:
            row = texts.is_null().to_pylist().index(True)
            raise TextError(f"text {row}: is null; leave it out, or give an empty text")
        view = cls._view(texts)
        if view is None:
            _explain(texts)
        return view

    @classmethod
    def _view(cls, texts: pa.Array) -> Utf8Texts | None:
        """View an array without nulls; None if offsets or bytes are not in order, which the kernels trust."""
        _, offsets, data = texts.buffers()
        dtype = np.dtype(np.int32 if pa.types.is_string(texts.type) else np.int64)
        if offsets is None or offsets.size < (texts.offset + len(texts) + 1) * dtype.itemsize:
            return None
        bounds = np.frombuffer(offsets, dtype)[texts.offset : texts.offset + len(texts) + 1].astype(np.int64)
        view = np.frombuffer(data or b"", np.uint8)
        view.flags.writeable = False  # one numba type whatever the buffer
        is_in_order = bounds[0] >= 0 and bounds[-1] <= len(view) and (np.diff(bounds) >= 0).all()
        return cls(view, bounds) if is_in_order and is_utf8(view, bounds) else None

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

    def take(self, rows: Integers) -> Utf8Texts:
        """Return the texts of some rows, copied."""
        data, offsets = self.data.data, self.offsets
        return self._join([data[offsets[row] : offsets[row + 1]] for row in rows.tolist()])

    def plain(self, *, jobs: int = 1) -> Utf8Texts:
        """Return the texts as n-grams read them (:mod:`framescope.text.plain`): these, where none differs."""
        known: Utf8Texts | None = self.__dict__.get("_plain")
        if known is None and not self.__dict__.get("_is_plain"):
            known = self._rewritten(jobs)
            known.__dict__["_is_plain"] = True
            if known is not self:  # or the texts would stay in memory until cycles are looked for
                self.__dict__["_plain"] = known
        return self if known is None else known

    @property
    def n_in_two_scripts(self) -> int:
        """How many have words of Latin and Cyrillic letters; none is known to, where they are :meth:`plain`."""
        self.plain()
        return int(self.__dict__.get("_n_in_two_scripts", 0))

    def _rewritten(self, jobs: int) -> Utf8Texts:
        begins, ends, pieces = self._not_plain(jobs)
        if not pieces:
            return self
        n_more = np.cumsum([0, *(len(piece) for piece in pieces)]) - np.cumsum([0, *(ends - begins)])
        offsets = self.offsets + n_more[np.searchsorted(ends, self.offsets, side="right")]
        kept = pairwise([self.offsets[0], *np.ravel([begins, ends], order="F"), self.offsets[-1]])
        between = [self.data[begin:end].data for begin, end in islice(kept, 0, None, 2)]
        joined = b"".join(chain.from_iterable(zip_longest(between, pieces, fillvalue=b"")))
        return Utf8Texts(np.frombuffer(joined, np.uint8), offsets - self.offsets[0])

    def _not_plain(self, jobs: int) -> tuple[Int64, Int64, list[bytes]]:
        """Return where the pieces are that are read otherwise, and what they are read as."""

        def find(chunk: Utf8Texts) -> Int64:
            n_bytes = int(chunk.offsets[-1] - chunk.offsets[0])
            begins, ends = np.empty(n_bytes, np.int64), np.empty(n_bytes, np.int64)
            n_pieces = list_odd_pieces(chunk.data, chunk.offsets, begins, ends)
            return np.array([begins[:n_pieces], ends[:n_pieces]])

        found = in_threads(find, self.chunks(CHUNK_BYTES), jobs)
        odd = np.hstack([np.empty((2, 0), np.int64), *found])
        pieces = [self.data[begin:end].tobytes() for begin, end in odd.T.tolist()]
        read = {piece: plain(piece.decode()).encode() for piece in set(pieces)}
        mixed = {piece for piece in read if mixed_words(piece.decode())}
        if mixed:
            places = odd[0, [row for row, piece in enumerate(pieces) if piece in mixed]]
            texts = np.searchsorted(self.offsets, places, side="right")
            self.__dict__["_n_in_two_scripts"] = len(np.unique(texts))
        rows = [row for row, piece in enumerate(pieces) if read[piece] != piece]
        return odd[0, rows], odd[1, rows], [read[pieces[row]] for row in rows]

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


def _explain(texts: pa.Array) -> NoReturn:
    """Raise what is wrong with an array."""
    try:
        texts.validate(full=True)
    except pa.ArrowInvalid as error:
        if row := re.fullmatch(r"Invalid UTF8 sequence at string index (\d+)", str(error)):
            raise TextError(f"text {row[1]}: is not valid UTF-8") from error
        raise TextError(f"expected an intact Arrow array, found {error}") from error
    raise TextError("expected an intact Arrow array, found one whose buffers are too short")


@kernel()
def is_utf8(data, offsets):  # type: ignore[no-untyped-def]
    """Tell whether each text is valid UTF-8; ``offsets`` ascend.

    The bytes of all texts are looked at in one go, several at once: comparisons of single bytes and no branch.
    """
    begin, end = offsets[0], offsets[-1]
    piece, wrong = np.zeros(PIECE_BYTES + N_BEFORE, np.uint8), np.empty(PIECE_BYTES, np.uint8)
    is_invalid = False
    for at in range(begin, end, PIECE_BYTES):
        n_bytes = min(PIECE_BYTES, end - at)
        for k in range(N_BEFORE):
            piece[k] = data[at - N_BEFORE + k] if at - N_BEFORE + k >= begin else 0
        source, target = data[at : at + n_bytes], piece[N_BEFORE:]
        for k in range(n_bytes):
            target[k] = source[k]
        is_invalid |= _is_invalid(piece, n_bytes, wrong)
    for k in range(1, min(N_BEFORE, end - begin) + 1):  # no character is cut at the end
        is_invalid |= data[end - k] >= _LEAD_OF_MORE[k - 1]
    for text in range(len(offsets) - 1):  # nor between texts
        if offsets[text] < offsets[text + 1]:
            is_invalid |= data[offsets[text]] & 0xC0 == 0x80
    return not is_invalid


@part
def _is_invalid(piece, n_bytes, wrong):  # type: ignore[no-untyped-def]
    """Tell whether a byte is wrong after those before it; see table 3-7 of the Unicode standard."""
    third, second = piece[:n_bytes], piece[1 : n_bytes + 1]
    first, here = piece[2 : n_bytes + 2], piece[3 : n_bytes + 3]
    found = np.uint8(0)
    for k in range(n_bytes):
        byte, before = here[k], first[k]
        is_next = (byte >= 0x80) & (byte < 0xC0)
        is_wrong = is_next != ((before >= 0xC0) | (second[k] >= 0xE0) | (third[k] >= 0xF0))
        is_wrong |= (byte == 0xC0) | (byte == 0xC1) | (byte >= 0xF5)
        is_wrong |= ((before == 0xE0) & (byte < 0xA0)) | ((before == 0xED) & (byte >= 0xA0))
        is_wrong |= ((before == 0xF0) & (byte < 0x90)) | ((before == 0xF4) & (byte >= 0x90))
        wrong[k] = is_wrong
    for k in range(n_bytes):
        found |= wrong[k]
    return found != 0
