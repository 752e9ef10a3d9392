"""From a feed to an overview."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from framescope.bundle.read import Bundle
from framescope.bundle.record import load_record
from framescope.measure.prevalence import Separation, prevalence_figures, separation_of
from framescope.overview.changes import changes_of
from framescope.overview.contents import Changes, Origin, Overview, OverviewLabel
from framescope.overview.dimensions import Coder, PeriodCoder, coders_of
from framescope.overview.evidence import best_entries, numbered, pieces_of
from framescope.overview.feed import LABELS, Feed
from framescope.overview.gathered import Gathered, Sums, gather
from framescope.overview.tables import Draft, cells_of, draft_of, subsets

DEFAULT_BY = ("source", "week", "lang")


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
    n_labels = len(feed.codebook.ids)
    drafts = [draft_of(found, coders, places) for places in subsets(len(coders), found, n_labels)]
    best = [best_entries(found.entries, draft.groups, (len(draft.keys), n_labels)) for draft in drafts]
    named, evidence = numbered(best)
    total = found.sums.grouped(np.zeros(len(found.cells), np.int64), 1)
    return Overview(
        origin=_origin(feed, bundle, found, total, is_corrected=separation is not None),
        labels=tuple(OverviewLabel(one.id, one.parent, dict(one.names)) for one in feed.codebook.labels),
        dimensions=tuple(coder.name for coder in coders),
        tables=tuple(
            cells_of(draft, feed, separation, shown) for draft, shown in zip(drafts, evidence, strict=True)
        ),
        pieces=pieces_of(feed, found.entries, named, grouping.columns),
        changes=tuple(_changes(drafts, coders, separation or Separation.certain(n_labels))),
        warnings=tuple(_warnings(coders)),
    )


def _changes(drafts: Sequence[Draft], coders: Sequence[Coder], separation: Separation) -> Iterator[Changes]:
    """Yield the changes of the tables by a period, and by it and one thing more."""
    for coder in coders:
        for draft in drafts:
            if isinstance(coder, PeriodCoder) and coder.name in draft.by and len(draft.by) <= 2:
                yield from changes_of(draft, coder, separation)


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


def _warnings(coders: Sequence[Coder]) -> list[str]:
    return [
        f"{coder.n_unreadable:,} dates cannot be read, such as {', '.join(map(repr, coder.unreadable))}: "
        "expected 2026-02-03, 3.2.2026 or 3 February 2026"
        for coder in coders
        if isinstance(coder, PeriodCoder) and coder.n_unreadable
    ]
