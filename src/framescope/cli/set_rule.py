"""The command ``set-rule``."""
# What takes a second to load is imported when a command runs.
# ruff: noqa: PLC0415

from __future__ import annotations

import math
from pathlib import Path
from typing import Annotated

import typer

from framescope.cli.options import ModelName
from framescope.cli.tables import f1_table
from framescope.cli.terminal import load_predictor, progress, show, tell, write_line

NEVER = "never"


def set_rule(
    *,
    model: ModelName,
    output: Annotated[Path, typer.Argument(metavar="OUTPUT", help="Folder of the new model.")],
    rule: Annotated[
        str | None,
        typer.Option(
            metavar="RULE", help="samples-f1, micro-f1, macro-f1, precision>=P or recall>=R; default: as it is."
        ),
    ] = None,
    label: Annotated[
        list[str] | None,
        typer.Option(
            metavar="LABEL:CUT",
            help="Probability from which a label is given, such as fear:0.7, or fear:never. Under samples-f1 "
            "the label is withheld below it. Repeatable.",
        ),
    ] = None,
    force: Annotated[bool, typer.Option("--force", help="Replace the model that is there.")] = False,
) -> None:
    """Make a model with the same weights and another decision rule.

    The rule is fitted to what training recorded of left-out articles, and judged on each tenth of their groups
    by a rule of the others. The card says what was changed, and has the new figures.
    """
    from framescope.bundle.write import check_output
    from framescope.measure.f1 import f1_rows
    from framescope.training.new_rule import set_rule as changed

    cuts = dict(map(_cut_of, label or []))
    check_output(output, force=force)
    bundle = load_predictor(model).bundle
    with progress("Judging the rule"):
        made = changed(bundle, rule=rule, cuts=cuts)
    made.save(output, force=force)
    for line in made.training.changes[-1:]:
        tell(line)
    for line in made.warnings:
        tell(f"warning: {line}")
    show(f1_table(f1_rows(made.metrics), "Left-out articles"))
    write_line(f"Saved to {output}.")


def _cut_of(given: str) -> tuple[str, float]:
    label, _, cut = given.rpartition(":")
    try:
        value = math.inf if cut == NEVER else float(cut)
    except ValueError:
        label = ""
    if not label or math.isnan(value):
        expected = "expected a label and a probability, such as fear:0.7, or fear:never"
        raise typer.BadParameter(f"{given!r}: {expected}", param_hint="--label")
    return label, value
