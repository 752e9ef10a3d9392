"""The application: routes, middleware, and what lives as long as the server."""

from __future__ import annotations

from asyncio import get_running_loop
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path

import anyio.to_thread
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from framescope.predictor import Predictor
from framescope.serve import api, files_api, site
from framescope.serve.answers import json_response
from framescope.serve.guard import Guard
from framescope.serve.metrics import Metrics
from framescope.serve.models import load_models
from framescope.serve.openapi import openapi
from framescope.serve.service import new_service
from framescope.serve.settings import Settings
from framescope.serve.site.errors import HANDLERS, answer_error
from framescope.serve.tools import doccano, labelstudio
from framescope.serve.watch import Watch, log_fault


def make_app(
    settings: Settings, models: Mapping[str, Predictor] | None = None, shared: Path | None = None
) -> Starlette:
    """Return the application; ``models`` by name where they are loaded already.

    In a folder ``shared`` several processes of one server tell each other what they have counted.

    Raises:
        FramescopeError: a model cannot be loaded, or the working folder not be used.
    """
    found = load_models(settings.models) if models is None else models
    loaded = {name: Predictor(each.bundle, warns=False) for name, each in found.items()}

    metrics = Metrics()

    @asynccontextmanager
    async def lifespan(app: Starlette) -> AsyncIterator[None]:
        app.state.service = service = new_service(settings, loaded, metrics, shared)
        service.start()
        get_running_loop().set_exception_handler(log_fault)
        try:
            yield
        finally:
            await anyio.to_thread.run_sync(service.stop)

    for_programs = [*api.ROUTES, *files_api.ROUTES, *labelstudio.ROUTES, *doccano.ROUTES]
    document = json_response(openapi(for_programs))

    async def openapi_document(_request: Request) -> Response:
        return document

    app = Starlette(
        routes=[*for_programs, Route("/openapi.json", openapi_document), *site.ROUTES],
        middleware=[
            Middleware(Watch, metrics=metrics),
            Middleware(Guard, settings=settings, answer=answer_error),
        ],
        exception_handlers=HANDLERS,
        lifespan=lifespan,
    )
    app.router.redirect_slashes = False
    app.state.settings = settings
    return app
