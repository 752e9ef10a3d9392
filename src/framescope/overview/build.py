"""From a feed to an overview."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import combinations

import numpy as np

from framescope._types import BoolArray, Int32, Int64
from framescope.bundle.read import Bundle
from framescope.bundle.record import load_record
from framescope.measure.prevalence import (
    Separation,
    Shares,
    adjusted_shares,
    counted_shares,
    is_beyond,
    mean_shares,
    prevalence_figures,
    separation_of,
)
from framescope.overview.contents import MIN_ARTICLES, Cells, Origin, Overview, OverviewLabel, Piece
from framescope.overview.dimensions import Coder, PeriodCoder, coders_of, order_of
from framescope.overview.evidence import best_entries, numbered
from framescope.overview.feed import LABELS, Feed
from framescope.overview.gathered import Gathered, Sums, gather

DEFAULT_BY = ("source", "week", "lang")
MAX_TABLE = 4_000_000
"""Cells times labels of a table; a larger one is left out."""
DETAILS = ("id", "title", "url", "source", "date", "lang")


@dataclass(frozen=True, slots=True)
class Grouping:
    """By what to group, and the columns that hold it, where they have other names than source, date, lang."""

    by: tuple[str, ...] = DEFAULT_BY
    columns: Mapping[str, str] = field(default_factory=dict)

    def column(self, name: str) -> str:
        """Return the column that holds a field."""
        return self.columns.get(name, name)


def make_overview(feed: Feed, grouping: Grouping, *, bundle: Bundle | None = None) -> Overview:
    """Read a feed and tell who pushes what, when.

    ``bundle`` is the model that gave the labels, if it is at hand: without it, shares are not corrected.

    Raises:
        OverviewError: there are no articles, or a column is missing.
    """
    available = list(feed.column_names)
    coders = coders_of(grouping.by, grouping.columns, available)
    source = grouping.column("source")
    found = gather(feed, coders, source if source in available else None)
    separation = _separation(bundle)
    drafts = [_draft(found, coders, places) for places in _subsets(len(coders), found, len(feed.codebook.ids))]
    best = [
        best_entries(found.entries, draft.groups, (len(draft.keys), len(feed.codebook.ids))) for draft in drafts
    ]
    named, evidence = numbered(best)
    tables = [_cells(draft, feed, separation, shown) for draft, shown in zip(drafts, evidence, strict=True)]
    total = found.sums.grouped(np.zeros(len(found.cells), np.int64), 1)
    return Overview(
        origin=_origin(feed, bundle, found, total, is_corrected=separation is not None),
        labels=tuple(OverviewLabel(one.id, one.parent, dict(one.names)) for one in feed.codebook.labels),
        dimensions=tuple(coder.name for coder in coders),
        tables=tuple(tables),
        pieces=_pieces(feed, found, named, grouping),
        warnings=tuple(_warnings(coders)),
    )


@dataclass(frozen=True, eq=False)
class _Draft:
    """A table before its shares: ``groups`` is the number of each cell's row."""

    by: tuple[str, ...]
    keys: tuple[tuple[str, ...], ...]
    groups: Int64
    sums: Sums


def _subsets(n_dimensions: int, found: Gathered, n_labels: int) -> list[tuple[int, ...]]:
    """Return the sets of dimensions that have a table, small ones first."""
    every = [places for size in range(n_dimensions + 1) for places in combinations(range(n_dimensions), size)]
    return [
        places
        for places in every
        if len(np.unique(found.cells[:, list(places)], axis=0)) * n_labels <= MAX_TABLE
    ]


def _draft(found: Gathered, coders: Sequence[Coder], places: tuple[int, ...]) -> _Draft:
    names = [coders[place].name for place in places]
    values = [coders[place].values() for place in places]
    codes, groups = np.unique(found.cells[:, list(places)], axis=0, return_inverse=True)
    keys = [tuple(each[code] for each, code in zip(values, row, strict=True)) for row in codes.tolist()]
    if len(places) == 1 and isinstance(coders[places[0]], PeriodCoder):
        keys += [(gap,) for gap in coders[places[0]].gaps()]  # type: ignore[attr-defined]
    order = _order(names, keys)
    rank = np.empty(len(keys), np.int64)
    rank[order] = np.arange(len(keys))
    groups = rank[groups.ravel()]
    return _Draft(
        tuple(names), tuple(keys[place] for place in order), groups, found.sums.grouped(groups, len(keys))
    )


