"""Inputs with the structure of a format and something wrong in them: nothing but our errors may come of them.

``$FRAMESCOPE_FUZZ`` is how many inputs each reader gets; the seed is in the messages of failures.
"""

from __future__ import annotations

import json
import logging
import os
import warnings
from collections.abc import Callable
from functools import partial
from pathlib import Path
from random import Random
from typing import Any

from joblib import Parallel, cpu_count, delayed

N_INPUTS = int(os.environ.get("FRAMESCOPE_FUZZ", "100000"))
SEED = int(os.environ.get("FRAMESCOPE_FUZZ_SEED", "7"))
MAX_PART = 5000

STRINGS = (
    *(
        "",
        " ",
        "a",
        "Нов блок, нов съюз!",
        "id",
        "text",
        "labels",
        "\u0000",
        "\ufeff",
        "\u2028",
        "\ud800",
        "и\u0306",
    ),
    *(
        "=1+1",
        "'",
        '"',
        '""',
        ";",
        ",",
        "\t",
        "|",
        "#",
        "[]",
        "['a', 'b']",
        '["a"]',
        '{"choices": ["a"]}',
        "a; b",
    ),
    *(
        "a" * 300,
        "\x1b]0;x\x07",
        "NaN",
        "-1",
        "1e999",
        "null",
        "true",
        "#",
        "../../etc",
        "😀 emoji",
        "none",
        "0",
        "1",
    ),
)
NUMBERS = (0, 1, -1, 2, 5, 7, 10**30, 1.5, float("nan"), float("inf"), True, False, None)
BYTES = (
    b"\x00",
    b"\xff",
    b"\xef\xbb\xbf",
    b"\n",
    b"\r",
    b'"',
    b"\\",
    b"{",
    b"[",
    b"]",
    b"}",
    b",",
    b"<",
    b"&",
    b";",
)


def value(rng: Random, depth: int = 0) -> Any:
    """Return a JSON value, some of them nested."""
    kind = rng.randrange(10 if depth < 4 else 6)
    if kind < 4:
        return rng.choice(STRINGS)
    if kind < 6:
        return rng.choice(NUMBERS)
    if kind < 8:
        return [value(rng, depth + 1) for _ in range(rng.randrange(4))]
    return {rng.choice(STRINGS): value(rng, depth + 1) for _ in range(rng.randrange(4))}


def mutated(rng: Random, good: Any) -> Any:
    """Return a JSON value in which one place has another value, is doubled, or is gone."""
    if rng.random() < 0.25 or not isinstance(good, dict | list) or not good:
        return value(rng)
    if isinstance(good, dict):
        key = rng.choice(list(good))
        if rng.random() < 0.1:
            return {name: each for name, each in good.items() if name != key}
        return {**good, key: mutated(rng, good[key])}
    place = rng.randrange(len(good))
    if rng.random() < 0.1:
        return [*good, *good[place:]]
    return [*good[:place], mutated(rng, good[place]), *good[place + 1 :]]


def damaged(rng: Random, content: bytes) -> bytes:
    """Return bytes with some flipped, cut out, put in or doubled."""
    data = bytearray(content)
    for _ in range(rng.randrange(1, 4)):
        at = rng.randrange(len(data) + 1)
        how = rng.randrange(5)
        if how == 0 and at < len(data):
            data[at] ^= 1 << rng.randrange(8)
        elif how == 1:
            del data[at : at + rng.randrange(20)]
        elif how == 2:
            data[at:at] = rng.choice(BYTES)
        elif how == 3:
            data[at:at] = rng.choice(STRINGS).encode(errors="replace")
        else:
            data[at:at] = data[at : at + rng.randrange(40)]
    return bytes(data)


def json_bytes(good: Any) -> bytes:
    """Return JSON that may have halves of surrogate pairs, NaN and infinite numbers."""
    return json.dumps(good, ensure_ascii=False).encode(errors="surrogatepass")


def each_input(
    make: Callable[[Random], bytes],
    check: Callable[[bytes, Path], None],
    folder: Path,
    n_inputs: int = N_INPUTS,
) -> None:
    """Check inputs on all cores, each in a folder of its process; a failure tells how to have the same again.

    Raises:
        AssertionError: of an input that something else than our errors came of.
    """
    in_parts(partial(_check_some, make, check, folder), n_inputs)


def in_parts(check: Callable[[int, int], None], n_inputs: int) -> None:
    """Call a check with the first number and the one behind the last of each part, on all cores."""
    size = max(1, min(MAX_PART, -(-n_inputs // cpu_count())))
    firsts = range(0, n_inputs, size)
    Parallel(n_jobs=-1, batch_size=1)(
        delayed(_quietly)(check, first, min(first + size, n_inputs)) for first in firsts
    )


def _quietly(check: Callable[[int, int], None], first: int, end: int) -> None:
    logging.disable(logging.ERROR)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        check(first, end)


def _check_some(
    make: Callable[[Random], bytes], check: Callable[[bytes, Path], None], folder: Path, first: int, end: int
) -> None:
    own = folder / f"from-{first}"
    own.mkdir()
    for number in range(first, end):
        seed = f"{SEED}-{number}"
        content = make(Random(seed))  # noqa: S311 - the same again
        try:
            check(content, own)
        except Exception as error:
            raise AssertionError(f"seed {seed}: {type(error).__name__}: {error}: {content[:300]!r}") from error
