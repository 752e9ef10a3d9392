"""Another rule for a trained model: the same weights, and figures of the record."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from framescope import BundleError, Predictor, UnknownLabelError
from framescope.bundle.read import Bundle, load_bundle
from framescope.bundle.record import load_record, save_record
from framescope.codebook import Codebook
from framescope.evaluation.judged import judge
from framescope.model.decision import NEVER, Rule
from framescope.model.review import Promise, Review
from framescope.progress import no_progress
from framescope.training.new_rule import RuleError, set_rule, with_cuts
from reported import Trained

CODEBOOK = Codebook.from_parents({"a": None, "a1": "a", "b": None}, name="abc")


def saved(bundle: Bundle, path: Path, **changes: object) -> Bundle:
    set_rule(bundle, **changes).save(path)  # type: ignore[arg-type]
    return load_bundle(path)


def test_weights_stay_and_the_rule_is_another(trained: Trained, tmp_path: Path) -> None:
    old = trained.predictor.bundle
    new = saved(old, tmp_path / "new", rule="precision>=0.9")
    assert new.model.rule.name == new.training.rule == "precision>=0.9"
    assert new.digest != old.digest
    text = ["Нов военен блок подкопава ОДКБ, каза министърът."]
    np.testing.assert_array_equal(Predictor(new).predict_proba(text), trained.predictor.predict_proba(text))


def test_the_card_says_what_was_changed(trained: Trained, tmp_path: Path) -> None:
    """And leaves out what only the old rule had."""
    old = trained.predictor.bundle
    new = saved(old, tmp_path / "new", rule="recall>=0.5", cuts={"west": 0.75, "bloc": NEVER})
    card = (tmp_path / "new" / "README.md").read_text("utf-8")
    line = (
        f"**Changed.** After training, from the model {old.digest[:12]}: the rule `samples-f1` became "
        "`recall>=0.5`, `west` has the cut 0.75, `bloc` is never given. The weights are the same."
    )
    assert line in card
    assert "## What tomorrow may look like" not in card
    assert new.training.outlooks == {}
    again = saved(new, tmp_path / "again", cuts={"west": 0.5})
    assert len(again.training.changes) == 2


def test_figures_are_those_of_the_record(trained: Trained, tmp_path: Path) -> None:
    """A report on the corpus of training has the same ones; cuts by hand are judged as they are."""
    old = trained.predictor.bundle
    column = old.model.codebook.columns["anti-csto"]
    before = load_record(old.path, old.digest)
    assert before is not None
    middle = float(np.median(before.probabilities[before.truths[:, column], column]))
    new = saved(old, tmp_path / "new", cuts={"anti-csto": middle})
    record = load_record(tmp_path / "new", new.digest)
    assert record is not None
    np.testing.assert_array_equal(
        record.decided, new.model.rule.decide(record.probabilities, new.model.codebook)
    )
    judged = judge(new, trained.corpus, group_by=None, jobs=1, progress=no_progress)
    assert judged.is_training
    np.testing.assert_array_equal(judged.outcomes.truth, record.truths)
    rows = {row["label"]: row for row in new.training.metrics["per_label"]}
    given, truth = record.decided[:, column], record.truths[:, column]
    assert rows["anti-csto"]["recall"] == pytest.approx((given & truth).sum() / truth.sum())
    assert 0.4 < rows["anti-csto"]["recall"] < 0.7


def test_a_rule_is_judged_on_groups_that_it_was_not_fitted_to(trained: Trained, tmp_path: Path) -> None:
    """No unit's decision changes with the truth of its own group."""
    path = tmp_path / "model"
    made = set_rule(trained.predictor.bundle, rule="macro-f1")
    made.save(path)
    bundle = load_bundle(path)
    record = load_record(path, bundle.digest)
    assert record is not None
    own = np.array(record.clusters) == record.clusters[0]
    changed = record.truths.copy()
    changed[own] = ~changed[own]
    save_record(replace(record, truth=changed), path, bundle.digest)
    again = set_rule(bundle, rule="macro-f1")
    np.testing.assert_array_equal(again.record.decided[own], made.record.decided[own])
    assert not np.array_equal(again.model.rule.cuts, made.model.rule.cuts)


