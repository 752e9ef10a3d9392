"""The choice of a reader, and what is said of input that cannot be used."""

from __future__ import annotations

import gzip
from collections.abc import Callable
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from framescope.codebook import Codebook
from framescope.codebook_reading import parse_codebook, read_codebook
from framescope.corpus.read import READERS, read_corpus
from framescope.corpus.schema import FieldNames
from framescope.errors import CodebookError, CorpusError

Write = Callable[[str, str | bytes], Path]


def fault(path: Path, **options: object) -> str:
    """Return the message of the only problem, without the path of the test's folder."""
    with pytest.raises(CorpusError, match=r".+") as caught:
        read_corpus(path, **options)
    (problem,) = caught.value.problems
    return str(problem).replace(f"{path.parent}/", "")


def test_the_suffix_names_the_format_in_any_case(write: Write) -> None:
    assert read_corpus(write("A.CSV", "text,labels\nДа,x\n")).format == "csv"
    assert read_corpus(write("a.tsv.gz", gzip.compress(b"text\tlabels\nyes\tx\n"))).format == "tsv"


def test_a_named_format_goes_before_the_suffix(write: Write) -> None:
    assert read_corpus(write("a.txt", "text,labels\nДа,x\n"), format="csv").column("id") == ["a:1"]


def test_contents_never_decide(write: Write) -> None:
    path = write("a.txt", '{"text": "т", "labels": ["x"]}')
    named = "labelstudio, doccano, prodigy, starter"
    formats = f"jsonl, csv, tsv, parquet, spreadsheet, semeval2025, semeval2023, {named}"
    assert fault(path) == f"a.txt: suffix '.txt' is no known format: name it, one of {formats}"
    assert fault(path, format="json") == f"a.txt: unknown format 'json', expected one of {formats}"
    assert fault(path, format="jsonl:x").startswith("a.txt: unknown format 'jsonl:x'")
    (path.parent / "folder").mkdir()
    expected = f"folder: is a folder without codebook.json: name its format, one of {formats}"
    assert fault(path.parent / "folder") == expected


def test_a_starter_folder_brings_its_codebook(samples: Path) -> None:
    corpus = read_corpus(samples / "starter")
    assert corpus.format == "starter"
    assert corpus.column("id") == ["bg-1", "ru-1"]
    assert corpus.codebook == read_codebook(samples / "starter/codebook.json")


def test_a_file_with_a_codebook_of_its_own_is_another_corpus(samples: Path) -> None:
    corpus = read_corpus(samples / "starter/techniques.jsonl", format="starter")
    assert (corpus.column("id"), corpus.codebook.ids) == (["bg-1:1"], ("Doubt",))
    assert read_corpus(samples / "starter/articles-bg.jsonl", format="starter").codebook.name == "sample"


def test_a_starter_folder_without_articles_or_codebook_is_refused(write: Write) -> None:
    path = write("codebook.json", '{"labels": [{"id": "x"}]}')
    with pytest.raises(CorpusError, match=r"holds no \*\.jsonl files"):
        read_corpus(path.parent)
    path.rename(path.with_name("other.json"))
    write("a.jsonl", '{"text": "т", "labels": []}')
    with pytest.raises(CodebookError, match=r"codebook\.json: no such file"):
        read_corpus(path.parent, format="starter")


def test_a_missing_file_or_folder_is_named(tmp_path: Path) -> None:
    assert fault(tmp_path / "none.csv") == "none.csv: no such file or folder"
    assert fault(tmp_path / "none", format="jsonl") == "none: no such file"
    assert fault(tmp_path, format="jsonl").endswith("cannot be read: Is a directory")


@pytest.mark.parametrize("content", [b"", b"\n \r\n", b"\xef\xbb\xbf"])
@pytest.mark.parametrize("suffix", ["jsonl", "csv", "parquet"])
def test_an_empty_file_is_said_to_be_empty(write: Write, content: bytes, suffix: str) -> None:
    assert fault(write(f"a.{suffix}", content)) == f"a.{suffix}: is empty"


def test_a_header_alone_holds_no_rows(write: Write, tmp_path: Path) -> None:
    assert fault(write("a.csv", "id,text,labels\n")) == "a.csv: holds no rows"
    pq.write_table(pa.table({"text": pa.array([], pa.string())}), tmp_path / "a.parquet")
    assert fault(tmp_path / "a.parquet") == "a.parquet: holds no rows"


CP1251 = "Съюз".encode("cp1251")
REMEDY = ", looks like windows-1251: --encoding windows-1251, or "


