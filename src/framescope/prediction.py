"""What a model says of a text, or of a part of one."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from framescope.notebook import labels_as_html, labels_in_short

UNLIKE = ", unlike_training=True"


class _Judged:
    """What follows from the labels of a text or of a part of it."""

    __slots__ = ()
    labels: tuple[str, ...]
    probabilities: Mapping[str, float]
    unlike_training: bool
    to_review: tuple[str, ...]

    @property
    def given(self) -> tuple[str, ...]:
        """The labels that the model vouches for."""
        return tuple(label for label in self.labels if label not in self.to_review)

    def _in_short(self) -> str:
        return labels_in_short(self.labels, self.probabilities) + (UNLIKE if self.unlike_training else "")

    def _repr_html_(self) -> str:
        return labels_as_html(self.labels, self.probabilities, self.to_review, is_unlike=self.unlike_training)


@dataclass(frozen=True, slots=True)
class Prediction(_Judged):
    """What a model says of a text: its labels in column order, and the probability of every label.

    ``labels`` are those that the rule chooses. The model vouches for those that are ``given``; ``to_review``
    are the others: those of a text that is unlike training and, if the model was trained with a review, those
    of too low a probability. ``out_of_scope`` are the labels of whose scope the text names nothing: they are
    not possible, and their probability is 0. ``typicality`` is the share of training articles, each without
    its group, that are no more typical, None where the model does not tell. Neither labels nor probabilities
    are meant for a text that is ``unlike_training``; ``language`` is what it seems to be in, "" where that
    was told or is not clear. The probabilities of a text in a ``new_language``, of which training had no
    article, come from how articles were judged without any of their own language.
    """

    labels: tuple[str, ...]
    probabilities: Mapping[str, float]
    out_of_scope: tuple[str, ...] = ()
    typicality: float | None = None
    unlike_training: bool = False
    language: str = ""
    to_review: tuple[str, ...] = ()
    new_language: bool = False

    def __repr__(self) -> str:
        return f"Prediction({self._in_short()})"


@dataclass(frozen=True, slots=True)
class UnitPrediction(_Judged):
    """What a model says of a part of a text, ``text[start:end]``.

    ``out_of_scope`` are the labels of whose scope the whole text names nothing; the rest as in
    :class:`Prediction`.
    """

    start: int
    end: int
    labels: tuple[str, ...]
    probabilities: Mapping[str, float]
    out_of_scope: tuple[str, ...] = ()
    typicality: float | None = None
    unlike_training: bool = False
    language: str = ""
    to_review: tuple[str, ...] = ()
    new_language: bool = False

    def __repr__(self) -> str:
        return f"UnitPrediction({self.start}, {self.end}, {self._in_short()})"
