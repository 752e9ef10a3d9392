"""The promises of cards on real articles."""

from __future__ import annotations

import os
from collections import Counter
from itertools import product
from pathlib import Path

import numpy as np
import pytest

from framescope.codebook_reading import read_codebook
from framescope.corpus.read import read_corpus
from framescope.corpus.schema import Corpus
from framescope.corpus.stories import STORY, groups_of
from framescope.corpus.units import split_units
from framescope.fit.groups import group_numbers
from framescope.fit.promises import Goal, parse_goal, promised_cut, stands_alone
from framescope.fit.rules import fit_cuts
from framescope.measure.metrics import Outcomes, UnitInfo, evaluate
from framescope.model.decision import NEVER
from framescope.text.segments import Unit
from framescope.training.recipe import Recipe
from framescope.training.train import train
from recipes import probabilities


@pytest.mark.corpora
@pytest.mark.slow
def test_the_card_promises_no_more_than_other_articles_keep() -> None:
    """Of Slavic debates: the articles of dev.jsonl are none of train.jsonl."""
    default = Path(__file__).parents[3] / "shared" / "corpora"
    folder = Path(os.environ.get("FRAMESCOPE_CORPORA", default)) / "slavic_persuasion"
    codebook = read_codebook(folder / "codebook.json")
    corpus, other = (read_corpus(folder / f"{part}.jsonl", codebook=codebook) for part in ("train", "dev"))
    trained = train(corpus, Recipe(rule="micro-f1", jobs=2))
    found = probabilities(trained, other.full_texts())
    metrics = evaluate(
        Outcomes(codebook.indicator(other.column("labels")), trained.model.decide(found), found),
        UnitInfo(other.column("lang"), other.column("article_id")),
        codebook=codebook,
        prior=trained.model.calibration.prior,
    )
    for level, score in product(("fine", "coarse"), ("micro_f1", "macro_f1")):
        promised, kept = trained.metrics["overall"][level], metrics["overall"][level]
        low, high = promised[f"{score}_ci95"]
        kept_low, _ = kept[f"{score}_ci95"]
        assert kept[score] > low, "the card promises too much"
        assert kept_low < high, "the card promises too little"
    assert metrics["overall"]["fine"]["micro_f1"] == pytest.approx(
        trained.metrics["overall"]["fine"]["micro_f1"], abs=0.03
    )
    for name in ("brier", "log_loss", "ece"):
        assert metrics["calibration"][name] == pytest.approx(trained.metrics["calibration"][name], abs=0.01)


STARTER = Path(__file__).parents[2] / "data" / "starter"
N_HALVINGS = 200
GOALS = ("precision>=0.5", "precision>=0.6", "precision>=0.8", "precision>=0.9", "recall>=0.6", "recall>=0.8")


@pytest.mark.slow
@pytest.mark.parametrize(
    "name",
    [
        "starter",
        "techniques",
        pytest.param("narrative_frames", marks=pytest.mark.corpora),
        pytest.param("unlp2025_manipulation", marks=pytest.mark.corpora),
        pytest.param("slavic_persuasion", marks=pytest.mark.corpora),
    ],
)
def test_promises_hold_on_the_other_half_of_the_groups_in_nine_of_ten_halvings(name: str) -> None:
    """Of a label, of labels together, and of those that are not to review."""
    corpus, group_by = read(name)
    trained = train(corpus, Recipe(rule="micro-f1", group_by=group_by, jobs=2, allow_unseen_labels=True))
    truth = corpus.codebook.indicator(corpus.column("labels"))
    groups = group_numbers(groups_of(corpus, group_by))
    probabilities, decided = trained.record.probabilities, trained.record.decided
    rng = np.random.default_rng(0)
    halves = [rng.permutation(groups.max() + 1) % 2 == 0 for _ in range(N_HALVINGS)]
    for goal in map(parse_goal, GOALS):
        n_short: Counter[str] = Counter()
        for half in halves:
            known = half[groups]
            new = probabilities[~known], truth[~known]
            cuts = fit_cuts(goal, probabilities[known], truth[known], groups[known], corpus.codebook)
            is_alone = stands_alone(truth[known], groups[known], goal)
            given = corpus.codebook.closed(new[0] >= cuts) & (new[0] > 0)
            promised = [[label] for label in np.flatnonzero(is_alone & (cuts < NEVER))]
            for level in (corpus.codebook.fine, np.setdiff1d(corpus.codebook.coarse, corpus.codebook.fine)):
                promised.append(level[(~is_alone & (cuts < NEVER))[level]])
            for number, columns in enumerate(promised):
                key = (
                    f"level {number - len(promised)}" if len(columns) != 1 else corpus.codebook.ids[columns[0]]
                )
                n_short[key] += is_short(goal, given[:, columns], new[1][:, columns])
            if goal.measure == "precision":
                of_rule = np.where(decided, probabilities, np.float32(0))
                cut = promised_cut(of_rule[known], truth[known], groups[known], goal)
                n_short["to review"] += is_short(goal, of_rule[~known] >= cut, new[1])
        assert not {key: n for key, n in n_short.items() if n > 0.1 * N_HALVINGS}, goal


def is_short(goal: Goal, given: np.ndarray, truth: np.ndarray) -> bool:
    n_all = given.sum() if goal.measure == "precision" else truth.sum()
    return bool((given & truth).sum() < goal.least * n_all)


def read(name: str) -> tuple[Corpus, str]:
    """Return a corpus, and what belongs together in it."""
    if name == "starter":
        return read_corpus(STARTER), "source"
    if name == "techniques":
        sentences = read_corpus(STARTER / "techniques.jsonl", format="starter")
        return split_units(sentences, Unit.SENTENCE), "source"
    default = Path(__file__).parents[3] / "shared" / "corpora"
    folder = Path(os.environ.get("FRAMESCOPE_CORPORA", default)) / name
    codebook = read_codebook(folder / "codebook.json") if (folder / "codebook.json").exists() else None
    return read_corpus(folder / "train.jsonl", codebook=codebook), STORY


@pytest.mark.slow
@pytest.mark.parametrize("name", ["starter", "techniques"])
def test_probabilities_in_a_language_that_training_did_not_have_are_near_the_truth(name: str) -> None:
    """Of articles judged by the other two languages; the stage was not chosen on the techniques."""
    corpus, group_by = read(name)
    trained = train(corpus, Recipe(group_by=group_by, jobs=2, allow_unseen_labels=True))
    assert trained.model.abroad is not None
    calibration = trained.training.outlooks["language"]["calibration"]
    assert calibration["ece"] < 0.03
