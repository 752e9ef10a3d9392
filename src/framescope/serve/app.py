"""The application: routes, middleware, and what lives as long as the server."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager

import anyio.to_thread
from starlette.applications import Starlette
from starlette.middleware import Middleware

from framescope.predictor import Predictor
from framescope.serve import api, files_api, site
from framescope.serve.corrections import Corrections
from framescope.serve.folder import Folder
from framescope.serve.guard import Guard
from framescope.serve.jobs import Jobs
from framescope.serve.models import load_models
from framescope.serve.problems import HANDLERS
from framescope.serve.runner import Runner
from framescope.serve.service import Service
from framescope.serve.settings import Settings
from framescope.serve.work import Work


def make_app(settings: Settings, models: Mapping[str, Predictor] | None = None) -> Starlette:
    """Return the application; ``models`` by name where they are loaded already.

    Raises:
        FramescopeError: a model cannot be loaded, or the working folder not be used.
    """
    found = load_models(settings.models) if models is None else models
    loaded = {name: Predictor(each.bundle, warns=False) for name, each in found.items()}

    @asynccontextmanager
    async def lifespan(app: Starlette) -> AsyncIterator[None]:
        folder = Folder(settings.folder)
        jobs = Jobs(folder, settings.limits.n_jobs_waiting)
        runner = Runner(jobs, folder, loaded, settings.limits)
        app.state.service = Service(
            settings, loaded, folder, Work(settings.limits), jobs, runner, Corrections(folder)
        )
        runner.start()
        try:
            yield
        finally:
            await anyio.to_thread.run_sync(runner.stop)
            folder.close()

    app = Starlette(
        routes=[*api.ROUTES, *files_api.ROUTES, *site.ROUTES],
        middleware=[Middleware(Guard, settings=settings)],
        exception_handlers=HANDLERS,
        lifespan=lifespan,
    )
    app.state.settings = settings
    return app
