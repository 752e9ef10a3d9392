"""What the endpoints of a server share."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from starlette.requests import HTTPConnection

from framescope.predictor import Predictor
from framescope.serve.corrections import Corrections
from framescope.serve.folder import Folder
from framescope.serve.jobs import Jobs
from framescope.serve.metrics import Counts, Metrics, labels, resident_bytes
from framescope.serve.models import model_of
from framescope.serve.runner import Runner
from framescope.serve.settings import Settings
from framescope.serve.tally import Tally
from framescope.serve.tools.retraining import Retraining
from framescope.serve.work import Work


@dataclass(frozen=True, slots=True)
class Service:
    """Models by name, the working folder with its jobs and corrections, and the threads in which models run."""

    settings: Settings
    models: Mapping[str, Predictor]
    folder: Folder
    work: Work
    jobs: Jobs
    runner: Runner
    corrections: Corrections
    metrics: Metrics
    retraining: Retraining
    tally: Tally

    def model(self, name: str) -> Predictor:
        """Return the model of a name.

        Raises:
            ServeError: 404.
        """
        return model_of(self.models, name)

    def start(self) -> None:
        """Begin to work off jobs and to train anew."""
        self.runner.start()
        self.retraining.start()
        self.tally.start()

    def stop(self) -> None:
        """Stop what is running; jobs go on with the next start."""
        self.runner.stop()
        self.retraining.stop()
        self.tally.stop()
        self.folder.close()

    def all_counts(self) -> Counts:
        """Return what all processes of this server have done and are at, and how many jobs there are."""
        found = self.tally.all()
        found.gauges["framescope_jobs"] = {labels(status=status): n for status, n in self.jobs.count().items()}
        return found


def new_service(
    settings: Settings, models: Mapping[str, Predictor], metrics: Metrics, shared: Path | None = None
) -> Service:
    """Return a service at rest; made within the event loop. Processes of one server have a folder ``shared``.

    Raises:
        FramescopeError: the working folder cannot be used.
    """
    folder, limits = Folder(settings.folder), settings.limits
    jobs, work = Jobs(folder, limits.n_jobs_waiting), Work(limits)
    return Service(
        settings=settings,
        models=models,
        folder=folder,
        work=work,
        jobs=jobs,
        runner=Runner(jobs, folder, models, settings),
        corrections=Corrections(folder),
        metrics=metrics,
        retraining=Retraining(folder, models, corpus=settings.corpus, after=settings.retrain_after),
        tally=Tally(lambda: _measured(metrics, work, is_one=shared is None), shared),
    )


def _measured(metrics: Metrics, work: Work, *, is_one: bool) -> Counts:
    """Return what this process has counted, and what it is at."""
    found, memory = metrics.counts(), resident_bytes()
    found.gauges["framescope_work"] = {
        labels(state="running"): work.n_running,
        labels(state="waiting"): work.n_waiting,
    }
    if memory is not None:
        key = "" if is_one else labels(worker=str(os.getpid()))
        found.gauges["process_resident_memory_bytes"] = {key: memory}
    return found


def service_of(request: HTTPConnection) -> Service:
    """Return what the endpoints share."""
    service: Service = request.app.state.service
    return service
