"""A run: what is asked for against what stands, the shards handed to joblib, and the end of it."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from threading import Event
from typing import Any

from framescope.batch.folder import JOB, LOCK, SHARDS, Folder, read_json, sha256_of
from framescope.batch.ids import repeated_ids
from framescope.batch.inputs import InputFile, expand
from framescope.batch.kept import resolve
from framescope.batch.lock import lock
from framescope.batch.manifest import Summary, write_manifest
from framescope.batch.options import ScoreOptions, ScoringError, Stopped
from framescope.batch.progress import Monitor, ShowProgress, no_report
from framescope.batch.scoring import Job
from framescope.batch.shards import Shard, dump_plan, load_plan, plan
from framescope.batch.spreadsheets import check_xlsx
from framescope.batch.workers import Workers
from framescope.predictor import Predictor
from framescope.text.languages import unfamiliar
from framescope.text.segments import Unit

RESUME = "what is done stays done, and the same command resumes"


def score(
    model: Predictor | Path | str,
    inputs: Iterable[str | Path] | str | Path,
    output: str | Path,
    *,
    jobs: int | None = None,
    options: ScoreOptions | None = None,
    progress: ShowProgress = no_report,
) -> Summary:
    """Score articles in files, folders, globs and URLs into parts under ``output``; resume what is not done.

    ``jobs`` and the backend are joblib's: None takes those of a surrounding ``joblib.parallel_config`` or
    :func:`framescope.cluster`, or one thread. ``progress`` is called in another thread.

    Raises:
        ScoringError: there is nothing to score, the output belongs to another job or another run, it cannot be
            written, too many rows are rejected, or a shard is lost with its worker again and again.
        ClusterError: a worker lacks what it needs.
        BundleError: the model cannot be loaded.
    """
    given = [inputs] if isinstance(inputs, str | Path) else list(inputs)
    predictor = model if isinstance(model, Predictor) else Predictor.load(model)
    run = ScoringRun(predictor, [os.fspath(one) for one in given], Path(output), options or ScoreOptions())
    return run.work(jobs, progress, Event())


class ScoringRun:
    """One job over one output folder."""

    def __init__(self, predictor: Predictor, inputs: list[str], output: Path, options: ScoreOptions) -> None:
        if options.format == "xlsx":
            check_xlsx()
        model = predictor.bundle.model
        if model.embedder is not None:
            model.embedder.open()  # a missing encoder shows before the work
        if options.encode_share < 1 and model.first_pass is None:
            raise ScoringError("encode_share: the model has no sentence encoder: leave it out")
        self._inputs, self._options = inputs, options
        self._unit, self._languages = predictor.unit, predictor.languages
        self._root = output.resolve()
        self._folder = Folder(self._root, options.format)
        path = str(predictor.bundle.path.resolve())
        self._job = Job(path, predictor.digest, str(self._root), options)

    def work(self, jobs: int | None, report: ShowProgress, stop: Event) -> Summary:
        """Score what is not scored yet, until all is done or ``stop`` is set.

        Raises:
            Stopped: ``stop`` was set.
            ScoringError: see :func:`score`.
        """
        files = expand(self._inputs, output=self._root, allow_private=self._options.allow_private)
        self._resolve_keep(files)
        identity = job_identity(self._job.digest, self._options, self._unit)
        try:
            (self._root / SHARDS).mkdir(parents=True, exist_ok=True)
            with lock(self._root / LOCK):
                record = self._claim(job_record(self._job.model, self._inputs, files, identity))
                self._folder.clear()
                shards, record = self._plan(files, record, identity)
                self._work_off(shards, Workers(self._job, files, jobs), report, stop)
                summary = write_manifest(self._folder, record, shards)
                repeated = repeated_ids(self._folder, shards, self._options.fields)
                return replace(
                    summary,
                    unknown_languages=self._unknown(summary.languages),
                    known_languages=self._languages,
                    repeated_ids=repeated,
                )
        except OSError as error:
            message = f"{self._root}: cannot be written: {error.strerror or error}"
            raise ScoringError(f"{message}: {RESUME}") from error

    def _resolve_keep(self, files: list[InputFile]) -> None:
        """Take the names of the columns to keep from the files, so that all parts have the same."""
        if self._options.keep:
            keep = resolve(self._options.keep, files, self._options.fields)
            self._options = replace(self._options, keep=keep)
            self._job = replace(self._job, options=self._options)

    def _plan(
        self, files: list[InputFile], record: dict[str, Any], identity: Mapping[str, Any]
    ) -> tuple[list[Shard], dict[str, Any]]:
        """Cut the inputs into shards, or take the plan that the run began with: footers are read once.

        The job notes the plan's hash, so that nobody takes another one for it.
        """
        if "plan" in record and self._folder.plan.exists():
            return read_plan(self._folder, files, record, identity), record
        shards = plan(files, self._options.shard_bytes, identity)
        planned = {**record, "plan": write_plan(self._folder, shards, files)}
        if "plan" in record and planned != record:
            raise ScoringError(f"{self._folder.plan}: cannot be made again as it was: choose another output")
        self._folder.write_json(self._root / JOB, planned)
        return shards, planned

    def _unknown(self, languages: Mapping[str, int]) -> dict[str, int]:
        """Return those languages of which the model has seen no article; none if it knows of no languages."""
        unknown = unfamiliar(languages, self._languages) if self._languages else []
        return {code: languages[code] for code in unknown}

    def _claim(self, record: dict[str, Any]) -> dict[str, Any]:
        """Note the job in its folder, or compare it with the one that is noted there.

        A job that has come to nothing yet, as where a column was misnamed, makes way for another.
        """
        path = self._root / JOB
        if path.exists():
            begun = read_json(path)
            changed = differences(begun, record)
            if not changed:
                return begun
            if self._folder.has_records():
                raise ScoringError(
                    f"{self._root}: holds the output of another job: {'; '.join(changed)}: "
                    "choose another output, or remove this one to start afresh"
                )
            self._folder.write_json(path, record)
            return record
        foreign = sorted({file.name for file in self._root.iterdir()} - {LOCK, SHARDS})
        if foreign:
            raise ScoringError(
                f"{self._root}: holds {', '.join(foreign[:3])}, not the output of a run: choose another output"
            )
        self._folder.write_json(path, record)
        return record

    def _work_off(self, shards: list[Shard], workers: Workers, report: ShowProgress, stop: Event) -> None:
        names = [shard.name for shard in shards]
        limit = self._options.max_errors
        monitor = Monitor(self._folder, names, report=report, max_errors=limit, stop=stop)
        try:
            with monitor:
                self._hand_out(shards, workers, stop)
        except BaseException:
            self._folder.stop()  # threads that are still at work drop their shards
            raise
        if monitor.has_too_many_errors:
            n_rejected = monitor.progress().n_rejected
            raise ScoringError(f"{self._root}: {n_rejected} rows are rejected, more than {limit}")
        done = monitor.progress()
        if stop.is_set() and done.n_done + done.n_failed < done.n_parts:
            raise Stopped(f"stopped with {done.n_done} of {done.n_parts} parts done: {RESUME}")
        self._folder.go_on()  # what was asked for after the last part comes too late

    def _hand_out(self, shards: list[Shard], workers: Workers, stop: Event) -> None:
        """Hand out what is undone, and again what was lost with a worker.

        Raises:
            ScoringError: too often; everything else is done.
        """
        todo = self._undone(shards)
        if not todo:
            return
        workers.check()
        for _ in range(1 + self._options.retries):
            losses = workers.score(self._until_stopped(todo, stop))
            todo = self._undone(todo)
            if not todo or stop.is_set() or self._folder.is_stopped():
                self._folder.clear_partial()
                return
        raise ScoringError(
            f"{self._root}: {len(todo)} shards were lost with their workers {1 + self._options.retries} times, "
            f"the first is {_told(todo[0])}: {losses[-1] if losses else 'unknown'}: "
            f"give workers more memory or take smaller shards; {RESUME}"
        )

    def _undone(self, shards: list[Shard]) -> list[Shard]:
        finished = self._folder.done() | self._folder.failed()
        return [shard for shard in shards if shard.name not in finished]

    def _until_stopped(self, shards: list[Shard], stop: Event) -> Iterator[Shard]:
        for shard in shards:
            if stop.is_set() or self._folder.is_stopped():
                return
            yield shard


def write_plan(folder: Folder, shards: list[Shard], files: list[InputFile]) -> dict[str, Any]:
    """Write the plan of a run; return what its job notes of it."""
    digest = hashlib.sha256()
    with folder.new_file(folder.plan) as opened:
        for line in dump_plan(shards, files):
            opened.write(line)
            digest.update(line)
    return {"n_shards": len(shards), "sha256": digest.hexdigest()}


def read_plan(
    folder: Folder, files: list[InputFile], record: Mapping[str, Any], identity: Mapping[str, Any]
) -> list[Shard]:
    """Return the shards of a run that has begun, whose job is ``record``.

    Raises:
        ScoringError: the plan is damaged, or not the one that the run began with.
    """
    remedy = "remove it, and the same command plans anew"
    try:
        expected = (record["plan"]["n_shards"], record["plan"]["sha256"])
        with folder.plan.open("rb") as opened:
            shards = load_plan(opened, files, identity)
    except (OSError, ValueError, TypeError, KeyError, RecursionError) as error:
        raise ScoringError(f"{folder.plan}: cannot be read: {error}: {remedy}") from error
    if (len(shards), sha256_of(folder.plan)) != expected:
        raise ScoringError(f"{folder.plan}: is not the plan that the run began with: {remedy}")
    return shards


def job_identity(digest: str, options: ScoreOptions, unit: Unit) -> dict[str, Any]:
    """Return what parts depend on beside their slices, as JSON."""
    return {"model_digest": digest, "unit": unit.value, "options": options.identity()}


def job_record(
    model: str, inputs: list[str], files: list[InputFile], identity: Mapping[str, Any]
) -> dict[str, Any]:
    """Return what a run notes before it begins."""
    return {
        "model": model,
        "inputs": [one if "://" in one else str(Path(one).absolute()) for one in inputs],
        "files": [[file.path, file.name, file.size_bytes, file.version] for file in files],
        **identity,
    }


def _told(shard: Shard) -> str:
    piece = shard.slice
    return f"{piece.files[0].path}, {piece.begin} to {piece.end}"


def differences(old: Mapping[str, Any], new: Mapping[str, Any]) -> list[str]:
    """Say what keeps a job from going on where another one began."""
    found: list[str] = []
    if old.get("model_digest") != new["model_digest"]:
        found.append(f"the model was {str(old.get('model_digest'))[:12]}, now {new['model_digest'][:12]}")
    before, now = old.get("options") or {}, new["options"]
    for name in sorted({*before, *now}):
        if before.get(name) != now.get(name):
            found.append(f"{name} was {before.get(name)!r}, now {now.get(name)!r}")
    files_before = {entry[0]: entry for entry in old.get("files") or []}
    files_now = {entry[0]: entry for entry in new["files"]}
    for verb, paths in (
        ("is gone", files_before.keys() - files_now.keys()),
        ("is new", files_now.keys() - files_before.keys()),
        ("changed", {p for p in files_before.keys() & files_now.keys() if files_before[p] != files_now[p]}),
    ):
        if paths:
            more = f" and {len(paths) - 1} more" if len(paths) > 1 else ""
            found.append(f"input {min(paths)}{more} {verb}")
    if not found and list(files_before) != list(files_now):
        found.append("the inputs come in another order")
    return found
