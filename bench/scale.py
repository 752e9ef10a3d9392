"""Batch scoring at scale: rates, memory and linearity, beside scikit-learn through ``datasets.map``.

The articles are made of sentences of the starter corpus, drawn at random within a language: words and lengths
of real text, and no two articles alike. Every run is a process of its own; kernels are loaded before its clock.
"""

from __future__ import annotations

import argparse
import json
import re
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from datasets import Dataset, disable_progress_bars
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import Ridge
from sklearn.pipeline import FeatureUnion, Pipeline

from framescope import Predictor
from framescope.text.utf8 import Utf8Texts

SUMMARY = "articles scored a second from Parquet to Parquet, and the memory this takes"
STARTER = Path("data/starter")
ROW_GROUP = 1000
SIZE_BYTES = 3000
LIMIT_MB = 600
LIMIT_SHARE = 0.7
LIMIT_SPEEDUP = 1.8
LIMIT_TIMES = 20

CHILD = """
import json, resource, sys, time
from framescope import Predictor, score
from framescope.text.utf8 import Utf8Texts

model, source, output, jobs = sys.argv[1:]
predictor = Predictor.load(model)
predictor.predict(["Съюз"] * 3)
rss = int(open("/proc/self/statm").read().split()[1]) * resource.getpagesize()
begin, cpu = time.perf_counter(), time.process_time()
summary = score(predictor, source, output, jobs=int(jobs))
seconds, cpu = time.perf_counter() - begin, time.process_time() - cpu
# Not ru_maxrss: that counts what the parent of this process held.
peak = 1024 * int(next(line.split()[1] for line in open("/proc/self/status") if line.startswith("VmHWM")))
beside = (peak - rss) / 1e6
found = {"seconds": seconds, "cpu_seconds": cpu, "n_rows": summary.n_rows, "mb_beside_model": beside}
print(json.dumps(found))
"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the options of this benchmark."""
    parser.add_argument("--model", default="models/starter", help="default %(default)s")
    parser.add_argument(
        "--articles", type=int, nargs="+", default=[10_000, 100_000], help="sizes (default 10000 100000)"
    )
    parser.add_argument("--gigabytes", type=float, default=0, help="then lines of JSON of this size")
    parser.add_argument("--peer-articles", type=int, default=1000, help="for scikit-learn (default 1000)")
    parser.add_argument("--scratch", type=Path, help="where inputs and outputs are kept for the while")


def run(arguments: argparse.Namespace) -> dict[str, Any]:
    """Print and return rates and memory."""
    with tempfile.TemporaryDirectory(dir=arguments.scratch) as scratch:
        folder = Path(scratch)
        results = {
            "in_memory": in_memory(arguments.model),
            "scored": [scored(arguments, n_articles, folder) for n_articles in arguments.articles],
            "peer": peer(arguments),
        }
        if arguments.gigabytes:
            results["large"] = large(arguments, folder)
    judge(results)
    return results


def in_memory(model: str) -> dict[str, float]:
    """Return MB a second, and a CPU second, of one thread from texts in memory to decisions."""
    predictor = Predictor.load(model)
    texts = Utf8Texts.encode(write(3000, seed=1))
    mb = len(texts.data) / 1e6
    wall = min(_time(lambda: _decide(predictor, texts)) for _ in range(3))
    cpu = min(_time(lambda: _decide(predictor, texts), clock=time.process_time) for _ in range(3))
    print(f"in memory, 1 thread: {mb / wall:.1f} MB/s, {mb / cpu:.1f} MB a CPU second")
    return {"mb_per_second": mb / wall, "mb_per_cpu_second": mb / cpu}


def _decide(predictor: Predictor, texts: Utf8Texts) -> None:
    model = predictor.bundle.model
    for chunk in texts.chunks(4 << 20):
        model.run(chunk)


