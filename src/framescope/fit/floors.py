"""Floors under the probability of each label, so that it fires on few articles of a feed."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from framescope._types import BoolArray, Float32
from framescope.codebook import Codebook
from framescope.model.decision import NEVER, Rule

MAX_DISTANCE = 0.01


def n_needed(max_firing: float) -> int:
    """Return how many articles of a feed it takes to keep a label to a rate."""
    return int(np.ceil(1 / max_firing - 1e-9)) - 1


def raise_floors(rule: Rule, probabilities: Float32, codebook: Codebook, *, max_firing: float) -> Rule:
    """Return the rule with floors, no higher than they must be, that keep every label, parents too, to a rate.

    Of n articles, k may have the label, where (k + 1) / (n + 1) is at most ``max_firing``: then that is how
    likely a further article of the feed gets it, if it is drawn like these.

    Source: Papadopoulos and others (2002), Inductive confidence machines for regression.

    Args:
        rule: its own floors are replaced.
        probabilities: of articles that were not fitted, (n_articles, n_labels). Of fewer than
            ``n_needed(max_firing)`` none may have the label, and the rate is not promised.
        codebook: of the labels.
        max_firing: above 0, below 1.
    """
    n_allowed = max(0, int(np.floor(max_firing * (len(probabilities) + 1) + 1e-9)) - 1)
    given = np.where(rule.choose(probabilities, codebook), probabilities, np.float32(0))
    floors = np.zeros(len(codebook.ids), np.float32)
    children = np.flatnonzero(codebook.parents >= 0)
    for child in children:
        floors[child] = _floor(given[:, child], n_allowed)
        # A child that is given brings its parent, which then stands or falls with the child's probability.
        is_given = given[:, child] >= floors[child]
        parent = codebook.parents[child]
        np.maximum(given[:, parent], given[:, child] * is_given, out=given[:, parent])
    for label in np.flatnonzero(codebook.parents < 0):
        floors[label] = _floor(given[:, label], n_allowed)
    floors[children] = np.maximum(floors[children], floors[codebook.parents[children]])
    return replace(rule, floors=floors)


def close_empty(rule: Rule, probabilities: Float32, truth: BoolArray, codebook: Codebook) -> Rule:
    """Return the rule without the labels whose floor leaves no labelled article that should have them."""
    if rule.floors is None:
        return rule
    is_left = (rule.decide(probabilities, codebook) & truth).any(axis=0)
    return replace(rule, floors=np.where((rule.floors > 0) & ~is_left, NEVER, rule.floors))


def _floor(given: Float32, n_allowed: int) -> np.float32:
    """Return a floor that at most so many of the given values reach; 0 where none is needed.

    It keeps some distance from the first value below, so that rounded weights do not lift it over the floor.
    """
    if np.count_nonzero(given) <= n_allowed:
        return np.float32(0)
    below = np.partition(given, -n_allowed - 1)[-n_allowed - 1]
    above = np.min(given, where=given > below, initial=1.0)
    return np.float32(max(np.nextafter(below, np.float32(1)), below + min(MAX_DISTANCE, (above - below) / 2)))
