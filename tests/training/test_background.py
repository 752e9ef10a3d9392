"""The background: drawn whatever its order, without duplicates, and ranked for reading."""

from __future__ import annotations

import numpy as np
import pytest

from framescope.codebook import Codebook
from framescope.errors import TrainingError
from framescope.fit.background import FeedFit
from framescope.fit.calibrate import FeedMargins
from framescope.training.background import Background, FeedArticle, background_facts, rank_articles

CODEBOOK = Codebook.from_parents({"West": None, "раскол": "West", "Other": None}, name="tree")


def articles(n: int) -> list[FeedArticle]:
    return [FeedArticle(f"a{k}", f"Статия номер {k} за реколтата", "feed.jsonl") for k in range(n)]


def ids(background: Background) -> list[str]:
    return [article.id for article in background.articles]


def test_the_draw_does_not_depend_on_the_order() -> None:
    drawn = Background.draw(articles(50), max_articles=10)
    assert len(drawn.articles) == 10
    assert drawn.n_read == 50
    assert ids(drawn) == ids(Background.draw(articles(50)[::-1], max_articles=10))
    assert ids(drawn) != sorted(ids(drawn))
    assert ids(Background.draw(articles(50)))[:10] == ids(drawn)


def test_the_seed_draws() -> None:
    assert ids(Background.draw(articles(50), seed=1)) != ids(Background.draw(articles(50), seed=2))


def test_equal_and_blank_texts_are_drawn_once_or_not_at_all() -> None:
    """Equal but for case and white space; the first id is kept."""
    texts = ["Нов  блок", "нов блок", "", " \n", "संघ"]
    drawn = Background.draw(FeedArticle(str(k), text) for k, text in enumerate(texts))
    assert sorted(ids(drawn)) == ["0", "4"]
    assert drawn.n_read == 3


def long_text(seed: int) -> str:
    rng = np.random.default_rng(seed)
    return " ".join(f"слово{k}" for k in rng.integers(0, 5000, 40))


def test_near_duplicates_of_training_and_of_one_another_are_left_out_and_counted() -> None:
    one, two, three = (long_text(seed) for seed in range(3))
    feed = [FeedArticle("annotated", f"{one} още"), FeedArticle("two", two), FeedArticle("three", three)]
    feed.append(FeedArticle("two again", f"{two} пак"))
    background = Background(feed, n_read=4)
    found = background.without_duplicates([one, long_text(9)])
    assert ids(found) == ["two", "three"]
    assert (found.n_read, found.n_duplicates) == (4, 2)


def test_a_near_duplicate_of_one_that_was_left_out_is_kept_apart() -> None:
    """b is like the corpus and like c; without b, c has no double."""
    words = [f"слово{k}" for k in range(90)]
    corpus, b, c = (" ".join(words[k : k + 50]) for k in (0, 8, 16))
    found = Background([FeedArticle("b", b), FeedArticle("c", c)], 2).without_duplicates([corpus])
    assert ids(found) == ["c"]


def test_a_background_of_annotated_articles_only_is_refused() -> None:
    text = long_text(1)
    with pytest.raises(TrainingError, match="the background has 1 articles, all of them near-duplicates"):
        Background([FeedArticle("a", text)], 1).without_duplicates([text])


PROBABILITIES = np.array([[0.1, 0.05, 0.2], [0.6, 0.6, 0.1], [0.9, 0.1, 0.3], [0.8, 0.7, 0.1]], np.float32)
DECIDED = np.array([[0, 0, 0], [1, 1, 0], [0, 0, 0], [1, 1, 0]], bool)
FEED = FeedFit(0.03, np.array([1, 2]), np.array([0]), FeedMargins(np.zeros((4, 3), np.float32)))


def test_labelled_articles_come_first_then_the_most_probable() -> None:
    ranked = rank_articles(Background(articles(4), 4), FEED, DECIDED, PROBABILITIES, CODEBOOK)
    assert [(article.id, article.labels) for article in ranked] == [
        ("a3", ("West", "раскол")),
        ("a1", ("West", "раскол")),
        ("a2", ()),
        ("a0", ()),
    ]
    assert [article.is_set_aside for article in ranked] == [False, True, True, False]
    assert [article.most_likely for article in ranked] == ["раскол", "раскол", "Other", "Other"]
    assert ranked[0].probability == np.float32(0.7)
    assert {article.path for article in ranked} == {"feed.jsonl"}


def test_facts_count_and_hold_no_text() -> None:
    background = Background(articles(4), 9, n_duplicates=2)
    facts = background_facts(background, FEED, DECIDED, CODEBOOK, n_fitted=3, max_firing=0.5)
    assert (facts.n_read, facts.n_articles, facts.n_duplicates) == (9, 4, 2)
    assert (facts.n_fitted, facts.n_set_aside, facts.weight, facts.max_firing) == (3, 2, 0.03, 0.5)
    assert facts.any_label["n_fired"] == 2
    assert [(row["label"], row["n_fired"], row["per_1000"]) for row in facts.per_label] == [
        ("West", 2, 500.0),
        ("раскол", 2, 500.0),
        ("Other", 0, 0.0),
    ]
    assert facts.per_label[2]["ci95"][0] == 0.0
    assert "Статия" not in str(facts)
