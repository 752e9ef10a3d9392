"""Reading codebooks: every fault is named."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from framescope.codebook_reading import parse_codebook, read_codebook
from framescope.errors import CodebookError, FramescopeError


def faults(content: object) -> list[str]:
    with pytest.raises(CodebookError, match=r"^c\.json: ") as caught:
        parse_codebook(content, "c.json")
    return [str(problem).removeprefix("c.json: ") for problem in caught.value.problems]


@pytest.mark.parametrize("sign", ["\x00", "\x1b", "\x9b", "\u202e"])
def test_an_id_has_no_control_characters(sign: str) -> None:
    """Of a bundle's codebook, too: files of results could not hold them, and terminals would obey."""
    content = {"labels": [{"id": "west", "children": [{"id": f"be{sign}ar"}]}]}
    message = re.escape(f"{'be' + sign + 'ar'!r} has a control character: remove it")
    with pytest.raises(CodebookError, match=rf"west > labels\[0\]: label {message}"):
        parse_codebook(content, "codebook.json")


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


@pytest.mark.parametrize("disarm", ["T23", "t0023", "T0023.1", "T0023 ", "T٠٠٢٣", 23, None, ["T0023"]])
def test_what_is_no_id_of_disarm_is_refused(disarm: object) -> None:
    with pytest.raises(CodebookError, match=r"labels\[0\]: 'disarm' must be the id of a DISARM technique"):
        parse_codebook({"labels": [{"id": "a", "disarm": disarm}]}, "c.json")
