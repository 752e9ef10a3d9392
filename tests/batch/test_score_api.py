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
from framescope.text.article import full_text

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
