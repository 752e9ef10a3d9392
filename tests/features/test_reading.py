"""Distinct runs and pairs of a text, against the oracle."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from framescope.features.ngrams import fold
from framescope.features.reading import Reading, list_runs, n_slots_for, new_reading
from framescope.text.characters import character_tables
from framescope.text.kernels import kernel
from oracle import count_pairs, count_runs, encode, fnv, folded_codes, identify


@kernel()
def _read(data, begin, end, tables, reading):  # type: ignore[no-untyped-def]
    return list_runs(fold(data, begin, end, tables, reading.codes, None), reading)


def read(text: str) -> tuple[Reading, int, int]:
    """Read a text after another one, whose traces must not show."""
    texts = encode("да да, не!", text)
    reading = new_reading(texts)
    for begin, end in zip(texts.offsets[:-1], texts.offsets[1:], strict=True):
        n_runs, n_pairs = _read(texts.data, begin, end, character_tables(), reading)
    return reading, n_runs, n_pairs


def assert_agrees(text: str) -> None:
    reading, n_runs, n_pairs = read(text)
    expected = count_runs(text)
    codes = folded_codes(text)
    found = {}
    for run in range(n_runs):
        own = codes[reading.firsts[run] : reading.ends[run]]
        name = ("word" if own[0] > 0 else "symbols", "".join(chr(abs(code)) for code in own))
        found[name] = int(reading.counts[run])
        assert int(reading.states[run]) == fnv(name[1])
    assert list(found.items()) == list(expected.items())
    pairs = [identify(pair) for pair, count in count_pairs(text).items() for _ in range(count)]
    assert sorted(reading.pairs[:n_pairs].tolist()) == sorted(pairs)


@pytest.mark.parametrize(
    "text",
    [
        *["", " ", "да", "Да да ДА", "!", "а!а!а!а", "да  не\nда", "ОД\u00adКБ ОДКБ", "ß ss SS", "я" * 200],
        *["गठबंधन टूट रहा है, गठबंधन", "漢字 漢字", "1 2 3 1", "x" * 63 + "ß" + " y"],
    ],
)
def test_chosen_texts(text: str) -> None:
    assert_agrees(text)


@given(st.text("абßÄ!. \u00ad漢1", max_size=60))
def test_any_text(text: str) -> None:
    assert_agrees(text)


def test_a_text_of_many_distinct_runs() -> None:
    """Each letter and each symbol is a run of its own."""
    assert_agrees("".join(f"{chr(0x4E00 + k)}{'!?'[k % 2]}" for k in range(20_000)))


@pytest.mark.parametrize(("n_codes", "n_slots"), [(0, 16), (15, 16), (16, 32), (1_000, 1_024), (1_024, 2_048)])
def test_there_is_always_a_free_slot(n_codes: int, n_slots: int) -> None:
    assert n_slots_for(n_codes) == n_slots


def test_no_texts_take_no_room() -> None:
    assert len(new_reading(encode()).codes) == 0
