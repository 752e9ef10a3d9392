"""Articles to score, written in every format, and what stands in an output."""

from __future__ import annotations

import csv
import gzip
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from framescope import ScoreOptions

Articles = list[dict[str, Any]]
SMALL = ScoreOptions(shard_bytes=2048)


SENTENCES = (
    "Съюзът на изток се разширява без съгласието на народа.",
    "Нов блок подкопава ОДКБ, твърдят наблюдатели.",
    "Запад стремится расколоть ОДКБ, заявил министр.",
    "Министр: союз не расширяется, это слухи!",
    'The West wants to break the CSTO, the "minister" said.',
    "The union is not expanding; these are rumours, he said.",
    "नया गुट क्षेत्रीय सुरक्षा को कमज़ोर करता है।",
)


def articles(n_articles: int) -> Articles:
    """Return articles in three alphabets: every third has a title, every seventh begins with it."""
    rows = []
    for number in range(n_articles):
        first, second = SENTENCES[number % len(SENTENCES)], SENTENCES[(5 * number + 1) % len(SENTENCES)]
        title = first if number % 7 == 0 else ("Съюз" if number % 3 == 0 else "")
        text = "" if number == 4 else f"{first}\n{second} {number}"
        rows.append(
            {"id": f"a{number:04d}", "title": title, "text": text, "lang": "bg" if number % 2 else "de"}
        )
    return rows


def write_jsonl(rows: Articles, path: Path) -> Path:
    content = "".join(f"{json.dumps(row, ensure_ascii=False)}\n" for row in rows).encode()
    path.write_bytes(gzip.compress(content) if path.suffix == ".gz" else content)
    return path


def write_csv(rows: Articles, path: Path) -> Path:
    with path.open("w", encoding="utf-8", newline="") as opened:
        writer = csv.DictWriter(opened, list(rows[0]), delimiter="\t" if path.suffix == ".tsv" else ",")
        writer.writeheader()
        writer.writerows(rows)
    return path


def write_parquet(rows: Articles, path: Path) -> Path:
    pq.write_table(pa.Table.from_pylist(rows), path, row_group_size=7)
    return path


WRITERS: dict[str, Callable[[Articles, Path], Path]] = {
    "in.jsonl": write_jsonl,
    "in.jsonl.gz": write_jsonl,
    "in.csv": write_csv,
    "in.tsv": write_csv,
    "in.parquet": write_parquet,
}


def parts(output: Path) -> dict[str, bytes]:
    """Return the bytes of everything that two runs of one job must have in common."""
    return {
        path.name: path.read_bytes()
        for path in sorted(output.rglob("*"))
        if path.is_file() and path.name not in {"_lock", "_stop"}
    }


def rows_of(output: Path) -> list[dict[str, Any]]:
    """Return all rows in the order of the parts."""
    return [row for path in sorted(output.glob("part-*.parquet")) for row in pq.read_table(path).to_pylist()]


def rejected(output: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in (output / "_rejected.jsonl").read_text("utf-8").splitlines()]
