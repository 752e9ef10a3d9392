"""Training with the articles of a feed."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from framescope.bundle.facts import parse_facts
from framescope.bundle.read import load_bundle
from framescope.corpus.schema import Corpus
from framescope.corpus.units import split_units
from framescope.errors import TrainingError
from framescope.text.segments import Unit
from framescope.training.background import Background, FeedArticle
from framescope.training.recipe import Recipe
from framescope.training.train import train
from recipes import BY_SOURCE, CODEBOOK, Make, contents, probabilities, rows


def feed(n: int = 40) -> Background:
    """Articles on other things, some of which borrow a word of the labels'."""
    rng = np.random.default_rng(8)
    words = [f"новост{k}" for k in range(60)] + ["Западът", "блок", "allies", "the", "и", "в"]
    return Background(
        [FeedArticle(f"f{k}", " ".join(rng.choice(words, 20)), "feed.jsonl") for k in range(n)], n
    )


@pytest.mark.parametrize("learner", ["ridge", pytest.param("logistic", marks=pytest.mark.slow)])
def test_with_a_background_any_number_of_jobs_gives_the_same_bytes(
    corpus: Corpus, tmp_path: Path, learner: str
) -> None:
    recipe = replace(BY_SOURCE, learner=learner, max_firing=0.1)
    for name, jobs in (("one", 1), ("two", 2)):
        trained = train(corpus, replace(recipe, jobs=jobs), background=feed())
        trained.save(tmp_path / name)
    assert contents(tmp_path / "one") == contents(tmp_path / "two")
    assert load_bundle(tmp_path / "one").training == trained.training
    assert load_bundle(tmp_path / "one").model.rule.floors is not None


def test_a_background_is_in_vocabulary_and_fit(corpus: Corpus) -> None:
    """And not among the articles that the model is judged by."""
    alone = train(corpus, BY_SOURCE)
    trained = train(corpus, BY_SOURCE, background=feed())
    assert len(trained.model.ngrams.vocabulary) > len(alone.model.ngrams.vocabulary)
    assert trained.record.ids == alone.record.ids
    assert trained.metrics["n_units"] == 64
    assert trained.model.calibration.prior.tobytes() == alone.model.calibration.prior.tobytes()
    assert alone.training.background is None
    assert alone.fired == ()


def test_a_background_shows_a_corpus_of_labelled_articles_what_none_is(make: Make) -> None:
    """Without it every text gets a label."""
    corpus = make([row for row in rows() if row["labels"]])
    alone, trained = train(corpus, BY_SOURCE), train(corpus, BY_SOURCE, background=feed())
    new = feed(80).texts[40:]
    assert alone.model.decide(probabilities(alone, new)).any(axis=1).all()
    assert trained.model.decide(probabilities(trained, new)).any(axis=1).mean() < 0.2
    assert trained.model.decide(probabilities(trained, corpus.full_texts())).any(axis=1).mean() > 0.8


def test_facts_and_card_tell_of_the_background(corpus: Corpus) -> None:
    copy = FeedArticle("copy", corpus.full_texts()[0])
    background = Background([*feed().articles, copy], 41)
    trained = train(corpus, replace(BY_SOURCE, max_background=30, max_firing=0.1), background=background)
    facts = trained.training.background
    assert facts is not None
    assert (facts.n_read, facts.n_duplicates, facts.n_articles, facts.n_fitted) == (41, 1, 40, 30)
    assert [row["label"] for row in facts.per_label] == list(CODEBOOK.ids)
    assert len(trained.fired) == 40
    assert sum(bool(article.labels) for article in trained.fired) == facts.any_label["n_fired"]
    assert sum(article.is_set_aside for article in trained.fired) == facts.n_set_aside
    assert "## On a feed\n\nThe fit had 30 unlabelled articles of a feed of 41, 1 left out" in trained.card
    assert "Every label was to keep to 100 of 1,000 articles" in trained.card
    assert f"| any label | {facts.any_label['n_fired']} |" in trained.card
    assert parse_facts(json.loads(json.dumps(trained.training.to_json())), Path("c"), remedy="") == (
        trained.training
    )


def test_nothing_of_a_background_is_saved_but_its_hash(corpus: Corpus, tmp_path: Path) -> None:
    train(corpus, BY_SOURCE, background=feed()).save(tmp_path / "model")
    for name in ("model/config.json", "model/README.md", "model.training.parquet"):
        content = (tmp_path / name).read_bytes()
        assert "новост".encode() not in content
        assert b"feed.jsonl" not in content


def test_labels_keep_to_the_rate_on_the_background(corpus: Corpus) -> None:
    """Articles that are more or less a label's claim, of which 5 in 60 may get it: 6 / 61 is below a tenth."""
    claim = "блокът ОДКБ е безсилен"
    words = [text.split()[: 20 - 4 * (k % 6)] for k, text in enumerate(feed(60).texts)]
    texts = [" ".join([*own, *[claim] * (k % 6)]) for k, own in enumerate(words)]
    background = Background([FeedArticle(str(k), text) for k, text in enumerate(texts)], 60)
    recipe = Recipe(group_by="article_id", rule="precision>=0.2", max_background=10)
    new = background.without_duplicates(corpus.full_texts()).texts[10:]
    free, kept = (
        train(corpus, replace(recipe, max_firing=most), background=background) for most in (None, 0.1)
    )
    before, after = (trained.model.decide(probabilities(trained, new)).sum(axis=0) for trained in (free, kept))
    assert before.max() > 15
    assert after.max() <= 5
    assert kept.training.never_given == ()


def test_a_label_that_the_rate_leaves_nothing_is_never_given(corpus: Corpus) -> None:
    """The feed fires more than any labelled article; one article of it is fitted."""
    words = ["блокът", "блок", "bloc", "ОДКБ", "CSTO", "безсилен", "powerless", "бессилен"]
    texts = [" ".join([words[k % 8], *text.split()[:2]]) for k, text in enumerate(feed(20).texts)]
    background = Background([FeedArticle(str(k), text) for k, text in enumerate(texts)], 20)
    recipe = replace(BY_SOURCE, rule="macro-f1", max_firing=0.1, max_background=1)
    trained = train(corpus, recipe, background=background)
    gone = trained.training.never_given
    assert gone
    assert f"| Never given | {', '.join(gone)} |" in trained.card
    decided = trained.model.decide(np.full((1, 5), 0.9999, np.float32))[0]
    assert not decided[[CODEBOOK.columns[label] for label in gone]].any()


def test_a_rate_needs_a_background_and_enough_of_it(corpus: Corpus) -> None:
    with pytest.raises(TrainingError, match="a share of a background: name one with --background"):
        train(corpus, replace(BY_SOURCE, max_firing=0.1))
    with pytest.raises(TrainingError, match="the background has 8 articles: expected 9 or more to keep"):
        train(corpus, replace(BY_SOURCE, max_firing=0.1), background=feed(8))


def test_a_background_of_articles_needs_a_model_of_articles(corpus: Corpus) -> None:
    cut = split_units(corpus, Unit.SENTENCE)
    with pytest.raises(TrainingError, match=r"corpus\.jsonl: is cut into units of a sentence"):
        train(cut, BY_SOURCE, background=feed())
