"""Facts on how a model came about, which its bundle holds and people ask for."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, TypedDict

import msgspec

from framescope.errors import BundleError


@dataclass(frozen=True)
class CorpusFacts:
    """What a model was trained on; ``languages`` counts units.

    ``states`` tell what the journal of each corrected corpus says of it.
    """

    name: str
    sha256: str
    n_units: int
    n_articles: int
    n_left_out: int
    n_spans: int
    languages: dict[str, int]
    states: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class Rounding:
    """How many decisions on a sample of left-out articles there are, and how many rounding changes."""

    n_decisions: int
    n_changed: int


@dataclass(frozen=True)
class MeaningFacts:
    """The sentence encoders that a model reads with: their names and the digests of what they are.

    ``weight`` is that of the kernel over sentence vectors, 0 where the model has none; ``has_descriptions``
    tells whether the second stage asks how far a text resembles the labels' descriptions.
    """

    encoders: list[str]
    digests: list[str]
    weight: float
    has_descriptions: bool


class FiringFigures(TypedDict):
    """How many articles of a feed got a label, of a thousand with a 95 % interval; the label "" is any."""

    label: str
    n_fired: int
    per_1000: float
    ci95: list[float]


@dataclass(frozen=True)
class BackgroundFacts:
    """The feed that a model was fitted with, and how often labels fire on articles that a fit did not have.

    ``n_articles`` are those that labels were tried on, distinct ones of ``n_read``; ``n_fitted`` of these are
    in the fit with ``weight``, but for ``n_set_aside``. ``max_firing`` is the share that each label was to keep
    to.
    """

    sha256: str
    n_read: int
    n_duplicates: int
    n_articles: int
    n_fitted: int
    n_set_aside: int
    weight: float
    max_firing: float | None
    any_label: FiringFigures
    per_label: list[FiringFigures]


class ReviewFigures(TypedDict):
    """What a goal for given labels comes to on left-out articles.

    From ``cut`` on, None if none can promise the goal, ``n_given`` of the ``n_chosen`` labels that the rule
    chose are given, in ``n_groups`` groups.
    """

    goal: str
    cut: float | None
    n_groups: int
    n_given: int
    n_chosen: int


class RulePromise(TypedDict):
    """Over how many groups a rule's goal is promised: for which labels each alone, and for which together.

    ``by_children`` are labels that are given only where a child brings them.
    """

    n_groups: int
    alone: list[str]
    together: list[str]
    by_children: list[str]


class PrevalenceFigures(TypedDict):
    """The probabilities of a label on left-out units: how many have it and have not, and their moments.

    Moments are the means of the first four powers of the probability.
    """

    label: str
    n_with: int
    n_without: int
    moments_with: list[float]
    moments_without: list[float]


class LabelFigures(TypedDict):
    """A row of ``per_label``."""

    label: str
    support: int
    precision: float | None
    recall: float | None
    f1: float | None
    average_precision: float | None


class LevelFigures(TypedDict):
    """The scores of a level; intervals may be missing."""

    samples_f1: float | None
    micro_f1: float | None
    macro_f1: float | None


class _Section(TypedDict):
    fine: LevelFigures
    false_alarm_rate: float | None


class _LabelScope(TypedDict):
    label: str
    n_outside: int
    n_missed: int


class ScopeFigures(TypedDict):
    """How many left-out units were out of scope: of every label, and of each."""

    n_outside: int
    per_label: list[_LabelScope]


class _Metrics(TypedDict):
    """What readers of metrics rely on, of the layout of :func:`framescope.measure.metrics.evaluate`."""

    n_units: int
    overall: _Section
    by_language: dict[str, _Section]
    false_alarms_by_kind: dict[str, dict[str, float]]
    per_label: list[LabelFigures]
    calibration: dict[str, float | list[float] | None]
    baselines: dict[str, _Section | None]
    scope: ScopeFigures | None


@dataclass(frozen=True)
class Facts:
    """How a model came about.

    ``learner`` is the one that fitted, never ``auto``; ``rule`` is what was asked for; ``never_given`` are the
    labels that the rule cannot give; ``rule_promise`` is None for a rule without a goal; ``changes`` say what
    was changed after training. ``prevalence`` has a row for each label, none in older bundles.

    Layouts are those of :func:`framescope.measure.metrics.evaluate` for ``metrics``, of
    :func:`framescope.measure.outlooks.outlook_figures` for each of ``outlooks`` by name, and of
    :func:`framescope.measure.outlooks.new_articles` for ``new_articles``, and of
    :func:`framescope.measure.agreement.coder_figures` for ``coders``, None where no two can be compared.
    """

    corpus: CorpusFacts
    learner: str
    penalty: float
    rule: str
    never_given: tuple[str, ...]
    group_by: str
    min_df: int
    max_features: int | None
    seed: int
    versions: dict[str, str]
    rounding: Rounding
    metrics: dict[str, Any]
    outlooks: dict[str, Any]
    new_articles: dict[str, Any] | None
    background: BackgroundFacts | None = None
    meaning: MeaningFacts | None = None
    changes: tuple[str, ...] = ()
    rule_promise: RulePromise | None = None
    review: list[ReviewFigures] = field(default_factory=list)
    coders: dict[str, Any] | None = None
    prevalence: list[PrevalenceFigures] = field(default_factory=list)

    @property
    def label_figures(self) -> Mapping[str, LabelFigures]:
        """The figures of each label on left-out units."""
        return {row["label"]: row for row in self.metrics["per_label"]}

    def to_json(self) -> dict[str, Any]:
        """Return the facts for a file."""
        return {**asdict(self), "never_given": list(self.never_given), "changes": list(self.changes)}


def parse_facts(content: Any, file: Path, *, remedy: str) -> Facts:
    """Build the facts from JSON, where every field has the type that it should have.

    Raises:
        BundleError: a field is missing or of another type.
    """
    try:
        facts = msgspec.convert(content, Facts)
        msgspec.convert(facts.metrics, _Metrics)
    except msgspec.ValidationError as error:
        raise BundleError(f"{file}: training: {error}: {remedy}") from error
    return facts
