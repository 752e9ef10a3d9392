"""What a request asks for: JSON in, articles and options out, checked as rows of a file are."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from http import HTTPStatus
from typing import Any

import msgspec

from framescope.articles import Article, article_of
from framescope.corpus.raw import Row
from framescope.errors import InputError, Problem, columns_shown, shown
from framescope.formats.dialect import Fields
from framescope.serve.problems import ServeError

BODY = "the request"
DOCUMENTS = "documents"
FIELDS = Fields()


def parsed(body: bytes) -> object:
    """Return the JSON of a body.

    Raises:
        ServeError: 400, it is none.
    """
    try:
        return msgspec.json.decode(body)
    except (msgspec.DecodeError, RecursionError, UnicodeError) as error:
        raise ServeError(HTTPStatus.BAD_REQUEST, f"{BODY}: is no JSON: {error}") from error


def object_in(body: bytes) -> dict[str, Any]:
    """Return the object of a body.

    Raises:
        ServeError: 400, it is no JSON.
        InputError: it is something else.
    """
    values = parsed(body)
    if not isinstance(values, dict):
        raise InputError.at(BODY, f"expected an object, found {shown(values)}")
    return values


def fields_of(
    body: bytes, *, required: Mapping[str, type], optional: Mapping[str, type] | None = None
) -> dict[str, Any]:
    """Return the fields of a body, each of its type; optional ones may be missing.

    Raises:
        ServeError: 400, it is no JSON.
        InputError: it is no object, or a field is missing, of another type, or not known.
    """
    values = object_in(body)
    known = {**required, **(optional or {})}
    problems = [
        Problem(f"is missing, expected {_kind(kind)}", BODY, field=name)
        for name, kind in required.items()
        if values.get(name) is None
    ]
    problems += [
        Problem(f"is not known; fields are {columns_shown(known)}", BODY, field=f"{name:.60}")
        for name in values.keys() - known.keys()
    ]
    problems += [
        Problem(f"expected {_kind(kind)}, found {shown(values[name])}", BODY, field=name)
        for name, kind in known.items()
        if values.get(name) is not None and type(values[name]) is not kind
    ]
    if problems:
        raise InputError(problems)
    return {name: value for name, value in values.items() if value is not None}


def articles_of(documents: Sequence[object], *, limit: int) -> list[Article]:
    """Return the documents of a request as articles.

    Raises:
        ServeError: 413, there are more than ``limit``.
        InputError: with the problems of all of them.
    """
    if len(documents) > limit:
        message = f"{DOCUMENTS}: has {len(documents):,}, more than {limit:,}: send them in parts, or as a job"
        raise ServeError(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, message)
    if not documents:
        raise InputError.at(BODY, "is empty, expected a document or more", field=DOCUMENTS)
    problems: list[Problem] = []
    found = [
        article for number, values in enumerate(documents) for article in _articles(values, number, problems)
    ]
    if problems:
        raise InputError(problems)
    return found


def article_in(document: object) -> Article:
    """Return the one document of a request.

    Raises:
        InputError: with its problems.
    """
    problems: list[Problem] = []
    found = list(_articles(document, None, problems))
    if not problems and not found[0].text.strip():
        problems.append(Problem("is empty, expected the text of the article", BODY, field="document: text"))
    if problems:
        raise InputError(problems)
    return found[0]


def _articles(values: object, number: int | None, problems: list[Problem]) -> Collection[Article]:
    part = "document" if number is None else f"{DOCUMENTS}[{number}]"
    if not isinstance(values, dict):
        problems.append(Problem(f"expected an object with a text, found {shown(values)}", BODY, field=part))
        return ()
    row = Row(values, BODY, 1 if number is None else number + 1, part=part)
    return list(article_of(row, DOCUMENTS, FIELDS, problems))


def _kind(kind: type) -> str:
    return {list: "a list", dict: "an object", bool: "true or false", str: "a string", int: "a number"}[kind]
