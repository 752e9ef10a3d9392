"""Metrics and findings as tables for people."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from textwrap import shorten
from typing import TYPE_CHECKING, Any

from rich.box import SIMPLE
from rich.table import Table

from framescope.measure.shown import (
    CEILING_HEADER,
    OUTLOOK_HEADER,
    SCORE_NAMES,
    SCORES,
    calibration_rows,
    ceiling_rows,
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
    from framescope.coding.choosing import Suggestion
    from framescope.corpus.audit import Audit
    from framescope.corpus.journal import Entry
    from framescope.evaluation.comparison import Comparison
    from framescope.evaluation.drift import Drift
    from framescope.measure.agreement import Agreement
    from framescope.overview.contents import Overview
    from framescope.pages.views import ModelView
    from framescope.training.background import FiredArticle

N_DISPUTED = 10

N_SHOWN = 60
"""Characters of a text in a table."""

F1_CAPTION = ": F1 with 95 % intervals"


def f1_table(rows: Iterable[Mapping[str, Any]], title: str) -> Table:
    """Return the rows of ``measure.f1.f1_rows``: overall, languages, baselines."""
    table = _table(title, ["", "level"], [*SCORES.values(), "false alarms"])
    for row in rows:
        _add(table, *score_row(row))
    return table


def label_table(metrics: Mapping[str, Any]) -> Table:
    """Return what became of every label; those that were never given are named below."""
    measures = {"precision": "precision", "recall": "recall", "f1": "F1", "average_precision": "avg. precision"}
    scope = metrics["scope"]
    table = _table(
        "Labels", ["label"], ["support", *measures.values(), *(["missed out of scope"] if scope else [])]
    )
    missed = {row["label"]: str(row["n_missed"]) for row in scope["per_label"]} if scope else {}
    never = [f"{row['label']} ({row['support']})" for row in metrics["per_label"] if row["precision"] is None]
    for row in metrics["per_label"]:
        if row["precision"] is not None:
            own = [missed[row["label"]]] if scope else []
            scores = (number(row[measure]) for measure in measures)
            _add(table, row["label"], str(row["support"]), *scores, *own)
    if never:
        table.caption, table.caption_justify = visible(f"Never given (support): {', '.join(never)}."), "left"
    return table


def firing_table(background: BackgroundFacts) -> Table:
    """Return how often labels fire on a background, those that do first."""
    title = f"Labels given to {background.n_articles:,} articles of the background that a fit did not have"
    table = _table(title, ["label"], ["articles", "per 1,000", "95 % interval"])
    fired = [row for row in background.per_label if row["n_fired"]]
    for row in [background.any_label, *sorted(fired, key=lambda row: -row["n_fired"])]:
        low, high = row["ci95"]
        interval = f"{low:.1f} to {high:.1f}"
        _add(table, row["label"] or "any label", str(row["n_fired"]), f"{row['per_1000']:.1f}", interval)
    return table


def fired_table(articles: Iterable[FiredArticle]) -> Table:
    """Return articles of a background in the order to read them in."""
    table = _table("Of these, read first", ["id", "file", "given", "most probable label"], ["probability"])
    for article in articles:
        given = ", ".join(article.labels) or "-"
        _add(table, article.id, article.path, given, article.most_likely, f"{article.probability:.3f}")
    return table


def calibration_table(metrics: Mapping[str, Any]) -> Table:
    """Return how far the probabilities can be trusted."""
    table = _table("Probabilities", ["measure"], ["value"])
    for name, value in calibration_rows(metrics):
        _add(table, name, value)
    return table


def outlook_tables(facts: Facts) -> list[Table]:
    """Return how the recipe fares in several ways of leaving out; nothing where it was judged in one only."""
    table = _table(
        "What tomorrow may look like: F1 of the finest labels", OUTLOOK_HEADER[:1], OUTLOOK_HEADER[1:]
    )
    for row in outlook_rows(facts.outlooks):
        table.add_row(*row)
    table.caption = "\n".join(f"{line}." for line in outlook_lines(facts.outlooks, facts.new_articles))
    table.caption_justify = "left"
    return [table] if table.row_count else []


def kind_tables(metrics: Mapping[str, Any]) -> list[Table]:
    """Return the false alarms by kind of unlabelled units; nothing for a corpus that names no kinds."""
    table = _table("False alarms", ["units without a label"], ["units", "given one"])
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
    table = _table("Model", ["", "value"], [])
    for row in rows:
        _add(table, *row)
    return table


def ngram_table(labels: Iterable[Mapping[str, Any]], n_top: int) -> Table:
    """Return every label's F1 and the n-grams that speak most for it, parts of words between dots."""
    table = _table("Labels", ["label"], ["support", "F1"])
    table.add_column("speaks for it", overflow="fold")
    for row in labels:
        ngrams = [ngram(one["text"], is_part=one["is_part"]) for one in row["top_ngrams"][:n_top]]
        name = row["label"] if row["parent"] is None else f"  {row['label']}"
        support = "-" if row["support"] is None else str(row["support"])
        _add(table, name, support, number(row["f1"]), ", ".join(ngrams))
    return table


