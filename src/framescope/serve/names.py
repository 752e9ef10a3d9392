"""What files that are sent are called in the working folder."""

from __future__ import annotations

import re
from http import HTTPStatus
from pathlib import PurePosixPath

from framescope.batch.inputs import check_format
from framescope.batch.options import ScoringError
from framescope.serve.problems import ServeError

N_STEM = 80


def harmless_name(given: str) -> str:
    """Return the name of a file as we keep it: letters, digits, ``-`` and ``_``, and a suffix that is read.

    Raises:
        ServeError: 415, its format is not known.
    """
    name = given.replace("\\", "/").rpartition("/")[2]
    try:
        check_format(name)
    except ScoringError as error:
        raise ServeError(HTTPStatus.UNSUPPORTED_MEDIA_TYPE, str(error)) from error
    bare = PurePosixPath(name.lower().removesuffix(".gz"))
    suffix = bare.suffix + (".gz" if name.lower().endswith(".gz") else "")
    stem = re.sub(r"[^\w -]", "_", name[: -len(suffix)]).strip("_ ")
    return f"{stem[:N_STEM] or 'file'}{suffix}"


def distinct_name(name: str, taken: set[str]) -> str:
    """Return a name that is not among the casefolded ones that are taken."""
    stem, dot, suffix = name.partition(".")
    number, found = 1, name
    while found.casefold() in taken:
        number += 1
        found = f"{stem}-{number}{dot}{suffix}"
    return found
