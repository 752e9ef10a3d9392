"""What a training promises of given labels, and says of it."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from framescope.bundle.read import load_bundle
from framescope.codebook import Codebook
from framescope.corpus.schema import Corpus
from framescope.fit.promises import Goal, promised_cut
from framescope.model.decision import NEVER, Rule
from framescope.model.review import Promise, Review
from framescope.training.recipe import Recipe
from framescope.training.review import fit_review, parse_review, rule_promise
from framescope.training.train import train

GROUPS = np.arange(400)
PROBABILITIES = np.linspace(0.999, 0.001, 400, dtype=np.float32)[:, None]
TRUTH = PROBABILITIES > 0.6
DECIDED = PROBABILITIES > 0.3


@pytest.mark.parametrize("text", ["recall>=0.9", "precision", "precision>=1.2", "samples-f1", ""])
def test_a_review_takes_a_precision(text: str) -> None:
    with pytest.raises(ValueError, match=r"^unknown goal .*; expected precision>=P with P between 0 and 1$"):
        parse_review(text)


def test_goals_are_promised_of_what_the_rule_chooses() -> None:
    """Labels that it does not choose neither help nor hurt, and are neither given nor to review."""
    review, figures = fit_review(["precision >= .8", "precision>=1"], PROBABILITIES, DECIDED, TRUTH, GROUPS)
    chosen = np.where(DECIDED, PROBABILITIES, np.float32(0))
    cut = promised_cut(chosen, TRUTH, GROUPS, Goal("precision", 0.8))
    n_given = int((chosen >= cut).sum())
    assert review == Review((Promise("precision>=.8", float(cut)), Promise("precision>=1", None)))
    assert figures == [
        {"goal": "precision>=.8", "cut": float(cut), "n_groups": n_given, "n_given": n_given, "n_chosen": 280},
        {"goal": "precision>=1", "cut": None, "n_groups": 0, "n_given": 0, "n_chosen": 280},
    ]
    assert 160 < n_given < 280


def test_without_goals_there_is_no_review() -> None:
    assert fit_review([], PROBABILITIES, DECIDED, TRUTH, GROUPS) == (None, [])


def test_a_rule_tells_what_it_promises_of_which_labels() -> None:
    codebook = Codebook.from_parents({"a": None, "b": "a", "c": "a", "d": None, "e": None}, name="five")
    truth = np.zeros((300, 5), bool)
    truth[:200, :2] = truth[:20, 2] = truth[:150, 4] = True
    cuts = np.array([NEVER, 0.5, 0.25, NEVER, 0.5], np.float32)
    found = rule_promise(Rule("precision>=0.6", cuts), truth, np.arange(300), codebook)
    assert found == {"n_groups": 300, "alone": ["b", "e"], "together": ["c"], "by_children": ["a"]}
    assert rule_promise(Rule("macro-f1", cuts), truth, np.arange(300), codebook) is None


def test_a_training_saves_what_it_promises_and_the_card_says_so(corpus: Corpus, tmp_path) -> None:
    """Four labels in 64 articles, each its own group: little can be promised, and it is said in words."""
    recipe = Recipe(group_by="article_id", rule="precision>=0.2", review=("precision>=0.99", "precision>=0.3"))
    trained = train(corpus, recipe)
    trained.save(tmp_path / "model")
    bundle = load_bundle(tmp_path / "model")
    assert bundle.model.review == trained.model.review
    assert bundle.training == trained.training
    (first, second), cut = trained.training.review, trained.model.review.cut
    assert (first["cut"], second["cut"]) == (None, cut)
    assert "- `precision>=0.99`: no cut can promise .99.\n" in trained.card
    share = 100 - 100 * second["n_given"] / second["n_chosen"]
    expected = (
        f"on, 3 in 10 are right (90 % confidence, {second['n_groups']} groups); {share:.0f} % of the labels"
    )
    assert expected in trained.card
    assert "| Promised | precision>=0.2 is promised for " in trained.card
    without = train(corpus, replace(recipe, review=(), rule="micro-f1"))
    assert without.model.review is None
    assert "review" not in without.card
    assert "Promised" not in without.card
