"""The pages of a running server in Chromium: every path, by mouse and by keyboard, on a phone, in the dark."""

from __future__ import annotations

import json
import os
import socket
from collections.abc import Iterator
from importlib.resources import files
from importlib.util import find_spec
from pathlib import Path
from threading import Thread
from time import sleep
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode
from zipfile import ZipFile

import pytest
from person import ROWS
from selenium.webdriver import ActionChains
from selenium.webdriver.common.keys import Keys
from selenium.webdriver.support.ui import Select

from framescope.bundle.write import save_bundle
from framescope.model.fitted import Model
from framescope.predictor import Predictor
from tiny import FACTS

if TYPE_CHECKING:
    from conftest import Browser

pytestmark = pytest.mark.browser

TEXT = "Нов блок подкопава ОДКБ\n\nБлокът обеща сигурност — но на каква цена? Нов блок подкопава ОДКБ."
SERIOUS = {"serious", "critical"}
REQUIRED = os.environ.get("FRAMESCOPE_REQUIRE_BROWSER") == "1"


@pytest.fixture(scope="session")
def address(tmp_path_factory: pytest.TempPathFactory, model: Model, model_with_cuts: Model) -> Iterator[str]:
    """A server with two models, listening on a port of this computer."""
    if not REQUIRED:
        pytest.importorskip("uvicorn", reason="needs framescope[serve]")
    import uvicorn  # noqa: PLC0415

    from framescope.serve.app import make_app  # noqa: PLC0415
    from framescope.serve.settings import Settings  # noqa: PLC0415

    home = tmp_path_factory.mktemp("service")
    models = {}
    for name, fitted in (("first", model), ("second", model_with_cuts)):
        save_bundle(fitted, home / name, card="", training=FACTS)
        models[name] = Predictor.load(home / name)
    app = make_app(Settings(models=(), folder=home / "work"), models)
    listening = socket.create_server(("127.0.0.1", 0))
    server = uvicorn.Server(uvicorn.Config(app, log_level="error", ws="none"))
    thread = Thread(target=server.run, kwargs={"sockets": [listening]}, daemon=True)
    thread.start()
    while not server.started:
        sleep(0.05)
    yield f"http://127.0.0.1:{listening.getsockname()[1]}"
    server.should_exit = True
    thread.join(10)


@pytest.fixture(scope="session")
def axe() -> str:
    """The script that looks for what keeps people out."""
    if find_spec("axe_core_python") is None:
        if REQUIRED:
            pytest.fail('axe-core-python not found: pip install "framescope[test]"')
        pytest.skip("needs axe-core-python")
    return (files("axe_core_python") / "axe.min.js").read_text(encoding="utf-8")


@pytest.fixture(scope="session")
def job(browser: Browser, address: str, tmp_path_factory: pytest.TempPathFactory) -> str:
    """The path of the table of a dozen articles, uploaded and scored as a person would."""
    path = tmp_path_factory.mktemp("upload") / "dozen.jsonl"
    path.write_text("\n".join(json.dumps(row, ensure_ascii=False) for row in ROWS), encoding="utf-8")
    return upload(browser, address, path)


def upload(browser: Browser, address: str, *paths: Path) -> str:
    """Send files with the form, wait for their labels, and return where the browser is then."""
    browser.visit(address)
    browser.driver.find_element("id", "files").send_keys("\n".join(map(str, paths)))
    press_button(browser, "Upload and label")
    browser.wait("return document.querySelector('[data-watch]') !== null")
    assert "running" in browser.driver.page_source or "waiting" in browser.driver.page_source
    browser.wait(
        "return !document.querySelector('[data-watch]') && !document.querySelector('[data-upload]')", 90
    )
    return str(browser.run("return location.pathname + location.search"))


def press_button(browser: Browser, words: str) -> None:
    browser.driver.find_element("xpath", f"//button[normalize-space()='{words}']").click()


def heading(browser: Browser) -> str:
    return str(browser.run("return document.querySelector('h1').textContent"))


def article_of(job: str, number: int, **more: str) -> str:
    ref = f"{job.rpartition('/')[2]}/a{number}"
    return f"/article?{urlencode({'ref': ref, 'model': 'first', **more})}"


def assert_is_quiet(browser: Browser, address: str) -> None:
    """Nothing is logged, and nothing asked for that is not the server's own."""
    assert browser.console() == []
    assert [each for each in browser.requests() if not each.startswith((f"{address}/", "data:"))] == []


def violations(browser: Browser, axe: str) -> list[str]:
    browser.run(axe)
    found = browser.driver.execute_async_script("const done = arguments[0]; axe.run().then(done)")["violations"]
    return [f"{one['id']}: {one['nodes'][0]['html']}" for one in found if one["impact"] in SERIOUS]


