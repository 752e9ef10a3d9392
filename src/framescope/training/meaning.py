"""What sentence encoders say of a corpus: its units' kernel, and how far they resemble the labels."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import ExitStack
from dataclasses import dataclass

import numpy as np

from framescope._types import BoolArray, Float32
from framescope.bundle.facts import MeaningFacts
from framescope.codebook import Codebook
from framescope.encoders.articles import Embedder, embed, seconds_for
from framescope.encoders.cache import opened_cache
from framescope.encoders.catalogue import DEFAULT_ENCODER, open_all
from framescope.encoders.encoder import Encoder, EncoderFacts
from framescope.features.block import Block
from framescope.features.description_block import DescriptionBlock
from framescope.features.kernel_block import KernelBlock
from framescope.fit.classifier import FramingClassifier
from framescope.progress import Progress, advance_of

SLOW_SECONDS = 600.0
Tell = Callable[[str], None]
"""Is called with what a user should know before long work begins."""


def tell_nobody(message: str) -> None:
    """Tell nobody."""


@dataclass(frozen=True, eq=False)
class Meaning:
    """What is known of the units of training: ``kernel`` is None where only descriptions are asked for.

    ``likeness`` is (n_articles, n_labels), for the first units, which are whole; ``of_feed`` are the vectors of
    a background's articles, (n_feed, n_dims).
    """

    descriptions: DescriptionBlock
    likeness: Float32
    kernel: KernelBlock | None
    of_feed: Float32

    def blocks(self, classifier: FramingClassifier) -> list[Block]:
        """Return the blocks that the fit asks for."""
        found: list[Block] = []
        duals = classifier.dual_coef_
        if self.kernel is not None and duals is not None and classifier.further_weight_:
            found.append(self.kernel.weighed(duals, classifier.further_weight_))
        if classifier.calibration_.has_likeness:
            found.append(self.descriptions)
        return found

    def facts(self, classifier: FramingClassifier) -> MeaningFacts:
        """Return what a reader of the bundle may want to know."""
        return MeaningFacts(
            encoders=[facts.name for facts in self.descriptions.embedder.encoders],
            digests=[facts.digest for facts in self.descriptions.embedder.encoders],
            weight=classifier.further_weight_ if self.kernel is not None else 0.0,
            has_descriptions=classifier.calibration_.has_likeness,
        )


def read_meaning(  # noqa: PLR0913 - what is encoded, by what, and who is told
    texts: Sequence[str],
    is_read: BoolArray,
    evidence: Sequence[str],
    feed: Sequence[str],
    codebook: Codebook,
    *,
    encoders: Sequence[str],
    only_descriptions: bool,
    jobs: int,
    progress: Progress,
    tell: Tell,
) -> Meaning:
    """Encode the units of a corpus, whole texts and then the evidence within them, and a feed's articles.

    Texts that are not read, which ``is_read`` tells, have vectors of zeros and likeness 0.

    Raises:
        EncoderError: an encoder cannot be used.
    """
    rows = np.flatnonzero(is_read)
    read = [texts[row] for row in rows.tolist()]
    further = [] if only_descriptions else [*evidence, *feed]
    opened = open_all(encoders)
    vectors = np.hstack([_encode(encoder, [*read, *further], jobs, progress, tell) for encoder in opened])
    whole, further_vectors = np.split(vectors, [len(read)])
    embedder = Embedder(tuple(EncoderFacts.of(encoder) for encoder in opened))
    descriptions = DescriptionBlock.learn(embedder, codebook, whole)
    likeness = np.zeros((len(texts), len(codebook.labels)), np.float32)
    likeness[rows] = descriptions.likeness(whole)
    if only_descriptions:
        return Meaning(descriptions, likeness, None, further_vectors)
    of_texts = np.zeros((len(texts), vectors.shape[1]), np.float32)
    of_texts[rows] = whole
    of_evidence, of_feed = np.split(further_vectors, [len(evidence)])
    kernel = KernelBlock.untrained(
        embedder, np.vstack([of_texts, of_evidence]), whole.mean(axis=0, dtype=np.float64)
    )
    return Meaning(descriptions, likeness, kernel, of_feed)


def _encode(encoder: Encoder, texts: Sequence[str], jobs: int, progress: Progress, tell: Tell) -> Float32:
    with ExitStack() as stack:
        cache = stack.enter_context(opened_cache(encoder))
        seconds = seconds_for(encoder, texts, cache=cache, jobs=jobs)
        if seconds >= 1:
            is_slow = seconds > SLOW_SECONDS and encoder.name != DEFAULT_ENCODER
            hint = "; --encoder default is the fastest" if is_slow else ""
            tell(f"encoding {len(texts):,} texts with {encoder.name} takes about {duration(seconds)}{hint}")
        advance = advance_of(stack.enter_context(progress(f"Encoding with {encoder.name}")))
        return embed(encoder, texts, cache=cache, jobs=jobs, advance=lambda n: advance(n, len(texts)))


def duration(seconds: float) -> str:
    """Return a time for people.

    >>> duration(42.4), duration(600), duration(9000)
    ('42 seconds', '10 minutes', '2.5 hours')
    """
    if seconds < 100:
        return f"{seconds:.0f} seconds"
    return f"{seconds / 60:.0f} minutes" if seconds < 6000 else f"{seconds / 3600:.1f} hours"
