"""What each sentence, word and n-gram adds to a score."""

from __future__ import annotations

import numpy as np
import pytest

from framescope.evidence.contributions import Contribution, Explanation
from framescope.evidence.shares import running_sums, value_of
from framescope.pages.evidence import Term, evidence_of
from framescope.predictor import Predictor
from framescope.text.segments import segments

TEXT = "Нов блок. Блокът расте!"


def explanation(*parts: tuple[int, int, float]) -> Explanation:
    shares = tuple(Contribution(start, end, TEXT[start:end], value) for start, end, value in parts)
    return Explanation("bloc", 0.1 + sum(value for *_, value in parts), 0.1, shares)


def test_sentences_and_words_are_ranked_by_what_they_add() -> None:
    found = evidence_of(TEXT, explanation((0, 3, 0.3), (4, 8, -0.5), (10, 16, 0.2)), [(0, 9), (10, 23)])
    assert [(s.text, round(s.value, 6)) for s in found.sentences.speak_for] == [("Блокът расте!", 0.2)]
    assert [(s.text, round(s.value, 6)) for s in found.sentences.against] == [("Нов блок.", -0.2)]
    assert [word.text for word in found.words.speak_for] == ["нов", "блокът"]
    assert [word.text for word in found.words.against] == ["блок"]
    assert (found.score, found.intercept) == (pytest.approx(0.1), 0.1)


def test_ngrams_are_added_up_and_show_where_a_word_goes_on() -> None:
    parts = ((4, 8, 0.5), (10, 14, 0.25), (14, 16, 0.2), (11, 14, 0.1), (4, 16, 0.05))
    found = evidence_of(TEXT, explanation(*parts), [])
    shown = [(term.text, round(term.value, 6)) for term in found.ngrams.speak_for]
    assert shown == [("блок", 0.5), ("блок-", 0.25), ("-ът", 0.2), ("-лок-", 0.1), ("блок. блокът", 0.05)]
    hindi = Explanation("bloc", 0.1, 0.0, (Contribution(0, 2, "कम", 0.1),))
    assert [term.text for term in evidence_of("कमज़ोर", hindi, []).ngrams.speak_for] == ["कम-"]
    twice = evidence_of("Блок, блок", explanation((0, 4, 0.1), (6, 10, 0.2)), [])
    assert [(t.text, t.count) for t in twice.words.speak_for if isinstance(t, Term)] == [("блок", 2)]


def test_words_are_those_of_the_kernel() -> None:
    """Marks stay in their word, hyphens part words, and each word is added up with its equals."""
    text = "«анти-ОДКС», कमज़ोर है। Анти"
    shares = tuple(Contribution(start, start + 1, text[start], 0.1) for start in range(len(text)))
    found = evidence_of(text, Explanation("bloc", 2.7, 0.0, shares), [])
    shown = {
        term.text: (round(term.value, 6), term.count)
        for term in found.words.speak_for
        if isinstance(term, Term)
    }
    assert shown == {"анти": (0.8, 2), "одкс": (0.4, 1), "कमज़ोर": (0.6, 1), "है": (0.2, 1)}


def test_the_sentences_of_a_real_explanation_sum_up_to_the_score(predictor: Predictor) -> None:
    text = "Нов блок подкопава ОДКБ, твърдят наблюдатели. Блокът обеща сигурност — но на каква цена?"
    found = predictor.explain(text, "bloc")
    sums = running_sums(len(text), *found.shares)
    sentences = segments(text, "sentence")
    assert len(sentences) == 2
    between = value_of(sums, sentences[0][1], sentences[1][0])
    total = sum(value_of(sums, *bounds) for bounds in sentences) + between
    assert np.isclose(found.intercept + total, found.margin, atol=1e-4)
