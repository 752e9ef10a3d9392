"""The command ``serve``."""
# What takes a second to load is imported when a command runs.
# ruff: noqa: PLC0415

from __future__ import annotations

from importlib.util import find_spec
from pathlib import Path
from typing import Annotated

import typer

from framescope.cli.score import Address, EngineName
from framescope.cli.terminal import tell
from framescope.errors import FramescopeError
from framescope.serve.settings import FOLDER, LOOPBACK, PORT

PACKAGES = ("starlette", "uvicorn", "python_multipart")


def serve(  # noqa: PLR0913 - a command
    *,
    models: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="[MODEL]...",
            help="Models, by folder or name in models/; default: all there, the newest first.",
        ),
    ] = None,
    port: Annotated[int, typer.Option(metavar="N", min=0, max=65535, help="Port; 0 takes a free one.")] = PORT,
    host: Annotated[
        str, typer.Option(metavar="HOST", help="Address to listen on. Others than 127.0.0.1 need a token.")
    ] = LOOPBACK,
    token: Annotated[
        str,
        typer.Option(metavar="TOKEN", envvar="FRAMESCOPE_TOKEN", help="Secret that every request must bring."),
    ] = "",
    allow_host: Annotated[
        list[str] | None,
        typer.Option(metavar="NAME", help="A further name of the server, as behind a proxy. Repeatable."),
    ] = None,
    folder: Annotated[
        Path, typer.Option(metavar="DIR", help="Working folder for uploads, results and corrections.")
    ] = FOLDER,
    workers: Annotated[
        int, typer.Option(metavar="N", min=1, help="Processes that answer requests; they share the models.")
    ] = 1,
    engine: EngineName = None,
    address: Address = None,
    corpus: Annotated[
        str,
        typer.Option(
            metavar="CORPUS", help="What the models were trained on: a retraining learns from it, too."
        ),
    ] = "",
    retrain_after: Annotated[
        int,
        typer.Option(metavar="N", min=1, help="Train anew after so many annotations in Label Studio."),
    ] = 10,
    no_browser: Annotated[bool, typer.Option("--no-browser", help="Open no browser.")] = False,
) -> None:
    """Open a page to work in, and answer programs, until Ctrl+C.

    Everything stays on this computer, unless --host says otherwise.
    """
    missing = [name for name in PACKAGES if find_spec(name) is None]
    if missing:
        raise FramescopeError(f'needs {", ".join(missing)}: pip install "framescope[serve]"')
    from framescope.serve.server import run_server
    from framescope.serve.settings import Settings

    settings = Settings(
        models=tuple(models or ()),
        folder=folder,
        host=host,
        port=port,
        token=token,
        hosts=tuple(allow_host or ()),
        n_workers=workers,
        engine=engine,
        address=address,
        corpus=corpus,
        retrain_after=retrain_after,
    )
    run_server(settings, tell=tell, opens_browser=not no_browser)
