"""A corpus of random words in the shape of SemEval-2025 Task 10: no third party's text, the same every time.

Every language has an alphabet and words of its own. A label favours some words of each language; an article
mixes the words of its language with those of its labels, so a linear model can learn, and far from perfectly.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from framescope.codebook import Codebook
from framescope.corpus.schema import COLUMNS, SCHEMA, Corpus

Float64 = npt.NDArray[np.float64]

# Onsets and vowels of syllables; a language's are its own letters as far as scripts allow.
ALPHABETS = {
    "bg": ("бвгджзклмнпрстфхцчшщ", "аеиоуъ"),
    "en": ("bcdfghjklmnprstvwz", "aeiouy"),
    "hi": ("कखगघचजटडतदनपबमयरलवसह", "ािीुूेो"),
    "pt": ("bcdfghlmnpqrstvxz", "aeiouãé"),
    "ru": ("бвгджзклмнпрстфхцчшщ", "аеиоуыюя"),
}
NO_NARRATIVE = "Other"
SHARE_OF_OTHER = 0.2
SHARE_OF_SECOND_LABEL = (0.55, 0.25, 0.12, 0.08)  # of 1, 2, 3 and 4 labels
SHARE_OF_LABEL_WORDS = (0.01, 0.08)
N_LABEL_WORDS = 30


@dataclass(frozen=True, slots=True)
class Shape:
    """How large the corpus is; the defaults are those of SemEval-2025 Task 10.

    ``n_labels`` counts both levels, and ``Other``, which has no children, among the first.
    """

    n_articles: int = 1781
    n_labels: int = 117
    n_first_level: int = 22
    n_words: int = 8000
    size_bytes: int = 4000


DEFAULT_SHAPE = Shape()


def synthetic_codebook(shape: Shape = DEFAULT_SHAPE) -> Codebook:
    """Return narratives with about equally many sub-narratives, the last of each called ``...: Other``."""
    narratives = [f"N{number:02d}" for number in range(1, shape.n_first_level)]
    parents: dict[str, str | None] = dict.fromkeys([*narratives, NO_NARRATIVE])
    n_children = shape.n_labels - shape.n_first_level
    for number in range(n_children):
        turn, narrative = divmod(number, len(narratives))
        name = NO_NARRATIVE if turn == 0 else f"S{turn}"
        parents[f"{narratives[narrative]}: {name}"] = narratives[narrative]
    return Codebook.from_parents(parents, name="synthetic")


def synthetic_corpus(shape: Shape = DEFAULT_SHAPE, *, seed: int = 0) -> Corpus:
    """Return articles with one to four labels each, every label at least twice, rare ones rarely."""
    codebook = synthetic_codebook(shape)
    rows = [
        {**{name: "" for name in COLUMNS if name not in ("labels", "spans")}, **row, "spans": []}
        for row in synthetic_rows(shape, seed=seed)
    ]
    return Corpus(pa.Table.from_pylist(rows, SCHEMA), codebook, Path("synthetic"), "jsonl")


def synthetic_rows(shape: Shape = DEFAULT_SHAPE, *, seed: int = 0) -> Iterator[dict[str, Any]]:
    """Yield the articles of :func:`synthetic_corpus`, one after the other."""
    rng = np.random.default_rng(seed)
    codebook = synthetic_codebook(shape)
    leaves = [codebook.ids[column] for column in codebook.fine]
    label_sets = list(_label_sets(leaves, shape.n_articles, rng))
    languages = rng.choice(list(ALPHABETS), size=shape.n_articles)
    vocabularies = {language: _Vocabulary(language, leaves, shape, rng) for language in ALPHABETS}
    for number, (language, labels) in enumerate(zip(languages.tolist(), label_sets, strict=True)):
        yield {
            "id": f"a{number:05d}",
            "article_id": f"a{number:05d}",
            "lang": language,
            "text": vocabularies[language].write(labels, shape.size_bytes, rng),
            "labels": labels,
        }


class _Vocabulary:
    """The words of a language, Zipf-distributed, and those that each label favours."""

    def __init__(self, language: str, labels: Sequence[str], shape: Shape, rng: np.random.Generator) -> None:
        self.words = _random_words(language, shape.n_words, rng)
        cumulative = np.cumsum(_zipf(shape.n_words))
        self.cumulative = cumulative / cumulative[-1]
        self.mean_size = np.mean([len(word.encode()) + 1 for word in self.words[:100]])
        # The commonest words are nobody's own.
        favoured = np.arange(shape.n_words // 40, shape.n_words)
        self.of_label = {label: rng.choice(favoured, size=N_LABEL_WORDS) for label in labels}

    def write(self, labels: Sequence[str], size_bytes: int, rng: np.random.Generator) -> str:
        """Return an article of about so many bytes in UTF-8."""
        size = size_bytes * rng.lognormal(sigma=0.3)
        n_words = max(5, int(size / self.mean_size))
        drawn = np.searchsorted(self.cumulative, rng.random(n_words), side="right")
        own = np.concatenate([self.of_label[label] for label in labels])
        is_own = rng.random(n_words) < rng.uniform(*SHARE_OF_LABEL_WORDS)
        drawn[is_own] = rng.choice(own, size=int(is_own.sum()))
        return " ".join(self.words[drawn]) + "."


def _label_sets(labels: Sequence[str], n_articles: int, rng: np.random.Generator) -> Iterator[list[str]]:
    """Yield the articles' labels; the first articles go through all labels twice."""
    others = [label for label in labels if label != NO_NARRATIVE]
    shares = rng.permutation(_zipf(len(others)))
    once = [*labels, *labels]
    for number in range(n_articles):
        if number < len(once):
            yield [once[number]]
        elif rng.random() < SHARE_OF_OTHER:
            yield [NO_NARRATIVE]
        else:
            n_labels = min(len(others), 1 + rng.choice(len(SHARE_OF_SECOND_LABEL), p=SHARE_OF_SECOND_LABEL))
            yield sorted(rng.choice(others, size=n_labels, replace=False, p=shares).tolist())


def _random_words(language: str, n_words: int, rng: np.random.Generator) -> npt.NDArray[np.str_]:
    onsets, vowels = (list(letters) for letters in ALPHABETS[language])
    words: dict[str, None] = {}
    while len(words) < n_words:
        n_syllables = rng.integers(1, 5)
        pairs = zip(rng.choice(onsets, n_syllables), rng.choice(vowels, n_syllables), strict=True)
        words["".join(onset + vowel for onset, vowel in pairs)] = None
    return np.array(list(words))


def _zipf(n: int) -> Float64:
    shares = 1.0 / np.arange(2, n + 2)
    return shares / shares.sum()