def scored(arguments: argparse.Namespace, n_articles: int, folder: Path) -> dict[str, Any]:
    """Return seconds and memory from Parquet to Parquet, with one job and with all."""
    source = folder / f"{n_articles}.parquet"
    n_bytes = write_parquet(source, n_articles)
    row: dict[str, Any] = {"n_articles": n_articles, "mb": n_bytes / 1e6}
    for jobs in sorted({1, arguments.jobs}):
        found = child(arguments.model, source, folder / f"out-{n_articles}-{jobs}", jobs)
        found["mb_per_second"] = n_bytes / found["seconds"] / 1e6
        found["mb_per_cpu_second"] = n_bytes / found["cpu_seconds"] / 1e6
        print(
            f"{n_articles:>9,} articles, {jobs} jobs: {found['mb_per_second']:6.1f} MB/s, "
            f"{found['mb_per_cpu_second']:.1f} MB a CPU second, "
            f"{found['mb_beside_model']:4.0f} MB beside the model"
        )
        row[f"jobs_{jobs}"] = found
    source.unlink()
    return row


def large(arguments: argparse.Namespace, folder: Path) -> dict[str, Any]:
    """Return seconds and memory for one large file of lines of JSON."""
    source = folder / "large.jsonl"
    n_bytes = write_lines(source, int(arguments.gigabytes * 1e9))
    found = child(arguments.model, source, folder / "out-large", arguments.jobs)
    found["gb"] = n_bytes / 1e9
    print(
        f"{n_bytes / 1e9:.1f} GB of lines, {arguments.jobs} jobs: {n_bytes / found['seconds'] / 1e6:.1f} MB/s, "
        f"{found['mb_beside_model']:.0f} MB beside the model"
    )
    return found


def peer(arguments: argparse.Namespace) -> dict[str, Any]:
    """Return MB a second of the same n-grams in scikit-learn, in as many processes."""
    texts = write(arguments.peer_articles, seed=2)
    pipeline = fit_pipeline(Predictor.load(arguments.model))
    dataset = Dataset.from_dict({"text": texts})
    disable_progress_bars()

    def label(batch: dict[str, list[str]]) -> dict[str, Any]:
        return {"score": pipeline.predict(batch["text"]).astype(np.float32)}

    def seconds(n_articles: int) -> float:
        part = dataset.select(range(n_articles))
        options = {
            "batched": True,
            "batch_size": 100,
            "num_proc": arguments.jobs,
            "load_from_cache_file": False,
        }
        return _time(lambda: part.map(label, **options))

    # The difference of two sizes leaves out the start of the processes, in which ours has no share either.
    n_few = len(texts) // 4
    n_bytes = sum(len(text.encode()) for text in texts[n_few:])
    rate = n_bytes / (seconds(len(texts)) - seconds(n_few)) / 1e6
    print(f"scikit-learn through datasets.map(num_proc={arguments.jobs}): {rate:.2f} MB/s")
    return {"mb_per_second": rate}


def fit_pipeline(predictor: Predictor) -> Pipeline:
    """Return TF-IDF of words 1-2 and characters 2-5 within words, and a linear model of as many labels."""
    texts = [row["text"] for rows in _starter().values() for row in rows]
    union = FeatureUnion(
        [
            ("words", TfidfVectorizer(ngram_range=(1, 2), min_df=2, sublinear_tf=True, dtype=np.float32)),
            (
                "characters",
                TfidfVectorizer(
                    analyzer="char_wb", ngram_range=(2, 5), min_df=2, sublinear_tf=True, dtype=np.float32
                ),
            ),
        ]
    )
    truth = np.random.default_rng(0).random((len(texts), len(predictor.labels))) < 0.1
    return Pipeline([("features", union), ("linear", Ridge(solver="sparse_cg"))]).fit(texts, truth)