@pytest.mark.parametrize(
    ("name", "content", "remedy"),
    [
        ("a.jsonl", b'{"text": "yes", "labels": "x"}\n{"text": "' + CP1251 + b'", "labels": "x"}', ": "),
        ("a.csv", b"text,labels\n" + CP1251 + b",x\n", REMEDY),
        ("a.tsv", b"text\tlabels\n" + CP1251 + b"\tx\n", REMEDY),
    ],
)
def test_another_encoding_is_named_with_line_and_byte(
    write: Write, name: str, content: bytes, remedy: str
) -> None:
    """And with the option that reads it, where a format has one."""
    expected = f"{name}:2: byte 0xd1 is not UTF-8{remedy}save the file again as UTF-8"
    assert fault(write(name, content)) == expected


def test_a_header_in_another_encoding_is_refused(write: Write) -> None:
    assert fault(write("a.csv", CP1251 + b",text\na,b\n")).startswith("a.csv:1: byte 0xd1 is not UTF-8")


def test_utf16_is_called_by_its_name(write: Write) -> None:
    """In JSON, which is UTF-8; in tables the mark of byte order says it, and they are read."""
    expected = "a.jsonl: is utf-16, expected UTF-8: save the file again as UTF-8"
    assert fault(write("a.jsonl", '{"text": "Съюз", "labels": "x"}'.encode("utf-16"))) == expected


@pytest.mark.parametrize(
    "content", [b"text", gzip.compress(b"text,labels\nA,b")[:-5], gzip.compress(b"text")[:6]]
)
def test_damaged_gzip_is_refused(write: Write, content: bytes) -> None:
    assert fault(write("a.csv.gz", content)).startswith("a.csv.gz: is not an intact gzip file: ")


def test_damaged_parquet_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "a.parquet"
    pq.write_table(pa.table({"text": ["Съюз"] * 100, "labels": ["x"] * 100}), path)
    whole = path.read_bytes()
    for content in (whole[:-9], b"PAR1" + whole[40:], b"PAR1PAR1", b"text,labels"):
        path.write_bytes(content)
        assert fault(path).startswith("a.parquet: is not an intact Parquet file: ")


def test_parquet_with_bytes_that_are_no_text_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "a.parquet"
    pq.write_table(pa.table({"text": pa.array([CP1251]).view(pa.string()), "labels": ["x"]}), path)
    assert fault(path).startswith("a.parquet: is not an intact Parquet file: ")


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ('{"text": "т", ', "is not JSON: Expecting property name enclosed in double quotes at position 15"),
        ("[1]", "expected a JSON object, found a list"),
        ("[" * 100_000, "is not usable JSON: maximum recursion depth exceeded"),
        ('{"a": ' + "[" * 70 + "]" * 70 + "}", "is not usable JSON: nested deeper than 64 levels"),
        ('{"a": ' + "9" * 5000 + "}", "is not usable JSON: Exceeds the limit"),
        (
            '{"text": "\\uD800", "labels": "x"}',
            "has \\ud800, half of a surrogate pair, which is not a character",
        ),
        ('{"text": " ", "labels": "x"}', "text: is empty, expected the text of the unit"),
        ('{"labels": "x"}', "text: is empty, expected the text of the unit"),
        (
            '{"text": "т", "labels": [1]}',
            "labels: expected names of labels, found [1] (list): name the places by --label-names",
        ),
        ('{"text": "т", "labels": "x;praise"}', "labels: label 'praise' is not in the codebook"),
        ('{"text": "т", "labels": "x", "id": "one"}', "id: duplicate id 'one', first at line 1"),
        ('{"text": "т", "labels": "x", "spans": {}}', "spans: expected a list of spans, found {} (dict)"),
        ('{"text": "т", "labels": "x", "spans": "[1"}', "spans: is not JSON"),
    ],
)
def test_a_row_at_fault_is_named_with_line_and_field(write: Write, line: str, message: str) -> None:
    path = write("a.jsonl", '{"id": "one", "text": "Първа", "labels": "x", "spans": []}\n' + line)
    codebook = Codebook.flat(["x"])
    assert fault(path, codebook=codebook).startswith(f"a.jsonl:2: {message}")
    corpus = read_corpus(path, codebook=codebook, skip_invalid=True)
    assert (corpus.column("id"), corpus.n_left_out, len(corpus.left_out)) == (["one"], 1, 1)


@pytest.mark.parametrize(
    ("span", "message"),
    [
        ('{"start": 0, "end": 6, "label": "x"}', "0-6 is out of range, the text has 5 characters"),
        ('{"start": -1, "end": 3, "label": "x"}', "-1-3 is out of range, the text has 5 characters"),
        ('{"start": 2, "end": 2, "label": "x"}', "2-2 is out of range, the text has 5 characters"),
        (
            '{"start": true, "end": 2.0, "label": "x"}',
            "start and end must be integers, found True (bool) and 2.0",
        ),
        ('{"start": 0, "end": 2, "label": "y"}', "label 'y' is not in the codebook"),
        ('{"start": 0, "end": 2}', 'expected {"start": int, "end": int, "label": str}, found {'),
        ("3", 'expected {"start": int, "end": int, "label": str}, found 3 (int)'),
    ],
)
def test_a_span_at_fault_is_named(write: Write, span: str, message: str) -> None:
    path = write("a.jsonl", f'{{"text": "Блок🕊", "labels": "x", "spans": [{span}]}}')
    assert fault(path, codebook=Codebook.flat(["x"])).startswith(f"a.jsonl:1: spans[0]: {message}")


