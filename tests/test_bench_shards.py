"""The benchmark of long lists of shards, on a short one."""

from __future__ import annotations

import argparse
from pathlib import Path

import pytest
from bench import shards


@pytest.mark.slow
def test_every_stage_is_measured(bundle_path: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """On 1,200 shards in two sparse files and one with an article, which alone is left to be scored."""
    arguments = argparse.Namespace(model=str(bundle_path), shards=1200, scratch=tmp_path)

    results = shards.run(arguments)

    assert set(results) == {"n_shards", *shards.STAGES}
    assert all(results[name]["seconds"] > 0 < results[name]["gb"] < 1 for name in shards.STAGES)
    assert capsys.readouterr().out.count(": holds") == len(shards.STAGES)
