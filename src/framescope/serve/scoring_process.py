"""The process of a job: it scores files, writes lines of JSON on how far it is, and stops with its server.

A file that brings a reader down brings down this process, and not the server. Its standard input is the
server's hand: when that lets go, on purpose or by the server's death, the process stops.
"""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager, nullcontext
from dataclasses import asdict, replace
from pathlib import Path
from threading import Event, Thread
from time import monotonic, sleep
from typing import Any

import msgspec

from framescope.batch.inputs import expand
from framescope.batch.job import ScoringRun
from framescope.batch.kept import ALL, column_names
from framescope.batch.lock import lock
from framescope.batch.manifest import Summary
from framescope.batch.options import ScoreOptions, ScoringError, Stopped
from framescope.clusters.engines import cluster
from framescope.errors import FramescopeError
from framescope.predictor import Predictor
from framescope.serve.jobs import score_options
from framescope.serve.processes import Say, said_to_server, wait_until_let_go
from framescope.text.segments import Unit

PROGRESS, SUMMARY, ERROR, STOPPED = "progress", "summary", "error", "stopped"
"""What a line is about: the name of its only field."""

N_REASONS = 20
POLL_SECONDS = 0.25

LOCK_SECONDS = 60.0
"""Time for the process of a server that was killed to stop."""


def main(arguments: list[str]) -> None:
    """Work on the job that a message tells of."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl+C is for the server, which lets go of its hand
    stop = Event()
    told = msgspec.json.decode(arguments[0])
    _limit_memory(told["memory_bytes"])
    say = said_to_server()
    Thread(target=_stop_when_let_go, args=(stop,), daemon=True).start()
    try:
        say({SUMMARY: work(told, lambda progress: say({PROGRESS: progress}), stop)})
    except Stopped:
        say({STOPPED: True})
    except (FramescopeError, MemoryError) as error:
        say({ERROR: str(error) or "needs more memory than a job may take: send fewer or smaller files"})


def work(told: Mapping[str, Any], report: Say, stop: Event) -> dict[str, Any]:
    """Score the files of a job, and return what it has come to.

    Raises:
        Stopped: ``stop`` was set.
        FramescopeError: they cannot be scored.
    """
    root = Path(told["root"])
    predictor = Predictor.load(told["model"])
    if predictor.digest != told["digest"]:
        raise FramescopeError("the model was replaced by another one meanwhile: send the files again")
    options = _with_columns(score_options(told["options"]), root / "input", predictor)
    run = ScoringRun(predictor, [str(root / "input")], root / "output", options)
    engine, address = told.get("cluster") or (None, None)
    with _locked(root / "lock"), cluster(engine, address) if engine else nullcontext():
        n_threads = None if engine else told["n_threads"]
        summary = run.work(n_threads, lambda progress: report(progress.to_json()), stop)
    return _told(summary, root)


@contextmanager
def _locked(path: Path) -> Iterator[None]:
    """Wait until no other process is at work on the job.

    Raises:
        ScoringError: it does not end.
    """
    until = monotonic() + LOCK_SECONDS
    with ExitStack() as held:
        while True:
            try:
                held.enter_context(lock(path))
                break
            except ScoringError:
                if monotonic() > until:
                    raise
                sleep(POLL_SECONDS)
        yield


def _with_columns(options: ScoreOptions, folder: Path, predictor: Predictor) -> ScoreOptions:
    """Return options that keep all columns where none are named; not the whole text with each part of it."""
    if options.keep is not None:
        return options
    if predictor.unit == Unit.ARTICLE:
        return replace(options, keep=(ALL,))
    left_out = {options.text_field or "text", options.id_field or "id"}
    names = column_names(expand([folder]), options.fields)
    return replace(options, keep=tuple(name for name in names if name not in left_out))


def _told(summary: Summary, root: Path) -> dict[str, Any]:
    """Return a summary as JSON; files are called what they are called, without their folders."""
    folder = f"{root / 'input'}{os.sep}"
    found = asdict(summary)
    reasons = list(summary.reasons.items())[:N_REASONS]
    failures = sorted({reason.replace(folder, "") for reason in summary.failures.values()})
    return {
        **{name: found[name] for name in ("n_parts", "n_scored", "n_rejected", "n_unlike", "languages")},
        "unknown_languages": dict(summary.unknown_languages),
        "failures": failures[:N_REASONS],
        "reasons": {reason.replace(folder, ""): count for reason, count in reasons},
    }


def _stop_when_let_go(stop: Event) -> None:
    wait_until_let_go()
    stop.set()


def _limit_memory(n_bytes: int) -> None:
    if sys.platform == "linux":
        import resource  # noqa: PLC0415 - not everywhere

        resource.setrlimit(resource.RLIMIT_DATA, (n_bytes, n_bytes))


if __name__ == "__main__":
    main(sys.argv[1:])
