"""The command line: arguments in, exit code out; with its private modules the only place that prints.

Results go to standard output, messages to standard error. Exit codes: 0, 1 for a failure, 2 for wrong usage,
130 after an interruption.
"""

from __future__ import annotations

import functools
import os
import sys
from collections.abc import Callable, Sequence
from contextlib import suppress
from importlib.metadata import version
from io import TextIOWrapper
from typing import Annotated, Any

import typer

from framescope.cli.agreement import agreement
from framescope.cli.audit import audit
from framescope.cli.codebook import codebook
from framescope.cli.compare import compare
from framescope.cli.correct import correct, journal
from framescope.cli.doubts import doubts
from framescope.cli.drift import drift
from framescope.cli.evaluate import evaluate
from framescope.cli.explain import explain
from framescope.cli.export import export_joblib
from framescope.cli.export_tasks import export
from framescope.cli.hub import pull, push
from framescope.cli.inspect import inspect
from framescope.cli.methods import methods
from framescope.cli.next import next as next_
from framescope.cli.overview import overview
from framescope.cli.predict import predict
from framescope.cli.report import report
from framescope.cli.score import score, verify
from framescope.cli.serve import serve
from framescope.cli.set_rule import set_rule
from framescope.cli.terminal import tell, write_line
from framescope.cli.train import train
from framescope.errors import FramescopeError
from framescope.visible import visible

COMMANDS = (
    train,
    evaluate,
    audit,
    codebook,
    predict,
    export_joblib,
    explain,
    inspect,
    report,
    score,
    verify,
    set_rule,
    agreement,
    next_,
    doubts,
    correct,
    journal,
    compare,
    drift,
    overview,
    export,
    push,
    pull,
    methods,
    serve,
)

app = typer.Typer(
    help="Find framing in news: narratives, frames and persuasion techniques.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)


def main(arguments: Sequence[str] | None = None) -> None:
    """Run a command and exit; without arguments, those of the process."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, TextIOWrapper):  # JSON is UTF-8, whatever the locale
            stream.reconfigure(encoding="utf-8", errors="backslashreplace")
    app(args=arguments, prog_name="framescope")


def _command(function: Callable[..., None]) -> Callable[..., None]:
    """Make a function a command whose failures end in a message and an exit code."""

    @functools.wraps(function)
    def guarded(**values: Any) -> None:
        try:
            function(**values)
            sys.stdout.flush()
        except BrokenPipeError as error:  # whoever reads our output has enough: the rest goes nowhere
            with suppress(OSError):
                os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
            raise typer.Exit(1) from error
        except typer.BadParameter as error:
            error.message = visible(error.message)
            raise
        except FramescopeError as error:
            tell(f"error: {error}")
            raise typer.Exit(1) from error
        except OSError as error:
            place = f"{error.filename}: " if error.filename else ""
            tell(f"error: {place}{error.strerror or error}")
            raise typer.Exit(1) from error
        except KeyboardInterrupt as error:
            tell("interrupted")
            raise typer.Exit(130) from error

    return app.command()(guarded)


def _show_version(is_asked: bool) -> None:
    if is_asked:
        write_line(f"framescope {version('framescope')}")
        raise typer.Exit


@app.callback()
def _framescope(
    *,
    _version: Annotated[
        bool, typer.Option("--version", help="Show the version.", callback=_show_version, is_eager=True)
    ] = False,
) -> None:
    pass


for _each in COMMANDS:
    _command(_each)
