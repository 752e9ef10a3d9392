"""How to fit: every choice that training leaves to its user."""

from __future__ import annotations

from dataclasses import dataclass

from framescope.corpus.stories import STORY
from framescope.measure.outlooks import N_NEW
from framescope.model.typicality import DEFAULT_CUT

DEFAULT_MAX_FEATURES = 1 << 18


@dataclass(frozen=True, slots=True)
class Recipe:
    """How to fit.

    Args:
        learner: ``ridge``, ``ridge-cd``, ``logistic`` or ``auto``.
        rule: ``samples-f1``, ``micro-f1``, ``macro-f1``, ``precision>=P`` or ``recall>=R``.
        review: goals ``precision>=P`` for labels that are given; the first that can be promised sets from which
            probability on, and the rule's other labels are to review. Without, all are given.
        group_by: the column whose values are left out together; ``story`` leaves out what tells one story.
        min_df: keep features of at least so many units.
        max_features: keep at most so many features; None keeps all. With a background, twice as many, so that
            it does not crowd out those of annotated articles.
        max_background: fit at most so many articles of a background.
        max_firing: the share of a background's articles on which a label may fire; None for any.
        seed: of folds and samples.
        jobs: of joblib; the result does not depend on it.
        n_new: of how many new articles to say between which scores they will be.
        allow_unseen_labels: train although labels of the codebook have no example; nothing is learned of them
            but, with an encoder, how far a text resembles their description.
        encoders: sentence encoders to read with beside n-grams, as
            :func:`framescope.encoders.catalogue.parse_names` returns them; none by default.
        only_descriptions: of encoders, use only how far texts resemble the labels' descriptions.
        typicality: a text is unlike training if a smaller share of left-out articles is no more typical.
    """

    learner: str = "auto"
    rule: str = "samples-f1"
    review: tuple[str, ...] = ()
    group_by: str = STORY
    min_df: int = 2
    max_features: int | None = DEFAULT_MAX_FEATURES
    max_background: int = 2_000
    max_firing: float | None = None
    seed: int = 0
    jobs: int = 1
    n_new: int = N_NEW
    typicality: float = DEFAULT_CUT
    allow_unseen_labels: bool = False
    encoders: tuple[str, ...] = ()
    only_descriptions: bool = False

    def max_features_with(self, *, background: bool) -> int | None:
        """Return how many features to keep at most, with a background or without."""
        return 2 * self.max_features if background and self.max_features is not None else self.max_features
