"""Tables that are written in another way than their format: quotes, headers, separators."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from framescope.corpus.conventions import Conventions
from framescope.corpus.read import read_corpus
from framescope.errors import CorpusError
from framescope.formats.dialect import Dialect, Quoting

Write = Callable[[str, str | bytes], Path]

TSV = (
    'id\ttext\tlabels\n1\t"Западът е виновен\tfear\n2\tДецата пишат\tloyalty\n'
    '3\tТе няма да победят"\tdoubt\n4\tРед.\tfear\n'
)
PLAIN = Conventions(dialect=Dialect(quoting=Quoting.NONE))


def test_a_stray_quote_does_not_swallow_rows(write: Write) -> None:
    path = write("a.tsv", TSV)
    with pytest.raises(CorpusError, match=r"a\.tsv:2: a quoted cell holds 3 rows: .*--quoting none"):
        read_corpus(path)
    corpus = read_corpus(path, conventions=PLAIN)
    assert corpus.column("text")[:2] == ['"Западът е виновен', "Децата пишат"]
    assert corpus.column("labels") == [["fear"], ["loyalty"], ["doubt"], ["fear"]]
    whole = read_corpus(path, conventions=Conventions(dialect=Dialect(quoting=Quoting.STANDARD)))
    assert whole.column("id") == ["1", "4"]


def test_two_rows_in_one_cell_are_noticed(write: Write) -> None:
    path = write("a.tsv", 'text\tlabels\n"Да\tx\nНе"\ty\n')
    with pytest.raises(CorpusError, match=r"a\.tsv:2: a quoted cell holds 2 rows"):
        read_corpus(path)


@pytest.mark.parametrize(
    "text",
    ["Ред, още\nи втори, с думи", "Един.\n\nДва, три, четири.\nПет, шест, седем.", "Цена 1,5\nи 2,5"],
)
def test_paragraphs_in_a_quoted_cell_are_a_text(write: Write, text: str) -> None:
    corpus = read_corpus(write("a.csv", f'id,text,labels\n1,"{text}",x\n'))
    assert corpus.column("text") == [text]


def test_an_open_quote_in_csv_does_not_swallow_rows(write: Write) -> None:
    path = write("a.csv", 'id,text,labels\n1,"Да,x\n2,Не,y\n3,Може,x\n4,Край",y\n')
    with pytest.raises(CorpusError, match=r"a\.csv:2: a quoted cell holds 4 rows"):
        read_corpus(path)
    assert read_corpus(path, conventions=PLAIN).column("id") == ["1", "2", "3", "4"]


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("a.csv", "id,text,labels\na,Първи,x\nid,text,labels\nb,Втори,y\n"),
        ("a.csv", "id,text,labels\na,Първи,x\n\ufeffID, text ,Labels\nb,Втори,y\n"),
        ("a.tsv", "id\ttext\tlabels\na\tПърви\tx\nid\ttext\tlabels\nb\tВтори\ty\n"),
        ("a.jsonl", '{"text": "Първи", "labels": "x"}\n\n{"text": "text", "labels": "labels"}\n'),
    ],
)
def test_a_header_that_occurs_again_is_no_row(write: Write, name: str, content: str) -> None:
    path = write(name, content)
    with pytest.raises(CorpusError, match=r":3: repeats the header, as joined files do: remove the line"):
        read_corpus(path)
    assert "labels" not in read_corpus(path, skip_invalid=True).codebook.ids


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("a.tsv", "Текст за войната сега\t<http://x/1>\n", "no header\\? the first line begins like a row"),
        ("a.tsv", "1\tстрах\t" + "дума " * 500 + "\n", "no header.* with '1': expected the names of columns"),
    ],
)
def test_another_layout_is_named(write: Write, name: str, content: str, message: str) -> None:
    with pytest.raises(CorpusError, match=f":1: {message}") as caught:
        read_corpus(write(name, content))
    assert len(str(caught.value)) < 400


@pytest.mark.parametrize(
    ("name", "content", "told"),
    [
        ("a.csv", "id;text;labels\n1;т;x\n", "read with ';' between the columns"),
        ("a.csv", '"id";"text";"labels"\n1;т;x\n', "read with ';' between the columns"),
        ("a.csv", "\n\nid\ttext\tlabels\n1\tт\tx\n", "read with tabs between the columns"),
        ("a.csv", "id|text|labels\n1|т|x\n", "read with '|' between the columns"),
        ("a.tsv", "id,text,labels\n1,т,x\n", "read with commas between the columns"),
        ("a.csv", "sep=;\nid;text;labels\n1;т;x\n", "read with ';' between the columns"),
        ("a.csv", '\ufeff"sep=;"\r\nid;text;labels\r\n1;т;x\r\n', "read with ';' between the columns"),
        ("a.csv", "sep=,\nid,text,labels\n1,т,x\n", ""),
    ],
)
def test_another_separator_is_found_and_told(
    write: Write, caplog: pytest.LogCaptureFixture, name: str, content: str, told: str
) -> None:
    path = write(name, content)
    corpus = read_corpus(path)
    assert (corpus.column("id"), corpus.column("text"), corpus.column("labels")) == (["1"], ["т"], [["x"]])
    assert caplog.messages == ([f"{path}: {told}"] if told else [])


def test_a_separator_that_is_named_is_taken(write: Write) -> None:
    path = write("a.csv", "id^text^labels\n1^т^x\n")
    named = read_corpus(path, conventions=Conventions(dialect=Dialect(delimiter="^")))
    assert named.column("text") == ["т"]
    with pytest.raises(CorpusError, match=r"text: no such column; columns are: 'id\^text\^labels'"):
        read_corpus(path)


def test_long_and_many_column_names_are_cut(write: Write) -> None:
    """In JSON lines, where no first line can be taken for data."""
    path = write("a.jsonl", json.dumps({f"column-{n}-{'x' * 60}": "" for n in range(30)}))
    with pytest.raises(CorpusError, match=r"columns are: 'column-0-x+\.\.\.'.* and 10 more") as caught:
        read_corpus(path)
    assert len(str(caught.value)) < 2500
