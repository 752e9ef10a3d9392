"""What a person says of an article's labels: from the form beside the article into the corrections."""

from __future__ import annotations

import re
from collections.abc import Mapping
from http import HTTPStatus
from urllib.parse import quote, unquote

import anyio.to_thread
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import BaseRoute, Route

from framescope.articles import Article
from framescope.errors import InputError
from framescope.serve.asked import BODY
from framescope.serve.corrections import MAX_NAME, MAX_PASSAGE, Correction, Passage, Verdict
from framescope.serve.problems import ServeError
from framescope.serve.service import Service, service_of
from framescope.serve.site.forms import Form, form_of
from framescope.serve.site.references import article_at
from framescope.serve.site.showing import A_YEAR, own_path

CODER = "framescope_coder"
"""The cookie with the name under which a person judges."""

SAID = re.compile(r"(right|wrong|missed) (.+)", re.DOTALL)
N_BEFORE = 40


async def judge(request: Request) -> Response:
    """Keep what was said of one label; a page's script is answered without a page."""
    form = await form_of(request)
    await anyio.to_thread.run_sync(_keep, service_of(request), form, coder_of(request))
    if "text/html" not in request.headers.get("accept", ""):
        return Response(status_code=HTTPStatus.NO_CONTENT)
    return RedirectResponse(own_path(form.value("back")), HTTPStatus.SEE_OTHER)


async def name_coder(request: Request) -> Response:
    """Keep a person's name in the browser, for what is said from now on."""
    form = await form_of(request)
    response = RedirectResponse(own_path(form.value("back")), HTTPStatus.SEE_OTHER)
    name = " ".join(form.value("coder").split())[:MAX_NAME]
    response.set_cookie(CODER, quote(name), max_age=A_YEAR, samesite="strict", httponly=True)
    return response


def coder_of(request: Request) -> str:
    """Return the name under which a person judges, "" where none was given."""
    return unquote(request.cookies.get(CODER, ""))[:MAX_NAME]


def said_of(service: Service, article_id: str, model: str, coder: str) -> Mapping[str, Correction]:
    """Return what a coder has said of an article's labels, by label."""
    found = service.corrections.latest(article_id, model)
    return {one.label: one for one in found if one.coder == coder}


def _keep(service: Service, form: Form, coder: str) -> None:
    """Keep a correction and the article that it is on.

    Raises:
        ServeError: 404, no such article or model; or 422, what was said means nothing.
        InputError: the passage is not in the text.
        UnknownLabelError: the model has no such label.
    """
    fields = {name: form.value(name) for name in ("ref", "model", "said", "label", "passage", "before")}
    article, predictor = article_at(service, fields["ref"]), service.model(fields["model"])
    found = SAID.fullmatch(fields["said"] if " " in fields["said"] else f"{fields['said']} {fields['label']}")
    if found is None:
        raise ServeError(HTTPStatus.UNPROCESSABLE_ENTITY, "said: expected right, wrong or missed, and a label")
    words = fields["passage"].strip() if found[1] == Verdict.MISSED else ""
    passage = place_of(article, words, fields["before"]) if words else None
    correction = Correction(article.id, found[2], Verdict(found[1]), coder, passage=passage)
    service.corrections.add(correction, fields["model"], predictor)
    service.corrections.keep_article(article)


def place_of(article: Article, words: str, before: str = "") -> Passage:
    """Return where words are in an article's text, or the words themselves where they are in its title.

    White space of any kind and length is one. Of several places, the first that has ``before`` in front of it.

    Raises:
        InputError: they are in neither.
    """
    pattern = re.compile(r"\s+".join(map(re.escape, words[:MAX_PASSAGE].split())))
    places = [(match.start(), match.end()) for match in pattern.finditer(article.body)]
    front = "".join(before.split())[-N_BEFORE:]
    for start, end in places:
        if "".join(article.text[: article.n_before + start].split()).endswith(front):
            return start, end
    if places:
        return places[0]
    if pattern.search(article.title):
        return words
    raise InputError.at(BODY, f"these words are not in the text: {words!r:.80}", field="passage")


ROUTES: list[BaseRoute] = [
    Route("/judge", judge, methods=["POST"]),
    Route("/coder", name_coder, methods=["POST"]),
]
