"""The page of the articles on which coders differ, with what each of them gave and marked."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby, pairwise
from typing import Any

import pyarrow as pa

from framescope.corpus.coders import CODERS
from framescope.corpus.schema import Corpus
from framescope.measure.agreement import Agreement, Disagreement
from framescope.measure.shown import CEILING_HEADER, alpha_line, ceiling_rows
from framescope.pages.base import render
from framescope.pages.catalogues import Interface, say_in

COLUMNS = ("id", "lang", "title", "text", CODERS)


@dataclass(frozen=True, slots=True)
class Piece:
    """Characters of a text, and who marked them for which label: ``anna: fear``; nobody marked the others."""

    text: str
    marked: Sequence[str]


@dataclass(frozen=True, slots=True)
class Disputed:
    """An article on whose labels coders differ."""

    id: str
    lang: str
    title: str
    given: Mapping[str, Sequence[str]]
    disputes: Sequence[Disagreement]
    pieces: Sequence[Piece]


def disputes_page(found: Agreement, corpus: Corpus, interface: str = Interface.EN) -> str:
    """Return how coders agree, and each article in dispute, those with most labels in dispute first."""
    say = say_in(interface)
    tables = [corpus.table, *([] if corpus.uncoded is None else [corpus.uncoded])]
    rows = pa.concat_tables([table.select(COLUMNS) for table in tables]).to_pylist()
    by_id = {row["id"]: row for row in rows}
    return render(
        "disputes.html.j2",
        interface=interface,
        found=found,
        corpus=corpus.path,
        alpha=alpha_line({"alpha": found.alpha, "ci95": found.ci95}, say),
        ceiling_header=[say(name) if name else "" for name in CEILING_HEADER],
        ceiling=ceiling_rows(found.human_ceiling, say),
        articles=[
            _disputed(by_id[unit_id], [*disputes])
            for unit_id, disputes in groupby(found.disagreements, key=lambda one: one.id)
        ],
    )


def _disputed(row: Mapping[str, Any], disputes: Sequence[Disagreement]) -> Disputed:
    labels = {one.label for one in disputes}
    spans = [
        (span["start"], span["end"], f"{coder['coder']}: {span['label']}")
        for coder in row[CODERS]
        for span in coder["spans"]
        if span["label"] in labels
    ]
    given = {coder["coder"]: coder["labels"] for coder in row[CODERS]}
    pieces = list(_pieces(row["text"], spans))
    return Disputed(row["id"], row["lang"], row["title"], given, disputes, pieces)


def _pieces(text: str, spans: Sequence[tuple[int, int, str]]) -> Iterator[Piece]:
    """Yield a text cut wherever a span begins or ends; the pieces put together are the text."""
    bounds = {0, len(text)} | {place for start, end, _ in spans for place in (start, end)}
    for start, end in pairwise(sorted(bounds)):
        marked = [who for first, last, who in spans if first <= start and end <= last]
        yield Piece(text[start:end], list(dict.fromkeys(marked)))
