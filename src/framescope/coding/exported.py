"""A corpus for annotation tools: its articles, with the labels of a model, of the corpus and of each coder."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from framescope.articles import Article
from framescope.codebook import Codebook
from framescope.coding.formats import Tool
from framescope.coding.tasks import (
    Proposal,
    Task,
    doccano_config,
    doccano_line,
    labelstudio_config,
    labelstudio_task,
    prodigy_config,
    prodigy_line,
)
from framescope.coding.to_code import ToCode, to_code
from framescope.corpus.coders import CODERS
from framescope.corpus.schema import Corpus
from framescope.files import write_json_lines, write_whole
from framescope.measure.agreement import Agreement
from framescope.predictor import Predictor
from framescope.text.article import full_text

FIELDS = ("id", "article_id", "title", "text", "lang", "source")

N_BATCH = 256

CORPUS = "corpus"
"""Who gave the labels of a corpus."""

CONFIGS: Mapping[Tool, Callable[[Codebook], str]] = {
    Tool.LABELSTUDIO: labelstudio_config,
    Tool.DOCCANO: doccano_config,
    Tool.DOCCANO_SPANS: doccano_config,
    Tool.PRODIGY: prodigy_config,
}


def write_tasks(path: Path, tasks: Sequence[Task], codebook: Codebook, tool: Tool) -> None:
    """Write what an annotation tool imports: a list of tasks for Label Studio, lines of JSON for the others.

    Raises:
        FramescopeError: the file cannot be written.
    """
    if tool == Tool.LABELSTUDIO:
        made = [labelstudio_task(task, codebook) for task in tasks]
        write_whole(path, [json.dumps(made, ensure_ascii=False, indent=1), "\n"])
        return
    if tool == Tool.PRODIGY:
        lines = (prodigy_line(task, codebook) for task in tasks)
    else:
        are_spans = tool == Tool.DOCCANO_SPANS
        lines = (doccano_line(task, codebook, are_spans=are_spans) for task in tasks)
    write_json_lines(path, lines)


def tasks_of(corpus: Corpus, predictor: Predictor | None = None) -> list[Task]:
    """Return the articles of a corpus, those that are uncoded last, with what is proposed for each.

    First stands what the model gives, then the labels of the corpus, then those of each of several coders.
    """
    tables = [(corpus.table, True), *([] if corpus.uncoded is None else [(corpus.uncoded, False)])]
    rows = [(row, is_coded) for table, is_coded in tables for row in table.to_pylist()]
    by_model = _by_model([row for row, _ in rows], predictor)
    return [
        Task(
            {name: row[name] for name in FIELDS},
            [*([] if made is None else [made]), *_own(row, is_coded=is_coded)],
        )
        for (row, is_coded), made in zip(rows, by_model, strict=True)
    ]


def disputed_tasks(corpus: Corpus, found: Agreement) -> list[Task]:
    """Return the articles in dispute, the most disputed first, with what each coder gave and marked."""
    by_id = {task.fields["id"]: task for task in tasks_of(corpus)}
    tasks = [by_id[unit_id] for unit_id in dict.fromkeys(one.id for one in found.disagreements)]
    return [Task(task.fields, [one for one in task.proposals if one.by != CORPUS]) for task in tasks]


def proposal_of(unit: ToCode, predictor: Predictor) -> Proposal:
    """Return what a model gives, with the passages that speak for it."""
    return Proposal(f"{predictor.codebook.name} {predictor.digest[:12]}", unit.labels, unit.spans(predictor))


def _by_model(rows: Sequence[Mapping[str, Any]], predictor: Predictor | None) -> list[Proposal | None]:
    if predictor is None:
        return [None] * len(rows)
    found: list[Proposal | None] = []
    for start in range(0, len(rows), N_BATCH):
        articles = [_article(row) for row in rows[start : start + N_BATCH]]
        found += [proposal_of(unit, predictor) for unit in to_code(predictor, articles, is_cut=True)]
    return found


def _article(row: Mapping[str, Any]) -> Article:
    read = full_text(row["title"], row["text"])
    n_before = len(read) - len(row["text"])
    return Article(row["id"], read, row["lang"], row["title"], row["source"], n_before=n_before)


def _own(row: Mapping[str, Any], *, is_coded: bool) -> Iterator[Proposal]:
    if is_coded:
        yield Proposal(CORPUS, row["labels"], row["spans"])
    for coder in row.get(CODERS) or ():
        yield Proposal(f"coder {coder['coder']}".rstrip(), coder["labels"], coder["spans"])
