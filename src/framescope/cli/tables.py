"""Metrics and findings as tables for people."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from textwrap import shorten
from typing import TYPE_CHECKING, Any

from rich.box import SIMPLE
from rich.table import Table

from framescope.measure.shown import (
    OUTLOOK_HEADER,
    SCORE_NAMES,
    SCORES,
    calibration_rows,
    interval,
    kind_rows,
    ngram,
    number,
    outlook_lines,
    outlook_rows,
    score_row,
)
from framescope.visible import visible
from framescope.wide import GIVEN, TO_REVIEW, probabilities_of, with_review

if TYPE_CHECKING:
    from framescope.bundle.facts import BackgroundFacts, Facts
    from framescope.corpus.audited import Audit
    from framescope.evaluation.comparison import Comparison
    from framescope.evaluation.drift import Drift
    from framescope.overview.contents import Overview
    from framescope.pages.views import ModelView
    from framescope.training.background import FiredArticle

N_SHOWN = 60
"""Characters of a text in a table."""

F1_CAPTION = ": F1 with 95 % intervals"


def f1_table(rows: Iterable[Mapping[str, Any]], title: str) -> Table:
    """Return the rows of ``measure.f1.f1_rows``: overall, languages, baselines."""
    table = new_table(title, ["", "level"], [*SCORES.values(), "false alarms"])
    for row in rows:
        add_row(table, *score_row(row))
    return table


def label_table(metrics: Mapping[str, Any]) -> Table:
    """Return what became of every label; those that were never given are named below."""
    measures = {"precision": "precision", "recall": "recall", "f1": "F1", "average_precision": "avg. precision"}
    scope = metrics["scope"]
    table = new_table(
        "Labels", ["label"], ["support", *measures.values(), *(["missed out of scope"] if scope else [])]
    )
    missed = {row["label"]: str(row["n_missed"]) for row in scope["per_label"]} if scope else {}
    never = [f"{row['label']} ({row['support']})" for row in metrics["per_label"] if row["precision"] is None]
    for row in metrics["per_label"]:
        if row["precision"] is not None:
            own = [missed[row["label"]]] if scope else []
            scores = (number(row[measure]) for measure in measures)
            add_row(table, row["label"], str(row["support"]), *scores, *own)
    if never:
        table.caption, table.caption_justify = visible(f"Never given (support): {', '.join(never)}."), "left"
    return table


def firing_table(background: BackgroundFacts) -> Table:
    """Return how often labels fire on a background, those that do first."""
    title = f"Labels given to {background.n_articles:,} articles of the background that a fit did not have"
    table = new_table(title, ["label"], ["articles", "per 1,000", "95 % interval"])
    fired = [row for row in background.per_label if row["n_fired"]]
    for row in [background.any_label, *sorted(fired, key=lambda row: -row["n_fired"])]:
        low, high = row["ci95"]
        interval = f"{low:.1f} to {high:.1f}"
        add_row(table, row["label"] or "any label", str(row["n_fired"]), f"{row['per_1000']:.1f}", interval)
    return table


def fired_table(articles: Iterable[FiredArticle]) -> Table:
    """Return articles of a background in the order to read them in."""
    table = new_table("Of these, read first", ["id", "file", "given", "most probable label"], ["probability"])
    for article in articles:
        given = ", ".join(article.labels) or "-"
        add_row(table, article.id, article.path, given, article.most_likely, f"{article.probability:.3f}")
    return table


def calibration_table(metrics: Mapping[str, Any]) -> Table:
    """Return how far the probabilities can be trusted."""
    table = new_table("Probabilities", ["measure"], ["value"])
    for name, value in calibration_rows(metrics):
        add_row(table, name, value)
    return table


def outlook_tables(facts: Facts) -> list[Table]:
    """Return how the recipe fares in several ways of leaving out; nothing where it was judged in one only."""
    table = new_table(
        "What tomorrow may look like: F1 of the finest labels", OUTLOOK_HEADER[:1], OUTLOOK_HEADER[1:]
    )
    for row in outlook_rows(facts.outlooks):
        table.add_row(*row)
    table.caption = "\n".join(f"{line}." for line in outlook_lines(facts.outlooks, facts.new_articles))
    table.caption_justify = "left"
    return [table] if table.row_count else []


def kind_tables(metrics: Mapping[str, Any]) -> list[Table]:
    """Return the false alarms by kind of unlabelled units; nothing for a corpus that names no kinds."""
    table = new_table("False alarms", ["units without a label"], ["units", "given one"])
    for row in kind_rows(metrics):
        table.add_row(*row)
    return [table] if table.row_count else []


def scope_line(metrics: Mapping[str, Any]) -> str:
    """Return how many units were out of every label's scope; nothing where no label has one."""
    if metrics["scope"] is None:
        return ""
    n_outside, n_units = metrics["scope"]["n_outside"], metrics["n_units"]
    return f"{n_outside} of {n_units} units name nothing of any label's scope, and are given none."


