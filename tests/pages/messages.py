"""The messages of pages, collected from their templates and from Python."""

from __future__ import annotations

import ast
from functools import cache
from importlib.resources import files
from pathlib import Path

from framescope.pages.base import environment

PAGES = "framescope.pages"
MARKERS = {"msg", "Remark"}
"""What is called with a message."""
ELSEWHERE = {"serve"}
"""Parts of the program whose messages are in catalogues of their own."""


@cache
def messages(package: str = PAGES, templates: tuple[str, ...] | None = None) -> list[str]:
    """Return every message once, in the order of the sources.

    Those of the pages come from the whole program, for what is measured is said there; ``templates`` are all.
    """
    folder = Path(str(files(package)))
    every = sorted(path.name for path in (folder / "templates").glob("*.j2"))
    found = []
    for name in every if templates is None else templates:
        source = (folder / "templates" / name).read_text(encoding="utf-8")
        extracted = environment("en").extract_translations(source)
        found += [message if isinstance(message, str) else str(message[0]) for _, _, message in extracted]
    for path in _sources(folder) if package == PAGES else sorted(folder.glob("*.py")):
        found += _of_python(path.read_text(encoding="utf-8"))
    return list(dict.fromkeys(found))


def _sources(pages: Path) -> list[Path]:
    whole = pages.parent
    return [path for path in sorted(whole.rglob("*.py")) if path.relative_to(whole).parts[0] not in ELSEWHERE]


def _of_python(source: str) -> list[str]:
    calls = [node for node in ast.walk(ast.parse(source)) if isinstance(node, ast.Call)]
    marked = [call for call in calls if isinstance(call.func, ast.Name) and call.func.id in MARKERS]
    return [str(ast.literal_eval(call.args[0])) for call in marked if not isinstance(call.args[0], ast.Name)]
