"""What is in a corpus, and what is wrong with it although it can be read.

``Audit.to_json()`` has this layout; lists of ids show the first 20 cases::

    {"corpus": str, "format": str, "n_units": int, "n_articles": int, "n_left_out": int,
     "n_unlabelled": int, "unlabelled_share": float,
     "languages": {"bg": int, ...}, "splits": {"train": int, ...},
     "labels": [{"label", "parent", "n_units", "by_language": {"bg": int, ...}, "n_out_of_scope",
                 "n_alone"}, ...],
     "n_out_of_scope": int or null,
     "rare_labels": [str, ...], "labels_without_examples": [str, ...], "labels_alike": [[str, ...], ...],
     "equal_texts": {"n_groups", "n_units", "examples": [[id, ...], ...]},
     "contradictions": {same shape; equal texts whose label sets differ},
     "near_duplicates": {"n_pairs", "n_units", "is_complete", "examples": [[id, id], ...]},
     "overlaps": [{"left", "right", "n_equal_texts", "n_near_texts", "n_groups", "examples": [...]}, ...],
     "style_auc": {"bg": float, ...},
     "two_scripts": {"n_units", "examples": [str, ...]},
     "spans": {"n_spans", "n_inside_words", "n_slivers", "n_unknown_labels", "n_labels_not_given"},
     "warnings": [str, ...]}

Counts of labels are of closed label sets: a child counts for its parent. Out of scope are units with a label of
whose scope their article names nothing; null where a label, or every label, has no scope. ``style_auc`` is that
of :func:`framescope.corpus.style.style_auc`. ``two_scripts`` are words of Latin and Cyrillic letters.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from framescope.corpus.repeats import NearRepeats, Overlap, Repeats
from framescope.corpus.style import TOO_TELLING
from framescope.text.lookalikes import alike_shown, names_alike

N_ENOUGH = 5
"""Units with a label below which it counts as rare."""

MAX_OUTSIDE = 0.2
"""The share of a label's units that may name nothing of its scope."""

MAX_ALONE = 0.2
"""The share of a label's units that may have none of its children."""

N_NAMED = 3
"""Labels or ids that a line of text names."""


@dataclass(frozen=True, slots=True)
class LabelCount:
    """How many units bear a label, children included; how many of these are out of its scope, if it has one.

    ``n_alone`` of them bear none of its children, if it has any.
    """

    label: str
    parent: str | None
    n_units: int
    by_language: Mapping[str, int]
    n_out_of_scope: int | None = None
    n_alone: int | None = None


@dataclass(frozen=True, slots=True)
class SpanCounts:
    """Evidence spans, and those that begin or end inside a word or whose label their unit does not bear.

    ``n_slivers`` counts those that reach into a further sentence by less than a word, which does not mark it.
    """

    n_spans: int = 0
    n_inside_words: int = 0
    n_slivers: int = 0
    n_unknown_labels: int = 0
    n_labels_not_given: int = 0


@dataclass(frozen=True, slots=True)
class TwoScripts:
    """Units with words of Latin and Cyrillic letters, and some of these words."""

    n_units: int
    examples: tuple[str, ...]


