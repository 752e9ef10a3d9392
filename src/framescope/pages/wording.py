"""What probabilities and decision rules mean, in words."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np

from framescope._types import Float32, Int32
from framescope.codebook import Codebook
from framescope.messages import Say, english, msg
from framescope.model.decision import MICRO_F1, Rule
from framescope.model.review import Review
from framescope.text.segments import Unit

EXPECTED_F1 = {
    Unit.ARTICLE: msg(
        "Each article gets the set of labels with the greatest expected F1, which may be none: a label below "
        "50 %% can be given, where no other set promises more, and one above it withheld."
    ),
    Unit.PARAGRAPH: msg(
        "Each paragraph gets the set of labels with the greatest expected F1, which may be none: a label below "
        "50 %% can be given, where no other set promises more, and one above it withheld."
    ),
    Unit.SENTENCE: msg(
        "Each sentence gets the set of labels with the greatest expected F1, which may be none: a label below "
        "50 %% can be given, where no other set promises more, and one above it withheld."
    ),
}
WITH_A_CHILD = msg(
    " A label with children comes only with one of them: where none is likely enough, it is left out, though "
    "it may be more likely than a label that is given."
)
ONE_CUT = {
    Unit.ARTICLE: msg("Each article gets every label with a probability of at least %(cuts)s."),
    Unit.PARAGRAPH: msg("Each paragraph gets every label with a probability of at least %(cuts)s."),
    Unit.SENTENCE: msg("Each sentence gets every label with a probability of at least %(cuts)s."),
}
OWN_CUTS = {
    Unit.ARTICLE: msg(
        "Each article gets a label where its probability reaches the label's own cut; one without a cut is "
        "never given."
    ),
    Unit.PARAGRAPH: msg(
        "Each paragraph gets a label where its probability reaches the label's own cut; one without a cut is "
        "never given."
    ),
    Unit.SENTENCE: msg(
        "Each sentence gets a label where its probability reaches the label's own cut; one without a cut is "
        "never given."
    ),
}
MEANING = {
    Unit.ARTICLE: msg("%(share)s articles like those of its training, with such a score, carry this label"),
    Unit.PARAGRAPH: msg("%(share)s paragraphs like those of its training, with such a score, carry this label"),
    Unit.SENTENCE: msg("%(share)s sentences like those of its training, with such a score, carry this label"),
}
UNLIKE = {
    Unit.ARTICLE: msg("This article is unlike those that %(model)s was trained on: do not rely on its labels."),
    Unit.PARAGRAPH: msg(
        "%(n)s of the %(all)s paragraphs are unlike those that %(model)s was trained on: do not rely on its "
        "labels."
    ),
    Unit.SENTENCE: msg(
        "%(n)s of the %(all)s sentences are unlike those that %(model)s was trained on: do not rely on its "
        "labels."
    ),
}
OR_WITH_CHILDREN = msg(", or for a label with children at least ")
NOT_LEARNED = msg(" A label without an example in training is never given.")
FLOORS = msg(
    " A label below its own mark is withheld, so that it stays rare on the feed that training was given."
)
OUT_OF_SCOPE = msg("names nothing of the label's scope")


def share_in_words(probability: float, say: Say = english) -> str:
    """Return a probability as a share of a small round number.

    >>> [share_in_words(p) for p in (0.004, 0.04, 0.834, 0.97)]
    ['fewer than 1 in 100', 'about 4 in 100', 'about 8 in 10', 'about 97 in 100']
    """
    if probability < 0.01:
        return say(msg("fewer than 1 in 100"))
    if probability > 0.99:
        return say(msg("more than 99 in 100"))
    whole = 10 if 0.095 <= probability < 0.905 else 100
    return say(msg("about %(n)s in %(whole)s")) % {"n": f"{probability * whole:.0f}", "whole": whole}


def meaning(probability: float, unit: Unit, say: Say = english) -> str:
    """Return what a calibrated probability says.

    >>> meaning(0.31, Unit.SENTENCE)
    'about 3 in 10 sentences like those of its training, with such a score, carry this label'
    """
    return say(MEANING[unit]) % {"share": share_in_words(probability, say)}


def scope_in_words(outside: Sequence[str], *, is_all: bool, say: Say = english) -> str:
    """Return which labels, by their names, an article cannot have; nothing where it can have all.

    >>> scope_in_words(["Fear", "Doubt"], is_all=False)
    "Not possible, for the article names nothing of the labels' scopes: Fear, Doubt."
    """
    if not outside:
        return ""
    if is_all:
        return say(msg("No label is possible, for the article names nothing of any label's scope."))
    told = say(msg("Not possible, for the article names nothing of the labels' scopes: %(labels)s."))
    return told % {"labels": ", ".join(outside)}


def unlike_in_words(
    name: str, n_unlike: int, n_units: int, *, unit: Unit, language: str, say: Say = english
) -> str:
    """Return that parts of an article are unlike training; nothing where none is.

    >>> unlike_in_words("starter", 1, 1, unit=Unit.ARTICLE, language="de")[:67]
    'This article is unlike those that starter was trained on: do not re'
    """
    if not n_unlike:
        return ""
    told = say(UNLIKE[unit]) % {"model": name, "n": n_unlike, "all": n_units}
    seems = say(msg(" It seems to be in %(language)s, which the model has not seen.")) % {
        "language": repr(language)
    }
    return f"{told}{seems if language else ''}"


def rule_in_words(rule: Rule, codebook: Codebook, unit: Unit, say: Say = english) -> str:
    """Return how probabilities become labels."""
    return _cuts_in_words(rule, codebook, unit, say) + ("" if rule.floors is None else say(FLOORS))


def review_in_words(review: Review | None, say: Say = english) -> str:
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
        return say(msg("All labels are to review: no cut can promise %(goals)s.")) % {"goals": asked}
    told = say(msg("Labels below %(cut)s are to review: of those above, %(goal)s is promised."))
    return told % {"cut": f"{100 * kept.cut:.0f} %", "goal": kept.goal}


def care_in_words(
    probability: float,
    precision: float | None,
    *,
    promise: float,
    is_to_review: bool = False,
    say: Say = english,
) -> Iterator[str]:
    """Yield why a label that is given is to be read with care.

    >>> list(care_in_words(0.4, 0.42, promise=0.5))
    ['the label is less likely than not', 'on articles left out of training it was right 42 % of the time']
    """
    if is_to_review:
        yield say(msg("the model does not vouch for it, and leaves it to review"))
    if probability < 0.5:
        yield say(msg("the label is less likely than not"))
    if precision is None:
        yield say(msg("nobody knows how often it is right"))
    elif precision < promise:
        told = say(msg("on articles left out of training it was right %(share)s of the time"))
        yield told % {"share": f"{100 * precision:.0f} %"}


def promise_of(rule: Rule) -> float:
    """Return the precision that a rule promises for each label; where it promises none, one half.

    >>> promise_of(Rule("precision>=0.8")), promise_of(Rule("samples-f1"))
    (0.8, 0.5)
    """
    measure, _, goal = rule.name.partition(",")[0].partition(">=")
    return float(goal) if measure == "precision" else 0.5


def _cuts_in_words(rule: Rule, codebook: Codebook, unit: Unit, say: Say) -> str:
    if rule.cuts is None:
        return say(EXPECTED_F1[unit]) % {} + ("" if codebook.is_flat else say(WITH_A_CHILD))
    levels = (codebook.fine, np.setdiff1d(codebook.coarse, codebook.fine))
    cuts = dict.fromkeys(cut for columns in levels if (cut := _cut_of(rule.cuts, columns)))
    if rule.name != MICRO_F1 or not cuts:
        return say(OWN_CUTS[unit])
    never = say(NOT_LEARNED) if np.isinf(rule.cuts).any() else ""
    return say(ONE_CUT[unit]) % {"cuts": say(OR_WITH_CHILDREN).join(cuts)} + never


def _cut_of(cuts: Float32, columns: Int32) -> str:
    """Return the one cut of some labels as a percentage; nothing where none is ever given."""
    found = cuts[columns]
    found = 100 * found[np.isfinite(found)]
    return f"{found[0]:.{0 if found[0] >= 10 else 1}f} %" if len(found) else ""
