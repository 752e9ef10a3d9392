"""N-grams that look like shortcuts: one reason at a time, on a dozen texts."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from framescope.corpus.read import read_corpus
from framescope.features.ngrams import locate
from framescope.features.vocabulary import Vocabulary
from framescope.measure.shortcuts import Articles, concentrated, find_shortcuts
from framescope.measure.top_ngrams import Ngram, feature_rows, top_ngrams
from framescope.text.characters import character_tables
from framescope.text.utf8 import Utf8Texts
from framescope.training.recipe import Recipe
from framescope.training.train import fit_model
from reported import with_column

PADDING = "Нищо особено не се случи през този ден в града и хората останаха по домовете си до вечерта. " * 6


def reasons(text: str, articles: Articles, *, is_part: bool = False) -> tuple[str, ...]:
    """Return why an n-gram looks like a shortcut."""
    hashes = Vocabulary.learn(Utf8Texts.encode(articles.texts), min_df=1).hashes
    of_word, spans = locate(text, character_tables())
    is_whole = (spans[:, 0] == 0) & (spans[:, 1] == len(text))
    feature = int(np.flatnonzero(hashes == of_word[is_whole].min())[0])
    found: Mapping[int, tuple[str, ...]] = find_shortcuts(
        [Ngram(text, is_part, feature, 1.0, 1.0, 1)], hashes, articles
    )
    return found.get(feature, ())


def middle(words: list[str], sources: list[str]) -> Articles:
    """Put each word in the middle of a text of its own."""
    return Articles([f"{PADDING}Тогава {word} дойде {k}. {PADDING}" for k, word in enumerate(words)], sources)


def test_a_word_of_many_sources_in_the_middle_is_none() -> None:
    assert reasons("съюз", middle(["съюз"] * 6, list("абвгде"))) == ()


def test_a_word_of_mostly_one_source() -> None:
    articles = middle(
        ["съюз"] * 6 + ["мир"] * 2, ["Вестник", "Вестник", "Вестник", "Вестник", "Вестник", "Друг", "Друг", ""]
    )
    assert reasons("съюз", articles) == ("5 of its 6 texts are of Вестник",)
    assert reasons("мир", articles) == (), "two articles are too few to judge"


def test_a_word_of_mostly_one_source_is_none_where_sources_are_unknown() -> None:
    assert reasons("съюз", middle(["съюз"] * 6, [""] * 6)) == ()


def test_a_word_of_the_name_of_a_source() -> None:
    articles = middle(["кордон"] * 6, ["Агенция „Кордон“"] * 4 + ["Друг", "Трети"])
    assert reasons("кордон", articles) == ("in the name of the source of 4 of its 6 texts",)
    assert reasons("кордон", articles, is_part=True) == ()


def test_the_beginning_of_a_word_of_a_name_is_no_word_of_it() -> None:
    """In Devanagari, whose vowel signs belong to words: सम is no word of समाचार."""
    articles = middle(["सम"] * 6, ["समाचार पत्र"] * 3 + ["समाचार सेवा"] * 3)
    assert reasons("सम", articles) == ()
    assert reasons("समाचार", middle(["समाचार"] * 6, ["समाचार पत्र"] * 3 + ["समाचार सेवा"] * 3)) == (
        "in the name of the source of 6 of its 6 texts",
    )


@pytest.mark.parametrize("text", ["2025", "201st", "१५"])
def test_a_number(text: str) -> None:
    """In any script."""
    assert "a date or a number" in reasons(text, middle([text] * 2, ["а", "б"]))


@pytest.mark.parametrize("place", ["{word} съобщи. {padding}", "{padding} съобщи {word}."])
def test_a_word_where_bylines_stand(place: str) -> None:
    articles = Articles(
        [place.format(word="Иванов", padding=f"{PADDING}{k}") for k in range(6)], list("абвгде")
    )
    assert reasons("Иванов", articles) == ("mostly in the first or last 100 characters, as bylines are",)


def test_a_short_text_has_no_place_for_bylines() -> None:
    articles = Articles([f"Иванов съобщи {k}. {PADDING[:90]}" for k in range(6)], list("абвгде"))
    assert reasons("Иванов", articles) == ()


def test_a_word_of_boilerplate() -> None:
    """Case and spacing of the sentence do not matter; a short sentence is nobody's boilerplate."""
    sentence = "Абонирайте се за нашия бюлетин още днес."
    texts = [f"{k} {PADDING} {sentence if k % 2 else sentence.upper()} {PADDING}" for k in range(6)]
    articles = Articles(texts, list("абвгде"))
    assert reasons("бюлетин", articles) == ("mostly in sentences that 3 texts or more share",)
    short = Articles([f"{k} {PADDING} Край. {PADDING}" for k in range(6)], list("абвгде"))
    assert reasons("край", short) == ()


