"""The page of disputed articles in a browser: quiet, not too wide, and the marks readable in both themes."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from coded import coded_rows
from commands import write_rows
from framescope.corpus.read import read_corpus
from framescope.measure.agreement import agreement
from framescope.pages.disputes import disputes_page

if TYPE_CHECKING:
    from conftest import Browser

pytestmark = pytest.mark.browser

LABEL = "a-narrative-with-a-rather-long-name-and-no-space"


@pytest.fixture(scope="module")
def page(tmp_path_factory: pytest.TempPathFactory) -> Path:
    home = tmp_path_factory.mktemp("disputes")
    names = ["anna.annanova@example.org", "Боян", "в"]
    rows = coded_rows({names[0]: [LABEL], names[1]: [], names[2]: [LABEL]}, {names[0]: [], names[1]: []})
    rows[0] |= {"lang": "bg", "title": "<b>Заглавие</b>"}
    rows[0]["annotations"][0]["spans"] = [{"start": 2, "end": 14, "label": LABEL}]
    corpus = read_corpus(write_rows(home / "coded.jsonl", rows))
    (home / "page.html").write_text(disputes_page(agreement(corpus), corpus), encoding="utf-8")
    return home / "page.html"


@pytest.mark.parametrize("is_dark", [False, True])
@pytest.mark.parametrize("width", [360, 1280])
def test_it_opens_quietly_and_fits(browser: Browser, page: Path, width: int, is_dark: bool) -> None:
    browser.open(page, width=width, is_dark=is_dark)
    browser.run("document.querySelectorAll('details').forEach(e => e.open = true)")
    assert (browser.console(), browser.requests()) == ([], [])
    assert browser.overflow() <= 0


def test_marks_name_who_made_them_and_titles_stay_text(browser: Browser, page: Path) -> None:
    browser.open(page)
    browser.run("document.querySelector('details').open = true")
    assert browser.run("return document.querySelector('mark').textContent") == (
        f"Западът дели [anna.annanova@example.org: {LABEL}]"
    )
    assert browser.run("return document.querySelector('section h3').textContent") == "<b>Заглавие</b>"


def test_names_of_rows_can_be_read_on_a_phone(browser: Browser, page: Path) -> None:
    """Wide tables scroll: their first columns are not squeezed to a letter a line."""
    browser.open(page, width=360)
    script = "return [...document.querySelectorAll('.scroll tbody tr')].map(row => row.offsetHeight)"
    assert max(browser.run(script)) < 150
