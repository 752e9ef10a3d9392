"""The articles behind the figures of a page: a panel for each cell and label that the page shows."""

from __future__ import annotations

from dataclasses import dataclass, replace
from urllib.parse import urlsplit

from framescope.messages import Say
from framescope.overview.contents import MAX_AROUND, Cells, Overview, Piece, Remark
from framescope.overview.feed import LABELS
from framescope.pages.base import percent, thousands
from framescope.pages.catalogues import say_in
from framescope.pages.overview.words import cell_in_words, decided_in_words, key_name, value_name

TOP = "content"


@dataclass(frozen=True, slots=True)
class PieceView:
    """An article that shows a label; ``url`` is "" unless it is one of the web."""

    title: str
    url: str
    about: str
    lang: str
    probability: str
    is_given: bool
    before: str
    passage: str
    after: str


@dataclass(frozen=True, slots=True)
class Exhibit:
    """A panel of articles; ``back`` is the anchor of the figure that it belongs to.

    ``decided`` says on how many articles the model decided the label; "" where people gave it.
    """

    anchor: str
    back: str
    label: str
    where: str
    figures: str
    decided: str
    pieces: tuple[PieceView, ...]


class Draft:
    """A page in the making: an overview, the language of the page, and the panels that figures ask for."""

    def __init__(self, overview: Overview, interface: str) -> None:
        self.overview, self.interface = overview, str(interface)
        self.say = say_in(interface)
        self._is_by_people = overview.origin.kind == LABELS
        self._numbers = {table.by: number for number, table in enumerate(overview.tables)}
        self._made: dict[str, Exhibit] = {}
        self._places: set[str] = set()

    @property
    def panels(self) -> tuple[Exhibit, ...]:
        """The panels that were asked for; those of figures without a place lead back to the top."""
        return tuple(one if one.back in self._places else replace(one, back=TOP) for one in self._made.values())

    @property
    def total(self) -> Cells:
        """All articles in one cell."""
        return self.overview.tables[0]

    def name(self, label: int) -> str:
        """Return the name of a label, in the language of the page where it has one."""
        return self.overview.labels[label].name(self.interface)

    def value(self, name: str) -> str:
        """Return a value of a dimension, in the language of the page where it is ours."""
        return value_name(name, self.say)

    def said(self, remark: Remark) -> str:
        """Return a remark as a sentence, in the language of the page."""
        names = {label.id: label.name(self.interface) for label in self.overview.labels}
        told = remark.said(self.say, name=lambda one: names.get(one, one), count=thousands)
        told = told.replace(" %", "\u00a0%")
        return f"{told[:1].upper()}{told[1:]}."

    def words(self, cells: Cells, cell: int, label: int) -> str:
        """Return the figures of a label in a cell."""
        return cell_in_words(cells, cell, label, self.say)

    def place(self, cells: Cells, cell: int, label: int) -> str:
        """Return the anchor of a figure, which is to stand there."""
        place = f"c{self._numbers[cells.by]}-{cell}-{label}"
        self._places.add(place)
        return place

    def anchor(self, cells: Cells, cell: int, label: int) -> str:
        """Return the anchor of the panel behind a figure, "" if no article was given the label."""
        pieces = self.overview.pieces_of(cells, cell, label)
        if not pieces:
            return ""
        anchor = f"e{self._numbers[cells.by]}-{cell}-{label}"
        if anchor not in self._made:
            self._made[anchor] = Exhibit(
                anchor=anchor,
                back=f"c{anchor[1:]}",
                label=self.name(label),
                where=key_name(cells.keys[cell], self.say),
                figures=self.words(cells, cell, label),
                decided="" if self._is_by_people else decided_in_words(cells, cell, label, self.say),
                pieces=tuple(piece_view(piece, self.say) for piece in pieces),
            )
        return anchor


def piece_view(piece: Piece, say: Say) -> PieceView:
    """Return an article as the page shows it."""
    return PieceView(
        title=piece.title or piece.id or thousands(piece.row),
        url=piece.url if is_web_address(piece.url) else "",
        about=" · ".join(value_name(part, say) for part in (piece.source, piece.date, piece.lang) if part),
        lang=piece.lang,
        probability=percent(piece.probability) if piece.probability < 1 else "",
        is_given=piece.is_given,
        before=_end_of(piece.before),
        passage=piece.passage,
        after=_end_of(piece.after[::-1])[::-1],
    )


def _end_of(text: str) -> str:
    """Return what is before a passage; where it is cut, without the word that it begins within.

    >>> _end_of("According to the ministry, "), _end_of("x" * 20 + " of the " + "y" * 4)
    ('According to the ministry, ', '… of the yyyy')
    """
    if len(text) < MAX_AROUND:
        return text
    return f"… {text.partition(' ')[2]}"


def is_web_address(url: str) -> bool:
    """Tell whether a link can be offered: what a feed calls an address may be anything.

    >>> [is_web_address(url) for url in ("https://example.org/a", "javascript:alert(1)", "http://[", "")]
    [True, False, False, False]
    """
    try:
        parts = urlsplit(url)
    except ValueError:
        return False
    return parts.scheme in {"http", "https"} and bool(parts.netloc)
