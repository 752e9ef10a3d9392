"""The page of an overview in Chromium: quiet, narrow enough, for keys, and whole without its script."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from overviews import HOSTILE, make_overview
from selenium.webdriver.common.keys import Keys

from framescope.pages.overview.page import make_page

if TYPE_CHECKING:
    from conftest import Browser

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def page(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("overview") / "overview.html"
    make_page(make_overview([f"Outlet {k}" for k in range(9)] + [HOSTILE])).save(path)
    return path


def find(browser: Browser, selector: str) -> list[Any]:
    return list(browser.driver.find_elements("css selector", selector))


def shown_panel(browser: Browser) -> str:
    return str(browser.run("return document.querySelector('.exhibit:target')?.id ?? ''"))


@pytest.mark.parametrize("is_dark", [False, True])
@pytest.mark.parametrize("width", [360, 1280])
@pytest.mark.parametrize("interface", ["en", "bg", "ru"])
def test_a_page_opens_quietly_and_fits(
    browser: Browser, tmp_path: Path, interface: str, width: int, is_dark: bool
) -> None:
    make_page(make_overview(), interface=interface).save(tmp_path / "a.html")
    browser.open(tmp_path / "a.html", width=width, is_dark=is_dark)
    browser.run("document.querySelectorAll('details').forEach(e => e.open = true)")
    assert (browser.console(), browser.requests(), browser.overflow()) == ([], [], 0)
    assert HOSTILE not in browser.driver.title


def test_a_figure_opens_its_articles_and_escape_gives_the_focus_back(browser: Browser, page: Path) -> None:
    browser.open(page)
    (first, *_) = find(browser, ".heat td a")
    browser.run("arguments[0].focus({preventScroll: true})", first)
    browser.press(Keys.ENTER)
    assert shown_panel(browser) == first.get_attribute("href").partition("#")[2]
    (panel,) = find(browser, ".exhibit:target")
    assert panel.is_displayed()
    assert panel.find_elements("css selector", ".pieces li")
    browser.driver.switch_to.active_element.send_keys(Keys.ESCAPE)
    assert shown_panel(browser) == ""
    assert browser.driver.switch_to.active_element == first
    assert browser.console() == []


def test_arrows_walk_the_heat_map_of_which_one_cell_is_a_stop(browser: Browser, page: Path) -> None:
    browser.open(page)
    assert len(find(browser, "#grid-0 td a[tabindex='0']")) == 1
    rows = find(browser, "#grid-0 tbody tr")
    links = [row.find_elements("css selector", "td a") for row in rows]
    browser.run("arguments[0].focus()", links[0][0])
    assert browser.press(Keys.ARROW_RIGHT) == links[0][1]
    assert browser.press(Keys.ARROW_LEFT) == links[0][0]
    assert browser.press(Keys.ARROW_DOWN) == links[1][0]
    assert browser.press(Keys.ARROW_UP) == links[0][0]
    assert browser.press(Keys.ARROW_UP) == links[0][0]
    assert len(find(browser, "#grid-0 td a[tabindex='0']")) == 1


def test_a_heat_map_can_be_sorted_by_keys(browser: Browser, page: Path) -> None:
    browser.open(page)
    button = find(browser, "#grid-0 thead button")[2]
    browser.run("arguments[0].focus()", button)
    values = (
        "return [...document.querySelectorAll('#grid-0 tbody tr')].map(r => Number(r.cells[2].dataset.value))"
    )
    browser.press(Keys.ENTER)
    falling = browser.run(values)
    assert falling == sorted(falling, reverse=True)
    browser.press(Keys.SPACE)
    rising = browser.run(values)
    assert rising == sorted(falling)
    heads = browser.run("return [...document.querySelectorAll('#grid-0 th[aria-sort]')].map(e => e.ariaSort)")
    assert heads == ["ascending"]


def test_rows_and_labels_can_be_filtered(browser: Browser, page: Path) -> None:
    browser.open(page)
    rows, _ = find(browser, "[data-filter^='#grid-0']")
    rows.send_keys("oUTLET 3")
    shown = [row for row in find(browser, "#grid-0 tbody tr") if row.is_displayed()]
    assert [row.get_attribute("data-name") for row in shown] == ["Outlet 3"]
    rows.clear()
    rows.send_keys(" ")
    assert all(row.is_displayed() for row in find(browser, "#grid-0 tbody tr"))


def test_the_name_of_an_outlet_opens_its_profile(browser: Browser, page: Path) -> None:
    browser.open(page)
    row = find(browser, "#grid-0 tbody tr")[4]
    row.find_element("css selector", "th a").send_keys(Keys.ENTER)
    name = row.get_attribute("data-name")
    opened = [one.get_attribute("data-name") for one in find(browser, ".profiles > details[open]")]
    assert name in opened


def test_without_its_script_the_page_says_the_same(browser: Browser, page: Path, tmp_path: Path) -> None:
    """Figures still open their articles, by links alone; nothing that needs a script is offered."""
    browser.open(page)
    with_script = browser.run("return document.querySelector('main').innerText")
    filters = browser.run("return [...document.querySelectorAll('.filters')].map(e => e.innerText).join(' ')")
    bare = re.sub("<script>.*?</script>", "", page.read_text(encoding="utf-8"), flags=re.DOTALL)
    (tmp_path / "bare.html").write_text(bare, encoding="utf-8")
    browser.open(tmp_path / "bare.html")
    assert not any(one.is_displayed() for one in find(browser, ".filters"))
    without = browser.run("return document.querySelector('main').innerText")
    assert set(with_script.split()) - set(filters.split()) <= set(without.split())
    link = find(browser, ".heat td a")[3]
    panel = link.get_attribute("href").partition("#")[2]
    link.click()
    (shown,) = find(browser, f"#{panel}")
    assert shown.is_displayed()
    shown.find_element("css selector", ".close").click()
    assert not shown.is_displayed()
    assert browser.run("return location.hash") == f"#{link.get_attribute('id')}"
    assert (browser.console(), browser.overflow()) == ([], 0)


def test_text_stands_out_from_its_paper(browser: Browser, page: Path) -> None:
    """The darkest cell of a heat map, in both themes: at least 4.5 to 1, as WCAG asks."""
    for is_dark in (False, True):
        browser.open(page, is_dark=is_dark)
        browser.run("document.querySelector('#grid-0 td.col').style.setProperty('--level', '1')")
        assert browser.run(CONTRAST, find(browser, "#grid-0 td.col")[0]) >= 4.5


CONTRAST = """
const cell = arguments[0];
const canvas = document.createElement("canvas").getContext("2d", { willReadFrequently: true });
const light = (...colours) => {
  for (const colour of colours) { canvas.fillStyle = colour; canvas.fillRect(0, 0, 1, 1); }
  const [r, g, b] = [...canvas.getImageData(0, 0, 1, 1).data].map((v) => v / 255)
    .map((v) => (v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4));
  return 0.2126 * r + 0.7152 * g + 0.0722 * b;
};
const paper = getComputedStyle(document.body).backgroundColor;
const back = light(paper, getComputedStyle(cell).backgroundColor);
const ink = light(paper, getComputedStyle(cell.firstElementChild).color);
return (Math.max(back, ink) + 0.05) / (Math.min(back, ink) + 0.05);
"""
