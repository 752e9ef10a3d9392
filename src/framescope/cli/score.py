"""The commands ``score`` and ``verify``."""
# What takes a second to load is imported when a command runs.
# ruff: noqa: PLC0415

from __future__ import annotations

import json
import re
import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict
from enum import StrEnum
from pathlib import Path
from threading import Event
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console
from rich.progress import BarColumn, TextColumn
from rich.progress import Progress as Bar

from framescope.cli.options import AllowPrivate, Jobs, ModelName
from framescope.cli.reading import ArticleOptions, with_article_options
from framescope.cli.terminal import load_predictor, tell, tell_two_scripts, tell_unlike, write_line

if TYPE_CHECKING:
    from framescope.batch.manifest import Summary
    from framescope.batch.options import ScoreOptions
    from framescope.batch.progress import ScoringProgress

N_SHOWN = 20
NO_TEXT = "text: is missing"
REMEDIES = {
    f"^{NO_TEXT}": "name the column that holds the texts with --text-field",
    "--|remove the line|save the file": "do what it says",
    "is not valid UTF-8": "save the file as UTF-8",
    "JSON": "write one JSON object a line, with a field text",
    "expected a string": "write the field as a string, or name another column with --text-field, --id-field, "
    "--title-field or --lang-field",
    "bytes": "cut such articles",
    "fields, expected": "write the table anew, with commas, or tabs in a .tsv, and quotes "
    "around cells that contain them",
}
"""What to do about reasons for which rows are rejected."""

MEBIBYTE = 1 << 20


class PartFormat(StrEnum):
    """What parts are written as."""

    PARQUET = "parquet"
    JSONL = "jsonl"
    CSV = "csv"
    XLSX = "xlsx"


class Engine(StrEnum):
    """What takes the work to a cluster."""

    DASK = "dask"
    RAY = "ray"


EngineName = Annotated[
    Engine | None, typer.Option(help="Work on a cluster, on all of its cores, instead of here.")
]
Address = Annotated[
    str | None, typer.Option(metavar="HOST:PORT", help="Address of the cluster; default: the engine's own.")
]


@with_article_options
def score(  # noqa: PLR0913 - a command
    *,
    model: ModelName,
    inputs: Annotated[
        list[str],
        typer.Argument(
            metavar="INPUT",
            help="Files, folders, globs or URLs of tables, texts, pages, PDF and more: see docs/files.md.",
        ),
    ],
    output: Annotated[Path, typer.Option(metavar="DIR", help="Where parts go; a run there is resumed.")],
    part_format: Annotated[
        PartFormat,
        typer.Option(
            "--format",
            help="Format of the part files. csv and xlsx are for spreadsheets: a column for each label, and no "
            "cell that is a formula; Excel shows 1,048,576 rows of a file.",
        ),
    ] = PartFormat.PARQUET,
    keep: Annotated[
        str | None,
        typer.Option(
            metavar="COLUMNS",
            help="Columns of the input to carry through, such as source,date,title,url, or all of them.",
        ),
    ] = None,
    encode_share: Annotated[
        float,
        typer.Option(
            metavar="SHARE",
            min=0,
            max=1,
            help="Encode about this share of articles like those of training, the least clear ones; n-grams "
            "judge the others. For models with a sentence encoder.",
        ),
    ] = 1.0,
    jobs: Jobs = 1,
    engine: EngineName = None,
    address: Address = None,
    retries: Annotated[
        int, typer.Option(metavar="N", min=0, help="How often shards lost with a worker are handed out again.")
    ] = 3,
    top: Annotated[
        int | None, typer.Option(metavar="N", min=1, help="Write only the N most probable labels of a row.")
    ] = None,
    threshold: Annotated[
        float | None,
        typer.Option(metavar="P", min=0, max=1, help="Write only probabilities of at least P."),
    ] = None,
    evidence: Annotated[
        bool, typer.Option("--evidence", help="Add the words that speak most for each label; much slower.")
    ] = False,
    strict: Annotated[bool, typer.Option("--strict", help="Stop at the first row that is rejected.")] = False,
    max_errors: Annotated[
        int | None, typer.Option(metavar="N", min=0, help="Stop when more than N rows are rejected.")
    ] = None,
    json_progress: Annotated[
        bool, typer.Option("--json-progress", help="Print progress as lines of JSON, not as a bar.")
    ] = False,
    shard_bytes: Annotated[
        int, typer.Option(metavar="BYTES", min=1024, help="About how much of an input is a shard.")
    ] = 32 * MEBIBYTE,
    allow_private: AllowPrivate = False,
    reading: ArticleOptions,
) -> None:
    """Score any number of articles into parts under DIR; the same command resumes what is not done.

    Rows that cannot be scored go to DIR/_rejected.jsonl; DIR/_manifest.json tells what was made of what. DIR
    should be on a local disk: a lock keeps a second run away.
    """
    from framescope.batch.job import ScoringRun
    from framescope.batch.options import ScoreOptions, Stopped

    options = ScoreOptions(
        format=part_format.value,
        **asdict(reading),
        top=top,
        threshold=threshold,
        evidence=evidence,
        shard_bytes=shard_bytes,
        max_errors=0 if strict else max_errors,
        retries=retries,
        encode_share=encode_share,
        allow_private=allow_private,
        keep=None if keep is None else [name.strip() for name in keep.split(",") if name.strip()],
    )
    run = ScoringRun(load_predictor(model), inputs, output, options)
    caught: list[int] = []
    try:
        with (
            _workers(engine, address, jobs) as n_jobs,
            _signals(caught) as stop,
            _lines() if json_progress else _bar() as report,
        ):
            summary = run.work(n_jobs, report, stop)
    except Stopped as error:
        tell(str(error))
        raise typer.Exit(128 + caught[0]) from error
    _tell_summary(summary, output, inputs, options)