def test_spans_may_bear_other_labels_where_no_codebook_is_given(write: Write) -> None:
    path = write("a.jsonl", '{"text": "Блок", "labels": "x", "spans": [{"start": 0, "end": 4, "label": "y"}]}')
    corpus = read_corpus(path)
    assert (corpus.codebook.ids, corpus.column("spans")[0][0]["label"]) == (("x",), "y")


def test_missing_columns_are_named_once_with_those_that_exist(write: Write) -> None:
    path = write("a.csv", "nr,body\n1,A\n2,B\n")
    with pytest.raises(CorpusError) as caught:
        read_corpus(path, fields=FieldNames(title="headline"))
    assert [str(problem) for problem in caught.value.problems] == [
        f"{path}: {name}: no such column; columns are: 'nr', 'body'" for name in ("text", "labels", "headline")
    ]


def test_columns_that_occur_twice_are_refused(write: Write) -> None:
    assert fault(write("a.csv", "text,labels,text\nа,б,в\n")) == "a.csv:1: columns occur twice: 'text'"


def test_csv_records_are_named_by_their_first_line(write: Write) -> None:
    path = write("a.csv", 'id,text,labels\n1,"две\nлинии",x\n2,само две\n3,"стои" тук,x\n4,край,x\n')
    with pytest.raises(CorpusError) as caught:
        read_corpus(path)
    rule = (
        "quote fields with quotes or separators in them, and double their quotes; "
        "--quoting none if quotes are plain characters here"
    )
    assert [str(problem) for problem in caught.value.problems] == [
        f"{path}:4: has 2 fields, expected 3",
        f"{path}:5: is not valid CSV: ',' expected after '\"': {rule}",
    ]
    assert read_corpus(path, skip_invalid=True).column("id") == ["1", "4"]


def test_an_open_quote_does_not_swallow_the_rest_in_silence(write: Write) -> None:
    path = write("a.tsv", 'text\tlabels\nДа\tx\n"Край\tx\nОще\tx\n')
    assert fault(path).startswith("a.tsv:3: is not valid CSV: unexpected end of data: ")


def test_twenty_problems_are_shown_and_the_others_counted(write: Write) -> None:
    path = write("a.jsonl", '{"text": "", "labels": "x"}\n' * 23)
    with pytest.raises(CorpusError) as caught:
        read_corpus(path)
    lines = str(caught.value).splitlines()
    assert lines[19] == f"{path}:20: text: is empty, expected the text of the unit"
    assert lines[20:] == ["... and 3 more problems"]
    with pytest.raises(CorpusError, match="and 3 more problems"):
        read_corpus(path, skip_invalid=True)


def test_rows_left_out_keep_the_numbers_of_the_others(write: Write) -> None:
    lines = ['{"text": "а", "labels": "x"}', "{", '{"text": "", "labels": 5}', '{"text": "г", "labels": "x"}']
    corpus = read_corpus(write("a.jsonl", "\n".join(lines)), skip_invalid=True)
    assert corpus.column("id") == ["a@0", "a@58"]
    assert corpus.n_left_out == 2
    assert [(problem.line, problem.field) for problem in corpus.left_out] == [
        (2, None),
        (3, "text"),
        (3, "labels"),
    ]


def test_a_corpus_without_any_label_needs_a_codebook(write: Write) -> None:
    path = write("a.jsonl", '{"text": "т", "labels": []}')
    assert fault(path) == "a.jsonl: no row has a label, expected some labels or a codebook"
    assert read_corpus(path, codebook=Codebook.flat(["x"])).n_units == 1


def test_every_reader_has_a_name_of_its_own() -> None:
    assert len(set(READERS.values())) == len(READERS)


def test_a_label_that_is_called_by_its_name_is_recognized(write: Write) -> None:
    codebook = parse_codebook({"labels": [{"id": "econ", "name": {"bg": "Икономика"}}]}, "codebook.json")
    path = write("a.jsonl", '{"text": "т", "labels": ["икономика"]}')
    message = "label 'икономика' is not in the codebook: it is the name of 'econ', and labels are named by"
    with pytest.raises(CorpusError, match=message):
        read_corpus(path, codebook=codebook)