def audit_tables(findings: Audit) -> list[Table]:
    """Return the findings, and the number of units of each label."""
    found = _table("Findings", ["", "found"], [])
    for name, value in findings.rows():
        _add(found, name, value)
    languages = list(findings.languages)
    scoped = ["out of scope"] if findings.has_scopes else []
    named = (language or "not given" for language in languages)
    counts = _table("Labels", ["label"], ["units", *named, *scoped])
    for count in findings.labels:
        label = count.label if count.parent is None else f"  {count.label}"
        per_language = (str(count.by_language.get(language, 0)) for language in languages)
        outside = "-" if count.n_out_of_scope is None else str(count.n_out_of_scope)
        _add(counts, label, str(count.n_units), *per_language, *([outside] if scoped else []))
    return [found, counts]


def agreement_tables(found: Agreement) -> list[Table]:
    """Return how coders agree: in all, by label, two by two; how they would score; where they differ most."""
    overall = _table("Agreement of coders", ["", "value"], [])
    alpha = f"{number(found.alpha)} {interval(found.ci95)}".strip()
    for name, value in (
        ("articles coded by two or more", f"{found.n_articles:,}"),
        ("coders (articles)", ", ".join(f"{name} ({n:,})" for name, n in found.coders.items())),
        ("alpha of label sets (MASI distance)", alpha),
        ("pairs of codings with the same labels", number(found.same_sets)),
    ):
        _add(overall, name, value)
    labels = _table("Labels", ["label"], ["alpha", "95 % interval", "agreement", "prevalence"])
    for label in found.labels:
        name = label.label if label.parent is None else f"  {label.label}"
        shares = (number(label.percent_agreement), number(label.prevalence))
        _add(labels, name, number(label.alpha), interval(label.ci95), *shares)
    pairs = _table("Pairs of coders", ["coders"], ["articles", "alpha", "same labels"])
    for pair in found.pairs:
        numbers = (f"{pair.n_articles:,}", number(pair.alpha), number(pair.same_sets))
        _add(pairs, " and ".join(pair.coders), *numbers)
    return [labels, pairs, *ceiling_tables(found.human_ceiling), *_disputed_tables(found), overall]


def ceiling_tables(ceiling: Mapping[str, Any] | None) -> list[Table]:
    """Return the F1 of coders, and a model's beside them where there is one; nothing for no coders."""
    title = "Human ceiling: F1 of coders against the majority of the others, with 95 % intervals"
    table = _table(title, CEILING_HEADER[:2], CEILING_HEADER[2:])
    for row in [] if ceiling is None else ceiling_rows(ceiling):
        _add(table, *row)
    return [table] if table.row_count else []


def _disputed_tables(found: Agreement) -> list[Table]:
    """Return the first labels in dispute; nothing where coders agree on all."""
    table = _table(
        "Where coders differ, the most disputed articles first", ["id", "label", "given by", "not by"], []
    )
    for one in found.disagreements[:N_DISPUTED]:
        _add(table, one.id, one.label, ", ".join(one.given_by), ", ".join(one.not_given_by))
    n_more = len(found.disagreements) - N_DISPUTED
    if n_more > 0:
        table.caption, table.caption_justify = f"And {n_more:,} more: --disagreements FILE.", "left"
    return [table] if table.row_count else []


def suggestion_table(found: Sequence[Suggestion]) -> Table:
    """Return what to code next, and why."""
    table = _table("To code next", ["id", "why", "in doubt", "text"], ["doubt"])
    for one in found:
        doubts = "\n".join(f"{label} {probability:.2f}" for label, probability in one.doubts.items())
        text = shorten(one.unit.read, N_SHOWN, placeholder=" ...")
        _add(table, one.unit.id, one.why, doubts or "-", text, f"{one.uncertainty:.3f}")
    return table


def change_table(entry: Entry) -> Table:
    """Return what one step did to the labels of a corpus."""
    title = f"{entry.time}, {entry.action}: {entry.source}"
    table = _table(title, ["id", "before", "after", "verdict", "coder", "note"], [])
    for change in entry.changes:
        before = "uncoded" if change.before is None else "\n".join(change.before) or "-"
        said = zip(*((f"{one.label} {one.verdict}", one.coder, one.note) for one in change.by), strict=True)
        _add(table, change.id, before, "\n".join(change.after or ()) or "-", *map("\n".join, said))
    table.caption = f"From {entry.before[:12]} to {entry.after[:12]}."
    table.caption_justify = "left"
    return table


