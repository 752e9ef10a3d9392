"""What the command line shows: messages on standard error, results and tables on standard output, progress."""

from __future__ import annotations

import json
import sys
import warnings
from collections.abc import Callable, Collection, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import typer
from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn
from rich.table import Table

from framescope.files import check_file, write_whole
from framescope.text.languages import unfamiliar
from framescope.visible import visible

if TYPE_CHECKING:
    from framescope.predictor import Predictor

STDOUT = "-"
PIPED_WIDTH = 160


def tell(message: str) -> None:
    """Print a message."""
    typer.echo(visible(message), err=True)


def write_line(text: str) -> None:
    """Print a line of a result, of JSON or for people."""
    typer.echo(visible(text))


def is_terminal() -> bool:
    """Tell whether results go to a terminal, and not into a file or to another program."""
    return sys.stdout.isatty()


def write_json(content: Mapping[str, Any], target: str, *, is_compact: bool = False) -> None:
    """Write JSON to a file, or print it where the target is ``-``; a compact one has no line breaks.

    Raises:
        FramescopeError: the file cannot be written.
    """
    text = json.dumps(content, ensure_ascii=False, indent=None if is_compact else 1, allow_nan=False)
    if target == STDOUT:
        write_line(text)
    else:
        write_whole(Path(target), [f"{text}\n"])


def check_outputs(*targets: Path | str | None) -> None:
    """Refuse files that cannot be written, before the work; ``-`` and None are left out.

    Raises:
        FramescopeError: a folder is missing, or a target is a folder.
    """
    for target in targets:
        if target is not None and target != STDOUT:
            check_file(Path(target))


def tell_unlike(n_texts: int, n_unlike: int, found: Mapping[str, int], known: Collection[str]) -> None:
    """Warn of texts that are unlike training, and of languages that untagged ones of them seem to be in."""
    if not n_unlike:
        return
    are = "is" if n_unlike == 1 else "are"
    what = f"{n_unlike:,} of {n_texts:,} texts {are} unlike the training articles"
    tell(f"warning: {what}: do not rely on their labels and probabilities")
    unknown = unfamiliar(found, known) if known else []
    if unknown:
        named = ", ".join(f"{code!r} ({found[code]:,})" for code in unknown)
        tell(
            f"warning: texts without a language code seem to be in languages of which the model has seen no "
            f"article: {named}"
        )


def tell_two_scripts(n_texts: int, n_found: int) -> None:
    """Warn of texts with words of Latin and Cyrillic letters, which a reader takes for words of one script."""
    if n_found:
        have = "text has" if n_found == 1 else "texts have"
        tell(
            f"warning: {n_found:,} of {n_texts:,} {have} words of Latin and Cyrillic letters side by side: "
            "look-alike letters, which hide words, are read as those of one script where it is clear which"
        )


def show(*tables: Table) -> None:
    """Print tables."""
    width = None if sys.stdout.isatty() else PIPED_WIDTH
    # Labels and ids are printed as they are, whatever brackets and colons they hold.
    console = Console(markup=False, emoji=False, highlight=False, width=width)
    for table in tables:
        console.print(table)


def progress(stage: str) -> AbstractContextManager[object]:
    """Show that a stage is under way, on a terminal only."""
    return bar(stage, total=None)


def load_predictor(model: str) -> Predictor:
    """Load a model; where kernels must be compiled first, say so.

    Raises:
        BundleError: there is none, or it fails verification.
        EncoderError: it reads with a sentence encoder that is missing, or is not that of training.
    """
    # Lazily, as in the commands: numba takes a second to load.
    from framescope.features.recognition import count_common  # noqa: PLC0415
    from framescope.features.run_rows import add_margins  # noqa: PLC0415
    from framescope.predictor import Predictor  # noqa: PLC0415
    from framescope.text.kernels import is_cached  # noqa: PLC0415

    predictor = Predictor.load(model)
    is_ready = is_cached(add_margins) and is_cached(count_common)
    if is_ready and predictor.codebook.has_scopes:
        from framescope.features.matching import find_terms  # noqa: PLC0415

        is_ready = is_cached(find_terms)
    if not is_ready:
        with progress("Compiling the kernels, once for this installation"):
            predictor.predict(["."])
    if predictor.bundle.model.embedder is not None:
        with progress("Opening the encoder"):
            predictor.bundle.model.embedder.open()
    return predictor


@contextmanager
def bar(stage: str, *, total: int | None, is_shown: bool = True) -> Iterator[Callable[..., None]]:
    """Show a bar, on a terminal only; what it yields is called with how much more is done, and the total."""
    console = Console(stderr=True)
    columns = (TextColumn("{task.description}", markup=False), BarColumn(), TimeElapsedColumn())
    with Progress(
        *columns,
        console=console,
        transient=True,
        redirect_stdout=False,  # results keep going to standard output
        redirect_stderr=False,
        disable=not (is_shown and console.is_terminal),
    ) as shown:
        task = shown.add_task(stage, total=total)

        def advance(n_done: int, n_all: int | None = total) -> None:
            shown.update(task, advance=n_done, total=n_all)

        yield advance


@contextmanager
def warnings_told(category: type[Warning]) -> Iterator[None]:
    """Turn warnings of a category, and whatever else is warned of, into messages."""

    def tell_warning(message: Warning | str, *_place: object, **_more: object) -> None:
        tell(f"warning: {message}")

    with warnings.catch_warnings():
        warnings.simplefilter("always", category)
        warnings.showwarning = tell_warning
        yield
