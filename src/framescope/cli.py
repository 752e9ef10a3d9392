"""The command line: arguments in, exit code out; with its private modules the only place that prints.

Results go to standard output, messages to standard error. Exit codes: 0, 1 for a failure, 2 for wrong usage,
130 after an interruption.
"""
# Commands import scikit-learn, datasets and numba when they run: these take seconds, --help and predict do not.
# ruff: noqa: PLC0415

from __future__ import annotations

import functools
import os
import sys
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from importlib.metadata import version
from io import TextIOWrapper
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from framescope import _explain, _inspect, _report, _score
from framescope._options import (
    Against,
    Also,
    CorpusOptions,
    CorpusPath,
    GroupBy,
    Inputs,
    Jobs,
    JsonOutput,
    Learner,
    ModelName,
    Predictions,
    RuleName,
    Seed,
    with_corpus_options,
)
from framescope._tables import audit_tables, calibration_table, f1_table, label_table
from framescope._terminal import (
    STDOUT,
    bar,
    load_predictor,
    progress,
    show,
    tell,
    warnings_told,
    write_json,
    write_line,
)
from framescope._train import Run, find_starter, starter_runs
from framescope.articles import (
    STDIN,
    SUFFIXES,
    batches,
    count_articles,
    prediction_line,
    read_sources,
    suffix_of,
)
from framescope.errors import FramescopeError, InputError
from framescope.output import check_file
from framescope.text.segments import Unit

if TYPE_CHECKING:
    from framescope.codebook import Codebook
    from framescope.corpus.audit import Audit
    from framescope.corpus.schema import Corpus
    from framescope.training import Recipe

MODELS = Path("models")

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


@_command
@with_corpus_options
def train(  # noqa: PLR0913 - a command
    *,
    corpus: Annotated[
        str | None, typer.Argument(metavar="CORPUS", help="Annotated articles; default: the starter corpus.")
    ] = None,
    also: Also = None,
    group_by: GroupBy = None,
    learner: Annotated[Learner, typer.Option(help="auto is ridge up to 10,000 units.")] = Learner.AUTO,
    rule: RuleName = None,
    output: Annotated[
        Path | None, typer.Option(metavar="DIR", help="Where to save; default: models/<name of the corpus>.")
    ] = None,
    force: Annotated[bool, typer.Option("--force", help="Replace the model that is there.")] = False,
    jobs: Jobs = -1,
    seed: Seed = 0,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Read, audit and stop.")] = False,
    reading: CorpusOptions,
) -> None:
    """Train a model on annotated articles and save it.

    Without CORPUS, train the starter corpus grouped by source, and renew models/starter and, for techniques,
    models/starter-techniques; --also goes to the techniques, and with --output there are narratives only.
    Labels of the codebook without an example are refused; with --skip-invalid nothing is learned of them.
    """
    from framescope.bundle import check_output
    from framescope.training import Recipe

    _check_rule(rule)
    group_by = group_by or ("source" if corpus is None else "article_id")
    if corpus is None and output is None:
        runs, force = starter_runs(find_starter(), MODELS, reading, also=also or []), True
    else:
        source = corpus or str(find_starter())
        runs = [Run(source, output or _default_output(source), reading, also=tuple(also or []))]
    for run in runs:
        if not dry_run:
            check_output(run.target, force=force)
    for run in runs:
        if dry_run:
            _show_audit(run.read(), group_by=group_by)
            continue
        recipe = Recipe(
            learner=learner.value,
            rule=rule or run.rule,
            group_by=group_by,
            seed=seed,
            jobs=jobs,
            allow_unseen_labels=reading.skip_invalid,
        )
        _train(run, recipe, force=force)


def _train(run: Run, recipe: Recipe, *, force: bool) -> None:
    from framescope import training

    articles = run.read()
    _tell_left_out(articles)
    trained = training.train(articles, recipe, progress=progress)
    trained.save(run.target, force=force)
    for line in trained.warnings:
        tell(f"warning: {line}")
    show(label_table(trained.metrics), _f1_table(trained.metrics, "Articles left out of training"))
    write_line(f"Saved to {run.target}. Next: framescope predict {run.target} article.txt")


@_command
@with_corpus_options
def evaluate(  # noqa: PLR0913 - a command
    *,
    model: ModelName,
    corpus: CorpusPath,
    json_output: JsonOutput = None,
    predictions: Predictions = None,
    group_by: GroupBy = None,
    jobs: Jobs = -1,
    reading: CorpusOptions,
) -> None:
    """Compare a model's decisions with the labels of a corpus.

    Labels that the model does not know count as missed; with --skip-invalid, units that bear one are left out.
    """
    from framescope.evaluation import evaluate_model, write_predictions

    if str(predictions) == STDOUT:
        raise typer.BadParameter("expected a file; for standard output see predict", param_hint="--predictions")
    _check_files(json_output, predictions)
    loaded = load_predictor(model)
    unit = reading.unit or Unit(loaded.bundle.training.get("unit", Unit.ARTICLE))
    articles = _read(replace(reading, unit=unit), corpus)
    articles = _with_unknown_labels(loaded.codebook, articles, skip=reading.skip_invalid)
    _tell_left_out(articles)
    strange = sorted({code for code in articles.column("lang") if code} - {*loaded.languages})
    if strange and loaded.languages:
        tell(f"warning: the model was trained on {', '.join(loaded.languages)}, not on {', '.join(strange)}")
    result = evaluate_model(loaded.bundle.model, articles, group_by=group_by, jobs=jobs, progress=progress)
    if predictions is not None:
        write_predictions(predictions, articles, result)
    if json_output is not None:
        write_json(result.metrics, json_output)
    if json_output != STDOUT:
        f1 = _f1_table(result.metrics, f"{model} on {corpus}")
        show(label_table(result.metrics), calibration_table(result.metrics), f1)


