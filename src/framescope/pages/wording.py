"""What probabilities and decision rules mean, in words."""

from __future__ import annotations

from framescope.model.decision import Rule

EXPECTED_F1 = (
    "Each {unit} gets the set of labels with the greatest expected F1, which may be none: "
    "a label below 50 % can be given, where no other set promises more, and one above it withheld."
)
ONE_CUT = "Each {unit} gets all labels from a probability of {cut} on."
OWN_CUTS = "Each {unit} gets a label from the label's own cut on; a label without a cut is never given."


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
    'about 3 in 10 sentences with such a score carry this label'
    """
    return f"{share_in_words(probability)} {unit}s with such a score carry this label"


def rule_in_words(rule: Rule, unit: str) -> str:
    """Return how probabilities become labels."""
    if rule.cuts is None:
        return EXPECTED_F1.format(unit=unit)
    if (rule.cuts == rule.cuts[0]).all():
        return ONE_CUT.format(unit=unit, cut=f"{100 * float(rule.cuts[0]):.0f} %")
    return OWN_CUTS.format(unit=unit)
