"""A person at a browser, and the articles that are uploaded."""
# Modules that need framescope[serve] are imported when a test runs.
# ruff: noqa: PLC0415

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from threading import Event
from typing import TYPE_CHECKING, Any

from tiny import SENTENCES

if TYPE_CHECKING:
    from starlette.testclient import TestClient

    from framescope.serve.jobs import ScoringJob
    from framescope.serve.service import Service

ROWS = [
    {"id": f"a{n}", "title": f"№ {n}", "text": text, "source": f"outlet {n % 2}", "date": f"2026-11-{n + 1:02}"}
    for n, text in enumerate(SENTENCES)
]


class Person:
    """What a browser sends: it asks for pages, and forms with the hidden field of the page before."""

    def __init__(self, client: TestClient) -> None:
        self.client = client
        self.headers = {"Accept": "text/html,*/*"}
        self._csrf = ""

    @property
    def service(self) -> Service:
        """What the server has."""
        return self.client.app.state.service  # type: ignore[attr-defined, no-any-return]

    def get(self, path: str, **fields: object) -> Any:
        """Ask for a page."""
        return self.client.get(path, params=fields or None, headers=self.headers)

    def post(self, path: str, *, moves: bool = False, **fields: object) -> Any:
        """Send a form; where one ``moves``, go where the answer leads."""
        return self.client.post(
            path, data={"csrf": self.csrf(), **fields}, headers=self.headers, follow_redirects=moves
        )

    def csrf(self) -> str:
        """Return what the hidden field of this person's forms holds."""
        if not self._csrf:
            (self._csrf,) = set(re.findall(r'name="csrf" value="(\w+)"', self.get("/").text))
        return self._csrf

    def done(self, rows: Sequence[dict[str, str]] = ROWS, **options: Any) -> ScoringJob:
        """Return a job on articles that was worked off in this process."""
        predictor = self.service.models["tiny"]
        self.service.runner.stop()
        folder = self.service.jobs.new_folder()
        lines = "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows)
        (folder / "rows.jsonl").write_text(lines, encoding="utf-8")
        return self.worked_off(self.service.jobs.add(folder, "tiny", predictor, options))

    def worked_off(self, job: ScoringJob) -> ScoringJob:
        """Return a job after its files were scored in this process."""
        from framescope.serve.jobs import Status
        from framescope.serve.scoring_process import work

        path = self.service.models["tiny"].bundle.path
        told = {"root": job.root, "model": str(path), "digest": job.digest, "options": job.options}
        summary = work({**told, "n_threads": 1}, lambda _: None, Event())
        self.service.jobs.end(job.id, Status.DONE, summary=summary)
        return self.service.jobs.get(job.id)
