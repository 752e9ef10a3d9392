"""The estimator: scikit-learn's contract, label sets, and honesty about what it has not seen."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import numpy as np
import pytest
import scipy.sparse as sp
from sklearn.base import clone
from sklearn.utils.estimator_checks import parametrize_with_checks
from threadpoolctl import threadpool_limits

from framescope.codebook import Codebook
from framescope.errors import TrainingError
from framescope.fit.background import Feed
from framescope.fit.calibrate import FeedMargins, fit_calibration
from framescope.fit.classifier import N_FOLDS, FramingClassifier
from framescope.fit.floors import raise_floors
from framescope.fit.groups import assign_folds, group_numbers
from framescope.fit.known import FurtherGram, Known
from framescope.fit.learners import LEARNERS
from framescope.fit.rules import fit_macro_f1, fit_samples_f1, parse_rule
from framescope.measure.metrics import Outcomes, UnitInfo, evaluate

TREE = Codebook.from_parents(
    {"Запад": None, "раскол": "Запад", "विभाजन": "Запад", "Other": None, "rare": "Other"}, name="tree"
)
EACH = pytest.mark.parametrize("learner", list(LEARNERS))

UNKNOWN = UnitInfo([""] * 120, [str(k) for k in range(120)])

NOT_CUT_AT_0 = (
    "expects the class where decision_function is above 0; it is the raw margin, and the rule decides by "
    "calibrated probabilities"
)


@pytest.fixture(autouse=True)
def _one_thread() -> Iterator[None]:
    """Matrices of this size are slower with two."""
    with threadpool_limits(1, user_api="blas"):
        yield


def expected_failures(classifier: FramingClassifier) -> dict[str, str]:
    names = ["check_classifiers_train", "check_classifier_multioutput"]
    if classifier.learner != "logistic":
        names.append("check_classifiers_classes")
    return dict.fromkeys(names, NOT_CUT_AT_0)


@parametrize_with_checks([FramingClassifier(learner="ridge")], expected_failed_checks=expected_failures)
def test_scikit_learn_contract(estimator: FramingClassifier, check: object) -> None:
    check(estimator)  # type: ignore[operator]


@pytest.mark.slow
@parametrize_with_checks(
    [FramingClassifier(learner=learner) for learner in LEARNERS if learner != "ridge"],
    expected_failed_checks=expected_failures,
)
def test_scikit_learn_contract_of_other_learners(estimator: FramingClassifier, check: object) -> None:
    check(estimator)  # type: ignore[operator]


def corpus(n_units: int = 120, seed: int = 0, *, signal: float = 1.0) -> tuple[sp.csr_array, np.ndarray]:
    """Return features, the first five of which carry the labels of TREE, one of them rare; closed labels."""
    rng = np.random.default_rng(seed)
    truth = rng.random((n_units, 5)) < [0.1, 0.3, 0.25, 0.2, 0.03]
    truth[0, 4] = True
    features = rng.normal(scale=0.4, size=(n_units, 25))
    features[:, :5] += signal * truth
    for child in (1, 2, 4):
        truth[:, TREE.parents[child]] |= truth[:, child]
    return sp.csr_array(features.astype(np.float32)), truth


def fitted(learner: str = "ridge", rule: str = "samples-f1", **options: object) -> FramingClassifier:
    X, y = corpus()
    return FramingClassifier(learner, rule, TREE).fit(X, y, **options)


# Two classes


@EACH
def test_two_classes_of_any_name(learner: str) -> None:
    """What the excluded checks would say besides: shapes, classes, and most units right."""
    rng = np.random.default_rng(0)
    y = rng.choice(["да", "не"], size=100)
    X = rng.normal(size=(100, 3)) + 3.0 * (y == "не")[:, None]
    classifier = FramingClassifier(learner).fit(X, y)
    assert classifier.classes_.tolist() == ["да", "не"]
    assert (classifier.predict(X) == y).mean() > 0.95
    margins, probabilities = classifier.decision_function(X), classifier.predict_proba(X)
    assert (margins.shape, probabilities.shape) == ((100,), (100, 2))
    np.testing.assert_allclose(probabilities.sum(axis=1), 1, rtol=1e-6)
    order = np.argsort(margins)
    assert (np.diff(probabilities[order, 1]) >= 0).all()


def test_three_classes_and_one_class_are_refused() -> None:
    X = np.eye(6)
    with pytest.raises(ValueError, match="Only binary classification is supported"):
        FramingClassifier().fit(X, [0, 1, 2] * 2)
    with pytest.raises(ValueError, match=r"one class only: .*'да'.*; two classes are needed"):
        FramingClassifier().fit(X, ["да"] * 6)


def test_a_single_group_is_refused() -> None:
    with pytest.raises(ValueError, match="one group only"):
        fitted(groups=["bta.bg"] * 120)


# Label sets


@EACH
@pytest.mark.parametrize("rule", ["samples-f1", "micro-f1", "macro-f1", "precision>=0.4", "recall>=0.8"])
def test_label_sets_follow_from_probabilities(learner: str, rule: str) -> None:
    """predict == decide(predict_proba), always; closed upwards; in the codebook's columns."""
    classifier = fitted(learner, rule)
    X, y = corpus(seed=1)
    predicted, probabilities = classifier.predict(X), classifier.predict_proba(X)
    assert (predicted.shape, predicted.dtype.kind) == (y.shape, "i")
    assert (probabilities.shape, probabilities.dtype) == (y.shape, np.float32)
    assert (classifier.coef_.shape, classifier.coef_.dtype) == ((5, 25), np.float32)
    assert (classifier.intercept_.shape, classifier.intercept_.dtype) == ((5,), np.float32)
    np.testing.assert_array_equal(classifier.rule_.decide(probabilities, TREE), predicted)
    for child in (1, 2, 4):
        assert (predicted[:, TREE.parents[child]] >= predicted[:, child]).all()
        assert (probabilities[:, TREE.parents[child]] >= probabilities[:, child]).all()
    assert classifier.classes_.tolist() == list(TREE.ids)
    scores = evaluate(Outcomes(y, predicted.astype(bool), probabilities), UNKNOWN, codebook=TREE)
    assert scores["overall"]["fine"]["micro_f1"] > (0.25 if rule.startswith("recall") else 0.5)


