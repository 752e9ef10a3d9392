"""Training with a sentence encoder, from the corpus to what is served and explained."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from encoding import HashedWords
from framescope import Predictor
from framescope.bundle.read import load_bundle
from framescope.codebook import Codebook
from framescope.corpus.schema import Corpus
from framescope.encoders import catalogue
from framescope.encoders.articles import embed
from framescope.encoders.cache import PLACE
from framescope.errors import BundleError, EncoderError, TrainingError
from framescope.export import export_joblib
from framescope.features.description_block import DescriptionBlock
from framescope.features.kernel_block import KernelBlock
from framescope.serve.tools.training_process import recipe_like
from framescope.training import meaning
from framescope.training.background import Background
from framescope.training.train import Trained, fit_model, train
from recipes import BY_SOURCE, CODEBOOK, Make, contents, rows

WITH_WORDS = replace(BY_SOURCE, encoders=("words",))
TEXT = "Министърът заяви, че Западът разделя съюзниците. Времето остава топло. The bloc is weak."


@pytest.fixture(autouse=True)
def encoder(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> HashedWords:
    """The test encoder under its name, with a cache of its own."""
    opened = HashedWords()
    monkeypatch.setitem(catalogue.ENCODERS, "words", lambda name, place: opened)
    monkeypatch.setenv(PLACE, str(tmp_path / "cache"))
    catalogue.close_all()
    return opened


@pytest.fixture
def trained(corpus: Corpus, monkeypatch: pytest.MonkeyPatch) -> Trained:
    monkeypatch.setattr("framescope.training.fitting.WEIGHTS", (0.25, 0.5))
    return train(corpus, WITH_WORDS)


@pytest.fixture
def served(trained: Trained, tmp_path: Path) -> Predictor:
    trained.save(tmp_path / "model")
    return Predictor.load(tmp_path / "model")


def test_what_is_served_is_what_was_trained(trained: Trained, served: Predictor, corpus: Corpus) -> None:
    texts = [*corpus.full_texts(), TEXT, ""]
    kinds = [type(block) for block in served.bundle.model.blocks]
    assert kinds[:2] in ([served.bundle.model.ngrams.__class__, KernelBlock],)
    assert served.predict_proba(texts).tobytes() == Predictor(served.bundle).predict_proba(texts).tobytes()
    from framescope.text.utf8 import Utf8Texts  # noqa: PLC0415

    expected = trained.model.run(Utf8Texts.encode(texts))
    np.testing.assert_allclose(served.predict_proba(texts), expected.probabilities, atol=1e-6)
    predicted = served.predict(texts)
    assert [one.labels for one in predicted] == [trained.model.codebook.named(row) for row in expected.decided]


def test_an_article_from_which_nothing_is_to_be_learned_is_not_encoded(
    make: Make, encoder: HashedWords, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("framescope.training.fitting.WEIGHTS", (0.5,))
    content = rows()
    outside = [row for row in content if not row["labels"]]
    assert outside
    for row in content:
        row["text"] = f"Nothing of the scope in {row['id']}." if row in outside else f"{row['text']} A bloc!"
    codebook = replace(CODEBOOK, mentions={"en": ("bloc",)})
    found = train(make(content, codebook), WITH_WORDS)
    (block,) = (block for block in found.model.blocks if isinstance(block, KernelBlock))
    assert len(block.units) == 2 * (len(content) - len(outside))  # with the evidence of each
    read = embed(HashedWords(), [row["text"] for row in content if row not in outside])
    np.testing.assert_allclose(block.mean, read.mean(axis=0), atol=1e-6)


def test_the_texts_around_change_nothing(served: Predictor, corpus: Corpus) -> None:
    texts = corpus.full_texts()[::5]
    together = served.predict_proba(texts)
    for row, text in enumerate(texts):
        np.testing.assert_allclose(served.predict_proba([text])[0], together[row], atol=1e-6)


@pytest.mark.parametrize("text", [TEXT, "Западът разделя съюзниците.", "блок", ""])
def test_contributions_and_intercept_sum_up_to_the_margin(served: Predictor, text: str) -> None:
    for label in served.labels:
        explained = served.explain(text, label)
        total = explained.intercept + sum(part.value for part in explained.contributions)
        assert total == pytest.approx(explained.margin, abs=1e-4)


def test_blank_texts_get_the_prior(served: Predictor, corpus: Corpus, tmp_path: Path) -> None:
    """With likeness to descriptions, too: nothing speaks for or against any label."""
    train(corpus, replace(WITH_WORDS, only_descriptions=True)).save(tmp_path / "described")
    for predictor in (served, Predictor.load(tmp_path / "described")):
        model = predictor.bundle.model
        found = predictor.predict_proba(["", " \n"])
        is_fine = model.codebook.fine
        np.testing.assert_allclose(found[:, is_fine], [model.calibration.prior[is_fine]] * 2, rtol=1e-5)


def test_passages_are_found_by_sentences_too(served: Predictor) -> None:
    assert any(TEXT[span.start : span.end] for span in served.find_spans(TEXT, "West: divides"))


def test_the_card_and_the_facts_name_the_encoder(trained: Trained, encoder: HashedWords) -> None:
    facts = trained.training.meaning
    assert facts is not None
    assert (facts.encoders, facts.digests) == (["words"], [encoder.digest])
    assert facts.weight in {0.25, 0.5}
    assert f"| Sentence encoder | words (`{encoder.digest[:12]}`): kernel over sentence vectors" in trained.card


def test_the_bundle_has_no_text(served: Predictor, tmp_path: Path) -> None:
    for name, data in contents(tmp_path / "model").items():
        assert "съюзниците".encode() not in data, name
    assert (tmp_path / "model" / "sentences.units.npy").exists()


def test_the_same_corpus_gives_the_same_bytes(corpus: Corpus, trained: Trained, tmp_path: Path) -> None:
    """With vectors from the cache, too."""
    trained.save(tmp_path / "one")
    train(corpus, replace(WITH_WORDS, jobs=2)).save(tmp_path / "other")
    assert contents(tmp_path / "one") == contents(tmp_path / "other")


def test_vectors_are_cached_and_encoded_once(corpus: Corpus, trained: Trained, encoder: HashedWords) -> None:
    encoder.n_encoded = 0
    train(corpus, WITH_WORDS)
    n_described = sum(len(label.names) or 1 for label in corpus.codebook.labels)
    assert encoder.n_encoded == n_described


def test_a_model_without_its_encoder_says_what_to_install(
    served: Predictor, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delitem(catalogue.ENCODERS, "words")
    with pytest.raises(EncoderError, match="the model was trained with the encoder words: no encoder 'words'"):
        served.predict([TEXT])


def test_another_encoder_of_the_name_is_refused(served: Predictor, encoder: HashedWords) -> None:
    encoder.digest = "f" * 64
    with pytest.raises(EncoderError, match=r"expected the digest .* found ffffffffffff"):
        served.explain(TEXT, "West")


def test_descriptions_alone_need_no_kernel(corpus: Corpus, tmp_path: Path) -> None:
    trained = train(corpus, replace(WITH_WORDS, only_descriptions=True))
    facts = trained.training.meaning
    assert facts is not None
    assert (facts.weight, facts.has_descriptions) == (0.0, True)
    assert [block.kind for block in trained.model.blocks] == ["ngrams", DescriptionBlock.kind, "first"]
    trained.save(tmp_path / "model")
    served = Predictor.load(tmp_path / "model")
    again = recipe_like(served)
    assert (again.encoders, again.only_descriptions) == (("words",), True)
    without = train(corpus, BY_SOURCE).model
    texts = corpus.full_texts()
    assert (
        served.decision_function(texts).tobytes()
        == Predictor(replace(served.bundle, model=without)).decision_function(texts).tobytes()
    )
    assert not np.allclose(
        served.predict_proba(texts), Predictor(replace(served.bundle, model=without)).predict_proba(texts)
    )


def test_a_label_without_examples_is_found_by_its_name(make: Make) -> None:
    """N-grams know nothing of it; its description does."""
    names: dict[str, str | None] = {"West": None, "West: divides": "West", "West: arms": "West"}
    names |= {"Bloc": None, "Bloc: weak": "Bloc", "harvest grapes": None}
    corpus = make(rows(), Codebook.from_parents(names, name="more"))
    recipe = replace(WITH_WORDS, only_descriptions=True, allow_unseen_labels=True)
    model = train(corpus, recipe).model
    from framescope.text.utf8 import Utf8Texts  # noqa: PLC0415

    probabilities = model.run(Utf8Texts.encode(["harvest grapes", "plum jam"])).probabilities
    column = corpus.codebook.columns["harvest grapes"]
    sign = np.sign(model.calibration.coefficients[-1])
    assert sign * (probabilities[0, column] - probabilities[1, column]) > 0


def test_units_of_sentences_are_judged_with_encoders(served: Predictor) -> None:
    (parts,) = served.predict_units([TEXT])
    whole = served.predict([TEXT])[0].probabilities
    assert list(parts[0].probabilities.values()) == pytest.approx(list(whole.values()), abs=1e-6)


def test_fit_model_gives_the_same_model(corpus: Corpus, trained: Trained) -> None:
    model = fit_model(corpus, WITH_WORDS)
    assert [block.kind for block in model.blocks] == [block.kind for block in trained.model.blocks]
    for one, other in zip(model.blocks, trained.model.blocks, strict=True):
        for name, array in one.arrays().items():
            assert array.tobytes() == other.arrays()[name].tobytes()


def test_a_background_does_not_tell_of_descriptions(corpus: Corpus) -> None:
    with pytest.raises(TrainingError, match="leave out --only-descriptions or --background"):
        train(corpus, replace(WITH_WORDS, only_descriptions=True), background=Background((), 0))


def test_the_time_of_encoding_is_told_first(corpus: Corpus, monkeypatch: pytest.MonkeyPatch) -> None:
    told: list[str] = []
    monkeypatch.setattr(meaning, "seconds_for", lambda *_, **__: 7200.0)
    train(corpus, WITH_WORDS, tell=told.append)
    expected = "encoding 112 texts with words takes about 2.0 hours; --encoder default is the fastest"
    assert told == [expected]


def test_a_joblib_file_is_refused(trained: Trained, tmp_path: Path) -> None:
    with pytest.raises(BundleError, match="sentence encoder cannot be written as a joblib file"):
        export_joblib(trained.model, tmp_path / "model.joblib")


def test_a_bundle_whose_encoders_do_not_fit_is_refused(served: Predictor, tmp_path: Path) -> None:
    from sealed import change_config  # noqa: PLC0415

    change_config(tmp_path / "model", lambda config: config["encoders"][0].update(dim=3))
    with pytest.raises(BundleError, match=r"encoders: expected .*'dims': 16"):
        load_bundle(tmp_path / "model")


def test_other_languages_have_a_second_stage_of_their_own(make: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    """It comes from articles that were judged without any of their language."""
    monkeypatch.setattr("framescope.training.fitting.WEIGHTS", (0.25,))
    content = [
        row | {"text": f"{row['text']} {'ох' * (n % 7)} {n}", "spans": []} for n, row in enumerate(rows())
    ]
    trained = train(make(content), replace(WITH_WORDS, group_by="article_id"))
    stage = trained.model.abroad
    assert stage is not None
    assert not np.allclose(stage.calibration.coefficients, trained.model.calibration.coefficients)
    assert stage.rule.name == trained.model.rule.name
    assert "language" in trained.training.outlooks


def test_n_grams_of_two_languages_tell_nothing_of_a_third(corpus: Corpus) -> None:
    """Words hardly travel; three languages tell how far."""
    two = corpus.select(np.flatnonzero(np.isin(corpus.languages(), ["bg", "en"])))
    assert {*two.languages()} == {"bg", "en"}
    assert train(two, BY_SOURCE).model.abroad is None
    assert train(corpus, BY_SOURCE).model.abroad is not None


def test_what_sentences_mean_is_told_from_n_grams(served: Predictor) -> None:
    """And by sentence: the last span is what they add together."""
    explained = served.explain(TEXT, "West: divides")
    meaning = [part.text for part in explained.contributions if part.is_meaning]
    assert sorted(meaning) == sorted([TEXT, *TEXT.replace(". ", ".\n").split("\n")])
    words = [part.text for part in explained.contributions if not part.is_meaning]
    assert "Западът" in words
    assert TEXT not in words


def test_likeness_is_one_line_of_the_explanation(corpus: Corpus, tmp_path: Path) -> None:
    train(corpus, replace(WITH_WORDS, only_descriptions=True)).save(tmp_path / "model")
    served = Predictor.load(tmp_path / "model")
    found = {label: served.explain(TEXT, label).likeness for label in served.labels}
    assert all(isinstance(value, float) for value in found.values())
    assert len({round(value, 6) for value in found.values() if value is not None}) == len(found)


def test_the_page_says_what_the_encoder_sees(served: Predictor) -> None:
    from framescope.articles import Article  # noqa: PLC0415
    from framescope.pages.article import explain_article  # noqa: PLC0415
    from framescope.pages.base import render  # noqa: PLC0415

    page = render("article.html.j2", article=explain_article(Article("a", TEXT), [served]))
    assert "is what its sentences mean to a sentence encoder, the rest its words." in page


def test_a_model_is_retrained_with_its_kernel(served: Predictor) -> None:
    again = recipe_like(served)
    assert (again.encoders, again.only_descriptions) == (("words",), False)


def test_progress_tells_how_many_texts_are_encoded(corpus: Corpus) -> None:
    told: list[tuple[int, int]] = []

    @contextmanager
    def progress(stage: str) -> Iterator[Callable[[int, int], None] | None]:
        yield (lambda *done: told.append(done)) if stage == "Encoding with words" else None

    train(corpus, WITH_WORDS, progress=progress)
    (n_all,) = {total for _, total in told}
    assert sum(done for done, _ in told) == n_all >= corpus.n_units
    assert len(told) > 1


def test_the_first_pass_is_the_model_without_an_encoder(trained: Trained, corpus: Corpus) -> None:
    from framescope.text.utf8 import Utf8Texts  # noqa: PLC0415

    without = train(corpus, BY_SOURCE).model
    texts = Utf8Texts.encode([*corpus.full_texts(), TEXT])
    first = trained.model.first_pass
    assert first is not None
    assert first.run(texts).probabilities.tobytes() == without.run(texts).probabilities.tobytes()
    assert without.first_pass is None


def test_score_encodes_a_share(served: Predictor, encoder: HashedWords, corpus: Corpus, tmp_path: Path) -> None:
    import json  # noqa: PLC0415

    from framescope.batch.job import score  # noqa: PLC0415
    from framescope.batch.options import ScoreOptions, ScoringError  # noqa: PLC0415

    source = tmp_path / "texts.jsonl"
    texts = [*corpus.full_texts(), *(f"{text.split()[-2]} {n}" for n, text in enumerate(corpus.full_texts()))]
    lines = [json.dumps({"id": str(n), "text": text}) for n, text in enumerate(texts)]
    source.write_text("\n".join(lines), encoding="utf-8")
    n_encoded = {}
    for share in (1.0, 0.3):
        encoder.n_encoded = 0
        options = ScoreOptions(format="jsonl", encode_share=share)
        score(served, [str(source)], tmp_path / f"out-{share}", options=options)
        n_encoded[share] = encoder.n_encoded
    assert 0 < n_encoded[0.3] < 0.7 * n_encoded[1.0]
    train(corpus, BY_SOURCE).save(tmp_path / "plain")
    with pytest.raises(ScoringError, match="encode_share: the model has no sentence encoder"):
        score(Predictor.load(tmp_path / "plain"), [str(source)], tmp_path / "other", options=options)
    with pytest.raises(ScoringError, match="encode_share: expected 0 to 1, found 2"):
        ScoreOptions(encode_share=2)
