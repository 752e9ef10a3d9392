"""Stories: articles that share many words, without chains that run through a whole corpus."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pytest

from framescope.corpus.duplicates import likeness
from framescope.corpus.read import read_corpus
from framescope.corpus.schema import Corpus
from framescope.corpus.stories import find_stories, groups_of
from framescope.errors import CorpusError

Write = Callable[[str, str | bytes], Path]
QUAKE = "Земетресение разклати Карлово и Хисаря"
HARVEST = "अंगूर की फसल इस साल अच्छी रही"


@pytest.fixture
def make(write: Write) -> Callable[..., Corpus]:
    def read(rows: Sequence[dict[str, Any]]) -> Corpus:
        lines = (json.dumps({"labels": ["a"], **row}, ensure_ascii=False) for row in rows)
        return read_corpus(write("a.jsonl", "\n".join(lines)))

    return read


def test_texts_with_many_words_in_common_tell_one_story() -> None:
    texts = [QUAKE, "Rain is expected on Sunday", f"{QUAKE}, съобщиха медиите", HARVEST, f"{HARVEST} किसान", ""]
    assert find_stories(texts).tolist() == [0, 1, 0, 2, 2, 3]
    assert find_stories([]).tolist() == []
    assert find_stories(["", "!"]).tolist() == [0, 1]


def test_a_story_is_the_same_in_any_order() -> None:
    texts = [f"{QUAKE if number < 4 else number * 7} {number % 3} щети {number}" for number in range(9)]
    stories, backwards = find_stories(texts), find_stories(texts[::-1])[::-1]
    assert (stories[:4] == 0).all()
    assert [(stories == story).tolist() for story in stories] == [(backwards == s).tolist() for s in backwards]


def test_a_story_is_never_more_than_half_of_the_corpus() -> None:
    """Otherwise nothing would be left to learn from."""
    texts = [f"{QUAKE} {number} щети" for number in range(9)]
    assert len(set(find_stories(texts).tolist())) > 1


def test_a_chain_through_the_corpus_is_cut_at_its_weak_links() -> None:
    """Each of 60 texts shares half of its words with the next; every third pair shares nearly all."""
    words = [f"w{number}" for number in range(400)]
    texts = [" ".join(words[6 * number : 6 * number + 12]) for number in range(60)]
    texts += [f"{text} again" for text in texts[::3]]
    stories = find_stories(texts)
    assert max(sum(stories == story) for story in stories) <= 20
    assert [stories[60 + k] == stories[3 * k] for k in range(20)] == [True] * 20


def test_units_are_grouped_by_the_stories_of_their_articles(make: Callable[..., Corpus]) -> None:
    corpus = make(
        [
            {"id": "1", "text": "Земетресение разклати Карлово.", "article_id": "x"},
            {"id": "2", "text": "Няма пострадали в Хисаря.", "article_id": "x"},
            {"id": "3", "text": "Земетресение разклати Карлово. Няма пострадали в Хисаря.", "article_id": "y"},
            {"id": "4", "text": HARVEST, "article_id": "z"},
            {"id": "5", "text": "Rain is expected.", "article_id": "w"},
        ]
    )
    stories = ["story of x", "story of x", "story of x", "story of z", "story of w"]
    assert groups_of(corpus, "story") == stories
    assert groups_of(corpus, "article_id") == ["group x", "group x", "group y", "group z", "group w"]
    with pytest.raises(CorpusError, match="no such column"):
        groups_of(corpus, "outlet")


def test_a_column_of_stories_goes_before_those_that_are_found(make: Callable[..., Corpus]) -> None:
    corpus = make([{"id": "1", "text": QUAKE, "story": "a"}, {"id": "2", "text": QUAKE, "story": "b"}])
    assert groups_of(corpus, "story") == ["group a", "group b"]


def test_likeness_is_the_cosine_of_all_pairs_that_reach_the_bound() -> None:
    """Against a search that leaves nothing out: the same pairs at any bound."""
    texts = [" ".join(f"w{(7 * text + word * word) % 23}" for word in range(9)) for text in range(40)]
    pairs, cosines = likeness(texts, threshold=0.0001)
    for threshold in (0.2, 0.35, 0.6):
        found, _ = likeness(texts, threshold=threshold)
        assert sorted(map(tuple, found.tolist())) == sorted(map(tuple, pairs[cosines >= threshold].tolist()))
    assert 0 < (cosines >= 0.6).sum() < (cosines >= 0.2).sum()
