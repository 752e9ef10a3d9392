"""From a feed to an overview."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from framescope.bundle.read import Bundle
from framescope.bundle.record import load_record
from framescope.measure.prevalence import Separation, prevalence_figures, separation_of
from framescope.overview.changes import changes_of
from framescope.overview.contents import (
    OTHERS,
    Alike,
    Cells,
    Changes,
    Origin,
    Overview,
    OverviewLabel,
    Remark,
)
from framescope.overview.dimensions import LANG, SOURCE, Coder, PeriodCoder, coders_of
from framescope.overview.evidence import best_entries, first_shown, numbered, pieces_of
from framescope.overview.feed import LABELS, Feed
from framescope.overview.gathered import Gathered, gather
from framescope.overview.languages import language_warnings
from framescope.overview.outlets import against_others, alike_outlets, labels_together
from framescope.overview.passages import with_passages
from framescope.overview.sayings import notes_of, poorly_told, warnings_of
from framescope.overview.stories import find as find_stories
from framescope.overview.tables import Draft, cells_of, draft_of, subsets
from framescope.predictor import Predictor

DEFAULT_BY = ("source", "week", "lang")


@dataclass(frozen=True, slots=True)
class Grouping:
    """By what to group, and the columns that hold it, where they have other names than source, date, lang."""

    by: tuple[str, ...] = DEFAULT_BY
    columns: Mapping[str, str] = field(default_factory=dict)

    def column(self, name: str) -> str:
        """Return the column that holds a field."""
        return self.columns.get(name, name)


def make_overview(feed: Feed, grouping: Grouping, *, predictor: Predictor | None = None) -> Overview:
    """Read a feed and tell who pushes what, when.

    ``predictor`` is the model that gave the labels, if it is at hand: without it, shares are not corrected.

    Raises:
        OverviewError: there are no articles, or a column is missing.
    """
    available = list(feed.column_names)
    coders = coders_of(grouping.by, grouping.columns, available)
    source = grouping.column("source")
    found = gather(feed, coders, source if source in available else None)
    bundle = None if predictor is None else predictor.bundle
    separation = _separation(bundle)
    if separation is not None:
        separation = separation.within(found.sums.grouped(np.zeros(len(found.cells), np.int64), 1).sample)
    n_labels = len(feed.codebook.ids)
    drafts = [draft_of(found, coders, places) for places in subsets(len(coders), found, n_labels)]
    best = [best_entries(found.entries, draft.groups, (len(draft.keys), n_labels)) for draft in drafts]
    named, evidence = numbered(best)
    tables = [cells_of(draft, feed, separation, shown) for draft, shown in zip(drafts, evidence, strict=True)]
    pieces = pieces_of(feed, found.entries, named, grouping.columns)
    pieces, no_passages = with_passages(pieces, feed, predictor, first_shown(evidence))
    changes = [*_changes(drafts, coders, separation or Separation.certain(n_labels))]
    stories, of_stories = find_stories(feed, found, grouping.columns)
    origin = _origin(feed, bundle, found, tables[0], is_corrected=separation is not None)
    return Overview(
        origin=origin,
        labels=tuple(
            OverviewLabel(one.id, one.parent, dict(one.names), one.disarm) for one in feed.codebook.labels
        ),
        dimensions=tuple(coder.name for coder in coders),
        tables=tuple(tables),
        pieces=pieces,
        changes=tuple(changes),
        alike=_alike(drafts, changes, feed),
        together=labels_together(found.entries, origin.n_articles, feed.codebook),
        stories=stories,
        warnings=(
            *warnings_of(origin, tables[0], feed, coders),
            *([] if separation is None else poorly_told(separation, feed.codebook.ids)),
            *_of_languages(bundle, tables),
        ),
        notes=(*notes_of(origin, tables[0], changes), *no_passages, *of_stories),
    )


def _of_languages(bundle: Bundle | None, tables: Sequence[Cells]) -> tuple[Remark, ...]:
    cells = next((cells for cells in tables if cells.by == (LANG,)), None)
    if bundle is None or cells is None or len(cells.keys) < 2:
        return ()
    return tuple(language_warnings(bundle.training, [language for (language,) in cells.keys]))


def _alike(drafts: Sequence[Draft], changes: Sequence[Changes], feed: Feed) -> tuple[Alike, ...]:
    draft = next((draft for draft in drafts if draft.by == (SOURCE,)), None)
    against = next((one for one in changes if (one.by, one.against) == ((SOURCE,), OTHERS)), None)
    return () if draft is None or against is None else alike_outlets(draft, against, feed.codebook)


def _changes(drafts: Sequence[Draft], coders: Sequence[Coder], separation: Separation) -> Iterator[Changes]:
    """Yield the changes of tables by a period, and by it and one thing more; of others, what differs."""
    for coder in coders:
        for draft in drafts:
            if isinstance(coder, PeriodCoder) and coder.name in draft.by and len(draft.by) <= 2:
                yield from changes_of(draft, coder, separation)
            elif draft.by == (coder.name,):
                yield against_others(draft, separation)


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


def _origin(feed: Feed, bundle: Bundle | None, found: Gathered, total: Cells, *, is_corrected: bool) -> Origin:
    return Origin(
        name=feed.name,
        kind=feed.kind,
        model="" if bundle is None else bundle.path.resolve().name,
        digest=feed.digest,
        unit=feed.unit.value,
        is_corrected=is_corrected and feed.kind != LABELS,
        n_rows=found.n_rows,
        n_articles=int(total.n[0]),
        n_unlike=int(total.n_unlike[0]),
        n_copies=int(total.n_copies[0]),
    )
