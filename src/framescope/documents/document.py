"""What a reader of documents yields, and how the packages of the extra ``files`` are loaded."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from types import ModuleType

from framescope.errors import MissingPackageError

MAX_DOCUMENT_BYTES = 100_000_000
"""Of a file that is read as a whole, and of all that it unpacks to."""

MAX_DOCUMENTS = 100_000
"""In one file."""


MAX_TAGS = 1_000_000
"""In a page, a feed or a Word document: a parser takes some hundred bytes for each."""

TOO_MANY_TAGS = f"has more than {MAX_TAGS:,} tags"


@dataclass(frozen=True, slots=True)
class Document:
    """An article as a file has it, or why there is none (``fault``).

    ``name`` leads to it in a file of several; it is empty where the file is the article.
    """

    text: str = ""
    title: str = ""
    lang: str = ""
    source: str = ""
    date: str = ""
    url: str = ""
    name: str = ""
    fault: str = ""


def load(module: str, path: Path | str) -> ModuleType:
    """Return a module of the extra ``files``; what its package logs below errors is of no use to a reader.

    Raises:
        MissingPackageError: it is not installed.
    """
    package = module.partition(".")[0]
    logging.getLogger(package).setLevel(logging.ERROR)
    try:
        return import_module(module)
    except ImportError as error:
        message = f'needs {package}: pip install "framescope[files]"'
        raise MissingPackageError.at(path, message) from error
