"""The model card: README.md of a bundle, for the person who is handed a model."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from framescope.bundle.facts import BackgroundFacts, Facts, MeaningFacts, Rounding
from framescope.measure.f1 import f1_rows
from framescope.measure.shown import (
    BASELINES,
    CEILING_HEADER,
    OUTLOOK_HEADER,
    SCORES,
    alpha_line,
    calibration_rows,
    ceiling_rows,
    kind_rows,
    number,
    outlook_lines,
    outlook_rows,
    promise_lines,
    review_lines,
    with_interval,
)
from framescope.model.fitted import Model

SECTIONS = {"overall": "all", **BASELINES}
LEVEL_NAMES = {"fine": "finest labels", "coarse": "first level"}
NOT_FOR = (
    "Not for judging people or outlets by single decisions: read the text and the evidence first.",
    "Not for languages, genres or years that the training articles do not have, without measuring there.",
    "Not a detector of falsehood: a frame may be pushed with true facts, and a false text may push none.",
)


def model_card(model: Model, training: Facts, warnings: Sequence[str]) -> str:
    """Return the card as Markdown; its date is that of SOURCE_DATE_EPOCH where it is set."""
    metrics = training.metrics
    kinds = kind_rows(metrics)
    parts = [
        f"# {model.codebook.name}",
        "A framescope model: calibrated probabilities and decisions for the labels below.",
        *(f"**Changed.** {line}" for line in training.changes),
        *([f"**{model.codebook.caution}**"] if model.codebook.caution else []),
        _table(["", ""], _fact_rows(model, training)),
        *(["**Warnings:** " + " ".join(f"{line}." for line in warnings)] if warnings else []),
        "## How good it is",
        "Measured on the training articles, each judged by a fit, a calibration and a rule that had not seen "
        "its group nor its near-duplicates. Which n-grams count, how rare they are and the penalty were chosen "
        "on all articles, so new ones may fare a little worse. "
        "In brackets: 95 % bootstrap intervals over groups.",
        _table(["", *SCORES.values(), "false alarms"], _score_rows(metrics)),
        *([_table(["units without a label", "units", "given one"], kinds)] if kinds else []),
        _table(["probabilities", ""], calibration_rows(metrics)),
        *_review(training),
        *_outlooks(training),
        *([] if training.coders is None else _coders(training.coders)),
        "## Labels",
        _table(["label", "parent", "support", "precision", "recall", "F1"], _label_rows(model, metrics)),
        *_scope_parts(model, metrics),
        *([] if training.background is None else _background(training.background)),
        "## What it is not for",
        "\n".join(f"- {line}" for line in NOT_FOR),
    ]
    return "\n\n".join(parts) + "\n"


def _unlike(model: Model) -> str:
    if model.typicality is None:
        return "not told: there are too few articles"
    n_left_out = len(model.typicality.familiarity)
    return f"less typical than all but {100 * model.typicality.cut:g} % of {n_left_out:,} left-out articles"


def _other_languages(model: Model) -> str:
    """Say what probabilities texts in languages get that training does not have."""
    if model.abroad is None:
        return "judged like those of training: too few languages to tell how much less is found in a new one"
    return (
        "judged by a second stage of their own, from articles that were judged without any of their language; "
        "marked wherever they are shown"
    )


def _fact_rows(model: Model, training: Facts) -> list[tuple[str, str]]:
    """Return what the model is and where it comes from."""
    corpus = training.corpus
    languages = ", ".join(f"{code} {n}" for code, n in corpus.languages.items()) or "not given"
    return [
        ("Codebook", f"{model.codebook.name}, {len(model.codebook.ids)} labels"),
        ("Trained on", f"{corpus.name}: {corpus.n_units} units of {corpus.n_articles} articles"),
        ("Languages", languages),
        ("Corpus SHA-256", f"`{corpus.sha256}`"),
        *(("State of the corpus", state) for state in corpus.states),
        ("Evidence spans", str(corpus.n_spans)),
        ("Learner", f"{training.learner}, penalty {training.penalty:g}, seed {training.seed}"),
        ("Left out together", f"units of equal `{training.group_by}`, with the near-duplicates of each"),
        ("Features", _features(model, training)),
        *([] if training.meaning is None else [("Sentence encoder", _meaning(training.meaning))]),
        ("Weights", _rounding(training.rounding)),
        ("Rule", f"`{training.rule}`"),
        ("Unlike training", _unlike(model)),
        ("Languages not in training", _other_languages(model)),
        *(("Promised", line) for line in promise_lines(training.rule, training.rule_promise)),
        ("Never given", ", ".join(training.never_given) or "-"),
        ("Versions", ", ".join(f"{name} {number}" for name, number in training.versions.items())),
        ("Date", _date()),
    ]


def _review(training: Facts) -> list[str]:
    """Return the section on labels that are given and those to review, where they are parted."""
    if not training.review:
        return []
    return [
        "## Given, or to review",
        "Of the labels that the rule chooses, those from a probability on are given, the others are to review. "
        "All labels count together, on left-out articles. As many new groups of articles like these would keep "
        "the goal in 9 of 10 cases. The first goal that can be promised holds.",
        "\n".join(
            f"- `{one['goal']}`: {line}."
            for one, line in zip(training.review, review_lines(training.review), strict=True)
        ),
    ]


def _outlooks(training: Facts) -> list[str]:
    """Return the section on other ways of leaving out, where the corpus and the learner have any."""
    rows = outlook_rows(training.outlooks)
    if not rows:
        return []
    return [
        "## What tomorrow may look like",
        "The same recipe, judged on the finest labels where other things are left out together: the nearest to "
        "what you will use it for is the figure to expect. The last two columns set aside articles without a "
        "label and catch-all labels.",
        _table(OUTLOOK_HEADER, rows),
        " ".join(f"{line}." for line in outlook_lines(training.outlooks, training.new_articles)),
    ]


def _coders(coders: Mapping[str, Any]) -> list[str]:
    """Return the section on how coders agree, and what they score beside the model."""
    return [
        "## Beside the coders",
        f"{len(coders['coders'])} coders; {coders['n_articles']:,} articles have two or more. "
        f"{alpha_line(coders)} Each coder's F1 is against the majority of the others, and so is the model's "
        "below it, on the same articles. It has not learned from those that a tie leaves uncoded.",
        _table(CEILING_HEADER, ceiling_rows(coders["human_ceiling"])),
    ]


def _features(model: Model, training: Facts) -> str:
    n_features = len(model.ngrams.vocabulary)
    if n_features != max_features_of(training):
        return f"{n_features}: all n-grams of {training.min_df} units or more"
    return f"{n_features}, the most frequent: rarer ones are no part of any figure below"


def _meaning(meaning: MeaningFacts) -> str:
    named = ", ".join(
        f"{name} (`{digest[:12]}`)" for name, digest in zip(meaning.encoders, meaning.digests, strict=True)
    )
    kernel = f"kernel over sentence vectors with weight {meaning.weight:g}" if meaning.weight else "no kernel"
    described = "" if meaning.has_descriptions else "not "
    return f"{named}: {kernel}; likeness to the labels' descriptions is {described}used"


def max_features_of(training: Facts) -> int | None:
    """Return how many features there may be: twice as many with a background."""
    if training.max_features is None or training.background is None:
        return training.max_features
    return 2 * training.max_features


def _background(background: BackgroundFacts) -> list[str]:
    left = f", {background.n_duplicates} left out as near-duplicates" if background.n_duplicates else ""
    kept = (
        ""
        if background.max_firing is None
        else f" Every label was to keep to {1000 * background.max_firing:g} of 1,000 articles; "
        "the figures come from marks that were set on the other half of the feed."
    )
    rows = [
        (
            f"`{row['label']}`" if row["label"] else "any label",
            str(row["n_fired"]),
            f"{row['per_1000']:.1f} [{row['ci95'][0]:.1f}, {row['ci95'][1]:.1f}]",
        )
        for row in (background.any_label, *background.per_label)
    ]
    return [
        "## On a feed",
        f"The fit had {background.n_fitted} unlabelled articles of a feed of {background.n_read}{left}. Each "
        f"counted {background.weight:g} times as much as an annotated one; the {background.n_set_aside} that "
        "looked most like carrying a label were set aside. The table tells how often labels were given to "
        f"{background.n_articles} articles of the feed, rightly or wrongly, each by a fit without it. "
        f"In brackets: 95 % intervals.{kept}",
        _table(["label", "articles", "per 1,000"], rows),
    ]


def _rounding(rounding: Rounding) -> str:
    return (
        f"rounded to 8 bits; of {rounding.n_decisions} labels given to a sample of left-out articles, "
        f"this changes {rounding.n_changed}"
    )


def _date() -> str:
    epoch = os.environ.get("SOURCE_DATE_EPOCH")
    moment = datetime.now(UTC) if epoch is None else datetime.fromtimestamp(int(epoch), UTC)
    return moment.date().isoformat()


def _score_rows(metrics: Mapping[str, Any]) -> list[tuple[str, ...]]:
    return [
        (
            f"{SECTIONS.get(row['section'], row['section'])}, {LEVEL_NAMES[row['level']]}",
            *(with_interval(row, score) for score in SCORES),
            number(row["false_alarm_rate"]),
        )
        for row in f1_rows(metrics)
    ]


def _label_rows(model: Model, metrics: Mapping[str, Any]) -> list[tuple[str, ...]]:
    return [
        (
            f"`{row['label']}`",
            label.parent or "",
            str(row["support"]),
            *(number(row[name]) for name in ("precision", "recall", "f1")),
        )
        for label, row in zip(model.codebook.labels, metrics["per_label"], strict=True)
    ]


def _scope_parts(model: Model, metrics: Mapping[str, Any]) -> list[str]:
    """Return what texts must name for a label to be possible; nothing where no label has a scope."""
    if metrics["scope"] is None:
        return []
    n_units, n_outside = metrics["n_units"], metrics["scope"]["n_outside"]
    rows = [
        (
            f"`{row['label']}`",
            "any text" if terms is None else f"{len(terms)} terms",
            str(n_units - row["n_outside"]),
            str(row["n_missed"]),
        )
        for row, terms in zip(metrics["scope"]["per_label"], model.codebook.scopes, strict=True)
    ]
    return [
        "## Scope",
        "A label is possible only for a text that names one of the terms which the codebook lists for it, in "
        "any of its languages. Elsewhere its probability is 0, and it is never given; an annotated label out "
        f"of its scope counts as missed above. {n_outside} of the {n_units} training units name nothing of any "
        "scope.",
        _table(["label", "scope", "units in it", "missed outside"], rows),
    ]


def _table(header: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    lines = [header, ["---"] * len(header), *rows]
    return "\n".join(f"| {' | '.join(cell.replace('|', chr(92) + '|') for cell in line)} |" for line in lines)
