"""The articles that were pasted or fetched: in the working folder, each under a name made of its content."""

from __future__ import annotations

import hashlib
import re
from dataclasses import replace
from pathlib import Path

import msgspec

from framescope.articles import Article
from framescope.files import whole_file

N_KEPT = 1_000
KEY = re.compile(r"[0-9a-f]{16}")


class Shelf:
    """Articles by their keys; of more than ``N_KEPT``, the oldest go."""

    def __init__(self, root: Path) -> None:
        self._folder = root / "read"
        self._folder.mkdir(mode=0o700, exist_ok=True)

    def keep(self, article: Article) -> str:
        """Keep an article and return its key; one without an id takes the key as its id."""
        content = msgspec.json.encode((article.id, article.title, article.text))
        key = hashlib.sha256(content).hexdigest()[:16]
        with whole_file(self._path(key)) as opened:
            opened.write(msgspec.json.encode(replace(article, id=article.id or key)))
        for path in self._paths()[N_KEPT:]:
            path.unlink(missing_ok=True)
        return key

    def get(self, key: str) -> Article | None:
        """Return an article, None where there is none."""
        if not KEY.fullmatch(key):
            return None
        try:
            return msgspec.json.decode(self._path(key).read_bytes(), type=Article)
        except FileNotFoundError:
            return None

    def latest(self, n: int) -> list[tuple[str, Article]]:
        """Return the newest articles with their keys, the newest first."""
        found = [(path.stem, self.get(path.stem)) for path in self._paths()[:n]]
        return [(key, article) for key, article in found if article is not None]

    def _path(self, key: str) -> Path:
        return self._folder / f"{key}.json"

    def _paths(self) -> list[Path]:
        return sorted(self._folder.glob("*.json"), key=lambda path: -path.stat().st_mtime_ns)
