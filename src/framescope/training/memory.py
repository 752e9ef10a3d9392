"""How much memory training will take, told before it begins: reckoned from counts and a sample of the texts.

What is free by then goes back to the system.

The constants are what was measured with :mod:`bench.growth`; see docs/performance.md.
"""

from __future__ import annotations

import ctypes
import os
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Self

import numpy as np
import pyarrow as pa

from framescope.corpus.schema import Corpus
from framescope.features.lookup import MAX_FEATURES
from framescope.features.weighing import distinct_hashes
from framescope.fit.calibrate import MAX_CELLS
from framescope.fit.learners import learner_for
from framescope.text.characters import character_tables
from framescope.text.utf8 import Utf8Texts
from framescope.training.recipe import Recipe

OF_CONTAINER = Path("/sys/fs/cgroup/memory.max")
N_SAMPLED = 200
GB = 1e9
WORTH_TELLING = 1 * GB
BASE_BYTES = 0.4 * GB  # of the interpreter and what it imports
BYTES_PER_TEXT_BYTE = 2.0  # of columns and lists; texts are no strings while anything is fitted
BYTES_PER_ENTRY = 6.4  # of the feature matrix, which grows by a sixteenth at a time
BYTES_PER_CELL = 100.0  # of units by labels: margins, probabilities, and the dual weights of several fits
BYTES_PER_CALIBRATED = 300.0  # of the cells that calibration is fitted to: their terms, and copies
BYTES_PER_WEIGHT = 40.0  # of features by labels: ten fits are held at a time
BYTES_PER_PAIR_OF_UNITS = 16.0  # of the Gram matrix and its factors


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
        n_cells = n_units * n_labels
        needed += BYTES_PER_CELL * n_cells + BYTES_PER_CALIBRATED * min(n_cells, MAX_CELLS)
        needed += BYTES_PER_WEIGHT * min(n_entries, recipe.max_features or MAX_FEATURES) * n_labels
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
            there_is = f"{self.of_machine / GB:.1f} GB"
            return (
                f"warning: training takes {self} of memory at its peak, and this machine has {there_is}: "
                "it may be ended half-way; take fewer articles or a larger machine"
            )
        return f"training takes {self} of memory at its peak" if self.needed >= WORTH_TELLING else ""


def give_back() -> None:
    """Give back to the system what is free: Arrow, and the C library of Linux, would keep much of it."""
    pa.default_memory_pool().release_unused()
    trim = getattr(ctypes.CDLL(None), "malloc_trim", None) if sys.platform == "linux" else None
    if trim is not None:
        trim(0)


def _sizes(corpus: Corpus) -> tuple[float, float]:
    """Return about how many entries the feature matrix has, and how many bytes the texts."""
    texts = corpus.full_texts()
    rows = np.linspace(0, len(texts) - 1, min(N_SAMPLED, len(texts))).astype(int)
    sample = Utf8Texts.encode(texts[row] for row in rows.tolist()).plain()
    n_entries = len(distinct_hashes(sample.data, sample.offsets, character_tables()))
    share = len(texts) / max(1, len(rows))
    return share * n_entries, share * float(sample.offsets[-1] - sample.offsets[0])


def _of_machine() -> float | None:
    """Return the bytes that this machine has, or that a container leaves to the process."""
    if not {"SC_PHYS_PAGES", "SC_PAGE_SIZE"} <= set(getattr(os, "sysconf_names", {})):
        return None
    there_are = float(os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE"))
    limit = OF_CONTAINER.read_text(encoding="ascii").strip() if OF_CONTAINER.is_file() else ""
    return min(there_are, float(limit)) if limit.isdigit() else there_are
