"""The overview of a job's articles: who pushes what, and when."""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import replace
from threading import Lock

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from framescope.overview.build import DEFAULT_BY, Grouping, make_overview
from framescope.overview.contents import Overview
from framescope.overview.dimensions import column_of
from framescope.overview.scored import ScoredFeed
from framescope.pages.overview.page import make_page
from framescope.serve.columns import shown_columns
from framescope.serve.headers import POLICY
from framescope.serve.jobs import ScoringJob
from framescope.serve.service import Service, service_of
from framescope.serve.site.showing import interface_of, show

N_REMEMBERED = 4

_remembered: OrderedDict[tuple[str, str, str], Overview] = OrderedDict()
_lock = Lock()


async def show_overview(request: Request) -> Response:
    """Show an overview of a job's articles, with the script of its page allowed."""
    service = service_of(request)
    return await service.work.run(_show, request, service)


def _show(request: Request, service: Service) -> Response:
    job = service.jobs.done(request.path_params["job"])
    found = overview_of(service, job)
    context = make_page(found, interface=interface_of(request)).context
    named = {"job": job, "origin": replace(found.origin, name=job.name)}
    response = show(request, "job_overview.html.j2", context={**context, **named})
    policy = POLICY.format(nonce=request.state.nonce)
    script = f"script-src 'sha256-{context['script_digest']}' "
    response.headers["Content-Security-Policy"] = policy.replace("script-src ", script)
    return response


def overview_of(service: Service, job: ScoringJob) -> Overview:
    """Return the overview of a job that is done, by what its articles have of outlet, week and language.

    Without the model that has scored them, shares are not corrected.

    Raises:
        OverviewError: there is nothing to group by.
    """
    predictor = service.models.get(job.model)
    if predictor is not None and predictor.digest != job.digest:
        predictor = None
    key = (job.id, job.finished, "" if predictor is None else predictor.digest)
    with _lock:
        if key not in _remembered:
            feed = ScoredFeed([job.output], predictor)
            named = {**shown_columns(feed.column_names, job.options), **feed.fields}
            by = tuple(name for name in DEFAULT_BY if column_of(name, named) in feed.column_names)
            _remembered[key] = make_overview(feed, Grouping(by, named), predictor=predictor)
            while len(_remembered) > N_REMEMBERED:
                _remembered.popitem(last=False)
        return _remembered[key]


ROUTES: list[BaseRoute] = [Route("/jobs/{job}/overview", show_overview)]
