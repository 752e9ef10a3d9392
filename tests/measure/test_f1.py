"""F1 at the levels of a codebook: hand-computed sums and scores, and scikit-learn's on the same labels."""

from __future__ import annotations

import numpy as np
import pytest
from sklearn.metrics import f1_score

from framescope.codebook import Codebook
from framescope.measure.f1 import Tally, codebook_levels, label_ratios, label_terms, ratio, tally_units

# Columns: союз 0, анти-одкб 1, про-одкб 2, Other 3. Fine: 1, 2, 3; coarse: 0, 3 ("Other" has no children).
CODEBOOK = Codebook.from_parents(
    {"союз": None, "анти-одкб": "союз", "про-одкб": "союз", "Other": None}, name="нарративы"
)
LEVELS = codebook_levels(CODEBOOK)

# Gold, decided, and the F1 of the unit at the fine and the coarse level.
UNITS = [
    (["анти-одкб"], ["анти-одкб"]),  #             1      1
    (["анти-одкб", "про-одкб"], ["анти-одкб"]),  # 2/3    1
    (["Other"], ["про-одкб"]),  #                  0      0
    ([], ["Other"]),  #                            no gold: a false alarm
    ([], []),  #                                   no gold, rightly left alone
    (["союз"], []),  #                             no fine gold; coarse 0
]
TRUTH = CODEBOOK.indicator([gold for gold, _ in UNITS])
DECIDED = CODEBOOK.indicator([decided for _, decided in UNITS])
TALLY = Tally(tally_units(TRUTH, DECIDED, LEVELS).sum(axis=0), LEVELS)


def test_levels_of_a_flat_codebook_have_no_coarse() -> None:
    assert {name: columns.tolist() for name, columns in LEVELS.items()} == {"fine": [1, 2, 3], "coarse": [0, 3]}
    assert list(codebook_levels(Codebook.flat(["a", "b"]))) == ["fine"]


def test_tally_of_each_unit() -> None:
    """A row holds hits, decisions, gold; (F1, has gold) for fine and coarse; (false alarm, no gold)."""
    tallies = tally_units(TRUTH, DECIDED, LEVELS)
    assert tallies[1] == pytest.approx([1, 1, 0, 0, 1, 1, 0, 0, 1, 1, 1, 0, 2 / 3, 1, 1, 1, 0, 0])
    assert tallies[3].tolist() == [0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0, 1, 1]
    assert tallies[5].tolist() == [0, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 1, 0, 0]


def test_counts_per_label() -> None:
    assert TALLY.n_labels == 4
    assert TALLY.hits.tolist() == [2, 2, 0, 0]
    assert TALLY.decisions.tolist() == [3, 2, 1, 1]
    assert TALLY.support.tolist() == [3, 2, 1, 1]
    assert TALLY.label_f1 == pytest.approx([2 * 2 / 6, 1, 0, 0])


def test_fine_scores() -> None:
    scores = TALLY.f1_scores("fine")
    assert scores["samples_f1"] == pytest.approx((1 + 2 / 3 + 0) / 3)  # three units with fine gold
    assert scores["micro_f1"] == pytest.approx(2 * 2 / (4 + 4))  # 2 hits, 4 decisions, 4 gold
    assert scores["macro_f1"] == pytest.approx((1 + 0 + 0) / 3)


def test_coarse_scores() -> None:
    """The unit whose gold is a first-level label alone counts here, not at the fine level."""
    scores = TALLY.f1_scores("coarse")
    assert scores["samples_f1"] == pytest.approx((1 + 1 + 0 + 0) / 4)
    assert scores["micro_f1"] == pytest.approx(2 * 2 / (4 + 4))
    assert scores["macro_f1"] == pytest.approx((2 / 3 + 0) / 2)


def test_macro_leaves_out_labels_without_support_but_micro_counts_their_decisions() -> None:
    codebook = Codebook.flat(["a", "b"])
    truth, decided = codebook.indicator([["a"], ["a"]]), codebook.indicator([["a", "b"], ["a", "b"]])
    levels = codebook_levels(codebook)
    scores = Tally(tally_units(truth, decided, levels).sum(axis=0), levels).f1_scores("fine")
    assert scores["macro_f1"] == 1
    assert scores["micro_f1"] == pytest.approx(2 * 2 / (4 + 2))


def test_false_alarm_rate_is_over_units_without_any_gold() -> None:
    assert TALLY.false_alarm_rate == 1 / 2


def test_scores_without_any_gold_are_nan_but_f1_from_counts_is_zero() -> None:
    nothing = np.zeros((2, 4), dtype=bool)
    tally = Tally(tally_units(nothing, nothing, LEVELS).sum(axis=0), LEVELS)
    scores = tally.f1_scores("coarse")
    assert np.isnan([scores["samples_f1"], scores["macro_f1"]]).all()
    assert scores["micro_f1"] == 0
    assert tally.label_f1.tolist() == [0, 0, 0, 0]
    assert tally.false_alarm_rate == 0


def test_leading_axes_are_kept() -> None:
    """Two copies of the sums, one of them doubled, give the same scores twice: all are ratios."""
    stacked = Tally(np.stack([TALLY.sums, 2 * TALLY.sums]), LEVELS)
    for level in LEVELS:
        for name, value in TALLY.f1_scores(level).items():
            assert stacked.f1_scores(level)[name] == pytest.approx([float(value)] * 2)
    assert stacked.false_alarm_rate.tolist() == [0.5, 0.5]


def test_agrees_with_scikit_learn() -> None:
    rng = np.random.default_rng(3)
    codebook = Codebook.flat([f"техника-{i}" for i in range(6)])
    levels = codebook_levels(codebook)
    truth, decided = rng.random((80, 6)) < 0.25, rng.random((80, 6)) < 0.3
    is_labelled = truth.any(axis=1)
    assert 0 < is_labelled.sum() < 80
    scores = Tally(tally_units(truth, decided, levels).sum(axis=0), levels).f1_scores("fine")
    for name in ("micro", "macro"):
        assert scores[f"{name}_f1"] == pytest.approx(f1_score(truth, decided, average=name, zero_division=0))
    samples = f1_score(truth[is_labelled], decided[is_labelled], average="samples", zero_division=0)
    assert scores["samples_f1"] == pytest.approx(samples)


def test_ratios_of_each_label() -> None:
    """Hits 2, 2, 0, 0; decisions 3, 2, 1, 1; gold 3, 2, 1, 1; leading axes are kept, nothing gives NaN."""
    sums = label_terms(TRUTH, DECIDED).sum(axis=0)
    ratios = label_ratios(np.stack([sums, 0 * sums]))
    for name in ("precision", "recall", "f1"):
        assert ratios[name][0] == pytest.approx([2 / 3, 1, 0, 0])
        assert np.isnan(ratios[name][1]).all()
    uneven = label_ratios(np.array([1.0, 4.0, 2.0]))
    assert {name: float(value[0]) for name, value in uneven.items()} == {
        "precision": 0.25,
        "recall": 0.5,
        "f1": pytest.approx(2 / 6),
    }


def test_ratio_of_nothing_is_what_the_caller_says() -> None:
    assert ratio(np.array([1.0, 0.0]), np.array([2.0, 0.0]), undefined=7.0).tolist() == [0.5, 7.0]
    assert np.isnan(ratio(np.array([0.0]), np.array([0.0]))).all()
