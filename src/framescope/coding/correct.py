"""Corrections merged into a copy of a corpus, with an entry in its journal."""

from __future__ import annotations

import hashlib
import json
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import pyarrow as pa

from framescope.articles import Article
from framescope.codebook import Codebook
from framescope.coding.corrections import Correction
from framescope.corpus.coders import CODERS
from framescope.corpus.journal import CORRECTED, Entry, LabelChange, Verdict, now, read_journal, write_journal
from framescope.corpus.schema import Corpus, Tie, corpus_hash
from framescope.errors import CorpusError, Problem
from framescope.files import write_whole
from framescope.text.lookalikes import near_hint
from framescope.text.segments import Unit

Row = dict[str, Any]
Spans = Sequence[Mapping[str, Any]]


@dataclass(frozen=True)
class Corrected:
    """A corpus after corrections, what became of each article that they name, and what could not be done."""

    corpus: Corpus
    changes: tuple[LabelChange, ...]
    problems: tuple[Problem, ...]

    def save(self, path: Path, before: Corpus) -> None:
        """Write the corpus as lines of JSON, and its journal: that of the corpus before, and one entry more.

        Raises:
            FramescopeError: a file cannot be written.
        """
        text = "".join(json.dumps(row, ensure_ascii=False, default=str) + "\n" for row in _lines(self.corpus))
        entries = read_journal(before.path)
        write_whole(path, [text])
        entry = Entry(
            time=now(),
            action=CORRECTED,
            source=before.path if isinstance(before.path, str) else before.path.name,
            before=corpus_hash(before),
            after=corpus_hash(self.corpus),
            file_sha256=hashlib.sha256(text.encode()).hexdigest(),
            changes=list(self.changes),
        )
        write_journal(path, [*entries, entry])


@dataclass(frozen=True)
class _Faults:
    """What cannot be done, with the lines of the corrections."""

    source: Path
    found: list[Problem] = field(default_factory=list)

    def add(self, one: Correction, message: str, field_name: str | None = None) -> None:
        self.found.append(Problem(message, self.source, one.line, field_name))


def correct(
    corpus: Corpus, corrections: Sequence[Correction], source: Path, *, further: Sequence[Article] = ()
) -> Corrected:
    """Return a copy of a corpus whose labels are as coders say; ``source`` is the file of the corrections.

    ``right`` and ``missed`` give a label, ``wrong`` takes it and its children; a parent goes with the child
    that implied it unless the article bears it otherwise. The last word of a coder on a label counts. What
    cannot be done is among the problems: articles and labels that the corpus does not have, coders who
    contradict each other, passages that are not in the text, and articles that nobody has coded.

    What is said of ``further`` articles is taken for all there is to say: the corpus gets those that
    corrections are on, with the labels that are right or missed, and no others.

    Raises:
        CorpusError: the corpus is cut into sentences or paragraphs.
    """
    if corpus.unit != Unit.ARTICLE:
        raise CorpusError.at(corpus.path, f"is cut into {corpus.unit}s, but articles are corrected")
    faults = _Faults(source)
    uncoded = [{**row, "labels": None} for row in _uncoded(corpus).to_pylist()]
    rows = {row["id"]: row for row in (*corpus.table.to_pylist(), *uncoded)}
    new = {one.id: _row(one, corpus) for one in further if one.id not in rows}
    rows |= {one.id: new[one.id] for one in corrections if one.id in new}
    codebook = _codebook(corpus, rows.values())
    by_id: dict[str, list[Correction]] = defaultdict(list)
    for one in _without_contradictions(corrections, faults):
        if _is_known(one, rows, codebook, faults):
            by_id[one.id].append(one)
    ties = {**corpus.ties, **dict.fromkeys(new, Tie((), ()))}
    changes = [
        _change(rows[unit_id], said, ties.get(unit_id), codebook, faults) for unit_id, said in by_id.items()
    ]
    done = tuple(change for change in changes if change is not None)
    return Corrected(_rebuilt(corpus, codebook, rows.values()), done, tuple(faults.found))


def _is_known(one: Correction, rows: Mapping[str, Row], codebook: Codebook, faults: _Faults) -> bool:
    """Tell whether there is such an article and such a label."""
    if one.id not in rows:
        faults.add(one, f"the corpus has no article {one.id!r}", "id")
    elif one.label not in codebook.columns:
        hint = near_hint(one.label, frozenset(codebook.ids))
        faults.add(one, f"label {one.label!r} is not in the codebook {codebook.name!r}{hint}", "label")
    return one.id in rows and one.label in codebook.columns


def _codebook(corpus: Corpus, rows: Iterable[Row]) -> Codebook:
    """Return the codebook; where labels were found in the file, with those that only some coders gave."""
    if not corpus.has_found_labels:
        return corpus.codebook
    by_coders = {label for row in rows for coder in row.get(CODERS) or () for label in coder["labels"]}
    return Codebook.flat({*corpus.codebook.ids, *by_coders}, name=corpus.codebook.name)


def _row(article: Article, corpus: Corpus) -> Row:
    """Return an article as a row that nobody has coded."""
    own = {name: getattr(article, name) for name in ("id", "title", "lang", "source", "date")}
    coders: Row = {CODERS: []} if CODERS in corpus.table.column_names else {}
    uncoded: Row = {"labels": None, "spans": [], **coders}
    return {**own, "text": article.body, "url": "", "article_id": article.id, **uncoded}


