"""Reading a background: the inputs that ``score`` takes, as articles of a feed for training."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path

from framescope.batch.inputs import InputFile, expand
from framescope.batch.readers import read
from framescope.batch.rows import Rejection
from framescope.batch.shards import Slice
from framescope.errors import InputError, Problem, TrainingError
from framescope.formats.dialect import Fields
from framescope.training.background import Background, FeedArticle

NO_FIELDS = Fields(options="--background-")


def read_feed(
    inputs: Iterable[str | Path] | str | Path,
    *,
    fields: Fields = NO_FIELDS,
    seed: int = 0,
    skipped: list[Problem] | None = None,
) -> Background:
    """Read unlabelled articles from files, folders, globs and URLs, and draw from them.

    Args:
        inputs: ``.jsonl``, ``.csv``, ``.tsv``, ``.txt`` (``.gz``) or ``.parquet``; labels in them are not read.
        fields: the columns that hold texts, titles and ids.
        seed: of the draw.
        skipped: takes the problems of rows that cannot be read; without it they are refused.

    Raises:
        ScoringError: an input is missing or of an unknown format.
        InputError: a file is damaged or lacks a column, or rows cannot be read: with all of them.
        TrainingError: there is no article with a text.
    """
    given = [inputs] if isinstance(inputs, str | Path) else list(inputs)
    problems: list[Problem] = []
    background = Background.draw(_articles(expand(given), fields, problems), seed=seed)
    if skipped is not None:
        skipped.extend(problems)
    elif problems:
        raise InputError(problems)
    if not background.articles:
        raise TrainingError(f"{', '.join(map(str, given))}: the background has no article with a text")
    return background


def _articles(files: Iterable[InputFile], fields: Fields, problems: list[Problem]) -> Iterator[FeedArticle]:
    for file in files:
        for rows in read(Slice((file,)), fields):
            problems.extend(map(_problem, rows.rejections))
            content, offsets = rows.texts.data, rows.texts.offsets
            for row, article_id in enumerate(rows.ids.to_pylist()):
                text = content[offsets[row] : offsets[row + 1]].tobytes().decode()
                yield FeedArticle(article_id, text, file.path)


def _problem(rejection: Rejection) -> Problem:
    return Problem(rejection.reason, rejection.file, rejection.number if rejection.unit else None)
