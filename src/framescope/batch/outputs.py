"""Reading what ``score`` has written, as samples of texts to compare."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from framescope.batch.folder import JOB, MANIFEST, read_json
from framescope.batch.options import ScoringError
from framescope.evaluation.drift import TextSample, joined
from framescope.predictor import Predictor

BATCH_ROWS = 1 << 16
COLUMNS = ("probabilities", "typicality", "unlike_training")


def is_output(path: Path) -> bool:
    """Tell whether a folder is one that ``score`` has written and finished."""
    return (path / MANIFEST).is_file()


def read_output(path: Path, predictor: Predictor) -> TextSample:
    """Read the probabilities and the typicality of all rows.

    Raises:
        ScoringError: the output is of another model, has not all probabilities, or is no Parquet.
    """
    job = read_json(path / JOB)
    options = job.get("options") or {}
    if job.get("model_digest") != predictor.digest:
        raise ScoringError(f"{path}: was scored by another model: score the articles again with this one")
    if options.get("format") != "parquet":
        found = options.get("format")
        raise ScoringError(f"{path}: has parts in {found!r}: expected parquet, or the articles themselves")
    if options.get("top") is not None or options.get("threshold") is not None:
        raise ScoringError(f"{path}: lacks probabilities: score again without --top and --threshold")
    samples = [*_samples(path, predictor)]
    if not samples:
        raise ScoringError(f"{path}: has no rows: expected the output of framescope score on articles")
    return joined(samples)


def _samples(path: Path, predictor: Predictor) -> Iterator[TextSample]:
    for part in sorted(path.glob("part-*.parquet")):
        try:
            with pq.ParquetFile(part) as opened:
                for batch in opened.iter_batches(BATCH_ROWS, columns=list(COLUMNS)):
                    yield _sample(batch, predictor)
        except (pa.ArrowException, OSError) as error:
            raise ScoringError(f"{part}: cannot be read: {error}: check it with framescope verify") from error


def _sample(batch: pa.RecordBatch, predictor: Predictor) -> TextSample:
    probabilities = batch.column("probabilities")
    columns = [probabilities.field(label).to_numpy(zero_copy_only=False) for label in predictor.labels]
    typicality = batch.column("typicality")
    return TextSample(
        np.column_stack(columns).astype(np.float32),
        None if typicality.null_count else typicality.to_numpy(zero_copy_only=False),
        batch.column("unlike_training").to_numpy(zero_copy_only=False).astype(bool),
    )
