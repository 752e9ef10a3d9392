"""A corpus seen whole: who pushes what, when, with which articles to show it.

:func:`framescope.overview.build.make_overview` reads a :class:`~framescope.overview.feed.Feed` (scored folders:
:class:`~framescope.overview.scored.ScoredFeed`; a corpus: :class:`~framescope.overview.annotated.CorpusFeed`)
and returns an :class:`~framescope.overview.contents.Overview`, which is all that a page or an export needs:

``overview.origin``
    What it was made of, the model, how many articles count, repeat others or are unlike training.
``overview.labels``
    Labels in column order, with names by language; every array's last axis, or last but one, is theirs.
``overview.tables``
    One :class:`~framescope.overview.contents.Cells` for each subset of the dimensions:
    ``overview.table("source")`` is outlets x labels, ``overview.table("week")`` the course over time,
    ``overview.table("source", "week")`` the course of each outlet, ``overview.table()`` everything in one cell.
    Each has shares with intervals, decisions counted, and marks for small cells and shares beyond correction.
``overview.pieces``
    The articles that show cells: ``overview.pieces_of(cells, cell, label)``.
``overview.changes``
    :class:`~framescope.overview.contents.Changes` beside the table of the same ``by``, cell by cell.
``overview.alike``, ``overview.together``, ``overview.stories``
    Outlets that are alike, labels that go together, and stories with who was first; empty where not known.
``overview.warnings``, ``overview.notes``
    Sentences for people.

JSON (:func:`framescope.overview.written.overview_json`) has the same fields by the same names.
"""
