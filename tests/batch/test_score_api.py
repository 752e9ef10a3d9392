"""Scoring from Python."""

from __future__ import annotations

import json
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest
from scored import SMALL, WRITERS, articles, rows_of, write_parquet

import framescope
from framescope import Predictor
from framescope.batch.verify import verify
from framescope.bundle.write import save_bundle
from framescope.model.fitted import Model
from framescope.text.article import full_text
from framescope.text.segments import Unit
from tiny import FACTS, SENTENCES

SERVE = """
import sys
from framescope import ScoreOptions, score
from framescope.batch.verify import verify

for format in ("parquet", "jsonl"):
    output = f"{sys.argv[3]}-{format}"
    options = ScoreOptions(format=format, top=2, evidence=True, shard_bytes=2048)
    assert score(sys.argv[1], sys.argv[2], output, jobs=2, options=options).n_rejected == 1
    assert verify(output) == []
heavy = {"sklearn", "datasets", "pandas", "torch", "fsspec", "rich", "typer", "scipy.sparse"}
assert not heavy & set(sys.modules), heavy & set(sys.modules)
"""


@pytest.mark.slow
@pytest.mark.parametrize("name", WRITERS)
def test_scoring_loads_nothing_heavy(bundle_path: Path, tmp_path: Path, name: str) -> None:
    """Nor does verifying, with a bad row among the rows."""
    rows = articles(30)
    source = WRITERS[name](rows, tmp_path / name)
    if name.endswith(".parquet"):
        source = write_parquet([*rows, {"id": None, "title": None, "text": None, "lang": None}], source)
    elif name.endswith(".gz"):
        source = WRITERS[name]([*rows, {"id": None}], source)
    else:
        source.write_bytes(source.read_bytes() + b"5\n")
    done = subprocess.run(  # noqa: S603 - our own interpreter and code
        [sys.executable, "-W", "error", "-c", SERVE, bundle_path, source, tmp_path / "out"],
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, "")


def test_rows_say_which_labels_are_out_of_scope(
    scoped: Predictor, predictor: Predictor, jsonl: Path, tmp_path: Path
) -> None:
    """A column of its own, and only where the codebook has scopes; both formats."""
    given = [full_text(row["title"], row["text"]) for row in articles(60)]
    expected = [list(one.out_of_scope) for one in scoped.predict(given)]
    assert [] != expected[0] != expected[1]
    framescope.score(scoped, jsonl, tmp_path / "out", options=SMALL)
    assert [row["out_of_scope"] for row in rows_of(tmp_path / "out")] == expected
    framescope.score(scoped, jsonl, tmp_path / "lines", options=replace(SMALL, format="jsonl"))
    lines = [
        json.loads(line)
        for path in sorted((tmp_path / "lines").glob("part-*.jsonl"))
        for line in path.read_text("utf-8").splitlines()
    ]
    assert [row["out_of_scope"] for row in lines] == expected
    framescope.score(predictor, jsonl, tmp_path / "without")
    assert "out_of_scope" not in rows_of(tmp_path / "without")[0]


GERMAN = "Der Minister sagte, dass die Regierung ihre Politik nicht ändern werde."
UKRAINIAN = "Міністр заявив, що уряд не змінить свою політику, бо так вирішили депутати."


@pytest.mark.parametrize("unit", [Unit.ARTICLE, Unit.SENTENCE])
@pytest.mark.parametrize("with_languages", [True, False])
def test_rows_tell_how_typical_texts_are(
    comparing_model: Model, tmp_path: Path, *, unit: Unit, with_languages: bool
) -> None:
    """As predict does; the summary counts those unlike training and languages that nobody named."""
    save_bundle(replace(comparing_model, unit=unit), tmp_path / "m", card="", training=FACTS)
    predictor = Predictor.load(tmp_path / "m")
    texts = [SENTENCES[0], GERMAN, UKRAINIAN, GERMAN, GERMAN]
    languages = [None, "", None, "de", None]
    rows = [
        {"text": text, **({"lang": code} if with_languages else {})}
        for text, code in zip(texts, languages, strict=True)
    ]
    source = tmp_path / "in.jsonl"
    source.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    summary = framescope.score(predictor, source, tmp_path / "out", options=SMALL)
    expected = predictor.predict(texts)
    found = rows_of(tmp_path / "out")
    assert [row["typicality"] for row in found] == [one.typicality for one in expected]
    assert [row["unlike_training"] for row in found] == [False, True, True, True, True]
    assert summary.n_unlike == 4
    assert summary.languages_found == {"de": 2 if with_languages else 3, "uk": 1}
    manifest = json.loads((tmp_path / "out" / "_manifest.json").read_text("utf-8"))
    assert (manifest["counts"]["n_unlike"], manifest["languages_found"]) == (4, summary.languages_found)
    assert verify(tmp_path / "out") == []


def test_a_model_that_does_not_compare_leaves_typicality_empty(
    predictor: Predictor, jsonl: Path, tmp_path: Path
) -> None:
    summary = framescope.score(predictor, jsonl, tmp_path / "out")
    assert {(row["typicality"], row["unlike_training"]) for row in rows_of(tmp_path / "out")} == {(None, False)}
    assert (summary.n_unlike, summary.languages_found) == (0, {})
