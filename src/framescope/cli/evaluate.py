"""The command ``evaluate``."""
# What takes a second to load is imported when a command runs.
# ruff: noqa: PLC0415

from __future__ import annotations

import typer

from framescope.cli.coding_tables import ceiling_tables
from framescope.cli.corpora import read_to_judge
from framescope.cli.options import CorpusPath, GroupBy, Jobs, JsonOutput, ModelName, Predictions
from framescope.cli.reading import CorpusOptions, with_corpus_options
from framescope.cli.tables import (
    F1_CAPTION,
    calibration_table,
    f1_table,
    kind_tables,
    label_table,
    outlook_tables,
    scope_line,
)
from framescope.cli.terminal import (
    STDOUT,
    check_outputs,
    load_predictor,
    progress,
    show,
    tell,
    tell_unlike,
    write_json,
    write_line,
)


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
    from framescope.evaluation.predictions import evaluate_model, write_predictions
    from framescope.measure.f1 import f1_rows
    from framescope.measure.metrics import calibration_warnings

    if str(predictions) == STDOUT:
        raise typer.BadParameter("expected a file; for standard output see predict", param_hint="--predictions")
    check_outputs(json_output, predictions)
    loaded = load_predictor(model)
    articles = read_to_judge(loaded, reading, corpus)
    result = evaluate_model(loaded.bundle.model, articles, group_by=group_by, jobs=jobs, progress=progress)
    if predictions is not None:
        write_predictions(predictions, articles, result)
    if json_output is not None:
        training = loaded.bundle.training
        promised = {"outlooks": training.outlooks, "new_articles": training.new_articles}
        write_json({**result.metrics, "coders": result.coders, "promised": promised}, json_output)
    if json_output != STDOUT:
        f1 = f1_table(f1_rows(result.metrics), f"{model} on {corpus}{F1_CAPTION}")
        show(label_table(result.metrics), calibration_table(result.metrics), *kind_tables(result.metrics), f1)
        show(*ceiling_tables(result.coders), *outlook_tables(loaded.bundle.training))
        if scoped := scope_line(result.metrics):
            write_line(scoped)
    unlike = [is_unlike for _, is_unlike in result.typicality or ()]
    tell_unlike(len(unlike), sum(unlike), {}, loaded.languages)
    for line in calibration_warnings(result.metrics):
        tell(f"warning: {line}")