def test_cuts_of_a_rule_without_cuts_withhold() -> None:
    rule = with_cuts(Rule("samples-f1"), {"a": 0.5}, CODEBOOK)
    assert rule.name == "samples-f1, own cuts"
    np.testing.assert_array_equal(rule.floors, np.float32([0.5, 0.5, 0]))
    with pytest.raises(RuleError, match=r"label 'a1': its parent 'a' is withheld below 0.5"):
        with_cuts(Rule("samples-f1"), {"a": 0.5, "a1": 0.25}, CODEBOOK)


def test_cuts_of_a_rule_with_cuts_are_replaced() -> None:
    old = np.full(3, 0.5, np.float32)
    rule = with_cuts(Rule("micro-f1", old), {"a1": 0.25, "b": NEVER}, CODEBOOK)
    np.testing.assert_array_equal(rule.cuts, np.float32([0.5, 0.25, NEVER]))
    np.testing.assert_array_equal(old, np.float32([0.5, 0.5, 0.5]))
    assert with_cuts(rule, {"a": 0.1}, CODEBOOK).name == "micro-f1, own cuts"


def test_a_rule_that_gives_nothing_says_so(trained: Trained) -> None:
    """Of so few groups no precision of 0.999 can be promised; a label that was not to be given is no news."""
    bundle = trained.predictor.bundle
    made = set_rule(bundle, rule="precision>=0.999")
    assert "the rule precision>=0.999 gives no label at all: set a lower goal" in made.warnings[0]
    assert f"{len(bundle.model.codebook.ids)} never given" in repr(made)
    never = set_rule(bundle, rule="micro-f1", cuts={"west-divides": NEVER})
    assert not [line for line in never.warnings if "never gives west-divides" in line]
    assert "west-divides" in never.training.never_given


def test_what_cannot_be_set(trained: Trained) -> None:
    bundle = trained.predictor.bundle
    with pytest.raises(RuleError, match="found nothing to change"):
        set_rule(bundle)
    with pytest.raises(RuleError, match="unknown rule 'best'"):
        set_rule(bundle, rule="best")
    with pytest.raises(RuleError, match=r"label 'west': expected a cut above 0 and at most 1, .* found 1.5"):
        set_rule(bundle, cuts={"west": 1.5})
    with pytest.raises(UnknownLabelError, match=r"label 'wets' is not in the codebook .*near 'west'"):
        set_rule(bundle, cuts={"wets": 0.5})


def test_without_a_record_there_are_no_figures(trained: Trained, tmp_path: Path) -> None:
    """Neither where it is missing, nor where it is of a time when labels were not recorded."""
    made = set_rule(trained.predictor.bundle, cuts={"west": 0.5})
    made.save(tmp_path / "model")
    bundle = load_bundle(tmp_path / "model")
    save_record(replace(made.record, truth=None), tmp_path / "model", bundle.digest)
    with pytest.raises(BundleError, match="was written before labels were recorded: train the model again"):
        set_rule(bundle, rule="micro-f1")
    (tmp_path / "model.training.parquet").unlink()
    with pytest.raises(BundleError, match="nobody can say how good another rule is"):
        set_rule(bundle, rule="micro-f1")


def test_what_is_to_review_is_promised_anew_and_a_goal_by_groups(trained: Trained, tmp_path: Path) -> None:
    """Four sources are too few for any promise: a rule with a goal gives nothing, and says so."""
    old = trained.predictor.bundle
    asked = {"goal": "precision>=0.8", "cut": 0.5, "n_groups": 40, "n_given": 9, "n_chosen": 10}
    new = set_rule(replace(old, training=replace(old.training, review=[asked])), rule="precision>=0.6")
    assert new.model.review == Review((Promise("precision>=0.8", None),))
    assert new.training.review == [{**asked, "cut": None, "n_groups": 0, "n_given": 0, "n_chosen": 0}]
    assert new.training.rule_promise == {"n_groups": 4, "alone": [], "together": [], "by_children": []}
    assert "| Promised | no cut can promise precision>=0.6 (90 % confidence, 4 groups): no label is" in new.card
    assert set(new.training.never_given) == set(old.model.codebook.ids)
    assert set_rule(old, rule="micro-f1").training.rule_promise is None
