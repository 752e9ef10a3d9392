"""The benchmark of shares under shifts, on articles whose probabilities are drawn."""

from __future__ import annotations

from argparse import Namespace
from dataclasses import replace

import numpy as np
import pytest
from bench import prevalence
from bench.prevalence import N_DRAWN, SHIFTS, SYSTEMS, Part, draws_of, mean_of, measure, print_table

PEERS = ("PACC", "EMQ")
N_LABELS = 2


@pytest.fixture(scope="module")
def part() -> Part:
    """Return articles of which a fifth has each label; probabilities are exactly true in both parts."""
    rng = np.random.default_rng(0)
    left_out, judged = rng.beta(0.2, 0.8, (2, 900, N_LABELS)).astype(np.float32)
    truth, others = rng.random(left_out.shape) < left_out, rng.random(judged.shape) < judged
    return Part(left_out, truth, judged, judged > 0.5, others)


def test_draws_have_the_shares_that_they_name(part: Part) -> None:
    draws = [*draws_of(part, n_draws=1)]
    assert len(draws) == N_LABELS * len(SHIFTS) * len(N_DRAWN)
    for draw in draws:
        expected = draw.shift * part.truth[:, draw.label].mean()
        assert draw.true == pytest.approx(expected, abs=0.5 / len(draw.probabilities))
    rare = replace(part, truth_of_others=part.truth_of_others & (np.arange(900) < 30)[:, np.newaxis])
    assert [*draws_of(rare, n_draws=1)] == []


def test_shares_that_are_corrected_are_nearest(part: Part, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(
        prevalence, "SYSTEMS", {name: one for name, one in SYSTEMS.items() if name not in PEERS}
    )
    found = measure([part], n_draws=2)
    errors = {name: of_shifts["all"]["error"] for name, of_shifts in found.items()}
    assert min(errors, key=errors.__getitem__) == "framescope"
    assert found["framescope"]["all"]["coverage"] >= 0.9
    assert found["framescope"]["x0.25"]["n"] == 2 * N_LABELS * len(N_DRAWN)
    assert found["decisions"]["all"]["width"] == 0


def test_the_peers_are_given_the_same_draws(part: Part) -> None:
    pytest.importorskip("quapy")
    (draw,) = (
        one for one in draws_of(part, n_draws=1) if (one.label, one.shift) == (0, 2) and len(one.decided) > 100
    )
    for name in PEERS:
        share, low, high = SYSTEMS[name](part)(draw)
        assert share == low == high == pytest.approx(draw.true, abs=0.1)


def test_results_are_printed_and_averaged(part: Part, capsys: pytest.CaptureFixture[str]) -> None:
    one = {"framescope": {"x1": {"error": 0.1, "coverage": 0.9, "width": 0.2, "n": 4.0}}}
    one["framescope"]["all"] = one["framescope"]["x1"]
    other = {"framescope": {shift: {**row, "error": 0.2} for shift, row in one["framescope"].items()}}
    mean = mean_of([one, other])
    assert mean["framescope"]["all"]["error"] == pytest.approx(0.15)
    print_table("mean", mean)
    shown = capsys.readouterr().out
    assert "mean: mean absolute error" in shown
    assert "0.1500" in shown


def test_without_quapy_its_methods_are_left_out(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(prevalence, "find_spec", lambda name: None)
    monkeypatch.setattr(prevalence, "SYSTEMS", dict(SYSTEMS))
    assert prevalence.run(Namespace(only=[], draws=1, jobs=1)) == {}
    assert not {*PEERS} & {*prevalence.SYSTEMS}
    assert 'QuaPy: skipped, it is not installed (pip install -e ".[bench]")' in capsys.readouterr().out
