"""The routes of an ML backend for Label Studio, ``/labelstudio/{name}``.

A project's predictions come from the model ``name`` until annotations have trained another one for the project.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from http import HTTPStatus
from typing import Any

import anyio.to_thread
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from framescope.articles import Article
from framescope.errors import InputError, Problem, shown
from framescope.predictor import Predictor
from framescope.serve.answers import json_body, json_response
from framescope.serve.asked import BODY, object_in
from framescope.serve.problems import ServeError
from framescope.serve.service import Service, service_of
from framescope.serve.tools.annotations import Learner
from framescope.serve.tools.controls import Control, controls_of
from framescope.serve.tools.proposals import proposals_of, results_of
from framescope.serve.tools.retraining import version_of
from framescope.text.article import full_text

MAX_PROJECT = 100
KEPT = frozenset({"ANNOTATION_CREATED", "ANNOTATION_UPDATED"})
DELETED = "ANNOTATIONS_DELETED"
TRAIN = "START_TRAINING"


async def backend_health(request: Request) -> Response:
    """Say to Label Studio that the model is there."""
    service_of(request).model(request.path_params["name"])
    return json_response({"status": "UP", "model_class": "framescope"})


async def backend_setup(request: Request) -> Response:
    """Tell Label Studio which model a project has, and refuse a configuration without its labels."""
    service, body = service_of(request), object_in(await json_body(request))
    learner = _learner(request, body.get("project"))
    predictor = service.retraining.model(learner)
    if body.get("schema"):
        controls_of(_string(body, "schema"), predictor.codebook)
    return json_response({"model_version": version_of(predictor)})


async def backend_versions(request: Request) -> Response:
    """Tell Label Studio how far a project's model is."""
    learner = _learner(request, request.query_params.get("project"))
    status = service_of(request).retraining.status(learner)
    return json_response({"versions": [status["model_version"]], **status})


async def backend_predict(request: Request) -> Response:
    """Give labels and spans to tasks of Label Studio, in the names of the project's own controls."""
    service, body = service_of(request), object_in(await json_body(request))
    learner = _learner(request, body.get("project"))
    answer = await service.work.run(_predicted, service, learner, body)
    service.metrics.count_documents(learner.model, len(answer["results"]))
    return json_response(answer)


async def backend_webhook(request: Request) -> Response:
    """Take in what Label Studio tells of annotations; training anew goes on after the answer."""
    service, body = service_of(request), object_in(await json_body(request))
    answer = await anyio.to_thread.run_sync(_heard, service, request.path_params["name"], body)
    return json_response(answer, HTTPStatus.CREATED)


def _predicted(service: Service, learner: Learner, body: Mapping[str, Any]) -> dict[str, Any]:
    predictor = service.retraining.model(learner)
    controls = controls_of(_string(body, "label_config"), predictor.codebook)
    tasks = body.get("tasks")
    if not isinstance(tasks, list):
        raise InputError.at(BODY, f"expected a list, found {shown(tasks)}", field="tasks")
    limit = service.settings.limits.n_documents
    if len(tasks) > limit:
        raise ServeError(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, f"tasks: has {len(tasks):,}, more than {limit:,}")
    articles = _articles(tasks, controls)
    version = version_of(predictor)
    results = [
        {
            "result": results_of(proposal, article.body, controls),
            "score": round(proposal.score, 6),
            "model_version": version,
        }
        for article, proposal in zip(articles, proposals_of(predictor, articles), strict=True)
    ]
    return {"results": results, "model_version": version}


def _articles(tasks: Sequence[object], controls: Sequence[Control]) -> list[Article]:
    """Return the texts that the controls are on, each with its title and language where the task has them.

    Raises:
        InputError: with the problems of all tasks.
    """
    field, problems, found = controls[0].field, [], []
    for number, task in enumerate(tasks):
        data = task.get("data") if isinstance(task, dict) else None
        text = data.get(field) if isinstance(data, dict) else None
        if not isinstance(data, dict) or not isinstance(text, str):
            message = f"expected the text of the task, found {shown(text)}"
            problems.append(Problem(message, BODY, field=f"tasks[{number}]: data: {field}"))
            continue
        title, lang = (str(data.get(name) or "") for name in ("title", "lang"))
        read = full_text("" if field == "title" else title, text)
        found.append(Article(f"task {number}", read, lang, title, n_before=len(read) - len(text)))
    if problems:
        raise InputError(problems)
    return found


def _heard(service: Service, name: str, body: Mapping[str, Any]) -> dict[str, object]:
    """Keep what a webhook tells, and ask for training where it is time."""
    predictor = service.model(name)
    project = body.get("project")
    if not isinstance(project, dict):
        raise InputError.at(BODY, f"expected an object, found {shown(project)}", field="project")
    learner, action = Learner(name, _project(project.get("id"))), body.get("action")
    retraining = service.retraining
    if action in KEPT:
        task, annotation = (_numbered(body, field) for field in ("task", "annotation"))
        if not isinstance(task.get("data"), dict):
            raise InputError.at(BODY, "has no data", field="task")
        retraining.annotations.keep(learner, task, annotation)
    elif action == DELETED:
        retraining.annotations.forget(learner, _ids(body.get("annotations")))
    elif action != TRAIN:
        return {"status": "ok", "is_training": False}
    control = _control(project, predictor)
    is_training = retraining.ask(learner, control, is_due=action == TRAIN)
    return {"status": "ok", "is_training": is_training}


def _control(project: Mapping[str, Any], predictor: Predictor) -> str | None:
    """Return the control that holds the labels of texts, or of spans where there is no other."""
    config = project.get("label_config")
    if not isinstance(config, str):
        return None
    controls = controls_of(config, predictor.codebook)
    return min(controls, key=lambda control: control.is_on_spans).name


def _learner(request: Request, project: object) -> Learner:
    name = request.path_params["name"]
    service_of(request).model(name)
    return Learner(name, _project(project))


def _project(given: object) -> str:
    """Return the number of a project; Label Studio sends the time when it was made behind a point."""
    number = str(given).partition(".")[0] if isinstance(given, str | int) else ""
    if not number or len(number) > MAX_PROJECT:
        raise InputError.at(BODY, f"expected the number of a project, found {shown(given)}", field="project")
    return number


def _numbered(body: Mapping[str, Any], field: str) -> Mapping[str, Any]:
    value = body.get(field)
    if not isinstance(value, dict) or not isinstance(value.get("id"), int | str):
        raise InputError.at(BODY, f"expected an object with an id, found {shown(value)}", field=field)
    return value


def _ids(annotations: object) -> list[object]:
    listed = annotations if isinstance(annotations, list) else []
    return [each.get("id") for each in listed if isinstance(each, dict)]


def _string(body: Mapping[str, Any], field: str) -> str:
    value = body.get(field)
    if not isinstance(value, str):
        raise InputError.at(BODY, f"expected a string, found {shown(value)}", field=field)
    return value


ROUTES: list[BaseRoute] = [
    Route("/labelstudio/{name}/health", backend_health),
    Route("/labelstudio/{name}/setup", backend_setup, methods=["POST"]),
    Route("/labelstudio/{name}/versions", backend_versions),
    Route("/labelstudio/{name}/predict", backend_predict, methods=["POST"]),
    Route("/labelstudio/{name}/webhook", backend_webhook, methods=["POST"]),
]
