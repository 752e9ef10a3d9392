"""The messages of pages, collected from their templates and from Python."""

from __future__ import annotations

import ast
from functools import cache
from importlib.resources import files
from pathlib import Path

from framescope.pages.base import environment

TEMPLATES = ("base.html.j2", "article.html.j2", "overview.html.j2", "overview_parts.html.j2")
"""Those of ``framescope.pages`` that speak all languages."""
MARKERS = {"framescope.pages": (("framescope.pages", "msg"), ("framescope.overview", "Remark"))}
"""Where the messages in Python are that a package says, and what marks them; by default its own, ``msg``."""


@cache
def messages(package: str = "framescope.pages", templates: tuple[str, ...] = TEMPLATES) -> list[str]:
    """Return every message once, in the order of the sources."""
    found = []
    for name in templates:
        source = (files(package) / "templates" / name).read_text(encoding="utf-8")
        extracted = environment("en").extract_translations(source)
        found += [message if isinstance(message, str) else str(message[0]) for _, _, message in extracted]
    for home, marker in MARKERS.get(package, ((package, "msg"),)):
        for path in sorted(Path(str(files(home))).rglob("*.py")):
            found += _of_python(path.read_text(encoding="utf-8"), marker)
    return list(dict.fromkeys(found))


def _of_python(source: str, marker: str) -> list[str]:
    calls = [node for node in ast.walk(ast.parse(source)) if isinstance(node, ast.Call)]
    marked = [call for call in calls if isinstance(call.func, ast.Name) and call.func.id == marker]
    return [str(ast.literal_eval(call.args[0])) for call in marked if not isinstance(call.args[0], ast.Name)]
