"""The command ``export-joblib``."""
# What takes a second to load is imported when a command runs.
# ruff: noqa: PLC0415

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from framescope.cli.options import ModelName
from framescope.cli.terminal import tell, write_line
from framescope.files import check_file


def export_joblib(
    *,
    model: ModelName,
    file: Annotated[Path, typer.Argument(metavar="FILE", help="Where to write.")],
    force: Annotated[bool, typer.Option("--force", help="Replace the file that is there.")] = False,
) -> None:
    """Write a model as a scikit-learn pipeline in a joblib file, which can run code when it is loaded."""
    from framescope import export
    from framescope.predictor import Predictor

    check_file(file)
    export.export_joblib(Predictor.load(model).bundle.model, file, force=force)
    tell(f"warning: {export.RISK}")
    write_line(f"Saved to {file}.")
