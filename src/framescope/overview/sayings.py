"""What an overview says of itself: warnings where figures are not meant, notes on how to read them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np

from framescope.overview.contents import MIN_ARTICLES, Cells, Changes, Origin
from framescope.overview.dimensions import Coder, PeriodCoder
from framescope.overview.feed import LABELS, Feed

MANY_UNLIKE = 0.1
"""Share of articles that are unlike training from which on a feed is another than the model was made for."""
N_NAMED = 8


def warnings_of(origin: Origin, total: Cells, feed: Feed, coders: Sequence[Coder]) -> Iterator[str]:
    """Yield what a reader must know before the figures; ``total`` has all articles in one cell."""
    for coder in coders:
        if isinstance(coder, PeriodCoder) and coder.n_unreadable:
            examples = ", ".join(map(repr, coder.unreadable))
            yield (
                f"{coder.n_unreadable:,} dates cannot be read, such as {examples}: "
                "expected 2026-02-03, 3.2.2026 or 3 February 2026"
            )
    if origin.kind != LABELS and not origin.is_corrected:
        remedy = "its model has no figures for it, train it again" if origin.model else "name it with --model"
        yield f"shares are mean probabilities, not corrected for the errors of the model: {remedy}"
    if origin.n_unlike > MANY_UNLIKE * max(1, origin.n_unlike + origin.n_articles):
        share = origin.n_unlike / (origin.n_unlike + origin.n_articles)
        yield (
            f"{share:.0%} of the texts are unlike training and count in no share: "
            "the model was not made for this feed"
        )
    beyond = [feed.codebook.ids[column] for column in np.flatnonzero(total.is_beyond[0])]
    if beyond:
        more = f" and {len(beyond) - N_NAMED} more" if len(beyond) > N_NAMED else ""
        yield (
            f"the articles differ so much from training that no correction is promised of "
            f"{len(beyond)} of {len(feed.codebook.ids)} labels: {', '.join(beyond[:N_NAMED])}{more}"
        )


def notes_of(origin: Origin, changes: Sequence[Changes]) -> Iterator[str]:
    """Yield how to read the figures."""
    if origin.is_corrected:
        yield (
            "shares are estimates, corrected for the model's errors, with 95 % intervals; "
            "counted decisions stand beside them"
        )
    yield f"cells of fewer than {MIN_ARTICLES} {origin.unit}s are grey: they tell little"
    if origin.n_copies:
        yield f"{origin.n_copies:,} {origin.unit}s repeat a text of their outlet and are counted once"
    if changes:
        yield (
            f"of the changes that are called so, no more than {changes[0].false_rate:.0%} are expected to be "
            "chance (Benjamini and Hochberg, over all labels, periods and outlets of a table)"
        )
