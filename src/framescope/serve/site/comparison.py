"""Two articles, or what two models say of one, side by side."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from http import HTTPStatus
from urllib.parse import urlencode

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import BaseRoute, Route

from framescope.pages.article import MIN_NEAR, explain_article
from framescope.pages.views import ArticleView, LabelView, ModelView
from framescope.serve.problems import ServeError
from framescope.serve.service import Service, service_of
from framescope.serve.site.references import address_of, article_to_read
from framescope.serve.site.showing import interface_of, show

WITH = ("ref", "model")
"""What ``with`` of an address may begin with: another article, or another model."""


@dataclass(frozen=True, slots=True)
class Side:
    """What a model says of an article, and where its own page is."""

    article: ArticleView
    address: str

    @property
    def model(self) -> ModelView:
        """The model."""
        return self.article.models[0]

    @property
    def labels(self) -> Mapping[str, LabelView]:
        """The labels by id."""
        return {label.id: label for label in self.model.labels}


async def compare(request: Request) -> Response:
    """Compare ``?ref=...&ref=...&model=...``, or ``?ref=...&model=...&model=...``."""
    service, query = service_of(request), request.query_params
    kind, _, name = query.get("with", "").partition(" ")
    if kind in WITH and name:
        pairs = [*query.multi_items(), (kind, name)]
        return RedirectResponse(
            f"/compare?{urlencode([pair for pair in pairs if pair[0] in WITH])}", HTTPStatus.SEE_OTHER
        )
    refs = query.getlist("ref")[:2]
    models = query.getlist("model")[:2] or list(service.models)[:1]
    if not refs or len(refs) + len(models) < 3:
        message = "expected two articles, or one and two models: tick two in the table, or begin at an article"
        raise ServeError(HTTPStatus.UNPROCESSABLE_ENTITY, message)
    pairs = [(refs[0], models[0]), (refs[-1], models[-1])]
    return await service.work.run(_compare, request, service, pairs)


def _compare(request: Request, service: Service, pairs: list[tuple[str, str]]) -> Response:
    interface = interface_of(request)
    sides = [
        Side(
            explain_article(article_to_read(service, ref), [service.model(model)], interface=interface),
            address_of(ref, model),
        )
        for ref, model in pairs
    ]
    shown = _told_apart(sides)
    hues = {label: number % 12 for number, label in enumerate(shown)}
    context = {"sides": sides, "shown": shown, "hues": hues, "is_one": pairs[0][0] == pairs[1][0]}
    return show(request, "compare_articles.html.j2", context=context)


def _told_apart(sides: list[Side]) -> list[str]:
    """Return the labels that a side gives or comes near to, those with the greatest difference first.

    Labels whose children are among them are left out.
    """
    found = {
        label.id: label
        for side in sides
        for label in side.model.labels
        if label.is_given or label.probability >= MIN_NEAR
    }
    parents = {label.parent for label in found.values()}
    own = [label for label in found if label not in parents]
    return sorted(own, key=lambda label: (-_difference(sides, label), -found[label].probability, label))


def _difference(sides: list[Side], label: str) -> float:
    first, second = (side.labels.get(label) for side in sides)
    return abs((first.probability if first else 0.0) - (second.probability if second else 0.0))


ROUTES: list[BaseRoute] = [Route("/compare", compare)]
