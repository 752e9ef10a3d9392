"""Folders that score has written, as a feed: in every format, several together, and what cannot be used."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from commands import write_rows
from framescope.batch.job import score
from framescope.batch.options import ScoreOptions
from framescope.overview.feed import Batch, OverviewError
from framescope.overview.scored import ScoredFeed
from framescope.predictor import Predictor
from tiny import SENTENCES

FORMATS = ("parquet", "jsonl", "csv", "xlsx")
ROWS = [
    {"id": f"r{k}", "text": text, "title": f"Title {k}", "source": f"=outlet {k % 3}", "date": "2026-02-03"}
    for k, text in enumerate(SENTENCES)
]

Scored = Callable[..., Path]


@pytest.fixture
def scored(bundle_path: Path, tmp_path: Path) -> Scored:
    """Score some rows into a folder of a name."""

    def made(name: str = "scores", rows: list[dict[str, Any]] = ROWS, **options: Any) -> Path:
        write_rows(tmp_path / f"{name}.jsonl", rows)
        options = {"keep": ["source", "date", "title"], **options}
        score(bundle_path, tmp_path / f"{name}.jsonl", tmp_path / name, options=ScoreOptions(**options))
        return tmp_path / name

    return made


def read(feed: ScoredFeed, *columns: str) -> Batch:
    """Return all articles as one batch; small ones are read at once."""
    (batch,) = feed.batches(columns)
    return batch


@pytest.mark.parametrize("form", FORMATS)
def test_every_format_is_read_as_the_model_says_it(scored: Scored, predictor: Predictor, form: str) -> None:
    feed = ScoredFeed([scored(format=form)], predictor)
    texts = [f"{row['title']}\n{row['text']}" for row in ROWS]
    batch = read(feed, "source", "date")
    assert batch.probabilities == pytest.approx(predictor.predict_proba(texts), abs=1e-6)
    assert batch.decided.tolist() == predictor.decide(predictor.predict_proba(texts)).tolist()
    assert batch.given.tolist() == batch.decided.tolist()
    assert batch.columns["source"].to_pylist() == [row["source"] for row in ROWS]
    assert batch.columns["date"].to_pylist() == [row["date"] for row in ROWS]
    assert (feed.digest, feed.codebook, feed.unit) == (predictor.digest, predictor.codebook, predictor.unit)
    assert feed.column_names[:1] == ["id"]
    assert {"source", "date", "title"} < set(feed.column_names)


@pytest.mark.parametrize("form", FORMATS)
def test_equal_texts_have_equal_hashes(scored: Scored, form: str) -> None:
    rows = [{**ROWS[0], "id": name} for name in "ab"] + [ROWS[1]]
    hashes = read(ScoredFeed([scored(rows=rows, format=form)])).hashes
    assert hashes[0] == hashes[1] != hashes[2]


@pytest.mark.parametrize("form", FORMATS)
def test_labels_to_review_are_not_given(reviewed: Predictor, tmp_path: Path, form: str) -> None:
    write_rows(tmp_path / "a.jsonl", ROWS)
    score(reviewed, tmp_path / "a.jsonl", tmp_path / "out", options=ScoreOptions(format=form))
    batch = read(ScoredFeed([tmp_path / "out"], reviewed))
    expected = reviewed.predict([f"{row['title']}\n{row['text']}" for row in ROWS])
    assert [reviewed.codebook.named(row) for row in batch.given] == [one.given for one in expected]
    assert (batch.decided & ~batch.given).any()


@pytest.mark.parametrize("form", FORMATS)
def test_texts_unlike_training_give_nothing(comparing: Predictor, tmp_path: Path, form: str) -> None:
    write_rows(tmp_path / "a.jsonl", [ROWS[0], {"text": "Das ist ein deutscher Satz über den Blok ОДКБ"}])
    score(comparing, tmp_path / "a.jsonl", tmp_path / "out", options=ScoreOptions(format=form))
    batch = read(ScoredFeed([tmp_path / "out"], comparing))
    assert batch.is_unlike.tolist() == [False, True]
    assert not batch.given[1].any()


@pytest.mark.parametrize("form", FORMATS)
def test_rows_are_looked_up_by_number_across_parts(scored: Scored, form: str) -> None:
    one, two = (scored(name, rows, format=form) for name, rows in (("one", ROWS[:5]), ("two", ROWS[5:])))
    feed = ScoredFeed([one, two])
    found = feed.look_up(np.array([0, 4, 5, 11]), ["id", "source"])
    assert found["id"].to_pylist() == ["r0", "r4", "r5", "r11"]
    assert found["source"].to_pylist() == ["=outlet 0", "=outlet 1", "=outlet 2", "=outlet 2"]
    assert feed.look_up(np.array([], np.intp), ["id"]).num_rows == 0
    assert feed.name == "one + two"
    again = feed.look_up(np.array([4, 11]), ["date", "id"])
    assert again.to_pylist() == [{"date": "2026-02-03", "id": "r4"}, {"date": "2026-02-03", "id": "r11"}]
    assert feed.look_up(np.array([3]), ["id"])["id"].to_pylist() == ["r3"]


def test_texts_are_there_where_they_were_kept(scored: Scored) -> None:
    assert ScoredFeed([scored()]).texts(np.array([1])) is None
    kept = ScoredFeed([scored("kept", keep=["text", "title"])])
    assert kept.texts(np.array([1])) == [f"Title 1\n{SENTENCES[1]}"]


def test_columns_that_score_was_told_to_read_need_not_be_named_again(bundle_path: Path, tmp_path: Path) -> None:
    """Titles and texts have the names that score read them by, or others that are given."""
    write_rows(tmp_path / "a.jsonl", [{"Заглавие": "Title", "Текст": SENTENCES[0], "Body": SENTENCES[1]}])
    options = ScoreOptions(text_field="Текст", title_field="Заглавие", keep=("all",))
    score(bundle_path, tmp_path / "a.jsonl", tmp_path / "out", options=options)
    feed = ScoredFeed([tmp_path / "out"])
    assert feed.fields == {"text": "Текст", "title": "Заглавие"}
    assert feed.texts(np.array([0])) == [f"Title\n{SENTENCES[0]}"]
    other = ScoredFeed([tmp_path / "out"], fields={"text": "Body"})
    assert other.texts(np.array([0])) == [f"Title\n{SENTENCES[1]}"]


@pytest.mark.parametrize("form", FORMATS)
def test_evidence_of_score_marks_words(scored: Scored, form: str) -> None:
    feed = ScoredFeed([scored(evidence=True, keep=["text", "title"], format=form)])
    every = np.arange(len(ROWS))
    texts = feed.texts(every)
    assert texts is not None
    marks = feed.marks(every)
    words = [text[mark.start : mark.end] for text, of in zip(texts, marks, strict=True) for mark in of]
    assert words
    assert not any(" " in word for word in words)
    assert not any(mark.is_whole for of in marks for mark in of)
    assert ScoredFeed([scored("plain")]).marks(every) == [()] * len(ROWS)


def test_of_unknown_models_the_parts_name_the_labels(scored: Scored, predictor: Predictor) -> None:
    feed = ScoredFeed([scored()])
    assert feed.codebook.ids == predictor.labels
    assert feed.codebook.is_flat


def test_what_is_no_finished_output_is_refused(scored: Scored, tmp_path: Path) -> None:
    with pytest.raises(OverviewError, match="is not the finished output of framescope score"):
        ScoredFeed([scored(), tmp_path])


def test_scores_without_all_probabilities_are_refused(scored: Scored) -> None:
    for name, options in (("top", {"top": 2}), ("least", {"threshold": 0.5})):
        with pytest.raises(OverviewError, match="lacks probabilities: score again without --top"):
            ScoredFeed([scored(name, **options)])


def test_scores_of_no_rows_are_refused(scored: Scored) -> None:
    with pytest.raises(OverviewError, match="has no rows: expected scored articles"):
        ScoredFeed([scored(rows=[{"text": None}], format="jsonl", keep=None)])


def test_labels_of_another_codebook_are_named(scored: Scored, scoped: Predictor, bundle_path: Path) -> None:
    path = scored(format="jsonl")
    part = next(path.glob("part-*"))
    part.write_text(part.read_text("utf-8").replace('"union-expands"', '"sun-expands"'), encoding="utf-8")
    with pytest.raises(OverviewError, match="label 'sun-expands' is not in the codebook 'tiny'"):
        ScoredFeed([path], Predictor.load(bundle_path))


@pytest.mark.parametrize("form", FORMATS)
def test_damaged_parts_are_named(scored: Scored, form: str) -> None:
    path = scored(format=form)
    part = next(path.glob("part-*"))
    part.write_bytes(part.read_bytes()[: part.stat().st_size // 2])
    with pytest.raises(OverviewError, match="framescope verify"):
        [*ScoredFeed([path]).batches([])]


def test_parts_that_are_missing_are_missed(scored: Scored) -> None:
    one, two = scored("one"), scored("two", ROWS[:3])
    next(two.glob("part-*")).rename(one / "part-9.parquet")
    with pytest.raises(OverviewError, match="one: has 15 rows, its manifest says 12: check it with"):
        [*ScoredFeed([one]).batches([])]


def test_parts_that_lack_a_column_are_named(scored: Scored) -> None:
    feed = ScoredFeed([scored("one"), scored("two", keep=["date"])])
    assert "source" not in feed.column_names
    with pytest.raises(OverviewError, match="has no column 'source': score the articles again"):
        [*feed.batches(["source"])]


def test_a_job_without_options_is_refused(scored: Scored) -> None:
    path = scored()
    job = json.loads((path / "_job.json").read_text("utf-8"))
    (path / "_job.json").write_text(json.dumps({**job, "options": None}), encoding="utf-8")
    with pytest.raises(OverviewError, match="options: expected those of score"):
        ScoredFeed([path])
