"""The journal of a corpus: what was done to its labels, when and by whom, in a file beside it.

``articles.jsonl`` has the journal ``articles.journal.jsonl``, a JSON object a line, the oldest first. Its
layout is that of :class:`Entry`.
"""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path

import msgspec

from framescope.errors import CorpusError, Problem
from framescope.files import write_whole
from framescope.formats.files import numbered_lines, suffix_of

CORRECTED = "corrected"
SUFFIX = ".journal.jsonl"


@dataclass(frozen=True)
class Verdict:
    """What a coder said of one label of an article: right, wrong, or missed."""

    label: str
    verdict: str
    coder: str = ""
    note: str = ""
    time: str = ""


@dataclass(frozen=True)
class LabelChange:
    """The labels of an article before and after, None where it was uncoded, and the verdicts that led there.

    Where a verdict confirms what was there, nothing has changed.
    """

    id: str
    before: list[str] | None
    after: list[str] | None
    by: list[Verdict]


@dataclass(frozen=True)
class Entry:
    """One step of a corpus.

    ``before`` and ``after`` are hashes of corpora, :func:`~framescope.corpus.schema.corpus_hash`;
    ``file_sha256`` is that of the bytes of the file that was written, ``source`` names what was corrected.
    """

    time: str
    action: str
    source: str
    before: str
    after: str
    file_sha256: str
    changes: list[LabelChange]

    @property
    def coders(self) -> list[str]:
        """Who is named as having said something."""
        return sorted({one.coder for change in self.changes for one in change.by} - {""})

    @property
    def n_changed(self) -> int:
        """How many articles have other labels than before."""
        return sum(change.before != change.after for change in self.changes)


def journal_path(corpus: Path) -> Path:
    """Return where the journal of a corpus is.

    >>> journal_path(Path("data/articles.jsonl")).name
    'articles.journal.jsonl'
    """
    name = corpus.name.removesuffix(".gz")
    return corpus.with_name(name.removesuffix(suffix_of(corpus)) + SUFFIX)


def read_journal(corpus: Path | str) -> list[Entry]:
    """Return the entries of a corpus's journal, the oldest first; none where it has no journal.

    Raises:
        CorpusError: a line is no entry.
    """
    if isinstance(corpus, str) or corpus.is_dir() or not journal_path(corpus).is_file():
        return []
    path = journal_path(corpus)
    problems: list[Problem] = []
    entries = []
    for number, _, line in numbered_lines(path, problems):
        try:
            entries.append(msgspec.json.decode(line, type=Entry))
        except msgspec.DecodeError as error:
            problems.append(Problem(f"is no entry of a journal: {error}", path, number))
    if problems:
        raise CorpusError(problems)
    return entries


def write_journal(corpus: Path, entries: Sequence[Entry]) -> None:
    """Write the journal of a corpus.

    Raises:
        FramescopeError: it cannot be written.
    """
    lines = (json.dumps(asdict(entry), ensure_ascii=False) + "\n" for entry in entries)
    write_whole(journal_path(corpus), lines)


def is_current(corpus: Path, entries: Sequence[Entry]) -> bool:
    """Tell whether a file is as the last entry of its journal left it."""
    with corpus.open("rb") as opened:
        return hashlib.file_digest(opened, "sha256").hexdigest() == entries[-1].file_sha256


def now() -> str:
    """Return the time, by SOURCE_DATE_EPOCH where it is set, such as ``2026-11-27T09:30:00+00:00``."""
    epoch = os.environ.get("SOURCE_DATE_EPOCH")
    moment = datetime.now(UTC) if epoch is None else datetime.fromtimestamp(int(epoch), UTC)
    return moment.isoformat(timespec="seconds")


def state_of(corpus: Path | str) -> str:
    """Return in a line what the journal of a corpus says of its state; "" where it has none.

    Raises:
        CorpusError: the journal is damaged.
    """
    entries = read_journal(corpus)
    if not entries or isinstance(corpus, str):
        return ""
    coders = sorted({coder for entry in entries for coder in entry.coders})
    n_changed = len({c.id for entry in entries for c in entry.changes if c.before != c.after})
    times = "once" if len(entries) == 1 else f"{len(entries)} times"
    by = f" by {', '.join(coders)}" if coders else ""
    told = f"{corpus.name}: corrected {times}{by}, other labels on {n_changed:,} articles"
    since = "" if is_current(corpus, entries) else "; changed since by something that its journal does not tell"
    return f"{told}, last on {entries[-1].time[:10]}{since}"