def test_a_text_is_pasted_and_explained(browser: Browser, address: str) -> None:
    browser.visit(address)
    browser.driver.find_element("id", "given").send_keys(TEXT)
    press_button(browser, "Analyse the article")
    browser.wait("return location.pathname == '/article'")
    assert heading(browser) == "Нов блок подкопава ОДКБ"
    assert "What first finds" in browser.driver.page_source
    assert_is_quiet(browser, address)


def test_files_become_a_table_whose_rows_open(browser: Browser, address: str, job: str) -> None:
    browser.visit(address + job)
    rows = browser.driver.find_elements("css selector", ".articles tbody tr")
    assert len(rows) == len(ROWS)
    browser.driver.find_element("link text", "Date").click()
    browser.wait("return location.search.includes('sort=date')")
    first = browser.driver.find_element("css selector", ".articles tbody th a")
    assert first.text == "№ 0"
    first.click()
    browser.wait("return location.pathname == '/article'")
    assert heading(browser) == "№ 0"
    assert_is_quiet(browser, address)


def test_the_table_is_filtered(browser: Browser, address: str, job: str) -> None:
    browser.visit(address + job)
    browser.driver.find_element("name", "words").send_keys("outlet 1", Keys.ENTER)
    browser.wait("return location.search.includes('words=outlet')")
    assert len(browser.driver.find_elements("css selector", ".articles tbody tr")) == 6
    assert_is_quiet(browser, address)


def test_the_table_is_sorted_on_a_phone(browser: Browser, address: str, job: str) -> None:
    browser.visit(address + job, width=360, height=740)
    Select(browser.driver.find_element("name", "sort")).select_by_visible_text("date, newest first")
    press_button(browser, "Filter")
    browser.wait("return location.search.includes('sort=-date')")
    assert browser.driver.find_element("css selector", ".articles tbody th a").text == "№ 11"
    assert_is_quiet(browser, address)


def test_one_file_with_one_article_opens_it(browser: Browser, address: str, tmp_path: Path) -> None:
    (tmp_path / "one.txt").write_text(TEXT, encoding="utf-8")
    assert upload(browser, address, tmp_path / "one.txt").startswith("/article?ref=")
    assert heading(browser) == "Нов блок подкопава ОДКБ"


def test_how_files_are_read_is_told_in_the_form(
    browser: Browser, address: str, axe: str, tmp_path: Path
) -> None:
    """A table in a zip, with columns of other names and in another encoding; on a phone all of it fits."""
    rows = "\n".join(f"{row['text']};{row['source']};{row['date']}" for row in ROWS[:3]).replace("—", "-")
    with ZipFile(tmp_path / "all.zip", "w") as archive:
        archive.writestr("a.csv", f"Что;Кто;Когда\n{rows}\n".encode("koi8-r"))
    for width in (360, 1280):
        browser.visit(address, width=width)
        browser.driver.find_element("css selector", ".more summary").click()
        assert browser.overflow() <= 0
        assert violations(browser, axe) == []
    fields = {"text_field": "Что", "source_field": "Кто", "date_field": "Когда", "encoding": "koi8-r"}
    for name, value in fields.items():
        browser.driver.find_element("name", name).send_keys(value)
    assert browser.driver.find_element("name", "sheet").is_displayed()
    browser.driver.find_element("id", "files").send_keys(str(tmp_path / "all.zip"))
    press_button(browser, "Upload and label")
    browser.wait("return document.querySelector('.articles tbody tr') !== null", 90)
    told = browser.driver.find_element("css selector", ".articles tbody").text
    assert all(row["source"] in told and row["date"] in told for row in ROWS[:3])
    assert_is_quiet(browser, address)


def test_files_that_cannot_be_read_are_told(browser: Browser, address: str, tmp_path: Path) -> None:
    (tmp_path / "bad.csv").write_text("a,b\n1,2\n", encoding="utf-8")
    upload(browser, address, tmp_path / "bad.csv")
    alert = browser.driver.find_element("css selector", "[role=alert]").text
    assert "bad.csv: has no column 'text', but 'a', 'b'" in alert
    assert_is_quiet(browser, address)


def test_a_file_of_a_format_that_is_not_read_is_told_at_once(
    browser: Browser, address: str, tmp_path: Path
) -> None:
    (tmp_path / "a.exe").write_bytes(b"MZ")
    browser.visit(address)
    browser.driver.find_element("id", "files").send_keys(str(tmp_path / "a.exe"))
    press_button(browser, "Upload and label")
    told = browser.wait(
        "const told = document.querySelector('[data-sending] span'); "
        "return told.textContent.includes('format is not known') && told.textContent"
    )
    assert "a.exe" in told


