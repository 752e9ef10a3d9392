"""Another decision rule for a trained model: the same weights, judged anew on the record of its training."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Protocol

import numpy as np

from framescope._types import BoolArray, Float32, Indices
from framescope.bundle.facts import Facts
from framescope.bundle.read import Bundle
from framescope.bundle.record import REMEDY, TrainingRecord, load_record, record_path
from framescope.codebook import Codebook
from framescope.errors import BundleError, FramescopeError, UnknownLabelError
from framescope.fit.groups import group_numbers
from framescope.fit.rules import parse_rule
from framescope.measure.metrics import Outcomes, UnitInfo, calibration_warnings, evaluate
from framescope.model.decision import NEVER, Rule
from framescope.text.lookalikes import near_hint
from framescope.training.card import model_card
from framescope.training.review import fit_review, rule_promise
from framescope.training.train import Trained

N_FOLDS = 10
OWN_CUTS = ", own cuts"


class HasBundle(Protocol):
    """A predictor, which is on a floor above this one."""

    @property
    def bundle(self) -> Bundle:
        """The model."""


class RuleError(FramescopeError):
    """A rule that cannot be, or nothing to change."""


def set_rule(
    model: Bundle | HasBundle, *, rule: str | None = None, cuts: Mapping[str, float] | None = None
) -> Trained:
    """Return a model of the same weights and calibration with another rule, and its honest figures.

    ``model`` is a bundle, or a predictor.

    ``rule`` is fitted to the left-out probabilities that training recorded, and judged on each tenth of the
    groups by a rule of the others; None keeps the one that is there. What parts given labels from those to
    review is promised anew, of the labels that the new rule chooses. ``cuts`` set for some labels the
    probability from which they are given; infinity is never. Where the rule has no cuts, they are marks below
    which a label is withheld, and a child's is at least its parent's.

    Raises:
        RuleError: there is no such rule, a cut is out of range, or there is nothing to change.
        UnknownLabelError: the codebook does not have a label.
        BundleError: the record of the model's training is missing or has no labels.
    """
    bundle = model if isinstance(model, Bundle) else model.bundle
    cuts = dict(cuts or {})
    _check(rule, cuts, bundle.model.codebook)
    record = _record_of(bundle)
    made, decided = _fitted(bundle.model.rule, record, bundle.model.codebook, rule=rule, cuts=cuts)
    goals = [one["goal"] for one in bundle.training.review]
    groups = group_numbers(record.clusters)
    review, reviewed = fit_review(goals, record.probabilities, decided, record.truths, groups)
    changed = replace(bundle.model.with_rule(made), review=review)
    facts = _facts(bundle, record, decided, made, rule=rule, changes=_told(bundle, rule, cuts))
    promise = rule_promise(made, record.truths, groups, bundle.model.codebook)
    facts = replace(facts, rule_promise=promise, review=reviewed)
    warnings = (
        *_never_warnings(facts, codebook=changed.codebook, asked=cuts),
        *calibration_warnings(facts.metrics),
    )
    card = model_card(changed, facts, warnings)
    return Trained(changed, facts, card, warnings, replace(record, decided=decided))


def _check(rule: str | None, cuts: Mapping[str, float], codebook: Codebook) -> None:
    if rule is None and not cuts:
        raise RuleError("expected a rule, or a cut of a label, found nothing to change")
    if rule is not None:
        try:
            parse_rule(rule)
        except ValueError as error:
            raise RuleError(str(error)) from error
    for label, cut in cuts.items():
        if label not in codebook.columns:
            hint = near_hint(label, frozenset(codebook.ids))
            raise UnknownLabelError(f"label {label!r} is not in the codebook {codebook.name!r}{hint}")
        if not (0 < cut <= 1 or cut == NEVER):
            raise RuleError(f"label {label!r}: expected a cut above 0 and at most 1, or never, found {cut:g}")


def _record_of(bundle: Bundle) -> TrainingRecord:
    """Return the record of a model's training, with labels."""
    record, path = load_record(bundle.path, bundle.digest), record_path(bundle.path)
    if record is None:
        message = "is missing, and without it nobody can say how good another rule is: copy it with the bundle"
        raise BundleError(f"{path}: {message}, {REMEDY}")
    if record.truth is None:
        raise BundleError(f"{path}: was written before labels were recorded: {REMEDY}")
    return record


