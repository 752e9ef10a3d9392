"""The routes of doccano's auto-labelling, ``/doccano/{name}``."""

from __future__ import annotations

from itertools import accumulate

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from framescope.articles import Article
from framescope.corpus.conventions import Offsets
from framescope.errors import InputError
from framescope.serve.answers import json_body, json_response
from framescope.serve.asked import BODY, fields_of
from framescope.serve.service import service_of
from framescope.serve.tools.proposals import Proposal, proposals_of

COUNTED = (Offsets.UTF16, Offsets.CODE_POINTS)
"""What doccano's offsets may count: units of UTF-16, unless a project counts graphemes as one character."""


async def doccano_labels(request: Request) -> Response:
    """Give labels to a text of doccano."""
    _, found = await _proposed(request)
    return json_response([{"label": label} for label in found.labels])


async def doccano_spans(request: Request) -> Response:
    """Give spans to a text of doccano."""
    counted = request.query_params.get("offsets", Offsets.UTF16)
    if counted not in COUNTED:
        message = f"expected {' or '.join(COUNTED)}, found {counted!r:.60}"
        raise InputError.at(BODY, message, field="offsets")
    text, found = await _proposed(request)
    places = _places(text) if counted == Offsets.UTF16 else range(len(text) + 1)
    spans = [
        {
            "label": span["label"],
            "start_offset": places[span["start"]],
            "end_offset": places[span["end"]],
        }
        for span in found.spans
    ]
    return json_response(spans)


async def _proposed(request: Request) -> tuple[str, Proposal]:
    service, name = service_of(request), request.path_params["name"]
    predictor = service.model(name)
    text = fields_of(await json_body(request), required={"text": str})["text"]
    (found,) = await service.work.run(proposals_of, predictor, [Article("text", text)])
    service.metrics.count_documents(name, 1)
    return text, found


def _places(text: str) -> list[int]:
    """Return how many units of UTF-16 are before each code point, and before the end.

    >>> _places("a\N{ROCKET}b")
    [0, 1, 3, 4]
    """
    return list(accumulate((1 + (sign > "\uffff") for sign in text), initial=0))


ROUTES: list[BaseRoute] = [
    Route("/doccano/{name}/labels", doccano_labels, methods=["POST"]),
    Route("/doccano/{name}/spans", doccano_spans, methods=["POST"]),
]
