"""How much memory training will take, told before it begins: reckoned from counts and a sample of the texts.

The constants are what was measured with :mod:`bench.growth`; see docs/performance.md.
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from typing import Self

import numpy as np

from framescope.corpus.schema import Corpus
from framescope.features.weighing import distinct_hashes
from framescope.fit.learners import learner_for
from framescope.text.characters import character_tables
from framescope.text.utf8 import Utf8Texts
from framescope.training.recipe import Recipe

N_SAMPLED = 200
GB = 1e9
WORTH_TELLING = 1 * GB
BASE_BYTES = 4e8
BYTES_PER_TEXT_BYTE = 9.0
BYTES_PER_ENTRY = 8.0
BYTES_PER_CELL = 60.0
BYTES_PER_PAIR_OF_UNITS = 24.0


@dataclass(frozen=True, slots=True)
class Memory:
    """Bytes that training takes at its peak, and those that the machine has, None where it does not tell."""

    needed: float
    of_machine: float | None

    @classmethod
    def of(cls, corpus: Corpus, recipe: Recipe) -> Self:
        """Reckon what a recipe without encoders or a background takes on a corpus."""
        n_units, n_labels = corpus.n_units, len(corpus.codebook.ids)
        n_entries, text_bytes = _sizes(corpus)
        needed = BASE_BYTES + BYTES_PER_TEXT_BYTE * text_bytes + BYTES_PER_ENTRY * n_entries
        needed += BYTES_PER_CELL * n_units * n_labels
        if learner_for(n_units, recipe.learner) == "ridge":
            needed += BYTES_PER_PAIR_OF_UNITS * n_units**2
        return cls(needed, _of_machine())

    def __str__(self) -> str:
        """Name the bytes."""
        return f"about {self.needed / GB:.1f} GB"

    @property
    def told(self) -> str:
        """What to tell before training, nothing of a small one."""
        if self.of_machine is not None and self.needed > self.of_machine:
            return (
                f"warning: training takes {self} of memory at its peak, and this machine has "
                f"{self.of_machine / GB:.1f} GB: it may be ended half-way; take fewer articles or a larger machine"
            )
        return f"training takes {self} of memory at its peak" if self.needed >= WORTH_TELLING else ""


def _sizes(corpus: Corpus) -> tuple[float, float]:
    """Return about how many entries the feature matrix has, and how many bytes the texts."""
    texts = corpus.full_texts()
    rows = np.linspace(0, len(texts) - 1, min(N_SAMPLED, len(texts))).astype(int)
    sample = Utf8Texts.encode(texts[row] for row in rows.tolist()).plain()
    n_entries = len(distinct_hashes(sample.data, sample.offsets, character_tables()))
    share = len(texts) / max(1, len(rows))
    return share * n_entries, share * float(sample.offsets[-1] - sample.offsets[0])


def _of_machine() -> float | None:
    names = getattr(os, "sysconf_names", {})
    if not {"SC_PHYS_PAGES", "SC_PAGE_SIZE"} <= set(names):
        return None
    return float(os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE"))
