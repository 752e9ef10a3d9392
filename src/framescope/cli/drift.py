"""The command ``drift``."""
# What takes a second to load is imported when a command runs.
# ruff: noqa: PLC0415

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from framescope.cli.options import Jobs, JsonOutput, ModelName
from framescope.cli.reading import ArticleOptions, with_article_options
from framescope.cli.tables import drift_table
from framescope.cli.terminal import (
    STDOUT,
    check_outputs,
    load_predictor,
    progress,
    show,
    tell,
    write_json,
    write_line,
)
from framescope.errors import InputError

if TYPE_CHECKING:
    from framescope.evaluation.drift import TextSample
    from framescope.predictor import Predictor


@with_article_options
def drift(
    *,
    model: ModelName,
    old: Annotated[
        str,
        typer.Argument(metavar="OLD", help="Articles to score, or a folder that framescope score has written."),
    ],
    new: Annotated[str, typer.Argument(metavar="NEW", help="The same of later.")],
    json_output: JsonOutput = None,
    jobs: Jobs = 1,
    reading: ArticleOptions,
) -> None:
    """Tell what has changed from old to new articles, as a model reads them.

    How typical they are of its training, how many of their words, n-grams and pairs of words it does not know,
    and the mean probability of each label, with 95 % intervals; then the labels that have clearly changed.
    Folders that framescope score has written have no texts, and tell nothing of unknown words.
    """
    from framescope.evaluation.drift import drift as changes_of

    check_outputs(json_output)
    predictor = load_predictor(model)
    with progress("Reading old articles"):
        before = _sample(predictor, old, reading, jobs)
    with progress("Reading new articles"):
        after = _sample(predictor, new, reading, jobs)
    found = changes_of(before, after, predictor.labels)
    if json_output is not None:
        write_json(found.to_json(), json_output)
    if json_output != STDOUT:
        show(drift_table(found))
        named = ", ".join(found.touched)
        write_line(f"Clearly changed: {named}." if named else "No label has clearly changed.")


def _sample(predictor: Predictor, source: str, reading: ArticleOptions, jobs: int) -> TextSample:
    from framescope.batch.inputs import expand
    from framescope.batch.outputs import is_output, read_output
    from framescope.batch.readers import read
    from framescope.batch.shards import Slice
    from framescope.evaluation.drift import joined, sample_of
    from framescope.text.segments import Unit

    if is_output(Path(source)):
        return read_output(Path(source), predictor)
    samples, n_rejected = [], 0
    for file in expand([source]):
        for rows in read(Slice((file,)), reading.fields, predictor.unit):
            n_rejected += len(rows.rejections)
            texts = rows.texts if predictor.unit == Unit.ARTICLE else rows.cut(predictor.unit).texts
            if len(texts):
                samples.append(sample_of(predictor.bundle.model, texts, jobs=jobs))
    if n_rejected:
        tell(f"warning: {source}: left out {n_rejected:,} rows that cannot be scored")
    if not samples:
        raise InputError.at(source, "has no articles: expected one or more", field="text")
    return joined(samples)
