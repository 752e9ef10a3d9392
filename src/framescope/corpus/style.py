"""Whether style gives the labels away: what function words and punctuation alone tell of labelled units.

Where they tell a lot, labelled and unlabelled units were written by others, or for another purpose, and a model
learns how they are written in place of what they say.
"""

from __future__ import annotations

import unicodedata
from collections import Counter
from collections.abc import Mapping, Sequence
from itertools import chain

import numpy as np
from sklearn.metrics import roc_auc_score
from sklearn.model_selection import GroupKFold

from framescope._types import BoolArray, Float64, Indices
from framescope.corpus.schema import Corpus
from framescope.text.words import words_of

TOO_TELLING = 0.65
"""AUC above which the style of a corpus is a fault."""
N_EACH = 50
"""Units with a label, and without, from which on an AUC is told."""
N_WORDS = 100
N_FREQUENT = 400
"""The words of the most texts, among which function words are looked for."""
N_FOLDS = 5
PENALTY = 80.0
MAX_UNITS = 2_000
MAX_CHARACTERS = 4_000
"""The beginning of a text, which shows its style."""

Counts = Counter[str]


def style_auc(corpus: Corpus) -> dict[str, float]:
    """Return, by language, how well style alone tells units with a label from units without: an AUC.

    0.5 is chance, 1 is certainty. The units of a source are judged by a fit to the other sources, those without
    a source by a fit without their article. Languages with fewer than 50 units of either sort, or of fewer than
    five groups, are left out; of large ones 2,000 units are taken. Function words are the 100 words of the most
    texts that are mostly written small.
    """
    named = np.array(corpus.languages(), dtype=object)
    groups = np.unique(corpus.groups("source"), return_inverse=True)[1]
    is_labelled = np.array([bool(labels) for labels in corpus.column("labels")])
    found = {}
    for language in sorted(set(named)):
        rows = _sample(np.flatnonzero(named == language))
        n_labelled = int(is_labelled[rows].sum())
        if min(n_labelled, len(rows) - n_labelled) < N_EACH or len(set(groups[rows])) < N_FOLDS:
            continue
        texts = [corpus.full_texts()[row][:MAX_CHARACTERS] for row in rows]
        found[language] = _judge(_style(texts), is_labelled[rows], groups[rows])
    return found


def _sample(rows: Indices) -> Indices:
    """Return at most 2,000 rows, evenly spread."""
    return np.asarray(rows[np.linspace(0, len(rows) - 1, min(MAX_UNITS, len(rows))).astype(int)])


def _style(texts: Sequence[str]) -> Float64:
    """Return the roots of how often function words and punctuation occur a word: (n_texts, n_features)."""
    words = [words_of(text) for text in texts]
    folded = [Counter(map(str.casefold, of_text)) for of_text in words]
    names = _function_words(words, folded)
    marks = [Counter(text) for text in texts]
    signs = sorted(sign for sign in set().union(*marks) if unicodedata.category(sign).startswith("P"))
    counts = np.hstack([_count(folded, names), _count(marks, signs)])
    n_words = np.array([max(1, len(of_text)) for of_text in words])
    return np.asarray(np.sqrt(counts / n_words[:, np.newaxis]))


def _function_words(words: Sequence[Sequence[str]], folded: Sequence[Counts]) -> list[str]:
    n_texts = Counter(word for of_text in folded for word in of_text if word[0].isalpha())
    is_capital: Counts = Counter(word.casefold() for word in chain(*words) if word[0].isupper())
    n_all: Counts = Counter()
    for of_text in folded:
        n_all.update(of_text)
    frequent = n_texts.most_common(N_FREQUENT)
    return [word for word, _ in frequent if 2 * is_capital[word] < n_all[word]][:N_WORDS]


def _count(counts: Sequence[Mapping[str, int]], names: Sequence[str]) -> Float64:
    return np.array([[of_text.get(name, 0) for name in names] for of_text in counts], dtype=np.float64)


def _judge(style: Float64, is_labelled: BoolArray, groups: Indices) -> float:
    """Return the AUC of margins from ridge regressions without each unit's group."""
    spread = style.std(axis=0)
    terms = np.column_stack([np.ones(len(style)), style / np.where(spread > 0, spread, 1.0)])
    target = np.where(is_labelled, 1.0, -1.0)
    penalty = np.diag([0.0, *[PENALTY] * style.shape[1]])
    gram, moment = terms.T @ terms + penalty, terms.T @ target
    margins = np.empty(len(style))
    for _, held_out in GroupKFold(N_FOLDS).split(style, groups=groups):
        left_out = terms[held_out]
        line = np.linalg.solve(gram - left_out.T @ left_out, moment - left_out.T @ target[held_out])
        margins[held_out] = left_out @ line
    return float(roc_auc_score(is_labelled, margins))
