"""What an address says of an article: the key of one that was read, or a job and the article's id in it."""

from __future__ import annotations

import re
from http import HTTPStatus
from urllib.parse import urlencode

from framescope.articles import Article
from framescope.serve.problems import ServeError
from framescope.serve.results import article_of_job
from framescope.serve.service import Service
from framescope.serve.site.shelf import Shelf

N_BEGINNING = 90
_LETTER = re.compile(r"[^\W_]")


def reference(job_id: str, article_id: str) -> str:
    """Return what stands for an article of a job."""
    return f"{job_id}/{article_id}"


def job_id_of(ref: str) -> str:
    """Return the job of an article, "" where it was pasted or fetched."""
    return ref.partition("/")[0] if "/" in ref else ""


def title_of(article: Article) -> str:
    """Return the title of an article, else the beginning of its text."""
    first = next((line.strip() for line in article.text.splitlines() if line.strip()), "")
    return article.title or (first if len(first) <= N_BEGINNING else f"{first[:N_BEGINNING].rstrip()}…")


def address_of(ref: str, model: str, **more: str) -> str:
    """Return the address of an article's page."""
    return f"/article?{urlencode({'ref': ref, 'model': model, **more})}"


def article_to_read(service: Service, ref: str) -> Article:
    """Return the article that an address means, which has something to read.

    Raises:
        ServeError: 404, there is none; or 422, its text has no words.
    """
    article = article_at(service, ref)
    if not has_words(article.body):
        message = f"{title_of(article) or article.id!r:.80}: its text has no words"
        raise ServeError(HTTPStatus.UNPROCESSABLE_ENTITY, message)
    return article


def has_words(text: str) -> bool:
    """Tell whether a model finds something to read.

    >>> has_words("Съюз"), has_words("…?!")
    (True, False)
    """
    return _LETTER.search(text) is not None


def article_at(service: Service, ref: str) -> Article:
    """Return the article that an address means.

    Raises:
        ServeError: 404, there is none.
    """
    job_id, _, article_id = ref.partition("/")
    if article_id:
        return article_of_job(service.jobs.done(job_id), article_id)
    article = Shelf(service.folder.root).get(ref)
    if article is None:
        raise ServeError(HTTPStatus.NOT_FOUND, f"{ref!r:.60}: no such article: paste it again")
    return article