def fact_table(rows: Iterable[tuple[str, str]]) -> Table:
    """Return what a model is."""
    table = new_table("Model", ["", "value"], [])
    for row in rows:
        add_row(table, *row)
    return table


def ngram_table(labels: Iterable[Mapping[str, Any]], n_top: int) -> Table:
    """Return every label's F1 and the n-grams that speak most for it, parts of words between dots."""
    table = new_table("Labels", ["label"], ["support", "F1"])
    table.add_column("speaks for it", overflow="fold")
    for row in labels:
        ngrams = [ngram(one["text"], is_part=one["is_part"]) for one in row["top_ngrams"][:n_top]]
        name = row["label"] if row["parent"] is None else f"  {row['label']}"
        support = "-" if row["support"] is None else str(row["support"])
        add_row(table, name, support, number(row["f1"]), ", ".join(ngrams))
    return table


def audit_tables(findings: Audit, *, to_train: str) -> list[Table]:
    """Return the findings with the memory that training takes, and the number of units of each label."""
    found = new_table("Findings", ["", "found"], [])
    for name, value in findings.rows():
        add_row(found, name, value)
    add_row(found, "memory to train", to_train)
    languages = list(findings.languages)
    scoped = ["out of scope"] if findings.has_scopes else []
    named = (language or "not given" for language in languages)
    counts = new_table("Labels", ["label"], ["units", *named, *scoped])
    for count in findings.labels:
        label = count.label if count.parent is None else f"  {count.label}"
        per_language = (str(count.by_language.get(language, 0)) for language in languages)
        outside = "-" if count.n_out_of_scope is None else str(count.n_out_of_scope)
        add_row(counts, label, str(count.n_units), *per_language, *([outside] if scoped else []))
    return [found, counts]


def overview_table(found: Overview) -> Table:
    """Return the share of each label in all articles, the commonest first."""
    origin, cells = found.origin, found.tables[0]
    table = new_table(
        f"{origin.n_articles:,} {origin.unit}s of {origin.name}",
        ["label"],
        ["share", "95 % interval", "counted"],
    )
    for column in sorted(range(len(found.labels)), key=lambda column: -cells.share[0, column]):
        ends = f"{cells.low[0, column]:.1%} to {cells.high[0, column]:.1%}"
        share, counted = f"{cells.share[0, column]:.1%}", f"{cells.counted[0, column]:.1%}"
        add_row(table, found.labels[column].id, share, ends, counted)
    return table


def predicted(rows: Sequence[Mapping[str, Any]]) -> Table:
    """Return predictions for people: the beginning of each text, and its labels with their probabilities."""
    table = new_table("Predictions", ["id", "text", "given", "to review"], [])
    for row in map(with_review, rows):
        found = probabilities_of(row)
        given, to_review = (
            "\n".join(f"{label} {found[label]:.2f}" for label in row[which]) for which in (GIVEN, TO_REVIEW)
        )
        if row.get("unlike_training"):
            given = f"(unlike training)\n{given}".rstrip()
        add_row(table, row["id"], shorten(row["text"], N_SHOWN, placeholder=" ..."), given or "-", to_review)
    return table


