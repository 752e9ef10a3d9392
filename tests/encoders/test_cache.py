"""Vectors on disk: bounded, and without the texts."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest

from encoding import DIM, HashedWords
from framescope.encoders.articles import embed, seconds_for
from framescope.encoders.cache import PLACE, ROW_BYTES, cache_folder, opened_cache
from framescope.errors import EncoderError

TEXTS = [f"Блок номер {number}." for number in range(40)]


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv(PLACE, str(tmp_path))
    return tmp_path


def read(encoder: HashedWords, texts: list[str], **options: int) -> np.ndarray:
    with opened_cache(encoder, **options) as cache:
        return embed(encoder, texts, cache=cache)


def test_a_text_is_encoded_once_and_gives_the_same_bytes(words: HashedWords) -> None:
    first = read(words, TEXTS)
    n_encoded = words.n_encoded
    assert read(words, TEXTS[::-1])[::-1].tobytes() == first.tobytes()
    assert words.n_encoded == n_encoded
    with opened_cache(words) as cache:
        assert seconds_for(words, TEXTS, cache=cache) == 0


def test_what_was_encoded_is_kept_when_work_breaks_off(words: HashedWords) -> None:
    def break_off() -> None:
        with opened_cache(words) as cache:
            embed(words, TEXTS[:5], cache=cache)
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        break_off()
    read(words, TEXTS[:5])
    assert words.n_encoded == 5


def test_encoders_and_what_they_read_are_kept_apart(words: HashedWords) -> None:
    other = HashedWords("other")
    read(words, TEXTS[:1])
    read(other, TEXTS[:1])
    words.n_characters = 4
    read(words, TEXTS[:1])
    assert (words.n_encoded, other.n_encoded) == (2, 1)


def test_the_oldest_make_room(words: HashedWords) -> None:
    read(words, TEXTS, max_bytes=10 * (4 * DIM + ROW_BYTES))
    words.n_encoded = 0
    read(words, TEXTS[-10:])
    assert words.n_encoded == 0
    read(words, TEXTS[:30])
    assert words.n_encoded == 30


def test_the_file_keeps_to_its_size_within_a_run(words: HashedWords, folder: Path) -> None:
    """A long run would else fill the disk before it ends."""
    words.dim = 512
    with opened_cache(words, max_bytes=4 << 20) as cache:
        assert cache is not None
        for first in range(0, 6_000, 60):
            cache.put({f"{n}": np.ones(512, np.float32) for n in range(first, first + 60)})
            assert (folder / f"{words.digest[:16]}.sqlite").stat().st_size <= 4.5 * (1 << 20)
        assert "5999" in cache
        assert "4500" in cache  # as many as there is room for


def test_texts_are_not_on_the_disk(words: HashedWords, folder: Path) -> None:
    read(words, ["Тайно изречение."])
    (file,) = folder.iterdir()
    assert "Тайно".encode() not in file.read_bytes()


def test_a_damaged_file_says_what_to_remove(words: HashedWords, folder: Path) -> None:
    (folder / f"{words.digest[:16]}.sqlite").write_bytes(b"no database" * 99)
    told = r"sqlite: the cache of vectors cannot be used: .*: make room, remove the file, or set"
    with pytest.raises(EncoderError, match=told):
        read(words, TEXTS[:1])


def test_a_folder_that_cannot_be_made_is_named(
    words: HashedWords, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (folder / "file").write_bytes(b"")
    monkeypatch.setenv(PLACE, str(folder / "file"))
    with pytest.raises(EncoderError, match=r"file/.*\.sqlite: the cache of vectors .*: .*File exists"):
        read(words, TEXTS[:1])


def test_a_full_disk_is_told_of(words: HashedWords) -> None:
    with opened_cache(words) as cache:
        assert cache is not None
        cache._connection.execute("PRAGMA max_page_count = 4")
        vectors = {f"{n}": np.ones(DIM, np.float32) for n in range(5_000)}
        with pytest.raises(EncoderError, match="cannot be used: database or disk is full: make room"):
            cache.put(vectors)


def test_errors_of_the_work_are_not_the_cache_s(words: HashedWords) -> None:
    def write_nowhere() -> None:
        with opened_cache(words):
            raise BrokenPipeError

    with pytest.raises(BrokenPipeError):
        write_nowhere()


@pytest.mark.parametrize("damaged", [b"", b"\0" * 3, np.full(DIM, np.nan, "<f4").tobytes(), "text"])
def test_damaged_vectors_are_encoded_again(words: HashedWords, damaged: bytes | str) -> None:
    expected = read(words, TEXTS[:1])
    with opened_cache(words) as cache:
        assert cache is not None
        with cache._connection:
            cache._connection.execute("UPDATE vectors SET vector = ?", (damaged,))
    words.n_encoded = 0
    assert read(words, TEXTS[:1]).tobytes() == expected.tobytes()
    assert words.n_encoded == 1


def test_another_process_can_write_while_this_one_encodes(
    words: HashedWords, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("framescope.encoders.cache.WAIT_SECONDS", 0.0)
    encode = words.encode

    def encode_while_another_writes(texts: Sequence[str]) -> np.ndarray:
        with opened_cache(HashedWords()) as other:
            assert other is not None
            other.put({"Друг текст.": np.ones(DIM, np.float32)})
        return encode(texts)

    monkeypatch.setattr(words, "encode", encode_while_another_writes)
    texts = [f"{text} {n}" for n in range(3) for text in TEXTS]
    assert len(read(words, texts)) == len(texts)


def test_there_may_be_no_cache(words: HashedWords, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(PLACE, "")
    assert cache_folder() is None
    with opened_cache(words) as cache:
        assert cache is None


def test_the_cache_is_in_the_folder_for_caches(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(PLACE)
    monkeypatch.setenv("XDG_CACHE_HOME", "/caches")
    assert cache_folder() == Path("/caches/framescope")
