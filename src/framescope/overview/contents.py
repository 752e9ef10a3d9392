"""What an overview holds: tables of cells, the articles that show them, changes, outlets and stories."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from framescope._types import BoolArray, Float64, Int8, Int32, Int64

MIN_ARTICLES = 10
"""Articles below which a cell is small, and shown grey."""
N_EVIDENCE = 3
"""Articles that a cell shows of a label, at most."""
MAX_AROUND = 32
"""Characters before and after a passage that are kept, to find it again."""

NO_COMPARISON, NO_CHANGE, ROSE, FELL = range(4)
WORDS = ("nothing to compare with", "no change beyond noise", "rose", "fell")
BEFORE, AVERAGE, OTHERS = "before", "average", "others"
"""What changes are against."""


@dataclass(frozen=True, slots=True)
class Remark:
    """A sentence for people, which can be said in other languages.

    ``message`` is English, with names in brackets for its ``values``, and ``%(labels)s`` for ``labels``.
    """

    message: str
    values: Mapping[str, str | int] = field(default_factory=dict)
    labels: tuple[str, ...] = ()

    def said(
        self,
        say: Callable[[str], str] = str,
        *,
        name: Callable[[str], str] = str,
        count: Callable[[int], str] = "{:,}".format,
    ) -> str:
        """Return the sentence: ``say`` translates, ``name`` names labels, ``count`` writes whole numbers.

        >>> Remark("%(n)s dates", {"n": 2000}).said({"%(n)s dates": "%(n)s Daten"}.__getitem__)
        '2,000 Daten'
        """
        values = {key: count(one) if isinstance(one, int) else one for key, one in self.values.items()}
        return say(self.message) % {**values, "labels": ", ".join(map(name, self.labels))}

    def __str__(self) -> str:
        return self.said()


@dataclass(frozen=True, slots=True)
class OverviewLabel:
    """A label: its column is its place; ``names`` are by language, ``disarm`` a technique of DISARM or ""."""

    id: str
    parent: str | None
    names: dict[str, str]
    disarm: str = ""

    def name(self, language: str) -> str:
        """Return the label's name in a language, else in English, else its id."""
        return self.names.get(language) or self.names.get("en") or self.id


@dataclass(frozen=True, slots=True)
class Origin:
    """What an overview was made of.

    ``kind`` is "scores" (of ``framescope score``), "labels" (people's) or "scored corpus"; ``model`` and
    ``digest`` are "" without a model. ``is_corrected`` tells whether shares are adjusted for the errors of the
    model. Of ``n_rows`` articles ``n_articles`` count; the others repeat a text of their outlet (``n_copies``)
    or are unlike training (``n_unlike``).
    """

    name: str
    kind: str
    model: str
    digest: str
    unit: str
    is_corrected: bool
    n_rows: int
    n_articles: int
    n_unlike: int
    n_copies: int


@dataclass(frozen=True, slots=True)
class Piece:
    """An article that shows a label. Fields are "" where the scores did not keep them.

    ``is_given`` is false of a label that is to review. ``passage`` is what carries the label,
    ``article[start:end]`` of title and text joined; "" and 0 where no evidence is known. ``before`` and
    ``after`` are some characters around it.
    """

    row: int
    id: str
    title: str
    url: str
    source: str
    date: str
    lang: str
    label: str
    probability: float
    is_given: bool
    passage: str = ""
    start: int = 0
    end: int = 0
    before: str = ""
    after: str = ""


