"""The routes for programs: models, predictions and explanations."""

from __future__ import annotations

from importlib.metadata import version

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from framescope.serve.answers import JSON, json_body, json_response
from framescope.serve.metrics import MEDIA_TYPE
from framescope.serve.models import in_full, in_short
from framescope.serve.predictions import answer_explain, answer_predict
from framescope.serve.service import service_of


async def health(request: Request) -> Response:
    """Say that the server is at work."""
    models = list(service_of(request).models)
    return json_response({"status": "UP", "version": version("framescope"), "models": models})


async def list_models(request: Request) -> Response:
    """List the models."""
    models = service_of(request).models
    return json_response({"models": [in_short(name, predictor) for name, predictor in models.items()]})


async def show_model(request: Request) -> Response:
    """Show a model: codebook, rule, figures, facts of its training."""
    service, name = service_of(request), request.path_params["name"]
    return json_response(await service.work.run(in_full, name, service.model(name)))


async def predict(request: Request) -> Response:
    """Give labels and probabilities to documents."""
    service, name = service_of(request), request.path_params["name"]
    predictor, body = service.model(name), await json_body(request)
    limit = service.settings.limits.n_documents
    answer, n_documents = await service.work.run(answer_predict, name, predictor, body, limit)
    service.metrics.count_documents(name, n_documents)
    return Response(answer, media_type=JSON)


async def explain(request: Request) -> Response:
    """Say what a model makes of one document, where and why."""
    service, name = service_of(request), request.path_params["name"]
    predictor, body = service.model(name), await json_body(request)
    return Response(await service.work.run(answer_explain, name, predictor, body), media_type=JSON)


def metrics(request: Request) -> Response:
    """Send what the server has done, for Prometheus."""
    return Response(service_of(request).all_counts().text(), media_type=MEDIA_TYPE)


ROUTES: list[BaseRoute] = [
    Route("/health", health),
    Route("/metrics", metrics),
    Route("/v1/models", list_models),
    Route("/v1/models/{name}", show_model),
    Route("/v1/models/{name}/predict", predict, methods=["POST"]),
    Route("/v1/models/{name}/explain", explain, methods=["POST"]),
]
