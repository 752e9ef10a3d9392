"""One article, explained."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from framescope.pages.article import MAX_MODELS, explain_article
from framescope.serve.service import Service, service_of
from framescope.serve.site.judging import coder_of, said_of
from framescope.serve.site.queue import place_in_queue
from framescope.serve.site.references import article_to_read, job_id_of, title_of
from framescope.serve.site.shelf import Shelf
from framescope.serve.site.showing import interface_of, label_names, show

N_OTHERS = 20
"""Articles that were pasted or fetched, offered to compare with."""


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
    article = article_to_read(service, ref)
    predictors = {name: service.model(name) for name in names}
    interface, coder = interface_of(request), coder_of(request)
    view = explain_article(article, list(predictors.values()), interface=interface)
    context = {
        "article": view if job_id_of(ref) else replace(view, id=""),  # a key tells a reader nothing
        "ref": ref,
        "body": article.body,
        "coder": coder,
        "said": {name: said_of(service, article.id, name, coder) for name in names},
        "names": {name: label_names(each.codebook, interface) for name, each in predictors.items()},
        **_paths(request, service, names, article.id),
    }
    return show(request, "reader.html.j2", context=context)


def _paths(request: Request, service: Service, names: Sequence[str], article_id: str) -> dict[str, object]:
    """Return where one can go from an article."""
    ref = request.query_params.get("ref", "")
    job_id = job_id_of(ref)
    job = service.jobs.get(job_id) if job_id else None
    others = [
        (key, title_of(other)) for key, other in Shelf(service.folder.root).latest(N_OTHERS) if key != ref
    ]
    in_queue = job is not None and request.query_params.get("queue") == "1"
    return {
        "job_id": job_id,
        "job_name": "" if job is None else job.name,
        "models": list(service.models),
        "chosen": names,
        "others": others,
        "queue": place_in_queue(service, job, article_id) if in_queue and job is not None else None,
    }


ROUTES: list[BaseRoute] = [Route("/article", show_article)]
