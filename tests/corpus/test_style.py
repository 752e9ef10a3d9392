"""What style alone tells of labels: planted manners are found, topics are not, and sources are left out."""

from __future__ import annotations

import json
import random
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pytest

from framescope.corpus.audit import audit
from framescope.corpus.read import read_corpus
from framescope.corpus.schema import Corpus
from framescope.corpus.style import style_auc

Write = Callable[[str, str | bytes], Path]
FUNCTION = {
    "bg": ["и", "на", "от", "за", "че", "се", "това", "като", "до", "при"],
    "hi": ["और", "के", "में", "से", "की", "का", "यह", "था", "पर", "तक"],
}
TOPICS = {"bg": ["Лозница", "Жетва", "Мелница"], "hi": ["अंगूर", "फसल", "चक्की"]}


def rows(
    lang: str, n_units: int, manner: Callable[[int], Sequence[int]], **others: Any
) -> list[dict[str, Any]]:
    """Return units, every other one with a label; ``manner`` weighs the function words of each."""
    rng = random.Random(6)  # noqa: S311 - texts, not secrets
    return [
        {
            "id": f"{lang}{unit}",
            "lang": lang,
            "source": f"outlet {unit // 2 % 10}",
            "text": " ".join(
                [*rng.choices(FUNCTION[lang], manner(unit), k=60), TOPICS[lang][unit % 2], TOPICS[lang][2]]
            ),
            "labels": ["a"] if unit % 2 else [],
            **others,
        }
        for unit in range(n_units)
    ]


def by_label(unit: int) -> Sequence[int]:
    return [6, 6, 6, 4, 4, 4, 4, 4, 4, 4] if unit % 2 else [4, 4, 4, 4, 4, 4, 4, 6, 6, 6]


def alike(_: int) -> Sequence[int]:
    return [1] * 10


@pytest.fixture
def make(write: Write) -> Callable[..., Corpus]:
    def read(content: Sequence[dict[str, Any]]) -> Corpus:
        return read_corpus(write("a.jsonl", "\n".join(json.dumps(row, ensure_ascii=False) for row in content)))

    return read


def test_a_manner_that_goes_with_labels_is_found_by_language(make: Callable[..., Corpus]) -> None:
    found = style_auc(make([*rows("bg", 200, alike), *rows("hi", 200, by_label)]))
    assert list(found) == ["bg", "hi"]
    assert found["bg"] < 0.6
    assert found["hi"] > 0.8


def test_what_texts_are_about_is_no_style(make: Callable[..., Corpus]) -> None:
    """In half of the texts stands a capitalized noun that goes with the label: it would give an AUC of 1."""
    assert style_auc(make(rows("bg", 200, alike)))["bg"] < 0.6


def test_punctuation_is_style(make: Callable[..., Corpus]) -> None:
    content = rows("bg", 200, alike)
    for row in content:
        row["text"] += " !" if row["labels"] else " ।"
    assert style_auc(make(content))["bg"] > 0.95


def test_a_manner_of_each_source_tells_nothing_of_others(make: Callable[..., Corpus]) -> None:
    """Ten outlets of ten manners; nearly all of an outlet's units are labelled, or nearly none, by chance."""
    content = rows("bg", 400, lambda unit: [9 if unit // 2 % 10 == word else 1 for word in range(10)])
    for unit, row in enumerate(content):
        row["labels"] = ["a"] if (unit // 2 % 10 < 5) != (unit % 40 == 0) else []
    assert style_auc(make(content))["bg"] < 0.6
    for row in content:
        row["source"] = ""
    assert style_auc(make(content))["bg"] > 0.9


@pytest.mark.parametrize("n_units", [98, 102])
def test_few_units_tell_nothing(make: Callable[..., Corpus], n_units: int) -> None:
    """49 with a label and 49 without are too few, 51 are not."""
    assert bool(style_auc(make(rows("bg", n_units, by_label)))) == (n_units > 100)
    assert style_auc(make(rows("bg", 200, by_label, source="one"))) == {}


def test_the_audit_tells_it_and_warns_above_the_bound(make: Callable[..., Corpus]) -> None:
    found = audit(make([*rows("bg", 200, alike), *rows("hi", 200, by_label)]))
    auc = found.style_auc["hi"]
    assert found.to_json()["style_auc"] == found.style_auc
    assert (
        "labelled or not, by style alone",
        f"AUC bg {found.style_auc['bg']:.2f}, hi {auc:.2f}",
    ) in found.rows()
    assert found.warnings()[-1] == (
        "function words and punctuation alone tell which units have a label "
        f"(AUC hi {auc:.2f}; 0.5 is chance): a model may learn how they are written, not what they say"
    )
