"""Which labels of a model are good enough to use, by what it gave to articles left out of training."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

MIN_SUPPORT = 20
GOOD_PRECISION, GOOD_RECALL = 0.75, 0.5
FAIR_PRECISION = 0.5


@dataclass(frozen=True, slots=True)
class Usefulness:
    """Labels to use, labels whose articles a person should read, and labels that say nothing yet."""

    good: tuple[str, ...]
    fair: tuple[str, ...]
    poor: tuple[str, ...]

    def lines(self) -> list[str]:
        """Return a sentence for each sort of labels that there is."""
        told = (
            (self.good, "Good enough to use (right in 3 of 4 cases or more, and found in half of its units):"),
            (self.fair, "To be read by a person (right in half of the cases or more):"),
            (self.poor, "Not good enough to use, for want of examples or of clear words:"),
        )
        return [f"{sentence} {', '.join(labels)}." for labels, sentence in told if labels]


def usefulness(metrics: Mapping[str, Any]) -> Usefulness:
    """Sort the labels of the metrics of :func:`framescope.measure.metrics.evaluate`.

    A label with fewer than 20 examples is not called good, whatever its figures are: they could be luck.
    """
    rows = metrics["per_label"]
    good = {row["label"] for row in rows if _is_good(row)}
    fair = {row["label"] for row in rows if (row["precision"] or 0.0) >= FAIR_PRECISION} - good
    names = [row["label"] for row in rows]
    return Usefulness(_in_order(names, good), _in_order(names, fair), _in_order(names, {*names} - good - fair))


def _is_good(row: Mapping[str, Any]) -> bool:
    return bool(
        row["support"] >= MIN_SUPPORT
        and (row["precision"] or 0.0) >= GOOD_PRECISION
        and (row["recall"] or 0.0) >= GOOD_RECALL
    )


def _in_order(names: Iterable[str], chosen: set[str]) -> tuple[str, ...]:
    return tuple(name for name in names if name in chosen)
