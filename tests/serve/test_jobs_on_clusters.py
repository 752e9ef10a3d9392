"""Jobs that a server has a cluster of this machine score."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from installed import needs
from local_clusters import Dask, Ray
from serving import Running, serving

from framescope.predictor import Predictor
from tiny import SENTENCES

pytestmark = pytest.mark.cluster

LINES = "".join(json.dumps({"id": str(n), "text": text}) + "\n" for n, text in enumerate(SENTENCES)).encode()


@pytest.fixture
def clusters() -> Iterator[ExitStack]:
    """What is started on it ends with the test."""
    with ExitStack() as stack:
        yield stack


def scored(server: Running) -> tuple[dict[str, object], list[tuple[str, ...]]]:
    """Send a file; return what becomes of it, and the labels of its rows."""
    job = server.ended(server.ask("/v1/jobs?name=rows.jsonl", LINES, "text/plain")["id"])
    if job["status"] != "done":
        return job, []
    rows = server.text(f"/v1/jobs/{job['id']}/result").splitlines()
    return job, [tuple(json.loads(row)["labels"]) for row in rows]


def test_dask_scores_jobs_as_soon_as_it_has_workers(
    predictor: Predictor, tmp_path: Path, clusters: ExitStack, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its workers find a working folder that was named from where the server was started."""
    needs("distributed", extra="dask")
    (tmp_path / "server").mkdir()
    (tmp_path / "dask").mkdir()
    dask = Dask(clusters, tmp_path / "dask", n_deaths=1)
    monkeypatch.chdir(tmp_path / "server")
    options = ("--engine", "dask", "--address", dask.address)
    with serving(predictor, Path("work"), *options) as server:
        job, _ = scored(server)
        expected = f"dask at {dask.address}: has no workers: start some with `dask worker {dask.address}`"
        assert (job["status"], job["error"]) == ("failed", expected)
        dask.add_worker()
        dask.add_worker()
        dask.wait_for_workers()
        job, labels = scored(server)
    assert (job["status"], job["error"]) == ("done", "")
    assert labels == [one.labels for one in predictor.predict(SENTENCES)]


def test_ray_scores_jobs(
    predictor: Predictor, tmp_path: Path, clusters: ExitStack, monkeypatch: pytest.MonkeyPatch
) -> None:
    needs("ray", extra="ray")
    monkeypatch.setenv("RAY_AUTH_MODE", "disabled")  # or a token is written to the home directory
    folder = Path(clusters.enter_context(TemporaryDirectory(prefix="ray")))  # the paths of sockets are short
    ray = Ray(clusters, folder)
    with serving(predictor, tmp_path / "work", "--engine", "ray", "--address", ray.address) as server:
        job, labels = scored(server)
    assert (job["status"], job["error"]) == ("done", "")
    assert labels == [one.labels for one in predictor.predict(SENTENCES)]
