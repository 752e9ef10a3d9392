"""How far the figures of an overview can be trusted, in words."""

from __future__ import annotations

from collections.abc import Iterator

from framescope.overview.contents import Overview
from framescope.overview.feed import LABELS
from framescope.pages.base import thousands
from framescope.pages.catalogues import Say, msg
from framescope.pages.overview.words import share

COUNTED = msg("Shares are counted from labels that people gave; intervals are 95\u00a0%% intervals.")
CORRECTED = msg(
    "Shares are estimates, corrected for the errors that %(model)s makes; intervals are 95\u00a0%% intervals."
)
NOT_CORRECTED = msg(
    "Shares are mean probabilities, not corrected for the errors of the model, for the overview was made "
    "without it; intervals are 95\u00a0%% intervals, and too narrow where the articles differ from training."
)
REVIEW = msg("The model vouches for %(given)s of the %(all)s labels that it decided; the others are to review.")
UNLIKE = msg("%(n)s articles are unlike those of training: they are in no share, and counted apart.")
COPIES = msg("%(n)s articles repeat a text of their outlet: each text counts once an outlet.")
CHANCE = msg("Of all that is said to have risen or fallen, at most %(rate)s is expected to be chance.")


def trust_in_words(overview: Overview, say: Say) -> Iterator[str]:
    """Yield what a reader has to know of the figures, a sentence each."""
    origin, total = overview.origin, overview.tables[0]
    how = COUNTED if origin.kind == LABELS else CORRECTED if origin.is_corrected else NOT_CORRECTED
    yield say(how) % {"model": origin.model}
    n_decided, n_given = int(total.n_decided.sum()), int(total.n_given.sum())
    if n_given < n_decided:
        yield say(REVIEW) % {"given": thousands(n_given), "all": thousands(n_decided)}
    if origin.n_unlike:
        yield say(UNLIKE) % {"n": thousands(origin.n_unlike)}
    if origin.n_copies:
        yield say(COPIES) % {"n": thousands(origin.n_copies)}
    if overview.changes:
        yield say(CHANCE) % {"rate": share(max(one.false_rate for one in overview.changes))}
