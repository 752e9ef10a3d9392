"""Likely mistaken labels: which, in what order, and how sure the annotation looks."""

from __future__ import annotations

import numpy as np
import pytest

from framescope.codebook import Codebook
from framescope.measure.metrics import Outcomes
from framescope.measure.suspects import Doubt, Suspect, find_suspects

CODEBOOK = Codebook.from_parents({"съюз": None, "анти": "съюз", "про": "съюз", "запад": None}, name="рамки")


def outcomes(given: list[list[str]], decided: list[list[str]], probabilities: list[list[float]]) -> Outcomes:
    p = np.array(probabilities, np.float32)
    return Outcomes(CODEBOOK.indicator(given), CODEBOOK.indicator(decided), p)


def test_the_least_confident_unit_comes_first_and_agreement_is_no_suspicion() -> None:
    found = find_suspects(
        outcomes(
            [["запад"], [], ["анти"], ["запад"]],
            [[], ["запад"], ["анти"], ["запад"]],
            [[0, 0, 0, 0.25], [0, 0, 0, 0.9375], [0.9, 0.125, 0, 0], [0, 0, 0, 0.01]],
        ),
        CODEBOOK,
        n_suspects=9,
    )
    assert found == [
        Suspect(1, (Doubt("запад", is_given=False, probability=0.9375),)),
        Suspect(0, (Doubt("запад", is_given=True, probability=0.25),)),
    ]
    assert found[0].doubts[0].self_confidence == 0.0625
    assert found[1].doubts[0].self_confidence == 0.25


def test_only_so_many_are_returned() -> None:
    found = find_suspects(
        outcomes([["запад"]] * 3, [[]] * 3, [[0, 0, 0, 0.1], [0, 0, 0, 0.3], [0, 0, 0, 0.2]]),
        CODEBOOK,
        n_suspects=2,
    )
    assert [suspect.row for suspect in found] == [0, 2]


def test_a_parent_is_left_out_where_a_child_tells_the_same() -> None:
    """Unit 0 lacks анти and with it съюз; unit 1 has съюз either way; unit 2 would change its parent, too."""
    found = find_suspects(
        outcomes(
            [[], ["про"], ["съюз"]],
            [["анти"], ["анти"], []],
            [[0.9, 0.8, 0, 0], [0.9, 0.7, 0.2, 0], [0.25, 0, 0, 0]],
        ),
        CODEBOOK,
        n_suspects=3,
    )
    doubted = {suspect.row: [doubt.label for doubt in suspect.doubts] for suspect in found}
    assert doubted == {0: ["анти"], 1: ["про", "анти"], 2: ["съюз"]}


def test_doubts_of_a_unit_come_by_confidence() -> None:
    (suspect,) = find_suspects(outcomes([["про"]], [["анти"]], [[0.9, 0.75, 0.125, 0]]), CODEBOOK, n_suspects=1)
    assert [doubt.self_confidence for doubt in suspect.doubts] == pytest.approx([0.125, 0.25])


def test_nothing_to_suspect() -> None:
    assert find_suspects(outcomes([[]], [[]], [[0, 0, 0, 0]]), CODEBOOK, n_suspects=5) == []


def test_two_improbable_labels_say_more_than_one() -> None:
    """Surprises of -ln(.05) twice outweigh one of -ln(.03), and not one of -ln(.01)."""
    p = [[0, 0.05, 0, 0.05], [0, 0, 0, 0.03], [0, 0, 0, 0.01], [0, 0, 0, 0.9]]
    found = find_suspects(
        outcomes([["анти", "запад"], ["запад"], ["запад"], []], [[]] * 4, p), CODEBOOK, n_suspects=9
    )
    assert [suspect.row for suspect in found] == [2, 0, 1]


def test_a_label_out_of_its_scope_is_as_surprising_as_such_labels_are_rare() -> None:
    """Of seven cells out of scope two are given, a rate of 2.5 in 8: less surprising than .2, more than .35."""
    p = [[0.5, 0.5, 0.5, 0], [0.5, 0.5, 0.5, 0.2], [0.5, 0.5, 0.5, 0.35], [0.5, 0, 0, 0], [0.5, 0, 0, 0]]
    given = [["запад"], ["запад"], ["запад"], ["запад"], []]
    found = find_suspects(outcomes(given, [[]] * 5, p), CODEBOOK, n_suspects=9)
    assert [suspect.row for suspect in found] == [1, 0, 3, 2]
    assert found[1].doubts == (Doubt("запад", is_given=True, probability=0.0),)
