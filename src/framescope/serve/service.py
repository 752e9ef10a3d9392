"""What the endpoints of a server share."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from starlette.requests import HTTPConnection

from framescope.predictor import Predictor
from framescope.serve.corrections import Corrections
from framescope.serve.folder import Folder
from framescope.serve.jobs import Jobs
from framescope.serve.metrics import Metrics
from framescope.serve.models import model_of
from framescope.serve.runner import Runner
from framescope.serve.settings import Settings
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

    def stop(self) -> None:
        """Stop what is running; jobs go on with the next start."""
        self.runner.stop()
        self.retraining.stop()
        self.folder.close()


def new_service(settings: Settings, models: Mapping[str, Predictor], metrics: Metrics) -> Service:
    """Return a service at rest; made within the event loop.

    Raises:
        FramescopeError: the working folder cannot be used.
    """
    folder, limits = Folder(settings.folder), settings.limits
    jobs = Jobs(folder, limits.n_jobs_waiting)
    return Service(
        settings=settings,
        models=models,
        folder=folder,
        work=Work(limits),
        jobs=jobs,
        runner=Runner(jobs, folder, models, settings),
        corrections=Corrections(folder),
        metrics=metrics,
        retraining=Retraining(folder, models, corpus=settings.corpus, after=settings.retrain_after),
    )


def service_of(request: HTTPConnection) -> Service:
    """Return what the endpoints share."""
    service: Service = request.app.state.service
    return service
