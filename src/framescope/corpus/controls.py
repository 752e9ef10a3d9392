"""Which control of an annotation project holds the labels: decided once for a file, from all of it."""

from __future__ import annotations

from collections.abc import Mapping, Set
from dataclasses import dataclass

from framescope.errors import CorpusError


@dataclass(frozen=True, slots=True)
class Controls:
    """The controls of a file by name: those of texts and those of spans, each with its labels."""

    of_texts: Mapping[str, Set[str]]
    of_spans: Mapping[str, Set[str]]


@dataclass(frozen=True, slots=True)
class Choice:
    """The control whose labels are the labels of texts, and those whose spans are evidence for them."""

    control: str | None
    of_spans: frozenset[str]

    @property
    def is_of_spans(self) -> bool:
        """Whether the labels of a text are those of its spans."""
        return self.control is None or self.control in self.of_spans


def choose_control(controls: Controls, named: str | None, source: object) -> Choice:
    """Return where the labels of a file are.

    One control that labels texts holds them, and spans are evidence where they bear no other labels. Without
    such a control the labels are those of the spans.

    Raises:
        CorpusError: there are several, and none is named; or the one that is named is not there.
    """
    names = {**controls.of_spans, **controls.of_texts}
    listed = ", ".join(sorted(map(repr, names))) or "none"
    if named is not None and named not in names:
        raise CorpusError.at(str(source), f"no control {named!r} holds labels; those that do: {listed}")
    candidates = [named] if named else list(controls.of_texts)
    if len(candidates) > 1:
        raise CorpusError.at(
            str(source), f"several controls hold labels: name one by --label-control: {listed}"
        )
    if not candidates:
        return Choice(None, frozenset(controls.of_spans))
    (control,) = candidates
    if control in controls.of_spans:
        return Choice(control, frozenset({control}))
    others = {name for name, labels in controls.of_spans.items() if not labels <= controls.of_texts[control]}
    if others and named is None:
        strange = ", ".join(sorted(map(repr, others)))
        raise CorpusError.at(
            str(source),
            f"{control!r} labels texts and {strange} marks spans with other labels: "
            f"name one by --label-control: {listed}",
        )
    return Choice(control, frozenset(controls.of_spans) - others)
