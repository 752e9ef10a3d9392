"""Outlooks side by side: scores without the catch-all, and what to expect of new articles."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import pytest

from framescope.codebook import Codebook, Label
from framescope.measure.bootstrap import Bootstrap
from framescope.measure.metrics import Outcomes, UnitInfo, evaluate
from framescope.measure.outlooks import Outlook, new_articles, outlook_figures
from framescope.measure.shown import SCORES

CODEBOOK = Codebook.from_parents({"съюз": None, "анти-одкб": "съюз", "Other": None}, name="c")
QUICK = Bootstrap(50)


def outlook(truth: Any, decided: Any, groups: list[str], codebook: Codebook = CODEBOOK) -> Outlook:
    gold, given = codebook.indicator(truth), codebook.indicator(decided)
    return Outlook(Outcomes(gold, given, np.where(given, 0.8, 0.1).astype(np.float32)), groups)


ONE = outlook(
    [["анти-одкб"], ["анти-одкб"], ["Other"], ["Other"], []],
    [["анти-одкб"], ["Other"], ["Other"], ["анти-одкб"], ["анти-одкб"]],
    ["a", "a", "b", "c", "d"],
)


def test_figures_are_those_of_an_evaluation() -> None:
    figures = outlook_figures(ONE, CODEBOOK, bootstrap=QUICK)
    metrics = evaluate(ONE.outcomes, UnitInfo([""] * 5, ONE.groups), codebook=CODEBOOK, bootstrap=QUICK)
    assert (figures["n_units"], figures["n_groups"]) == (5, 4)
    assert {key: figures[key] for key in ("fine", "coarse", "false_alarm_rate")} == metrics["overall"]
    assert figures["calibration"]["ece"] == metrics["calibration"]["ece"]
    assert json.loads(json.dumps(figures, allow_nan=False)) == figures


def test_without_the_catch_all_other_and_unlabelled_units_are_set_aside() -> None:
    """Two units are left; one was given its label, the other nothing that counts: F1 2 x 1 / (1 + 2)."""
    kept = outlook_figures(ONE, CODEBOOK, bootstrap=QUICK)["without_catch_all"]
    assert kept["n_units"] == 2
    assert kept["fine"]["samples_f1"] == 1 / 2
    assert kept["fine"]["micro_f1"] == pytest.approx(2 / 3)
    assert kept["fine"]["macro_f1"] == pytest.approx(2 / 3)
    assert kept["coarse"]["micro_f1"] == pytest.approx(2 / 3)


def test_nothing_to_set_aside_is_none() -> None:
    codebook = Codebook.flat(["a", "b"])
    assert outlook_figures(outlook([["a"]], [["b"]], ["g"], codebook), codebook)["without_catch_all"] is None
    only = Codebook.flat(["Other"])
    assert outlook_figures(outlook([["Other"]], [[]], ["g"], only), only)["without_catch_all"] is None


def test_a_marked_label_and_its_children_are_catch_alls() -> None:
    codebook = Codebook(
        "c", (Label("разни", is_catch_all=True), Label("спорт", "разни"), Label("а"), Label("OTHER"))
    )
    assert codebook.catch_all.tolist() == [0, 1, 3]
    assert CODEBOOK.catch_all.tolist() == [2]
    assert Codebook.flat(["a", "b"]).catch_all.tolist() == []


def _sampled(rng: np.random.Generator, n_batches: int, shift: float) -> Outlook:
    """Return batches of 10 units of one label each; a batch's recall differs by ``shift`` up or down."""
    recall = np.repeat(0.6 + shift * rng.choice([-1.0, 1.0], n_batches), 10)
    truth = np.ones((10 * n_batches, 1), bool)
    decided = rng.random((10 * n_batches, 1)) < recall[:, np.newaxis]
    outcomes = Outcomes(truth, decided, decided.astype(np.float32))
    return Outlook(outcomes, [f"batch {unit // 10}" for unit in range(10 * n_batches)])


FLAT = Codebook.flat(["a"])


def _apart(one: Outlook) -> Outlook:
    return Outlook(one.outcomes, [str(unit) for unit in range(len(one.groups))])


@pytest.mark.slow
def test_the_interval_covers_new_batches_in_about_19_of_20_cases() -> None:
    """Where batches differ, the spread between units alone covers far fewer."""
    rng = np.random.default_rng(0)
    covered = {"both": 0, "units": 0}
    for _ in range(60):
        known, new = _sampled(rng, 40, 0.3), _sampled(rng, 4, 0.3)
        found = float(new.outcomes.decided.mean())
        for name, outlooks in (("both", [_apart(known), known]), ("units", [_apart(known)])):
            low, high = new_articles(outlooks, FLAT, n_known=400, n_new=40)["fine"]["samples_f1"]
            covered[name] += low <= found <= high
    assert covered["both"] >= 54
    assert covered["units"] <= 45


def test_few_groups_tell_nothing() -> None:
    few, enough = (_sampled(np.random.default_rng(2), n, 0.1) for n in (9, 10))
    assert new_articles([few], FLAT, n_known=90) == {"n_articles": 200, "fine": dict.fromkeys(SCORES)}
    both = new_articles([enough, few], FLAT, n_known=100)
    assert both == new_articles([enough], FLAT, n_known=100)
    assert both["fine"]["micro_f1"] is not None


def test_more_new_articles_make_a_narrower_interval() -> None:
    known = _apart(_sampled(np.random.default_rng(1), 40, 0.0))
    ends = [new_articles([known], FLAT, n_known=400, n_new=n)["fine"]["samples_f1"] for n in (20, 200, 20_000)]
    widths = [high - low for low, high in ends]
    assert widths[0] > 2 * widths[1] > 2 * widths[2] > 0
    assert new_articles([known], FLAT, n_known=400)["n_articles"] == 200
