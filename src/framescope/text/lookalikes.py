"""Names that a reader takes for one another: in other capitals, in look-alike letters, in other bytes."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Sequence
from difflib import get_close_matches
from functools import lru_cache

from framescope.text.composed import composed

CYRILLIC_AND_GREEK = "аеорсухіјѕһԁԛԝвкмнтгαορνκιτυχβηεμγ"
LATIN = "aeopcyxijshdqwbkmhtraopvkituxbhemy"
LOOKALIKES = str.maketrans(CYRILLIC_AND_GREEK, LATIN)
"""Letters that look like Latin ones, in small or in capital form, after folding."""

MIN_LIKENESS = 0.75
MAX_COMPARED = 200
MAX_NAME = 200
"""Characters of a name that is compared letter by letter, which takes the square of its length."""


def folded(name: str) -> str:
    """Return a name without what is hard to see: capitals, composition, look-alike letters, spaces.

    >>> folded("Fear ") == folded("fеаr")  # the second with Cyrillic letters
    True
    """
    letters = composed(name, "NFKC").casefold().translate(LOOKALIKES)
    visible = (c for c in letters if unicodedata.category(c) not in {"Cf", "Cc"})
    return "".join("".join(visible).replace("_", " ").replace("-", " ").split())


def near_name(name: str, names: frozenset[str]) -> str | None:
    """Return the name that another one was meant to be, most likely; None if there is none.

    Among more than 200 names only those that look the same are found.

    >>> near_name("Faer", frozenset(["fear", "loyalty"])), near_name("joy", frozenset(["fear", "loyalty"]))
    ('fear', None)
    """
    by_fold, own = _by_fold(names), folded(name)
    if own in by_fold:
        return by_fold[own]
    is_short = len(names) <= MAX_COMPARED and len(own) <= MAX_NAME
    close = get_close_matches(own, by_fold, n=1, cutoff=MIN_LIKENESS) if is_short else []
    return by_fold[close[0]] if close else None


def difference(name: str, other: str) -> str:
    """Say how two names differ, where they look alike; nothing where they are plainly different names."""
    if composed(name) == composed(other):
        return "the same letters, composed in another way"
    if name.strip().casefold() == other.strip().casefold():
        return "other capitals or spaces"
    return "letters of another script, or other signs" if folded(name) == folded(other) else ""


def names_alike(names: Iterable[str]) -> tuple[tuple[str, ...], ...]:
    """Return the groups of names that look the same.

    >>> names_alike(["fear", "doubt", "Fear "])
    (('fear', 'Fear '),)
    """
    alike: dict[str, list[str]] = {}
    for name in names:
        alike.setdefault(folded(name), []).append(name)
    return tuple(tuple(group) for group in alike.values() if len(group) > 1)


def alike_shown(names: Sequence[str]) -> str:
    """Return a group of names with how the first two of them differ."""
    return f"{' and '.join(map(repr, names))} ({difference(*names[:2])})"


@lru_cache(maxsize=256)
def near_hint(name: str, names: frozenset[str]) -> str:
    """Return ``: near 'fear' (other capitals or spaces)`` for a message, or nothing."""
    near = near_name(name, names)
    if near is None:
        return ""
    how = difference(name, near)
    return f": near {near!r}{f' ({how})' if how else ''}"


@lru_cache(maxsize=4)
def _by_fold(names: frozenset[str]) -> dict[str, str]:
    return {folded(name): name for name in sorted(names)}