def test_without_a_codebook_labels_are_flat_and_numbered() -> None:
    X, y = corpus()
    classifier = FramingClassifier().fit(X, y.astype(int))
    assert classifier.classes_.tolist() == [0, 1, 2, 3, 4]
    assert classifier.codebook_.is_flat
    assert classifier.predict(X).shape == (120, 5)


@EACH
def test_sparse_and_dense_rows_in_any_order_give_the_same_bits(learner: str) -> None:
    classifier = fitted(learner)
    X, _ = corpus(seed=2)
    margins = classifier.decision_function(X)
    dense = classifier.decision_function(X.toarray()[::-1])[::-1]
    alone = np.vstack([classifier.decision_function(X[k : k + 1]) for k in range(120)])
    assert margins.tobytes() == dense.tobytes() == alone.tobytes()


@EACH
def test_fitting_again_and_with_two_jobs_gives_the_same_bits(learner: str) -> None:
    X, y = corpus(60)
    one = FramingClassifier(learner, codebook=TREE).fit(X, y)
    two = clone(one).set_params(n_jobs=2).fit(X, y)
    for name in ("coef_", "intercept_", "margins_", "probabilities_", "decisions_"):
        assert getattr(one, name).tobytes() == getattr(two, name).tobytes()
    assert one.calibration_.coefficients.tobytes() == two.calibration_.coefficients.tobytes()


# Honesty


