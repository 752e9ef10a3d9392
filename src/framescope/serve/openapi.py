"""The service for programs as an OpenAPI document: every route, what it takes, and what it answers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from http import HTTPStatus
from importlib.metadata import version
from typing import Any

from starlette.routing import BaseRoute, Route

from framescope.batch.options import FORMATS
from framescope.serve.corrections import Verdict
from framescope.serve.jobs import OPTIONS, Status
from framescope.serve.problems import MEDIA_TYPE as PROBLEM
from framescope.serve.settings import Limits
from framescope.serve.tools.doccano import COUNTED

Schema = dict[str, Any]

STRING: Schema = {"type": "string"}
INTEGER: Schema = {"type": "integer"}
NUMBER: Schema = {"type": "number"}
FLAG: Schema = {"type": "boolean"}
ANYTHING: Schema = {"type": "object", "additionalProperties": True}


def _array(items: Schema, **more: object) -> Schema:
    return {"type": "array", "items": items, **more}


def _object(required: Mapping[str, Schema], optional: Mapping[str, Schema] | None = None) -> Schema:
    return {
        "type": "object",
        "properties": {**required, **(optional or {})},
        **({"required": [*required]} if required else {}),
    }


def _ref(name: str) -> Schema:
    return {"$ref": f"#/components/schemas/{name}"}


NAMES = _array(STRING)
SCHEMAS: dict[str, Schema] = {
    "Document": _object({"text": STRING}, dict.fromkeys(("id", "title", "lang", "source"), STRING)),
    "Span": _object({"label": STRING, "start": INTEGER, "end": INTEGER, "weight": NUMBER}),
    "Prediction": _object(
        {
            "id": STRING,
            "labels": NAMES,
            "given": NAMES,
            "to_review": NAMES,
            "probabilities": {"type": "object", "additionalProperties": NUMBER},
            "typicality": {"type": ["number", "null"]},
            "unlike_training": FLAG,
            "language": STRING,
            "new_language": FLAG,
        },
        {
            "article_id": STRING,
            "start": INTEGER,
            "end": INTEGER,
            "out_of_scope": NAMES,
            "spans": _array(_ref("Span")),
        },
    ),
    "PredictRequest": _object(
        {"documents": _array(_ref("Document"), minItems=1, maxItems=Limits().n_documents)}, {"spans": FLAG}
    ),
    "Predictions": _object(
        {
            "model": STRING,
            "digest": STRING,
            "unknown_languages": NAMES,
            "predictions": _array(_ref("Prediction")),
        }
    ),
    "ExplainRequest": _object(
        {"document": _ref("Document")}, {"names_in": STRING, "interface": {"enum": ["en", "bg", "ru"]}}
    ),
    "Explanation": ANYTHING,
    "Model": _object(
        {
            "name": STRING,
            "digest": STRING,
            "codebook": STRING,
            "n_labels": INTEGER,
            "unit": STRING,
            "languages": NAMES,
        }
    ),
    "Models": _object({"models": _array(_ref("Model"))}),
    "Job": _object(
        {
            **dict.fromkeys(("id", "model", "digest", "name", "error", "created", "finished"), STRING),
            "status": {"enum": [*Status]},
            "options": ANYTHING,
            "progress": ANYTHING,
            "summary": ANYTHING,
        }
    ),
    "Jobs": _object({"jobs": _array(_ref("Job"))}),
    "Passage": {"anyOf": [STRING, _object({"start": INTEGER, "end": INTEGER})]},
    "CorrectionsRequest": _object(
        {
            "model": STRING,
            "corrections": _array(
                _object(
                    {"id": STRING, "label": STRING, "verdict": {"enum": [*Verdict]}},
                    {"passage": _ref("Passage"), "coder": STRING, "note": STRING},
                )
            ),
        },
        {"document": _ref("Document")},
    ),
    "Kept": _object({"n_kept": INTEGER}),
    "Health": _object({"status": STRING, "version": STRING, "models": NAMES}),
    "Problem": _object(
        {"type": STRING, "title": STRING, "status": INTEGER, "detail": STRING},
        {"problems": _array(ANYTHING)},
    ),
    "Anything": ANYTHING,
}
FORM: Schema = {
    "multipart/form-data": {
        "schema": _object(
            {"files": _array({"type": "string", "format": "binary"})},
            {"model": STRING, **dict.fromkeys(OPTIONS, STRING)},
        )
    },
    "application/octet-stream": {"schema": {"type": "string", "format": "binary"}},
}
TAKES: dict[str, str] = {
    "predict": "PredictRequest",
    "explain": "ExplainRequest",
    "add_corrections": "CorrectionsRequest",
}
"""The schema of what an endpoint takes; that of an endpoint of other software is anything."""

ANSWERS: dict[str, tuple[int, str]] = {
    "health": (HTTPStatus.OK, "Health"),
    "list_models": (HTTPStatus.OK, "Models"),
    "show_model": (HTTPStatus.OK, "Model"),
    "predict": (HTTPStatus.OK, "Predictions"),
    "explain": (HTTPStatus.OK, "Explanation"),
    "new_job": (HTTPStatus.ACCEPTED, "Job"),
    "list_jobs": (HTTPStatus.OK, "Jobs"),
    "show_job": (HTTPStatus.OK, "Job"),
    "cancel_job": (HTTPStatus.OK, "Job"),
    "add_corrections": (HTTPStatus.CREATED, "Kept"),
}
QUERIES: dict[str, dict[str, Schema]] = {
    "new_job": {"name": STRING, "model": STRING, "evidence": FLAG, "keep": STRING},
    "job_result": {"format": {"enum": [*FORMATS]}},
    "doccano_spans": {"offsets": {"enum": [*COUNTED]}},
}


def openapi(routes: Sequence[BaseRoute]) -> Schema:
    """Return the document of some routes; what an endpoint does is what its docstring says."""
    paths: dict[str, Schema] = {}
    for route in routes:
        if isinstance(route, Route):
            for method in sorted((route.methods or set()) - {"HEAD"}):
                paths.setdefault(route.path, {})[method.lower()] = _operation(route, method)
    return {
        "openapi": "3.1.0",
        "info": {"title": "framescope", "version": version("framescope")},
        "paths": paths,
        "components": {
            "schemas": SCHEMAS,
            "securitySchemes": {"token": {"type": "http", "scheme": "bearer"}},
        },
        "security": [{}, {"token": []}],
    }


def _operation(route: Route, method: str) -> Schema:
    name = route.endpoint.__name__
    summary = (route.endpoint.__doc__ or "").strip().splitlines()[0]
    in_path = [
        {"name": each, "in": "path", "required": True, "schema": STRING} for each in route.param_convertors
    ]
    in_query = [
        {"name": each, "in": "query", "required": False, "schema": schema}
        for each, schema in QUERIES.get(name, {}).items()
    ]
    body = {} if method != "POST" or name == "cancel_job" else {"requestBody": _body(name)}
    return {
        "operationId": name,
        "summary": summary,
        "parameters": [*in_path, *in_query],
        **body,
        "responses": {**_answer(name, method), "default": _problem()},
    }


def _body(name: str) -> Schema:
    content = FORM if name == "new_job" else _json(TAKES.get(name, "Anything"))
    return {"required": True, "content": content}


def _answer(name: str, method: str) -> Schema:
    if method == "DELETE":
        return {str(int(HTTPStatus.NO_CONTENT)): {"description": "It is gone."}}
    status, schema = ANSWERS.get(name, (HTTPStatus.OK, ""))
    content = {"content": _json(schema)} if schema else {}
    return {str(int(status)): {"description": "What was asked for.", **content}}


def _problem() -> Schema:
    return {"description": "What is wrong.", "content": {PROBLEM: {"schema": _ref("Problem")}}}


def _json(schema: str) -> Schema:
    return {"application/json": {"schema": _ref(schema)}}
