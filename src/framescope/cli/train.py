"""The command ``train``."""
# What takes a second to load is imported when a command runs.
# ruff: noqa: PLC0415

from __future__ import annotations

import json
from collections import Counter
from dataclasses import asdict, replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from framescope.cli.audit import show_audit
from framescope.cli.corpora import read_corpora
from framescope.cli.options import (
    Also,
    BackgroundFiles,
    EncoderNames,
    Firing,
    GroupBy,
    Jobs,
    Learner,
    MaxFiring,
    OnlyDescriptions,
    Review,
    RuleName,
    Seed,
)
from framescope.cli.reading import CorpusOptions, with_corpus_options
from framescope.cli.runs import MODELS, TrainingRun, default_output, find_starter, starter_runs
from framescope.cli.tables import (
    F1_CAPTION,
    f1_table,
    fired_table,
    firing_table,
    kind_tables,
    label_table,
    outlook_tables,
    scope_line,
)
from framescope.cli.terminal import check_outputs, progress, show, tell, write_line
from framescope.cli.train_checks import (
    check_background,
    check_earlier,
    check_review,
    check_rule,
    default_encoders,
    opened_encoders,
)
from framescope.errors import InputError, Problem
from framescope.files import write_whole
from framescope.formats.dialect import Dialect, Fields

if TYPE_CHECKING:
    from framescope.bundle.facts import Facts
    from framescope.corpus.schema import Corpus
    from framescope.training.background import Background
    from framescope.training.earlier import Earlier
    from framescope.training.recipe import Recipe
    from framescope.training.train import Trained

N_READ_FIRST = 10

N_LABELS_TOLD = 50


@with_corpus_options
def train(  # noqa: PLR0913 - a command
    *,
    corpus: Annotated[
        str | None, typer.Argument(metavar="CORPUS", help="Annotated articles; default: the starter corpus.")
    ] = None,
    also: Also = None,
    group_by: GroupBy = None,
    learner: Annotated[
        Learner, typer.Option(help="auto is ridge up to 10,000 units, then ridge-cd.")
    ] = Learner.AUTO,
    rule: RuleName = None,
    review: Review = None,
    output: Annotated[
        Path | None, typer.Option(metavar="DIR", help="Where to save; default: models/<name of the corpus>.")
    ] = None,
    force: Annotated[bool, typer.Option("--force", help="Replace the model that is there.")] = False,
    jobs: Jobs = -1,
    seed: Seed = 0,
    background: BackgroundFiles = None,
    background_text_field: Annotated[
        str | None, typer.Option(metavar="COLUMN", help="Column that holds the background's texts.")
    ] = None,
    background_title_field: Annotated[
        str | None, typer.Option(metavar="COLUMN", help="Column that holds the background's titles.")
    ] = None,
    max_firing: MaxFiring = None,
    encoder: EncoderNames = None,
    only_descriptions: OnlyDescriptions = False,
    firing: Firing = None,
    earlier: Annotated[
        Path | None,
        typer.Option(
            "--from",
            metavar="MODEL",
            help="Go on from where a model's fit ended, after articles were added or labels corrected.",
        ),
    ] = None,
    same_vocabulary: Annotated[
        bool, typer.Option("--same-vocabulary", help="Keep the n-grams of --from, which saves learning them.")
    ] = False,
    new_articles: Annotated[
        int, typer.Option(metavar="N", min=1, help="For how many new articles to tell what scores to expect.")
    ] = 200,
    typicality: Annotated[
        float,
        typer.Option(
            metavar="SHARE",
            min=0,
            max=1,
            help="An article is unlike training if a smaller share of left-out ones is no more typical.",
        ),
    ] = 0.01,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Read, audit and stop.")] = False,
    reading: CorpusOptions,
) -> None:
    """Train a model on annotated articles and save it.

    Articles that tell one story are left out together, to be judged by the others; --group-by names a column
    instead. Without CORPUS, train the starter corpus grouped by source, and renew models/starter and, for
    techniques, models/starter-techniques; --also goes to the techniques, --background to the narratives, and
    with --output there are narratives only. These are read with the default encoder, too, where it is
    installed, unless --encoder says otherwise. Labels of the codebook without an example are refused; with
    --skip-invalid nothing is learned of them.
    """
    from framescope.corpus.stories import STORY
    from framescope.training.earlier import Earlier
    from framescope.training.recipe import Recipe

    check_rule(rule)
    encoders = opened_encoders(encoder, only_descriptions=only_descriptions)
    check_review(review or [])
    check_background(background, {"--max-firing": max_firing, "--firing": firing})
    check_earlier(earlier, corpus, same_vocabulary=same_vocabulary)
    known = group_by or ("source" if corpus is None else None)
    runs, force = _runs(corpus, output, reading, also or [], force=force)
    if not dry_run:
        _check_targets(runs, force=force)
    check_outputs(firing)
    beginning = None if earlier is None else Earlier.read(earlier, same_vocabulary=same_vocabulary)
    if dry_run:
        for run in runs:
            show_audit(read_corpora(run.reading, run.source, run.also), group_by=known or "article_id")
        return
    fields = Fields(
        background_text_field,
        title=background_title_field,
        options="--background-",
        dialect=Dialect(reading.delimiter, reading.quoting, reading.encoding, reading.sheet),
    )
    recipe = Recipe(
        learner=learner.value,
        review=tuple(review or ()),
        group_by=known or STORY,
        n_new=new_articles,
        typicality=typicality,
        seed=seed,
        jobs=jobs,
        allow_unseen_labels=reading.skip_invalid,
        encoders=encoders,
        only_descriptions=only_descriptions,
    )
    trained: list[tuple[TrainingRun, Trained]] = []
    for run in runs:
        own = replace(recipe, rule=rule or run.rule)
        if run.takes_encoder and encoder is None and learner is not Learner.LOGISTIC:
            own = replace(own, encoders=default_encoders())
        feed = None
        if background and run is runs[0]:
            feed = _read_feed(background, fields, seed=seed, skip_invalid=reading.skip_invalid)
            own = replace(own, max_firing=max_firing)
        made = _train(run, own, feed, beginning, force=force)
        trained.append((run, made))
        if firing is not None and feed is not None:
            _write_fired(made, firing)
    for run, made in trained:
        _sum_up(run.target, made.training, made.model.codebook.caution)