def _order(names: Sequence[str], keys: Sequence[tuple[str, ...]]) -> list[int]:
    """Return keys in order: periods in time, others by name, those in brackets last."""
    columns = list(zip(*keys, strict=True))
    places = []
    for name, column in zip(names, columns, strict=True):
        distinct = list(dict.fromkeys(column))
        place = dict(zip(distinct, order_of(name, distinct).tolist(), strict=True))
        places.append([place[value] for value in column])
    return sorted(range(len(keys)), key=lambda row: [place[row] for place in places])


def _cells(draft: _Draft, feed: Feed, separation: Separation | None, evidence: Int32) -> Cells:
    sums = draft.sums
    n = sums.n.astype(np.float64)
    counted = counted_shares(n, sums.n_decided.astype(np.float64))
    shares, beyond = _shares(sums, counted, separation, feed)
    return Cells(
        by=draft.by,
        keys=draft.keys,
        n=sums.n,
        n_unlike=sums.n_unlike,
        n_copies=sums.n_copies,
        share=shares.share,
        low=shares.low,
        high=shares.high,
        counted=counted.share,
        n_decided=sums.n_decided,
        n_given=sums.n_given,
        is_small=sums.n < MIN_ARTICLES,
        is_beyond=beyond,
        evidence=evidence,
    )


def _shares(sums: Sums, counted: Shares, separation: Separation | None, feed: Feed) -> tuple[Shares, BoolArray]:
    """Return the shares of cells, and which of them no correction is promised for."""
    n = sums.n.astype(np.float64)
    if feed.kind == LABELS:
        return counted, np.zeros(counted.share.shape, bool)
    if separation is None:
        return mean_shares(n, sums.sums, sums.squares), np.zeros(counted.share.shape, bool)
    shares = adjusted_shares(n, sums.sums, sums.squares, separation)
    return shares, is_beyond(shares, separation)


def _separation(bundle: Bundle | None) -> Separation | None:
    """Return what is known of left-out articles: from the bundle, or else from the record beside it."""
    if bundle is None:
        return None
    if bundle.training.prevalence:
        return separation_of(bundle.training.prevalence)
    record = load_record(bundle.path, bundle.digest)
    if record is None or record.truth is None:
        return None
    return separation_of(prevalence_figures(bundle.model.codebook.ids, record.truth, record.probabilities))


def _origin(feed: Feed, bundle: Bundle | None, found: Gathered, total: Sums, *, is_corrected: bool) -> Origin:
    n, n_unlike, n_copies = (int(values[0]) for values in (total.n, total.n_unlike, total.n_copies))
    return Origin(
        name=feed.name,
        kind=feed.kind,
        model="" if bundle is None else bundle.path.resolve().name,
        digest=feed.digest,
        unit=feed.unit.value,
        is_corrected=is_corrected and feed.kind != LABELS,
        n_rows=found.n_rows,
        n_articles=n,
        n_unlike=n_unlike,
        n_copies=n_copies,
    )


def _pieces(feed: Feed, found: Gathered, named: Int64, grouping: Grouping) -> tuple[Piece, ...]:
    """Return the articles that tables show, by a second look at the feed."""
    entries, labels = found.entries, feed.codebook.ids
    columns = {name: grouping.column(name) for name in DETAILS if grouping.column(name) in feed.column_names}
    rows = np.unique(entries.row[named])
    looked_up = feed.look_up(rows, list(columns.values()))
    details = {name: looked_up[column].to_pylist() for name, column in columns.items()}
    places = np.searchsorted(rows, entries.row[named]).tolist()

    def detail(name: str, place: int) -> str:
        return (details[name][place] or "") if name in details else ""

    return tuple(
        Piece(
            row=int(entries.row[entry]),
            id=detail("id", place),
            title=detail("title", place),
            url=detail("url", place),
            source=detail("source", place),
            date=detail("date", place),
            lang=detail("lang", place),
            label=labels[entries.label[entry]],
            probability=float(entries.probability[entry]),
            is_given=bool(entries.is_given[entry]),
        )
        for entry, place in zip(named.tolist(), places, strict=True)
    )


def _warnings(coders: Sequence[Coder]) -> list[str]:
    return [
        f"{coder.n_unreadable:,} dates cannot be read, such as {', '.join(map(repr, coder.unreadable))}: "
        "expected 2026-02-03, 3.2.2026 or 3 February 2026"
        for coder in coders
        if isinstance(coder, PeriodCoder) and coder.n_unreadable
    ]
