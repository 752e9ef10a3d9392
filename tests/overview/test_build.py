"""An overview of a few articles, counted by hand."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from framescope.overview.build import Grouping, make_overview
from framescope.overview.contents import NO_CHANGE, NO_COMPARISON, Overview
from framescope.overview.evidence import first_shown
from framescope.overview.feed import SCORES, Mark, OverviewError
from framescope.overview.findings import findings_of
from framescope.overview.written import overview_json, write_tables

ROWS: tuple[dict[str, Any], ...] = (
    {
        "id": "a",
        "source": "Ехо",
        "date": "2026-02-03",
        "lang": "bg",
        "labels": ["divides"],
        "text": "Запад раздели",
    },
    {"id": "b", "source": "Ехо", "date": "2026-02-04", "lang": "BG", "labels": [], "text": "Реколтата"},
    {
        "id": "c",
        "source": "Herald",
        "date": "2026-02-05",
        "lang": "en",
        "labels": ["union"],
        "text": "The union",
    },
    {"id": "d", "source": "Herald", "date": "2026-02-24", "lang": "en", "labels": ["west"], "text": "West"},
    {"id": "e", "source": "", "date": "", "lang": "", "labels": [], "text": "No source"},
    {"id": "f", "source": "Herald", "date": "soon", "lang": "en", "labels": ["union"], "text": "Union soon"},
)


def overview(feed_of: Any, rows: Any = ROWS, by: str = "source,week,lang", **fields: Any) -> Overview:
    return make_overview(feed_of(rows, **fields), Grouping(tuple(by.split(","))))


def test_there_is_a_table_for_every_set_of_dimensions(feed_of: Any) -> None:
    found = overview(feed_of)
    assert [table.by for table in found.tables] == [
        (),
        ("source",),
        ("week",),
        ("lang",),
        ("source", "week"),
        ("source", "lang"),
        ("week", "lang"),
        ("source", "week", "lang"),
    ]
    assert found.table("week", "source") is found.tables[4]
    assert found.table("id") is None
    assert all(int(table.n.sum()) == 6 for table in found.tables)


def test_labels_are_counted_with_their_parents(feed_of: Any) -> None:
    cells = overview(feed_of).tables[0]
    assert [label.id for label in overview(feed_of).labels] == ["west", "divides", "retreats", "union"]
    assert cells.n_decided.tolist() == [[2, 1, 0, 2]]
    assert cells.share[0] == pytest.approx(np.array([2, 1, 0, 2]) / 6)
    assert cells.counted[0] == pytest.approx(cells.share[0])
    assert (cells.low[0] < cells.share[0] + 1e-9).all()
    assert cells.is_small.tolist() == [True]
    assert not cells.is_beyond.any()


def test_values_that_are_missing_have_cells_of_their_own_last(feed_of: Any) -> None:
    found = overview(feed_of)
    assert found.tables[1].keys == (("Herald",), ("Ехо",), ("(no source)",))
    assert found.tables[3].keys == (("bg",), ("en",), ("(no lang)",))
    weeks = [key for (key,) in found.tables[2].keys]
    assert weeks == ["2026-W06", "2026-W07", "2026-W08", "2026-W09", "(date not readable)", "(no date)"]
    assert [str(warning) for warning in found.warnings] == [
        "1 dates cannot be read, such as 'soon': expected 2026-02-03, 3.2.2026, 3 February 2026 or the like"
    ]


def test_weeks_without_articles_have_no_shares(feed_of: Any) -> None:
    weeks = overview(feed_of).tables[2]
    assert weeks.n.tolist() == [3, 0, 0, 1, 1, 1]
    assert np.isnan(weeks.share[1:3]).all()
    assert not np.isnan(weeks.share[[0, 3, 4, 5]]).any()


def test_weeks_are_compared_with_the_one_before_and_with_all_others(feed_of: Any) -> None:
    before, average = overview(feed_of, by="week").changes
    assert (before.against, average.against) == ("before", "average")
    assert (before.word == NO_COMPARISON).all(), "no week has articles and one before it that has"
    assert average.word.tolist() == [[NO_CHANGE] * 4, [0] * 4, [0] * 4, [NO_CHANGE] * 4, [0] * 4, [0] * 4]
    assert average.difference[0] == pytest.approx([1 / 3 - 1, 1 / 3, 0, 1 / 3], abs=0.02)
    assert average.n_tests == 8


def test_outlets_are_compared_with_all_others(feed_of: Any) -> None:
    (found,) = overview(feed_of, by="source").changes
    assert (found.by, found.against) == (("source",), "others")
    assert found.difference[1, 1] == pytest.approx(1 / 2, abs=0.02), "one of two of Ехо, none of four others"


def test_what_differs_between_languages_is_told_last(feed_of: Any) -> None:
    """Though it is surer: an outlet writes in two languages, and in one of them pushes a label."""
    rows = [
        {
            "id": f"{k}",
            "source": "xy"[k < 70],
            "lang": ("en", "bg")[k < 60],
            "labels": ["union"][k // 60 :],
            "text": f"{k}",
        }
        for k in range(120)
    ]
    found = findings_of(overview(feed_of, rows, by="source,lang"))
    assert [one.by for one in found] == [("source",)] * 2 + [("lang",)] * 2
    assert found[0].p_value > found[-1].p_value


def test_months_are_periods_too(feed_of: Any) -> None:
    months = overview(feed_of, by="month").tables[1]
    assert months.keys == (("2026-02",), ("(date not readable)",), ("(no date)",))


def test_a_text_counts_once_in_an_outlet_and_again_in_another(feed_of: Any) -> None:
    again = [{**ROWS[0], "id": "g"}, {**ROWS[0], "id": "h", "source": "Herald"}, {**ROWS[0], "id": "i"}]
    found = overview(feed_of, [*ROWS, *again])
    assert (found.origin.n_rows, found.origin.n_articles, found.origin.n_copies) == (9, 7, 2)
    by_source = found.tables[1]
    assert by_source.n.tolist() == [4, 2, 1]
    assert by_source.n_copies.tolist() == [0, 2, 0]
    assert any("2 articles repeat a text" in str(note) for note in found.notes)


def test_texts_unlike_training_count_apart(feed_of: Any) -> None:
    rows = [{**row, "unlike": row["id"] in "ab"} for row in ROWS]
    found = overview(feed_of, rows, kind=SCORES)
    assert (found.origin.n_articles, found.origin.n_unlike) == (4, 2)
    assert found.tables[0].n_decided.tolist() == [[1, 0, 0, 2]]
    assert any("33 % of the texts are unlike training" in str(warning) for warning in found.warnings)


def test_a_week_of_texts_unlike_training_has_no_shares_and_compares_with_nothing(feed_of: Any) -> None:
    rows = [{**row, "unlike": row["id"] == "d"} for row in ROWS[:4]]
    found = overview(feed_of, rows, by="week", kind=SCORES)
    weeks = found.tables[1]
    assert (weeks.keys[3], weeks.n[3], weeks.n_unlike[3]) == (("2026-W09",), 0, 1)
    assert np.isnan(weeks.share[3]).all()
    assert {int(word) for one in found.changes for word in one.word[3]} == {NO_COMPARISON}
    assert found.pieces_of(weeks, 3, 0) == []


def test_shares_of_an_unknown_model_are_not_corrected(feed_of: Any) -> None:
    found = overview(feed_of, [{**row, "p": 0.5} for row in ROWS], kind=SCORES)
    assert not found.origin.is_corrected
    assert found.tables[0].share[0] == pytest.approx(np.array([1, 0.5, 0, 1]) / 6)
    assert found.tables[0].counted[0] == pytest.approx(np.array([2, 1, 0, 2]) / 6)
    assert "name it with --model" in str(found.warnings[-1])


def test_cells_show_given_before_probable_articles(feed_of: Any) -> None:
    rows = [
        {"id": name, "source": "x", "labels": ["union"], "text": name, "p": p, "given": given}
        for name, p, given in (("a", 0.9, False), ("b", 0.4, True), ("c", 0.6, True), ("d", 0.8, False))
    ]
    found = overview(feed_of, rows, by="source", kind=SCORES)
    pieces = found.pieces_of(found.tables[1], 0, 3)
    assert [(piece.id, piece.is_given) for piece in pieces] == [("c", True), ("b", True), ("a", False)]
    assert pieces[0].probability == pytest.approx(0.6)
    assert found.pieces_of(found.tables[1], 0, 0) == []


def test_pieces_quote_the_passage_of_their_label_or_of_its_children(feed_of: Any) -> None:
    spans = {"a": [Mark("divides", 0, 5, 5.0, is_whole=True)]}
    found = overview(feed_of, spans=spans)
    quoted = {(piece.id, piece.label): piece.passage for piece in found.pieces}
    assert quoted["a", "divides"] == quoted["a", "west"] == "Запад"
    assert quoted["c", "union"] == ""


def test_a_single_word_is_quoted_with_its_sentence(feed_of: Any) -> None:
    row = {**ROWS[2], "title": "News", "text": "It rains. The union grows. It ends."}
    spans = {"c": [Mark("union", 19, 24, 0.2, is_whole=False), Mark("union", 5, 7, 0.1, is_whole=False)]}
    (piece,) = overview(feed_of, [row], by="source", spans=spans).pieces
    assert piece.passage == "The union grows."
    assert f"News\n{row['text']}"[piece.start : piece.end] == piece.passage


def test_passages_are_asked_for_first_where_tables_are_coarsest() -> None:
    tables = [np.array([[[3, 1, -1]]], np.int32), np.array([[[1, 0, -1]], [[3, 2, -1]]], np.int32)]
    assert first_shown(tables).tolist() == [3, 1, 0, 2]
    assert first_shown([]).tolist() == []


def test_without_texts_there_are_no_passages(feed_of: Any) -> None:
    found = overview(feed_of, has_texts=False)
    assert {piece.passage for piece in found.pieces} == {""}
    assert any("score with --keep text" in str(note) for note in found.notes)


def test_columns_may_have_other_names(feed_of: Any) -> None:
    rows = [{**row, "outlet": row["source"]} for row in ROWS]
    feed = feed_of(rows, column_names=("id", "outlet"))
    found = make_overview(feed, Grouping(("source",), {"source": "outlet"}))
    assert found.tables[1].keys == (("Herald",), ("Ехо",), ("(no source)",))
    assert {piece.source for piece in found.pieces} == {"Herald", "Ехо"}


def test_what_is_missing_is_said(feed_of: Any) -> None:
    with pytest.raises(OverviewError, match="genre: there is no column 'genre': there are 'id', 'source'"):
        overview(feed_of, by="genre")
    with pytest.raises(OverviewError, match="memory: has no articles: expected one or more"):
        overview(feed_of, [])


def test_a_column_of_distinct_values_is_refused(feed_of: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("framescope.overview.dimensions.MAX_VALUES", 3)
    with pytest.raises(OverviewError, match="id: has more than 3 values: expected a column of outlets"):
        overview(feed_of, by="id")


def test_too_many_cells_are_refused(feed_of: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("framescope.overview.gathered.MAX_CELLS", 2)
    with pytest.raises(OverviewError, match="more than 2 cells: leave one out of --by"):
        overview(feed_of)


def test_there_are_four_dimensions_at_most(feed_of: Any) -> None:
    found = overview(feed_of, by="source,week,lang,id")
    assert len(found.tables) == 16
    assert found.tables[-1].keys[0] == ("Herald", "2026-W06", "en", "c")
    with pytest.raises(OverviewError, match="expected at most 4 names, found 5"):
        overview(feed_of, by="source,week,lang,id,title")


def test_the_order_of_articles_does_not_matter(feed_of: Any) -> None:
    one, other = overview(feed_of), overview(feed_of, ROWS[::-1])
    for mine, others in zip(one.tables, other.tables, strict=True):
        assert mine.keys == others.keys
        assert mine.n_decided.tolist() == others.n_decided.tolist()
        assert np.allclose(mine.share, others.share, equal_nan=True)


def test_json_has_the_fields_of_an_overview_and_no_nan(feed_of: Any) -> None:
    found = overview_json(overview(feed_of))
    weeks = found["tables"][2]
    assert (weeks["by"], weeks["n"]) == (["week"], [3, 0, 0, 1, 1, 1])
    assert weeks["share"][0] == [0.33333, 0.33333, 0.0, 0.33333]
    assert weeks["share"][1] == [None] * 4
    places = {place for table in found["tables"] for cell in table["evidence"] for of in cell for place in of}
    assert places == {-1, *range(len(found["pieces"]))}


def test_tables_are_written_as_csv(feed_of: Any, tmp_path: Any) -> None:
    written = write_tables(
        overview(feed_of, [replace_source(ROWS[0]), *ROWS[1:]], by="source"), tmp_path / "out"
    )
    (by_source,) = (path for path in written if path.name == "shares-by-source.csv")
    lines = by_source.read_text(encoding="utf-8-sig").splitlines()
    assert lines[0].startswith("source,label,articles,unlike_training,copies,share,low,high,")
    assert any(line.startswith("'=1+1,divides,1,0,0,1.0,") for line in lines), "no cell is a formula"


def replace_source(row: dict[str, Any]) -> dict[str, Any]:
    return {**row, "source": "=1+1"}
