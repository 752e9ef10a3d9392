"""The page of an explained article in Chromium."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from selenium.webdriver import ActionChains
from selenium.webdriver.common.keys import Keys
from typer.testing import CliRunner

from framescope.bundle.write import save_bundle
from framescope.cli.app import app
from framescope.model.fitted import Model
from framescope.text.segments import Unit
from tiny import FACTS

if TYPE_CHECKING:
    from conftest import Browser

pytestmark = pytest.mark.browser

TEXTS = {
    "bg": "Нов блок подкопава ОДКБ, твърдят наблюдатели. Блокът обеща сигурност — но на каква цена?",
    "ru": "Новый блок подрывает ОДКБ и безопасность региона. Министр: союз не расширяется, это слухи!",
    "en": "A new bloc undermines the CSTO and regional security. The union is not expanding: rumours.",
    "hi": "नया गुट क्षेत्रीय सुरक्षा को कमज़ोर करता है। मंत्री ने कहा कि संघ का विस्तार नहीं हो रहा है।",
    "hostile": "</mark></p><script>document.title = 'taken'</script> A new bloc "
    "<img src=http://127.0.0.1:9/x.png onerror=alert(1)> undermines the CSTO. "
    "<style>mark { display: none }</style> The union is not expanding.",
    "long": "A_new_bloc_" * 40 + " undermines the CSTO. " + "Съюзът" * 60 + " се разширява.",
}
OWN_TEXT = """
const walker = document.createTreeWalker(arguments[0], NodeFilter.SHOW_TEXT);
let text = "";
for (let node; (node = walker.nextNode());) if (!node.parentElement.closest(".tip")) text += node.data;
return text;
"""


@pytest.fixture(scope="session")
def pages(tmp_path_factory: pytest.TempPathFactory, model: Model, model_with_cuts: Model) -> dict[str, Path]:
    """A page for each text, by a model of articles and one of sentences; beside each, what is on it as JSON."""
    home = tmp_path_factory.mktemp("pages")
    save_bundle(model, home / "articles", card="", training=FACTS)
    by_sentence = replace(model_with_cuts, unit=Unit.SENTENCE)
    save_bundle(by_sentence, home / "sentences", card="", training=FACTS)
    for name, text in TEXTS.items():
        row = {"id": name, "lang": name, "title": f"{text[:40]}?", "text": f"{text}\n\n{text} {text}"}
        (home / f"{name}.jsonl").write_text(json.dumps(row), encoding="utf-8")
        command = ["explain", str(home / "articles"), str(home / "sentences"), str(home / f"{name}.jsonl")]
        options = ["--html", str(home / f"{name}.html"), "--json", str(home / f"{name}.json")]
        result = CliRunner().invoke(app, [*command, *options])
        assert result.exit_code == 0, result.output
    return {name: home / f"{name}.html" for name in TEXTS}


def view_of(page: Path) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(page.with_suffix(".json").read_text(encoding="utf-8"))
    return found


@pytest.mark.parametrize("is_dark", [False, True])
@pytest.mark.parametrize("width", [360, 1280])
@pytest.mark.parametrize("name", TEXTS)
def test_a_page_is_quiet_asks_for_nothing_and_is_never_too_wide(
    browser: Browser, pages: dict[str, Path], name: str, width: int, is_dark: bool
) -> None:
    browser.open(pages[name], width=width, is_dark=is_dark)
    assert (browser.console(), browser.requests(), browser.overflow()) == ([], [], 0)
    assert "framescope" in browser.driver.title


@pytest.mark.parametrize("name", TEXTS)
def test_highlights_stand_on_the_right_words(browser: Browser, pages: dict[str, Path], name: str) -> None:
    """Put together, the pieces of a passage are its text; all of the article is there, in order."""
    browser.open(pages[name])
    view = view_of(pages[name])
    assert view["passages"]
    for tag in {passage["tag"] for passage in view["passages"]}:
        shown = [
            browser.run(OWN_TEXT, line) for line in browser.driver.find_elements("css selector", f".line.{tag}")
        ]
        expected = [view["text"][p["start"] : p["end"]] for p in view["passages"] if p["tag"] == tag]
        assert "".join("".join(shown).split()) == "".join("".join(expected).split())
    blocks = browser.driver.find_elements("css selector", "article h1, article p")
    assert "".join("".join(browser.run(OWN_TEXT, b) for b in blocks).split()) == "".join(view["text"].split())


def test_the_keyboard_reaches_every_highlight_and_shows_what_it_carries(
    browser: Browser, pages: dict[str, Path]
) -> None:
    browser.open(pages["bg"])
    stops = browser.driver.find_elements("css selector", ".mark[tabindex='0']")
    for stop in stops:
        while (focused := browser.press(Keys.TAB)) not in stops:
            assert focused.tag_name != "body"
        assert focused == stop
        tips = [tip for tip in browser.driver.find_elements("css selector", ".tip") if tip.is_displayed()]
        assert [tip.get_attribute("id") for tip in tips] == [focused.get_attribute("aria-describedby")]
        assert "with such a score, so many carry the label" in tips[0].text
        numbers = [line for line in tips[0].text.splitlines() if "%" in line]
        assert all(line.count("%") == 1 for line in numbers)


def test_pointing_at_nested_highlights_shows_one_tip(browser: Browser, pages: dict[str, Path]) -> None:
    browser.open(pages["bg"])
    inner = browser.driver.find_element("css selector", ".mark .mark .line")
    ActionChains(browser.driver).move_to_element(inner).perform()
    shown = [tip for tip in browser.driver.find_elements("css selector", ".tip") if tip.is_displayed()]
    assert len(shown) == 1
    assert "within" in shown[0].text


def test_the_legend_hides_a_label(browser: Browser, pages: dict[str, Path]) -> None:
    browser.open(pages["en"])
    tag = view_of(pages["en"])["passages"][0]["tag"]
    line = browser.driver.find_element("css selector", f".line.{tag}")
    colour = "return getComputedStyle(arguments[0]).borderBottomColor"
    assert browser.run(colour, line) != "rgba(0, 0, 0, 0)"
    box = browser.driver.find_element("id", f"show-{tag}")
    assert box.get_attribute("aria-label").startswith("Highlight ")
    box.send_keys(Keys.SPACE)
    assert browser.run(colour, line) == "rgba(0, 0, 0, 0)"


def test_labels_differ_without_colour(browser: Browser, pages: dict[str, Path]) -> None:
    """In the style of their lines as long as there are four, and always in the name beside them."""
    browser.open(pages["en"])
    tags = browser.driver.find_elements("css selector", ".legend .tag")
    styles = [browser.run("return getComputedStyle(arguments[0]).borderBottomStyle", tag) for tag in tags[:4]]
    assert len(set(styles)) == len(styles) > 1
    names = "return getComputedStyle(arguments[0], '::after').content"
    shorts = browser.driver.find_elements("css selector", ".short")
    assert shorts
    for short in shorts:
        tag = short.get_attribute("data-tag")
        assert browser.run(names, short) == f'"{tag}"'
        assert short.is_displayed() == (tag[0] == "A")  # techniques are one quiet mark, until asked for


QUIET = """
const style = getComputedStyle(arguments[0]);
return [style.borderBottomColor === "rgba(0, 0, 0, 0)", style.textDecorationLine, style.textDecorationStyle];
"""


def test_labels_of_parts_are_one_quiet_mark_until_asked_for(browser: Browser, pages: dict[str, Path]) -> None:
    browser.open(pages["en"])
    lines = browser.driver.find_elements("css selector", "[class*='line B']")
    assert lines
    assert all(browser.run(QUIET, line) == [True, "underline", "dotted"] for line in lines)
    assert not browser.run(QUIET, browser.driver.find_element("css selector", "[class*='line A']"))[0]
    browser.driver.find_element("id", "names-B").send_keys(Keys.SPACE)
    assert all(browser.run(QUIET, line)[:2] == [False, "none"] for line in lines)


def test_lines_of_text_are_as_far_apart_whatever_is_highlighted(
    browser: Browser, pages: dict[str, Path]
) -> None:
    """All paragraphs are whole lines high, of one height."""
    script = """
    return [...document.querySelectorAll("article p:not(.heading)")].map(p =>
      [p.getBoundingClientRect().height, parseFloat(getComputedStyle(p).lineHeight)]);
    """
    for name in ("bg", "hi"):
        browser.open(pages[name])
        browser.driver.find_element("id", "names-B").send_keys(Keys.SPACE)
        found = browser.run(script)
        assert len({height for _, height in found}) == 1
        for height, line in found:
            assert abs(height / line - round(height / line)) < 0.05


def test_the_page_begins_with_the_answer(browser: Browser, pages: dict[str, Path]) -> None:
    """Title, count and labels with their passages are in the first window, and lead to the text."""
    browser.open(pages["en"])
    found = browser.driver.find_elements("css selector", ".found")
    assert found
    assert found[0].location["y"] < 500
    assert found[0].find_element("css selector", "blockquote").text
    link = found[0].find_element("css selector", "blockquote a")
    link.click()
    target = str(link.get_attribute("href")).partition("#")[2]
    assert browser.run("return document.querySelector(':target').id") == target


def test_on_a_desk_the_page_fills_the_window(browser: Browser, pages: dict[str, Path]) -> None:
    browser.open(pages["en"], width=1600)
    ends = "return [...document.querySelectorAll('.columns')].map(e => e.getBoundingClientRect().width)"
    assert browser.run(ends)[0] > 1450


CONTRAST = """
const light = c => { const v = c.match(/[\\d.]+/g).slice(0, 3).map(x => x / 255)
  .map(x => x <= .04045 ? x / 12.92 : ((x + .055) / 1.055) ** 2.4);
  return .2126 * v[0] + .7152 * v[1] + .0722 * v[2]; };
