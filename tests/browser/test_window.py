"""The browser fixture itself sees what a page does wrong."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from conftest import Browser

pytestmark = pytest.mark.browser

FAULTY = """<!doctype html><title>x</title><div style="width: 500px">wide</div>
<img src="http://127.0.0.1:9/x.png"><script>console.error("wrong")</script>"""


def test_faults_of_a_page_are_seen(browser: Browser, tmp_path: Path) -> None:
    page = tmp_path / "faulty.html"
    page.write_text(FAULTY, encoding="utf-8")
    browser.open(page, width=360)
    assert browser.requests() == ["http://127.0.0.1:9/x.png"]
    assert any("wrong" in line for line in browser.console())
    assert browser.overflow() > 100


def test_earlier_pages_are_forgotten(browser: Browser, tmp_path: Path) -> None:
    (tmp_path / "faulty.html").write_text(FAULTY, encoding="utf-8")
    (tmp_path / "quiet.html").write_text("<!doctype html><title>x</title>", encoding="utf-8")
    browser.open(tmp_path / "faulty.html")
    browser.open(tmp_path / "quiet.html", is_dark=True)
    assert (browser.requests(), browser.console(), browser.overflow()) == ([], [], 0)
    assert browser.run("return matchMedia('(prefers-color-scheme: dark)').matches")
