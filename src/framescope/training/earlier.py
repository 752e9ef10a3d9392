"""Going on from an earlier model, when articles are added or labels corrected."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from framescope.bundle.read import load_bundle
from framescope.bundle.solution import Likeness, SavedSolution, load_solution
from framescope.corpus.schema import Corpus, texts_hash
from framescope.errors import TrainingError
from framescope.features.vocabulary import Vocabulary
from framescope.fit.classifier import FramingClassifier
from framescope.fit.learners import learner_for
from framescope.fit.start import Start
from framescope.training.background import Background
from framescope.training.material import Material
from framescope.training.recipe import Recipe


@dataclass(frozen=True, eq=False)
class Earlier:
    """A model to go on from; with a vocabulary, the n-grams stay as they are."""

    path: Path
    solution: SavedSolution
    vocabulary: Vocabulary | None = None

    @classmethod
    def read(cls, path: Path | str, *, same_vocabulary: bool = False) -> Earlier:
        """Read what is needed of a bundle and of the solution beside it.

        Raises:
            BundleError: either is missing or damaged.
        """
        bundle = load_bundle(path)
        vocabulary = bundle.model.ngrams.vocabulary if same_vocabulary else None
        return cls(Path(path), load_solution(path), vocabulary)

    def check(self, n_units: int, recipe: Recipe, background: Background | None) -> None:
        """Refuse what cannot go on from a solution.

        Raises:
            TrainingError: there is a background, or the learner is another.
        """
        if background is not None:
            raise TrainingError("a fit with a background begins anew: leave out --from or --background")
        learner = learner_for(n_units, recipe.learner)
        if learner != "ridge-cd":
            raise TrainingError(
                f"the learner {learner} begins anew: leave out --from, or choose the learner ridge-cd"
            )

    def start(self, material: Material) -> Start:
        """Return where to begin with these units and labels; units are known by their ids, labels by theirs."""
        saved, corpus = self.solution, material.corpus
        place = {unit: row for row, unit in enumerate(saved.ids)}
        column = {label: number for number, label in enumerate(saved.labels)}
        found = np.array([place.get(unit, -1) for unit in corpus.column("id")], np.intp)
        known = np.flatnonzero(found >= 0)
        earlier = Start(saved.penalty, saved.truth, saved.folds, saved.whole, saved.without)
        n_units = len(found) + len(material.evidence.texts)
        columns = np.array([column.get(label, -1) for label in corpus.codebook.ids], np.intp)
        return earlier.subset(found[known]).with_labels(columns).placed(known, n_units)

    def likeness(self, corpus: Corpus) -> Likeness | None:
        """Return which units are alike, None if they are others now, or have other texts."""
        saved = self.solution
        is_same = saved.likeness.texts == texts_hash(corpus) and [*saved.ids] == [*corpus.column("id")]
        return saved.likeness if is_same else None


def solution_of(classifier: FramingClassifier, material: Material, recipe: Recipe) -> SavedSolution | None:
    """Return what to keep of a fit, None where nothing can go on from it. Evidence is not kept."""
    kept, corpus = classifier.kept_, material.corpus
    if kept is None:
        return None
    of_units = kept.subset(np.arange(corpus.n_units))
    return SavedSolution(
        ids=corpus.column("id"),
        labels=corpus.codebook.ids,
        penalty=kept.penalty,
        truth=of_units.truth,
        folds=of_units.folds,
        whole=of_units.whole,
        without=of_units.without,
        likeness=material.likeness(recipe),
    )
