"""A hub of this machine: the few calls of the Hugging Face hub that sending and fetching a model make."""

from __future__ import annotations

import base64
import hashlib
import json
import re
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, ClassVar

COMMIT = re.compile("[0-9a-f]{40}")


class Hub(ThreadingHTTPServer):
    """Repositories as files by commit; ``branches`` name commits. ``requests`` are those that were made."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.commits: dict[tuple[str, str], dict[str, bytes]] = {}
        self.branches: dict[tuple[str, str], str] = {}
        self.visibility: dict[str, str] = {}
        self.requests: list[str] = []

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.server_port}"

    def commit(self, repository: str, files: dict[str, bytes], branch: str = "main") -> str:
        """Make a commit of all files, and let a branch name it."""
        digest = hashlib.sha1(repr(sorted(files.items())).encode(), usedforsecurity=False).hexdigest()
        self.commits[repository, digest] = files
        self.branches[repository, branch] = digest
        return digest

    def files(self, repository: str, revision: str) -> dict[str, bytes] | None:
        commit = revision if COMMIT.fullmatch(revision) else self.branches.get((repository, revision), "")
        return self.commits.get((repository, commit))


class _Handler(BaseHTTPRequestHandler):
    server: Hub
    errors: ClassVar[dict[str, int]] = {"RepoNotFound": 404, "RevisionNotFound": 404, "EntryNotFound": 404}

    def do_GET(self) -> None:
        self.server.requests.append(f"{self.command} {self.path}")
        path = self.path.partition("?")[0]
        if found := re.fullmatch(r"/api/models/([^/]+/[^/]+)/revision/(.+)", path):
            self._info(*found.groups())
        elif found := re.fullmatch(r"/api/models/([^/]+/[^/]+)/tree/([^/]+)", path):
            files = self.server.files(*found.groups()) or {}
            self._json([{"type": "file", "path": name, "size": len(files[name]), "oid": ""} for name in files])
        elif found := re.fullmatch(r"/([^/]+/[^/]+)/resolve/([^/]+)/(.+)", path):
            self._file(*found.groups())
        else:
            self._fail("EntryNotFound")

    do_HEAD = do_GET  # noqa: N815 - the name that http.server looks for

    def do_POST(self) -> None:
        self.server.requests.append(f"{self.command} {self.path}")
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        if self.path == "/api/validate-yaml":
            self._json({"errors": [], "warnings": []})
        elif self.path == "/api/repos/create":
            asked = json.loads(body)
            repository = f"{asked['organization']}/{asked['name']}"
            self.server.visibility[repository] = asked["visibility"]
            self._json({"url": f"{self.server.address}/{repository}"})
        elif found := re.fullmatch(r"/api/models/([^/]+/[^/]+)/preupload/(.+)", self.path):
            mode = {"uploadMode": "regular", "shouldIgnore": False}
            self._json({"files": [{**mode, "path": file["path"]} for file in json.loads(body)["files"]]})
        elif found := re.fullmatch(r"/api/models/([^/]+/[^/]+)/commit/(.+)", self.path):
            self._commit(*found.groups(), body=body)
        else:
            self._fail("EntryNotFound")

    def _info(self, repository: str, revision: str) -> None:
        if repository not in {name for name, _ in self.server.commits}:
            self._fail("RepoNotFound")
        elif self.server.files(repository, revision) is None:
            self._fail("RevisionNotFound")
        else:
            commit = self.server.branches.get((repository, revision), revision)
            self._json({"id": repository, "sha": commit, "siblings": []})

    def _file(self, repository: str, revision: str, name: str) -> None:
        files = self.server.files(repository, revision) or {}
        if name not in files:
            self._fail("EntryNotFound")
            return
        headers = {
            "ETag": f'"{hashlib.sha1(files[name], usedforsecurity=False).hexdigest()}"',
            "X-Repo-Commit": revision,
        }
        self._send(files[name], headers)

    def _commit(self, repository: str, branch: str, *, body: bytes) -> None:
        files = dict(self.server.files(repository, branch) or {})
        for line in map(json.loads, body.splitlines()):
            if line["key"] == "file":
                files[line["value"]["path"]] = base64.b64decode(line["value"]["content"])
            elif line["key"] == "deletedFile":
                del files[line["value"]["path"]]
        commit = self.server.commit(repository, files, branch)
        address = f"{self.server.address}/{repository}/commit/{commit}"
        self._json({"commitUrl": address, "commitOid": commit, "success": True})

    def _json(self, content: Any) -> None:
        self._send(json.dumps(content).encode(), {"Content-Type": "application/json"})

    def _send(self, content: bytes, headers: dict[str, str]) -> None:
        self.send_response(200)
        for name, value in {**headers, "Content-Length": str(len(content))}.items():
            self.send_header(name, value)
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(content)

    def _fail(self, code: str) -> None:
        self.send_response(self.errors[code])
        self.send_header("X-Error-Code", code)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *_arguments: Any) -> None:
        """Say nothing."""