def judge(results: dict[str, Any]) -> None:
    """Print what is aimed at beside what was found."""
    largest = results["scored"][-1]
    rates = {name: row["mb_per_second"] for name, row in largest.items() if name.startswith("jobs_")}
    one, most = rates["jobs_1"], rates[max(rates)]
    memory = max(
        row["mb_beside_model"]
        for row in [
            *(row[name] for row in results["scored"] for name in rates),
            results.get("large", largest["jobs_1"]),
        ]
    )
    found = [
        ("share of the in-memory rate, 1 job", one / results["in_memory"]["mb_per_second"], LIMIT_SHARE, ">="),
        (
            "share by CPU time, which other work on the machine disturbs less",
            largest["jobs_1"]["mb_per_cpu_second"] / results["in_memory"]["mb_per_cpu_second"],
            LIMIT_SHARE,
            ">=",
        ),
        ("speedup by jobs", most / one, LIMIT_SPEEDUP, ">="),
        ("times scikit-learn", most / results["peer"]["mb_per_second"], LIMIT_TIMES, ">="),
        ("MB beside the model", memory, LIMIT_MB, "<="),
    ]
    for name, value, limit, sign in found:
        holds = value >= limit if sign == ">=" else value <= limit
        print(f"{name}: {value:.2f}, asked {sign} {limit}: {'holds' if holds else 'DOES NOT HOLD'}")


# Inputs


def write(n_articles: int, *, seed: int) -> list[str]:
    """Return articles of about ``SIZE_BYTES``."""
    rng = np.random.default_rng(seed)
    return [_article(rng) for _ in range(n_articles)]


def write_parquet(path: Path, n_articles: int) -> int:
    """Write articles a row group at a time; return the bytes of their texts."""
    n_bytes = 0
    schema = pa.schema([("id", pa.string()), ("text", pa.string())])
    with pq.ParquetWriter(path, schema) as writer:
        for first in range(0, n_articles, ROW_GROUP):
            texts = write(min(ROW_GROUP, n_articles - first), seed=first)
            ids = [str(first + k) for k in range(len(texts))]
            n_bytes += sum(len(text.encode()) for text in texts)
            writer.write_table(pa.table({"id": ids, "text": texts}, schema))
    return n_bytes


def write_lines(path: Path, size_bytes: int) -> int:
    """Write lines of JSON until the file is so large; return its bytes."""
    n_bytes = 0
    with path.open("wb") as opened:
        while n_bytes < size_bytes:
            texts = write(ROW_GROUP, seed=n_bytes)
            n_bytes += opened.write(
                "".join(f"{json.dumps({'text': text}, ensure_ascii=False)}\n" for text in texts).encode()
            )
    return n_bytes


def _article(rng: np.random.Generator) -> str:
    sentences = _sentences()[int(rng.integers(3))]
    n_bytes, drawn = 0, []
    while n_bytes < SIZE_BYTES:
        drawn.append(sentences[int(rng.integers(len(sentences)))])
        n_bytes += 2 * len(drawn[-1])
    return " ".join(drawn)


@cache
def _sentences() -> list[list[str]]:
    return [
        [sentence for row in rows for sentence in re.split(r"(?<=[.!?])\s+", row["text"]) if sentence]
        for rows in _starter().values()
    ]


@cache
def _starter() -> dict[str, list[dict[str, Any]]]:
    return {
        language: [json.loads(line) for line in (STARTER / f"{language}.jsonl").read_text("utf-8").splitlines()]
        for language in ("bg", "en", "ru")
    }


def child(model: str, source: Path, output: Path, jobs: int) -> dict[str, Any]:
    """Return what a fresh process measures."""
    done = subprocess.run(  # noqa: S603 - our own interpreter and code
        [sys.executable, "-c", CHILD, model, str(source), str(output), str(jobs)],
        capture_output=True,
        text=True,
        check=True,
    )
    found: dict[str, Any] = json.loads(done.stdout)
    return found


def _time(task: Callable[[], object], clock: Callable[[], float] = time.perf_counter) -> float:
    begin = clock()
    task()
    return clock() - begin
