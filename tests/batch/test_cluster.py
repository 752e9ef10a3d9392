"""Runs on real clusters of this machine, whose workers and clients are killed: the bytes of one process.

``FRAMESCOPE_REQUIRE_CLUSTER`` turns skips for what is not installed into failures.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass, replace
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from installed import needs
from local_clusters import SECONDS, Dask, Ray, free_port, running, wait_for
from scored import articles, parts, write_jsonl

from framescope.batch.verify import verify
from framescope.bundle.write import save_bundle
from framescope.model.fitted import Model
from tiny import FACTS

pytestmark = pytest.mark.cluster

SHARD_BYTES = 1024


def n_parts(output: Path) -> int:
    return len(list(output.glob("part-*")))


def run(arguments: list[str]) -> subprocess.CompletedProcess[str]:
    return subprocess.run(  # noqa: S603 - our own interpreter and code
        [sys.executable, *arguments], capture_output=True, text=True, check=False, timeout=SECONDS
    )


@dataclass(frozen=True)
class Task:
    """What is scored: a model, lines for 200 shards with a bad one every now and then, and what comes of it."""

    model: Path
    source: Path
    expected: dict[str, bytes]

    def command(self, output: Path, *options: str) -> list[str]:
        shards = ["--shard-bytes", str(SHARD_BYTES), "--output", str(output)]
        return ["-m", "framescope", "score", str(self.model), str(self.source), *shards, *options]


@pytest.fixture(scope="module")
def task(model: Model, tmp_path_factory: pytest.TempPathFactory) -> Task:
    """The output is that of one process."""
    folder = tmp_path_factory.mktemp("task")
    save_bundle(model, folder / "tiny", card="# Tiny\n", training=FACTS)
    source = write_jsonl(articles(900), folder / "in.jsonl")
    lines = source.read_bytes().splitlines(keepends=True)
    for place in range(850, 0, -97):
        lines.insert(place, b'{"text": \n')
    source.write_bytes(b"".join(lines))
    task = Task(folder / "tiny", source, {})
    assert run(task.command(folder / "out")).returncode == 0
    return replace(task, expected=parts(folder / "out"))


@pytest.fixture
def clusters() -> Iterator[ExitStack]:
    """What is started on it ends with the test."""
    with ExitStack() as stack:
        yield stack


def survive(arguments: list[str], output: Path, log: Path, lose_worker: Callable[[], object]) -> None:
    """Run a client, kill a worker and the client, and again a worker of the next client, which must succeed."""
    with running(*arguments, log=log) as client:
        wait_for(lambda: n_parts(output) > 20 or client.poll() is not None, "20 parts")
        lose_worker()
        wait_for(lambda: n_parts(output) > 40 or client.poll() is not None, "40 parts")
        assert client.poll() is None, log.read_text()
        client.kill()
    with running(*arguments, log=log) as client:
        wait_for(lambda: n_parts(output) > 100 or client.poll() is not None, "100 parts")
        assert client.poll() is None, log.read_text()
        lose_worker()
        assert client.wait(SECONDS) == 0, log.read_text()


@pytest.mark.parametrize("n_deaths", [1, 4])
def test_dask_survives(task: Task, tmp_path: Path, clusters: ExitStack, n_deaths: int) -> None:
    """Whether the scheduler repeats what was lost or gives it up at once."""
    needs("distributed", extra="dask")
    dask = Dask(clusters, tmp_path, n_deaths=n_deaths)
    dask.add_worker()
    dask.add_worker()
    dask.wait_for_workers()
    arguments = task.command(tmp_path / "out", "--engine", "dask", "--address", dask.address)
    survive(arguments, tmp_path / "out", tmp_path / "client.log", dask.lose_worker)
    assert parts(tmp_path / "out") == task.expected
    assert verify(tmp_path / "out") == []


def test_ray_survives(task: Task, tmp_path: Path, clusters: ExitStack, monkeypatch: pytest.MonkeyPatch) -> None:
    needs("ray", extra="ray")
    monkeypatch.setenv("RAY_AUTH_MODE", "disabled")  # or a token is written to the home directory
    folder = Path(clusters.enter_context(TemporaryDirectory(prefix="ray")))  # the paths of sockets are short
    ray = Ray(clusters, folder)
    arguments = task.command(tmp_path / "out", "--engine", "ray", "--address", ray.address)
    survive(arguments, tmp_path / "out", tmp_path / "client.log", ray.lose_worker)
    assert parts(tmp_path / "out") == task.expected
    assert verify(tmp_path / "out") == []


# What is wrong is said at once


def test_a_worker_of_another_version_is_said(task: Task, tmp_path: Path, clusters: ExitStack) -> None:
    """Before the first part."""
    needs("distributed", extra="dask")
    metadata = tmp_path / "other" / "framescope-0.0.7.dist-info" / "METADATA"
    metadata.parent.mkdir(parents=True)
    metadata.write_text("Metadata-Version: 2.1\nName: framescope\nVersion: 0.0.7\n")
    dask = Dask(clusters, tmp_path, n_deaths=1)
    dask.add_worker()
    dask.add_worker(PYTHONPATH=f"{metadata.parent.parent}:{os.environ.get('PYTHONPATH', '')}")
    dask.wait_for_workers()
    done = run(task.command(tmp_path / "out", "--engine", "dask", "--address", dask.address))
    assert done.returncode == 1
    assert re.search(r"^error: worker on .+: has framescope 0\.0\.7, expected .+: install", done.stderr, re.M)
    assert n_parts(tmp_path / "out") == 0


@pytest.mark.parametrize("engine", ["dask", "ray"])
def test_a_cluster_that_is_not_there_is_said(engine: str, task: Task, tmp_path: Path) -> None:
    needs("distributed" if engine == "dask" else engine, extra=engine)
    address = f"127.0.0.1:{free_port()}"
    done = run(task.command(tmp_path / "out", "--engine", engine, "--address", address))
    assert done.returncode == 1
    assert f"error: {engine} at {address}: cannot be reached: " in done.stderr
    assert "Traceback" not in done.stderr


def test_a_cluster_without_workers_is_said(task: Task, tmp_path: Path, clusters: ExitStack) -> None:
    needs("distributed", extra="dask")
    dask = Dask(clusters, tmp_path, n_deaths=1)
    done = run(task.command(tmp_path / "out", "--engine", "dask", "--address", dask.address))
    assert done.returncode == 1
    assert f"has no workers: start some with `dask worker {dask.address}`" in done.stderr


def test_a_scheduler_that_dies_is_said(task: Task, tmp_path: Path, clusters: ExitStack) -> None:
    """What is done stays done."""
    needs("distributed", extra="dask")
    dask = Dask(clusters, tmp_path, n_deaths=1)
    dask.add_worker()
    dask.add_worker()
    dask.wait_for_workers()
    output, log = tmp_path / "out", tmp_path / "client.log"
    with running(*task.command(output, "--engine", "dask", "--address", dask.address), log=log) as client:
        wait_for(lambda: n_parts(output) > 10 or client.poll() is not None, "10 parts")
        dask.scheduler.kill()
        assert client.wait(SECONDS) == 1
    assert "error: dask: the scheduler was lost: " in log.read_text()
    assert run(task.command(output)).returncode == 0
    assert parts(output) == task.expected


# Training


FIT = """
import sys
import numpy as np
import scipy.sparse as sp
from framescope import cluster
from framescope.fit.classifier import FramingClassifier

rng = np.random.default_rng(0)
features = sp.random_array((60, 40), density=0.3, rng=rng, format="csr", dtype=np.float32)
truth = rng.random((60, 3)) < 0.4

def margins(n_jobs):
    return FramingClassifier("logistic", n_jobs=n_jobs).fit(features, truth).decision_function(features)

here = margins(1)
with cluster("dask", sys.argv[1]):
    assert (margins(-1) == here).all()
"""


def test_labels_are_fitted_on_a_cluster(tmp_path: Path, clusters: ExitStack) -> None:
    """With the very weights of one process."""
    needs("distributed", extra="dask")
    dask = Dask(clusters, tmp_path, n_deaths=1)
    dask.add_worker()
    dask.add_worker()
    dask.wait_for_workers()
    done = run(["-c", FIT, dask.address])
    assert done.returncode == 0, done.stderr
