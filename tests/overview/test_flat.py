"""Overviews as CSV and as a workbook: all tables, nothing that a spreadsheet runs."""

from __future__ import annotations

import csv
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from overviews import OUTLETS, make_overview

from framescope.errors import FramescopeError
from framescope.overview import sheets
from framescope.overview.contents import Alike
from framescope.overview.feed import OverviewError
from framescope.overview.flat import flat_tables
from framescope.overview.sheets import write_workbook
from framescope.overview.written import write_tables


def rows_of(path: Path) -> list[Mapping[str, str]]:
    with path.open(encoding="utf-8-sig", newline="") as opened:
        return list(csv.DictReader(opened))


def test_every_table_is_a_file(tmp_path: Path) -> None:
    overview = make_overview()
    written = write_tables(overview, tmp_path / "tables")
    assert [path.stem for path in written] == [
        "shares-overall",
        "shares-by-source",
        "shares-by-week",
        "shares-by-lang",
        "shares-by-source-week",
        "shares-by-source-lang",
        "shares-by-week-lang",
        "shares-by-source-week-lang",
        "changes-by-source-against-others",
        "changes-by-week-against-before",
        "changes-by-week-against-average",
        "changes-by-lang-against-others",
        "changes-by-source-week-against-before",
        "changes-by-source-week-against-average",
        "outlets-alike",
        "labels-together",
        "stories",
        "articles",
    ]
    cells = overview.table("source")
    assert cells is not None
    row = rows_of(tmp_path / "tables" / "shares-by-source.csv")[1]
    assert (row["source"], row["label"], row["articles"]) == (OUTLETS[0], "great-turan", str(cells.n[0]))
    assert float(row["share"]) == pytest.approx(cells.share[0, 1], abs=1e-5)
    assert row["shown_by"] == " ".join(piece.id for piece in overview.pieces_of(cells, 0, 1))


def test_an_empty_week_has_no_share_but_a_row(tmp_path: Path) -> None:
    write_tables(make_overview(), tmp_path)
    empty = [row for row in rows_of(tmp_path / "shares-by-week.csv") if row["articles"] == "0"]
    assert {(row["share"], row["low"], row["decided"]) for row in empty} == {("", "", "0")}


def test_names_that_are_formulas_or_paths_are_harmless(tmp_path: Path) -> None:
    """In cells, and in the names of files."""
    overview = replace(make_overview(), alike=(Alike("=1+1", "@x", 0.5),))
    cells = [replace(one, by=("a/b",)) if one.by == ("lang",) else one for one in overview.tables]
    write_tables(replace(overview, tables=tuple(cells)), tmp_path)
    assert rows_of(tmp_path / "outlets-alike.csv")[0] == {"one": "'=1+1", "other": "'@x", "likeness": "0.5"}
    assert (tmp_path / "shares-by-a-b.csv").is_file()


def test_a_workbook_has_the_same_tables(tmp_path: Path) -> None:
    openpyxl: Any = pytest.importorskip("openpyxl")
    overview = replace(make_overview(n_weeks=3), alike=(Alike("=1+1", "@x", 0.5),))
    write_workbook(overview, tmp_path / "a.xlsx")
    book = openpyxl.load_workbook(tmp_path / "a.xlsx")
    tables = list(flat_tables(overview))
    assert len(book.sheetnames) == len(tables)
    assert [name for name in book.sheetnames if len(name) > 31] == []
    sheet = book["outlets-alike"]
    assert [[cell.value for cell in row] for row in sheet.rows] == [
        ["one", "other", "likeness"],
        ["=1+1", "@x", 0.5],
    ]
    assert sheet["A2"].data_type == "s"
    write_workbook(overview, tmp_path / "b.xlsx")
    assert (tmp_path / "a.xlsx").read_bytes() == (tmp_path / "b.xlsx").read_bytes()


def test_a_table_that_excel_does_not_hold_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sheets, "MAX_ROWS", 20)
    with pytest.raises(OverviewError, match="shares-by-source: has more than the 20 rows that Excel shows"):
        write_workbook(make_overview(), tmp_path / "a.xlsx")
    assert list(tmp_path.iterdir()) == []


def test_a_workbook_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    with pytest.raises(FramescopeError, match=r"missing/a\.xlsx: cannot be written"):
        write_workbook(make_overview(n_weeks=3), tmp_path / "missing" / "a.xlsx")