def _runs(
    corpus: str | None, output: Path | None, reading: CorpusOptions, also: list[str], *, force: bool
) -> tuple[list[TrainingRun], bool]:
    """Return what is trained, and whether models that are there are replaced."""
    if corpus is None and output is None:
        return starter_runs(find_starter(), MODELS, reading, also=also), True
    source = corpus or str(find_starter())
    target = output or default_output(source)
    return [TrainingRun(source, target, reading, also=tuple(also), takes_encoder=corpus is None)], force


def _check_targets(runs: list[TrainingRun], *, force: bool) -> None:
    from framescope.bundle.write import check_output

    for run in runs:
        check_output(run.target, force=force)


def _sum_up(target: Path, training: Facts, caution: str) -> None:
    """Say which labels are good enough to use, what is promised, and what the codebook cautions of."""
    from framescope.measure.shown import promise_lines, review_lines
    from framescope.measure.usefulness import usefulness

    write_line(f"\n{target}, by articles left out of training:")
    for line in usefulness(training.metrics).lines():
        write_line(line)
    for line in (*promise_lines(training.rule, training.rule_promise), *review_lines(training.review)):
        write_line(f"{line}.")
    if caution:
        write_line(caution)


def _train(
    run: TrainingRun, recipe: Recipe, feed: Background | None, earlier: Earlier | None, *, force: bool
) -> Trained:
    from framescope.measure.f1 import f1_rows
    from framescope.training import train as training

    articles = read_corpora(run.reading, run.source, run.also)
    trained = training.train(articles, recipe, background=feed, earlier=earlier, progress=progress, tell=tell)
    trained.save(run.target, force=force)
    _tell_found_labels(articles)
    for line in trained.warnings:
        tell(f"warning: {line}")
    f1 = f1_table(f1_rows(trained.metrics), f"Articles left out of training{F1_CAPTION}")
    show(label_table(trained.metrics), *kind_tables(trained.metrics), *outlook_tables(trained.training), f1)
    if scoped := scope_line(trained.metrics):
        write_line(scoped)
    if trained.training.background is not None:
        show(firing_table(trained.training.background), fired_table(trained.fired[:N_READ_FIRST]))
    write_line(f"Saved to {run.target}. Next: framescope predict {run.target} article.txt")
    return trained


def _read_feed(background: list[str], fields: Fields, *, seed: int, skip_invalid: bool) -> Background:
    from framescope.batch.feed import read_feed

    skipped: list[Problem] = []
    with progress("Reading the background"):
        feed = read_feed(
            background,
            fields=fields,
            seed=seed,
            skipped=skipped if skip_invalid else None,
        )
    if skipped:
        tell(f"warning: left out {len(skipped)} rows of the background:\n{InputError(skipped)}")
    return feed


def _write_fired(trained: Trained, target: Path) -> None:
    lines = (json.dumps(asdict(article), ensure_ascii=False) for article in trained.fired)
    write_whole(target, (f"{line}\n" for line in lines))
    tell(f"Saved the background's articles to {target}, those that fire most first.")


def _tell_found_labels(articles: Corpus) -> None:
    """Name the labels that no codebook names, with their counts, so that one that is none shows."""
    if articles.has_found_labels:
        counts = Counter(label for labels in articles.column("labels") for label in labels).most_common()
        named = ", ".join(f"{label!r} {count}" for label, count in counts[:N_LABELS_TOLD])
        more = f" and {len(counts) - N_LABELS_TOLD} more" if len(counts) > N_LABELS_TOLD else ""
        tell(f"no codebook: {len(counts)} labels found in {articles.path}: {named}{more}")