def difference_tables(found: Comparison) -> Iterator[Table]:
    """Return the scores of two models with their differences: of all units and languages, and of each label."""
    title = f"{found.second} against {found.first} on {found.n_units:,} units, by {found.group_by}"
    for of_labels, name in ((False, title), (True, "Labels")):
        first = ["label"] if of_labels else ["", "level"]
        table = new_table(name, [*first, "score"], [found.first, found.second, "difference", "95 %", ""])
        for row in found.differences:
            if bool(row.label) == of_labels:
                place = [row.label] if of_labels else [row.section, row.level]
                values = (number(value, 3) for value in (row.first, row.second))
                change = "-" if row.difference is None else f"{row.difference:+.3f}"
                sure = "clear" if row.is_clear else ""
                add_row(
                    table,
                    *place,
                    SCORE_NAMES.get(row.score, row.score),
                    *values,
                    change,
                    interval(row.ci95, 3),
                    sure,
                )
        yield table


def apart_table(found: Comparison) -> Table:
    """Return the articles that tell two models apart."""
    table = new_table("Articles apart", ["id", "labels", found.first, found.second], ["gain"])
    for one in found.articles:
        sets = ("\n".join(labels) or "-" for labels in (one.labels, one.first, one.second))
        add_row(table, one.id, *sets, f"{one.gain:+.2f}")
    return table


def drift_table(found: Drift) -> Table:
    """Return what has changed between two samples of texts."""
    title = f"From {found.n_old:,} old to {found.n_new:,} new texts"
    table = new_table(title, ["", "label"], ["old", "new", "change", "95 %", ""])
    for row in found.changes:
        change = "-" if row.difference is None else f"{row.difference:+.3f}"
        sure = "clear" if row.is_clear else ""
        add_row(
            table, row.measure, row.label, number(row.old), number(row.new), change, interval(row.ci95), sure
        )
    return table


def explained_labels(model: ModelView) -> Table:
    """Return the labels that are given, and those that came near, most probable first."""
    table = new_table("Labels", ["", "label", "probability", "which means"], [])
    explained = [label for label in model.labels if label.is_given or label.evidence is not None]
    for label in sorted(explained, key=lambda label: -label.probability):
        given = label.tag or ("yes" if label.is_given else "no")
        if label.is_to_review:
            given += ", to review"
        add_row(table, given, label.name, f"{label.probability:.3f}", label.meaning)
    return table


def explained_sentences(model: ModelView) -> Table:
    """Return what speaks most for each given label: units it is given to, or sentences with what they add."""
    table = new_table("What speaks for them", ["", "text"], ["probability" if model.is_part else "adds"])
    for label in model.given:
        judged = [(unit.text, unit.probability) for unit in label.units if unit.is_given]
        sentences = label.evidence.sentences.speak_for if label.evidence is not None else ()
        for text, value in judged if model.is_part else [(part.text, part.value) for part in sentences]:
            add_row(table, label.tag, text, number(value))
    return table


def add_row(table: Table, *cells: str | None) -> None:
    """Add a row; whatever is in the cells, none of it steers the terminal."""
    table.add_row(*(None if cell is None else visible(cell) for cell in cells))


def new_table(title: str, texts: Sequence[str], numbers: Sequence[str]) -> Table:
    """Return an empty table with columns of texts and then of numbers."""
    table = Table(title=visible(title), title_justify="left", box=SIMPLE, pad_edge=False)
    for name in texts:
        table.add_column(visible(name), overflow="fold")
    for name in numbers:
        table.add_column(visible(name), justify="right", overflow="fold")
    return table