@dataclass(frozen=True)
class Audit:
    """The findings about one corpus."""

    corpus: str
    format: str
    n_units: int
    n_articles: int
    n_left_out: int
    n_unlabelled: int
    languages: Mapping[str, int]
    splits: Mapping[str, int]
    labels: tuple[LabelCount, ...]
    n_out_of_scope: int | None
    equal_texts: Repeats
    contradictions: Repeats
    near_duplicates: NearRepeats
    overlaps: tuple[Overlap, ...]
    spans: SpanCounts
    style_auc: Mapping[str, float]
    two_scripts: TwoScripts

    @property
    def unlabelled_share(self) -> float:
        """The share of units without any label."""
        return self.n_unlabelled / self.n_units

    @property
    def rare_labels(self) -> tuple[str, ...]:
        """Labels with some, but fewer than 5 units."""
        return tuple(count.label for count in self.labels if 0 < count.n_units < N_ENOUGH)

    @property
    def labels_without_examples(self) -> tuple[str, ...]:
        """Labels that no unit bears."""
        return tuple(count.label for count in self.labels if not count.n_units)

    @property
    def labels_alike(self) -> tuple[tuple[str, ...], ...]:
        """Labels that differ in capitals, spaces, composition or look-alike letters only."""
        return names_alike(count.label for count in self.labels)

    @property
    def has_scopes(self) -> bool:
        """Whether any label has a scope."""
        return self.n_out_of_scope is not None

    def warnings(self) -> list[str]:
        """Return at most three lines, on texts, on labels and spans, and on style; none for a clean corpus."""
        lines = ["; ".join(self._text_faults()), "; ".join(self._label_faults()), self._style_fault()]
        return [line for line in lines if line]

    def rows(self) -> list[tuple[str, str]]:
        """Return a table of findings and values, the labels' counts apart."""
        equal, different, near = self.equal_texts, self.contradictions, self.near_duplicates
        return [
            ("units", f"{self.n_units} of {self.n_articles} articles"),
            ("left out", str(self.n_left_out)),
            ("languages", _joined(self.languages)),
            *([("splits", _joined(self.splits))] if self.splits else []),
            ("unlabelled", f"{self.n_unlabelled} ({self.unlabelled_share:.0%})"),
            ("equal texts", f"{equal.n_units} units, {equal.n_groups} texts{_shown(equal.examples)}"),
            ("with different labels", f"{different.n_groups} texts{_shown(different.examples)}"),
            ("near duplicates", f"{near.n_units} units, {near.n_pairs} pairs{_shown(near.examples)}"),
            *((f"{o.left} also in {o.right}", _overlap_shown(o)) for o in self.overlaps),
            (f"labels with fewer than {N_ENOUGH} units", ", ".join(self.rare_labels) or "none"),
            ("labels without examples", ", ".join(self.labels_without_examples) or "none"),
            ("labels that look alike", "; ".join(map(alike_shown, self.labels_alike)) or "none"),
            *([("labelled out of scope", self._out_of_scope())] if self.has_scopes else []),
            *([("labelled or not, by style alone", _aucs(self.style_auc))] if self.style_auc else []),
            *([("words of two scripts", self._two_scripts())] if self.two_scripts.n_units else []),
            ("spans", str(self.spans.n_spans)),
            ("inside words", str(self.spans.n_inside_words)),
            ("into a sentence by less than a word", str(self.spans.n_slivers)),
            ("labelled outside the codebook", str(self.spans.n_unknown_labels)),
            ("with a label the unit lacks", str(self.spans.n_labels_not_given)),
        ]

    def to_json(self) -> dict[str, Any]:
        """Return all findings in the layout that the module describes."""
        return {
            **asdict(self),
            "unlabelled_share": self.unlabelled_share,
            "rare_labels": list(self.rare_labels),
            "labels_without_examples": list(self.labels_without_examples),
            "labels_alike": [list(labels) for labels in self.labels_alike],
            "warnings": self.warnings(),
        }

    def _text_faults(self) -> list[str]:
        faults = []
        if self.equal_texts.n_groups:
            faults.append(
                f"{self.equal_texts.n_units} units have texts that occur more than once, "
                f"{self.contradictions.n_groups} of these texts with different labels"
            )
        if self.near_duplicates.n_pairs:
            faults.append(f"{self.near_duplicates.n_pairs} pairs of near duplicates")
        faults += [f"{o.left} also in {o.right}: {_overlap_shown(o)}" for o in self.overlaps if _is_shared(o)]
        return faults

    @property
    def _never_in_scope(self) -> list[str]:
        """Labels all of whose examples are out of their scope."""
        return [count.label for count in self.labels if 0 < count.n_units == count.n_out_of_scope]

    @property
    def _often_out_of_scope(self) -> list[str]:
        """Labels some but too few of whose examples are in their scope, with how many are not."""
        return [
            f"{count.label} ({count.n_out_of_scope} of {count.n_units})"
            for count in self.labels
            if count.n_out_of_scope and MAX_OUTSIDE * count.n_units < count.n_out_of_scope < count.n_units
        ]

    @property
    def _often_alone(self) -> list[str]:
        """Labels many of whose examples bear none of their children, with how many."""
        return [
            f"{count.label} ({count.n_alone} of {count.n_units})"
            for count in self.labels
            if (count.n_alone or 0) >= max(N_ENOUGH, MAX_ALONE * count.n_units)
        ]

    def _out_of_scope(self) -> str:
        """Return how many labelled units are out of scope, and of which labels most."""
        parents = {count.parent for count in self.labels}
        ranked = sorted(
            (count for count in self.labels if count.n_out_of_scope and count.label not in parents),
            key=lambda count: -(count.n_out_of_scope or 0),
        )
        named = _named("", [f"{count.label} {count.n_out_of_scope}" for count in ranked])
        return f"{self.n_out_of_scope} units" + "".join(f" ({names.strip()})" for names in named)

    def _two_scripts(self) -> str:
        return f"in {self.two_scripts.n_units} units, such as {', '.join(self.two_scripts.examples[:N_NAMED])}"

    def _label_faults(self) -> list[str]:
        spans = self.spans
        counted = [
            (spans.n_inside_words, "spans begin or end inside words"),
            (spans.n_slivers, "spans reach into a further sentence by less than a word"),
            (spans.n_unknown_labels, "spans bear labels outside the codebook"),
            (spans.n_labels_not_given, "spans bear labels that their unit lacks"),
        ]
        return [
            *_named(f"fewer than {N_ENOUGH} units for", self.rare_labels),
            *_named("no example of", self.labels_without_examples),
            *_named("labels that look alike:", list(map(alike_shown, self.labels_alike))),
            *_named("a term may be misspelt: no example names anything of the scope of", self._never_in_scope),
            *_named("many units name nothing of the scope of", self._often_out_of_scope),
            *_named(
                "the rule samples-f1 gives a label only with one of its children, which many units lack: add a "
                "child for what is left of",
                self._often_alone,
            ),
            *(f"{n} {what}" for n, what in counted if n),
        ]

    def _style_fault(self) -> str:
        telling = {language: auc for language, auc in self.style_auc.items() if auc > TOO_TELLING}
        if not telling:
            return ""
        return (
            "function words and punctuation alone tell which units have a label "
            f"({_aucs(telling)}; 0.5 is chance): a model may learn how they are written, not what they say"
        )


