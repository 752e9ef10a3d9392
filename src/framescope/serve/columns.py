"""How uploads are read of which nobody says how: columns by their usual names, encodings by a guess."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from http import HTTPStatus
from pathlib import Path
from typing import Any

from framescope.batch.inputs import expand
from framescope.batch.kept import column_names
from framescope.errors import columns_shown
from framescope.formats.encodings import AUTO
from framescope.serve.jobs import SHOWN, score_options
from framescope.serve.problems import ServeError

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


def shown_columns(names: Sequence[str], options: Mapping[str, Any]) -> dict[str, str]:
    """Return the columns that pages show as ``source`` and ``date``: those that are named, or the usual ones.

    >>> shown_columns(["Outlet", "Published"], {"date_field": "Published"})
    {'source': 'Outlet', 'date': 'Published'}
    """
    return {
        field: options.get(f"{field}_field") or usual_column(field, names) or field
        for field in ("source", "date")
    }


def check_shown(folder: Path, options: Mapping[str, Any]) -> None:
    """Refuse a column of outlets or dates that no file has.

    Raises:
        ServeError: 422, with the columns that there are.
    """
    named = {field: options[field] for field in SHOWN if options.get(field)}
    names = column_names(expand([folder]), score_options(options).fields) if named else []
    for field, name in named.items():
        if name not in names:
            message = (
                f"{field}: no file has a column {name!r:.80}; columns are {columns_shown(names) or 'none'}"
            )
            raise ServeError(HTTPStatus.UNPROCESSABLE_ENTITY, message)


def understood(folder: Path, options: Mapping[str, str]) -> dict[str, str]:
    """Return the options of a job for files in a folder: those that are named, and what the files tell."""
    named = {"encoding": AUTO} | {name: value for name, value in options.items() if value}
    names = column_names(expand([folder]), score_options(named).fields)
    for field in READ:
        found = usual_column(field, names)
        if found not in {None, field}:
            named.setdefault(f"{field}_field", str(found))
    return named
