"""How scores are shown wherever people read them: in tables, on model cards and on pages."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from framescope.messages import Say, english, msg

SCORES = {"samples_f1": "samples-F1", "micro_f1": "micro-F1", "macro_f1": "macro-F1"}
SCORE_NAMES = {
    **SCORES,
    "false_alarm_rate": "false alarms",
    "brier": "Brier score",
    "log_loss": "log-loss",
    "ece": "ECE",
    "f1": "F1",
}
MAX_NAMED = 5
BASELINES = {
    "no_label": msg("baseline: no label"),
    "most_frequent": msg("baseline: most frequent label"),
    "random_prior": msg("baseline: random with the prior"),
}
OUTLOOKS = {
    "article": msg("articles"),
    "story": msg("stories"),
    "source": msg("sources"),
    "batch": msg("batches of 50"),
    "language": msg("languages"),
    "time": msg("what is later"),
}
OUTLOOK = {
    "article": msg("article"),
    "story": msg("story"),
    "source": msg("source"),
    "batch": msg("batch"),
    "language": msg("language"),
}
OUTLOOK_HEADER = (
    msg("left out together"),
    *SCORES.values(),
    msg("false alarms"),
    "ECE",
    msg("slope"),
    msg("labelled: samples"),
    msg("labelled: micro"),
)
CEILING_HEADER = ("", msg("level"), msg("articles"), msg("ties"), *SCORES.values())
CALIBRATION = {
    "brier": msg("Brier score"),
    "brier_skill": msg("Brier skill over the training prior"),
    "log_loss": msg("log-loss"),
    "ece": msg("ECE over probabilities >= 0.05"),
    "slope": msg("reliability slope (1 is right)"),
    "augrc": "AUGRC",
}


def number(value: float | None, n_decimals: int = 3, missing: str = "-") -> str:
    """Return a score, or a sign for one that is not defined.

    >>> number(0.12345), number(0.125, 2), number(None)
    ('0.123', '0.12', '-')
    """
    return missing if value is None else f"{value:.{n_decimals}f}"


def interval(ends: Sequence[float] | None, n_decimals: int = 3) -> str:
    """Return an interval in brackets, or nothing.

    >>> interval((0.1, 0.25)), interval((0.1, 0.25), 1), interval(None)
    ('[0.100, 0.250]', '[0.1, 0.2]', '')
    """
    return "" if ends is None else f"[{', '.join(number(end, n_decimals) for end in ends)}]"


def with_interval(scores: Mapping[str, Any], name: str) -> str:
    """Return one of some scores with its 95 % interval, where there is one.

    >>> with_interval({"micro_f1": 0.5, "micro_f1_ci95": [0.4, 0.6]}, "micro_f1")
    '0.500 [0.400, 0.600]'
    """
    return f"{number(scores[name])} {interval(scores.get(f'{name}_ci95'))}".rstrip()


def score_row(row: Mapping[str, Any]) -> tuple[str, ...]:
    """Return a row of :func:`~framescope.measure.f1.f1_rows` as text."""
    scores = (with_interval(row, score) for score in SCORES)
    return (
        BASELINES.get(row["section"], row["section"]),
        row["level"],
        *scores,
        number(row["false_alarm_rate"]),
    )


def calibration_rows(metrics: Mapping[str, Any], say: Say = english) -> list[tuple[str, str]]:
    """Return how far the probabilities can be trusted, in all and by language, in words."""
    rows = [(say(name), _calibration(metrics["calibration"], key, say)) for key, name in CALIBRATION.items()]
    return rows + [
        (f"{language}: {name}", _calibration(section["calibration"], key, say))
        for language, section in metrics["by_language"].items()
        for key, name in (("ece", "ECE"), ("slope", say(msg("slope"))))
    ]


def kind_rows(metrics: Mapping[str, Any]) -> list[tuple[str, str, str]]:
    """Return each kind of unlabelled units, how many there are, and the share that was given a label."""
    return [
        (kind, str(found["n_units"]), number(found["rate"]))
        for kind, found in metrics["false_alarms_by_kind"].items()
    ]


def alpha_line(found: Mapping[str, Any], say: Say = english) -> str:
    """Return in words how well coders agree.

    >>> alpha_line({"alpha": 0.5, "ci95": (0.4, 0.6)})
    "Krippendorff's alpha of label sets, with the MASI distance, is 0.500 [0.400, 0.600]."
    """
    alpha = f"{number(found['alpha'])} {interval(found['ci95'])}".rstrip()
    told = say(msg("Krippendorff's alpha of label sets, with the %(distance)s distance, is %(alpha)s."))
    return told % {"distance": "MASI", "alpha": alpha}


def ceiling_rows(ceiling: Mapping[str, Any], say: Say = english) -> list[tuple[str, ...]]:
    """Return the F1 of coders, and of a model on the same articles, under :data:`CEILING_HEADER`."""
    rows = []
    for one in ({"coder": say(msg("all coders")), **ceiling}, *ceiling["per_coder"]):
        counts = tuple(str(one.get(name, "")) for name in ("n_articles", "n_ties"))
        for name, scores in ((one["coder"], one), (say(msg("the model, there")), one.get("model", {}))):
            rows += [
                (name, level, *counts, *(with_interval(scores[level], score) for score in SCORES))
                for level in ("fine", "coarse")
                if scores.get(level)
            ]
    return rows


def outlook_rows(outlooks: Mapping[str, Any], say: Say = english) -> list[tuple[str, ...]]:
    """Return the scores of the finest labels in each way of leaving out, under :data:`OUTLOOK_HEADER`."""
    return [
        (
            say(name),
            *(with_interval(outlooks[key]["fine"], score) for score in SCORES),
            number(outlooks[key]["false_alarm_rate"]),
            number(outlooks[key]["calibration"]["ece"]),
            number(outlooks[key]["calibration"]["slope"], 2),
            *(number(_labelled(outlooks[key])[score]) for score in ("samples_f1", "micro_f1")),
        )
        for key, name in OUTLOOKS.items()
        if key in outlooks
    ]


def outlook_lines(
    outlooks: Mapping[str, Any], expected: Mapping[str, Any] | None, say: Say = english
) -> list[str]:
    """Return in words what to expect of new articles, and of those that carry a label."""
    lines = []
    if expected is not None:
        told = say(msg("%(score)s between %(low)s and %(high)s"))
        ranges = [
            told % {"score": name, "low": f"{ends[0]:.2f}", "high": f"{ends[1]:.2f}"}
            for score, name in SCORES.items()
            if (ends := expected["fine"][score]) is not None
        ]
        if ranges:
            told = say(msg("Of %(n)s new articles like these expect, in 19 of 20 cases, %(ranges)s"))
            lines.append(told % {"n": expected["n_articles"], "ranges": ", ".join(ranges)})
    set_aside = {key: one["without_catch_all"] for key, one in outlooks.items() if one["without_catch_all"]}
    if set_aside:
        without = say(msg("%(figure)s without its %(group)s"))
        figures = ", ".join(
            without % {"figure": number(one["fine"]["samples_f1"]), "group": say(OUTLOOK[key])}
            for key, one in set_aside.items()
            if key != "time"
        )
        told = say(
            msg(
                "Where every article carries a label, and catch-alls such as Other do not count, "
                "expect a %(score)s of %(figures)s"
            )
        )
        lines.append(told % {"score": SCORES["samples_f1"], "figures": figures})
    return lines


def promise_lines(rule: str, promise: Mapping[str, Any] | None) -> list[str]:
    """Return in words for which labels a rule keeps its goal; nothing for a rule without one."""
    if promise is None:
        return []
    alone, together, brought = promise["alone"], promise["together"], promise["by_children"]
    kept = [
        *([f"each of {_named(alone)}"] if alone else []),
        *([f"{_named(together)} together, not each"] if together else []),
    ]
    confidence = f"90 % confidence, {promise['n_groups']} groups"
    lines = [f"{rule} is promised for {' and for '.join(kept)} ({confidence})" if kept else ""]
    if not kept:
        lines = [f"no cut can promise {rule} ({confidence}): no label is given"]
    if brought:
        lines.append(f"{_named(brought)} only where a label below is given: {rule} is not promised of it")
    return lines


def review_lines(review: Sequence[Mapping[str, Any]]) -> list[str]:
    """Return in words from which probability on labels are given, and how many are to review.

    >>> figures = {"goal": "precision>=0.9", "cut": 0.671, "n_groups": 105, "n_given": 730, "n_chosen": 1000}
    >>> review_lines([figures, {**figures, "goal": "precision>=.95", "cut": None}])[0]
    'from .67 on, 9 in 10 are right (90 % confidence, 105 groups); 27 % of the labels are to review'
    >>> review_lines([{**figures, "goal": "precision>=.95", "cut": None}])
    ['no cut can promise .95: all labels are to review']
    """
    lines, is_kept = [], any(one["cut"] is not None for one in review)
    for one in review:
        least = one["goal"].partition(">=")[2].lstrip("0")
        if one["cut"] is None:
            lines.append(f"no cut can promise {least}" + ("" if is_kept else ": all labels are to review"))
            continue
        to_review = 1 - one["n_given"] / max(one["n_chosen"], 1)
        lines.append(
            f"from {_short(one['cut'])} on, {_in_words(float(least))} are right (90 % confidence, "
            f"{one['n_groups']} groups); {100 * to_review:.0f} % of the labels are to review"
        )
    return lines


def _named(labels: Sequence[str]) -> str:
    """Return some labels by name, many by number."""
    return ", ".join(labels) if len(labels) <= MAX_NAMED else f"{len(labels)} labels"


def _short(cut: float) -> str:
    return f"{cut:.2f}".removeprefix("0")


def _in_words(share: float) -> str:
    """Return a share in whole numbers.

    >>> _in_words(0.9), _in_words(0.95)
    ('9 in 10', '95 in 100')
    """
    tenths = 10 * share
    return f"{tenths:.0f} in 10" if abs(tenths - round(tenths)) < 1e-9 else f"{100 * share:g} in 100"


def _labelled(outlook: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return the scores on units with a label that is no catch-all: all, where nothing had to be set aside."""
    labelled: Mapping[str, Any] = (outlook["without_catch_all"] or outlook)["fine"]
    return labelled


def _calibration(calibration: Mapping[str, Any], key: str, say: Say = english) -> str:
    """Return a measure; the calibration error with what chance alone makes it, the slope with its interval.

    >>> _calibration({"ece": 0.03, "ece_noise": 0.012}, "ece")
    '0.030 (0.012 if all were exactly true)'
    """
    if key == "ece" and calibration["ece"] is not None:
        told = say(msg("%(error)s (%(noise)s if all were exactly true)"))
        return told % {"error": number(calibration["ece"]), "noise": number(calibration["ece_noise"])}
    return with_interval(calibration, key) if key in calibration else number(None)


def ngram(text: str, *, is_part: bool) -> str:
    r"""Return an n-gram on one line, between dots where it is part of a word.

    >>> ngram("нов\nсъюз", is_part=False), ngram("съю", is_part=True)
    ('нов съюз', '…съю…')
    """
    line = " ".join(text.split())
    return f"…{line}…" if is_part else line
