"""The command ``audit``."""

from __future__ import annotations

import json
from pathlib import Path

from commands import articles, succeed, write_rows


def test_audit_shows_findings_and_labels(home: Path) -> None:
    result = succeed("audit", home / "articles.jsonl", "--codebook", home / "codebook.json")
    assert "72 of 72 articles" in result.stdout
    assert "union-expands" in result.stdout
    assert "memory to train" in result.stdout
    assert "about 0.4 GB" in result.stdout


def test_audit_writes_json(home: Path, here: Path) -> None:
    write_rows(here / "dev.jsonl", articles()[:1])
    arguments = ["audit", home / "articles.jsonl", "--against", "dev.jsonl", "--group-by", "source"]
    findings = json.loads(succeed(*arguments, "--json", "-").stdout)
    assert findings["n_units"] == 72
    assert 4e8 < findings["bytes_to_train"] < 4.1e8
    assert findings["overlaps"][0]["n_equal_texts"] == 1
    assert findings["overlaps"][0]["n_groups"] == 1
    succeed(*arguments, "--json", "audit.json")
    assert json.loads(Path("audit.json").read_text(encoding="utf-8")) == findings
