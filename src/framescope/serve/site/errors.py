"""What went wrong, as a page for people: programs, and the paths of programs, get problem+json."""

from __future__ import annotations

from http import HTTPStatus

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from framescope.errors import FramescopeError
from framescope.messages import msg
from framescope.serve import problems
from framescope.serve.site.showing import interface_of, say_to, show

FOR_PROGRAMS = ("/v1/", "/static/", "/health", "/metrics")
HEADINGS = {
    HTTPStatus.UNAUTHORIZED: msg("This server asks for its token"),
    HTTPStatus.FORBIDDEN: msg("This page is out of date"),
    HTTPStatus.NOT_FOUND: msg("There is nothing here"),
    HTTPStatus.REQUEST_ENTITY_TOO_LARGE: msg("That is too much at once"),
    HTTPStatus.SERVICE_UNAVAILABLE: msg("The server is busy"),
}
OTHERWISE = msg("That did not work")


def answer_error(request: Request, error: Exception) -> Response:
    """Answer for an error that was raised on purpose."""
    return _shown(request, problems.answer_error(request, error), error)


def answer_full_disk(request: Request, error: Exception) -> Response:
    """Answer that there is no room for an upload; any other error of the system is a fault of ours."""
    return _shown(request, problems.answer_full_disk(request, error), error)


def _shown(request: Request, answer: Response, error: Exception) -> Response:
    """Return an answer as a page where a person has asked for one."""
    wants_page = request.headers.get("accept", "").startswith("text/html")
    if not wants_page or request.url.path.startswith(FOR_PROGRAMS):
        return answer
    say = say_to(interface_of(request))
    context = {
        "heading": say(HEADINGS.get(HTTPStatus(answer.status_code), OTHERWISE)),
        "detail": str(error) if isinstance(error, FramescopeError) else "",
        "asks_token": answer.status_code == HTTPStatus.UNAUTHORIZED,
    }
    page = show(request, "error.html.j2", status=answer.status_code, context=context)
    if "retry-after" in answer.headers:
        page.headers["retry-after"] = answer.headers["retry-after"]
    return page


HANDLERS = {HTTPException: answer_error, FramescopeError: answer_error, OSError: answer_full_disk}
