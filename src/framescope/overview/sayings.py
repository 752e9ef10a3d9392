"""What an overview says of itself: warnings where figures are not meant, notes on how to read them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np

from framescope.measure.prevalence import Separation, least_error
from framescope.overview.contents import MIN_ARTICLES, Cells, Changes, Origin, Remark
from framescope.overview.dimensions import Coder, PeriodCoder
from framescope.overview.feed import LABELS, Feed
from framescope.text.segments import Unit

MANY_UNLIKE = 0.1
"""Share of articles that are unlike training from which on a feed is another than the model was made for."""
N_NAMED = 8
MOST_ERROR = 0.1
"""Of shares of any number of articles, from which on the model tells too little of a label."""


def warnings_of(origin: Origin, total: Cells, feed: Feed, coders: Sequence[Coder]) -> Iterator[Remark]:
    """Yield what a reader must know before the figures; ``total`` has all articles in one cell."""
    for coder in coders:
        if isinstance(coder, PeriodCoder) and coder.n_unreadable:
            yield Remark(
                "%(n)s dates cannot be read, such as %(examples)s: expected %(expected)s or the like",
                {
                    "n": coder.n_unreadable,
                    "examples": ", ".join(map(repr, coder.unreadable)),
                    "expected": "2026-02-03, 3.2.2026, 3 February 2026",
                },
            )
    if origin.kind != LABELS and not origin.is_corrected:
        yield _not_corrected(origin)
    if origin.n_unlike > MANY_UNLIKE * max(1, origin.n_unlike + origin.n_articles):
        share = origin.n_unlike / (origin.n_unlike + origin.n_articles)
        yield Remark(
            "%(share)s of the texts are unlike training and count in no share: the model was not made for "
            "this feed",
            {"share": f"{100 * share:.0f} %"},
        )
    beyond = [feed.codebook.ids[column] for column in np.flatnonzero(total.is_beyond[0])]
    if beyond:
        yield Remark(
            "the articles differ so much from training that no correction is promised of %(n)s of %(all)s "
            "labels, such as %(labels)s",
            {"n": len(beyond), "all": len(feed.codebook.ids)},
            tuple(beyond[:N_NAMED]),
        )


def poorly_told(separation: Separation, labels: Sequence[str]) -> Iterator[Remark]:
    """Yield which labels the model knows too little of for their shares to become precise."""
    found = [label for label, error in zip(labels, least_error(separation), strict=True) if error >= MOST_ERROR]
    if found:
        yield Remark(
            "however many articles there are, shares of %(n)s of %(all)s labels are known to %(points)s points "
            "or worse, such as %(labels)s: the model had too few articles of them, or hardly tells them apart",
            {"n": len(found), "all": len(labels), "points": f"{100 * MOST_ERROR:.0f}"},
            tuple(found[:N_NAMED]),
        )


def notes_of(origin: Origin, total: Cells, changes: Sequence[Changes]) -> Iterator[Remark]:
    """Yield how to read the figures; ``total`` has all articles in one cell."""
    yield _how(origin)
    if origin.unit == Unit.SENTENCE:
        yield Remark("what is called an article here is a sentence, which is what the model judges")
    elif origin.unit == Unit.PARAGRAPH:
        yield Remark("what is called an article here is a paragraph, which is what the model judges")
    n_decided, n_given = int(total.n_decided.sum()), int(total.n_given.sum())
    if n_given < n_decided:
        yield Remark(
            "the model vouches for %(given)s of the %(all)s labels that it decided; the others are to review",
            {"given": n_given, "all": n_decided},
        )
    if origin.n_unlike:
        yield Remark(
            "%(n)s articles are unlike those of training: they are in no share, and counted apart",
            {"n": origin.n_unlike},
        )
    if origin.n_copies:
        yield Remark(
            "%(n)s articles repeat a text of their outlet: each text counts once an outlet",
            {"n": origin.n_copies},
        )
    if changes:
        yield Remark(
            "of all that is said to differ, no more than %(rate)s is expected to be chance (Benjamini and "
            "Hochberg, over all labels, periods and outlets of a table)",
            {"rate": f"{100 * changes[0].false_rate:.0f} %"},
        )
    yield Remark("cells of fewer than %(n)s articles are grey: they tell little", {"n": MIN_ARTICLES})


def _not_corrected(origin: Origin) -> Remark:
    if origin.model:
        return Remark(
            "shares are mean probabilities, not corrected for the errors of the model: it has no figures for "
            "it; train it again"
        )
    return Remark(
        "shares are mean probabilities, not corrected for the errors of the model: name it with %(option)s",
        {"option": "--model"},
    )


def _how(origin: Origin) -> Remark:
    if origin.kind == LABELS:
        return Remark("shares are counted from labels that people gave, with 95 %% intervals")
    if origin.is_corrected:
        return Remark(
            "shares are estimates, corrected for the errors that %(model)s makes, with 95 %% intervals",
            {"model": origin.model},
        )
    return Remark(
        "shares are mean probabilities with 95 %% intervals, which are too narrow where the articles differ "
        "from training"
    )
