"""The kernels of calibration: the log-odds of :func:`framescope.model.calibration.terms`, text by text."""
# Plain loops: what numba would compile for argsort or slices takes longer than the rest of the module.

from __future__ import annotations

import numpy as np

from framescope.text.kernels import kernel, part

MIN_SCORE = 0.01
MIN_TOTAL = 0.2
MIN_PROBABILITY = np.float32(1e-6)


@kernel()
def calibrate(margins, likeness, parents, intercept, coefficients, prior, is_logistic, probabilities):  # type: ignore[no-untyped-def]
    """Write the probability of each label by itself, (n_texts, n_labels) float32 like the margins.

    ``likeness`` is of the margins' shape where there is a coefficient for it, and else has no rows. ``prior``
    holds log-odds; a row that equals the ``intercept`` gets them.
    """
    n_labels = len(parents)
    scores, own, log_odds = np.empty(n_labels), np.empty(n_labels), np.empty(n_labels)
    log_ranks = np.log1p(np.arange(n_labels))
    for row in range(len(margins)):
        is_blank = True
        for label in range(n_labels):
            is_blank &= margins[row, label] == intercept[label]
            score = np.float64(margins[row, label])
            scores[label] = _logistic(score) if is_logistic else score
        for is_child in (False, True):
            _add_level(scores, parents, is_child, coefficients, prior, log_ranks, own, log_odds)
        for label in range(n_labels):
            resembles = coefficients[-1] * likeness[row, label] if len(likeness) else 0.0
            log_odds_of = (prior[label] if is_blank else log_odds[label]) + resembles
            probabilities[row, label] = _bounded(_logistic(log_odds_of))


@kernel()
def calibrate_parents(margins, parents, intercept, coefficients, is_fitted, probabilities):  # type: ignore[no-untyped-def]
    """Renew the probabilities of parents, in place, by those of their children.

    A parent's log-odds are ``coefficients`` (3,) times 1, its own log-odds and those of its most probable
    child, and its probability is at least that child's. Where the parent or all of its children are out of
    scope, in rows that equal the ``intercept``, and unless ``is_fitted``, it is the greater of both.
    """
    best = np.empty(len(parents), np.float32)
    for row in range(len(margins)):
        is_blank = True
        for label in range(len(parents)):
            best[label] = 0.0
            is_blank &= margins[row, label] == intercept[label]
        for label in range(len(parents)):
            if parents[label] >= 0 and probabilities[row, label] > best[parents[label]]:
                best[parents[label]] = probabilities[row, label]
        for label in range(len(parents)):
            own = probabilities[row, label]
            if best[label] > 0.0 and own > 0.0 and is_fitted and not is_blank:
                log_odds = coefficients[0] + coefficients[1] * logit(own) + coefficients[2] * logit(best[label])
                own = _bounded(_logistic(log_odds))
            probabilities[row, label] = best[label] if best[label] > own else own


@part
def logit(probability):  # type: ignore[no-untyped-def]
    """Return log-odds; those of 0 or 1 never occur among bounded probabilities."""
    return np.log(np.float64(probability)) - np.log1p(-np.float64(probability))


@part
def _bounded(probability):  # type: ignore[no-untyped-def]
    # Not max and min, which would make a number of what is none.
    if not probability >= MIN_PROBABILITY:
        return MIN_PROBABILITY if probability < MIN_PROBABILITY else np.float32(np.nan)
    return np.float32(min(probability, 1 - MIN_PROBABILITY))


@part
def _add_level(scores, parents, is_child, c, prior, log_ranks, own, log_odds):  # type: ignore[no-untyped-def]
    """Write the log-odds of one level's labels; ``own`` is room for their scores."""
    n_own, total, first, second = 0, 0.0, -np.inf, -np.inf
    for label in range(len(scores)):
        if (parents[label] >= 0) == is_child:
            own[n_own] = scores[label]
            n_own += 1
            total += scores[label]
            second = max(second, min(first, scores[label]))
            first = max(first, scores[label])
    log_total, log_least = np.log(max(total, MIN_TOTAL)), np.log(MIN_SCORE)
    at = 0
    for label in range(len(scores)):
        if (parents[label] >= 0) == is_child:
            score, rank, lead = scores[label], 0, 0.0
            if n_own > 1:
                rank = _n_before(own, n_own, at)
                lead = score - (second if rank == 0 else first)
            at += 1
            of_parent = scores[parents[label]] if is_child else 0.0
            log_odds[label] = (
                c[0]
                + c[1] * score
                + c[2] * prior[label]
                + c[3] * is_child
                + c[4] * of_parent
                + c[5] * log_ranks[rank]
                + c[6] * lead
                + c[7] * score * prior[label]
                + c[8] * score * is_child
                + c[9] * (np.log(score) if score > MIN_SCORE else log_least)
                + c[10] * of_parent * prior[label]
                + c[11] * log_total
            )


@part
def _n_before(own, n_own, at):  # type: ignore[no-untyped-def]
    """Return how many scores are greater than one of them, or equal and before it."""
    n_before, score = 0, own[at]
    for k in range(at):
        n_before += own[k] >= score
    for k in range(at + 1, n_own):
        n_before += own[k] > score
    return n_before


@part
def _logistic(log_odds):  # type: ignore[no-untyped-def]
    return 0.5 * (1.0 + np.tanh(0.5 * log_odds))
