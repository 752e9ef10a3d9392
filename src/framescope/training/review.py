"""What a trained model promises of the labels that it gives."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from framescope._types import BoolArray, Float32, Indices
from framescope.bundle.facts import ReviewFigures, RulePromise
from framescope.codebook import Codebook
from framescope.fit.promises import Goal, parse_goal, promised_cut, stands_alone
from framescope.model.decision import NEVER, Rule
from framescope.model.review import Promise, Review


def parse_review(text: str) -> Goal:
    """Return the goal of labels that are given without a review.

    Raises:
        ValueError: it is no ``precision>=P``.
    """
    goal = parse_goal(text)
    if goal is None or goal.measure != "precision":
        raise ValueError(f"unknown goal {text!r}; expected precision>=P with P between 0 and 1")
    return goal


def fit_review(
    goals: Sequence[str], probabilities: Float32, decided: BoolArray, truth: BoolArray, groups: Indices
) -> tuple[Review | None, list[ReviewFigures]]:
    """Return from which probability on labels are given, and what that comes to on the left-out articles.

    All labels that the rule chooses count together; probabilities, decisions and truth are (n_units, n_labels).

    Raises:
        ValueError: a goal is no ``precision>=P``.
    """
    chosen = np.where(decided, probabilities, np.float32(0))
    figures = [_figures(text, chosen, truth, groups) for text in goals]
    promises = tuple(Promise(one["goal"], one["cut"]) for one in figures)
    return Review(promises) if promises else None, figures


def rule_promise(rule: Rule, truth: BoolArray, groups: Indices, codebook: Codebook) -> RulePromise | None:
    """Return for which labels a rule keeps its goal, None for a rule without one."""
    goal = parse_goal(rule.name)
    if goal is None or rule.cuts is None:
        return None
    is_alone, is_promised = stands_alone(truth, groups, goal), rule.cuts < NEVER
    brought = ~is_promised & ~rule.never_given(codebook)
    return {
        "n_groups": len(set(groups.tolist())),
        "alone": [*codebook.named(is_alone & is_promised)],
        "together": [*codebook.named(~is_alone & is_promised)],
        "by_children": [*codebook.named(brought)],
    }


def _figures(text: str, chosen: Float32, truth: BoolArray, groups: Indices) -> ReviewFigures:
    cut = promised_cut(chosen, truth, groups, parse_review(text))
    given = chosen >= cut
    return {
        "goal": text.replace(" ", ""),
        "cut": float(cut) if cut < NEVER else None,
        "n_groups": len(set(groups[given.any(axis=1)].tolist())),
        "n_given": int(given.sum()),
        "n_chosen": int((chosen > 0).sum()),
    }
