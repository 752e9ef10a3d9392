"""Decisions: the set of the greatest expected F1 is the one that brute force finds; cuts are cuts."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import chain, combinations
from math import log, log1p, prod

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from framescope.codebook import Codebook
from framescope.model.decision import NEVER, Rule, empty_terms
from framescope.model.expected_f1 import MAX_CONDITIONAL, MAX_LABELS

TREE = Codebook.from_parents(
    {
        "Въоръжаване": None,
        "гонка вооружений": "Въоръжаване",
        "हथियारों की होड़": "Въоръжаване",
        "Other": None,
        "West": None,
        "West: divides": "West",
    },
    name="tree",
)
FLAT = [Codebook.flat(f"label{k}" for k in range(n)) for n in range(7)]

PROBABILITIES = st.floats(2**-10, 1 - 2**-10, width=32)
EMPTY = st.none() | st.tuples(st.floats(-3, 3), st.floats(-1, 2), st.floats(-1, 2))


def row(*probabilities: float) -> np.ndarray:
    return np.array([probabilities], dtype=np.float32)


def subsets(labels: Sequence[int]) -> Iterator[tuple[int, ...]]:
    return chain.from_iterable(combinations(labels, size) for size in range(len(labels) + 1))


def expected_f1(chosen: set[int], given_any: np.ndarray, level: Sequence[int]) -> float:
    """Return E[F1 | a label of the level is true], summed over every possible truth."""
    total = 0.0
    for truth in subsets(level):
        likelihood = prod(given_any[k] if k in truth else 1 - given_any[k] for k in level)
        hits = len(chosen & set(truth))
        total += likelihood * (2 * hits / (len(chosen) + len(truth)) if hits else 0.0)
    return total / (1 - prod(1 - given_any[k] for k in level))


def probability_of_empty(probabilities: np.ndarray, rule: Rule, codebook: Codebook) -> float:
    if rule.empty is None:
        return 0.0
    fine, coarse = (
        np.log1p(-probabilities[0, k].astype(float)).sum() for k in (codebook.fine, codebook.coarse)
    )
    constant, of_fine, of_coarse = rule.empty
    return float(1 / (1 + np.exp(-(constant + of_fine * fine + of_coarse * coarse))))


def value(chosen: Sequence[int], probabilities: np.ndarray, rule: Rule, codebook: Codebook) -> float:
    """Return the expected F1 of fine labels, with F1 = 1 for two empty sets; the mean of both levels."""
    empty = probability_of_empty(probabilities, rule, codebook)
    if not len(chosen):
        return empty
    given_any = np.minimum(probabilities[0].astype(float) / (1 - empty), MAX_CONDITIONAL)
    parents = codebook.parents
    tops = {int(k if parents[k] < 0 else parents[k]) for k in chosen}
    levels = [(set(chosen), codebook.fine.tolist()), (tops, codebook.coarse.tolist())]
    scores = [expected_f1(labels, given_any, level) for labels, level in levels]
    return (1 - empty) * (scores[0] if codebook.is_flat else sum(scores) / 2)


# Expected F1


@given(probabilities=st.lists(PROBABILITIES, min_size=1, max_size=6), empty=EMPTY)
def test_the_choice_is_as_good_as_the_best_of_all_label_sets(
    probabilities: list[float], empty: tuple[float, float, float] | None
) -> None:
    """Flat codebooks: no set promises more, the empty one included."""
    codebook, rule, given_row = FLAT[len(probabilities)], Rule("samples-f1", empty=empty), row(*probabilities)
    chosen = np.flatnonzero(rule.decide(given_row, codebook)[0]).tolist()
    best = max(value(labels, given_row, rule, codebook) for labels in subsets(range(len(probabilities))))
    assert value(chosen, given_row, rule, codebook) == pytest.approx(best, abs=1e-9)


@given(probabilities=st.tuples(*[PROBABILITIES] * 6), empty=EMPTY)
def test_two_levels_choose_the_best_prefix_by_the_mean_of_both(
    probabilities: tuple[float, ...], empty: tuple[float, float, float] | None
) -> None:
    rule, given_row = Rule("samples-f1", empty=empty), row(*probabilities)
    ranked = sorted(TREE.fine.tolist(), key=lambda label: -given_row[0, label])
    decided = rule.decide(given_row, TREE)[0]
    chosen = [label for label in ranked if decided[label]]
    assert chosen == ranked[: len(chosen)]
    best = max(value(ranked[:size], given_row, rule, TREE) for size in range(len(ranked) + 1))
    assert value(chosen, given_row, rule, TREE) == pytest.approx(best, abs=1e-9)


def test_the_first_level_counts() -> None:
    """The same fine probabilities: a weak child is given where its parent is likely."""
    codebook = Codebook.from_parents({"a": None, "a1": "a", "a2": "a", "b": None, "b1": "b"}, name="pairs")
    for parent, expected in ((0.2, ["a", "a1"]), (0.9, ["a", "a1", "b", "b1"])):
        decided = Rule("samples-f1").decide(row(0.9, 0.8, 0.05, parent, 0.2), codebook)[0]
        assert np.array(codebook.ids)[decided].tolist() == expected


@given(probabilities=st.lists(PROBABILITIES, min_size=1, max_size=5), constant=st.floats(-8, 8))
def test_no_label_is_given_where_no_label_is_likelier_than_any_f1(
    probabilities: list[float], constant: float
) -> None:
    codebook, given_row = FLAT[len(probabilities)], row(*probabilities)
    rule = Rule("samples-f1", empty=(constant, 0.5, 0.0))
    empty = probability_of_empty(given_row, rule, codebook)
    promise = max(value(s, given_row, rule, codebook) for s in subsets(range(len(probabilities))) if s)
    assume(abs(empty - promise) > 1e-9)
    assert rule.decide(given_row, codebook).any() == (promise > empty)


def test_a_single_label_is_given_where_it_is_likelier_than_not() -> None:
    """E[F1] of the label is the probability of any label: it competes with that of none. So at both levels."""
    for parents in ({"ОДКБ": None}, {"ОДКБ": None, "ОДКБ: слабый": "ОДКБ"}):
        codebook, n_labels = Codebook.from_parents(parents, name="single"), len(parents)
        assert Rule("samples-f1").decide(row(*[0.01] * n_labels), codebook).all()
        for log_odds, decided in ((-0.1, True), (0.0, False), (0.1, False)):
            rule = Rule("samples-f1", empty=(log_odds, 0.0, 0.0))
            assert rule.decide(row(*[0.5] * n_labels), codebook).tolist() == [[decided] * n_labels]


def test_an_all_but_certain_empty_set_is_no_division_by_zero() -> None:
    rule = Rule("samples-f1", empty=(1e6, 0.0, 0.0))
    assert not rule.decide(row(0.9, 0.9), FLAT[2]).any()


def test_at_most_eight_labels_the_most_probable_are_given() -> None:
    """Of 40 near-certain labels, more than the distribution of the others counts up to."""
    probabilities = np.full((1, 40), 0.97, dtype=np.float32)
    probabilities[0, 32:] = 0.99
    decided = Rule("samples-f1").decide(probabilities, Codebook.flat(f"{k:02}" for k in range(40)))
    assert np.flatnonzero(decided[0]).tolist() == list(range(32, 40))
    assert MAX_LABELS == 8


def test_of_equals_the_first_are_given() -> None:
    probabilities = np.full((1, 12), 0.9, dtype=np.float32)
    decided = Rule("samples-f1").decide(probabilities, Codebook.flat(f"{k:02}" for k in range(12)))
    assert np.flatnonzero(decided[0]).tolist() == list(range(8))


@pytest.mark.parametrize(
    "rule",
    [
        Rule("samples-f1"),
        Rule("samples-f1", empty=(-0.5, 0.8, 0.1)),
        Rule("micro-f1", cuts=np.full(6, 0.4, dtype=np.float32)),
    ],
    ids=["expected F1", "with empty sets", "cuts"],
)
def test_rows_are_decided_alone_and_parents_come_along(rule: Rule) -> None:
    probabilities = np.random.default_rng(3).random((200, 6)).astype(np.float32) * 0.9
    decided = rule.decide(probabilities, TREE)
    assert (decided.dtype, decided.shape) == (np.bool_, (200, 6))
    assert decided.any()
    assert not decided.all()
    alone = [rule.decide(probabilities[[k]], TREE)[0] for k in range(200)]
    np.testing.assert_array_equal(decided, alone)
    np.testing.assert_array_equal(rule.decide(probabilities[::-1].copy(), TREE), decided[::-1])
    for child in np.flatnonzero(TREE.parents >= 0):
        assert (decided[:, TREE.parents[child]] >= decided[:, child]).all()


@pytest.mark.parametrize("cuts", [None, np.zeros(6, dtype=np.float32)])
def test_no_text_gives_no_row(cuts: np.ndarray | None) -> None:
    assert Rule("any", cuts=cuts).decide(np.empty((0, 6), np.float32), TREE).shape == (0, 6)


# Cuts


def test_a_label_is_given_from_its_cut_on() -> None:
    """At the cut, not below it; never at NEVER, not even to a certainty."""
    cuts = np.array([0.5, 0.25, NEVER], dtype=np.float32)
    probabilities = np.array([[0.5, 0.2, 1.0], [np.nextafter(np.float32(0.5), 0), 0.25, 0.9]], np.float32)
    assert Rule("macro-f1", cuts=cuts).decide(probabilities, FLAT[3]).tolist() == [
        [True, False, False],
        [False, True, False],
    ]


def test_a_child_brings_its_parent_even_if_that_is_never_given() -> None:
    cuts = np.array([NEVER, 0.5, 0.5, 0.5, 0.5, 0.5], dtype=np.float32)
    decided = Rule("macro-f1", cuts=cuts).decide(row(0.7, 0.1, 0.6, 0.0, 0.2, 0.2), TREE)
    assert np.array(TREE.ids)[decided[0]].tolist() == ["Въоръжаване", "हथियारों की होड़"]


# The probability of no label


def test_empty_terms_are_the_log_probabilities_of_no_label_at_each_level() -> None:
    """Fine: columns 1, 2, 3, 5. First level: columns 0, 3, 4."""
    terms = empty_terms(row(0.5, 0.25, 0.5, 0.75, 0.5, 0.5), TREE)
    fine, coarse = 0.75 * 0.5 * 0.25 * 0.5, 0.5 * 0.25 * 0.5
    np.testing.assert_allclose(terms, [[1.0, log(fine), log(coarse)]], rtol=1e-12)
    assert terms.dtype == np.float64


def test_empty_terms_keep_small_probabilities() -> None:
    small = float(np.float32(1e-6))
    terms = empty_terms(row(1e-6, 1e-6), FLAT[2])
    np.testing.assert_allclose(terms, [[1.0, 2 * log1p(-small), 2 * log1p(-small)]], rtol=1e-12)


# Floors


@pytest.mark.parametrize(
    "rule", [Rule("samples-f1"), Rule("macro-f1", np.array([0.9, 0.2, 0.2, 0.9, 0.9, 0.2], np.float32))]
)
def test_a_label_below_its_floor_is_withheld_with_the_parent_that_it_brought(rule: Rule) -> None:
    floors = np.array([0, 0.5, 0.0, 0, 0, 0.7], np.float32)
    probabilities = row(0.7, 0.49, 0.1, 0.1, 0.8, 0.75)
    assert np.flatnonzero(rule.decide(probabilities, TREE)).tolist() == [0, 1, 4, 5]
    floored = Rule(rule.name, rule.cuts, rule.empty, floors)
    assert np.flatnonzero(floored.decide(probabilities, TREE)).tolist() == [4, 5]
    assert np.flatnonzero(floored.decide(row(0.7, 0.5, 0.1, 0.1, 0.8, 0.69), TREE)).tolist() == [0, 1]


def test_what_is_never_given() -> None:
    """Neither by itself nor through a child; without cuts and floors nothing is."""
    never = np.array([NEVER, NEVER, 0.5, 0.2, NEVER, NEVER], np.float32)
    for rule in (Rule("macro-f1", never), Rule("samples-f1", floors=never)):
        assert rule.never_given(TREE).tolist() == [False, True, False, False, True, True]
    assert not Rule("samples-f1").never_given(TREE).any()


def test_the_cut_of_a_label_is_the_higher_of_cut_and_floor() -> None:
    cuts, floors = np.array([0.25, 0.5, NEVER], np.float32), np.array([0.0, 0.75, 0.5], np.float32)
    assert [Rule("r", cuts, floors=floors).cut_of(k) for k in range(3)] == [0.25, 0.75, None]
    assert [Rule("r", floors=floors).cut_of(k) for k in range(3)] == [None, 0.75, 0.5]
    assert Rule("r").cut_of(0) is None


# Scopes


@given(probabilities=st.lists(PROBABILITIES | st.just(0.0), min_size=6, max_size=6), empty=EMPTY)
def test_what_is_not_possible_is_never_given(
    probabilities: list[float], empty: tuple[float, float, float] | None
) -> None:
    """And the others are chosen as if they were the only labels: with brute force over these."""
    found = row(*probabilities)
    for child in np.flatnonzero(TREE.parents >= 0):
        parent = TREE.parents[child]
        found[:, parent] = max(found[0, parent], found[0, child])
    decided = Rule("samples-f1", empty=empty).decide(found, TREE)
    assert not decided[found == 0].any()
    if not found.any():
        assert not decided.any()


def test_a_cut_of_0_gives_nothing_out_of_scope() -> None:
    """Bundles that somebody wrote may hold one."""
    rule = Rule("micro-f1", cuts=np.array([0.0, -1.0, NEVER], np.float32))
    assert rule.decide(row(0, 0, 0), FLAT[3]).tolist() == [[False, False, False]]
    assert rule.decide(row(1e-6, 1e-6, 1), FLAT[3]).tolist() == [[True, True, False]]


def test_a_flat_codebook_s_choice_among_possible_labels_is_that_without_the_others() -> None:
    rng = np.random.default_rng(5)
    for _ in range(50):
        possible = rng.random(6) < 0.5
        probabilities = (rng.random((1, 6)) * possible).astype(np.float32)
        if not possible.any():
            continue
        whole = Rule("samples-f1", empty=(-1.0, 0.8, 0.0)).decide(probabilities, FLAT[6])[0]
        part = Rule("samples-f1", empty=(-1.0, 0.8, 0.0)).decide(
            probabilities[:, possible], FLAT[possible.sum()]
        )[0]
        assert whole[possible].tolist() == part.tolist()
        assert not whole[~possible].any()


def test_a_parent_can_stand_where_none_of_its_children_is_possible() -> None:
    """A text in the scope of the narrative alone: no division by the probability of no child."""
    decided = Rule("samples-f1", empty=(-3.0, 1.0, 1.0)).decide(row(0.9, 0, 0, 0, 0, 0), TREE)
    assert decided.tolist() == [[True, False, False, False, False, False]]


@given(probabilities=st.lists(PROBABILITIES, min_size=6, max_size=6))
def test_a_likelier_label_is_left_out_only_where_it_has_children_and_none_is_given(
    probabilities: list[float],
) -> None:
    """A label with children comes with one of them only; of the finest ones the most probable are given."""
    found = Rule("samples-f1").decide(row(*probabilities), TREE)[0]
    values = np.array(probabilities, np.float32)
    left_out = np.flatnonzero(~found & (values > values[found].min(initial=2)))
    assert not set(left_out.tolist()) & {
        k for k in TREE.fine if values[k] > values[TREE.fine][found[TREE.fine]].min()
    }
    assert not found[np.isin(TREE.parents, left_out)].any()


def test_the_most_probable_label_of_a_text_may_be_left_out() -> None:
    """The first, at 0.7, would have to come with one of its children, each of which is unlikely."""
    found = Rule("samples-f1").decide(row(0.7, 0.05, 0.05, 0.01, 0.69, 0.69), TREE)[0]
    assert found.tolist() == [False, False, False, False, True, True]
