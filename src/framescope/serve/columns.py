"""How uploads are read of which nobody says how: columns by their usual names, encodings by a guess."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path

from framescope.batch.inputs import expand
from framescope.batch.kept import column_names
from framescope.formats.encodings import AUTO
from framescope.serve.jobs import score_options

READ = ("text", "title", "lang", "id")
"""Fields of an article that score reads."""

ALSO = {"source": "outlet"}
"""What the pages call a field."""


def usual_column(field: str, names: Iterable[str]) -> str | None:
    """Return the column that holds a field, None if there is none: of its name, or in other capitals.

    >>> usual_column("source", ["Title", "Outlet"]), usual_column("text", ["Text", "text"])
    ('Outlet', 'text')
    >>> usual_column("id", ["Id", "ID"])
    """
    there = list(names)
    for wanted in (field, ALSO.get(field, field)):
        if wanted in there:
            return wanted
        alike = [name for name in there if name.strip().casefold() == wanted]
        if len(alike) == 1:
            return alike[0]
    return None


def understood(folder: Path, options: Mapping[str, str]) -> dict[str, str]:
    """Return the options of a job for files in a folder: those that are named, and what the files tell."""
    named = {"encoding": AUTO} | {name: value for name, value in options.items() if value}
    names = column_names(expand([folder]), score_options(named).fields)
    for field in READ:
        found = usual_column(field, names)
        if found not in {None, field}:
            named.setdefault(f"{field}_field", str(found))
    return named
