"""What a training gives: model, record and facts."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from framescope.bundle.facts import CorpusFacts, parse_facts
from framescope.bundle.read import load_bundle
from framescope.bundle.record import load_record
from framescope.corpus.schema import Corpus
from framescope.measure.metrics import Outcomes, UnitInfo, evaluate
from framescope.predictor import Predictor
from framescope.text.utf8 import Utf8Texts
from framescope.training.train import train
from recipes import BY_SOURCE, CODEBOOK, Make, contents, probabilities, rows


def test_a_saved_model_answers_as_the_trained_one(corpus: Corpus, tmp_path: Path) -> None:
    trained = train(corpus, BY_SOURCE)
    digest = trained.save(tmp_path / "model")
    predictor = Predictor.load(tmp_path / "model")
    texts = [*corpus.full_texts(), "", "Съвсем друг текст."]
    expected = probabilities(trained, texts)
    assert predictor.predict_proba(texts).tobytes() == expected.tobytes()
    decided = trained.model.decide(expected)
    assert [list(p.labels) for p in predictor.predict(texts)] == [
        np.array(CODEBOOK.ids)[row].tolist() for row in decided
    ]
    bundle = load_bundle(tmp_path / "model")
    assert bundle.digest == digest
    assert bundle.training == trained.training
    assert (tmp_path / "model" / "README.md").read_text(encoding="utf-8") == trained.card


def test_a_saved_model_has_its_record_beside_it(corpus: Corpus, tmp_path: Path) -> None:
    """With the decisions that its metrics are of, and the n-grams of each label."""
    trained = train(corpus, BY_SOURCE)
    digest = trained.save(tmp_path / "model")
    record = load_record(tmp_path / "model", digest)
    assert record is not None
    assert record.ids == corpus.column("id")
    assert record.corpus_sha256 == trained.training.corpus.sha256
    outcomes = Outcomes(CODEBOOK.indicator(corpus.column("labels")), record.decided, record.probabilities)
    units = UnitInfo(corpus.column("lang"), corpus.groups("source"))
    prior = trained.model.calibration.prior
    assert evaluate(outcomes, units, codebook=CODEBOOK, prior=prior) == trained.metrics
    assert list(record.top_ngrams) == list(CODEBOOK.ids)
    assert "ОДКБ" in [ngram["text"] for ngram in record.top_ngrams["Bloc: weak"]]


@pytest.mark.parametrize("learner", ["ridge", "ridge-cd", "logistic"])
def test_training_twice_gives_the_same_bytes_for_any_number_of_jobs(
    corpus: Corpus, tmp_path: Path, learner: str
) -> None:
    for name, jobs in (("one", 1), ("two", 2), ("again", 1)):
        train(corpus, replace(BY_SOURCE, learner=learner, rule="macro-f1", jobs=jobs)).save(tmp_path / name)
    assert contents(tmp_path / "one") == contents(tmp_path / "two") == contents(tmp_path / "again")


def test_what_sources_have_in_common_is_learned(corpus: Corpus) -> None:
    """Every article judged by a fit without its source and near-duplicates; claims recur in others."""
    trained = train(corpus, replace(BY_SOURCE, rule="micro-f1"))
    by_chance = trained.metrics["baselines"]["random_prior"]["fine"]["micro_f1"]
    assert trained.metrics["overall"]["fine"]["micro_f1"] > by_chance + 0.15
    assert trained.metrics["n_units"] == 64
    assert trained.model.languages == ("bg", "en", "hi", "ru")
    new = probabilities(trained, ["Вчера пак: Западът въоръжава съседите!"])[0]
    assert CODEBOOK.ids[CODEBOOK.fine[np.argmax(new[CODEBOOK.fine])]] == "West: arms"


def test_the_stages_are_reported(corpus: Corpus) -> None:
    stages = []

    @contextmanager
    def progress(stage: str) -> Iterator[None]:
        stages.append(stage)
        yield

    train(corpus, BY_SOURCE, progress=progress)
    judging = ["Judging left-out articles", "Comparing articles with the others", "Ranking n-grams"]
    assert stages == ["Auditing the corpus", "Reading features", "Fitting", *judging]


def test_facts_on_the_training(corpus: Corpus) -> None:
    facts = train(corpus, replace(BY_SOURCE, learner="ridge", rule="precision>=0.3", seed=3)).training
    languages = {"bg": 16, "en": 16, "hi": 16, "ru": 16}
    assert facts.corpus == CorpusFacts("corpus.jsonl", facts.corpus.sha256, 64, 64, 0, 48, languages)
    assert (facts.learner, facts.rule, facts.group_by) == ("ridge", "precision>=0.3", "source")
    assert (facts.seed, facts.min_df) == (3, 2)
    assert parse_facts(json.loads(json.dumps(facts.to_json())), Path("config.json"), remedy="") == facts


@pytest.mark.parametrize("field", ["text", "labels", "spans", "id"])
def test_the_hash_of_the_corpus_covers_what_is_learned(make: Make, field: str) -> None:
    changed = rows()
    changed[0] |= {"text": changed[0]["text"] + "!", "labels": ["Bloc"], "spans": [], "id": "new"}
    one = train(make(rows()), BY_SOURCE).training.corpus.sha256
    other = train(make([rows()[0] | {field: changed[0][field]}, *rows()[1:]]), BY_SOURCE)
    assert len(one) == 64
    assert other.training.corpus.sha256 != one


def test_a_trained_model_tells_what_is_unlike_its_articles(corpus: Corpus) -> None:
    """Every article is compared without its group; a language that training does not have is unlike all."""
    trained = train(corpus, BY_SOURCE)
    typicality = trained.model.typicality
    assert typicality is not None
    assert (typicality.cut, len(typicality.familiarity)) == (0.01, corpus.n_units)
    texts = [*corpus.full_texts(), "მინისტრმა განაცხადა, რომ მთავრობა პოლიტიკას არ შეცვლის, და წავიდა."]
    output = trained.model.run(Utf8Texts.encode(texts))
    assert output.is_unlike.tolist() == [False] * corpus.n_units + [True]
    assert "less typical than all but 1 % of 64 left-out articles" in trained.card


def test_what_counts_as_unlike_training_is_part_of_the_recipe(corpus: Corpus, tmp_path: Path) -> None:
    trained = train(corpus, replace(BY_SOURCE, typicality=0.2))
    trained.save(tmp_path / "model")
    loaded = load_bundle(tmp_path / "model").model.typicality
    assert loaded is not None
    assert loaded.cut == 0.2
