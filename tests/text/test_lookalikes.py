"""Names that a reader takes for one another."""

from __future__ import annotations

import pytest

from framescope.text.lookalikes import difference, folded, near_name

NAMES = frozenset(["fear", "лоялност", "cafй"])


@pytest.mark.parametrize("name", ["Fear", "fеаr", "FEAR ", "fe\u200bar", "ｆｅａｒ"])
def test_names_that_look_the_same_fold_to_one(name: str) -> None:
    assert folded(name) == folded("fear")
    assert near_name(name, NAMES) == "fear"


def test_a_name_that_is_near_none_has_no_near_one() -> None:
    assert near_name("conflict", NAMES) is None


def test_many_names_are_compared_by_their_looks_alone() -> None:
    many = frozenset(f"label-{n}" for n in range(1000))
    assert (near_name("Label_7", many), near_name("lable-7", many)) == ("label-7", None)


def test_the_difference_is_named() -> None:
    assert difference("и\u0306", "й") == "the same letters, composed in another way"
    assert difference("Fear", "fear ") == "other capitals or spaces"
    assert difference("fеar", "fear") == "letters of another script, or other signs"
    assert difference("fear", "joy") == ""
