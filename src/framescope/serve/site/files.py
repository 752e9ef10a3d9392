"""Files: how far their scoring is, the table of what was found, and what to take away."""

from __future__ import annotations

import shutil
from dataclasses import replace
from http import HTTPStatus
from urllib.parse import urlencode

import anyio.to_thread
from starlette.requests import Request
from starlette.responses import FileResponse, RedirectResponse, Response
from starlette.routing import BaseRoute, Route

from framescope.batch.options import FORMATS
from framescope.serve.columns import understood
from framescope.serve.files_api import queue
from framescope.serve.jobs import ScoringJob, Status
from framescope.serve.results import MEDIA_TYPES, rejected, result_file
from framescope.serve.service import Service, service_of
from framescope.serve.session import FIELD, check_csrf
from framescope.serve.site.choice import Choice, Shown, chosen, outlets_of
from framescope.serve.site.forms import form_of
from framescope.serve.site.references import address_of, reference
from framescope.serve.site.rows import MAX_ROWS, own_labels, table_of
from framescope.serve.site.showing import interface_of, label_names, show
from framescope.serve.uploads import Upload, receive_upload

N_COUNTS = 12


async def new_files(request: Request) -> Response:
    """Take files, and go where their scoring is watched."""
    service = service_of(request)
    folder = service.jobs.new_folder()
    try:
        upload = await receive_upload(request, folder, service.settings.limits)
        check_csrf(request, upload.fields.pop(FIELD, None))
        job = await anyio.to_thread.run_sync(_queue, service, upload)
    finally:
        shutil.rmtree(folder, ignore_errors=True)  # which is the job's by now, if all went well
    return RedirectResponse(f"/jobs/{job.id}", HTTPStatus.SEE_OTHER)


def _queue(service: Service, upload: Upload) -> ScoringJob:
    """Make a job of files of which their columns and encodings need not be named."""
    fields = understood(upload.folder, upload.fields)
    return queue(service, replace(upload, fields=fields))


def list_files(request: Request) -> Response:
    """List all jobs."""
    return show(request, "files.html.j2", context={"jobs": service_of(request).jobs.list()})


async def show_files(request: Request) -> Response:
    """Show how far a job is or, when it is done, its table; of one article, its page."""
    service = service_of(request)
    job = service.jobs.get(request.path_params["job"])
    if job.status != Status.DONE:
        return show(request, "progress.html.j2", context={"job": job})
    return await service.work.run(_table, request, service, job)


def _table(request: Request, service: Service, job: ScoringJob) -> Response:
    rows = table_of(job)
    if len(rows) == 1 and not job.summary["n_rejected"] and not job.summary["failures"]:
        return RedirectResponse(address_of(reference(job.id, rows[0].id), job.model), HTTPStatus.SEE_OTHER)
    choice = Choice.of(request.query_params)
    found = chosen(rows, choice)
    context = {
        "job": job,
        "choice": choice,
        "found": found,
        "outlets": outlets_of(rows),
        "max_rows": MAX_ROWS,
        "has_dates": any(row.date for row in rows),
        "formats": FORMATS,
        "reference": reference,
        "address_of": address_of,
        "link": lambda **changes: _link(request, changes),
        **_words(service, job, interface_of(request), found),
    }
    return show(request, "table.html.j2", context=context)


def _words(service: Service, job: ScoringJob, interface: str, found: Shown) -> dict[str, object]:
    """Return what labels are called, those that go without their parents, and the most frequent ones."""
    predictor = service.models.get(job.model)
    codebook = predictor.codebook if predictor is not None and predictor.digest == job.digest else None
    names = {label: label.replace("_", " ") for label in found.counts}
    parents: dict[str, str | None] = {}
    if codebook is not None:
        names |= label_names(codebook, interface)
        parents = {label.id: label.parent for label in codebook.labels}
    ranked = [label for label, _ in found.counts.most_common() if label not in parents.values()]
    return {
        "names": names,
        "own": lambda row: own_labels(row.labels, parents),
        "frequent": [(label, found.counts[label]) for label in ranked[:N_COUNTS]],
        "is_served": codebook is not None,
        "is_part": predictor is not None and predictor.unit.value != "article",
    }


def _link(request: Request, changes: dict[str, object]) -> str:
    """Return the address of this page with other fields; empty ones are left out, and pages begin anew."""
    fields = {**request.query_params, "page": "", **changes}
    query = urlencode({name: value for name, value in fields.items() if value not in {"", None}})
    return f"{request.url.path}?{query}" if query else request.url.path


async def take(request: Request) -> Response:
    """Send all rows as a file, named after what was uploaded."""
    service, kind = service_of(request), request.path_params["kind"]
    job = service.jobs.done(request.path_params["job"])
    path = await service.work.run(result_file, job, kind, service.model(job.model).labels)
    return FileResponse(path, media_type=MEDIA_TYPES[kind], filename=f"{_stem(job)}.labels.{kind}")


def take_rejected(request: Request) -> Response:
    """Send the rows that could not be scored, and why."""
    job = service_of(request).jobs.done(request.path_params["job"])
    return FileResponse(rejected(job), media_type=MEDIA_TYPES["jsonl"], filename=f"{_stem(job)}.rejected.jsonl")


async def cancel(request: Request) -> Response:
    """Cancel a job."""
    await form_of(request)
    job = service_of(request).jobs.cancel(request.path_params["job"])
    return RedirectResponse(f"/jobs/{job.id}", HTTPStatus.SEE_OTHER)


async def remove(request: Request) -> Response:
    """Remove a job with its files and results."""
    await form_of(request)
    await anyio.to_thread.run_sync(service_of(request).jobs.remove, request.path_params["job"])
    return RedirectResponse("/jobs", HTTPStatus.SEE_OTHER)


def _stem(job: ScoringJob) -> str:
    return job.name.partition(".")[0] or job.id


ROUTES: list[BaseRoute] = [
    Route("/jobs", new_files, methods=["POST"]),
    Route("/jobs", list_files),
    Route("/jobs/{job}", show_files),
    Route("/jobs/{job}/rejected", take_rejected),
    Route("/jobs/{job}/labels.{kind}", take),
    Route("/jobs/{job}/cancel", cancel, methods=["POST"]),
    Route("/jobs/{job}/remove", remove, methods=["POST"]),
]
