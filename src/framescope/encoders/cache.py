"""Vectors of texts on disk, by the encoder's digest and the text's hash; the texts are not kept."""

from __future__ import annotations

import hashlib
import os
import sqlite3
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from pathlib import Path

import numpy as np

from framescope._types import Float32
from framescope.encoders.encoder import Encoder
from framescope.errors import EncoderError

PLACE = "FRAMESCOPE_CACHE"
"""The variable that names the folder of caches; empty for none."""
MAX_BYTES = 1 << 30
ROW_BYTES = 160  # of a row, beside its vector
PAGE_BYTES = 1 << 16  # in smaller ones, half of each would be empty
WAIT_SECONDS = 60.0


def cache_folder() -> Path | None:
    """Return the folder of caches, None where there is to be none."""
    named = os.environ.get(PLACE)
    if named is not None:
        return Path(named) if named else None
    home = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    return Path(home) / "framescope"


@contextmanager
def opened_cache(encoder: Encoder, *, max_bytes: int = MAX_BYTES) -> Iterator[EmbeddingCache | None]:
    """Open the cache of an encoder, or yield None where there is to be none.

    Raises:
        EncoderError: its file cannot be read or written.
    """
    folder = cache_folder()
    if folder is None:
        yield None
        return
    file = folder / f"{encoder.digest[:16]}.sqlite"
    with _told(file):
        folder.mkdir(parents=True, exist_ok=True)
        connection = sqlite3.connect(file, timeout=WAIT_SECONDS)
    with closing(connection):
        with _told(file), connection:
            connection.execute(f"PRAGMA page_size = {PAGE_BYTES}")
            connection.execute("CREATE TABLE IF NOT EXISTS vectors (hash BLOB UNIQUE, vector BLOB)")
        yield EmbeddingCache(connection, file, encoder, max_bytes)


class EmbeddingCache:
    """The vectors of one encoder. At most so many bytes are kept: the oldest make room."""

    def __init__(
        self, connection: sqlite3.Connection, file: Path, encoder: Encoder, max_bytes: int = MAX_BYTES
    ) -> None:
        self._connection = connection
        self._file = file
        self._encoder = encoder
        self._max_rows = max(1, max_bytes // (4 * encoder.dim + ROW_BYTES))

    def __contains__(self, text: str) -> bool:
        return self.get(text) is not None

    def get(self, text: str) -> Float32 | None:
        """Return the vector of a text, (dim,) float32, None where it is unknown."""
        query = "SELECT vector FROM vectors WHERE hash = ?"
        with _told(self._file):
            row = self._connection.execute(query, (self._key(text),)).fetchone()
        if row is None or not isinstance(row[0], bytes) or len(row[0]) != 4 * self._encoder.dim:
            return None
        found = np.frombuffer(row[0], "<f4")
        return found if np.isfinite(found).all() else None

    def put(self, vectors: Mapping[str, Float32]) -> None:
        """Keep the vectors of texts: at once, so that other processes wait for no more than this."""
        rows = [(self._key(text), vector.astype("<f4").tobytes()) for text, vector in vectors.items()]
        of_oldest = "rowid <= (SELECT COALESCE(MAX(rowid), 0) FROM vectors) - ?"
        with _told(self._file), self._connection:
            self._connection.executemany("INSERT OR REPLACE INTO vectors VALUES (?, ?)", rows)
            self._connection.execute(f"DELETE FROM vectors WHERE {of_oldest}", (self._max_rows,))  # noqa: S608 - no input

    def _key(self, text: str) -> bytes:
        settings = f"{self._encoder.digest} {self._encoder.n_characters}\0"
        return hashlib.sha256(f"{settings}{text}".encode()).digest()


@contextmanager
def _told(file: Path) -> Iterator[None]:
    """Say of the cache's file that it cannot be used."""
    try:
        yield
    except (OSError, sqlite3.Error) as error:
        raise EncoderError(
            f"{file}: the cache of vectors cannot be used: {error}: make room, remove the file, or set {PLACE} "
            "to another folder, or to nothing"
        ) from error
