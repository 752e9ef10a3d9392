"""The n-gram features as a scikit-learn transformer."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import chain
from typing import Any, Self

import numpy as np
import scipy.sparse as sp
from sklearn.base import BaseEstimator, TransformerMixin
from sklearn.utils.validation import check_is_fitted

from framescope._types import Floats
from framescope.features.narrow import FeatureMatrix, NarrowRows
from framescope.features.ngram_block import NgramBlock
from framescope.features.vocabulary import Vocabulary
from framescope.features.weights import Weights
from framescope.text.utf8 import Utf8Texts


class NgramVectorizer(TransformerMixin, BaseEstimator):  # type: ignore[misc]
    """Turn texts into TF-IDF rows over word 1-2-grams, symbol runs and in-word character 2-5-grams.

    Parameters:
        min_df: keep the features of at least so many texts.
        max_features: keep at most so many features, those of the most texts; None keeps all.
        n_jobs: threads.

    Attributes:
        vocabulary_: the :class:`~framescope.features.vocabulary.Vocabulary` of the fitted texts.
    """

    def __init__(self, min_df: int = 2, max_features: int | None = None, n_jobs: int = 1) -> None:
        self.min_df = min_df
        self.max_features = max_features
        self.n_jobs = n_jobs

    def fit(self, texts: Iterable[str], y: Any = None) -> Self:
        """Learn the vocabulary and the idf."""
        self._learn(Utf8Texts.encode(texts))
        return self

    def fit_transform(self, texts: Iterable[str], y: Any = None) -> sp.csr_array:
        """Learn from texts and return their features; texts are read once, so an iterator will do."""
        encoded = Utf8Texts.encode(texts)
        self._learn(encoded)
        return self._features(encoded)

    def transform(self, texts: Iterable[str]) -> sp.csr_array:
        """Return the features: (n_texts, n_features) float32, indices sorted."""
        check_is_fitted(self)
        return self._features(Utf8Texts.encode(texts))

    def learn(self, texts: Utf8Texts) -> Self:
        """Learn from encoded texts, as :meth:`fit`."""
        self._learn(texts)
        return self

    def features_of(self, parts: Sequence[Utf8Texts], *, narrow: bool = False) -> FeatureMatrix:
        """Return the features of encoded texts, one part after the other, perhaps with values of 16 bits."""
        check_is_fitted(self)
        if narrow:
            rows = (self.vocabulary_.rows(part, jobs=self.n_jobs) for part in parts)
            shape = (sum(map(len, parts)), len(self.vocabulary_))
            return NarrowRows.join(chain.from_iterable(rows), shape)
        matrices = [self._features(part) for part in parts if len(part)]
        return matrices[0] if len(matrices) == 1 else sp.csr_array(sp.vstack(matrices, format="csr"))

    def weigh(self, weights: Floats) -> NgramBlock:
        """Return the n-grams with weights, (n_features, n_labels), which are rounded."""
        check_is_fitted(self)
        return NgramBlock(self.vocabulary_, Weights.narrow(weights))

    def _learn(self, encoded: Utf8Texts) -> None:
        self.vocabulary_ = Vocabulary.learn(
            encoded, min_df=self.min_df, max_features=self.max_features, jobs=self.n_jobs
        )

    def _features(self, encoded: Utf8Texts) -> sp.csr_array:
        indptr, indices, values = self.vocabulary_.values(encoded, jobs=self.n_jobs)
        if indptr[-1] <= np.iinfo(np.int32).max:  # or scipy widens the indices, too, and liblinear refuses them
            indptr = indptr.astype(np.int32)
        matrix = sp.csr_array((values, indices, indptr), shape=(len(encoded), len(self.vocabulary_)))
        matrix.sort_indices()
        return matrix

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.input_tags.string = True
        tags.input_tags.two_d_array = False
        return tags
