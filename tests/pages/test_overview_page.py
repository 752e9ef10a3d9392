"""The page of an overview: what it says first, where figures lead, and what it does with markup and gaps."""

from __future__ import annotations

import re
from base64 import b64encode
from dataclasses import replace
from hashlib import sha256
from html import unescape
from html.parser import HTMLParser

import numpy as np
import pytest
from overviews import HOSTILE, OUTLETS, make_overview

from framescope.overview.contents import ROSE, Cells, Overview
from framescope.overview.feed import LABELS
from framescope.pages.overview.figures import figures_of
from framescope.pages.overview.page import OverviewPage, make_page

VOID = {"meta", "link", "input", "br"}


class Links(HTMLParser):
    """Collects ids, links and the balance of tags."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.ids: list[str] = []
        self.inner: set[str] = set()
        self.outer: set[str] = set()
        self.scripts = 0
        self._open: list[str] = []
        self.feed(html)
        assert self._open == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        found = dict(attrs)
        if tag not in VOID:
            self._open.append(tag)
        self.scripts += tag == "script"
        self.ids += [found["id"] or ""] if "id" in found else []
        if tag == "a":
            link = found["href"] or ""
            (self.inner if link.startswith("#") else self.outer).add(link.removeprefix("#"))

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        pass

    def handle_endtag(self, tag: str) -> None:
        assert self._open.pop() == tag


@pytest.fixture(scope="module")
def page() -> OverviewPage:
    return make_page(make_overview())


def text_of(html: str) -> str:
    return " ".join(unescape(re.sub(r"<(style|script).*?</\1>|<[^>]+>", " ", html, flags=re.DOTALL)).split())


@pytest.mark.parametrize("interface", ["en", "bg", "ru"])
def test_every_link_leads_somewhere_and_every_id_is_one(interface: str) -> None:
    found = Links(make_page(make_overview(), interface=interface).html())
    assert found.inner <= set(found.ids)
    assert len(found.ids) == len(set(found.ids))
    assert all(link.startswith("https://example.org/") for link in found.outer)


def test_every_share_with_an_article_leads_to_it(page: OverviewPage) -> None:
    """In the heat map, in the course of a label and in the profile of an outlet."""
    overview = page.overview
    (outlets, _) = page.grids
    cells = overview.table("source")
    assert cells is not None
    for row in outlets.rows:
        for column, cell in zip(outlets.columns, row.cells, strict=True):
            assert bool(cell.panel) == bool(overview.pieces_of(cells, row.number, column.column))
    panels = {one.anchor: one for one in page.exhibits}
    linked = [cell.panel for row in outlets.rows for cell in row.cells if cell.panel]
    linked += [point.panel for course in page.courses for point in course.points if point.panel]
    linked += [row.panel for profile in page.profiles for row in profile.rows if row.panel]
    assert len(linked) > 60
    assert set(linked) <= set(panels)


def test_given_articles_stand_before_those_to_review(page: OverviewPage) -> None:
    for one in page.exhibits:
        states = [piece.is_given for piece in one.pieces]
        assert states == sorted(states, reverse=True)


def test_the_page_says_first_what_rose_and_who_has_more(page: OverviewPage) -> None:
    overview = page.overview
    assert page.answer.last == "2026-W08"
    rose = [one for one in page.answer.changed if one.where == OUTLETS[0] and one.period == page.answer.last]
    assert {(one.label, one.word) for one in rose} >= {("A hostile alliance", "rose")}
    against_others = next(one for one in overview.changes if one.against == "others" and one.by == ("source",))
    cells = overview.table("source")
    assert cells is not None
    said = {(one.number, one.label) for one in page.answer.pushed}
    names = [label.name("en") for label in overview.labels]
    parents = {label.parent for label in overview.labels}
    expected = {
        (row, names[column])
        for row, column in zip(*np.nonzero(against_others.word == ROSE), strict=True)
        if overview.labels[column].id not in parents and not cells.is_small[row]
    }
    assert said == expected != set()


def test_nothing_to_say_is_said() -> None:
    """Without dates, outlets, changes, stories and passages."""
    overview = make_overview()
    bare = replace(
        overview,
        dimensions=(),
        tables=overview.tables[:1],
        changes=(),
        alike=(),
        together=(),
        stories=(),
        pieces=tuple(replace(piece, passage="", url="") for piece in overview.pieces),
    )
    found = make_page(bare)
    assert (found.answer.last, found.answer.pushed, found.courses, found.profiles, found.grids) == (
        "",
        (),
        (),
        (),
        (),
    )
    assert "How sure this is" in text_of(found.html())
    quiet = replace(overview, changes=tuple(_silent(overview)))
    said = text_of(make_page(quiet).html())
    assert "Over all outlets, nothing rose or fell beyond noise." in said
    assert "No outlet carries a label more often than the others, beyond noise." in said


def _silent(overview: Overview) -> list[object]:
    return [replace(one, word=np.ones_like(one.word)) for one in overview.changes]


def test_an_empty_week_breaks_the_line(page: OverviewPage) -> None:
    for course in page.courses:
        assert [point.is_known for point in course.points] == [True, True, False, *[True] * 5]
        assert len(course.lines) == len(course.bands) == 2
        assert course.points[2].share == "–"


def test_articles_unlike_training_stand_beside_those_that_count(page: OverviewPage) -> None:
    cells = page.overview.table("week")
    assert cells is not None
    said = text_of(page.html())
    for row in np.flatnonzero(cells.n_unlike).tolist():
        assert f"{cells.n[row]} +{cells.n_unlike[row]}" in said
    assert "+ articles unlike training, which are in no share" in said


def test_small_cells_are_grey_and_never_called_more() -> None:
    overview = make_overview()
    tables = [_small(cells) if cells.by == ("source",) else cells for cells in overview.tables]
    found = make_page(replace(overview, tables=tuple(tables)))
    assert all(row.is_small for row in found.grids[0].rows)
    assert {cell.sign for row in found.grids[0].rows for cell in row.cells} == {""}
    assert found.answer.pushed == ()
    assert found.html().count('class="small"') >= len(OUTLETS)


def _small(cells: Cells) -> Cells:
    return replace(cells, is_small=np.ones_like(cells.is_small))


def test_markup_is_text_and_only_our_script_runs(page: OverviewPage) -> None:
    html = page.html()
    found = Links(html)
    assert found.scripts == 1
    assert HOSTILE not in html
    assert HOSTILE in text_of(html)
    assert "javascript:" not in html.replace("alert", "")
    (script,) = re.findall(r"<script>(.*?)</script>", html, flags=re.DOTALL)
    digest = b64encode(sha256(script.encode()).digest()).decode()
    (policy,) = re.findall(r'Content-Security-Policy" content="([^"]+)"', html)
    assert f"default-src 'none'; script-src 'sha256-{digest}'; style-src 'unsafe-inline'" in policy


@pytest.mark.parametrize(
    ("interface", "expected"),
    [
        ("en", ("Who pushes what, when", "A hostile alliance", "(no source)", "to review")),
        ("bg", ("Кой какво прокарва и кога", "Враждебен съюз", "(без източник)", "за преглед")),
        ("ru", ("Кто что продвигает и когда", "A hostile alliance", "(без источника)", "на проверку")),
    ],
)
def test_the_page_speaks_the_language_of_the_reader(interface: str, expected: tuple[str, ...]) -> None:
    html = make_page(make_overview(), interface=interface).html()
    assert f'<html lang="{interface}">' in html
    assert [one for one in expected if one not in text_of(html)] == []


def test_warnings_and_notes_are_in_the_language_of_the_reader() -> None:
    """With labels by their names; what nobody translated is said in English."""
    found = make_page(make_overview(), interface="bg")
    assert found.warnings == (
        "Статиите се различават толкова от обучението, че за 1 от 5 етикета поправка не се обещава, "
        "например: Враждебен съюз.",
    )
    assert found.answer.sure == ("Дяловете са преброени по етикети, дадени от хора, с 95\u00a0% интервали.",)
    assert str(make_overview().warnings[0]).endswith("of 1 of 5 labels, such as alliance")


def test_languages_are_to_be_compared_with_care_where_a_model_judged() -> None:
    overview = make_overview()
    warning = "Compare languages with care"
    assert text_of(make_page(overview).html()).count(warning) == 1
    counted = replace(overview, origin=replace(overview.origin, kind=LABELS))
    assert warning not in text_of(make_page(counted).html())


def test_a_large_overview_shows_the_most_common_and_says_so() -> None:
    overview = make_overview([f"Outlet {k}" for k in range(60)], n_weeks=3)
    (outlets, _) = make_page(overview).grids
    assert (len(outlets.rows), outlets.n_rows) == (40, 60)
    assert "Shown are 40 of 60 rows" in text_of(make_page(overview).html())


def test_a_page_made_twice_is_the_same(page: OverviewPage) -> None:
    assert page.html() == make_page(make_overview()).html()


def test_every_chart_is_a_file_of_its_own(page: OverviewPage) -> None:
    """Well-formed, without links, and with names that no file system refuses."""
    charts = dict(figures_of(page))
    n_charts = len(page.grids) + len(page.courses) + len(page.profiles)
    assert len(charts) == n_charts == 2 + 5 + 5
    assert "time-1-alliance" in charts
    assert "outlet-2-Пресслужба-Ясень" in charts
    assert all(re.fullmatch(r"[\w.-]+", name) for name in charts)
    for content in charts.values():
        found = Links(content)
        assert (found.inner, found.outer, found.scripts) == (set(), set(), 0)
        assert content.lstrip().startswith("<svg xmlns=")
