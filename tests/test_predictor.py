"""The predictor: one answer however the texts arrive, and contributions that add up to the margin."""

from __future__ import annotations

import warnings
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from time import perf_counter

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from framescope.bundle.read import Bundle, load_bundle
from framescope.bundle.write import save_bundle
from framescope.errors import BundleError, FramescopeError, TextError
from framescope.features.weights import Weights
from framescope.model.fitted import Model
from framescope.predictor import Predictor, UnknownLanguageWarning
from framescope.text.article import full_text
from framescope.text.segments import Unit
from framescope.text.utf8 import Utf8Texts
from oracle import learn, weigh
from tiny import FACTS, SENTENCES

TEXTS = (
    "Съюзът на изток се разширява.",
    "",
    "Новый блок подрывает ОДКБ!",
    "नया गुट क्षेत्रीय सुरक्षा को कमज़ोर करता है।",
    "The West wants to break the CSTO 🪖.",
    "   \n",
    "zzzz 你好",
)


@pytest.fixture(scope="module", params=["model", "model_with_cuts"])
def any_predictor(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Predictor:
    """A predictor with either kind of rule."""
    path = tmp_path_factory.mktemp("models") / "m"
    save_bundle(request.getfixturevalue(request.param), path, card="", training=FACTS)
    return Predictor.load(path)


def unsaved(model: Model) -> Predictor:
    return Predictor(Bundle(model, "", {}, Path()))


# Predictions


def test_margins_are_features_times_weights_plus_intercept(any_predictor: Predictor) -> None:
    """Within 5e-5 of a matrix product over the stored arrays: rows of runs have 16 bits."""
    model = any_predictor.bundle.model
    indptr, indices, values = model.ngrams.vocabulary.values(Utf8Texts.encode(TEXTS))
    features = np.zeros((len(TEXTS), len(model.ngrams.vocabulary)))
    features[np.repeat(np.arange(len(TEXTS)), np.diff(indptr)), indices] = values
    margins = any_predictor.decision_function(TEXTS)
    assert (margins.dtype, margins.shape) == (np.float32, (7, 6))
    np.testing.assert_allclose(margins, features @ model.ngrams.weights.wide() + model.intercept, atol=5e-5)


def test_predictions_are_the_decisions_on_the_probabilities(any_predictor: Predictor) -> None:
    probabilities = any_predictor.predict_proba(TEXTS)
    decided = any_predictor.decide(probabilities)
    assert decided.any()
    assert not decided.all()
    for row, prediction in enumerate(any_predictor.predict(TEXTS)):
        assert prediction.labels == tuple(np.array(any_predictor.labels)[decided[row]])
        assert prediction.probabilities == dict(
            zip(any_predictor.labels, probabilities[row].tolist(), strict=True)
        )


@given(st.lists(st.text(max_size=60), max_size=4))
def test_whatever_the_texts_labels_are_closed_and_probabilities_ordered(
    any_predictor: Predictor, texts: list[str]
) -> None:
    """A child brings its parent, in the decision and in the probabilities."""
    decided = any_predictor.decide(any_predictor.predict_proba(texts))
    predictions = any_predictor.predict(texts)
    assert [p.labels for p in predictions] == [
        tuple(label for label, given_ in zip(any_predictor.labels, row, strict=True) if given_)
        for row in decided
    ]
    for prediction in predictions:
        assert list(prediction.labels) == any_predictor.codebook.close(prediction.labels)
        for label in any_predictor.codebook.labels:
            if label.parent is not None:
                assert prediction.probabilities[label.parent] >= prediction.probabilities[label.id]


def test_saving_and_loading_change_nothing(model: Model, predictor: Predictor) -> None:
    before = unsaved(model)
    assert before.predict(TEXTS) == predictor.predict(TEXTS)
    np.testing.assert_array_equal(before.predict_proba(TEXTS), predictor.predict_proba(TEXTS))
    np.testing.assert_array_equal(before.decision_function(TEXTS), predictor.decision_function(TEXTS))
    assert before.explain(TEXTS[0], "west") == predictor.explain(TEXTS[0], "west")


def test_rows_do_not_depend_on_their_neighbours(any_predictor: Predictor) -> None:
    """Order, chunk size and threads change nothing."""
    long = [text * 9000 for text in TEXTS]
    together = any_predictor.predict_proba(long)
    backwards = any_predictor.predict_proba(long[::-1])[::-1]
    alone = np.concatenate([any_predictor.predict_proba([text]) for text in long])
    threads = any_predictor.predict_proba(long, jobs=2)
    for other in (backwards, alone, threads):
        np.testing.assert_array_equal(other, together)


def test_threads_may_share_a_predictor(any_predictor: Predictor) -> None:
    """From the first prediction on: a fresh predictor has yet to build its lookup."""
    expected = any_predictor.predict(TEXTS)
    shared = Predictor.load(any_predictor.bundle.path)
    with ThreadPoolExecutor(8) as pool:
        results = list(pool.map(shared.predict, [TEXTS] * 32))
    assert results == [expected] * 32


def test_a_text_without_known_features_gets_the_intercept(any_predictor: Predictor) -> None:
    """Empty, blank or all unknown."""
    intercept = any_predictor.bundle.model.intercept
    margins = any_predictor.decision_function(["", " \n", "你"])
    np.testing.assert_array_equal(margins, np.repeat(intercept[None], 3, axis=0))
    empty, blank, unknown = any_predictor.predict(["", " \n", "你"])
    assert empty == blank == unknown


def test_no_texts_give_no_predictions(any_predictor: Predictor) -> None:
    assert any_predictor.predict([]) == []
    assert any_predictor.predict_proba([]).shape == (0, 6)
    assert any_predictor.decision_function(pa.array([], pa.string())).shape == (0, 6)


def test_a_generator_of_texts_will_do(predictor: Predictor) -> None:
    assert predictor.predict(text for text in TEXTS) == predictor.predict(TEXTS)


@pytest.mark.slow
def test_a_text_of_ten_megabytes(any_predictor: Predictor) -> None:
    text = "Новый блок подрывает ОДКБ! " * (10_000_000 // 46)
    assert len(text.encode()) > 9_900_000
    any_predictor.predict([""])
    begin = perf_counter()
    (prediction,) = any_predictor.predict([text])
    assert perf_counter() - begin < 20
    assert np.isfinite(any_predictor.decision_function([text])).all()
    assert set(prediction.probabilities) == set(any_predictor.labels)


def test_one_string_is_no_list_of_texts(predictor: Predictor) -> None:
    with pytest.raises(
        TextError, match="expected a collection of texts, found one string: put 'ОДКБ' in a list"
    ):
        predictor.predict("ОДКБ")


def test_a_text_that_is_not_unicode(predictor: Predictor) -> None:
    with pytest.raises(TextError, match="text 1: character 2 is a lone surrogate"):
        predictor.predict_proba(["ok", "ab\ud800"])
    with pytest.raises(TextError, match="text 0: character 2 is a lone surrogate"):
        predictor.explain("ab\ud800", "bloc")
    with pytest.raises(TextError, match="text 1: expected a string, found NoneType"):
        predictor.predict(["ok", None])  # type: ignore[list-item]


# Arrow


def chunked(texts: list[str], kind: pa.DataType) -> pa.ChunkedArray:
    return pa.chunked_array([texts[:2], [], texts[2:]], kind)


@pytest.mark.parametrize("kind", [pa.string(), pa.large_string()])
def test_arrow_texts_get_the_results_of_strings(predictor: Predictor, kind: pa.DataType) -> None:
    """An array, a slice, one chunk, several chunks."""
    texts = list(TEXTS)
    expected = predictor.predict_proba(texts)
    array = pa.array(texts, kind)
    for same in (array, pa.chunked_array([array]), chunked(texts, kind)):
        np.testing.assert_array_equal(predictor.predict_proba(same), expected)
    np.testing.assert_array_equal(predictor.predict_proba(array[2:5]), expected[2:5])
    np.testing.assert_array_equal(predictor.predict_proba(chunked(texts, kind)[1:4]), expected[1:4])
    np.testing.assert_array_equal(predictor.predict_proba(pa.chunked_array([array[3:]])), expected[3:])
    assert predictor.predict(array) == predictor.predict(texts)


@pytest.mark.parametrize("kind", [pa.string(), pa.large_string()])
def test_arrow_bytes_are_not_copied(kind: pa.DataType) -> None:
    array = pa.array(TEXTS, kind)
    texts = Utf8Texts.from_arrow(array[1:])
    assert texts.data.ctypes.data == array.buffers()[2].address
    assert not texts.data.flags.writeable
    assert texts.offsets.dtype == np.int64
    assert len(texts) == len(TEXTS) - 1


def test_arrow_arrays_without_bytes() -> None:
    assert Utf8Texts.from_arrow(pa.array(["", ""])).offsets.tolist() == [0, 0, 0]
    assert Utf8Texts.from_arrow(pa.array(["a"])[1:]).offsets.tolist() == [0]
    assert len(Utf8Texts.from_arrow(pa.chunked_array([], pa.string()))) == 0


@pytest.mark.parametrize("as_chunks", [False, True])
def test_a_null_text_is_named(predictor: Predictor, as_chunks: bool) -> None:
    array = pa.array(["a", "b", None, "c"])
    texts = pa.chunked_array([array[:1], array[1:]]) if as_chunks else array
    with pytest.raises(TextError, match="text 2: is null; leave it out, or give an empty text"):
        predictor.predict(texts)


def test_invalid_utf8_in_an_arrow_array_is_named() -> None:
    """A stray byte, a surrogate, a character cut in two; rows count from the start of the slice."""
    for stray in (b"\xff", b"\xed\xa0\x80", b"\xd0"):
        offsets = np.array([0, 1, 1 + len(stray), 2 + len(stray)], np.int32)
        buffers = [None, pa.py_buffer(offsets), pa.py_buffer(b"a" + stray + b"b")]
        array = pa.Array.from_buffers(pa.string(), 3, buffers)
        with pytest.raises(TextError, match="text 1: is not valid UTF-8"):
            Utf8Texts.from_arrow(array)
        with pytest.raises(TextError, match="text 0: is not valid UTF-8"):
            Utf8Texts.from_arrow(array[1:])
        with pytest.raises(TextError, match="text 2: is not valid UTF-8"):
            Utf8Texts.from_arrow(pa.chunked_array([pa.array(["a"]), array]))
        assert len(Utf8Texts.from_arrow(array[2:])) == 1


def test_offsets_that_run_backwards_are_refused() -> None:
    """The kernel reads where the offsets point."""
    buffers = [None, pa.py_buffer(np.array([0, 900, 3], np.int32)), pa.py_buffer(b"abc")]
    with pytest.raises(TextError, match=r"expected an intact Arrow array, found .*offset"):
        Utf8Texts.from_arrow(pa.Array.from_buffers(pa.string(), 2, buffers))


@pytest.mark.parametrize(
    "array", [pa.array([1]), pa.array([b"a"]), pa.array([["a"]]), pa.chunked_array([[1], [2]])]
)
def test_an_arrow_array_of_another_type(predictor: Predictor, array: pa.Array) -> None:
    with pytest.raises(TextError, match="expected an Arrow array of string or large_string, found"):
        predictor.predict(array)


# Languages


def test_an_unknown_language_gets_one_warning(predictor: Predictor) -> None:
    """One for each language and predictor, at the caller's line; the results stay the same."""
    with pytest.warns(
        UnknownLanguageWarning, match="trained on bg, en, hi, ru; do not rely on it for 'ka'"
    ) as caught:
        warned = predictor.predict(["a", "b", "c"], languages=["ka", "bg", "ka"])
    assert [Path(warning.filename) for warning in caught] == [Path(__file__)]
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert predictor.predict(["a", "b", "c"], languages=["ka", "", None]) == warned
        predictor.decision_function(["a"] * 5, languages=["ru", "RU", "ru-RU", "ru_UA", " rus"])
    with pytest.warns(UnknownLanguageWarning, match="'pt'"):
        predictor.predict_proba(["a", "b"], languages=["ka", "pt"])
    with pytest.warns(UnknownLanguageWarning, match="'ka'"):
        Predictor(predictor.bundle).decision_function(["a"], languages=["ka"])


def test_weights_that_overflow_are_an_error_not_a_prediction(model: Model) -> None:
    """Finite, so that the bundle loads, but too large to be added up."""
    block = model.ngrams
    weights = replace(block.weights, scales=np.full_like(block.weights.scales, 3e38))
    huge = replace(model, blocks=(replace(block, weights=weights),))
    with pytest.raises(BundleError, match="the weights of the model 'tiny' are too large to be added up"):
        unsaved(huge).predict(TEXTS)


def test_a_model_that_knows_no_languages_does_not_warn(model: Model) -> None:
    quiet = unsaved(replace(model, languages=()))
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        quiet.predict(["a"], languages=["ka"])
    assert caught == []


@pytest.mark.parametrize("languages", [["bg"], "bg", []])
def test_languages_go_with_texts(predictor: Predictor, languages: list[str]) -> None:
    with pytest.raises(TextError, match="expected a list of 2 languages, one a text, found"):
        predictor.predict(["a", "b"], languages=languages)


# Explanations


@given(st.one_of(st.sampled_from(TEXTS), st.text(max_size=80), st.text("Съюз нОДКБ!\u00adßİ", max_size=40)))
def test_contributions_add_up_to_the_margin(any_predictor: Predictor, text: str) -> None:
    margins = any_predictor.decision_function([text])[0]
    for column, label in enumerate(any_predictor.labels):
        explanation = any_predictor.explain(text, label)
        assert explanation.label == label
        assert explanation.margin == margins[column]
        total = explanation.intercept + sum(part.value for part in explanation.contributions)
        assert total == pytest.approx(explanation.margin, abs=1e-4)
        spans = [(part.start, part.end) for part in explanation.contributions]
        assert spans == sorted(set(spans))
        for part in explanation.contributions:
            assert 0 <= part.start < part.end <= len(text)
            assert part.text == text[part.start : part.end]


def test_a_feature_is_shared_among_its_occurrences(model: Model) -> None:
    """Only the word 'блок' weighs: once 1, then half of 1 + ln(2) / 2 at each of two places, before scaling."""
    word = int(np.flatnonzero(model.ngrams.vocabulary.hashes == hash_of("блок"))[0])
    weights = np.zeros_like(model.ngrams.weights.wide())
    weights[word, 0] = 1
    block = replace(model.ngrams, weights=Weights.narrow(weights))
    only_word = unsaved(replace(model, blocks=(block,)))
    (once,) = [part for part in only_word.explain("блок", "bloc").contributions if part.value]
    assert (once.start, once.end, once.text) == (0, 4, "блок")
    weight = only_word.bundle.model.ngrams.weights.of(0)[word]
    assert weight == pytest.approx(1, abs=0.005)
    worth, unknown = learn(*SENTENCES, min_df=1)
    word_in = {text: weigh(text, worth, unknown)["word", "блок"] for text in ("блок", "Блок, блок")}
    assert once.value == pytest.approx(weight * word_in["блок"])
    twice = [part for part in only_word.explain("Блок, блок", "bloc").contributions if part.value]
    assert [(part.start, part.end, part.text) for part in twice] == [(0, 4, "Блок"), (6, 10, "блок")]
    assert twice[0].value == twice[1].value == pytest.approx(weight * word_in["Блок, блок"] / 2)


def hash_of(word: str) -> np.uint64:
    """Return the hash of a word: FNV-1a over its code points, finished as the kernel's documentation says."""
    mask = (1 << 64) - 1
    state = 0xCBF29CE484222325
    for character in word:
        state = (state ^ ord(character)) * 0x100000001B3 & mask
    state = (state ^ state >> 32) * 0xD6E8FEB86659FD93 & mask
    return np.uint64((state ^ state >> 32) & ~(1 << 63))


def test_spans_count_characters_of_title_and_text(predictor: Predictor) -> None:
    """Characters, not bytes or UTF-16 units: a helmet and a soft hyphen come first."""
    text = full_text("🪖 ОД\u00adКБ", "Новый блок")
    spans = {(part.start, part.end): part.text for part in predictor.explain(text, "bloc").contributions}
    assert spans[2, 7] == "ОД\u00adКБ"
    assert spans[8, 18] == "Новый блок"


def test_an_empty_text_has_no_contributions(predictor: Predictor) -> None:
    for text in ("", " ", "你"):
        explanation = predictor.explain(text, "Other")
        assert explanation.contributions == ()
        assert explanation.margin == explanation.intercept


def test_a_label_that_is_not_in_the_codebook(predictor: Predictor) -> None:
    """A ValueError that is ours."""
    with pytest.raises(
        ValueError, match="label 'nato' is not in the codebook 'tiny': it has 'bloc', "
    ) as caught:
        predictor.explain("a", "nato")
    assert isinstance(caught.value, FramescopeError)


@pytest.mark.slow
def test_explaining_an_article_is_quick(predictor: Predictor) -> None:
    article = " ".join(TEXTS) * 20
    predictor.explain(article, "bloc")
    begin = perf_counter()
    predictor.explain(article, "bloc")
    assert len(article.encode()) > 4000
    assert perf_counter() - begin < 0.5


# Loading


def test_what_a_predictor_says_of_itself(predictor: Predictor, bundle_path: Path, model: Model) -> None:
    assert predictor.labels == (
        "bloc",
        "anti-csto-coalition",
        "union-expands",
        "west",
        "west-divides",
        "Other",
    )
    assert predictor.codebook == model.codebook
    assert predictor.languages == ("bg", "en", "hi", "ru")
    assert predictor.rule.name == "samples-f1"
    assert predictor.digest == load_bundle(bundle_path).digest


def test_a_model_is_found_by_path_or_by_name(
    model: Model, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    save_bundle(model, Path("models/tiny"), card="", training=FACTS)
    digests = {
        Predictor.load(place).digest
        for place in ("tiny", "models/tiny", Path("tiny"), tmp_path / "models/tiny")
    }
    assert len(digests) == 1


def test_a_model_that_is_not_there(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The message says what models/ has instead."""
    monkeypatch.chdir(tmp_path)
    with pytest.raises(BundleError, match="tiny: no such bundle, and there is no directory models/ here"):
        Predictor.load("tiny")
    (tmp_path / "models").mkdir()
    (tmp_path / "models" / "README.md").write_text("")
    with pytest.raises(BundleError, match="tiny: no such bundle; models/ has none"):
        Predictor.load("tiny")
    for name in ("starter", "slavic", ".slavic.new-1"):
        (tmp_path / "models" / name).mkdir()
    with pytest.raises(BundleError, match=r"tiny: no such bundle; models/ has slavic, starter$"):
        Predictor.load("tiny")


# Scopes

SCOPED_TEXTS = ["ОДКБ и Западът", "Съюзът", "Времето"]
OUT_OF_SCOPE = [
    ("union-expands",),
    ("anti-csto-coalition", "west", "west-divides"),
    ("bloc", "anti-csto-coalition", "union-expands", "west", "west-divides"),
]


def test_a_prediction_says_which_labels_a_text_cannot_have(scoped: Predictor, predictor: Predictor) -> None:
    found = scoped.predict(SCOPED_TEXTS)
    assert [one.out_of_scope for one in found] == OUT_OF_SCOPE
    for one in found:
        assert {label for label, p in one.probabilities.items() if p == 0} == {*one.out_of_scope}
        assert not {*one.labels} & {*one.out_of_scope}
    assert all(one.out_of_scope == () for one in predictor.predict(SCOPED_TEXTS))
    probabilities = scoped.predict_proba(SCOPED_TEXTS)
    assert ((probabilities > 0) == scoped.in_scope(SCOPED_TEXTS)).all()
    assert predictor.in_scope(SCOPED_TEXTS).all()
    np.testing.assert_array_equal(
        scoped.decision_function(SCOPED_TEXTS), predictor.decision_function(SCOPED_TEXTS)
    )
    expected = [{*one.labels} for one in found]
    assert [{*scoped.codebook.named(row)} for row in scoped.decide(probabilities)] == expected


def test_a_saved_codebook_keeps_its_scopes(scoped: Predictor, scoped_model: Model) -> None:
    assert scoped.codebook == scoped_model.codebook
    assert scoped.codebook.scopes == scoped_model.codebook.scopes


def test_a_unit_is_in_the_scope_of_its_text(scoped_model: Model) -> None:
    by_sentence = Predictor(Bundle(replace(scoped_model, unit=Unit.SENTENCE), "0" * 64, FACTS, Path("x")))
    text = "Времето е топло. Съюзът расте."
    (units,) = by_sentence.predict_units([text])
    assert [unit.out_of_scope for unit in units] == [OUT_OF_SCOPE[1]] * 2
    assert units[0].probabilities["union-expands"] > 0
    assert by_sentence.predict(["Времето е топло."])[0].out_of_scope == OUT_OF_SCOPE[2], "alone"
    assert by_sentence.predict_units([]) == []


GERMAN = "Der Minister sagte, dass die Regierung ihre Politik nicht ändern werde."


def test_texts_unlike_training_are_marked_and_their_language_named(comparing: Predictor) -> None:
    texts = [SENTENCES[0], GERMAN, GERMAN, "", "qwrt"]
    found = comparing.predict(texts, languages=[None, "", "bg", None, None])
    assert [one.unlike_training for one in found] == [False, True, True, True, True]
    assert [one.typicality for one in found] == [1, 0, 0, 0, 0]
    assert [one.to_review for one in found] == [(), *(one.labels for one in found[1:])]
    assert found[0].given == found[0].labels
    assert [one.language for one in found] == ["", "de", "", "", ""], "nor is what was told guessed at"
    assert [one.language for one in comparing.predict([SENTENCES[0], GERMAN])] == ["", "de"]


def test_parts_of_a_text_are_compared_each(comparing_model: Model, tmp_path: Path) -> None:
    save_bundle(replace(comparing_model, unit=Unit.SENTENCE), tmp_path / "m", card="", training=FACTS)
    (units,) = Predictor.load(tmp_path / "m").predict_units([f"{SENTENCES[0]} {GERMAN}"])
    assert [unit.unlike_training for unit in units] == [False, True]
    assert [unit.language for unit in units] == ["", "de"]
    assert [unit.typicality for unit in units] == [1, 0]


def test_a_model_that_does_not_compare_marks_nothing(predictor: Predictor) -> None:
    (found,) = predictor.predict([GERMAN])
    assert (found.typicality, found.unlike_training, found.language) == (None, False, "")


def test_labels_are_given_or_to_review(reviewed: Predictor, predictor: Predictor) -> None:
    """Of articles and of their parts; without a review all are given."""
    found = reviewed.predict(SENTENCES)
    assert reviewed.has_review
    assert any(one.given for one in found)
    assert any(one.to_review for one in found)
    for one in found:
        assert one.given == tuple(label for label in one.labels if one.probabilities[label] >= np.float32(0.95))
        assert sorted([*one.given, *one.to_review]) == sorted(one.labels)
    units = [unit for (unit,) in reviewed.predict_units(SENTENCES)]
    assert [(unit.given, unit.to_review) for unit in units] == [(one.given, one.to_review) for one in found]
    assert not predictor.has_review
    assert all(one.given == one.labels and one.to_review == () for one in predictor.predict(SENTENCES))


def test_a_notebook_shows_that_a_text_is_unlike_training(comparing: Predictor) -> None:
    like, unlike = comparing.predict([SENTENCES[0], GERMAN])
    assert repr(unlike).endswith(", unlike_training=True)")
    assert "unlike the training articles, so do not rely on this" in unlike._repr_html_()
    assert "unlike" not in repr(like) + like._repr_html_()
