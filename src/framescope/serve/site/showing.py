"""How a page is filled in: in the language of its reader, with what every page has."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from http import HTTPStatus

from jinja2 import ChoiceLoader, Environment, PackageLoader
from starlette.datastructures import URL
from starlette.requests import Request
from starlette.responses import HTMLResponse

from framescope.codebook import Codebook
from framescope.messages import Say
from framescope.pages.base import new_environment
from framescope.pages.catalogues import Interface, say_in
from framescope.serve.session import csrf_of
from framescope.visible import visible

PACKAGE = "framescope.serve.site"
LANGUAGE = "interface"
"""The field of an address that chooses the language, and the cookie that keeps it."""

NAMES = {Interface.EN: "English", Interface.BG: "Български", Interface.RU: "Русский"}
A_YEAR = 31_536_000


def show(
    request: Request, template: str, *, status: int = HTTPStatus.OK, context: Mapping[str, object]
) -> HTMLResponse:
    """Return a page made from one of ``templates/``, or of those of ``framescope.pages``."""
    interface = interface_of(request)
    page = (
        environment(interface)
        .get_template(template)
        .render(
            **context,
            csrf=csrf_of(request),
            style_nonce=request.state.nonce,
            languages=[(code, name, str(_in_language(request.url, code))) for code, name in NAMES.items()],
            path=request.url.path,
            here=_here(request.url),
        )
    )
    response = HTMLResponse(visible(page), status)
    if request.query_params.get(LANGUAGE) == interface:
        response.set_cookie(LANGUAGE, interface, max_age=A_YEAR, samesite="strict", httponly=True)
    return response


def interface_of(request: Request) -> str:
    """Return the language that a reader has chosen, else the first of a browser's that the pages speak."""
    asked = (request.query_params.get(LANGUAGE), request.cookies.get(LANGUAGE))
    accepted = (each.strip()[:2].lower() for each in request.headers.get("accept-language", "").split(","))
    known = {str(code) for code in Interface}
    return next((code for code in (*asked, *accepted) if code in known), str(Interface.EN))


def say_to(interface: str) -> Say:
    """Return what translates messages of the pages and of the service."""
    return say_in(interface, PACKAGE)


def own_path(given: str) -> str:
    """Return a path of this server to go back to, the first page where it is none.

    >>> own_path("/article?ref=1"), own_path("//evil.example"), own_path("https://evil.example")
    ('/article?ref=1', '/', '/')
    """
    is_path = given.startswith("/") and not given.startswith(("//", "/\\")) and given.isprintable()
    return given if is_path else "/"


def label_names(codebook: Codebook, interface: str) -> dict[str, str]:
    """Return what labels are called in a language, else in English, else by their ids."""
    return {
        label.id: label.names.get(interface) or label.names.get("en") or label.id.replace("_", " ")
        for label in codebook.labels
    }


@cache
def environment(interface: str) -> Environment:
    """Return what fills in templates of the service and of the pages."""
    loader = ChoiceLoader([PackageLoader(PACKAGE), PackageLoader("framescope.pages")])
    return new_environment(loader, interface, say_to(interface))


def _here(url: URL) -> str:
    """Return the path and query of a page."""
    return f"{url.path}?{url.query}" if url.query else url.path


def _in_language(url: URL, code: str) -> URL:
    """Return the path and query of a page with another language."""
    return URL(path=url.path, query=url.query).include_query_params(**{LANGUAGE: code})
