"""From probabilities to label sets: the rules, and the set of the greatest expected F1."""

from __future__ import annotations

from dataclasses import dataclass

import numba as nb
import numpy as np
import numpy.typing as npt

from framescope.codebook import Codebook

Float32 = npt.NDArray[np.float32]
BoolArray = npt.NDArray[np.bool_]

NEVER = np.float32(np.inf)
MAX_LABELS = 8
MAX_OTHERS = 24
MAX_CONDITIONAL = 0.999


@dataclass(frozen=True)
class Rule:
    """How probabilities become labels.

    ``name`` is what the user asked for. Either a label is given where its probability reaches its cut, with
    ``cuts`` (n_labels,) float32, ``NEVER`` for a label that is not to be given; or ``cuts`` is None and a text
    gets the set of labels with the greatest expected F1. Then ``empty`` holds the three coefficients that
    give the probability of no label (see :func:`empty_terms`), or None if every text gets a label.
    """

    name: str
    cuts: Float32 | None = None
    empty: tuple[float, float, float] | None = None

    def decide(self, probabilities: Float32, codebook: Codebook) -> BoolArray:
        """Return the label sets, closed upwards: (n_texts, n_labels) bool."""
        decided = np.zeros(probabilities.shape, dtype=bool)
        if self.cuts is not None:
            np.greater_equal(probabilities, self.cuts, out=decided)
        elif len(probabilities):
            _choose(
                probabilities,
                _empty_probabilities(probabilities, self.empty, codebook),
                codebook.fine,
                codebook.parents,
                decided,
            )
        for child in np.flatnonzero(codebook.parents >= 0):
            decided[:, codebook.parents[child]] |= decided[:, child]
        return decided


def empty_terms(probabilities: Float32, codebook: Codebook) -> npt.NDArray[np.float64]:
    """Return 1 and the log-probability of no label at the fine and at the first level, were labels independent.

    Labels are not: what speaks for one often speaks for another, and a text without any is more likely than
    the product. A logistic regression on these three terms, (n_texts, 3), makes up for it.
    """
    log_absent = np.log1p(-probabilities.astype(np.float64))
    levels = [log_absent[:, codebook.fine].sum(axis=1), log_absent[:, codebook.coarse].sum(axis=1)]
    return np.column_stack([np.ones(len(probabilities)), *levels])


def _empty_probabilities(
    probabilities: Float32, coefficients: tuple[float, float, float] | None, codebook: Codebook
) -> npt.NDArray[np.float64]:
    """Return the probability of no label; 0 where every text gets one."""
    if coefficients is None:
        return np.zeros(len(probabilities))
    one, fine, coarse = empty_terms(probabilities, codebook).T
    log_odds = coefficients[0] * one + coefficients[1] * fine + coefficients[2] * coarse
    return np.asarray(0.5 * (1.0 + np.tanh(0.5 * log_odds)))


@nb.njit(cache=True, nogil=True)
def _choose(probabilities, empty, fine, parents, decided):  # type: ignore[no-untyped-def]
    """Mark for each text the first k of its most probable fine labels, with the k of the greatest expected F1.

    The expected F1 is the mean over the levels of the codebook. Given that the text has a label at all, labels
    count as independent.
    """
    n_candidates = min(MAX_LABELS, len(fine))
    for row in range(len(probabilities)):
        given_any = np.minimum(probabilities[row] / (1.0 - empty[row]), MAX_CONDITIONAL)
        ranked = fine[np.argsort(-given_any[fine], kind="mergesort")[:n_candidates]]
        promise = _expected_f1(given_any, fine, ranked, ranked, parents)
        if parents.max() >= 0:
            promise = (promise + _expected_f1_of_parents(given_any, ranked, parents)) / 2
        best = int(np.argmax(promise[1:])) + 1
        if promise[best] * (1.0 - empty[row]) > empty[row]:
            decided[row, ranked[:best]] = True


@nb.njit(cache=True, nogil=True)
def _top(label, parents):  # type: ignore[no-untyped-def]
    return label if parents[label] < 0 else parents[label]


@nb.njit(cache=True, nogil=True)
def _expected_f1_of_parents(given_any, ranked, parents):  # type: ignore[no-untyped-def]
    """Return the expected F1 at the first level of what the first 0, 1, ... ranked labels imply."""
    first_level = np.flatnonzero(parents < 0)
    tops = np.array([_top(label, parents) for label in ranked])
    return _expected_f1(given_any, first_level, tops, np.unique(tops), parents)


@nb.njit(cache=True, nogil=True)
def _expected_f1(given_any, level, sequence, candidates, parents):  # type: ignore[no-untyped-def]
    """Return E[F1 | some label] of the sets made of the first 0, 1, ... labels of a sequence.

    ``candidates`` are the distinct labels of the sequence, ``level`` all labels they compete with. For a set of
    a labels, E[F1] is the sum over its labels of p * E[2 / (a + 1 + number of the other true labels)]; the
    number is Poisson-binomial. Source: Ye, Chai, Lee and Chieu (2012), Optimizing F-measures.
    """
    n_candidates = len(candidates)
    background = _pmf_without(given_any, level, candidates)
    shares = np.zeros((n_candidates, n_candidates + 1))
    for i in range(n_candidates):
        others = background.copy()
        for j in range(n_candidates):
            if j != i:
                _convolve(others, given_any[candidates[j]])
        for size in range(1, n_candidates + 1):
            for n_others in range(MAX_OTHERS + 1):
                shares[i, size] += given_any[candidates[i]] * others[n_others] * 2.0 / (size + 1 + n_others)
    promise = np.zeros(len(sequence) + 1)
    chosen = np.zeros(n_candidates, np.bool_)
    for k in range(len(sequence)):
        chosen[np.flatnonzero(candidates == sequence[k])[0]] = True
        size = chosen.sum()
        for i in range(n_candidates):
            if chosen[i]:
                promise[k + 1] += shares[i, size]
    some = 1.0
    for label in level:
        some *= 1.0 - given_any[label]
    return promise / (1.0 - some)


@nb.njit(cache=True, nogil=True)
def _pmf_without(given_any, level, candidates):  # type: ignore[no-untyped-def]
    """Return the distribution of the number of true labels of a level, the candidates apart."""
    pmf = np.zeros(MAX_OTHERS + 1)
    pmf[0] = 1.0
    for label in level:
        if not (candidates == label).any():
            _convolve(pmf, given_any[label])
    return pmf


@nb.njit(cache=True, nogil=True)
def _convolve(pmf, probability):  # type: ignore[no-untyped-def]
    """Add one independent label to the distribution; its last value stands for MAX_OTHERS or more."""
    pmf[-1] += pmf[-2] * probability
    for n in range(len(pmf) - 2, 0, -1):
        pmf[n] = pmf[n] * (1.0 - probability) + pmf[n - 1] * probability
    pmf[0] *= 1.0 - probability