def overview_table(found: Overview) -> Table:
    """Return the share of each label in all articles, the commonest first."""
    origin, cells = found.origin, found.tables[0]
    table = _table(
        f"{origin.n_articles:,} {origin.unit}s of {origin.name}",
        ["label"],
        ["share", "95 % interval", "counted"],
    )
    for column in sorted(range(len(found.labels)), key=lambda column: -cells.share[0, column]):
        ends = f"{cells.low[0, column]:.1%} to {cells.high[0, column]:.1%}"
        share, counted = f"{cells.share[0, column]:.1%}", f"{cells.counted[0, column]:.1%}"
        _add(table, found.labels[column].id, share, ends, counted)
    return table


def predicted(rows: Sequence[Mapping[str, Any]]) -> Table:
    """Return predictions for people: the beginning of each text, and its labels with their probabilities."""
    table = _table("Predictions", ["id", "text", "given", "to review"], [])
    for row in map(with_review, rows):
        found = probabilities_of(row)
        given, to_review = (
            "\n".join(f"{label} {found[label]:.2f}" for label in row[which]) for which in (GIVEN, TO_REVIEW)
        )
        if row.get("unlike_training"):
            given = f"(unlike training)\n{given}".rstrip()
        _add(table, row["id"], shorten(row["text"], N_SHOWN, placeholder=" ..."), given or "-", to_review)
    return table


def difference_tables(found: Comparison) -> Iterator[Table]:
    """Return the scores of two models with their differences: of all units and languages, and of each label."""
    title = f"{found.second} against {found.first} on {found.n_units:,} units, by {found.group_by}"
    for of_labels, name in ((False, title), (True, "Labels")):
        first = ["label"] if of_labels else ["", "level"]
        table = _table(name, [*first, "score"], [found.first, found.second, "difference", "95 %", ""])
        for row in found.differences:
            if bool(row.label) == of_labels:
                place = [row.label] if of_labels else [row.section, row.level]
                values = (number(value, 3) for value in (row.first, row.second))
                change = "-" if row.difference is None else f"{row.difference:+.3f}"
                sure = "clear" if row.is_clear else ""
                _add(
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
    table = _table("Articles apart", ["id", "labels", found.first, found.second], ["gain"])
    for one in found.articles:
        sets = ("\n".join(labels) or "-" for labels in (one.labels, one.first, one.second))
        _add(table, one.id, *sets, f"{one.gain:+.2f}")
    return table


def drift_table(found: Drift) -> Table:
    """Return what has changed between two samples of texts."""
    title = f"From {found.n_old:,} old to {found.n_new:,} new texts"
    table = _table(title, ["", "label"], ["old", "new", "change", "95 %", ""])
    for row in found.changes:
        change = "-" if row.difference is None else f"{row.difference:+.3f}"
        sure = "clear" if row.is_clear else ""
        _add(table, row.measure, row.label, number(row.old), number(row.new), change, interval(row.ci95), sure)
    return table


def explained_labels(model: ModelView) -> Table:
    """Return the labels that are given, and those that came near, most probable first."""
    table = _table("Labels", ["", "label", "probability", "which means"], [])
    explained = [label for label in model.labels if label.is_given or label.evidence is not None]
    for label in sorted(explained, key=lambda label: -label.probability):
        given = label.tag or ("yes" if label.is_given else "no")
        if label.is_to_review:
            given += ", to review"
        _add(table, given, label.name, f"{label.probability:.3f}", label.meaning)
    return table


def explained_sentences(model: ModelView) -> Table:
    """Return what speaks most for each given label: units it is given to, or sentences with what they add."""
    table = _table("What speaks for them", ["", "text"], ["probability" if model.is_part else "adds"])
    for label in model.given:
        judged = [(unit.text, unit.probability) for unit in label.units if unit.is_given]
        sentences = label.evidence.sentences.speak_for if label.evidence is not None else ()
        for text, value in judged if model.is_part else [(part.text, part.value) for part in sentences]:
            _add(table, label.tag, text, number(value))
    return table


def _add(table: Table, *cells: str | None) -> None:
    """Add a row; whatever is in the cells, none of it steers the terminal."""
    table.add_row(*(None if cell is None else visible(cell) for cell in cells))


def _table(title: str, texts: Sequence[str], numbers: Sequence[str]) -> Table:
    table = Table(title=visible(title), title_justify="left", box=SIMPLE, pad_edge=False)
    for name in texts:
        table.add_column(visible(name), overflow="fold")
    for name in numbers:
        table.add_column(visible(name), justify="right", no_wrap=True)
    return table