def test_the_table_leads_to_the_overview_and_back(browser: Browser, address: str, job: str) -> None:
    browser.visit(address + job)
    browser.driver.find_element("link text", "Overview").click()
    browser.wait("return location.pathname.endsWith('/overview')")
    assert browser.run("return document.querySelectorAll('thead button').length") > 0  # its script runs
    browser.driver.find_element("partial link text", "dozen.jsonl").click()
    browser.wait(f"return location.pathname == '{job}'")
    assert_is_quiet(browser, address)


def test_files_are_dropped(browser: Browser, address: str) -> None:
    browser.visit(address)
    names = browser.run(
        """
        const carried = new DataTransfer();
        for (const name of ["a.txt", "b.csv"]) carried.items.add(new File(["text"], name));
        const zone = document.querySelector("[data-drop]");
        zone.dispatchEvent(new DragEvent("drop", { dataTransfer: carried, bubbles: true, cancelable: true }));
        return [...document.getElementById("files").files].map((file) => file.name);
        """
    )
    assert names == ["a.txt", "b.csv"]
    assert_is_quiet(browser, address)


def test_two_articles_are_compared(browser: Browser, address: str, job: str) -> None:
    browser.visit(address + job)
    button = browser.driver.find_element("css selector", "[data-compare]")
    picks = browser.driver.find_elements("css selector", "[data-pick]")
    picks[0].click()
    assert not button.is_enabled()
    picks[1].click()
    assert button.is_enabled()
    button.click()
    browser.wait("return location.pathname == '/compare'")
    assert heading(browser) == "Two articles"
    assert len(browser.driver.find_elements("css selector", ".sides article p")) >= 2
    assert_is_quiet(browser, address)


def test_two_models_are_compared(browser: Browser, address: str, job: str) -> None:
    browser.visit(address + article_of(job, 1))
    browser.driver.find_element("css selector", ".others summary").click()
    press_button(browser, "Compare")
    browser.wait("return location.pathname == '/compare'")
    heads = browser.driver.find_elements("css selector", ".apart thead a")
    assert [head.text for head in heads] == ["first", "second"]
    assert_is_quiet(browser, address)


def test_an_article_is_read_with_both_models(browser: Browser, address: str, job: str) -> None:
    browser.visit(address + article_of(job, 1))
    browser.driver.find_element("css selector", ".others summary").click()
    browser.driver.find_element("css selector", ".again input[value=second]").click()
    press_button(browser, "Read again")
    browser.wait("return location.search.includes('model=second')")
    assert [one.text for one in browser.driver.find_elements("css selector", "header h2")] == [
        "What first finds",
        "What second finds",
    ]


def test_a_label_is_said_to_be_wrong_and_one_missed_is_added(browser: Browser, address: str, job: str) -> None:
    browser.visit(address + article_of(job, 1))
    wrong = browser.driver.find_element("css selector", "[data-row] .said button + button")
    wrong.click()
    browser.wait("return document.querySelector('[data-status]').textContent == 'Saved.'")
    assert wrong.get_attribute("aria-pressed") == "true"
    select_words(browser, "подкопава")
    browser.driver.find_element("css selector", "[data-missed] summary").click()
    assert browser.run("return document.querySelector('[name=passage]').value") == "подкопава"
    browser.run("document.querySelector('[name=label]').value = 'Other'")
    press_button(browser, "Add")
    browser.wait(
        "return [...document.querySelectorAll('[data-row] q')].some(q => q.textContent == 'подкопава')"
    )
    browser.visit(address + article_of(job, 1))
    wrong = browser.driver.find_element("css selector", "[data-row] .said button + button")
    assert wrong.get_attribute("aria-pressed") == "true"
    assert_is_quiet(browser, address)


def select_words(browser: Browser, words: str) -> None:
    """Select words in the article, as the mouse does."""
    browser.run(
        """
        const walker = document.createTreeWalker(document.querySelector("article"), NodeFilter.SHOW_TEXT);
        for (let node; (node = walker.nextNode());) {
          const at = node.data.indexOf(arguments[0]);
          if (at >= 0 && !node.parentElement.closest(".tip, .heading")) {
            getSelection().setBaseAndExtent(node, at, node, at + arguments[0].length);
            break;
          }
        }
        """,
        words,
    )
    sleep(0.1)  # the browser tells of a selection a little later


def test_the_queue_is_worked_through_with_the_keyboard(browser: Browser, address: str, job: str) -> None:
    browser.visit(f"{address}{job}/queue")
    while "go" not in (browser.press(Keys.TAB).get_attribute("class") or ""):
        pass
    browser.press(Keys.ENTER)
    browser.wait("return location.search.includes('queue=1')")
    first = heading(browser)
    for key, position in (("j", 0), ("r", 0), ("w", 1)):
        ActionChains(browser.driver).send_keys(key).perform()
        focused = browser.run(
            "return [...document.activeElement.parentNode.children].indexOf(document.activeElement)"
        )
        assert focused == position
    browser.wait("return document.querySelector('[data-status]').textContent == 'Saved.'")
    ActionChains(browser.driver).send_keys("n").perform()
    browser.wait(f"return document.querySelector('h1').textContent != {json.dumps(first)}")
    assert "Article 2 of" in browser.driver.page_source
    ActionChains(browser.driver).send_keys("p").perform()
    browser.wait(f"return document.querySelector('h1').textContent == {json.dumps(first)}")
    pressed = browser.run(
        "return document.querySelector('[data-row] .said button + button').getAttribute('aria-pressed')"
    )
    assert pressed == "true"
    assert_is_quiet(browser, address)


