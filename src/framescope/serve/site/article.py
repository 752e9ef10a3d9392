"""One article, explained."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from framescope.pages.article import MAX_MODELS, explain_article
from framescope.serve.service import Service, service_of
from framescope.serve.site.references import article_at, job_id_of
from framescope.serve.site.showing import interface_of, show


async def show_article(request: Request) -> Response:
    """Show what models make of an article: ``?ref=...&model=...&model=...``."""
    service = service_of(request)
    return await service.work.run(_article, request, service)


def chosen_models(request: Request, service: Service) -> Sequence[str]:
    """Return the models that an address names, without repeats; the first of all where it names none."""
    named = [name for name in dict.fromkeys(request.query_params.getlist("model")) if name]
    return named[:MAX_MODELS] or list(service.models)[:1]


def _article(request: Request, service: Service) -> Response:
    ref, names = request.query_params.get("ref", ""), chosen_models(request, service)
    article = article_at(service, ref)
    predictors = [service.model(name) for name in names]
    view = explain_article(article, predictors, interface=interface_of(request))
    context = {
        "article": view if job_id_of(ref) else replace(view, id=""),  # a key tells a reader nothing
        "ref": ref,
        "job_id": job_id_of(ref),
        "models": list(service.models),
        "chosen": names,
    }
    return show(request, "reader.html.j2", context=context)


ROUTES: list[BaseRoute] = [Route("/article", show_article)]