@EACH
@pytest.mark.parametrize("rule", ["samples-f1", "macro-f1"])
def test_each_fold_is_judged_by_a_calibration_and_rule_of_the_others(learner: str, rule: str) -> None:
    """By hand, from the left-out margins: probabilities_ and decisions_ of every fold of groups.

    Each even unit is near the next one, of another source: neither teaches anything about the other.
    """
    names = [f"source {k % 30}" for k in range(120)]
    pairs = np.arange(120, dtype=np.int32).reshape(60, 2)
    classifier = fitted(learner, rule, groups=names, known=Known(near_duplicates=pairs))
    _, y = corpus()
    folds = assign_folds(group_numbers(names), n_folds=N_FOLDS, rng=np.random.default_rng(0))
    link = classifier.calibration_.link
    for fold in range(N_FOLDS):
        held_out = folds == fold
        kept = ~held_out & ~held_out[pairs[:, ::-1].ravel()]
        assert kept.sum() < (~held_out).sum()
        margins = classifier.margins_.astype(np.float64)
        stage = fit_calibration(margins[kept], y[kept], parents=TREE.parents, link=link)
        expected = stage.probabilities(margins[held_out], TREE.parents)
        np.testing.assert_allclose(classifier.probabilities_[held_out], expected, atol=1e-4)
        of_rest = stage.probabilities(margins[kept], TREE.parents)
        decide = parse_rule(rule)(of_rest, y[kept], TREE).decide
        decided = decide(classifier.probabilities_[held_out], TREE)
        assert (classifier.decisions_[held_out] == decided).mean() > 0.98


def test_what_serves_new_texts_is_fitted_to_all_margins() -> None:
    classifier = fitted(rule="macro-f1")
    _, y = corpus()
    margins = classifier.margins_.astype(np.float64)
    stage = fit_calibration(margins, y, parents=TREE.parents, link="identity")
    np.testing.assert_allclose(classifier.calibration_.coefficients, stage.coefficients, rtol=1e-2, atol=1e-2)
    probabilities = classifier.calibration_.probabilities(margins, TREE.parents)
    np.testing.assert_allclose(
        classifier.rule_.cuts, parse_rule("macro-f1")(probabilities, y, TREE).cuts, atol=1e-4
    )


def judged(classifier: FramingClassifier, y: np.ndarray, *, rows: slice = slice(None)) -> dict:
    y = y[rows]
    names = [str(k) for k in range(len(y))]
    return evaluate(
        Outcomes(y, classifier.decisions_[rows], classifier.probabilities_[rows]),
        UnitInfo([""] * len(y), names),
        codebook=classifier.codebook_,
        prior=classifier.calibration_.prior,
    )


@EACH
def test_noise_is_judged_as_noise(learner: str) -> None:
    """More features than units, labels drawn at will: no better than drawing labels, no skill at all."""
    rng = np.random.default_rng(8)
    X = rng.normal(size=(200, 400)) / 20
    y = rng.random((200, 4)) < [0.4, 0.2, 0.1, 0.02]
    metrics = judged(FramingClassifier(learner, "micro-f1").fit(X, y), y)
    assert metrics["calibration"]["brier_skill"] < 0.02
    always_first = metrics["baselines"]["most_frequent"]["fine"]["micro_f1"]
    by_chance = metrics["baselines"]["random_prior"]["fine"]["micro_f1"]
    assert metrics["overall"]["fine"]["micro_f1"] < max(always_first, by_chance) + 0.05


def skill_and_f1(classifier: FramingClassifier, y: np.ndarray) -> tuple[float, float]:
    metrics = judged(classifier, y)
    return metrics["calibration"]["brier_skill"], metrics["overall"]["fine"]["micro_f1"]


