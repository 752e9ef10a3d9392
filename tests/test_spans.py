"""Passages: where smoothed contributions are high, with weights that are shares of the margin."""

from __future__ import annotations

import numpy as np
import pytest

from framescope.errors import UnknownLabelError
from framescope.predictor import Predictor
from framescope.spans import Smoothing, Span, passages

TEXT = "Нищо ново. Блокът срещу Москва расте. Времето е хубаво."
WORDS = [(0, 4), (5, 9), (11, 17), (18, 23), (24, 30), (31, 36), (38, 45), (46, 47), (48, 54)]
NARROW = Smoothing(width=0.1, cut=0.5)


def of_words(*values: float) -> tuple[np.ndarray, np.ndarray]:
    return np.array(WORDS), np.array(values)


def test_words_at_the_cut_form_passages() -> None:
    """Cut at half of 4: "Блокът срещу" and "расте" reach it, "Москва" between them does not."""
    found = passages(TEXT, "bloc", of_words(0, 0, 4, 2, 1, 3, 0, -1, 0), NARROW)
    assert found == (Span(11, 23, "bloc", pytest.approx(6)), Span(31, 36, "bloc", pytest.approx(3)))
    assert TEXT[found[0].start : found[0].end] == "Блокът срещу"


def test_smoothing_joins_what_one_weak_word_parts() -> None:
    found = passages(TEXT, "bloc", of_words(0, 0, 4, 2, 0, 3, 0, 0, 0), Smoothing(width=0.8, cut=0.5))
    assert [TEXT[span.start : span.end] for span in found] == ["Блокът срещу Москва расте"]


def test_a_contribution_is_shared_out_to_its_characters() -> None:
    """Of a feature over ten characters, the six of the last word's passage hold six tenths."""
    contributions = (np.array([(11, 17), (18, 28)]), np.array([1.0, 10.0]))
    assert passages(TEXT, "bloc", contributions, NARROW) == (Span(18, 30, "bloc", pytest.approx(10)),)
    contributions = (np.array([(18, 28), (11, 17)]), np.array([1.0, 10.0]))
    assert passages(TEXT, "bloc", contributions, NARROW) == (Span(11, 17, "bloc", pytest.approx(10)),)


def test_nothing_speaks_for_a_label() -> None:
    nothing = (np.empty((0, 2), np.intp), np.empty(0))
    assert (
        passages("", "bloc", nothing)
        == passages("?!", "bloc", nothing)
        == passages(TEXT, "bloc", nothing)
        == ()
    )
    assert passages(TEXT, "bloc", of_words(*[-1.0] * 9)) == ()


def test_a_predictor_finds_passages_of_a_label(predictor: Predictor) -> None:
    """They are in order and on words, and weigh what the explanation's contributions within them do."""
    text = "Нов блок подкопава ОДКБ, твърдят наблюдатели. The union is not expanding."
    for label in predictor.labels:
        found = predictor.find_spans(text, label)
        bounds = [bound for span in found for bound in (span.start, span.end)]
        assert bounds == sorted(set(bounds))
        assert all(text[span.start : span.end].strip(" .,") == text[span.start : span.end] for span in found)
        assert all(span.label == label for span in found)
    assert predictor.find_spans("", predictor.labels[0]) == ()
    explanation = predictor.explain(text, "bloc")
    everything = Smoothing(width=1e6, cut=0.5)
    offsets = np.array([(part.start, part.end) for part in explanation.contributions])
    values = np.array([part.value for part in explanation.contributions])
    (whole,) = passages(text, "bloc", (offsets, values + 1.0), everything)
    assert whole.weight == pytest.approx((values + 1.0).sum(), rel=0.05)


def test_an_unknown_label_has_no_passages(predictor: Predictor) -> None:
    with pytest.raises(UnknownLabelError, match="'weather' is not in the codebook"):
        predictor.find_spans("Нов блок", "weather")
