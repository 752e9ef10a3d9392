"""The command ``serve``, as far as it can be tried without a server; the rest is in tests/serve."""

from __future__ import annotations

from pathlib import Path

import pytest

from commands import message_of, run
from framescope.cli import serve


def test_what_is_missing_is_named_with_its_remedy(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(serve, "find_spec", lambda name: None if name == "uvicorn" else True)
    result = run("serve", "--no-browser", "--folder", tmp_path / "work")
    assert message_of(result) == 'needs uvicorn: pip install "framescope[serve]"\n'


def test_without_models_it_says_where_they_come_from(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    pytest.importorskip("starlette")
    monkeypatch.chdir(tmp_path)
    result = run("serve", "--no-browser", "--folder", tmp_path / "work")
    assert message_of(result) == ("models/ has no model: name one, or train one with framescope train\n")
    assert not (tmp_path / "work").exists()
