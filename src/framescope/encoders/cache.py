"""Vectors of texts on disk, by the encoder's digest and the text's hash; the texts are not kept."""

from __future__ import annotations

import hashlib
import os
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Self

import numpy as np

from framescope._types import Float32
from framescope.encoders.encoder import Encoder
from framescope.errors import EncoderError

PLACE = "FRAMESCOPE_CACHE"
"""The variable that names the folder of caches; empty for none."""
MAX_BYTES = 1 << 30
ROW_BYTES = 100  # of a row, beside its vector
WAIT_SECONDS = 60.0
PUT_AT_A_TIME = 256


def cache_folder() -> Path | None:
    """Return the folder of caches, None where there is to be none."""
    named = os.environ.get(PLACE)
    if named is not None:
        return Path(named) if named else None
    home = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    return Path(home) / "framescope"


@contextmanager
def opened_cache(encoder: Encoder, *, max_bytes: int = MAX_BYTES) -> Iterator[EmbeddingCache | None]:
    """Open the cache of an encoder, or yield None where there is to be none."""
    folder = cache_folder()
    if folder is None:
        yield None
        return
    file = folder / f"{encoder.digest[:16]}.sqlite"
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with closing(sqlite3.connect(file, timeout=WAIT_SECONDS)) as connection:
            with connection:
                connection.execute("CREATE TABLE IF NOT EXISTS vectors (hash BLOB UNIQUE, vector BLOB)")
            with EmbeddingCache(connection, encoder, max_bytes) as cache:
                yield cache
    except (OSError, sqlite3.Error) as error:
        raise EncoderError(
            f"{file}: the cache of vectors cannot be used: {error}: remove the file, or set {PLACE} to another "
            "folder, or to nothing"
        ) from error


class EmbeddingCache:
    """The vectors of one encoder. At most so many bytes are kept: the oldest make room."""

    def __init__(self, connection: sqlite3.Connection, encoder: Encoder, max_bytes: int = MAX_BYTES) -> None:
        self._connection = connection
        self._encoder = encoder
        self._max_rows = max(1, max_bytes // (4 * encoder.dim + ROW_BYTES))
        self._n_put = 0

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        """Keep what was put, whatever came then: vectors that were paid for are worth keeping."""
        (last,) = self._connection.execute("SELECT COALESCE(MAX(rowid), 0) FROM vectors").fetchone()
        self._connection.execute("DELETE FROM vectors WHERE rowid <= ?", (last - self._max_rows,))
        self._connection.commit()

    def __contains__(self, text: str) -> bool:
        return self.get(text) is not None

    def get(self, text: str) -> Float32 | None:
        """Return the vector of a text, (dim,) float32, None where it is unknown."""
        query = "SELECT vector FROM vectors WHERE hash = ?"
        row = self._connection.execute(query, (self._key(text),)).fetchone()
        found = None if row is None else np.frombuffer(row[0], "<f4")
        return found if found is not None and len(found) == self._encoder.dim else None

    def put(self, text: str, vector: Float32) -> None:
        """Keep the vector of a text."""
        self._connection.execute(
            "INSERT OR REPLACE INTO vectors VALUES (?, ?)", (self._key(text), vector.astype("<f4").tobytes())
        )
        self._n_put += 1
        if self._n_put % PUT_AT_A_TIME == 0:
            self._connection.commit()

    def _key(self, text: str) -> bytes:
        settings = f"{self._encoder.digest} {self._encoder.n_characters}\0"
        return hashlib.sha256(f"{settings}{text}".encode()).digest()
