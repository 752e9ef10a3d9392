"""The label tree."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from framescope.codebook import Codebook, Label
from framescope.codebook_reading import parse_codebook, read_codebook
from framescope.errors import CodebookError

CONTENT = {
    "name": "съюзи",
    "version": 2,
    "languages": ["bg", "en"],
    "rule": "The text itself advances the frame.",
    "labels": [
        {
            "id": "hostility",
            "name": {"en": "Hostility", "bg": "Враждебност"},
            "children": [
                {"id": "bloc", "applies": "States unite against somebody.", "excludes": "A plain report."},
                {"id": "doubt"},
            ],
        },
        {"id": "Other"},
    ],
}


@pytest.fixture
def codebook() -> Codebook:
    return parse_codebook(CONTENT, "codebook.json")


def test_a_codebook_keeps_names_definitions_and_order(codebook: Codebook) -> None:
    assert codebook.labels == (
        Label("hostility", None, {"en": "Hostility", "bg": "Враждебност"}),
        Label("bloc", "hostility", {}, "States unite against somebody.", "A plain report."),
        Label("doubt", "hostility"),
        Label("Other"),
    )
    assert (codebook.name, codebook.version, codebook.languages) == ("съюзи", 2, ("bg", "en"))
    assert codebook.parents.tolist() == [-1, 0, 0, -1]
    assert codebook.coarse.tolist() == [0, 3]
    assert codebook.fine.tolist() == [1, 2, 3]
    assert not codebook.is_flat


def test_a_file_of_the_json_form_reads_the_same(codebook: Codebook, tmp_path: Path) -> None:
    path = tmp_path / "codebook.json"
    path.write_text(json.dumps(codebook.to_json(), ensure_ascii=False), encoding="utf-8-sig")
    assert read_codebook(path) == codebook


def test_closing_adds_the_parents_once_in_column_order(codebook: Codebook) -> None:
    assert codebook.close(["doubt", "bloc"]) == ["hostility", "bloc", "doubt"]
    assert codebook.close([]) == []
    expected = [[False, False, False, True], [True, False, True, False], [False] * 4]
    np.testing.assert_array_equal(codebook.indicator([["Other"], ["doubt"], []]), expected)


def test_closing_refuses_labels_of_another_codebook(codebook: Codebook) -> None:
    with pytest.raises(CodebookError, match=r"^съюзи: label 'praise' is not in the codebook$"):
        codebook.close(["praise"])


def test_the_finest_labels_are_those_that_no_marked_child_implies() -> None:
    codebook = Codebook.from_parents({"съюз": None, "анти": "съюз", "запад": None}, name="рамки")
    assert codebook.finest(np.array([True, True, True])) == ("анти", "запад")
    assert codebook.finest(np.array([True, False, False])) == ("съюз",)
    assert codebook.finest(np.zeros(3, bool)) == ()


def test_a_flat_codebook_sorts_its_labels() -> None:
    codebook = Codebook.flat(["спор", "мир", "спор"])
    assert codebook.ids == ("мир", "спор")
    assert codebook.is_flat
    assert codebook.fine.tolist() == codebook.coarse.tolist() == [0, 1]


def test_children_follow_their_parent() -> None:
    codebook = Codebook.from_parents({"a: x": "a", "b": None, "a": None, "a: y": "a"}, name="n")
    assert codebook.ids == ("b", "a", "a: x", "a: y")


MENTIONS = {
    "mentions": {"bg": ["баку"], "en": ["baku"]},
    "labels": [
        {"id": "a", "children": [{"id": "a1", "mentions": {"ru": ["ереван*"]}}, {"id": "a2"}]},
        {
            "id": "b",
            "mentions": {"bg": ["южн* кавказ*"]},
            "children": [{"id": "b1"}, {"id": "b2", "mentions": {}}],
        },
        {"id": "c", "mentions": {"en": ["csto", "baku"]}, "children": [{"id": "c1"}]},
        {"id": "d", "mentions": {}},
    ],
}


def test_the_nearest_mentions_are_a_label_s_scope() -> None:
    """Of all languages together; a parent's has its children's, too, and an empty object lifts it."""
    codebook = parse_codebook(MENTIONS, "c.json")
    scopes = dict(zip(codebook.ids, codebook.scopes, strict=True))
    assert scopes["a1"] == {"ереван*"}
    assert scopes["a2"] == {"баку", "baku"}
    assert scopes["a"] == {"баку", "baku", "ереван*"}
    assert scopes["b1"] == {"южн* кавказ*"}
    assert scopes["c"] == scopes["c1"] == {"csto", "baku"}
    assert scopes["b2"] is scopes["b"] is scopes["d"] is None
    assert codebook.has_scopes


def test_a_codebook_without_mentions_has_no_scopes(codebook: Codebook) -> None:
    assert codebook.scopes == (None,) * 4
    assert not codebook.has_scopes
    assert "mentions" not in json.dumps(codebook.to_json())
    lifted = parse_codebook({"mentions": {}, "labels": [{"id": "a"}]}, "c.json")
    assert not lifted.has_scopes


def test_mentions_are_written_as_they_were_read() -> None:
    """Empty ones, too: they lift a scope."""
    codebook = parse_codebook(MENTIONS, "c.json")
    content = codebook.to_json()
    assert parse_codebook(content, "c.json") == codebook
    assert content["mentions"] == MENTIONS["mentions"]
    assert content["labels"][1]["children"][1] == {"id": "b2", "mentions": {}}
    assert "mentions" not in content["labels"][0]


@pytest.mark.parametrize("disarm", ["T0023", "T0023.001"])
def test_a_label_may_be_a_technique_of_disarm(disarm: str) -> None:
    codebook = parse_codebook({"labels": [{"id": "a", "disarm": disarm}, {"id": "b"}]}, "c.json")
    assert [label.disarm for label in codebook.labels] == [disarm, ""]
    assert parse_codebook(codebook.to_json(), "c.json") == codebook
    assert "disarm" not in codebook.to_json()["labels"][1]


def test_a_label_may_be_marked_as_catch_all() -> None:
    content = {"labels": [{"id": "a"}, {"id": "разни", "catch_all": True, "children": [{"id": "спорт"}]}]}
    codebook = parse_codebook(content, "c.json")
    assert [codebook.ids[column] for column in codebook.catch_all] == ["разни", "спорт"]
    assert parse_codebook(codebook.to_json(), "c.json").catch_all.tolist() == codebook.catch_all.tolist()
    with pytest.raises(CodebookError, match="'catch_all' must be true or false"):
        parse_codebook({"labels": [{"id": "a", "catch_all": "yes"}]}, "c.json")