const paper = light(getComputedStyle(document.body).backgroundColor);
return [...document.querySelectorAll(arguments[0])].map(e => {
  const ink = light(getComputedStyle(e)[arguments[1]]);
  return (Math.max(ink, paper) + .05) / (Math.min(ink, paper) + .05); });
"""


@pytest.mark.parametrize("is_dark", [False, True])
def test_text_and_lines_stand_out_from_the_paper(
    browser: Browser, pages: dict[str, Path], is_dark: bool
) -> None:
    """By the ratios of WCAG 2.2: 4.5 for text, 3 for lines."""
    browser.open(pages["bg"], is_dark=is_dark)
    browser.driver.find_element("id", "names-B").send_keys(Keys.SPACE)
    assert min(browser.run(CONTRAST, "body, .quiet, .tag, a, .unlikely", "color")) >= 4.5
    assert min(browser.run(CONTRAST, ".line", "borderBottomColor")) >= 3


HUES = """
return [...Array(12).keys()].map(n => { const e = document.createElement("i");
  e.style.color = `var(--hue-${n})`; document.body.append(e); return getComputedStyle(e).color; });
"""


@pytest.mark.parametrize("is_dark", [False, True])
def test_twelve_labels_have_twelve_colours(browser: Browser, pages: dict[str, Path], is_dark: bool) -> None:
    """Each of them can be read on the paper."""
    browser.open(pages["bg"], is_dark=is_dark)
    assert len(set(browser.run(HUES))) == 12
    assert min(browser.run(CONTRAST, "body > i", "color")) >= 4.5


def test_a_link_of_the_legend_opens_the_reasons(browser: Browser, pages: dict[str, Path]) -> None:
    browser.open(pages["en"])
    link = browser.driver.find_element("css selector", ".legend a[href^='#why-B']")
    reason = browser.driver.find_element("id", str(link.get_attribute("href")).partition("#")[2])
    assert not reason.is_displayed()
    link.click()
    assert reason.is_displayed()


def test_on_paper_the_page_is_light_and_shows_only_what_can_be_read(
    browser: Browser, pages: dict[str, Path]
) -> None:
    browser.open(pages["ru"], is_dark=True)
    features = [{"name": "prefers-color-scheme", "value": "dark"}]
    browser.driver.execute_cdp_cmd("Emulation.setEmulatedMedia", {"media": "print", "features": features})
    assert browser.run("return getComputedStyle(document.body).backgroundColor") == "rgb(255, 255, 255)"
    assert not browser.driver.find_element("css selector", ".legend input").is_displayed()
    assert browser.driver.find_element("css selector", ".legend .tag").is_displayed()
    names = browser.driver.find_elements("css selector", ".legend a")
    assert all(name.size["height"] < 2 * name.size["width"] for name in names)
    closed = browser.driver.find_elements("css selector", "details:not([open])")
    assert closed
    assert not any(reason.is_displayed() for reason in closed)
    assert browser.overflow() == 0