def verify(
    *,
    directory: Annotated[Path, typer.Argument(metavar="DIR", help="The output of framescope score.")],
    quick: Annotated[
        bool, typer.Option("--quick", help="Compare lists and sizes; read neither parts nor inputs.")
    ] = False,
    jobs: Jobs = 1,
    engine: EngineName = None,
    address: Address = None,
) -> None:
    """Count and hash an output of framescope score again, and compare it with its inputs, row by row."""
    from framescope.batch.verify import verify as findings_of

    with _workers(engine, address, jobs) as n_jobs:
        findings = findings_of(directory, is_quick=quick, jobs=n_jobs)
    for finding in findings:
        write_line(str(finding))
    if findings:
        raise typer.Exit(1)
    if quick:
        write_line(f"{directory}: all parts are there, and of the right sizes.")
    else:
        write_line(f"{directory}: all parts are there, whole, and agree with their inputs.")


@contextmanager
def _workers(engine: Engine | None, address: str | None, jobs: int) -> Iterator[int | None]:
    """Yield joblib's number of jobs, within the cluster that is asked for."""
    from framescope.clusters.engines import cluster

    if engine is None:
        if address is not None:
            raise typer.BadParameter("is that of a cluster: name its --engine, too", param_hint="--address")
        yield jobs
        return
    if jobs != 1:
        raise typer.BadParameter("leave it to the cluster: all of its cores are taken", param_hint="--jobs")
    with cluster(engine, address):
        yield None


