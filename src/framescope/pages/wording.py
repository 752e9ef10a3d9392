"""What probabilities and decision rules mean, in words."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from framescope._types import Float32, Int32
from framescope.codebook import Codebook
from framescope.model.decision import MICRO_F1, Rule
from framescope.model.review import Review

EXPECTED_F1 = (
    "Each {unit} gets the set of labels with the greatest expected F1, which may be none: "
    "a label below 50 % can be given, where no other set promises more, and one above it withheld."
)
WITH_A_CHILD = (
    " A label with children comes only with one of them: where none is likely enough, it is left out, though "
    "it may be more likely than a label that is given."
)
ONE_CUT = "Each {unit} gets every label with a probability of at least {cuts}."
OR_WITH_CHILDREN = ", or for a label with children at least "
NOT_LEARNED = " A label without an example in training is never given."
OWN_CUTS = (
    "Each {unit} gets a label where its probability reaches the label's own cut; "
    "one without a cut is never given."
)
FLOORS = " A label below its own mark is withheld, so that it stays rare on the feed that training was given."


def share_in_words(probability: float) -> str:
    """Return a probability as a share of a small round number.

    >>> [share_in_words(p) for p in (0.004, 0.04, 0.834, 0.97)]
    ['fewer than 1 in 100', 'about 4 in 100', 'about 8 in 10', 'about 97 in 100']
    """
    if probability < 0.01:
        return "fewer than 1 in 100"
    if probability > 0.99:
        return "more than 99 in 100"
    whole = 10 if 0.095 <= probability < 0.905 else 100
    return f"about {probability * whole:.0f} in {whole}"


def meaning(probability: float, unit: str) -> str:
    """Return what a calibrated probability says.

    >>> meaning(0.31, "sentence")
    'about 3 in 10 sentences like those of its training, with such a score, carry this label'
    """
    return (
        f"{share_in_words(probability)} {unit}s like those of its training, with such a score, carry this label"
    )


OUT_OF_SCOPE = "names nothing of the label's scope"


def scope_in_words(outside: Sequence[str], *, is_all: bool) -> str:
    """Return which labels, by their names, an article cannot have; nothing where it can have all.

    >>> scope_in_words(["Fear", "Doubt"], is_all=False)
    "Not possible, for the article names nothing of the labels' scopes: Fear, Doubt."
    """
    if not outside:
        return ""
    if is_all:
        return "No label is possible, for the article names nothing of any label's scope."
    return f"Not possible, for the article names nothing of the labels' scopes: {', '.join(outside)}."


def unlike_in_words(name: str, n_unlike: int, n_units: int, *, unit: str, language: str) -> str:
    """Return that parts of an article are unlike training; nothing where none is.

    >>> unlike_in_words("starter", 1, 1, unit="article", language="de")[:67]
    'This article is unlike those that starter was trained on, and seems'
    """
    if not n_unlike:
        return ""
    what = "This article is" if unit == "article" else f"{n_unlike} of the {n_units} {unit}s are"
    seems = f", and seems to be in {language!r}, which it has not seen" if language else ""
    return f"{what} unlike those that {name} was trained on{seems}: do not rely on its labels."


def rule_in_words(rule: Rule, codebook: Codebook, unit: str) -> str:
    """Return how probabilities become labels."""
    return _cuts_in_words(rule, codebook, unit) + ("" if rule.floors is None else FLOORS)


def review_in_words(review: Review | None) -> str:
    """Return which labels are given and which are to review; nothing where all are given.

    >>> from framescope.model.review import Promise
    >>> review_in_words(Review((Promise("precision>=0.9", 0.671),)))
    'Labels below 67 % are to review: of those above, precision>=0.9 is promised.'
    """
    if review is None:
        return ""
    kept = next((one for one in review.promises if one.cut is not None), None)
    if kept is None or kept.cut is None:
        asked = ", ".join(one.goal for one in review.promises)
        return f"All labels are to review: no cut can promise {asked}."
    return f"Labels below {100 * kept.cut:.0f} % are to review: of those above, {kept.goal} is promised."


def _cuts_in_words(rule: Rule, codebook: Codebook, unit: str) -> str:
    if rule.cuts is None:
        return EXPECTED_F1.format(unit=unit) + ("" if codebook.is_flat else WITH_A_CHILD)
    levels = (codebook.fine, np.setdiff1d(codebook.coarse, codebook.fine))
    cuts = dict.fromkeys(cut for columns in levels if (cut := _cut_of(rule.cuts, columns)))
    if rule.name != MICRO_F1 or not cuts:
        return OWN_CUTS.format(unit=unit)
    never = NOT_LEARNED if np.isinf(rule.cuts).any() else ""
    return ONE_CUT.format(unit=unit, cuts=OR_WITH_CHILDREN.join(cuts)) + never


def _cut_of(cuts: Float32, columns: Int32) -> str:
    """Return the one cut of some labels as a percentage; nothing where none is ever given."""
    found = cuts[columns]
    found = 100 * found[np.isfinite(found)]
    return f"{found[0]:.{0 if found[0] >= 10 else 1}f} %" if len(found) else ""
