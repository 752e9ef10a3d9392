"""The report in a browser: nothing wrong, nothing loaded, nothing too wide, everything within reach of keys."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from selenium.webdriver.common.keys import Keys

from framescope.evaluation.judged import judge
from framescope.pages.report import make_report
from framescope.progress import no_progress
from reported import HOSTILE, train_small

if TYPE_CHECKING:
    from conftest import Browser

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def page(tmp_path_factory: pytest.TempPathFactory) -> Path:
    home = tmp_path_factory.mktemp("report")
    trained = train_small(home)
    judged = judge(trained.predictor.bundle, trained.corpus, group_by=None, jobs=1, progress=no_progress)
    (home / "report.html").write_text(make_report(trained.predictor, judged).html(), encoding="utf-8")
    return home / "report.html"


@pytest.mark.parametrize("is_dark", [False, True])
@pytest.mark.parametrize("width", [360, 1280])
def test_a_page_opens_quietly_and_fits(browser: Browser, page: Path, width: int, is_dark: bool) -> None:
    browser.open(page, width=width, is_dark=is_dark)
    browser.run("document.querySelectorAll('details').forEach(e => e.open = true)")
    assert (browser.console(), browser.requests()) == ([], [])
    assert browser.overflow() <= 0


def test_markup_in_an_article_is_shown_as_text(browser: Browser, page: Path) -> None:
    browser.open(page)
    assert HOSTILE in browser.run("return document.querySelector('#doubts ~ ol').textContent")
    assert browser.run("return document.title") == "Report on <b>tiny</b> & co"


def test_keys_reach_everything_and_open_what_is_closed(browser: Browser, page: Path) -> None:
    """Links, boxes that scroll and summaries, each once, in the order of the page; Enter opens a label."""
    browser.open(page)
    wanted = browser.driver.find_elements("css selector", "a[href], summary, [tabindex='0']")
    expected = [
        element.id for element in wanted if browser.run("return arguments[0].checkVisibility()", element)
    ]
    assert [browser.press(Keys.TAB).id for _ in expected] == expected
    label = browser.driver.find_element("css selector", ".labels summary")
    browser.run("arguments[0].focus()", label)
    browser.press(Keys.ENTER)
    assert browser.run("return arguments[0].parentElement.open", label)


def test_text_stands_out_from_its_paper(browser: Browser, page: Path) -> None:
    """Lines of a chart are drawn in the ink of the theme."""
    strokes = []
    for is_dark in (False, True):
        browser.open(page, is_dark=is_dark)
        strokes.append(browser.run("return getComputedStyle(document.querySelector('.chart .line')).stroke"))
    assert strokes == ["rgb(28, 29, 32)", "rgb(232, 230, 225)"]
