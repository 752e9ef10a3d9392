"""The first page: paste a text or an address, or bring files; and what was read lately."""

from __future__ import annotations

import re
import shutil
from collections.abc import Sequence
from functools import cache
from http import HTTPStatus
from pathlib import Path
from urllib.parse import urlencode

import anyio
import anyio.to_thread
import msgspec
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import BaseRoute, Route

from framescope.articles import SUFFIXES, Article
from framescope.documents.document import Document
from framescope.documents.web import PrivateAddressError, is_web, read_web
from framescope.errors import FramescopeError, InputError
from framescope.limits import MAX_TEXT_BYTES
from framescope.messages import msg
from framescope.serve.service import Service, service_of
from framescope.serve.settings import is_loopback
from framescope.serve.site.forms import form_of
from framescope.serve.site.references import has_words, title_of
from framescope.serve.site.shelf import Shelf
from framescope.serve.site.showing import interface_of, say_to, show
from framescope.text.article import full_text

N_LATELY = 10
N_FETCHED = 4
"""Addresses that are fetched at a time."""

NO_ARTICLE = msg("Paste the text of an article, or its address, first.")
NO_WORD = msg("The text has no words.")
TOO_LONG = msg(
    "The text is too long: an article can have up to 10 million bytes. Upload several articles as files."
)
PRIVATE = msg("This address is in a private network, from which nothing is fetched. Paste the text instead.")
N_TITLE = 200
_ENDS = (".", ",", ";", ":", "।")


async def home(request: Request) -> Response:
    """Ask for an article or files."""
    return await anyio.to_thread.run_sync(_home, request)


async def read(request: Request) -> Response:
    """Take an article from the form, and go where it is explained."""
    form = await form_of(request)
    service = service_of(request)
    given, models = form.value("given"), form.values("model")
    for name in models:
        service.model(name)
    try:
        if is_web(given.strip()) and not re.search(r"\s", given.strip()):
            return await anyio.to_thread.run_sync(_fetch, service, given.strip(), models, limiter=_fetching())
        return await anyio.to_thread.run_sync(_keep, service, _pasted(given), models)
    except FramescopeError as error:
        reason = PRIVATE if isinstance(error, PrivateAddressError) else str(error)
        say = say_to(interface_of(request))
        return await anyio.to_thread.run_sync(_home, request, say(reason), given, models)


@cache
def _fetching() -> anyio.CapacityLimiter:
    """Return what bounds the threads that wait for other servers."""
    return anyio.CapacityLimiter(N_FETCHED)


def _home(request: Request, error: str = "", given: str = "", chosen: Sequence[str] = ()) -> Response:
    service = service_of(request)
    context = {
        "models": service.models,
        "chosen": chosen or list(service.models)[:1],
        "error": error,
        "given": given,
        "suffixes": ",".join([*SUFFIXES, ".gz"]),
        "is_here": is_loopback(service.settings.host),
        "read": Shelf(service.folder.root).latest(N_LATELY),
        "title_of": title_of,
        "jobs": service.jobs.list()[:N_LATELY],
    }
    status = HTTPStatus.UNPROCESSABLE_ENTITY if error else HTTPStatus.OK
    return show(request, "home.html.j2", status=status, context=context)


def _pasted(given: str) -> Article:
    """Return a pasted text as an article; a short first line without a full stop is its title.

    Raises:
        FramescopeError: it is empty, or too long.
    """
    text = given.replace("\r\n", "\n").strip()
    if not text:
        raise FramescopeError(NO_ARTICLE)
    if not has_words(text):
        raise FramescopeError(NO_WORD)
    if len(text.encode(errors="replace")) > MAX_TEXT_BYTES:
        raise FramescopeError(TOO_LONG)
    first, _, rest = (part.strip() for part in text.partition("\n"))
    if rest and len(first) <= N_TITLE and not first.endswith(_ENDS):
        text = full_text(first, rest)
        return Article("", text, title=first, n_before=len(text) - len(rest))
    return Article("", text)


def _keep(service: Service, article: Article, models: Sequence[str]) -> Response:
    key = Shelf(service.folder.root).keep(article)
    query = urlencode([("ref", key), *(("model", name) for name in models)])
    return RedirectResponse(f"/article?{query}", HTTPStatus.SEE_OTHER)


def _fetch(service: Service, address: str, models: Sequence[str]) -> Response:
    """Read what is at an address: an article, or the several of a feed, which become a job.

    Raises:
        InputError: it cannot be fetched, or has no article.
    """
    found = list(read_web(address))
    whole = [document for document in found if not document.fault]
    if not whole:
        raise InputError.at(address, found[0].fault if found else "has no article")
    if len(whole) == 1:
        return _keep(service, _article(whole[0], address), models)
    folder = service.jobs.new_folder()
    try:
        _write_lines(folder / "feed.jsonl", whole)
        name = models[0] if models else next(iter(service.models))
        job = service.jobs.add(folder, name, service.model(name))
    finally:
        shutil.rmtree(folder, ignore_errors=True)  # which is the job's by now, if all went well
    service.runner.wake()
    return RedirectResponse(f"/jobs/{job.id}", HTTPStatus.SEE_OTHER)


def _article(document: Document, address: str) -> Article:
    text = full_text(document.title, document.text)
    n_before = len(text) - len(document.text)
    return Article(address, text, document.lang, document.title, document.source, document.date, n_before)


def _write_lines(path: Path, documents: Sequence[Document]) -> None:
    names = ("title", "text", "lang", "source", "date", "url")
    with path.open("xb") as opened:
        for number, document in enumerate(documents):
            row = {name: getattr(document, name) for name in names}
            opened.write(
                msgspec.json.encode({"id": document.url or document.name or str(number), **row}) + b"\n"
            )


ROUTES: list[BaseRoute] = [Route("/", home), Route("/read", read, methods=["POST"])]
