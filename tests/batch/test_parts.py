"""What the part files of a run hold."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
from scored import SMALL, articles, rows_of

import framescope
from framescope import Predictor, ScoreOptions
from framescope.batch.verify import verify
from framescope.text.article import full_text
from framescope.text.words import word_offsets


def test_only_the_most_probable_labels(predictor: Predictor, jsonl: Path, tmp_path: Path) -> None:
    """Best first, with the probabilities that the full output has."""
    framescope.score(predictor, jsonl, tmp_path / "all")
    options = ScoreOptions(top=2, threshold=0.3)
    framescope.score(predictor, jsonl, tmp_path / "top", options=options)
    n_shorter = 0
    for full, row in zip(rows_of(tmp_path / "all"), rows_of(tmp_path / "top"), strict=True):
        ranked = sorted(full["probabilities"].items(), key=lambda pair: -pair[1])
        kept = [
            {"label": label, "probability": value} for label, value in ranked[:2] if value >= np.float32(0.3)
        ]
        assert [one["probability"] for one in row["probabilities"]] == [one["probability"] for one in kept]
        assert all(full["probabilities"][one["label"]] == one["probability"] for one in row["probabilities"])
        n_shorter += len(kept) < 2
    assert n_shorter


def test_lines_of_json_say_the_same(predictor: Predictor, jsonl: Path, tmp_path: Path) -> None:
    """Probabilities to six decimals, as ``framescope predict`` prints them."""
    framescope.score(predictor, jsonl, tmp_path / "parquet")
    framescope.score(
        predictor, jsonl, tmp_path / "lines", options=ScoreOptions(format="jsonl", shard_bytes=2048)
    )
    lines = [
        json.loads(line)
        for path in sorted((tmp_path / "lines").glob("part-*.jsonl"))
        for line in path.read_text("utf-8").splitlines()
    ]
    expected = rows_of(tmp_path / "parquet")
    for row in expected:
        row["probabilities"] = {label: round(value, 6) for label, value in row["probabilities"].items()}
    assert lines == expected
    assert verify(tmp_path / "lines") == []


def test_evidence_is_the_words_with_the_greatest_share(
    predictor: Predictor, jsonl: Path, tmp_path: Path
) -> None:
    """At most five whole words a label, within the text that the model read, in text order."""
    framescope.score(predictor, jsonl, tmp_path / "out", options=ScoreOptions(evidence=True))
    given = {row["id"]: full_text(row["title"], row["text"]) for row in articles(60)}
    n_spans = 0
    for row in rows_of(tmp_path / "out"):
        assert {span["label"] for span in row["evidence"]} <= set(row["labels"])
        for label in row["labels"]:
            spans = [span for span in row["evidence"] if span["label"] == label]
            assert len(spans) <= 5
            assert spans == sorted(spans, key=lambda span: span["start"])
            words = word_offsets(given[row["id"]]).tolist()
            assert all([span["start"], span["end"]] in words for span in spans)
            margin = predictor.explain(given[row["id"]], label)
            shares = sum(one.value for one in margin.contributions if one.value > 0)
            assert all(0 < span["value"] <= shares for span in spans)
            n_spans += len(spans)
    assert n_spans > 60


def test_the_manifest_tells_what_was_made_of_what(predictor: Predictor, jsonl: Path, tmp_path: Path) -> None:
    framescope.score(predictor, jsonl, tmp_path / "out", options=SMALL)
    manifest = json.loads((tmp_path / "out" / "_manifest.json").read_text("utf-8"))
    n_parts = len(list((tmp_path / "out").glob("part-*")))
    assert manifest["counts"] == {
        "n_shards": n_parts,
        "n_parts": n_parts,
        "n_rows": 60,
        "n_scored": 60,
        "n_rejected": 0,
        "n_unlike": 0,
        "n_in_two_scripts": 0,
    }
    assert manifest["languages_found"] == {}
    assert manifest["job"]["model_digest"] == predictor.digest
    assert manifest["job"]["inputs"] == [str(jsonl)]
    assert set(manifest["versions"]) == {"framescope", "numba", "numpy", "pyarrow", "python"}
