"""The audit, on a corpus with one fault of each kind."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from framescope.codebook import Codebook
from framescope.codebook_reading import parse_codebook
from framescope.corpus import duplicates
from framescope.corpus.audit import audit
from framescope.corpus.audited import Audit
from framescope.corpus.duplicates import near_duplicates_in
from framescope.corpus.read import read_corpus
from framescope.corpus.repeats import NearRepeats, Overlap, Repeats
from framescope.corpus.schema import Corpus
from framescope.errors import CorpusError

Write = Callable[[str, str | bytes], Path]
CODEBOOK = Codebook.from_parents(
    {"hostility": None, "bloc": "hostility", "doubt": "hostility", "praise": None}, name="c"
)


def unit(unit_id: str, text: str, labels: list[str], **others: Any) -> dict[str, Any]:
    return {"id": unit_id, "text": text, "labels": labels, **others}


ROWS = [
    unit("1", "Комисията отложи гласуването за бюджета до края на март.", ["bloc"], lang="bg", split="train"),
    unit("2", "комисията  отложи гласуването за бюджета до края на март.", ["doubt"], lang="bg", split="dev"),
    unit("3", "Комисията отложи гласуването за бюджета до края на април.", ["bloc"], lang="bg", split="dev"),
    unit("4", "Завтра дождь.", [], lang="ru", split="train"),
    unit("5", "Завтра  ДОЖДЬ.", [], lang="ru", split="train", article_id="4"),
    *(unit(f"d{n}", f"Кто {word}?", ["doubt", "hostility"], split="train") for n, word in enumerate("абвг")),
]


@pytest.fixture
def make(write: Write) -> Callable[..., Corpus]:
    def read(name: str, rows: list[dict[str, Any]], codebook: Codebook | None = CODEBOOK) -> Corpus:
        content = "\n".join(json.dumps(row, ensure_ascii=False) for row in rows)
        return read_corpus(write(name, content), codebook=codebook)

    return read


@pytest.fixture
def found(make: Callable[..., Corpus]) -> Audit:
    return audit(make("a.jsonl", ROWS))


def test_units_are_counted_by_language_split_and_closed_label(found: Audit) -> None:
    assert (found.n_units, found.n_articles, found.n_unlabelled) == (9, 8, 2)
    assert found.unlabelled_share == pytest.approx(2 / 9)
    assert found.languages == {"": 4, "bg": 3, "ru": 2}
    assert found.splits == {"dev": 2, "train": 7}
    assert [(c.label, c.parent, c.n_units, c.by_language) for c in found.labels] == [
        ("hostility", None, 7, {"": 4, "bg": 3}),
        ("bloc", "hostility", 2, {"bg": 2}),
        ("doubt", "hostility", 5, {"": 4, "bg": 1}),
        ("praise", None, 0, {}),
    ]
    assert found.rare_labels == ("bloc",)
    assert found.labels_without_examples == ("praise",)


def test_equal_texts_with_different_labels_are_contradictions(found: Audit) -> None:
    assert found.equal_texts == Repeats(2, 4, (("1", "2"), ("4", "5")))
    assert found.contradictions == Repeats(1, 2, (("1", "2"),))


def test_a_parent_that_is_written_out_or_not_is_no_contradiction(make: Callable[..., Corpus]) -> None:
    rows = [unit("1", "Блок", ["bloc"]), unit("2", "Блок", ["hostility", "bloc"])]
    assert audit(make("a.jsonl", rows)).contradictions.n_groups == 0


def test_near_duplicates_count_distinct_texts_and_all_their_units(found: Audit) -> None:
    assert found.near_duplicates == NearRepeats(1, 3, is_complete=True, examples=(("1", "3"),))


def test_near_duplicates_are_of_title_and_text(make: Callable[..., Corpus]) -> None:
    """What a model reads."""
    titles = {"1": "Наводнение в Родопите затвори прохода", "3": "Футболистите се прибраха с две титли"}
    rows = [{**row, "title": titles.get(row["id"], "")} for row in ROWS if row["id"] != "2"]
    assert audit(make("a.jsonl", rows)).near_duplicates.n_pairs == 0
    same = [{**row, "title": titles["1"]} for row in rows]
    assert ("1", "3") in audit(make("b.jsonl", same)).near_duplicates.examples


def test_near_duplicates_that_are_known_are_not_searched(
    make: Callable[..., Corpus], monkeypatch: pytest.MonkeyPatch
) -> None:
    corpus = make("a.jsonl", ROWS)
    near, expected = near_duplicates_in(corpus), audit(corpus)
    monkeypatch.setattr(duplicates, "find_near_duplicates", lambda texts: pytest.fail("searched"))
    assert audit(corpus, near=near) == expected


def test_splits_are_compared_by_text_and_by_group(make: Callable[..., Corpus]) -> None:
    rows = [*ROWS, unit("6", "Нещо друго изцяло", [], split="dev", article_id="4")]
    found = audit(make("a.jsonl", rows), group_by="article_id")
    assert found.overlaps == (Overlap("train", "dev", 1, 0, 1, (("1", "2"),)),)
    assert audit(make("a.jsonl", rows[1:])).overlaps == (Overlap("dev", "train", 0, 0, None, ()),)


def test_another_corpus_is_compared_by_text_and_by_group(make: Callable[..., Corpus], tmp_path: Path) -> None:
    corpus = make("a.jsonl", [{**row, "source": "Вестник" if row["id"] == "1" else ""} for row in ROWS[:4]])
    others = [
        unit("x", "ЗАВТРА дождь.", [], source="Вестник"),
        unit("y", "Комисията отложи гласуването за бюджета до края на май.", [], source=""),
    ]
    found = audit(corpus, make("b.jsonl", others), group_by="source")
    left, right = str(tmp_path / "a.jsonl"), str(tmp_path / "b.jsonl")
    examples = (("1", "y"), ("2", "y"), ("3", "y"), ("4", "x"))
    assert found.overlaps[-1] == Overlap(left, right, 1, 3, 1, examples)


def test_groups_need_a_column(make: Callable[..., Corpus]) -> None:
    with pytest.raises(CorpusError, match=r"a\.jsonl: outlet: no such column; columns are: id, text, title"):
        audit(make("a.jsonl", ROWS), group_by="outlet")


def test_spans_are_checked_against_words_and_labels(make: Callable[..., Corpus]) -> None:
    spans = [
        {"start": 0, "end": 5, "label": "bloc"},
        {"start": 1, "end": 8, "label": "bloc"},
        {"start": 6, "end": 9, "label": "hostility"},
        {"start": 6, "end": 10, "label": "doubt"},
        {"start": 0, "end": 10, "label": "elsewhere"},
    ]
    corpus = make("a.jsonl", [unit("1", "Новый блок", ["bloc"], spans=spans[:4])])
    found = audit(corpus)
    assert (found.spans.n_spans, found.spans.n_inside_words) == (4, 2)
    assert (found.spans.n_unknown_labels, found.spans.n_labels_not_given) == (0, 1)
    flat = audit(make("b.jsonl", [unit("1", "Новый блок", ["bloc"], spans=spans[4:])], None))
    assert (flat.spans.n_unknown_labels, flat.spans.n_labels_not_given) == (1, 0)


def test_spans_that_reach_into_a_further_sentence_by_less_than_a_word_are_counted(
    make: Callable[..., Corpus],
) -> None:
    places = [(0, 10), (0, 11), (9, 21), (0, 15), (11, 21)]
    spans = [{"start": start, "end": end, "label": "bloc"} for start, end in places]
    found = audit(make("a.jsonl", [unit("1", "Нов блок. Но старият.", ["bloc"], spans=spans)]))
    assert (found.spans.n_spans, found.spans.n_slivers) == (5, 1)
    assert "1 spans reach into a further sentence by less than a word" in found.warnings()[-1]


def test_labels_that_look_alike_are_named(make: Callable[..., Corpus]) -> None:
    names = ["fear", "Fear", "fеаr", "doubt"]
    found = audit(make("a.jsonl", [unit(str(n), f"Дума {n}.", [name]) for n, name in enumerate(names)], None))
    assert found.labels_alike == (("Fear", "fear", "fеаr"),)
    assert found.to_json()["labels_alike"] == [["Fear", "fear", "fеаr"]]
    assert (
        "labels that look alike: 'Fear' and 'fear' and 'fеаr' (other capitals or spaces)"
        in found.warnings()[-1]
    )


def test_words_of_two_scripts_are_named(make: Callable[..., Corpus]) -> None:
    texts = ["Кaзахстан и НАТO", "Казахстан", "VIPка и Кaзахстан", "the union"]
    found = audit(make("a.jsonl", [unit(str(n), text, ["a"]) for n, text in enumerate(texts)], None))
    assert found.to_json()["two_scripts"] == {"n_units": 2, "examples": ("Кaзахстан", "НАТO", "VIPка")}
    assert dict(found.rows())["words of two scripts"] == "in 2 units, such as Кaзахстан, НАТO, VIPка"


def test_warnings_are_two_lines(found: Audit) -> None:
    assert found.warnings() == [
        "4 units have texts that occur more than once, 1 of these texts with different labels; "
        "1 pairs of near duplicates; train also in dev: 1 equal texts, 0 near duplicates",
        "fewer than 5 units for bloc; no example of praise",
    ]


def test_a_clean_corpus_has_no_warnings(make: Callable[..., Corpus]) -> None:
    rows = [unit(str(n), f"Дума{n} дума{n + 50}", ["x"]) for n in range(5)]
    found = audit(make("a.jsonl", rows, None))
    assert found.warnings() == []


def test_the_table_and_the_json_hold_every_finding(found: Audit) -> None:
    assert dict(found.rows()) == {
        "units": "9 of 8 articles",
        "left out": "0",
        "languages": "not given 4, bg 3, ru 2",
        "splits": "dev 2, train 7",
        "unlabelled": "2 (22%)",
        "equal texts": "4 units, 2 texts, such as 1 = 2; 4 = 5",
        "with different labels": "1 texts, such as 1 = 2",
        "near duplicates": "3 units, 1 pairs, such as 1 = 3",
        "train also in dev": "1 equal texts, 0 near duplicates",
        "labels with fewer than 5 units": "bloc",
        "labels without examples": "praise",
        "labels that look alike": "none",
        "spans": "0",
        "inside words": "0",
        "into a sentence by less than a word": "0",
        "labelled outside the codebook": "0",
        "with a label the unit lacks": "0",
    }
    content = json.loads(json.dumps(found.to_json()))
    assert content["labels"][1] == {
        "label": "bloc",
        "parent": "hostility",
        "n_units": 2,
        "by_language": {"bg": 2},
        "n_out_of_scope": None,
        "n_alone": None,
    }
    assert content["n_out_of_scope"] is None
    assert content["contradictions"] == {"n_groups": 1, "n_units": 2, "examples": [["1", "2"]]}
    assert content["rare_labels"] == ["bloc"]
    assert content["warnings"] == found.warnings()


SCOPED = parse_codebook(
    {
        "labels": [
            {
                "id": "a",
                "mentions": {"bg": ["баку"]},
                "children": [{"id": "b", "mentions": {"bg": ["еверан*"]}}],
            },
            {"id": "c"},
        ]
    },
    "c.json",
)


def scoped_rows(*texts_and_labels: tuple[str, list[str]]) -> list[dict[str, Any]]:
    return [unit(str(number), *both) for number, both in enumerate(texts_and_labels)]


def test_parents_that_often_come_without_a_child_are_named(make: Callable[..., Corpus]) -> None:
    """Five of twelve are many, four of twelve are few; a label without children has no such count."""
    words = "абвгдежзийкл"
    for n_alone, is_named in ((5, True), (4, False)):
        labels = [["hostility"]] * n_alone + [["bloc"], ["doubt"]] * 6
        rows = [unit(word, f"Кто {word}?", one) for word, one in zip(words, labels, strict=False)]
        found = audit(make(f"{n_alone}.jsonl", rows))
        assert [(one.label, one.n_alone) for one in found.labels[:2]] == [
            ("hostility", n_alone),
            ("bloc", None),
        ]
        line = f"add a child for what is left of hostility ({n_alone} of 12)"
        assert any(line in warning for warning in found.warnings()) == is_named


def test_labels_out_of_scope_are_counted(make: Callable[..., Corpus]) -> None:
    """Parents with their children's; a label without a scope has no count; a misspelt term stands out."""
    found = audit(
        make(
            "s.jsonl",
            scoped_rows(
                *((f"Баку {number}", ["a"]) for number in "едтчп"),
                *((f"В Ереван {number}", ["b"]) for number in "едтчп"),
                ("Дъжд", ["c"]),
            ),
            codebook=SCOPED,
        )
    )
    assert found.n_out_of_scope == 5
    assert [(count.label, count.n_units, count.n_out_of_scope) for count in found.labels] == [
        ("a", 10, 5),
        ("b", 5, 5),
        ("c", 1, None),
    ]
    assert dict(found.rows())["labelled out of scope"] == "5 units (b 5)"
    assert found.warnings()[-1].startswith(
        "fewer than 5 units for c; a term may be misspelt: no example names anything of the scope of b; "
        "many units name nothing of the scope of a (5 of 10)"
    )
    content = json.loads(json.dumps(found.to_json()))
    assert (content["n_out_of_scope"], content["labels"][1]["n_out_of_scope"]) == (5, 5)


def test_a_few_labels_out_of_scope_are_no_fault(make: Callable[..., Corpus]) -> None:
    texts = [f"Баку {number}" for number in "абвгдежз"] + ["Дъжд"]
    codebook = parse_codebook({"labels": [{"id": "a", "mentions": {"bg": ["баку"]}}]}, "c.json")
    found = audit(make("s.jsonl", scoped_rows(*((text, ["a"]) for text in texts)), codebook=codebook))
    assert found.n_out_of_scope == 1
    assert found.warnings() == []


def test_without_scopes_nothing_is_said_of_them(found: Audit) -> None:
    assert found.n_out_of_scope is None
    assert not any("scope" in name for name, _ in found.rows())
