"""The label set with the greatest expected F1, article by article.

Given that a text has a label at all, labels count as independent. Then the best set of k labels of a level is
that of its k most probable ones, and its expected F1 is the sum over them of
p * E[2 / (k + 1 + number of the other true labels)], where the number is Poisson-binomial.
Source: Ye, Chai, Lee and Chieu (2012), Optimizing F-measures: a tale of two approaches.
"""
# Plain loops: what numba would compile for argsort, unique or slices takes longer than the rest of the module.

from __future__ import annotations

import numpy as np

from framescope.text.kernels import kernel, part

MAX_LABELS = 8
MAX_OTHERS = 24
MAX_CONDITIONAL = 0.999
GAIN = 2.0 / np.arange(1, MAX_LABELS + MAX_OTHERS + 2)  # of a hit, by the sizes of both sets minus one


@kernel()
def choose_sets(probabilities, empty, levels, decided):  # type: ignore[no-untyped-def]
    """Mark for each text its first k most probable fine labels, with the k of the greatest expected F1.

    Args:
        probabilities: (n_texts, n_labels) float32.
        empty: probability that a text has no label, (n_texts,) float64.
        levels: columns of the fine and of the first-level labels, and each label's parent or -1, all int32.
            With two levels, the expected F1 is the mean of both.
        decided: (n_texts, n_labels) bool, all False before.
    """
    fine, first_level, parents = levels
    is_flat = len(fine) == len(first_level) == len(parents)
    given_any = np.empty(probabilities.shape[1])
    ranked = np.empty(min(MAX_LABELS, len(fine)), np.int32)
    tops = np.empty_like(ranked)
    for row in range(len(probabilities)):
        if empty[row] >= 0.5:  # no F1 is above 1: nothing can be worth more than no label
            continue
        some = 1.0 - empty[row]
        for label in range(len(given_any)):
            given_any[label] = min(probabilities[row, label] / some, MAX_CONDITIONAL)
        _rank(given_any, fine, ranked)
        promise = _expected_f1(given_any, fine, ranked)
        if not is_flat:
            for k in range(len(ranked)):
                tops[k] = ranked[k] if parents[ranked[k]] < 0 else parents[ranked[k]]
            promise_of_parents = _expected_f1(given_any, first_level, tops)
            for k in range(len(promise)):
                promise[k] = (promise[k] + promise_of_parents[k]) / 2.0
        best = 0
        for k in range(1, len(promise)):
            if promise[k] > promise[best]:
                best = k
        if promise[best] * (1.0 - empty[row]) > empty[row]:
            for k in range(best + 1):
                decided[row, ranked[k]] = True


@part
def _rank(values, level, ranked):  # type: ignore[no-untyped-def]
    """Fill ``ranked`` with the labels of the greatest values, descending; of equals the first comes first."""
    n_ranked = 0
    for label in level:
        place = n_ranked
        while place > 0 and values[ranked[place - 1]] < values[label]:
            if place < len(ranked):
                ranked[place] = ranked[place - 1]
            place -= 1
        if place < len(ranked):
            ranked[place] = label
            n_ranked = min(n_ranked + 1, len(ranked))


@part
def _expected_f1(given_any, level, sequence):  # type: ignore[no-untyped-def]
    """Return E[F1 | some label] of the sets of the first 1, 2, ... labels of a sequence, which may repeat."""
    candidates, n_candidates = np.empty_like(sequence), 0
    n_distinct = np.empty_like(sequence)
    for k in range(len(sequence)):
        if not _is_among(sequence[k], candidates, n_candidates):
            candidates[n_candidates] = sequence[k]
            n_candidates += 1
        n_distinct[k] = n_candidates
    none = 1.0
    background = np.zeros(MAX_OTHERS + 1)
    background[0] = 1.0
    for label in level:
        none *= 1.0 - given_any[label]
        if not _is_among(label, candidates, n_candidates):
            _convolve(background, given_any[label])
    of_size = np.zeros(n_candidates + 1)
    others = np.empty(MAX_OTHERS + 1)
    for i in range(n_candidates):
        for n in range(len(others)):
            others[n] = background[n]
        for j in range(n_candidates):
            if j != i:
                _convolve(others, given_any[candidates[j]])
        for size in range(i + 1, n_candidates + 1):
            for n in range(len(others)):
                of_size[size] += given_any[candidates[i]] * others[n] * GAIN[size + n]
    promise = np.empty(len(sequence))
    for k in range(len(sequence)):
        # None of the level's labels is possible where a text is out of the scope of all.
        promise[k] = of_size[n_distinct[k]] / (1.0 - none) if none < 1.0 else 0.0
    return promise


@part
def _is_among(label, labels, n_labels):  # type: ignore[no-untyped-def]
    for k in range(n_labels):  # noqa: SIM110 - a generator takes long to compile
        if labels[k] == label:
            return True
    return False


@part
def _convolve(pmf, probability):  # type: ignore[no-untyped-def]
    """Add one independent label to the distribution; its last value stands for MAX_OTHERS or more."""
    pmf[-1] += pmf[-2] * probability
    for n in range(len(pmf) - 2, 0, -1):
        pmf[n] = pmf[n] * (1.0 - probability) + pmf[n - 1] * probability
    pmf[0] *= 1.0 - probability
