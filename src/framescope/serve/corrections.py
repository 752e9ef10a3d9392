"""What people say of labels: right, wrong, or missed; kept in the working folder, and taken away as JSON lines.

A line of ``corrections.jsonl`` has ``id``, ``label``, ``verdict``, ``coder``, ``note`` and ``time``, a
``passage`` where there is one, and the ``model`` that the label is one of, with its ``digest``. The articles
that corrections are on may be kept, too, as lines with ``id``, ``title``, ``text``, ``lang`` and ``source``.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from framescope.articles import Article
from framescope.errors import InputError, Problem, shown
from framescope.predictor import Predictor
from framescope.serve.asked import BODY
from framescope.serve.folder import Folder
from framescope.serve.jobs import now

MAX_NOTE, MAX_NAME, MAX_PASSAGE = 10_000, 500, 100_000
"""Characters of a note, of an id or a coder's name, and of a passage."""


class Verdict(StrEnum):
    """What is said of a label: the model gave it rightly, wrongly, or did not see it."""

    RIGHT = "right"
    WRONG = "wrong"
    MISSED = "missed"


Passage = str | tuple[int, int]
"""Words of the text, or where in it they begin and end, in code points."""


@dataclass(frozen=True, slots=True)
class Correction:
    """What a coder says of a label of an article."""

    id: str
    label: str
    verdict: Verdict
    coder: str = ""
    note: str = ""
    passage: Passage | None = None
    time: str = ""
    model: str = ""
    digest: str = ""

    def to_json(self) -> dict[str, Any]:
        """Return a line of ``corrections.jsonl``."""
        names = ("id", "label", "verdict", "coder", "note", "time", "model", "digest")
        passage = {} if self.passage is None else {"passage": _passage_json(self.passage)}
        return {name: getattr(self, name) for name in names} | passage


class Corrections:
    """The corrections of a working folder; what was said once stays, and what is said later counts."""

    def __init__(self, folder: Folder) -> None:
        self._folder = folder

    def add(self, correction: Correction, model: str, predictor: Predictor) -> None:
        """Keep a correction, as of now.

        Raises:
            UnknownLabelError: the model has no such label.
        """
        predictor.column_of(correction.label)
        passage = "" if correction.passage is None else json.dumps(_passage_json(correction.passage))
        self._folder.write(
            "INSERT INTO corrections (model, digest, id, label, verdict, passage, coder, note, time) "
            "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
            model,
            predictor.digest,
            correction.id,
            correction.label,
            correction.verdict,
            passage,
            correction.coder,
            correction.note,
            now(),
        )

    def keep_article(self, article: Article) -> None:
        """Keep the article that a correction is on; a later one with its id takes its place."""
        self._folder.write(
            "INSERT OR REPLACE INTO texts (id, title, text, lang, source) VALUES (?, ?, ?, ?, ?)",
            article.id,
            article.title,
            article.body,
            article.lang,
            article.source,
        )

    def latest(self, article_id: str, model: str) -> list[Correction]:
        """Return what counts of an article: for each label and coder, what was said last."""
        rows = self._folder.rows(
            "SELECT * FROM corrections WHERE id = ? AND model = ? ORDER BY number", article_id, model
        )
        return list({(row["label"], row["coder"]): _correction(row) for row in rows}.values())

    def all(self) -> Iterator[Correction]:
        """Yield all corrections, the oldest first."""
        yield from map(_correction, self._folder.rows("SELECT * FROM corrections ORDER BY number"))

    def articles(self) -> Iterator[Mapping[str, Any]]:
        """Yield the articles that were kept, without their titles before their texts."""
        yield from self._folder.rows("SELECT id, title, text, lang, source FROM texts ORDER BY rowid")


def corrections_of(rows: Sequence[object]) -> list[Correction]:
    """Return the corrections of a request.

    Raises:
        InputError: with the problems of all of them.
    """
    problems: list[Problem] = []
    found = [_checked(row, f"corrections[{number}]", problems) for number, row in enumerate(rows)]
    if problems:
        raise InputError(problems)
    return [one for one in found if one is not None]


def _checked(row: object, place: str, problems: list[Problem]) -> Correction | None:
    if not isinstance(row, dict):
        message = f"expected an object with id, label and verdict, found {shown(row)}"
        problems.append(Problem(message, BODY, field=place))
        return None
    n_before, values = len(problems), dict.fromkeys(("id", "label", "coder", "note"), "")
    for name, limit in (("id", MAX_NAME), ("label", MAX_NAME), ("coder", MAX_NAME), ("note", MAX_NOTE)):
        value = row.get(name) or ""
        if not isinstance(value, str) or len(value) > limit or (name in {"id", "label"} and not value.strip()):
            message = f"expected a string of up to {limit:,} characters, found {shown(value)}"
            problems.append(Problem(message, BODY, field=f"{place}: {name}"))
        else:
            values[name] = value.strip()
    if row.get("verdict") not in [*Verdict]:
        message = f"expected {', '.join(Verdict)}, found {shown(row.get('verdict'))}"
        problems.append(Problem(message, BODY, field=f"{place}: verdict"))
    try:
        passage = _passage(row.get("passage"))
    except ValueError as error:
        problems.append(Problem(str(error), BODY, field=f"{place}: passage"))
    if len(problems) > n_before:
        return None
    return Correction(
        values["id"], values["label"], Verdict(row["verdict"]), values["coder"], values["note"], passage
    )


def _passage(value: object) -> Passage | None:
    if value is None or value == "":
        return None
    if isinstance(value, str) and len(value) <= MAX_PASSAGE:
        return value
    if isinstance(value, dict):
        start, end = value.get("start"), value.get("end")
        if type(start) is int and type(end) is int and 0 <= start < end:
            return start, end
    raise ValueError(f'expected words of the text or {{"start": int, "end": int}}, found {shown(value)}')


def _passage_json(passage: Passage) -> object:
    return passage if isinstance(passage, str) else {"start": passage[0], "end": passage[1]}


def _correction(row: Mapping[str, Any]) -> Correction:
    values = {name: row[name] for name in ("id", "label", "coder", "note", "time", "model", "digest")}
    passage = _passage(json.loads(row["passage"])) if row["passage"] else None
    return Correction(**values, verdict=Verdict(row["verdict"]), passage=passage)
