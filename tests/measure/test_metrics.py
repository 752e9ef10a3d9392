"""The whole evaluation: layout, hand-computed values, intervals, baselines, and what must not change it."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.metrics import average_precision_score

from framescope.codebook import Codebook
from framescope.measure.bootstrap import Bootstrap
from framescope.measure.f1 import f1_rows
from framescope.measure.metrics import Outcomes, UnitInfo, calibration_warnings, evaluate
from framescope.measure.reliability import calibration_error, log_loss

# Columns: союз 0, анти-одкб 1, про-одкб 2, Other 3. Fine: 1, 2, 3; coarse: 0, 3.
CODEBOOK = Codebook.from_parents(
    {"союз": None, "анти-одкб": "союз", "про-одкб": "союз", "Other": None}, name="нарративы"
)
TRUTH = CODEBOOK.indicator([["анти-одкб"], ["анти-одкб", "про-одкб"], ["Other"], [], [], ["союз"]])
DECIDED = CODEBOOK.indicator([["анти-одкб"], ["анти-одкб"], ["про-одкб"], ["Other"], [], []])
PROBABILITIES = np.array(
    [
        [0.9, 0.8, 0.1, 0.0],
        [0.7, 0.6, 0.3, 0.1],
        [0.6, 0.2, 0.5, 0.4],
        [0.2, 0.1, 0.1, 0.6],
        [0.1, 0.0, 0.0, 0.2],
        [0.3, 0.2, 0.2, 0.1],
    ],
    dtype=np.float32,
)
UNITS = UnitInfo(languages=["bg", "bg", "ru", "ru", "", None], clusters=["a", "a", "b", "c", "d", "e"])
PRIOR = np.array([0.5, 0.3, 0.3, 0.2])
F1_KEYS = [
    *["samples_f1", "micro_f1", "macro_f1"],
    *["samples_f1_ci95", "micro_f1_ci95", "macro_f1_ci95"],
]
QUICK = Bootstrap(n_resamples=50)


def _evaluate(**changes: Any) -> dict[str, Any]:
    arguments = {"codebook": CODEBOOK, "prior": PRIOR, "bootstrap": QUICK, **changes}
    return evaluate(Outcomes(TRUTH, DECIDED, PROBABILITIES), UNITS, **arguments)


def _flat_metrics(
    truth: np.ndarray, decided: np.ndarray, clusters: list[str], bootstrap: Bootstrap = QUICK
) -> dict[str, Any]:
    codebook = Codebook.flat([f"l{column:02}" for column in range(truth.shape[1])])
    outcomes = Outcomes(truth, decided, decided.astype(np.float32))
    units = UnitInfo(["en"] * len(truth), clusters)
    return evaluate(outcomes, units, codebook=codebook, bootstrap=bootstrap)


def test_layout_of_the_json() -> None:
    metrics = _evaluate()
    keys = ["n_units", "overall", "by_language", "false_alarms_by_kind", "per_label", "calibration"]
    keys += ["baselines", "scope"]
    assert list(metrics) == keys
    assert list(metrics["overall"]) == ["fine", "coarse", "false_alarm_rate"]
    assert list(metrics["overall"]["fine"]) == list(metrics["overall"]["coarse"]) == F1_KEYS
    assert list(metrics["by_language"]["bg"]) == ["fine", "coarse", "false_alarm_rate", "calibration"]
    reliability = ["ece", "ece_noise", "slope", "slope_ci95"]
    assert list(metrics["by_language"]["bg"]["calibration"]) == reliability
    assert list(metrics["calibration"]) == ["brier", "brier_skill", "log_loss", *reliability, "augrc"]
    assert list(metrics["baselines"]) == ["no_label", "most_frequent", "random_prior"]
    assert list(metrics["baselines"]["random_prior"]["fine"]) == F1_KEYS[:3]
    assert json.loads(json.dumps(metrics, allow_nan=False)) == metrics


def test_overall_scores() -> None:
    """Derived unit by unit in test_f1: the same gold and decided sets."""
    metrics = _evaluate()
    assert metrics["n_units"] == 6
    assert metrics["overall"]["fine"]["samples_f1"] == pytest.approx(5 / 9)
    assert metrics["overall"]["fine"]["micro_f1"] == pytest.approx(1 / 2)
    assert metrics["overall"]["fine"]["macro_f1"] == pytest.approx(1 / 3)
    assert metrics["overall"]["coarse"]["samples_f1"] == pytest.approx(1 / 2)
    assert metrics["overall"]["coarse"]["macro_f1"] == pytest.approx(1 / 3)
    assert metrics["overall"]["false_alarm_rate"] == 1 / 2


def test_a_flat_codebook_has_no_coarse_level() -> None:
    metrics = _flat_metrics(np.eye(3, dtype=bool), np.eye(3, dtype=bool), ["a", "b", "c"])
    assert list(metrics["overall"]) == ["fine", "false_alarm_rate"]
    assert list(metrics["baselines"]["no_label"]) == ["fine", "false_alarm_rate"]


def test_languages_are_scored_apart_and_unknown_ones_overall_only() -> None:
    """Bulgarian: F1 1 and 2/3, all units labelled, one cluster. Russian: F1 0, one false alarm of one."""
    by_language = _evaluate()["by_language"]
    assert list(by_language) == ["bg", "ru"]
    assert by_language["bg"]["fine"]["samples_f1"] == pytest.approx(5 / 6)
    assert by_language["bg"]["false_alarm_rate"] is None
    assert by_language["bg"]["fine"]["samples_f1_ci95"] is None
    assert by_language["ru"]["fine"]["samples_f1"] == 0
    assert by_language["ru"]["false_alarm_rate"] == 1


def test_a_corpus_without_languages() -> None:
    units = UnitInfo([None] * 6, UNITS.clusters)
    metrics = evaluate(Outcomes(TRUTH, DECIDED, PROBABILITIES), units, codebook=CODEBOOK, bootstrap=QUICK)
    assert metrics["by_language"] == {}
    assert metrics["overall"]["fine"] == _evaluate()["overall"]["fine"]


def test_per_label_rows() -> None:
    """Average precision of анти-одкб: gold at ranks 1 and 2, hence 1.

    Of союз (gold in units 1, 2, 6): ranks 1, 2 and 4, hence (1/1 + 2/2 + 3/4) / 3.
    """
    rows = _evaluate()["per_label"]
    assert [row["label"] for row in rows] == ["союз", "анти-одкб", "про-одкб", "Other"]
    assert rows[0] == {
        "label": "союз",
        "support": 3,
        "precision": pytest.approx(2 / 3),
        "recall": pytest.approx(2 / 3),
        "f1": pytest.approx(2 / 3),
        "average_precision": pytest.approx((1 + 1 + 3 / 4) / 3),
    }
    assert rows[1]["average_precision"] == 1
    assert isinstance(rows[0]["support"], int)


def test_a_label_without_support_and_one_never_given() -> None:
    truth = np.array([[1, 0], [1, 0]], dtype=bool)
    metrics = _flat_metrics(truth, ~truth, ["a", "b"])
    never_given, unsupported = metrics["per_label"]
    assert never_given == {
        "label": "l00",
        "support": 2,
        "precision": None,
        "recall": 0.0,
        "f1": 0.0,
        "average_precision": 1.0,  # both probabilities equal and both gold
    }
    assert (unsupported["precision"], unsupported["recall"]) == (0.0, None)
    assert unsupported["average_precision"] is None


def test_a_rare_label() -> None:
    """One gold unit among 200, ranked third: average precision 1/3; its F1 counts fully in the macro mean."""
    truth, decided = np.zeros((200, 2), dtype=bool), np.zeros((200, 2), dtype=bool)
    truth[7, 0] = truth[:100, 1] = decided[:100, 1] = True
    probabilities = np.full((200, 2), 0.01, dtype=np.float32)
    probabilities[[3, 5, 7], 0] = [0.5, 0.4, 0.3]
    metrics = evaluate(
        Outcomes(truth, decided, probabilities),
        UnitInfo(["ru"] * 200, [str(i) for i in range(200)]),
        codebook=Codebook.flat(["а-редкая", "частая"]),
    )
    assert metrics["per_label"][0]["average_precision"] == pytest.approx(1 / 3)
    assert metrics["overall"]["fine"]["macro_f1"] == pytest.approx(1 / 2)
    # About 0.366 of the resamples lack the rare unit: macro-F1 is then that of the other label alone.
    assert metrics["overall"]["fine"]["macro_f1_ci95"] == [0.5, 1.0]


def test_average_precision_agrees_with_scikit_learn() -> None:
    for column, row in enumerate(_evaluate()["per_label"]):
        expected = average_precision_score(TRUTH[:, column], PROBABILITIES[:, column])
        assert row["average_precision"] == pytest.approx(expected)


def test_calibration_covers_all_labels() -> None:
    """Brier by definition over all 24 cells; AUGRC from losses and confidences worked out below.

    Losses over closed sets: 0; 1 - 4/5; 1; 1; 0; 1. Confidences: 2 (1.7)/(2 + 1.8) = 0.895;
    2 (1.3)/(2 + 1.7) = 0.703; 2 (1.1)/(2 + 1.7) = 0.595; 2 (0.6)/(1 + 1) = 0.6; 0.9 x 0.8 = 0.72;
    0.7 x 0.9 = 0.63.
    Falling: units 1, 5, 2, 6, 4, 3, hence weights 11, 9, 7, 5, 3, 1 of 12 on losses 0, 0, 0.2, 1, 1, 1.
    """
    calibration = _evaluate()["calibration"]
    p = PROBABILITIES.astype(float)
    brier = ((p - TRUTH) ** 2).mean()
    assert calibration["brier"] == pytest.approx(brier)
    assert calibration["brier_skill"] == pytest.approx(1 - brier / ((PRIOR - TRUTH) ** 2).mean())
    assert calibration["augrc"] == pytest.approx((0.2 * 7 + 5 + 3 + 1) / 12 / 6)
    assert calibration["log_loss"] == log_loss(TRUTH, PROBABILITIES)
    assert calibration["ece"] == calibration_error(TRUTH, PROBABILITIES)


def test_false_alarms_by_kind() -> None:
    """Units 4 and 5 are unlabelled; 4 is given Other. A labelled unit of the kind does not count."""
    kinds = ["neutral", "refuted", "x", "neutral", "refuted", None]
    units = UnitInfo(UNITS.languages, UNITS.clusters, kinds)
    metrics = evaluate(Outcomes(TRUTH, DECIDED, PROBABILITIES), units, codebook=CODEBOOK, bootstrap=QUICK)
    assert metrics["false_alarms_by_kind"] == {
        "neutral": {"n_units": 1, "rate": 1.0},
        "refuted": {"n_units": 1, "rate": 0.0},
    }
    assert _evaluate()["false_alarms_by_kind"] == {}


def _judged_by_language(sharpness: float, n_units: int) -> dict[str, Any]:
    """Return metrics of probabilities whose logits are ``sharpness`` times too large, in Bulgarian only."""
    rng = np.random.default_rng(4)
    logits = rng.normal(size=(n_units, 3))
    truth = rng.random(logits.shape) < 1 / (1 + np.exp(-logits))
    languages = [["bg", "ru"][row % 2] for row in range(n_units)]
    is_bulgarian = np.array([[language == "bg"] for language in languages])
    probabilities = 1 / (1 + np.exp(-np.where(is_bulgarian, sharpness * logits, logits)))
    units = UnitInfo(languages, [str(row) for row in range(n_units)])
    outcomes = Outcomes(truth, truth, probabilities.astype(np.float32))
    return evaluate(outcomes, units, codebook=Codebook.flat(["а", "б", "в"]), bootstrap=QUICK)


def test_a_language_whose_probabilities_are_surely_too_extreme_is_warned_of() -> None:
    metrics = _judged_by_language(2.0, 4000)
    slope = metrics["by_language"]["bg"]["calibration"]["slope"]
    assert slope == pytest.approx(0.5, abs=0.05)
    (line,) = calibration_warnings(metrics)
    assert line.startswith(
        "probabilities of bg are too extreme: the high ones too high, the low ones too low "
        f"(slope {slope:.2f} ["
    )
    (line,) = calibration_warnings(_judged_by_language(0.5, 800))
    assert line.startswith("probabilities of bg are too timid")


def test_a_language_whose_probabilities_may_be_wrong_by_chance_is_warned_of_as_such() -> None:
    """Below 0.85, though the interval has 1 in it."""
    metrics = _judged_by_language(1.0, 800)
    metrics["by_language"]["bg"]["calibration"] |= {"slope": 0.8, "slope_ci95": [0.55, 1.05]}
    assert calibration_warnings(metrics) == [
        "probabilities of bg seem too extreme: the high ones too high, the low ones too low "
        "(slope 0.80 [0.55, 1.05]; 1 is right, and may be by chance)"
    ]


@pytest.mark.parametrize(("sharpness", "n_units"), [(1.0, 800), (1.08, 4000), (2.0, 30)])
def test_no_warning_where_the_slope_is_right_or_near_or_nobody_can_tell(sharpness: float, n_units: int) -> None:
    """1.08 makes a slope of 0.93; of 30 units, 15 are Bulgarian."""
    assert calibration_warnings(_judged_by_language(sharpness, n_units)) == []


def test_no_label_baseline() -> None:
    nothing = {"samples_f1": 0.0, "micro_f1": 0.0, "macro_f1": 0.0}
    expected = {"fine": nothing, "coarse": nothing, "false_alarm_rate": 0.0}
    assert _evaluate()["baselines"]["no_label"] == expected


def test_most_frequent_baseline_gives_the_commonest_fine_label_with_its_parent() -> None:
    """The prior's largest entry is a parent; the first of the largest fine ones is анти-одкб.

    Fine: F1 1, 2/3, 0 of three units; coarse: 1, 1, 0, 1 of four. Micro, fine: 2 hits, 6 decisions, 4 gold.
    """
    baseline = _evaluate()["baselines"]["most_frequent"]
    assert baseline["fine"]["samples_f1"] == pytest.approx(5 / 9)
    assert baseline["fine"]["micro_f1"] == pytest.approx(2 * 2 / (6 + 4))
    assert baseline["coarse"]["samples_f1"] == pytest.approx(3 / 4)
    assert baseline["false_alarm_rate"] == 1


def test_random_baseline_with_certain_labels_is_exact_and_closed() -> None:
    """A prior of 1 for про-одкб alone draws it each time, with its parent: 1 hit, 6 decisions, 4 gold."""
    baseline = _evaluate(prior=[0, 0, 1, 0])["baselines"]["random_prior"]
    assert baseline["fine"]["micro_f1"] == pytest.approx(2 / (6 + 4))
    assert baseline["coarse"]["samples_f1"] == pytest.approx(3 / 4)


def test_random_baseline_averages_over_draws() -> None:
    """One label, always gold, drawn with 0.3: samples-F1 is the share drawn, of 10,000 (sd 0.0046)."""
    truth = np.ones((500, 1), dtype=bool)
    metrics = evaluate(
        Outcomes(truth, truth, truth.astype(np.float32)),
        UnitInfo(["en"] * 500, ["x"] * 500),
        codebook=Codebook.flat(["a"]),
        prior=[0.3],
    )
    assert metrics["baselines"]["random_prior"]["fine"]["samples_f1"] == pytest.approx(0.3, abs=0.014)


def test_without_a_prior_what_needs_it_is_none() -> None:
    metrics = _evaluate(prior=None)
    assert metrics["calibration"]["brier_skill"] is None
    assert metrics["baselines"]["most_frequent"] is None
    assert metrics["baselines"]["random_prior"] is None
    assert metrics["baselines"]["no_label"]["false_alarm_rate"] == 0


def test_units_without_any_label() -> None:
    nothing = np.zeros((3, 2), dtype=bool)
    metrics = _flat_metrics(nothing, nothing, ["a", "b", "c"])
    assert metrics["overall"]["fine"]["samples_f1"] is None
    assert metrics["overall"]["fine"]["macro_f1"] is None
    assert metrics["overall"]["fine"]["samples_f1_ci95"] is None
    assert metrics["overall"]["false_alarm_rate"] == 0
    json.dumps(metrics, allow_nan=False)


def test_no_units_at_all() -> None:
    nothing = np.zeros((0, 2), dtype=bool)
    metrics = _flat_metrics(nothing, nothing, [])
    assert metrics["n_units"] == 0
    assert metrics["overall"]["fine"]["samples_f1"] is None
    assert set(metrics["calibration"].values()) == {None}
    json.dumps(metrics, allow_nan=False)


def test_no_resamples_give_no_intervals() -> None:
    assert _evaluate(bootstrap=Bootstrap(0))["overall"]["fine"]["micro_f1_ci95"] is None


def _width(metrics: dict[str, Any], name: str = "samples_f1") -> float:
    low, high = metrics["overall"]["fine"][f"{name}_ci95"]
    return float(high - low)


def _noisy(n_units: int) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(9)
    truth = rng.random((n_units, 5)) < 0.3
    return truth, truth ^ (rng.random((n_units, 5)) < 0.2)


def test_interval_contains_the_point_and_shrinks_with_more_clusters() -> None:
    """Sixteen times the clusters: a quarter of the width, give or take."""
    few, many = (_flat_metrics(*_noisy(n), [str(i) for i in range(n)], Bootstrap(1000)) for n in (50, 800))
    for name in ("samples_f1", "micro_f1", "macro_f1"):
        for metrics in (few, many):
            low, high = metrics["overall"]["fine"][f"{name}_ci95"]
            assert low < metrics["overall"]["fine"][name] < high
        assert _width(many, name) < 0.4 * _width(few, name)


def test_interval_of_samples_f1_matches_the_normal_one() -> None:
    """Units their own clusters: 2 x 1.96 x sd / sqrt(n) of the per-unit F1, all units being labelled."""
    rng = np.random.default_rng(5)
    truth = np.ones((400, 1), dtype=bool)
    decided = rng.random((400, 1)) < 0.5
    metrics = _flat_metrics(truth, decided, [str(i) for i in range(400)], Bootstrap(4000))
    assert _width(metrics) == pytest.approx(2 * 1.96 * decided.std() / 20, rel=0.05)


def test_copies_of_a_unit_add_nothing_if_clustered_and_feign_certainty_if_not() -> None:
    truth, decided = _noisy(60)
    ids = [str(i) for i in range(60)]
    once = _flat_metrics(truth, decided, ids, Bootstrap(1000))
    copies = np.repeat(truth, 9, axis=0), np.repeat(decided, 9, axis=0)
    clustered = _flat_metrics(*copies, list(np.repeat(ids, 9)), Bootstrap(1000))
    apart = _flat_metrics(*copies, [str(i) for i in range(540)], Bootstrap(1000))
    assert clustered["overall"]["fine"]["samples_f1_ci95"] == pytest.approx(
        once["overall"]["fine"]["samples_f1_ci95"]
    )
    assert _width(apart) == pytest.approx(_width(clustered) / 3, rel=0.2)


def test_the_seed_moves_intervals_but_not_scores() -> None:
    truth, decided = _noisy(40)
    ids = [str(i) for i in range(40)]
    one, same, other = (_flat_metrics(truth, decided, ids, Bootstrap(9, seed=s)) for s in (0, 0, 1))
    assert one == same
    assert one["overall"]["fine"]["samples_f1_ci95"] != other["overall"]["fine"]["samples_f1_ci95"]
    assert one["overall"]["fine"]["samples_f1"] == other["overall"]["fine"]["samples_f1"]


def test_f1_rows_list_every_section_and_level() -> None:
    rows = f1_rows(_evaluate(prior=None))
    sections = ["overall", "overall", "bg", "bg", "ru", "ru", "no_label", "no_label"]
    assert [row["section"] for row in rows] == sections
    assert [row["level"] for row in rows] == ["fine", "coarse"] * 4
    assert list(rows[0]) == ["section", "level", *F1_KEYS, "false_alarm_rate"]
    assert rows[0]["samples_f1"] == pytest.approx(5 / 9)
    assert rows[-1]["false_alarm_rate"] == 0


def _leaves(value: Any, path: str = "") -> dict[str, Any]:
    """Flatten nested results to ``path -> value``."""
    items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else None
    if items is None:
        return {path: value}
    return {key: leaf for name, item in items for key, leaf in _leaves(item, f"{path}/{name}").items()}


_CELLS = st.lists(st.tuples(*[st.booleans()] * 8), min_size=1, max_size=12)


@settings(max_examples=60, deadline=None)
@given(cells=_CELLS, seed=st.integers(0, 2**16))
def test_row_order_changes_nothing_and_everything_is_bounded(cells: list[tuple[bool, ...]], seed: int) -> None:
    rng = np.random.default_rng(seed)
    marks = np.array(cells, dtype=bool)
    truth, decided = marks[:, :4], marks[:, 4:]
    for matrix in (truth, decided):
        matrix[:, 0] |= matrix[:, 1] | matrix[:, 2]
    probabilities = rng.choice([0.0, 0.04, 0.3, 0.8, 1.0], size=truth.shape).astype(np.float32)
    languages = rng.choice(["bg", "hi", ""], size=len(cells)).tolist()
    clusters = rng.choice(["а", "б", "в"], size=len(cells)).tolist()

    def leaves(rows: np.ndarray) -> dict[str, Any]:
        metrics = evaluate(
            Outcomes(truth[rows], decided[rows], probabilities[rows]),
            UnitInfo([languages[row] for row in rows], [clusters[row] for row in rows]),
            codebook=CODEBOOK,
            prior=PRIOR,
            bootstrap=Bootstrap(20),
        )
        return _leaves(metrics)

    expected = leaves(np.arange(len(cells)))
    assert leaves(rng.permutation(len(cells))) == pytest.approx(expected, abs=1e-12)
    for path, value in expected.items():
        if isinstance(value, float) and not path.endswith(("brier_skill", "log_loss")) and "slope" not in path:
            assert 0 <= value <= 1, path


# Scopes

# The first unit is out of scope of про-одкб, the third of союз and its children, the last of everything.
IN_SCOPE = np.array([[1, 1, 0, 1], [1, 1, 1, 1], [0, 0, 0, 1], [1, 1, 1, 1], [1, 1, 1, 1], [0, 0, 0, 0]], bool)


def test_units_out_of_scope_are_counted_and_their_labels_missed() -> None:
    scoped = Outcomes(TRUTH, DECIDED & IN_SCOPE, (PROBABILITIES * IN_SCOPE).astype(np.float32), IN_SCOPE)
    metrics = evaluate(scoped, UNITS, codebook=CODEBOOK, prior=PRIOR, bootstrap=QUICK)
    assert metrics["scope"] == {
        "n_outside": 1,
        "per_label": [
            {"label": "союз", "n_outside": 2, "n_missed": 1},
            {"label": "анти-одкб", "n_outside": 2, "n_missed": 0},
            {"label": "про-одкб", "n_outside": 3, "n_missed": 0},
            {"label": "Other", "n_outside": 1, "n_missed": 0},
        ],
    }
    support = {row["label"]: row["support"] for row in metrics["per_label"]}
    assert support["союз"] == 3, "the one that is out of scope counts"
    assert json.loads(json.dumps(metrics, allow_nan=False)) == metrics
    assert _evaluate()["scope"] is None


def test_the_prior_is_0_out_of_scope() -> None:
    """So what is forecast without reading, and the labels that are given without reading, know the scope."""
    scoped = Outcomes(TRUTH, DECIDED, PROBABILITIES, IN_SCOPE)
    metrics = evaluate(scoped, UNITS, codebook=CODEBOOK, prior=PRIOR, bootstrap=QUICK)
    reference = np.mean((PRIOR * IN_SCOPE - TRUTH) ** 2)
    expected = 1 - np.mean((PROBABILITIES.astype(float) - TRUTH) ** 2) / reference
    assert metrics["calibration"]["brier_skill"] == pytest.approx(expected)
    # анти-одкб and союз are the most frequent; two units of six are out of their scope.
    alarms = metrics["baselines"]["most_frequent"]["false_alarm_rate"]
    assert alarms == 1.0
    everywhere = np.ones(TRUTH.shape, bool)
    plain, all_in = (
        evaluate(
            Outcomes(TRUTH, DECIDED, PROBABILITIES, in_scope),
            UNITS,
            codebook=CODEBOOK,
            prior=PRIOR,
            bootstrap=QUICK,
        )
        for in_scope in (None, everywhere)
    )
    assert {**all_in, "scope": None} == plain
    nobody = Outcomes(TRUTH, DECIDED, PROBABILITIES, np.zeros(TRUTH.shape, bool))
    baselines = evaluate(nobody, UNITS, codebook=CODEBOOK, prior=PRIOR, bootstrap=QUICK)["baselines"]
    assert baselines["most_frequent"]["false_alarm_rate"] == baselines["random_prior"]["false_alarm_rate"] == 0


def test_a_part_of_the_units_keeps_its_scope() -> None:
    rows = np.array([2, 5])
    part = Outcomes(TRUTH, DECIDED, PROBABILITIES, IN_SCOPE).select(rows)
    assert part.in_scope is not None
    assert part.in_scope.tolist() == IN_SCOPE[rows].tolist()
    assert part.truth.tolist() == TRUTH[rows].tolist()
    assert Outcomes(TRUTH, DECIDED, PROBABILITIES).select(rows).in_scope is None
