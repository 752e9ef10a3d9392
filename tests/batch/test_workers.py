"""Workers in other processes: what they must find, and shards that are lost with one."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import joblib
import pytest
from joblib.parallel import ThreadingBackend
from scored import articles, parts, write_jsonl

import framescope
from framescope import ClusterError, Predictor, ScoreOptions, ScoringError
from framescope.batch.inputs import expand
from framescope.batch.scoring import Job
from framescope.batch.site import Site, check_site, site_of
from framescope.batch.verify import verify
from framescope.cli.app import main
from framescope.clusters.losses import WorkerLost, losses_noted, note_loss

SMALL = ScoreOptions(shard_bytes=2048)


class Losing(ThreadingBackend):
    """Threads that pass for workers far away; of the calls they finish, some are said to be lost."""

    supports_sharedmem = False

    def __init__(self, is_lost: Callable[[int], bool]) -> None:
        super().__init__()
        self.losses: list[WorkerLost] | None = None
        self.n_calls = 0
        self._is_lost = is_lost

    def submit(self, func: Any, callback: Any = None) -> Any:
        self.n_calls += 1
        if self._is_lost(self.n_calls):
            return super().submit(lambda: WorkerLost("KilledWorker: out of memory"), callback)
        return super().submit(func, callback)

    def retrieve_result_callback(self, out: Any) -> Any:
        found = out.get() if hasattr(out, "get") else out
        return note_loss(self.losses, found) if isinstance(found, WorkerLost) else found


@contextmanager
def losing(is_lost: Callable[[int], bool]) -> Iterator[Losing]:
    backend = Losing(is_lost)
    with joblib.parallel_config(backend=backend, n_jobs=2):
        yield backend


def test_lost_shards_are_handed_out_again(predictor: Predictor, jsonl: Path, tmp_path: Path) -> None:
    """Those alone, until none is left; the output is that of an undisturbed run."""
    framescope.score(predictor, jsonl, tmp_path / "expected", options=SMALL)
    n_shards = len(list((tmp_path / "expected").glob("part-*")))
    with losing(lambda n: n in {3, 5, n_shards + 4}) as backend:
        framescope.score(predictor, jsonl, tmp_path / "out", options=SMALL)
    assert backend.n_calls == 2 + n_shards + 2 + 1  # checks, first pass, its losses, theirs
    assert parts(tmp_path / "out") == parts(tmp_path / "expected")
    assert verify(tmp_path / "out") == []


def test_a_shard_that_is_lost_too_often_ends_the_run(predictor: Predictor, jsonl: Path, tmp_path: Path) -> None:
    """When all the others are done; it is named, and the next run begins with it."""
    output = tmp_path / "out"
    match = r"1 shards were lost with their workers 2 times, the first is .*in\.jsonl, 0 to 2048: KilledWorker"
    n_shards = -(-jsonl.stat().st_size // 2048)
    with losing(lambda n: n in {3, n_shards + 3}), pytest.raises(ScoringError, match=match):
        framescope.score(predictor, jsonl, output, options=replace(SMALL, retries=1))
    assert len(list(output.glob("part-*"))) == n_shards - 1
    assert framescope.score(predictor, jsonl, output, options=SMALL).n_scored == 60


def test_without_a_retry_one_loss_is_enough(predictor: Predictor, jsonl: Path, tmp_path: Path) -> None:
    with losing(lambda n: n == 4), pytest.raises(ScoringError, match="lost with their workers 1 times"):
        framescope.score(predictor, jsonl, tmp_path / "out", options=replace(SMALL, retries=0))


def test_a_worker_that_cannot_begin_is_said(predictor: Predictor, jsonl: Path, tmp_path: Path) -> None:
    """Before any shard is handed out."""
    with (
        losing(lambda n: n == 2) as backend,
        pytest.raises(ClusterError, match="a worker cannot begin: Killed"),
    ):
        framescope.score(predictor, jsonl, tmp_path / "out", options=SMALL)
    assert backend.n_calls == 2


def test_a_loss_that_nobody_takes_is_raised() -> None:
    """As in training, which needs every result."""
    with losing(lambda n: n == 2), pytest.raises(WorkerLost, match="out of memory"):
        joblib.Parallel()(joblib.delayed(abs)(n) for n in range(4))
    with losing(lambda n: n == 2) as backend, losses_noted(backend) as losses:
        assert joblib.Parallel(batch_size=1)(joblib.delayed(abs)(n) for n in range(4)).count(None) == 1
    assert [str(loss) for loss in losses] == ["KilledWorker: out of memory"]


# What a worker must find


@pytest.fixture
def site(predictor: Predictor, jsonl: Path, tmp_path: Path) -> Site:
    """That of a run which has begun."""
    output = tmp_path / "out"
    framescope.score(predictor, jsonl, output, options=SMALL)
    job = Job(str(predictor.bundle.path), predictor.digest, str(output), SMALL)
    return site_of(job, expand([jsonl], output=output))


def change_versions(site: Site) -> Site:
    return replace(site, versions=(("framescope", "0.0.7"), *site.versions[1:]))


def lose_model(site: Site) -> Site:
    return replace(site, job=replace(site.job, model="/nowhere/model"))


def lose_output(site: Site) -> Site:
    return replace(site, job=replace(site.job, output="/nowhere/out"))


def change_output(site: Site) -> Site:
    return replace(site, job_digest="0" * 64)


def lose_input(site: Site) -> Site:
    Path(site.inputs[0].path).unlink()
    return site


def change_input(site: Site) -> Site:
    os.utime(site.inputs[0].path, ns=(1, 1))
    return site


FAULTS = {
    r"has framescope 0\.1\.0, expected 0\.0\.7: install the same version everywhere": change_versions,
    r"cannot use the model /nowhere/model: .*no such bundle.*: put it where every worker": lose_model,
    r"does not see the output /nowhere/out: put it on a disk that all share": lose_output,
    r"has another folder at .*/out than the run: put the output on a disk": change_output,
    r"cannot read the input .*/in\.jsonl: .*No such file.*: put it where every worker": lose_input,
    r"sees another version of the input .*/in\.jsonl: put it where every worker": change_input,
}


@pytest.mark.parametrize("message", FAULTS)
def test_what_a_worker_lacks_is_said_with_the_remedy(site: Site, message: str) -> None:
    check_site(site)
    check_site.cache_clear()
    with pytest.raises(ClusterError, match=rf"^worker on .+: {message}"):
        check_site(FAULTS[message](site))


def test_an_output_that_takes_no_file_is_said(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(descriptor: int) -> None:
        raise OSError(28, "No space left on device")

    check_site.cache_clear()
    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(ClusterError, match=r"cannot write to the output .*/out: No space left on device: let"):
        check_site(site)


def test_a_few_of_many_inputs_are_looked_at(predictor: Predictor, jsonl: Path, tmp_path: Path) -> None:
    for number in range(30):
        write_jsonl(articles(1), tmp_path / f"{number:02}.jsonl")
    output = tmp_path / "out"
    framescope.score(predictor, jsonl, output)
    job = Job(str(predictor.bundle.path), predictor.digest, str(output), ScoreOptions())
    names = [file.name for file in site_of(job, expand([tmp_path / "*.jsonl"], output=output)).inputs]
    assert names == [f"{number:02}.jsonl" for number in range(0, 30, 4)]


# Clusters by name


@pytest.mark.parametrize(
    ("engine", "message"),
    [("spark", "engine: expected one of dask, ray, found 'spark'"), ("dask", r"dask cannot be loaded: .*pip")],
)
def test_an_engine_that_cannot_be(engine: str, message: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "framescope.clusters.dask", None)
    with pytest.raises(ClusterError, match=message), framescope.cluster(engine):
        pass


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (["--address", "x:1"], "name its --engine"),
        (["--engine", "ray", "--jobs", "2"], "leave it to the cluster"),
    ],
)
def test_options_that_do_not_go_together(
    options: list[str], message: str, bundle_path: Path, jsonl: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit, match="2"):
        main(["score", str(bundle_path), str(jsonl), "--output", "out", *options])
    assert message in " ".join(capsys.readouterr().err.split())
