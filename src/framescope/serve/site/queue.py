"""What to code next of a job: articles chosen once, kept beside its results, and worked through one by one."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from http import HTTPStatus
from itertools import islice

import msgspec
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import BaseRoute, Route

from framescope.articles import Article
from framescope.coding.choosing import next_to_code
from framescope.files import whole_file
from framescope.serve.jobs import ScoringJob
from framescope.serve.results import articles_of
from framescope.serve.service import Service, service_of
from framescope.serve.site.forms import form_of
from framescope.serve.site.references import address_of, reference, title_of
from framescope.serve.site.showing import interface_of, label_names, show

N_CHOSEN = 50
N_POOL = 20_000
"""Articles of a job from which is chosen: the first ones, so that nobody waits long."""


@dataclass(frozen=True, slots=True)
class Entry:
    """An article to code, and why: see :class:`framescope.coding.choosing.Suggestion`."""

    id: str
    title: str
    why: str
    doubts: dict[str, float]
    is_judged: bool = False


@dataclass(frozen=True, slots=True)
class Place:
    """Where an article is in the queue; ``before`` and ``after`` are addresses, "" at the ends."""

    entries: Sequence[Entry]
    at: int
    before: str
    after: str

    @property
    def here(self) -> Entry:
        """The article."""
        return self.entries[self.at]


async def show_queue(request: Request) -> Response:
    """List what to code next."""
    service = service_of(request)
    return await service.work.run(_show, request, service)


async def choose_anew(request: Request) -> Response:
    """Choose again, beyond what has been judged meanwhile."""
    await form_of(request)
    service = service_of(request)
    job = service.jobs.done(request.path_params["job"])
    await service.work.run(_choose, service, job)
    return RedirectResponse(f"/jobs/{job.id}/queue", HTTPStatus.SEE_OTHER)


def place_in_queue(service: Service, job: ScoringJob, article_id: str) -> Place | None:
    """Return where an article is in a job's queue, None where it is not in it."""
    entries = _entries(service, job)
    at = next((number for number, entry in enumerate(entries) if entry.id == article_id), None)
    if at is None:
        return None
    around = [entries[n] if 0 <= n < len(entries) else None for n in (at - 1, at + 1)]
    before, after = ("" if entry is None else _address(job, entry) for entry in around)
    return Place(entries, at, before, after)


def _show(request: Request, service: Service) -> Response:
    job = service.jobs.done(request.path_params["job"])
    predictor = service.model(job.model)
    entries = _entries(service, job)
    to_do = [entry for entry in entries if not entry.is_judged]
    context = {
        "job": job,
        "entries": entries,
        "n_judged": len(entries) - len(to_do),
        "begin": _address(job, to_do[0]) if to_do else "",
        "address": lambda entry: _address(job, entry),
        "names": label_names(predictor.codebook, interface_of(request)),
    }
    return show(request, "queue.html.j2", context=context)


def _entries(service: Service, job: ScoringJob) -> list[Entry]:
    """Return the queue of a job, chosen now if it was not yet."""
    path = job.root / "queue.json"
    if not path.exists():
        _choose(service, job)
    found = msgspec.json.decode(path.read_bytes(), type=list[Entry])
    judged = {one.id for one in service.corrections.all() if one.model == job.model}
    return [replace(entry, is_judged=True) if entry.id in judged else entry for entry in found]


def _choose(service: Service, job: ScoringJob) -> None:
    """Choose articles and keep them as the queue.

    Raises:
        FramescopeError: nothing is left to code.
    """
    judged = {one.id for one in service.corrections.all() if one.model == job.model}
    known = [Article(row["id"], row["text"]) for row in service.corrections.articles() if row["id"] in judged]
    pool = list(islice(articles_of(job), N_POOL))
    titles = {article.id: title_of(article) for article in pool}
    found = next_to_code(service.model(job.model), pool, N_CHOSEN, labelled=known)
    entries = {
        one.unit.article_id: Entry(one.unit.article_id, titles[one.unit.article_id], one.why, dict(one.doubts))
        for one in reversed(found)
    }
    with whole_file(job.root / "queue.json") as opened:
        opened.write(msgspec.json.encode(list(reversed(entries.values()))))


def _address(job: ScoringJob, entry: Entry) -> str:
    return address_of(reference(job.id, entry.id), job.model, queue="1")


ROUTES: list[BaseRoute] = [
    Route("/jobs/{job}/queue", show_queue),
    Route("/jobs/{job}/queue", choose_anew, methods=["POST"]),
]
