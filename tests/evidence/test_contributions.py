"""Contributions: one reading of a text for all labels gives what one for each gives."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

import framescope
from framescope import predictor as served
from framescope import results
from framescope.errors import TextError
from framescope.evidence import contributions as module
from framescope.evidence.contributions import (
    Contribution,
    Explanation,
    contributions_of,
    explanation_of,
)
from framescope.features.vocabulary import Vocabulary
from framescope.model.fitted import Model
from framescope.predictor import Predictor
from framescope.results import Selection, result_columns, result_schema
from framescope.text.utf8 import Utf8Texts

TEXT = "Нов блок подкопава ОДКБ. नया गुट क्षेत्रीय सुरक्षा को कमज़ोर करता है। A new bloc, a new bloc!"


def test_labels_read_together_have_what_each_has_alone(model: Model) -> None:
    together = contributions_of(model, TEXT, [4, 0, 2])
    assert together.columns == (4, 0, 2)
    assert together.values.shape == (len(together.spans), 3)
    for column in (0, 2, 4):
        spans, values = contributions_of(model, TEXT, [column]).of(column)
        np.testing.assert_array_equal(together.of(column)[0], spans)
        np.testing.assert_array_equal(together.of(column)[1], values)


def test_values_and_intercept_add_up_to_the_margin(model: Model) -> None:
    columns = range(len(model.codebook.ids))
    found = contributions_of(model, TEXT, columns)
    margins = model.margins(Utf8Texts.encode([TEXT]))[0]
    np.testing.assert_allclose(model.intercept + found.values.sum(axis=0), margins, atol=1e-4)


def test_what_blocks_add_to_the_same_span_is_added_up(model: Model) -> None:
    """Two blocks that are one twice."""
    once = contributions_of(model, TEXT, [0, 2])
    twice = contributions_of(replace(model, blocks=model.blocks * 2), TEXT, [0, 2])
    np.testing.assert_array_equal(twice.spans, once.spans)
    np.testing.assert_allclose(twice.values, 2 * once.values)


def test_no_label_and_no_text_have_no_contributions(model: Model) -> None:
    assert contributions_of(model, TEXT, []).values.shape[1] == 0
    nothing = contributions_of(model, "", [0, 1])
    assert (nothing.spans.shape, nothing.values.shape) == ((0, 2), (0, 2))


def test_a_text_whose_ngrams_would_fill_the_memory(model: Model) -> None:
    with pytest.raises(TextError, match="the text has 500,001 bytes, of which no more than 500,000 can be"):
        contributions_of(model, "a" * 500_001, [0])


def test_the_words_of_a_long_text_are_found_some_labels_at_a_time(
    predictor: Predictor, monkeypatch: pytest.MonkeyPatch
) -> None:
    selection, texts = Selection(evidence=True), Utf8Texts.encode([TEXT, "The West wants to break the CSTO."])
    at_once = result_columns(predictor.bundle, texts, selection)
    monkeypatch.setattr(results, "MAX_WORD_VALUES", 1)
    one_by_one = result_columns(predictor.bundle, texts, selection)
    assert [column.to_pylist() for column in one_by_one] == [column.to_pylist() for column in at_once]


def test_a_text_that_is_not_unicode(model: Model) -> None:
    with pytest.raises(TextError, match="text 0: character 0 is a lone surrogate"):
        contributions_of(model, "\ud800", [0])


def test_an_explanation_has_the_contributions_in_text_order(model: Model) -> None:
    found = contributions_of(model, "Нов блок", [0, 3])
    explanation = explanation_of(model, found, 3, margin=1.5)
    assert (explanation.label, explanation.margin) == ("west", 1.5)
    assert explanation.intercept == float(model.intercept[3])
    assert [[part.start, part.end] for part in explanation.contributions] == found.spans.tolist()
    assert all(part.text == "Нов блок"[part.start : part.end] for part in explanation.contributions)
    spans, values = explanation.shares
    np.testing.assert_array_equal(spans, found.spans)
    np.testing.assert_array_equal(values, found.of(3)[1])
    assert Explanation("west", 0.0, 0.0, ()).shares[0].shape == (0, 2)


def test_evidence_of_many_labels_reads_a_text_once(
    predictor: Predictor, monkeypatch: pytest.MonkeyPatch
) -> None:
    n_read = []
    values_of = Vocabulary.values

    def counted(vocabulary: Vocabulary, texts: Utf8Texts, *, jobs: int = 1) -> object:
        n_read.append(len(texts))
        return values_of(vocabulary, texts, jobs=jobs)

    monkeypatch.setattr(Vocabulary, "values", counted)
    columns = result_columns(predictor.bundle, Utf8Texts.encode([TEXT, ""]), Selection(evidence=True))
    rows = columns[result_schema(predictor.bundle.model, Selection(evidence=True)).get_field_index("evidence")]
    n_labels = [len({span["label"] for span in row}) for row in rows.to_pylist()]
    given = [len(prediction.labels) for prediction in predictor.predict([TEXT, ""])]
    assert max(n_labels) > 1
    assert len(n_read) == sum(n > 0 for n in given)


def test_names_stay_where_programs_import_them_from() -> None:
    assert framescope.Explanation is served.Explanation is module.Explanation
    assert served.Contribution is Contribution
