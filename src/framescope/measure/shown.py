"""How scores are shown wherever people read them: in tables, on model cards and on pages."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

SCORES = {"samples_f1": "samples-F1", "micro_f1": "micro-F1", "macro_f1": "macro-F1"}
BASELINES = {
    "no_label": "baseline: no label",
    "most_frequent": "baseline: most frequent label",
    "random_prior": "baseline: random with the prior",
}


def number(value: float | None, n_decimals: int = 3, missing: str = "-") -> str:
    """Return a score, or a sign for one that is not defined.

    >>> number(0.12345), number(0.125, 2), number(None)
    ('0.123', '0.12', '-')
    """
    return missing if value is None else f"{value:.{n_decimals}f}"


def interval(ends: Sequence[float] | None, n_decimals: int = 3) -> str:
    """Return an interval in brackets, or nothing.

    >>> interval((0.1, 0.25)), interval((0.1, 0.25), 1), interval(None)
    ('[0.100, 0.250]', '[0.1, 0.2]', '')
    """
    return "" if ends is None else f"[{', '.join(number(end, n_decimals) for end in ends)}]"


def with_interval(scores: Mapping[str, Any], name: str) -> str:
    """Return one of some scores with its 95 % interval, where there is one.

    >>> with_interval({"micro_f1": 0.5, "micro_f1_ci95": [0.4, 0.6]}, "micro_f1")
    '0.500 [0.400, 0.600]'
    """
    return f"{number(scores[name])} {interval(scores.get(f'{name}_ci95'))}".rstrip()


def ngram(text: str, *, is_part: bool) -> str:
    r"""Return an n-gram on one line, between dots where it is part of a word.

    >>> ngram("нов\nсъюз", is_part=False), ngram("съю", is_part=True)
    ('нов съюз', '…съю…')
    """
    line = " ".join(text.split())
    return f"…{line}…" if is_part else line