def _without_contradictions(corrections: Sequence[Correction], faults: _Faults) -> Iterator[Correction]:
    """Yield the last word of each coder on a label, without those who contradict each other."""
    last: dict[tuple[str, str, str], Correction] = {}
    for one in sorted(corrections, key=lambda one: one.time):
        last[one.id, one.label, one.coder] = one
    by_label: dict[tuple[str, str], list[Correction]] = defaultdict(list)
    for one in last.values():
        by_label[one.id, one.label].append(one)
    for (unit_id, label), said in by_label.items():
        if len({one.is_given for one in said}) == 1:
            yield from said
            continue
        named = ", ".join(f"{one.coder or '(no name)'} says {one.verdict}" for one in said)
        faults.add(said[-1], f"coders contradict each other on {label!r} of {unit_id!r}, {named}: keep one")


def _change(
    row: Row, said: Sequence[Correction], tie: Tie | None, codebook: Codebook, faults: _Faults
) -> LabelChange | None:
    """Correct a row, and return what became of it; None where it stays uncoded."""
    before, spans = row["labels"], row["spans"]
    labels = _begin(row, said, tie, codebook)
    if labels is None:
        message = f"{row['id']!r} is uncoded, and this does not decide on all of it: code the whole article"
        faults.add(said[0], message)
        return None
    for one in said:
        if not one.is_given:
            labels = [label for label in labels if label not in _family(one.label, codebook)]
        elif one.label not in codebook.close(labels):
            labels = [*labels, one.label]
        spans = _with_passage(spans, one, row, faults)
    borne, borne_before = {*codebook.close(labels)}, {*codebook.close(before or ())}
    row["labels"] = labels
    row["spans"] = [span for span in spans if span["label"] in borne or span["label"] not in borne_before]
    verdicts = [Verdict(one.label, str(one.verdict), one.coder, one.note, one.time) for one in said]
    return LabelChange(row["id"], before, labels, verdicts)


def _begin(row: Row, said: Sequence[Correction], tie: Tie | None, codebook: Codebook) -> list[str] | None:
    """Return the labels to correct; of a tie, those beside it once all of it is decided on, else None."""
    if row["labels"] is not None:
        return list(row["labels"])
    if tie is None:
        return None
    decided = {*codebook.close(one.label for one in said if one.is_given)}
    decided |= {label for one in said if not one.is_given for label in _family(one.label, codebook)}
    return list(tie.labels) if {*tie.tied} <= decided else None


def _family(label: str, codebook: Codebook) -> list[str]:
    """Return a label and its children."""
    return [label, *(child.id for child in codebook.labels if child.parent == label)]


def _with_passage(spans: Spans, one: Correction, row: Row, faults: _Faults) -> Spans:
    """Return the spans with the passage of a correction, if it names one of the text."""
    place = _place(one, row, faults) if one.is_given else None
    if place is None:
        return spans
    marked = {"start": place[0], "end": place[1], "label": one.label}
    others = [span for span in spans if span != marked]
    return sorted([*others, marked], key=lambda span: (span["start"], span["end"]))


def _place(one: Correction, row: Row, faults: _Faults) -> tuple[int, int] | None:
    """Return where the passage of a correction is in the text; None for one of the title."""
    text, passage = row["text"], one.passage
    if isinstance(passage, tuple):
        if passage[1] <= len(text):
            return passage
        message = f"{passage[0]}-{passage[1]} is out of range, the text has {len(text)} characters"
        faults.add(one, message, "passage")
    elif passage is not None:
        n_found = text.count(passage)
        if n_found == 1:
            return text.index(passage), text.index(passage) + len(passage)
        if n_found:
            remedy = 'name the place as {"start": int, "end": int}'
            message = f"{passage[:60]!r} is {n_found} times in the text: {remedy}"
            faults.add(one, message, "passage")
        elif passage not in row["title"]:
            faults.add(one, f"{passage[:60]!r} is not in the text of {one.id!r}", "passage")
    return None


def _uncoded(corpus: Corpus) -> pa.Table:
    return corpus.table.slice(0, 0) if corpus.uncoded is None else corpus.uncoded


def _rebuilt(corpus: Corpus, codebook: Codebook, rows: Iterable[Row]) -> Corpus:
    """Return the corpus with these rows; those that have labels now are coded."""
    coded, uncoded = [], []
    for row in rows:
        if row["labels"] is None:
            uncoded.append({**row, "labels": []})
        else:
            coded.append(row)
    schema = corpus.table.schema
    left = pa.Table.from_pylist(uncoded, schema) if uncoded else None
    return replace(corpus, codebook=codebook, table=pa.Table.from_pylist(coded, schema), uncoded=left)


def _lines(corpus: Corpus) -> Iterator[Row]:
    """Yield the rows as a reader of lines of JSON takes them; those that are uncoded have no labels."""
    for row in corpus.table.to_pylist():
        yield _given(row)
    for row in _uncoded(corpus).to_pylist():
        yield {**_given(row), "labels": None, "spans": []}


def _given(row: Row) -> Row:
    """Return a row without the fields that it lacks."""
    return {name: value for name, value in row.items() if value not in (None, "", []) or name == "labels"}
