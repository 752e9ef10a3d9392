"""The routes for programs that send files and take results: jobs and corrections."""

from __future__ import annotations

import shutil
from collections.abc import Iterable, Iterator, Mapping
from http import HTTPStatus
from typing import Any

import anyio.to_thread
import msgspec
from starlette.requests import Request
from starlette.responses import FileResponse, Response, StreamingResponse
from starlette.routing import BaseRoute, Route

from framescope.serve.answers import json_body, json_response
from framescope.serve.asked import article_in, fields_of
from framescope.serve.columns import check_shown
from framescope.serve.corrections import corrections_of
from framescope.serve.jobs import OPTIONS, READING, SHOWN, ScoringJob
from framescope.serve.problems import ServeError
from framescope.serve.results import MEDIA_TYPES, rejected, result_file
from framescope.serve.service import Service, service_of
from framescope.serve.uploads import Upload, receive_upload

YES = frozenset({"true", "1", "yes", "on"})


async def new_job(request: Request) -> Response:
    """Queue files: a form with files and ``model``, or one file as the body, ``?model=...&name=...``."""
    service = service_of(request)
    folder = service.jobs.new_folder()
    try:
        upload = await receive_upload(request, folder, service.settings.limits)
        job = await anyio.to_thread.run_sync(queue, service, upload)
    finally:
        shutil.rmtree(folder, ignore_errors=True)  # which is the job's by now, if all went well
    return json_response(job.to_json(), HTTPStatus.ACCEPTED, {"Location": f"/v1/jobs/{job.id}"})


def queue(service: Service, upload: Upload) -> ScoringJob:
    """Make a job of an upload; its fields are ``model`` and options.

    Raises:
        ServeError: 404, no such model; or 422, a field or a column is not known.
        ScoringError: an option is out of range.
    """
    fields = dict(upload.fields)
    name = fields.pop("model", "") or next(iter(service.models))
    predictor = service.model(name)
    unknown = sorted(fields.keys() - {*OPTIONS})
    if unknown:
        message = f"{unknown[0]!r:.60}: is no option; there are model, {', '.join(OPTIONS)}"
        raise ServeError(HTTPStatus.UNPROCESSABLE_ENTITY, message)
    options: dict[str, Any] = {
        key: value for key, value in fields.items() if key in (*READING, *SHOWN) and value
    }
    if "evidence" in fields:
        options["evidence"] = fields["evidence"].lower() in YES
    if "keep" in fields:
        options["keep"] = [column.strip() for column in fields["keep"].split(",") if column.strip()]
    check_shown(upload.folder, options)
    job = service.jobs.add(upload.folder, name, predictor, options)
    service.runner.wake()
    return job


def list_jobs(request: Request) -> Response:
    """List the latest jobs."""
    return json_response({"jobs": [job.to_json() for job in service_of(request).jobs.list()]})


def show_job(request: Request) -> Response:
    """Tell how far a job is."""
    return json_response(service_of(request).jobs.get(request.path_params["job"]).to_json())


def cancel_job(request: Request) -> Response:
    """Cancel a job."""
    return json_response(service_of(request).jobs.cancel(request.path_params["job"]).to_json())


def remove_job(request: Request) -> Response:
    """Remove a job that has ended, its files and its results."""
    service_of(request).jobs.remove(request.path_params["job"])
    return Response(status_code=HTTPStatus.NO_CONTENT)


async def job_result(request: Request) -> Response:
    """Send the rows of a job that is done, in the format of ``?format=``."""
    service, kind = service_of(request), request.query_params.get("format", "jsonl")
    job = service.jobs.done(request.path_params["job"])
    labels = service.model(job.model).labels
    path = await service.work.run(result_file, job, kind, labels)
    return FileResponse(path, media_type=MEDIA_TYPES[kind], filename=f"{job.id}.{kind}")


def job_rejected(request: Request) -> Response:
    """Send the rows that could not be scored, and why."""
    job = service_of(request).jobs.done(request.path_params["job"])
    return FileResponse(rejected(job), media_type=MEDIA_TYPES["jsonl"], filename=f"{job.id}.rejected.jsonl")


async def add_corrections(request: Request) -> Response:
    """Keep what is said of labels of a model, and the article that it is on, where that is sent."""
    service, body = service_of(request), await json_body(request)
    n_kept = await anyio.to_thread.run_sync(_keep_corrections, service, body)
    return json_response({"n_kept": n_kept}, HTTPStatus.CREATED)


def _keep_corrections(service: Service, body: bytes) -> int:
    asked = fields_of(body, required={"model": str, "corrections": list}, optional={"document": dict})
    predictor, found = service.model(asked["model"]), corrections_of(asked["corrections"])
    article = article_in(asked["document"]) if "document" in asked else None
    for correction in found:
        predictor.column_of(correction.label)  # all or none
    for correction in found:
        service.corrections.add(correction, asked["model"], predictor)
    if article is not None:
        service.corrections.keep_article(article)
    return len(found)


def corrections_file(request: Request) -> Response:
    """Send all corrections as ``corrections.jsonl``."""
    found = service_of(request).corrections.all()
    return _lines_response((one.to_json() for one in found), "corrections.jsonl")


def corrected_articles(request: Request) -> Response:
    """Send the articles that corrections are on."""
    return _lines_response(service_of(request).corrections.articles(), "articles.jsonl")


def _lines_response(rows: Iterable[Mapping[str, Any]], name: str) -> Response:
    disposition = {"Content-Disposition": f'attachment; filename="{name}"'}
    lines: Iterator[bytes] = (msgspec.json.encode(row) + b"\n" for row in rows)
    return StreamingResponse(lines, headers=disposition, media_type=MEDIA_TYPES["jsonl"])


ROUTES: list[BaseRoute] = [
    Route("/v1/jobs", new_job, methods=["POST"]),
    Route("/v1/jobs", list_jobs),
    Route("/v1/jobs/{job}", show_job),
    Route("/v1/jobs/{job}", remove_job, methods=["DELETE"]),
    Route("/v1/jobs/{job}/cancel", cancel_job, methods=["POST"]),
    Route("/v1/jobs/{job}/result", job_result),
    Route("/v1/jobs/{job}/rejected", job_rejected),
    Route("/v1/corrections", add_corrections, methods=["POST"]),
    Route("/v1/corrections.jsonl", corrections_file),
    Route("/v1/corrections/articles.jsonl", corrected_articles),
]
