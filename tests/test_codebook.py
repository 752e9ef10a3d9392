"""The label tree."""

from __future__ import annotations

import json
import re
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from framescope.codebook import Codebook, Label
from framescope.codebook_reading import parse_codebook, read_codebook
from framescope.errors import CodebookError, FramescopeError

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


@pytest.mark.parametrize("sign", ["\x00", "\x1b", "\x9b", "\u202e"])
def test_an_id_has_no_control_characters(sign: str) -> None:
    """Of a bundle's codebook, too: files of results could not hold them, and terminals would obey."""
    content = {"labels": [{"id": "west", "children": [{"id": f"be{sign}ar"}]}]}
    message = re.escape(f"{'be' + sign + 'ar'!r} has a control character: remove it")
    with pytest.raises(CodebookError, match=rf"west > labels\[0\]: label {message}"):
        parse_codebook(content, "codebook.json")


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


def test_every_term_at_fault_is_named() -> None:
    content = {
        "mentions": {"bg": ["ка*", "баку"], "en": "baku"},
        "labels": [{"id": "a", "children": [{"id": "b", "mentions": {"ru": ["", "*", "а-б", 3]}}]}],
    }
    shape = "expected language codes with lists of terms, such as {'en': ['kazakh*', 'south caucasus']}"
    place = "a > labels[0]: label 'b': mentions.ru: term"
    no_part = (
        "'-' is no part of a word: expected letters and digits, '*' after them at most, "
        "and a space between words"
    )
    assert faults(content) == [
        f"{place} '': is empty, expected a word",
        f"{place} '*': expected 3 letters or more before '*', found 0",
        f"{place} 'а-б': {no_part}",
        f"{place} 3: expected a string, found int",
        f"mentions: {shape}",
    ]
    content["mentions"] = {"bg": ["ка*", "баку"]}
    assert faults(content)[-1] == "mentions.bg: term 'ка*': expected 3 letters or more before '*', found 2"


@pytest.mark.parametrize("mentions", [None, [], "баку", {"bg": None}, {"bg": {"баку": 1}}])
def test_mentions_must_be_lists_by_language(mentions: object) -> None:
    (fault,) = faults({"labels": [{"id": "a", "mentions": mentions}]})
    assert fault.startswith("labels[0]: label 'a': mentions: expected language codes with lists of terms")


def test_mentions_without_a_term_are_refused() -> None:
    """Nothing could be named: an empty object is what was meant."""
    (fault,) = faults({"labels": [{"id": "a", "mentions": {"bg": []}}]})
    assert fault == "labels[0]: label 'a': mentions: lists no term: no text would do; {} lifts the scope"


def faults(content: object) -> list[str]:
    with pytest.raises(CodebookError, match=r"^c\.json: ") as caught:
        parse_codebook(content, "c.json")
    return [str(problem).removeprefix("c.json: ") for problem in caught.value.problems]


def test_every_fault_of_a_tree_is_named() -> None:
    grandchild = {"id": "c", "children": [{"id": "d"}]}
    labels = [
        {"id": "a", "children": [{"id": "a"}, {"id": "b"}, grandchild]},
        {"id": "b", "name": {"en": 3}},
        {"id": " e"},
        {"id": "f", "children": {"id": "g"}, "applies": ["x"]},
        "h",
    ]
    expected_id = "expected an object with a non-empty string 'id' without spaces around it"
    assert faults({"labels": labels}) == [
        "a > labels[0]: label 'a' is its own ancestor",
        "a > labels[2]: more than 2 levels of labels",
        "labels[1]: duplicate label id 'b'",
        "labels[1]: 'name' must map language codes to names, such as {'en': 'Fear'}",
        f"labels[2]: {expected_id}",
        "labels[3]: 'children' must be a list of labels",
        "labels[3]: 'applies' must be a string",
        f"labels[4]: {expected_id}",
    ]


@pytest.mark.parametrize(
    ("content", "fault"),
    [
        ([], "labels: expected an object with a list of labels"),
        ({"labels": {}}, "labels: expected an object with a list of labels"),
        ({"labels": []}, "labels: a codebook needs at least one label"),
        ({"labels": [{"id": "a"}], "version": "1"}, "version: expected int, found '1'"),
    ],
)
def test_the_frame_of_a_codebook_is_checked(content: object, fault: str) -> None:
    assert faults(content) == [fault]


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b'{"labels": [', "c.json:1: is not JSON"),
        (b"[" * 100_000, "c.json: is not JSON"),
        (b'{"version": ' + b"9" * 5000 + b"}", "c.json: is not JSON"),
        ('{"name": "Съюз"}'.encode("cp1251"), "c.json: cannot be read as UTF-8 text"),
        (b'{"labels": [{"id": "\\ud800"}]}', "c.json: has half of a surrogate pair"),
    ],
)
def test_a_file_that_is_no_codebook_is_refused(tmp_path: Path, content: bytes, message: str) -> None:
    path = tmp_path / "c.json"
    path.write_bytes(content)
    with pytest.raises(CodebookError, match=message.replace(".", r"\.")):
        read_codebook(path)


def test_a_missing_file_or_a_folder_is_refused(tmp_path: Path) -> None:
    with pytest.raises(CodebookError, match=r"none\.json: no such file"):
        read_codebook(tmp_path / "none.json")
    with pytest.raises(CodebookError, match="cannot be read"):
        read_codebook(tmp_path)


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda inner: (
        st.lists(inner)
        | st.dictionaries(st.sampled_from(["id", "labels", "children", "name", "mentions"]), inner)
    ),
)


@given(json_values | st.builds(lambda labels: {"labels": [labels]}, json_values))
def test_any_json_is_a_codebook_or_our_error(content: object) -> None:
    try:
        codebook = parse_codebook(content, "c.json")
    except FramescopeError:
        return
    assert parse_codebook(codebook.to_json(), "c.json") == codebook


@pytest.mark.parametrize("disarm", ["T0023", "T0023.001"])
def test_a_label_may_be_a_technique_of_disarm(disarm: str) -> None:
    codebook = parse_codebook({"labels": [{"id": "a", "disarm": disarm}, {"id": "b"}]}, "c.json")
    assert [label.disarm for label in codebook.labels] == [disarm, ""]
    assert parse_codebook(codebook.to_json(), "c.json") == codebook
    assert "disarm" not in codebook.to_json()["labels"][1]


@pytest.mark.parametrize("disarm", ["T23", "t0023", "T0023.1", "T0023 ", "T٠٠٢٣", 23, None, ["T0023"]])
def test_what_is_no_id_of_disarm_is_refused(disarm: object) -> None:
    with pytest.raises(CodebookError, match=r"labels\[0\]: 'disarm' must be the id of a DISARM technique"):
        parse_codebook({"labels": [{"id": "a", "disarm": disarm}]}, "c.json")


def test_a_label_may_be_marked_as_catch_all() -> None:
    content = {"labels": [{"id": "a"}, {"id": "разни", "catch_all": True, "children": [{"id": "спорт"}]}]}
    codebook = parse_codebook(content, "c.json")
    assert [codebook.ids[column] for column in codebook.catch_all] == ["разни", "спорт"]
    assert parse_codebook(codebook.to_json(), "c.json").catch_all.tolist() == codebook.catch_all.tolist()
    with pytest.raises(CodebookError, match="'catch_all' must be true or false"):
        parse_codebook({"labels": [{"id": "a", "catch_all": "yes"}]}, "c.json")
