"""What an encoder gives is checked before anything is made of it."""

from __future__ import annotations

import numpy as np
import pytest

from encoding import DIM, HashedWords
from framescope.encoders.encoder import encode
from framescope.errors import EncoderError


def test_vectors_are_float32_rows(words: HashedWords) -> None:
    found = encode(words, ["Запад дели", "", "नया गुट"])
    assert (found.shape, found.dtype) == ((3, DIM), np.float32)
    assert encode(words, []).shape == (0, DIM)


def test_nan_is_refused_with_the_text(words: HashedWords, monkeypatch: pytest.MonkeyPatch) -> None:
    rows = np.ones((2, DIM), np.float32)
    rows[1, 3] = np.nan
    monkeypatch.setattr(words, "encode", lambda texts: rows)
    with pytest.raises(EncoderError, match="words gives NaN or infinite values for the text 'blok'"):
        encode(words, ["ok", "blok"])


@pytest.mark.parametrize("shape", [(2, DIM + 1), (1, DIM), (2,)])
def test_another_dimension_is_refused(
    words: HashedWords, monkeypatch: pytest.MonkeyPatch, shape: tuple[int, ...]
) -> None:
    monkeypatch.setattr(words, "encode", lambda texts: np.ones(shape, np.float32))
    with pytest.raises(EncoderError, match=r"for 2 texts: expected \(2, 16\)"):
        encode(words, ["a", "b"])


@pytest.mark.parametrize("rows", [[[1.0], [1.0, 2.0]], [["a"] * DIM] * 2, [[1j] * DIM] * 2, [None, {}]])
def test_what_is_no_array_of_numbers_is_refused(
    words: HashedWords, monkeypatch: pytest.MonkeyPatch, rows: list[object]
) -> None:
    monkeypatch.setattr(words, "encode", lambda texts: rows)
    with pytest.raises(EncoderError, match="words cannot read the texts from 'ab' on: "):
        encode(words, ["ab", "c"])


class CannotError(Exception):
    """Of no kind that others know."""


def test_what_an_encoder_raises_is_told_with_its_name(
    words: HashedWords, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(texts: list[str]) -> None:
        raise CannotError("no memory left")

    monkeypatch.setattr(words, "encode", fail)
    with pytest.raises(EncoderError, match="words cannot read the texts from 'ab' on: no memory left"):
        encode(words, ["ab"])


@pytest.mark.parametrize("dtype", [np.float16, np.float64, np.int8])
def test_numbers_of_any_width_become_float32(
    words: HashedWords, monkeypatch: pytest.MonkeyPatch, dtype: type
) -> None:
    monkeypatch.setattr(words, "encode", lambda texts: np.ones((len(texts), DIM), dtype))
    assert encode(words, ["ab"]).dtype == np.float32
