"""The recipe of ``docs/scale.md`` for Spark, as it stands there, on a Spark of this machine."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest
from installed import needs, needs_program
from scored import articles, rows_of, write_jsonl

import framescope
from framescope import Predictor, ScoreOptions

pytestmark = pytest.mark.cluster

GUIDE = Path(__file__).parents[2] / "docs" / "scale.md"
SESSION = """
import sys
from pyspark.sql import SparkSession

here = {"spark.ui.enabled": "false", "spark.driver.host": "127.0.0.1", "spark.driver.bindAddress": "127.0.0.1"}
spark = SparkSession.builder.master("local[2]").config(map=here).getOrCreate()
model, source = sys.argv[1:3]
"""


def recipe() -> str:
    """Return a script that runs the recipe with the model in its path, and then with the model sent along."""
    _, _, guide = GUIDE.read_text(encoding="utf-8").partition("## Spark\n")
    in_place, sent, score, imports = re.findall(r"```python\n(.*?)```", guide.partition("\n## ")[0], re.DOTALL)
    runs = [f"{how}\noutput = sys.argv[{n}]\n{score}" for n, how in ((3, in_place), (4, sent))]
    return "\n".join([imports, SESSION, *runs])


def rows_of_spark(output: Path) -> list[dict[str, Any]]:
    rows = [row for path in output.glob("part-*.parquet") for row in pq.read_table(path).to_pylist()]
    return sorted(rows, key=lambda row: row["id"])


def test_the_recipe_gives_what_score_gives(predictor: Predictor, tmp_path: Path) -> None:
    """Ids, labels, probabilities and hashes, but for the row without a text."""
    needs("pyspark", extra="spark")
    needs_program("java")
    rows = [{"id": row["id"], "text": row["text"]} for row in articles(60)]
    source = write_jsonl([*rows, {"id": "null", "text": None}], tmp_path / "in.jsonl")
    framescope.score(predictor, source, tmp_path / "expected", options=ScoreOptions(top=3))

    outputs = [tmp_path / "in-place", tmp_path / "sent"]
    done = subprocess.run(  # noqa: S603 - our own interpreter and code
        [sys.executable, "-c", recipe(), str(predictor.bundle.path), str(source), *map(str, outputs)],
        env=os.environ | {"PYSPARK_PYTHON": sys.executable, "SPARK_LOCAL_IP": "127.0.0.1"},
        capture_output=True,
        text=True,
        check=False,
        timeout=300,
    )
    assert done.returncode == 0, done.stderr
    for output in outputs:
        assert rows_of_spark(output) == rows_of(tmp_path / "expected")
