"""The commands ``push`` and ``pull``."""
# What takes a second to load is imported when a command runs.
# ruff: noqa: PLC0415

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from framescope.cli.options import ModelName
from framescope.cli.terminal import load_predictor, progress, write_line

RepositoryName = Annotated[
    str,
    typer.Argument(metavar="ORG/NAME", help="A repository of the Hugging Face hub, with @REVISION or without."),
]


def push(
    *,
    model: ModelName,
    repository: RepositoryName,
    is_public: Annotated[
        bool,
        typer.Option("--public", help="Let everybody read a repository that is made; by default nobody else."),
    ] = False,
) -> None:
    """Send a model and its card to the Hugging Face hub, verified first, in one commit.

    The record of training, which holds what was annotated, stays here. Log in with hf auth login, or HF_TOKEN.
    """
    from framescope.bundle.hub import push as pushed

    bundle = load_predictor(model).bundle
    with progress("Sending"):
        address = pushed(bundle.path, repository, is_private=not is_public)
    write_line(f"Sent to {address}.")


def pull(
    *,
    repository: RepositoryName,
    output: Annotated[Path, typer.Argument(metavar="OUTPUT", help="Folder of the model.")],
    force: Annotated[bool, typer.Option("--force", help="Replace the model that is there.")] = False,
) -> None:
    """Fetch a model from the Hugging Face hub into a folder, and verify it; nothing of it is run."""
    from framescope.bundle.hub import pull as pulled

    with progress("Fetching"):
        bundle = pulled(repository, output, force=force)
    write_line(f"Saved to {output}: {bundle.model.codebook.name}, digest {bundle.digest[:12]}.")