def _tell_summary(summary: Summary, output: Path, inputs: list[str], options: ScoreOptions) -> None:
    write_line(
        f"{summary.n_rows:,} rows: {summary.n_scored:,} scored, {summary.n_rejected:,} rejected, "
        f"in {summary.n_parts:,} parts in {output}"
    )
    if summary.n_rejected:
        _tell_rejected(summary, output, inputs, options)
    if (repeated := summary.repeated_ids) is not None:
        tell(
            f"warning: {repeated.n_ids:,} ids occur more than once, on {repeated.n_rows:,} rows; the first is "
            f"{repeated.first!r}"
        )
    tell_unlike(summary.n_scored, summary.n_unlike, summary.languages_found, summary.known_languages)
    tell_two_scripts(summary.n_scored, summary.n_in_two_scripts)
    if summary.unknown_languages:
        named = ", ".join(f"{code!r} ({count:,})" for code, count in summary.unknown_languages.items())
        tell(f"warning: the model has seen no article in these languages; do not rely on it: {named}")
    reasons = sorted(set(summary.failures.values()))
    for reason in reasons[:N_SHOWN]:
        tell(f"error: {reason}")
    if len(reasons) > N_SHOWN:
        tell(f"error: ... and {len(reasons) - N_SHOWN} more")
    if reasons:
        n_failed = f"{len(summary.failures):,}"
        tell(f"{n_failed} shards failed: mend the files or the options, then run the command again")
        raise typer.Exit(1)
    if summary.n_rejected and not summary.n_scored:
        raise typer.Exit(1)


def _tell_rejected(summary: Summary, output: Path, inputs: list[str], options: ScoreOptions) -> None:
    """Say how many rows are rejected, and why most of them are; where all are, that is an error."""
    reason, n_rows = next(iter(summary.reasons.items()))
    n_rejected, place = f"{summary.n_rejected:,}", output / "_rejected.jsonl"
    if summary.n_scored:
        tell(f"warning: {n_rejected} rows are rejected, {n_rows:,} as {reason!r}: see {place}")
    else:
        tell(f"error: every row is rejected, {n_rows:,} of {n_rejected} as {reason!r}: {remedy(reason)}")
        if reason == NO_TEXT:
            tell(f"The columns of the input are {_columns_told(inputs, options)}.")
        tell(f"All reasons are in {place}.")


def _columns_told(inputs: list[str], options: ScoreOptions) -> str:
    from framescope.batch.inputs import expand
    from framescope.batch.kept import column_names

    return ", ".join(
        map(repr, column_names(expand(inputs, allow_private=options.allow_private), options.fields)[:N_SHOWN])
    )


def remedy(reason: str) -> str:
    """Return what to do about a reason for which a row was rejected."""
    found = (each for pattern, each in REMEDIES.items() if re.search(pattern, reason))
    return next(found, "mend the rows and score them again")


@contextmanager
def _signals(caught: list[int]) -> Iterator[Event]:
    """Turn the first SIGINT or SIGTERM into a request to stop; a second one does what it always did."""
    stop = Event()
    old = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)}

    def ask(number: int, _frame: object) -> None:
        caught.append(number)
        stop.set()
        restore()

    def restore() -> None:
        for number, handler in old.items():
            signal.signal(number, handler)

    for number in old:
        signal.signal(number, ask)
    try:
        yield stop
    finally:
        restore()


@contextmanager
def _lines() -> Iterator[Callable[[ScoringProgress], None]]:
    """Print progress for a scheduler, on standard error."""
    yield lambda progress: tell(json.dumps(progress.to_json()))


@contextmanager
def _bar() -> Iterator[Callable[[ScoringProgress], None]]:
    """Show a bar, on a terminal only."""
    console = Console(stderr=True)
    columns = (
        TextColumn("{task.description}", markup=False),
        BarColumn(),
        TextColumn("{task.percentage:>3.0f} %  {task.fields[details]}", markup=False),
    )
    with Bar(
        *columns, console=console, redirect_stdout=False, redirect_stderr=False, disable=not console.is_terminal
    ) as shown:
        task = shown.add_task("Scoring", details="")

        def report(progress: ScoringProgress) -> None:
            n_finished = progress.n_done + progress.n_failed
            shown.update(task, total=progress.n_parts, completed=n_finished, details=_details(progress))

        yield report


def _details(progress: ScoringProgress) -> str:
    left = progress.seconds_left
    minutes = "" if left is None else f", {int(left) // 60}:{int(left) % 60:02d} left"
    return f"{progress.rows_per_second:,.0f} rows/s{minutes}, {progress.n_rejected:,} rejected"
