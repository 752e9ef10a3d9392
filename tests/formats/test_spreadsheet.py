"""Spreadsheets: read like CSV by every command."""

from __future__ import annotations

import datetime
import io
from pathlib import Path
from typing import Any
from zipfile import ZIP_DEFLATED, ZipFile

import pytest

from framescope.articles import read_articles
from framescope.batch.inputs import expand
from framescope.batch.readers import read
from framescope.batch.shards import plan
from framescope.codebook_reading import read_codebook
from framescope.corpus.conventions import Conventions, Empty
from framescope.corpus.read import read_corpus
from framescope.errors import InputError
from framescope.formats.dialect import Dialect, Fields

pytest.importorskip("python_calamine")
openpyxl: Any = pytest.importorskip("openpyxl")

ROWS = [
    ["id", "text", "labels", "date", "share"],
    [7, "Нов блок", "fear; doubt", datetime.datetime(2024, 5, 11), 0.5],
    [8.0, "Съюз\nна изток", None, None, True],
]


def book(path: Path, sheets: dict[str, list[list[object]]]) -> Path:
    written = openpyxl.Workbook()
    written.remove(written.active)
    for name, rows in sheets.items():
        sheet = written.create_sheet(name)
        for row in rows:
            sheet.append(row)
    written.save(path)
    return path


def test_a_sheet_is_a_corpus(tmp_path: Path) -> None:
    """Whole numbers without a point, dates in ISO 8601, empty cells asked for as in CSV."""
    path = book(tmp_path / "a.xlsx", {"Лист": [[], *ROWS]})
    corpus = read_corpus(path, conventions=Conventions(empty=Empty.NONE))
    assert corpus.column("id") == ["7", "8"]
    assert corpus.column("labels") == [["fear", "doubt"], []]
    assert corpus.column("date") == ["2024-05-11", ""]
    assert corpus.column("share") == ["0.5", "TRUE"]
    with pytest.raises(InputError, match=r"a\.xlsx:4: 1 of 2 cells of 'labels' are empty"):
        read_corpus(path)


def test_predict_and_score_read_it_alike(tmp_path: Path) -> None:
    path = book(tmp_path / "a.xlsx", {"a": [["note"]], "b": ROWS})
    fields = Fields(dialect=Dialect(sheet="b"))
    articles = {each.id: each.text for each in read_articles([str(path)], io.BytesIO(), fields)}
    assert articles == {"7": "Нов блок", "8": "Съюз\nна изток"}
    (shard,) = plan(expand([path]), 1024, "")
    (batch,) = read(shard.slice, fields)
    assert dict(zip(batch.ids.to_pylist(), batch.texts, strict=True)) == articles
    with pytest.raises(InputError, match=r"has the sheets 'a', 'b': name one by --sheet"):
        read_articles([str(path)], io.BytesIO())
    with pytest.raises(InputError, match=r"has no sheet 'c', but 'a', 'b'"):
        read_articles([str(path)], io.BytesIO(), Fields(dialect=Dialect(sheet="c")))


def test_rows_at_fault_are_named(tmp_path: Path) -> None:
    rows = [["id", "text"], ["a", "Да"], ["b", "Не", "още"], ["id", "text"], [None, None], ["c", "Може"]]
    with pytest.raises(InputError) as caught:
        read_articles([str(book(tmp_path / "a.xlsx", {"a": rows}))], io.BytesIO())
    assert [(problem.line, problem.message) for problem in caught.value.problems] == [
        (3, "has 3 fields, expected 2"),
        (4, "repeats the header, as joined files do: remove the line"),
    ]


@pytest.mark.parametrize("content", [b"no spreadsheet", b"PK\x03\x04", b"PK\x03\x04" + bytes(100)])
def test_what_is_no_spreadsheet_is_refused(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "a.xlsx").write_bytes(content)
    with pytest.raises(InputError, match=r"is not an intact spreadsheet"):
        read_corpus(tmp_path / "a.xlsx")


def test_a_codebook_may_be_a_spreadsheet(tmp_path: Path) -> None:
    rows: list[list[object]] = [["id", "parent", "name_bg"], ["war", None, "Война"], ["fear", "war", None]]
    found = read_codebook(book(tmp_path / "frames.xlsx", {"a": rows}))
    assert (found.name, found.ids, found.labels[1].parent) == ("frames", ("war", "fear"), "war")


CELL = '<table:table-cell office:value-type="string"{}><text:p>{}</text:p></table:table-cell>'


def repeated(path: Path, n_columns: int, n_rows: int) -> Path:
    """Write an .ods with a cell that stands for many."""
    spaces = "".join(
        f' xmlns:{name}="urn:oasis:names:tc:opendocument:xmlns:{name}:1.0"'
        for name in ("office", "table", "text")
    )
    cell = CELL.format(f' table:number-columns-repeated="{n_columns}"', "hello")
    rows = (
        f"<table:table-row>{CELL.format('', 'text')}</table:table-row>"
        f'<table:table-row table:number-rows-repeated="{n_rows}">{cell}</table:table-row>'
    )
    with ZipFile(path, "w", ZIP_DEFLATED) as archive:
        archive.writestr("mimetype", "application/vnd.oasis.opendocument.spreadsheet")
        archive.writestr("META-INF/manifest.xml", "<manifest/>")
        archive.writestr(
            "content.xml",
            f'<office:document-content{spaces}><office:body><office:spreadsheet><table:table table:name="S">'
            f"{rows}</table:table></office:spreadsheet></office:body></office:document-content>",
        )
    return path


def test_repeated_cells_of_ods(tmp_path: Path) -> None:
    """A few are read; sixteen thousand million of them are refused before they fill the memory."""
    articles = read_articles([str(repeated(tmp_path / "a.ods", 1, 3))], io.BytesIO())
    assert [article.text for article in articles] == ["hello"] * 3
    with pytest.raises(InputError, match=r"b\.ods: (takes too much memory|is not an intact)"):
        read_articles([str(repeated(tmp_path / "b.ods", 16_384, 1_000_000))], io.BytesIO())


def test_a_cell_far_away(tmp_path: Path) -> None:
    """A file of some kilobytes that comes to gigabytes; the process that reads goes on."""
    written = openpyxl.Workbook()
    written.active.append(["text"])
    written.active["XFD1048576"] = "x"
    written.save(tmp_path / "far.xlsx")
    with pytest.raises(InputError, match=r"far\.xlsx: takes too much memory, or too long, to unpack"):
        read_articles([str(tmp_path / "far.xlsx")], io.BytesIO())


@pytest.mark.slow
def test_a_string_that_many_cells_share(tmp_path: Path) -> None:
    """600 MB in a file of one."""
    book(tmp_path / "shared.xlsx", {"S": [["text"], *[["word " * 6000]] * 20_000]})
    with pytest.raises(InputError, match=r"shared\.xlsx: (takes too much memory|unpacks to more than)"):
        read_corpus(tmp_path / "shared.xlsx")
