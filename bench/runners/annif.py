"""Annif's TF-IDF project on the same articles, served as Annif serves: in an environment of its own."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from http.client import HTTPConnection
from pathlib import Path
from typing import Any

PROJECT = """\
[tfidf]
name=TF-IDF
language=en
backend=tfidf
analyzer=simple
vocab=labels
limit=10
"""
SECONDS_TO_START = 120


@contextmanager
def annif_service(environment: Path, documents: Sequence[dict[str, Any]]) -> Iterator[tuple[int, str]]:
    """Train Annif on articles and serve it; yield the port, and the path that takes batches."""
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder)
        labels = sorted({label for each in documents for label in each["labels"]})
        uris = {label: f"http://example.org/{number}" for number, label in enumerate(labels)}
        (root / "projects.cfg").write_text(PROJECT, encoding="utf-8")
        vocabulary = "".join(f"<{uri}>\t{label}\n" for label, uri in uris.items())
        (root / "labels.tsv").write_text(vocabulary, encoding="utf-8")
        lines = (
            f"{' '.join(each['text'].split())}\t{' '.join(f'<{uris[label]}>' for label in each['labels'])}\n"
            for each in documents
            if each["labels"]
        )
        (root / "train.tsv").write_text("".join(lines), encoding="utf-8")
        annif = str((environment / "bin" / "annif").absolute())
        own = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
        settings = {**own, "ANNIF_DATADIR": str(root / "data"), "NLTK_DATA": str(_without_downloads(root))}
        for command in (["load-vocab", "-L", "en", "labels", "labels.tsv"], ["train", "tfidf", "train.tsv"]):
            subprocess.run([annif, *command], cwd=root, env=settings, check=True, capture_output=True)  # noqa: S603
        port = _free_port()
        server = [annif, "run", "--port", str(port)]
        nowhere = subprocess.DEVNULL
        process = subprocess.Popen(server, cwd=root, env=settings, stdout=nowhere, stderr=nowhere)  # noqa: S603
        try:
            _wait(port)
            yield port, "/v1/projects/tfidf/suggest-batch"
        finally:
            process.terminate()
            process.wait()


def _without_downloads(root: Path) -> Path:
    """Return data for NLTK's sentence splitter that know no abbreviations: its own are not in its package."""
    folder = root / "nltk" / "tokenizers" / "punkt_tab" / "english"
    folder.mkdir(parents=True)
    for name in ("collocations.tab", "sent_starters.txt", "abbrev_types.txt", "ortho_context.tab"):
        (folder / name).touch()
    return root / "nltk"


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as opened:
        return int(opened.getsockname()[1])


def _wait(port: int) -> None:
    """Wait until the first suggestion: a project is loaded when it is first asked."""
    until = time.monotonic() + SECONDS_TO_START
    body = json.dumps({"documents": [{"text": "a"}]})
    while time.monotonic() < until:
        try:
            connection = HTTPConnection("127.0.0.1", port, timeout=SECONDS_TO_START)
            path = "/v1/projects/tfidf/suggest-batch"
            connection.request("POST", path, body, {"Content-Type": "application/json"})
            if connection.getresponse().status == 200:
                return
        except OSError:
            time.sleep(0.5)
    raise RuntimeError("Annif does not answer")