def test_keys_can_be_turned_off_and_do_not_disturb_typing(browser: Browser, address: str, job: str) -> None:
    browser.visit(address + article_of(job, 2))
    browser.run("document.querySelector('[data-keys-on]').closest('details').open = true")
    browser.driver.find_element("name", "coder").send_keys("jar")
    assert browser.run("return document.activeElement.value") == "jar"
    browser.driver.find_element("css selector", "[data-keys-on]").click()
    ActionChains(browser.driver).send_keys("j").perform()
    assert browser.run("return document.activeElement.matches('[data-keys-on]')")
    browser.driver.find_element("css selector", "[data-keys-on]").click()


def test_a_text_is_explained_by_keyboard_alone(browser: Browser, address: str) -> None:
    browser.visit(address)
    while browser.press(Keys.TAB).get_attribute("id") != "given":
        pass
    browser.driver.switch_to.active_element.send_keys(TEXT)
    for _ in range(10):
        if browser.press(Keys.TAB).text == "Analyse the article":
            break
    browser.press(Keys.ENTER)
    browser.wait("return location.pathname == '/article'")
    assert heading(browser) == "Нов блок подкопава ОДКБ"


def test_forms_work_without_script(browser: Browser, address: str, job: str) -> None:
    browser.driver.execute_cdp_cmd("Emulation.setScriptExecutionDisabled", {"value": True})
    try:
        browser.visit(address)
        browser.driver.find_element("id", "given").send_keys(TEXT)
        press_button(browser, "Analyse the article")
        for _ in range(100):
            if "/article?" in browser.driver.current_url:
                break
            sleep(0.1)
        assert "<h1>Нов блок подкопава ОДКБ</h1>" in browser.driver.page_source
        browser.visit(address + article_of(job, 3))
        browser.driver.find_element("css selector", "[data-row] .said button").click()
        sleep(1)
        assert 'aria-pressed="true"' in browser.driver.page_source
    finally:
        browser.driver.execute_cdp_cmd("Emulation.setScriptExecutionDisabled", {"value": False})


PAGES = ("home", "table", "article", "both", "queue", "compare", "overview", "uploads", "nothing", "error")


@pytest.fixture
def page(address: str, job: str) -> dict[str, str]:
    """The address of each kind of page."""
    ref = f"{job.rpartition('/')[2]}/a"
    two = urlencode([("ref", f"{ref}1"), ("ref", f"{ref}4"), ("model", "first")])
    return {
        "home": address,
        "table": address + job,
        "article": address + article_of(job, 1, queue="1"),
        "both": f"{address}{article_of(job, 4)}&model=second",
        "queue": f"{address}{job}/queue",
        "compare": f"{address}/compare?{two}",
        "overview": f"{address}{job}/overview",
        "uploads": f"{address}/jobs",
        "nothing": f"{address}{job}?words=nothing",
        "error": f"{address}/jobs/none",
    }


@pytest.mark.parametrize("name", PAGES)
@pytest.mark.parametrize("is_dark", [False, True])
def test_no_page_keeps_anybody_out(
    browser: Browser, page: dict[str, str], axe: str, name: str, *, is_dark: bool
) -> None:
    for width in (360, 1280):
        browser.visit(page[name], width=width, is_dark=is_dark)
        assert violations(browser, axe) == []


@pytest.mark.parametrize("name", PAGES)
@pytest.mark.parametrize("interface", ["en", "bg", "ru"])
def test_no_page_is_wider_than_a_phone(
    browser: Browser, address: str, page: dict[str, str], name: str, interface: str
) -> None:
    sign = "&" if "?" in page[name] else "?"
    browser.visit(f"{page[name]}{sign}interface={interface}", width=360, height=740)
    assert browser.overflow() <= 0
    assert browser.run("return document.documentElement.lang") == interface
    if name != "error":
        assert_is_quiet(browser, address)


@pytest.fixture(autouse=True)
def _in_english(request: pytest.FixtureRequest) -> Iterator[None]:
    """Leave no chosen language to the tests that follow."""
    yield
    browser: Any = request.getfixturevalue("browser")
    browser.driver.execute_cdp_cmd("Network.clearBrowserCookies", {})
