"""Passages: where smoothed contributions are high, with weights that are shares of the margin."""

from __future__ import annotations

import numpy as np
import pytest

from framescope.errors import UnknownLabelError
from framescope.evidence.passages import Smoothing, Span, passages
from framescope.evidence.shares import running_sums, value_of
from framescope.predictor import Predictor

TEXT = "Нищо ново. Блокът срещу Москва расте. Времето е хубаво."
WORDS = [(0, 4), (5, 9), (11, 17), (18, 23), (24, 30), (31, 36), (38, 45), (46, 47), (48, 54)]
NARROW = Smoothing(width=0.1, cut=0.5)


def of_words(*values: float) -> np.ndarray:
    return running_sums(len(TEXT), np.array(WORDS), np.array(values, dtype=float))


def words_of(found: tuple[Span, ...]) -> list[str]:
    return [TEXT[span.start : span.end] for span in found]


def test_sentences_at_the_cut_form_passages() -> None:
    """The shares are 2, 6 and 3: at half of the best, the first says too little."""
    shares = of_words(2, 0, 1, 2, 2, 1, 1, 1, 1)
    found = passages(TEXT, "bloc", shares, NARROW)
    assert found == (Span(11, 36, "bloc", pytest.approx(6)), Span(38, 54, "bloc", pytest.approx(3)))
    assert words_of(found) == ["Блокът срещу Москва расте", "Времето е хубаво"]
    assert len(passages(TEXT, "bloc", shares, Smoothing(width=0.1, cut=0.3))) == 3
    assert words_of(passages(TEXT, "bloc", shares, Smoothing(width=0.1, cut=1.0))) == words_of(found)[:1]


def test_words_that_speak_against_the_label_part_and_end_passages() -> None:
    shares = of_words(0, 0, 4, -1, 2, -1, 0, 0, 0)
    assert words_of(passages(TEXT, "bloc", shares, NARROW)) == ["Блокът", "Москва"]


def test_smoothing_joins_what_one_weak_word_parts() -> None:
    """But not over the border of a sentence."""
    shares = of_words(0, 5, 4, -1, 2, 1, 0, 0, 0)
    found = passages(TEXT, "bloc", shares, Smoothing(width=1.0, cut=0.5))
    assert words_of(found) == ["Нищо ново", "Блокът срещу Москва расте"]


def test_a_contribution_is_shared_out_to_its_characters() -> None:
    """Of a feature over ten characters, the six of one sentence weigh six tenths there."""
    sums = running_sums(len(TEXT), np.array([(32, 42)]), np.array([10.0]))
    found = passages(TEXT, "bloc", sums, NARROW)
    assert found == (Span(31, 36, "bloc", pytest.approx(4)), Span(38, 45, "bloc", pytest.approx(4)))


def test_a_passage_of_devanagari_ends_with_whole_words() -> None:
    """Vowel signs are parts of words: no passage begins or ends before one."""
    text = "नया गुट सुरक्षा को कमज़ोर करता है।"
    word = text.index("कमज़ोर")
    sums = running_sums(len(text), np.array([(word, word + len("कमज़ोर"))]), np.array([1.0]))
    (found,) = passages(text, "bloc", sums, NARROW)
    assert (text[found.start : found.end], found.weight) == ("कमज़ोर", pytest.approx(1))


def test_nothing_speaks_for_a_label() -> None:
    for text in ("", "?!", TEXT):
        assert passages(text, "bloc", np.zeros(len(text) + 1)) == ()
    assert passages(TEXT, "bloc", of_words(*[-1.0] * 9)) == ()


def test_a_predictor_finds_passages_of_a_label(predictor: Predictor) -> None:
    """They are in order and on words, and weigh what the explanation's contributions within them do."""
    text = "Нов блок подкопава ОДКБ, твърдят наблюдатели. The union is not expanding."
    by_label = {label: predictor.find_spans(text, label) for label in predictor.labels}
    assert any(by_label.values())
    for label, found in by_label.items():
        bounds = [bound for span in found for bound in (span.start, span.end)]
        assert bounds == sorted(set(bounds))
        assert all(text[span.start : span.end].strip(" .,") == text[span.start : span.end] for span in found)
        assert all(span.label == label for span in found)
        sums = running_sums(len(text), *predictor.explain(text, label).shares)
        expected = [value_of(sums, span.start, span.end) for span in found]
        assert [span.weight for span in found] == pytest.approx(expected, abs=1e-5)
    assert predictor.find_spans("", predictor.labels[0]) == ()


def test_passages_and_what_is_between_them_sum_up_to_the_margin(predictor: Predictor) -> None:
    """With every sentence and every word taken, nothing but spaces and marks is between them."""
    text = "Нов блок подкопава ОДКБ"
    explanation = predictor.explain(text, "bloc")
    offsets, values = explanation.shares
    (whole,) = passages(text, "bloc", running_sums(len(text), offsets, np.abs(values)))
    assert (whole.start, whole.end) == (0, len(text))
    assert whole.weight == pytest.approx(np.abs(values).sum())


def test_an_unknown_label_has_no_passages(predictor: Predictor) -> None:
    with pytest.raises(UnknownLabelError, match="'weather' is not in the codebook"):
        predictor.find_spans("Нов блок", "weather")
