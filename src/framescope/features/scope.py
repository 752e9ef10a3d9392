"""Which texts name what the labels of a codebook ask for: the scopes of its labels, ready to be looked for."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Self

import numpy as np

from framescope._types import BoolArray, Int32
from framescope.codebook import Codebook
from framescope.features.matching import Matcher, find_terms
from framescope.features.term_tree import build_matcher
from framescope.features.vocabulary import CHUNK_BYTES
from framescope.text.characters import character_tables
from framescope.text.kernels import in_threads
from framescope.text.utf8 import Utf8Texts


@dataclass(frozen=True, eq=False)
class Scope:
    """The scopes of a codebook's labels.

    ``of_label`` is each label's number among the distinct scopes, (n_labels,) int32, -1 where any text will do.
    """

    matcher: Matcher
    of_label: Int32

    @classmethod
    def of(cls, codebook: Codebook) -> Self | None:
        """Return the scopes of a codebook, None where no label has one."""
        if not codebook.has_scopes:
            return None
        distinct = list(dict.fromkeys(scope for scope in codebook.scopes if scope is not None))
        of_label = [-1 if scope is None else distinct.index(scope) for scope in codebook.scopes]
        return cls(build_matcher(distinct), np.array(of_label, np.int32))

    def find(self, texts: Utf8Texts, *, jobs: int = 1) -> BoolArray:
        """Tell for which labels each text is in scope: (n_texts, n_labels) bool, a parent where a child is."""
        chunks = texts.plain(jobs=jobs).chunks(CHUNK_BYTES)
        # One column more than there are scopes, for labels of scope -1: any text is in it.
        found = [np.zeros((len(chunk), self.of_label.max() + 2), bool) for chunk in chunks]

        def find(part: tuple[Utf8Texts, BoolArray]) -> None:
            chunk, of_chunk = part
            find_terms(chunk.data, chunk.offsets, character_tables(), self.matcher, of_chunk)
            of_chunk[:, -1] = True

        in_threads(find, list(zip(chunks, found, strict=True)), jobs)
        return np.concatenate([np.empty((0, len(self.of_label)), bool), *(f[:, self.of_label] for f in found)])