def _fitted(
    old: Rule, record: TrainingRecord, codebook: Codebook, *, rule: str | None, cuts: Mapping[str, float]
) -> tuple[Rule, BoolArray]:
    """Return the rule, and what rules of the same kind decide on the units that they were not fitted to."""
    probabilities, groups = record.probabilities, group_numbers(record.clusters)

    def fit(rows: Indices) -> Rule:
        made = old
        if rule is not None:
            made = parse_rule(rule)(probabilities[rows], record.truths[rows], codebook, groups[rows])
            made = replace(made, floors=old.floors)
        return with_cuts(made, cuts, codebook)

    everything = np.arange(len(probabilities))
    if rule is None:
        made = fit(everything)
        return made, made.decide(probabilities, codebook)
    decided = np.zeros(probabilities.shape, bool)
    for held_out in _folds(record):
        rows = np.flatnonzero(held_out)
        decided[rows] = fit(np.flatnonzero(~held_out)).decide(probabilities[rows], codebook)
    return fit(everything), decided


def _folds(record: TrainingRecord) -> list[BoolArray]:
    """Return, for each tenth of the groups, which units it has; seeded, and independent of their order."""
    names, group_of = np.unique(np.array(record.clusters, dtype=object).astype(str), return_inverse=True)
    fold_of = np.random.default_rng(0).permutation(len(names)) % min(N_FOLDS, len(names))
    return [np.asarray(fold_of[group_of] == fold) for fold in range(min(N_FOLDS, len(names)))]


def with_cuts(rule: Rule, cuts: Mapping[str, float], codebook: Codebook) -> Rule:
    """Return a rule with the cuts of some labels set or, where it has none, their floors.

    Raises:
        RuleError: a child would be given below the floor of its parent.
    """
    if not cuts:
        return rule
    name = rule.name if rule.name.endswith(OWN_CUTS) else f"{rule.name}{OWN_CUTS}"
    if rule.cuts is not None:
        return replace(rule, name=name, cuts=_set(rule.cuts, cuts, codebook))
    floors = _set(
        np.zeros(len(codebook.ids), np.float32) if rule.floors is None else rule.floors, cuts, codebook
    )
    of_parent = np.where(codebook.parents >= 0, floors[codebook.parents], 0)
    for label in cuts:
        column = codebook.columns[label]
        if floors[column] < of_parent[column]:
            message = f"its parent {codebook.labels[column].parent!r} is withheld below {of_parent[column]:g}"
            raise RuleError(
                f"label {label!r}: {message}, and a child brings its parent: expected at least that"
            )
    return replace(rule, name=name, floors=np.maximum(floors, of_parent).astype(np.float32))


def _set(values: Float32, cuts: Mapping[str, float], codebook: Codebook) -> Float32:
    changed = np.array(values, np.float32)
    for label, cut in cuts.items():
        changed[codebook.columns[label]] = cut
    return changed


def _facts(
    bundle: Bundle,
    record: TrainingRecord,
    decided: BoolArray,
    made: Rule,
    *,
    rule: str | None,
    changes: tuple[str, ...],
) -> Facts:
    """Return the facts with the figures of the new rule, and without those that only the old rule had."""
    model, old = bundle.model, bundle.training
    in_scope = record.probabilities > 0 if model.codebook.has_scopes else None
    metrics = evaluate(
        Outcomes(record.truths, decided, record.probabilities, in_scope),
        UnitInfo(record.languages, record.clusters, record.kinds),
        codebook=model.codebook,
        prior=model.calibration.prior,
    )
    never = made.never_given(model.codebook)
    return replace(
        old,
        rule=rule or old.rule,
        never_given=tuple(label for label, is_never in zip(model.codebook.ids, never, strict=True) if is_never),
        metrics=metrics,
        outlooks={},
        new_articles=None,
        background=None,
        changes=(*old.changes, *changes),
    )


def _never_warnings(facts: Facts, *, codebook: Codebook, asked: Mapping[str, float]) -> list[str]:
    """Say which labels the new rule never gives, but those for which that was asked."""
    never = [label for label in facts.never_given if asked.get(label) != NEVER]
    remedy = "set a lower goal, or train with more articles"
    if never and len(facts.never_given) == len(codebook.ids):
        return [f"the rule {facts.rule} gives no label at all: {remedy}"]
    return [f"the rule {facts.rule} never gives {', '.join(never)}: {remedy}"] if never else []


def _told(bundle: Bundle, rule: str | None, cuts: Mapping[str, float]) -> tuple[str, ...]:
    """Say for the card what is changed, and what of the old card is left out."""
    what = [f"the rule `{bundle.training.rule}` became `{rule}`"] if rule is not None else []
    for label, cut in cuts.items():
        verb = "is withheld below" if bundle.model.rule.cuts is None and rule is None else "has the cut"
        what.append(f"`{label}` is never given" if cut == NEVER else f"`{label}` {verb} {cut:g}")
    line = f"After training, from the model {bundle.digest[:12]}: {', '.join(what)}. The weights are the same."
    left = (
        "The figures are those of the record of training under the new rule. What the old card says of other "
        "ways of leaving out, of new articles and of a feed holds for the old rule, and is left out here; so "
        "are warnings of the audit."
    )
    return (f"{line} {left}",)