@dataclass(frozen=True, eq=False)
class Cells:
    """A table: the articles grouped ``by`` some dimensions, () for all in one cell.

    ``keys`` has a tuple of values for each cell, in order; a period without articles has a cell, too. Arrays
    are (n_cells,) or (n_cells, n_labels). ``n`` are the articles that count. ``share`` with ``low`` and
    ``high``, its 95 % interval, is NaN without articles; ``counted`` is the share with the label by decision.
    ``is_small`` marks cells of few articles, to be shown grey; ``is_beyond`` shares for which no correction is
    promised, since they are too far from training. ``evidence`` (n_cells, n_labels, 3) are places in
    ``Overview.pieces``, the best first, -1 for none.
    """

    by: tuple[str, ...]
    keys: tuple[tuple[str, ...], ...]
    n: Int64
    n_unlike: Int64
    n_copies: Int64
    share: Float64
    low: Float64
    high: Float64
    counted: Float64
    n_decided: Int64
    n_given: Int64
    is_small: BoolArray
    is_beyond: BoolArray
    evidence: Int32


@dataclass(frozen=True, eq=False)
class Changes:
    """How the shares of a table differ from others, cell by cell: arrays are (n_cells, n_labels).

    ``by`` names the table. ``against`` is "before", the period before; "average", all other periods of the same
    outlet; or "others", all other outlets together, of which "rose" means more than they. ``difference`` with
    its 95 % interval is in shares, NaN where there is nothing to compare with. ``word`` is a place in
    ``WORDS``. Of all ``n_tests`` of them, no more than ``false_rate`` of those that "rose" or "fell" are
    expected to be chance (Benjamini and Hochberg over labels, periods and outlets).
    """

    by: tuple[str, ...]
    against: str
    difference: Float64
    low: Float64
    high: Float64
    p_value: Float64
    word: Int8
    n_tests: int
    false_rate: float


@dataclass(frozen=True, slots=True)
class Alike:
    """Two outlets and how alike what they push more than the others is, 0 to 1."""

    one: str
    other: str
    likeness: float


@dataclass(frozen=True, slots=True)
class Together:
    """Two labels that articles have together, ``n`` of them, where ``expected`` would by chance."""

    one: str
    other: str
    n: int
    expected: float


@dataclass(frozen=True, slots=True)
class StoryLabel:
    """A label in a story: how many articles and outlets have it, and who had it first.

    ``first_source`` is "" where several were first on one day, or dates are not known.
    """

    label: str
    n_articles: int
    n_sources: int
    first_source: str
    first_date: str


@dataclass(frozen=True, slots=True)
class Story:
    """Articles that tell one story: near-duplicates and close ones.

    ``sources`` are outlets in the order in which they told it; ``n_copies`` are articles whose text another
    article of the story has.
    """

    title: str
    n_articles: int
    n_copies: int
    first_date: str
    last_date: str
    sources: tuple[str, ...]
    labels: tuple[StoryLabel, ...]
    ids: tuple[str, ...]


@dataclass(frozen=True, eq=False)
class Overview:
    """Who pushes what, when.

    ``dimensions`` are what was asked for, such as ("source", "week", "lang"); ``tables`` has one for each
    subset of them, () first. ``changes`` has two for each table by a period, alone or with one dimension more,
    and one against the others for each other dimension. ``alike`` are outlets, ``together`` labels,
    ``stories`` those of most outlets first; all are empty where what they need is not known. ``warnings`` are
    sentences for people, ``notes`` say how to read the figures.
    """

    origin: Origin
    labels: tuple[OverviewLabel, ...]
    dimensions: tuple[str, ...]
    tables: tuple[Cells, ...]
    pieces: tuple[Piece, ...]
    changes: tuple[Changes, ...] = ()
    alike: tuple[Alike, ...] = ()
    together: tuple[Together, ...] = ()
    stories: tuple[Story, ...] = ()
    warnings: tuple[Remark, ...] = ()
    notes: tuple[Remark, ...] = ()

    def table(self, *by: str) -> Cells | None:
        """Return the table by these dimensions, in any order; None where there is none."""
        return next((table for table in self.tables if set(table.by) == set(by)), None)

    def pieces_of(self, cells: Cells, cell: int, label: int) -> Sequence[Piece]:
        """Return the articles that show a label in a cell, the best first."""
        return [self.pieces[place] for place in cells.evidence[cell, label].tolist() if place >= 0]
