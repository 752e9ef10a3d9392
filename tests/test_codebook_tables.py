"""Codebooks as tables: the same labels as in JSON, and faults by line."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from framescope.codebook import Codebook
from framescope.codebook_reading import parse_codebook, read_codebook
from framescope.codebook_tables import left_out, table_lines
from framescope.errors import CodebookError

CONTENT = {
    "name": "frames",
    "languages": ["en", "bg"],
    "labels": [
        {
            "id": "alliance",
            "name": {"en": "A hostile alliance", "bg": "Враждебен съюз"},
            "applies": 'States are said to "unite", against it.',
            "children": [{"id": "great-turan", "mentions": {"ru": ["турци*", "тюрк*"]}}, {"id": "-x"}],
        },
        {"id": "doubt", "disarm": "T0023.001"},
        {"id": "other", "catch_all": True, "excludes": "Двe\nлинии"},
    ],
}


def written(path: Path, content: str) -> Path:
    path.write_text(content, encoding="utf-8", newline="")
    return path


@pytest.mark.parametrize("separator", [",", ";"])
def test_a_codebook_survives_a_spreadsheet(tmp_path: Path, separator: str) -> None:
    """But for what it says of the whole; an id that looks like a formula is safe, and comes back as it was."""
    book = parse_codebook(CONTENT, "frames.json")
    text = "".join(table_lines(book.to_json()))
    assert text.startswith(
        "\ufeffid,parent,name_en,name_bg,applies,excludes,catch_all,disarm,mentions_ru\r\nalliance,,A hostile"
    )
    assert "\r\n'-x,alliance," in text
    found = read_codebook(written(tmp_path / "frames.csv", text))
    assert found.labels == book.labels
    assert (found.name, found.mentions) == ("frames", None)


def test_the_scope_of_the_codebook_goes_to_its_labels(tmp_path: Path) -> None:
    """Each label is possible where it was; what has no place in a table is named."""
    own = {"id": "turan", "mentions": {"ru": ["турци*"]}, "children": [{"id": "t1"}]}
    plain = {"id": "doubt", "children": [{"id": "d1", "mentions": {"ru": ["минск"]}}]}
    content = {"mentions": {"en": ["csto"]}, "labels": [own, plain, {"id": "other", "mentions": {}}]}
    book = parse_codebook(content, "frames.json")
    found = read_codebook(written(tmp_path / "frames.csv", "".join(table_lines(book.to_json()))))
    assert found.scopes == book.scopes
    assert left_out(book.to_json()) == []
    told = parse_codebook(
        {
            "rule": "When said.",
            "mentions": {"en": ["csto"]},
            "labels": [{"id": "a", "children": [{"id": "b", "mentions": {}}]}],
        },
        "told.json",
    )
    assert left_out(told.to_json()) == ["rule", "the empty scope of 'b'"]


def test_the_order_of_rows_is_that_of_the_labels(tmp_path: Path) -> None:
    """A child may stand before its parent, and the separator may be another; only ids are needed."""
    book = read_codebook(written(tmp_path / "a.csv", "id;parent\nb1;b\na;\nb;\n\nb2;b\n"))
    assert book.ids == ("a", "b", "b1", "b2")
    assert read_codebook(written(tmp_path / "b.tsv", "id\tname_hi\nx\tडर\n")).labels[0].names == {"hi": "डर"}


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("label,parent\na,\n", r":1: has no column 'id', but 'label', 'parent'"),
        ("id,name\na,b\n", r":1: name: no such column of a codebook; there are 'id', 'parent'"),
        ("id,parent\na,\na,\n", r":3: id: duplicate label id 'a'"),
        ("id,parent\na,\nb,A\n", r":3: parent: 'A' is not the id of a label: near 'a' \(other capitals"),
        ("id,parent\na,\nb,a\nc,b\n", r":4: parent: 'b' has a parent itself: more than 2 levels"),
        ("id,parent\na,a\n", r":2: parent: label 'a' is its own parent"),
        ("id,parent\n,a\na,\n", r":2: id: is empty, expected the id of a label"),
        ("id,applies\na,b,c\n", r":2: has 3 fields, expected 2"),
        ("id,catch_all\na,maybe\n", r":2: catch_all: expected yes or no, found 'maybe'"),
        ("id,disarm\na,23\n", r"'disarm' must be the id of a DISARM technique, such as 'T0023'.*found '23'"),
        ("id,mentions_en\na,k*\n", r"mentions\.en: term 'k\*'"),
        ("id,parent\n", r"a codebook needs at least one label"),
        ("", r"is empty"),
    ],
)
def test_faults_are_named_by_line(tmp_path: Path, content: str, message: str) -> None:
    with pytest.raises(CodebookError, match=message):
        read_codebook(written(tmp_path / "a.csv", content))


def test_a_flat_codebook_has_a_column_for_names_to_fill_in(tmp_path: Path) -> None:
    text = "".join(table_lines(Codebook.flat(["страх", "b"]).to_json()))
    assert text == "\ufeffid,parent,name_en,applies,excludes\r\nb,,,,\r\nстрах,,,,\r\n"
    assert json.dumps(read_codebook(written(tmp_path / "labels.csv", text)).to_json()["labels"]) == json.dumps(
        Codebook.flat(["страх", "b"]).to_json()["labels"]
    )
