"""The model: decisions follow from probabilities, probabilities from margins, margins from texts."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from framescope.model.decision import Rule
from framescope.model.fitted import Model
from framescope.text.utf8 import Utf8Texts

TEXTS = [
    "Нов блок подкопава ОДКБ, твърдят наблюдатели.",
    "",
    "पश्चिम संघ को तोड़ना चाहता है, मंत्री ने कहा।",
    "The union is not expanding; these are rumours.",
] * 5


@pytest.fixture(params=["model", "model_with_cuts"])
def any_model(request: pytest.FixtureRequest) -> Model:
    """A model with either kind of rule."""
    found: Model = request.getfixturevalue(request.param)
    return found


def test_the_way_from_texts_to_label_sets(any_model: Model) -> None:
    """Each stage is that of its part, in the codebook's columns."""
    margins = any_model.margins(Utf8Texts.encode(TEXTS))
    probabilities = any_model.probabilities(margins)
    decided = any_model.decide(probabilities)
    for array, dtype in ((margins, np.float32), (probabilities, np.float32), (decided, np.bool_)):
        assert (array.dtype, array.shape) == (dtype, (20, 6))
    parents = any_model.codebook.parents
    expected = any_model.calibration.probabilities(margins, parents, any_model.intercept)
    np.testing.assert_array_equal(probabilities, expected)
    np.testing.assert_array_equal(decided, any_model.rule.decide(probabilities, any_model.codebook))
    assert decided.any()
    for child in np.flatnonzero(parents >= 0):
        assert (probabilities[:, parents[child]] >= probabilities[:, child]).all()
        assert (decided[:, parents[child]] >= decided[:, child]).all()


def test_probabilities_that_went_through_a_file_decide_the_same(any_model: Model) -> None:
    """As JSON prints them: the decision needs nothing but the numbers."""
    probabilities = any_model.probabilities(any_model.margins(Utf8Texts.encode(TEXTS)))
    decided = any_model.decide(probabilities)
    printed = np.array([[float(repr(float(p))) for p in row] for row in probabilities], np.float32)
    np.testing.assert_array_equal(any_model.decide(printed), decided)


def test_texts_and_jobs_do_not_meet(any_model: Model) -> None:
    """Any part of the texts, with any number of jobs, bit for bit."""
    margins = any_model.margins(Utf8Texts.encode(TEXTS))
    parts = [any_model.margins(Utf8Texts.encode(TEXTS[first : first + 3]), jobs=2) for first in range(0, 20, 3)]
    assert np.concatenate(parts).tobytes() == margins.tobytes()
    order = np.random.default_rng(0).permutation(20)
    shuffled = any_model.margins(Utf8Texts.encode([TEXTS[k] for k in order]))
    assert any_model.probabilities(shuffled).tobytes() == any_model.probabilities(margins)[order].tobytes()


def test_out_of_scope_nothing_is_possible(scoped_model: Model, model: Model) -> None:
    """The probability is exactly 0 there, and what it was without scopes elsewhere."""
    texts = Utf8Texts.encode(["ОДКБ и Западът", "The CSTO", "Съюзът", "Времето", ""])
    output = scoped_model.run(texts)
    expected = [
        # bloc, anti-csto-coalition, union-expands, west, west-divides, Other
        [1, 1, 0, 1, 1, 1],
        [1, 1, 0, 0, 0, 1],
        [1, 0, 1, 0, 0, 1],
        [0, 0, 0, 0, 0, 1],
        [0, 0, 0, 0, 0, 1],
    ]
    assert output.in_scope is not None
    assert output.in_scope.tolist() == expected
    assert ((output.probabilities > 0) == output.in_scope).all()
    assert not output.decided[~output.in_scope].any()
    without = model.run(texts)
    assert without.in_scope is None
    np.testing.assert_array_equal(output.margins, without.margins)
    children = scoped_model.codebook.fine
    kept = output.in_scope[:, children]
    np.testing.assert_array_equal(
        output.probabilities[:, children][kept], without.probabilities[:, children][kept]
    )


def test_what_an_article_names_counts_for_its_parts(scoped_model: Model) -> None:
    texts = Utf8Texts.encode(["Времето", "ОДКБ"])
    in_scope = np.ones((2, 6), bool)
    output = scoped_model.run(texts, in_scope=in_scope)
    assert (output.probabilities > 0).all()
    np.testing.assert_array_equal(output.probabilities, scoped_model.probabilities(output.margins))


@pytest.mark.parametrize("empty", [None, (9.0, 0.0, 0.0), (-9.0, 0.0, 0.0)])
def test_a_text_in_no_scope_gets_no_label(
    scoped_model: Model, empty: tuple[float, float, float] | None
) -> None:
    """Whatever the rule believes of texts without a label."""
    model = replace(scoped_model, rule=Rule("samples-f1", empty=empty))
    margins = model.margins(Utf8Texts.encode(TEXTS))
    assert not model.conclude(margins, np.zeros(margins.shape, bool)).decided.any()


def test_an_empty_text_has_the_intercept_and_the_prior(any_model: Model) -> None:
    margins = any_model.margins(Utf8Texts.encode([""]))
    np.testing.assert_array_equal(margins, any_model.intercept[None])
    expected = any_model.calibration.prior.astype(np.float32).copy()
    for child in np.flatnonzero(any_model.codebook.parents >= 0):
        parent = any_model.codebook.parents[child]
        expected[parent] = max(expected[parent], expected[child])
    np.testing.assert_allclose(any_model.probabilities(margins)[0], expected, rtol=1e-6)
