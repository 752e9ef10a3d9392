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

    def model(self, name: str) -> Predictor:
        """Return the model of a name.

        Raises:
            ServeError: 404.
        """
        return model_of(self.models, name)


def service_of(request: HTTPConnection) -> Service:
    """Return what the endpoints share."""
    service: Service = request.app.state.service
    return service