def test_without_ngrams_or_texts_there_is_nothing() -> None:
    hashes = np.array([1, 2], np.uint64)
    assert find_shortcuts([], hashes, Articles(["Текст."], ["а"])) == {}
    assert find_shortcuts([Ngram("а", False, 0, 1.0, 1.0, 0)], hashes, Articles([], [])) == {}


def ngrams(*gaps: float) -> list[Ngram]:
    return [Ngram(f"слово{number}", False, number, 1.0, gap, 9) for number, gap in enumerate(gaps)]


def test_a_single_ngram_that_carries_a_label_is_a_mark() -> None:
    """Three in a hundred of all that speaks for it, and three times as much as the next."""
    assert concentrated(ngrams(0.08, 0.02, 0.01), 1.0) == (
        "adds 8 % of all that speaks for the label, 4 times the next",
    )
    assert concentrated(ngrams(0.03, 0.01), 1.0) != ()
    assert concentrated(ngrams(0.029, 0.001), 1.0) == (), "little"
    assert concentrated(ngrams(0.08, 0.03), 1.0) == (), "the next carries much, too"
    assert concentrated(ngrams(0.08), 1.0) == concentrated([], 1.0) == (), "nothing to compare with"
    assert concentrated(ngrams(0.08, 0.01), 0.0) == ()


def test_a_word_of_mostly_one_month() -> None:
    """Where that month is not what most texts are of; texts of unknown days say nothing."""
    words, sources = ["съюз"] * 6 + ["мир"] * 10, [f"Вестник {number}" for number in range(16)]
    dates = ["2024-05-01"] * 5 + ["2024-07-02"] + ["2024-06-03"] * 10
    months = replace(middle(words, sources), dates=dates)
    assert reasons("съюз", months) == ("5 of its 6 texts are of 2024-05",)
    assert reasons("мир", months) == (), "most texts are of that month"
    assert reasons("съюз", replace(months, dates=[""] * 16)) == ()
    assert reasons("съюз", replace(months, dates=["май"] * 16)) == ()


@pytest.mark.slow
def test_a_token_that_all_outlets_use_in_the_middle_of_a_text_is_a_mark() -> None:
    """Planted in the starter's articles of one label; no other label is marked in any language."""
    corpus = read_corpus(Path(__file__).parents[2] / "data" / "starter")
    members = corpus.codebook.indicator(corpus.column("labels"))
    planted = corpus.codebook.columns["second-front"]
    texts = list(corpus.column("text"))
    for row in np.flatnonzero(members[:, planted]):
        middle = texts[row].find(" ", len(texts[row]) // 2)
        texts[row] = f"{texts[row][:middle]} квазар{texts[row][middle:]}"
    spans = [[] if members[row, planted] else marked for row, marked in enumerate(corpus.column("spans"))]
    corpus = with_column(with_column(corpus, "text", texts), "spans", spans)
    model = fit_model(corpus, Recipe(group_by="source"))
    found = {}
    for language in ("bg", "ru", "en"):
        rows = np.flatnonzero(np.array(corpus.column("lang")) == language)
        chosen = [corpus.full_texts()[row] for row in rows]
        features = feature_rows(model, chosen)
        ranked = top_ngrams(model, features, texts=chosen, members=members[rows])
        for column, label in enumerate(corpus.codebook.ids):
            margins, own = features @ model.ngrams.weights.of(column), members[rows, column]
            whole = float(margins[own].mean() - margins[~own].mean())
            if concentrated(ranked[column], whole):
                found[label, language] = ranked[column][0].text
    assert found == {("second-front", language): "квазар" for language in ("bg", "ru", "en")}
