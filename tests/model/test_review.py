"""Labels that are given, and those to review."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from framescope.model.decision import NEVER
from framescope.model.fitted import Model
from framescope.model.review import Promise, Review
from framescope.text.utf8 import Utf8Texts
from tiny import SENTENCES

KEPT, LOWER, NOT_KEPT = (
    Promise("precision>=0.9", 0.75),
    Promise("precision>=0.8", 0.5),
    Promise("precision>=1", None),
)


@pytest.mark.parametrize(
    ("promises", "cut"),
    [((KEPT, LOWER), 0.75), ((LOWER, KEPT), 0.5), ((NOT_KEPT, LOWER), 0.5), ((NOT_KEPT,), float(NEVER))],
)
def test_the_first_goal_that_can_be_promised_holds(promises: tuple[Promise, ...], cut: float) -> None:
    assert Review(promises).cut == cut


def test_labels_from_the_cut_on_are_given() -> None:
    """The cut itself is enough, and what the rule does not choose is not given."""
    probabilities = np.array([[0.75, np.nextafter(np.float32(0.75), np.float32(0)), 0.9]], np.float32)
    decided = np.array([[True, True, False]])
    assert Review((KEPT,)).given(decided, probabilities).tolist() == [[True, False, False]]
    assert not Review((NOT_KEPT,)).given(decided, probabilities).any()


def test_a_model_parts_its_labels_and_a_child_brings_its_parent(model: Model) -> None:
    texts = Utf8Texts.encode(SENTENCES)
    everything = model.run(texts)
    assert everything.given.tolist() == everything.decided.tolist()
    found = replace(model, review=Review((Promise("precision>=0.9", 0.6),))).run(texts)
    assert found.decided.tolist() == everything.decided.tolist()
    assert found.given.tolist() == (found.decided & (found.probabilities >= np.float32(0.6))).tolist()
    assert 0 < found.given.sum() < found.decided.sum()
    assert model.codebook.closed(found.given).tolist() == found.given.tolist()