def _joined(counts: Mapping[str, int]) -> str:
    return ", ".join(f"{name or 'not given'} {n}" for name, n in counts.items())


def _aucs(by_language: Mapping[str, float]) -> str:
    return "AUC " + ", ".join(
        f"{language} {auc:.2f}" if language else f"{auc:.2f}" for language, auc in by_language.items()
    )


def _named(what: str, names: Sequence[str]) -> list[str]:
    """Return a list with one phrase, or nothing where there are no names."""
    if not names:
        return []
    n_more = len(names) - N_NAMED
    return [f"{what} {', '.join(names[:N_NAMED])}{f' and {n_more} more' if n_more > 0 else ''}"]


def _shown(examples: Sequence[Sequence[str]]) -> str:
    """Return the ids of the first groups, or nothing."""
    groups = [" = ".join(ids[:N_NAMED]) for ids in examples[:N_NAMED]]
    return f", such as {'; '.join(groups)}" if groups else ""


def _overlap_shown(overlap: Overlap) -> str:
    groups = "" if overlap.n_groups is None else f", {overlap.n_groups} groups"
    return f"{overlap.n_equal_texts} equal texts, {overlap.n_near_texts} near duplicates{groups}"


def _is_shared(overlap: Overlap) -> bool:
    return bool(overlap.n_equal_texts or overlap.n_near_texts or overlap.n_groups)
