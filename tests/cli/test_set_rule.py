"""The command ``set-rule``."""

from __future__ import annotations

from pathlib import Path

import pytest

from commands import message_of, run, succeed
from framescope import Predictor


def test_a_rule_and_cuts_make_a_new_model(model: Path, here: Path) -> None:
    result = succeed(
        "set-rule", model, "new", "--rule", "macro-f1", "--label", "west:never", "--label", "bloc:0.5"
    )
    assert (
        "the rule `samples-f1` became `macro-f1`, `west` is never given, `bloc` has the cut 0.5"
        in result.stderr
    )
    assert result.stdout.endswith("Saved to new.\n")
    made = Predictor.load("new")
    assert made.rule.name == "macro-f1, own cuts"
    assert made.rule.cut_of(made.codebook.columns["bloc"]) == 0.5
    assert message_of(run("set-rule", model, "new", "--rule", "micro-f1")).startswith(str(here / "new"))
    succeed("set-rule", model, "new", "--rule", "micro-f1", "--force")


def test_a_rule_that_gives_nothing_is_warned_of(model: Path, here: Path) -> None:
    told = succeed("set-rule", model, "none", "--rule", "precision>=0.999").stderr
    assert "warning: the rule precision>=0.999 gives no label at all: set a lower goal, or train with" in told


@pytest.mark.parametrize("given", ["west", "west:high", ":0.5", "west:nan"])
def test_a_cut_is_a_label_and_a_probability(model: Path, here: Path, given: str) -> None:
    result = run("set-rule", model, "new", "--label", given)
    assert result.exit_code == 2
    assert "expected a label and a probability, such as fear:0.7" in " ".join(result.stderr.split())
    assert list(here.iterdir()) == []
