"""Which labels the units of a corpus are in scope of."""

from __future__ import annotations

import numpy as np

from framescope._types import BoolArray
from framescope.codebook import Codebook
from framescope.corpus.schema import Corpus
from framescope.features.scope import Scope
from framescope.text.utf8 import Utf8Texts


def units_in_scope(corpus: Corpus, codebook: Codebook, *, jobs: int = 1) -> BoolArray | None:
    """Tell which labels each unit is in scope of, (n_units, n_labels) bool; None where no label has a scope.

    What one unit of an article names counts for all units of the article. A title counts with its unit; cutting
    an article into units drops it.
    """
    scope = Scope.of(codebook)
    if scope is None:
        return None
    found = scope.find(Utf8Texts.encode(corpus.full_texts()), jobs=jobs)
    names, article_of = np.unique(np.array(corpus.column("article_id"), dtype=object), return_inverse=True)
    of_article = np.zeros((len(names), len(codebook.ids)), bool)
    np.logical_or.at(of_article, article_of, found)
    return np.asarray(of_article[article_of])