@EACH
def test_copies_raise_no_score_if_they_are_left_out_together(learner: str) -> None:
    """Labels at will, every text three times: with groups or pairs no better than each text once."""
    classifier = FramingClassifier(learner, "micro-f1")
    texts = np.repeat(np.arange(60), 3)
    pairs = np.array([(3 * k + i, 3 * k + j) for k in range(60) for i, j in ((0, 1), (0, 2), (1, 2))], np.int32)
    gains = []
    for seed in range(4):
        rng = np.random.default_rng(seed)
        once, labels = rng.normal(size=(60, 200)) / 14, rng.random((60, 2)) < 0.3
        X, y = once[texts], labels[texts]
        scores = [
            skill_and_f1(clone(classifier).fit(X, y, groups=texts), y),
            skill_and_f1(clone(classifier).fit(X, y, known=Known(near_duplicates=pairs)), y),
            skill_and_f1(clone(classifier).fit(X, y), y),
        ]
        gains.append(np.array(scores) - skill_and_f1(clone(classifier).fit(once, labels), labels))
    grouped, paired, leaking = np.mean(gains, axis=0)
    assert (grouped < 0.05).all()
    assert (paired < 0.05).all()
    assert (leaking > 0.3).all()


@EACH
def test_groups_take_away_what_only_a_source_tells(learner: str) -> None:
    """Features name the source, and sources have a habit each: no use for the articles of a new one."""
    rng = np.random.default_rng(10)
    sources = np.repeat(np.arange(20), 6)
    X = np.eye(20)[sources] + rng.normal(scale=0.05, size=(120, 20))
    y = (rng.random(20) < 0.5)[sources][:, None] ^ (rng.random((120, 1)) < 0.05)
    alone = FramingClassifier(learner, "micro-f1").fit(X, y)
    together = FramingClassifier(learner, "micro-f1").fit(X, y, groups=sources)
    assert judged(alone, y)["calibration"]["brier_skill"] > 0.5
    assert judged(together, y)["calibration"]["brier_skill"] < 0.05


@EACH
def test_parts_are_fitted_and_not_judged(learner: str) -> None:
    """Parts of the first 40 articles raise what the model knows; results are of the articles alone."""
    X, y = corpus(signal=0.3)
    parts = sp.csr_array(np.hstack([8.0 * y[:40], np.zeros((40, 20))]).astype(np.float32))
    groups = [*range(120), *range(40)]
    plain = FramingClassifier(learner, codebook=TREE).fit(X, y)
    taught = FramingClassifier(learner, codebook=TREE).fit(
        sp.vstack([X, parts], format="csr"), np.vstack([y, y[:40]]), groups=groups, known=Known(n_articles=120)
    )
    for name in ("margins_", "probabilities_", "decisions_"):
        assert getattr(taught, name).shape == (120, 5)
    assert not np.allclose(taught.coef_, plain.coef_)
    np.testing.assert_allclose(taught.calibration_.prior, plain.calibration_.prior)


@EACH
def test_a_part_is_left_out_with_its_article(learner: str) -> None:
    """A feature of its own and the label: nothing of it reaches the margin of its article."""
    rng = np.random.default_rng(11)
    X = np.hstack([rng.normal(size=(50, 4)), np.zeros((50, 1))])
    X[0, 4] = 3.0
    y = rng.random((50, 1)) < 0.4
    part = np.array([[0, 0, 0, 0, 5.0]])
    margins = {
        group: FramingClassifier(learner)
        .fit(
            np.vstack([X, part]),
            np.vstack([y, [[True]]]),
            groups=[*range(50), group],
            known=Known(n_articles=50),
        )
        .margins_[0, 0]
        for group in (0, 50)
    }
    assert margins[50] > margins[0] + 0.2


@EACH
def test_a_label_that_only_one_group_has_is_no_trouble(learner: str) -> None:
    """Nine tenths without any label: there, every label gets its prior, and none is given."""
    X, y = corpus(40)
    y = np.zeros_like(y)
    y[0, [0, 1]] = True
    classifier = FramingClassifier(learner, codebook=TREE).fit(X, y)
    assert np.isfinite(classifier.probabilities_).all()
    assert not classifier.decisions_[0].any()


