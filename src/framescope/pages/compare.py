"""The page on two models."""

from __future__ import annotations

from functools import partial

from framescope.evaluation.comparison import Comparison
from framescope.measure.shown import SCORES
from framescope.messages import Say, msg
from framescope.pages.base import render
from framescope.pages.catalogues import Interface, say_in

NAMES = {
    "overall": msg("all"),
    "fine": msg("finest"),
    "coarse": msg("first"),
    "false_alarm_rate": msg("false alarms"),
    "brier": msg("Brier score"),
    "log_loss": msg("log-loss"),
    "precision": msg("precision"),
    "recall": msg("recall"),
    "average_precision": msg("avg. precision"),
}
"""What rows are called, where their keys say it badly; languages are not among them."""


def compare_page(found: Comparison, interface: str = Interface.EN) -> str:
    """Return the page, its own words in a language."""
    say = say_in(interface)
    return render("compare.html.j2", interface=interface, found=found, say=say, shown=partial(_shown, say=say))


def _shown(key: str, *, say: Say) -> str:
    """Return a section, a level or a score in words.

    >>> from framescope.messages import english
    >>> [_shown(key, say=english) for key in ("fine", "micro_f1", "ece", "bg")]
    ['finest', 'micro-F1', 'ECE', 'bg']
    """
    if key in NAMES:
        return say(NAMES[key])
    return SCORES.get(key, {"f1": "F1", "ece": "ECE"}.get(key, key))
