"""Coders, what they are to code next and what they have corrected, as tables for people."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from textwrap import shorten
from typing import TYPE_CHECKING, Any

from rich.table import Table

from framescope.cli.tables import N_SHOWN, add_row, new_table
from framescope.measure.shown import CEILING_HEADER, ceiling_rows, interval, number

if TYPE_CHECKING:
    from framescope.coding.choosing import Suggestion
    from framescope.corpus.journal import Entry
    from framescope.measure.agreement import Agreement

N_DISPUTED = 10


def agreement_tables(found: Agreement) -> list[Table]:
    """Return how coders agree: in all, by label, two by two; how they would score; where they differ most."""
    overall = new_table("Agreement of coders", ["", "value"], [])
    alpha = f"{number(found.alpha)} {interval(found.ci95)}".strip()
    for name, value in (
        ("articles coded by two or more", f"{found.n_articles:,}"),
        ("coders (articles)", ", ".join(f"{name} ({n:,})" for name, n in found.coders.items())),
        ("alpha of label sets (MASI distance)", alpha),
        ("pairs of codings with the same labels", number(found.same_sets)),
    ):
        add_row(overall, name, value)
    labels = new_table("Labels", ["label"], ["alpha", "95 % interval", "agreement", "prevalence"])
    for label in found.labels:
        name = label.label if label.parent is None else f"  {label.label}"
        shares = (number(label.percent_agreement), number(label.prevalence))
        add_row(labels, name, number(label.alpha), interval(label.ci95), *shares)
    pairs = new_table("Pairs of coders", ["coders"], ["articles", "alpha", "same labels"])
    for pair in found.pairs:
        numbers = (f"{pair.n_articles:,}", number(pair.alpha), number(pair.same_sets))
        add_row(pairs, " and ".join(pair.coders), *numbers)
    return [labels, pairs, *ceiling_tables(found.human_ceiling), *_disputed_tables(found), overall]


def ceiling_tables(ceiling: Mapping[str, Any] | None) -> list[Table]:
    """Return the F1 of coders, and a model's beside them where there is one; nothing for no coders."""
    title = "Human ceiling: F1 of coders against the majority of the others, with 95 % intervals"
    table = new_table(title, CEILING_HEADER[:2], CEILING_HEADER[2:])
    for row in [] if ceiling is None else ceiling_rows(ceiling):
        add_row(table, *row)
    return [table] if table.row_count else []


def _disputed_tables(found: Agreement) -> list[Table]:
    """Return the first labels in dispute; nothing where coders agree on all."""
    table = new_table(
        "Where coders differ, the most disputed articles first", ["id", "label", "given by", "not by"], []
    )
    for one in found.disagreements[:N_DISPUTED]:
        add_row(table, one.id, one.label, ", ".join(one.given_by), ", ".join(one.not_given_by))
    n_more = len(found.disagreements) - N_DISPUTED
    if n_more > 0:
        table.caption, table.caption_justify = f"And {n_more:,} more: --disagreements FILE.", "left"
    return [table] if table.row_count else []


def suggestion_table(found: Sequence[Suggestion]) -> Table:
    """Return what to code next, and why."""
    table = new_table("To code next", ["id", "why", "in doubt", "text"], ["doubt"])
    for one in found:
        doubts = "\n".join(f"{label} {probability:.2f}" for label, probability in one.doubts.items())
        text = shorten(one.unit.read, N_SHOWN, placeholder=" ...")
        add_row(table, one.unit.id, one.why, doubts or "-", text, f"{one.uncertainty:.3f}")
    return table


def change_table(entry: Entry) -> Table:
    """Return what one step did to the labels of a corpus."""
    title = f"{entry.time}, {entry.action}: {entry.source}"
    table = new_table(title, ["id", "before", "after", "verdict", "coder", "note"], [])
    for change in entry.changes:
        before = "uncoded" if change.before is None else "\n".join(change.before) or "-"
        said = zip(*((f"{one.label} {one.verdict}", one.coder, one.note) for one in change.by), strict=True)
        add_row(table, change.id, before, "\n".join(change.after or ()) or "-", *map("\n".join, said))
    table.caption = f"From {entry.before[:12]} to {entry.after[:12]}."
    table.caption_justify = "left"
    return table