def test_the_seed_deals_the_folds() -> None:
    X, y = corpus()
    probabilities = [FramingClassifier(codebook=TREE, seed=s).fit(X, y).probabilities_ for s in (0, 0, 1)]
    assert probabilities[0].tobytes() == probabilities[1].tobytes() != probabilities[2].tobytes()


def test_fitting_does_not_change_its_input() -> None:
    X, y = corpus()
    before = (X.data.copy(), y.copy())
    FramingClassifier(codebook=TREE).fit(X, y)
    np.testing.assert_array_equal(X.data, before[0])
    np.testing.assert_array_equal(y, before[1])


def test_a_rule_of_the_classifier_is_replaceable() -> None:
    """The rule is data: with other cuts, the same probabilities give other sets."""
    classifier = fitted(rule="micro-f1")
    X, _ = corpus(seed=3)
    before = classifier.predict(X).sum()
    classifier.rule_ = replace(classifier.rule_, cuts=np.full(5, 2, np.float32))
    assert before > classifier.predict(X).sum() == 0


# Gram matrices of feature blocks


def two_blocks() -> tuple[sp.csr_array, np.ndarray, np.ndarray, list[int]]:
    """Return sparse features, a dense block, labels and groups of 40 units."""
    rng = np.random.default_rng(5)
    dense = rng.normal(size=(40, 6))
    sparse = sp.csr_array(sp.random(40, 30, density=0.2, random_state=5))
    truth = np.column_stack([dense[:, 0] > 0, sparse.toarray()[:, :8].sum(axis=1) > 0.7, dense[:, 1] > 0.5])
    return sparse, dense, truth, [row // 2 for row in range(40)]


def test_a_further_gram_matrix_is_a_further_block_of_features() -> None:
    """Left-out margins, probabilities and weights are those of both blocks side by side."""
    sparse, dense, truth, groups = two_blocks()
    joined = FramingClassifier("ridge").fit(sp.hstack([sparse, dense], format="csr"), truth, groups=groups)
    summed = FramingClassifier("ridge").fit(
        sparse, truth, groups=groups, known=Known(further_gram=FurtherGram(dense @ dense.T))
    )
    assert summed.penalty_ == joined.penalty_
    np.testing.assert_allclose(summed.margins_, joined.margins_, atol=1e-5)
    np.testing.assert_allclose(summed.probabilities_, joined.probabilities_, atol=1e-4)
    np.testing.assert_allclose(summed.coef_, joined.coef_[:, :30], atol=1e-5)
    np.testing.assert_allclose(dense.T @ summed.dual_coef_, joined.coef_[:, 30:].T, atol=1e-5)


@pytest.mark.parametrize("learner", ["ridge-cd", "logistic"])
def test_only_the_ridge_learner_takes_a_further_gram_matrix(learner: str) -> None:
    sparse, dense, truth, groups = two_blocks()
    with pytest.raises(TrainingError, match=f"the (learner )?{learner}( learner)? cannot use"):
        FramingClassifier(learner).fit(
            sparse, truth, groups=groups, known=Known(further_gram=FurtherGram(dense @ dense.T))
        )


def test_a_rate_without_a_feed_and_a_feed_with_a_further_gram_matrix_are_refused() -> None:
    rng = np.random.default_rng(9)
    features, truth = rng.normal(size=(20, 4)), rng.random((20, 2)) < 0.5
    with pytest.raises(ValueError, match="max_firing is a share of a feed's articles"):
        FramingClassifier(max_firing=0.1).fit(features, truth)
    feed = Feed(sp.csr_array(features.astype(np.float32)), 20)
    with pytest.raises(ValueError, match="leave out further_gram"):
        FramingClassifier().fit(features, truth, feed=feed, known=Known(further_gram=FurtherGram(np.eye(20))))


def fitted_with_a_feed(rule: str) -> tuple[np.ndarray, Feed, FramingClassifier]:
    """Return the labels of 60 articles, a feed of 80 of which 30 are fitted, and the fit to both."""
    rng = np.random.default_rng(9)
    features, truth = rng.normal(size=(60, 4)).astype(np.float32), rng.random((60, 2)) < 0.5
    truth[:, 0] = features[:, 0] > 0
    feed = Feed(sp.csr_array(rng.normal(size=(80, 4)).astype(np.float32)), 30)
    fitted = FramingClassifier("ridge", rule, max_firing=0.1).fit(features, truth, feed=feed)
    return truth, feed, fitted


@pytest.mark.parametrize("rule", ["samples-f1", "macro-f1"])
def test_each_half_of_a_feed_is_judged_by_stages_of_the_other(rule: str) -> None:
    """By hand for the even rows: calibration, the probability of no label, and floors are of the odd ones."""
    truth, feed, fitted = fitted_with_a_feed(rule)
    of_feed, parents = fitted.feed_, fitted.codebook_.parents
    assert of_feed is not None
    margins = fitted.margins_.astype(np.float64)
    odd = of_feed.fitted[of_feed.fitted % 2 == 1]
    calibration = fit_calibration(margins, truth, parents=parents, link="identity", feed=of_feed.articles[odd])
    expected = calibration.probabilities(of_feed.articles.margins, parents)
    np.testing.assert_allclose(fitted.feed_probabilities_[::2], expected[::2], atol=1e-3)
    own = calibration.probabilities(margins, parents)
    free = (
        fit_samples_f1(own, truth, fitted.codebook_, expected[odd])
        if rule == "samples-f1"
        else fit_macro_f1(own, truth, fitted.codebook_)
    )
    floored = raise_floors(free, expected[1::2], fitted.codebook_, max_firing=0.1)
    decided = floored.decide(expected[::2], fitted.codebook_)
    assert (fitted.feed_decisions_[::2] == decided).mean() > 0.97
    np.testing.assert_allclose(
        of_feed.articles.margins[30:], feed.features[30:] @ fitted.coef_.T + fitted.intercept_, atol=1e-6
    )


@pytest.mark.parametrize("rule", ["samples-f1", "recall>=0.95"])
def test_the_rule_that_serves_keeps_each_label_to_the_rate(rule: str) -> None:
    """Of 80 articles, 7: (7 + 1) / (80 + 1) is below a tenth."""
    _, _, fitted = fitted_with_a_feed(rule)
    assert fitted.feed_ is not None
    probabilities = fitted.calibration_.probabilities(fitted.feed_.articles.margins, fitted.codebook_.parents)
    assert fitted.rule_.decide(probabilities, fitted.codebook_).sum(axis=0).max() <= 7
    assert fitted.rule_.floors is not None
    assert fitted.rule_.floors.max() > 0


def test_a_feed_counts_where_it_is_in_scope_and_fires_nowhere_else() -> None:
    """What a feed scores out of scope changes neither calibration nor rule."""
    rng = np.random.default_rng(9)
    features, truth = rng.normal(size=(60, 4)).astype(np.float32), rng.random((60, 2)) < 0.5
    truth[:, 0] = features[:, 0] > 0
    of_feed = rng.normal(size=(40, 4)).astype(np.float32)
    in_scope = np.zeros((40, 2), bool)
    in_scope[::3, 0] = True
    feed = Feed(sp.csr_array(of_feed), 40, in_scope)
    everywhere = np.ones((60, 2), bool)
    fitted = FramingClassifier("ridge", "samples-f1").fit(
        features, truth, known=Known(in_scope=everywhere), feed=feed
    )
    assert ((fitted.feed_probabilities_ > 0) == in_scope).all()
    assert not fitted.feed_decisions_[~in_scope].any()
    assert fitted.feed_ is not None
    known = fitted.feed_.articles[fitted.feed_.fitted]
    changed = FeedMargins(np.where(in_scope[fitted.feed_.fitted][:, :1], known.margins, 9.0), known.in_scope)
    one, other = (
        fit_calibration(
            fitted.margins_.astype(float), truth, parents=fitted.codebook_.parents, link="identity", feed=each
        )
        for each in (known, changed)
    )
    np.testing.assert_array_equal(one.coefficients, other.coefficients)
    np.testing.assert_allclose(fitted.calibration_.coefficients, one.coefficients, atol=1e-3)


# Scopes


@pytest.mark.parametrize("rule", ["samples-f1", "micro-f1", "macro-f1", "precision>=0.5", "recall>=0.9"])
def test_left_out_decisions_know_the_scope(rule: str) -> None:
    X, y = corpus()
    in_scope = np.random.default_rng(3).random(y.shape) < 0.7
    in_scope[:, 3] = True  # so that every unit is fitted
    for child in (1, 2, 4):
        in_scope[:, TREE.parents[child]] |= in_scope[:, child]
    scoped, free = (
        FramingClassifier("ridge", rule, TREE).fit(X, y, known=Known(in_scope=each))
        for each in (in_scope, None)
    )
    assert ((scoped.probabilities_ > 0) == in_scope).all()
    assert scoped.decisions_.any()
    assert not scoped.decisions_[~in_scope].any()
    np.testing.assert_array_equal(scoped.margins_, free.margins_)
    expected = fit_calibration(
        scoped.margins_.astype(float), y, parents=TREE.parents, link="identity", in_scope=in_scope
    )
    np.testing.assert_allclose(scoped.calibration_.prior, expected.prior)
    np.testing.assert_allclose(scoped.calibration_.coefficients, expected.coefficients, atol=1e-3)


def test_a_scope_that_takes_all_changes_nothing() -> None:
    X, y = corpus()
    scoped, free = (
        FramingClassifier("ridge", "samples-f1", TREE).fit(X, y, known=Known(in_scope=each))
        for each in (np.ones(y.shape, bool), None)
    )
    np.testing.assert_array_equal(scoped.probabilities_, free.probabilities_)
    np.testing.assert_array_equal(scoped.decisions_, free.decisions_)
    assert scoped.rule_.empty == free.rule_.empty


def test_evidence_needs_no_scope() -> None:
    """The scope is of the units that are decided on, the first ones."""
    X, y = corpus()
    classifier = FramingClassifier("ridge", "samples-f1", TREE)
    classifier.fit(X, y, known=Known(n_articles=100, in_scope=np.ones((100, y.shape[1]), bool)))
    assert classifier.probabilities_.shape == (100, 5)


# Units that are in the scope of no label


def test_unlabelled_units_in_no_scope_are_not_fitted() -> None:
    """Whatever they say: the fit is that of the others, and their left-out margins are the intercept."""
    sparse, _, truth, groups = two_blocks()
    in_scope = np.ones(truth.shape, bool)
    outside = np.flatnonzero(~truth.any(axis=1))[:4]
    in_scope[outside] = False
    kept = np.setdiff1d(np.arange(40), outside)
    fitted = FramingClassifier("ridge").fit(sparse, truth, groups=groups, known=Known(in_scope=in_scope))
    alone = FramingClassifier("ridge").fit(sparse[kept], truth[kept], groups=[groups[row] for row in kept])
    np.testing.assert_array_equal(fitted.coef_, alone.coef_)
    np.testing.assert_array_equal(fitted.margins_[kept], alone.margins_)
    np.testing.assert_allclose(fitted.margins_[outside], np.tile(fitted.intercept_, (4, 1)), rtol=1e-6)
    assert not fitted.probabilities_[outside].any()
    assert not fitted.dual_coef_[outside].any()


def test_labelled_units_are_fitted_wherever_they_are() -> None:
    sparse, _, truth, groups = two_blocks()
    in_scope = np.ones(truth.shape, bool)
    in_scope[np.flatnonzero(truth.any(axis=1))[:4]] = False
    fitted = FramingClassifier("ridge").fit(sparse, truth, groups=groups, known=Known(in_scope=in_scope))
    np.testing.assert_array_equal(
        fitted.coef_, FramingClassifier("ridge").fit(sparse, truth, groups=groups).coef_
    )
