"""What a job has come to: its rows, as a table to look at and as files to take away, and its articles."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from http import HTTPStatus
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from framescope.articles import Article, readable_articles
from framescope.batch.folder import REJECTED
from framescope.batch.options import FORMATS
from framescope.batch.writers import WRITERS
from framescope.files import whole_file
from framescope.serve.columns import shown_columns
from framescope.serve.jobs import ScoringJob, score_options
from framescope.serve.problems import ServeError
from framescope.text.article import full_text

MEDIA_TYPES = {
    "parquet": "application/vnd.apache.parquet",
    "jsonl": "application/jsonl",
    "csv": "text/csv; charset=utf-8",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}
BATCH_ROWS = 4096


def result_file(job: ScoringJob, kind: str, labels: Sequence[str]) -> Path:
    """Return a file with all rows of a job that is done, in one of ``FORMATS``; it is made once.

    Raises:
        ServeError: 404, no such format.
        ScoringError: the format cannot hold so many rows, or XLSX cannot be written here.
    """
    if kind not in FORMATS:
        raise ServeError(HTTPStatus.NOT_FOUND, f"{kind!r:.40}: no such format; there are {', '.join(FORMATS)}")
    target = job.root / f"result.{kind}"
    if not target.exists():
        with whole_file(target) as opened:
            writer = WRITERS[kind](opened, schema_of(job), labels)
            for batch in batches(job):
                writer.write(batch)
            writer.close()
    return target


def schema_of(job: ScoringJob) -> pa.Schema:
    """Return the columns of a job's rows: those of ``framescope.results``, and those of the input."""
    return pq.read_schema(_parts(job)[0])


def result_table(job: ScoringJob, columns: Sequence[str] | None = None) -> pa.Table:
    """Return the rows of a job, or some of their columns, in memory."""
    return pa.concat_tables([pq.read_table(part, columns=columns) for part in _parts(job)])


def batches(job: ScoringJob, columns: Sequence[str] | None = None) -> Iterator[pa.RecordBatch]:
    """Yield the rows of a job, or some of their columns, a few thousand at a time."""
    for part in _parts(job):
        with pq.ParquetFile(part) as opened:
            yield from opened.iter_batches(BATCH_ROWS, columns=columns)


def rejected(job: ScoringJob) -> Path:
    """Return a file with the rows that could not be scored, and why; lines of JSON."""
    return job.output / REJECTED


def article_of_job(job: ScoringJob, article_id: str) -> Article:
    """Return an article of a job by its id.

    Raises:
        ServeError: 404, there is none.
    """
    found = _kept_article(job, article_id) or _read_article(job, article_id)
    if found is None:
        raise ServeError(HTTPStatus.NOT_FOUND, f"{article_id!r:.80}: no such article in {job.id}")
    return found


def articles_of(job: ScoringJob) -> Iterator[Article]:
    """Yield the articles of a job."""
    columns = _kept_columns(job)
    if not columns:
        yield from _read_again(job)
    for batch in batches(job, ["id", *columns.values()]) if columns else ():
        for row in batch.to_pylist():
            yield _article(row["id"], columns, row)


def _parts(job: ScoringJob) -> list[Path]:
    return sorted(job.output.glob("part-*.parquet"))


def _kept_columns(job: ScoringJob) -> dict[str, str]:
    """Return the columns of articles that were carried through, by role; none where texts were not."""
    wanted = score_options(job.options).fields.wanted()
    names = schema_of(job).names
    columns = {role: wanted[role][0] for role in ("text", "title", "lang")}
    columns |= shown_columns(names, job.options)
    if columns["text"] not in names or "article_id" in names:
        return {}
    return {role: name for role, name in columns.items() if name in names}


def _kept_article(job: ScoringJob, article_id: str) -> Article | None:
    """Return an article whose text was carried through."""
    columns = _kept_columns(job)
    for part in _parts(job) if columns else ():
        ids = pq.read_table(part, columns=["id"])["id"]
        row = pc.index(ids.cast(pa.large_string()), article_id).as_py()
        if row >= 0:
            (values,) = pq.read_table(part, columns=[*columns.values()]).slice(row, 1).to_pylist()
            return _article(article_id, columns, values)
    return None


def _article(article_id: str, columns: Mapping[str, str], row: Mapping[str, Any]) -> Article:
    values = {role: str(row[name] or "") for role, name in columns.items()}
    title, text = values.get("title", ""), values["text"]
    whole = full_text(title, text)
    lang, source, date = (values.get(role, "") for role in ("lang", "source", "date"))
    return Article(article_id, whole, lang, title, source, date, len(whole) - len(text))


def _read_article(job: ScoringJob, article_id: str) -> Article | None:
    """Return an article from the file that it came in."""
    return next((article for article in _read_again(job) if article.id == article_id), None)


def _read_again(job: ScoringJob) -> Iterator[Article]:
    """Yield the articles of a job from the files that they came in."""
    files = [str(path) for path in sorted(job.input.iterdir())]
    return readable_articles(files, score_options(job.options).fields)