@_command
@with_corpus_options
def audit(
    *,
    corpus: CorpusPath,
    against: Against = None,
    group_by: GroupBy = None,
    json_output: JsonOutput = None,
    reading: CorpusOptions,
) -> None:
    """Examine a corpus: counts, duplicates, contradictions, overlaps, spans."""
    _check_files(json_output)
    articles = _read(reading, corpus)
    other = None if against is None else _read(reading, against)
    _show_audit(articles, other, group_by=group_by, json_output=json_output)


@_command
def predict(
    *,
    model: ModelName,
    inputs: Inputs = None,
    jobs: Jobs = 1,
) -> None:
    """Print labels and probabilities of articles as lines of JSON.

    Nothing is printed unless all files can be read.
    """
    from framescope.predictor import UnknownLanguageWarning

    sources = inputs or [STDIN]
    for source in sources:
        if source != STDIN and suffix_of(Path(source)) not in SUFFIXES:
            expected = f"expected a {' or '.join(SUFFIXES)} file, or - for standard input"
            raise typer.BadParameter(f"{source}: {expected}", param_hint="INPUT")
    predictor = load_predictor(model)
    n_articles = count_articles(sources)
    # On a terminal, the results themselves show the progress.
    is_piped = not sys.stdout.isatty()
    with (
        bar("Predicting", total=n_articles, is_shown=is_piped) as advance,
        warnings_told(UnknownLanguageWarning),
    ):
        for batch in batches(read_sources(sources, sys.stdin.buffer)):
            texts, languages = [article.text for article in batch], [article.lang for article in batch]
            predictions = predictor.predict(texts, languages=languages, jobs=jobs)
            for article, prediction in zip(batch, predictions, strict=True):
                write_line(prediction_line(article.id, prediction.labels, prediction.probabilities))
            advance(len(batch))


@_command
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
    export.export_joblib(Predictor.load(model).bundle.path, file, force=force)
    tell(f"warning: {export.RISK}")
    write_line(f"Saved to {file}.")


_command(_explain.explain)
_command(_inspect.inspect)
_command(_report.report)
_command(_score.score)
_command(_score.verify)


def _check_rule(rule: str | None) -> None:
    from framescope.learn.rules import parse_rule

    try:
        parse_rule(rule or "samples-f1")
    except ValueError as error:
        raise typer.BadParameter(str(error), param_hint="--rule") from error


def _check_files(json_output: str | None, predictions: Path | None = None) -> None:
    """Refuse files that cannot be written, before the work."""
    for file in (json_output, predictions):
        if file is not None and file != STDOUT:
            check_file(Path(file))


def _default_output(source: str) -> Path:
    """Return models/<name of the corpus>."""
    from framescope.corpus.hub import PREFIX
    from framescope.corpus.rows import file_stem

    if source.startswith(PREFIX):
        return MODELS / source.removeprefix(PREFIX).replace("/", "-").replace(":", "-")
    path = Path(source).resolve()
    return MODELS / (path.name if path.is_dir() else file_stem(path))


def _read(reading: CorpusOptions, source: str) -> Corpus:
    with progress(f"Reading {source}"):
        return reading.read(source)


def _with_unknown_labels(codebook: Codebook, corpus: Corpus, *, skip: bool) -> Corpus:
    """Warn of labels that the model does not know, or leave out the units that bear one."""
    from framescope.evaluation import leave_out_unknown, unknown_labels

    unknown = unknown_labels(codebook, corpus)
    if unknown and skip:
        return leave_out_unknown(codebook, corpus)
    if unknown:
        named = ", ".join(f"{label!r} ({len(ids)} units)" for label, ids in unknown.items())
        tell(
            f"warning: {corpus.path}: the model does not know {len(unknown)} labels, "
            f"they count as missed: {named}"
        )
    return corpus


def _tell_left_out(corpus: Corpus) -> None:
    if corpus.n_left_out:
        rows = "row" if corpus.n_left_out == 1 else "rows"
        tell(f"warning: left out {corpus.n_left_out} {rows} of {corpus.path}:\n{InputError(corpus.left_out)}")


def _show_audit(
    corpus: Corpus, other: Corpus | None = None, *, group_by: str | None, json_output: str | None = None
) -> None:
    from framescope.corpus.audit import audit as examine

    for each in filter(None, [corpus, other]):
        _tell_left_out(each)
    with progress("Auditing the corpus"):
        findings: Audit = examine(corpus, other, group_by=group_by)
    if json_output is not None:
        write_json(findings.to_json(), json_output)
    if json_output != STDOUT:
        for line in findings.warnings():
            tell(f"warning: {line}")
        show(*audit_tables(findings))


def _f1_table(metrics: Mapping[str, Any], title: str) -> Any:
    from framescope.learn.f1 import f1_rows

    return f1_table(f1_rows(metrics), f"{title}: F1 with 95 % intervals")
