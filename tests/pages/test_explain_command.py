"""``framescope explain``: what it reads, prints and draws, and what it says of bad input."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from html import unescape
from html.parser import HTMLParser
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from framescope.bundle.write import save_bundle
from framescope.cli.app import app
from framescope.model.fitted import Model
from framescope.predictor import Predictor
from framescope.text.segments import Unit
from tiny import FACTS, SENTENCES

ARTICLE = {
    "id": "a",
    "lang": "bg",
    "title": "Нов блок?",
    "source": "Утринни вести",
    "date": "2024-05-01",
    "text": "Нов блок подкопава ОДКБ, твърдят наблюдатели.\n\nБлокът обеща сигурност. Съюзът се разширява!",
}
HOSTILE = "</mark><script>alert(1)</script><img src=x onerror=alert(2)> Нов блок подкопава ОДКБ & ко."


@pytest.fixture
def sentence_bundle(model_with_cuts: Model, tmp_path: Path) -> Path:
    """A model that judges sentences, with a cut for each label."""
    path = tmp_path / "sentences"
    save_bundle(replace(model_with_cuts, unit=Unit.SENTENCE), path, card="", training=FACTS)
    return path


@pytest.fixture
def article(tmp_path: Path) -> Path:
    path = tmp_path / "article.jsonl"
    path.write_text(json.dumps(ARTICLE, ensure_ascii=False), encoding="utf-8")
    return path


def run(*arguments: str | Path, stdin: str | None = None) -> Result:
    return CliRunner().invoke(app, ["explain", *map(str, arguments)], input=stdin)


def test_the_summary_names_labels_probabilities_and_what_speaks_for_them(
    bundle_path: Path, sentence_bundle: Path, article: Path
) -> None:
    result = run(bundle_path, sentence_bundle, article)
    assert result.exit_code == 0, result.output
    assert result.stdout.startswith("Нов блок?\n\ntiny, by article: ")
    assert (
        "sentences, by sentence: Each sentence gets a label where its probability reaches the label's own cut"
        in result.stdout
    )
    assert "articles like those of its training, with such a score, carry this label" in result.stdout
    sentences = ["Нов блок подкопава ОДКБ, твърдят", "Блокът обеща сигурност.", "Съюзът се разширява!"]
    assert any(sentence in result.stdout for sentence in sentences)
    assert result.stderr == ""


def test_json_has_everything(bundle_path: Path, sentence_bundle: Path, article: Path) -> None:
    found = json.loads(run(bundle_path, sentence_bundle, article, "--json", "-").stdout)
    assert (found["source"], found["date"]) == ("Утринни вести", "2024-05-01")
    assert found["text"] == f"{ARTICLE['title']}\n{ARTICLE['text']}"
    assert [(model["letter"], model["unit"], model["n_units"]) for model in found["models"]] == [
        ("A", "article", 1),
        ("B", "sentence", 3),
    ]
    assert [label["id"] for label in found["models"][0]["labels"]][:2] == ["bloc", "anti-csto-coalition"]
    assert {passage["tag"][0] for passage in found["passages"]} == {"A", "B"}


class Tags(HTMLParser):
    """The tags of a page, its text, its ids, and the ids that are spoken of."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.tags: set[str] = set()
        self.text = ""
        self.ids: list[str] = []
        self.named: set[str] = set()
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        for name, value in attrs:
            if name == "id":
                self.ids.append(str(value))
            elif name in {"for", "aria-describedby", "aria-labelledby"}:
                self.named.add(str(value))
            elif name == "href" and str(value)[0] == "#":
                self.named.add(str(value)[1:])

    def handle_data(self, data: str) -> None:
        self.text += data


def test_an_article_is_text_and_never_markup(bundle_path: Path, sentence_bundle: Path, tmp_path: Path) -> None:
    """Not in the text, the title, the source, the id or the language."""
    row = {
        "id": '"><script>',
        "lang": '"><script>',
        "source": HOSTILE,
        "title": HOSTILE,
        "text": HOSTILE + "\n" + HOSTILE,
    }
    (tmp_path / "a.jsonl").write_text(json.dumps(row), encoding="utf-8")
    result = run(bundle_path, sentence_bundle, tmp_path / "a.jsonl", "--html", tmp_path / "a.html")
    assert result.exit_code == 0, result.output
    page = Tags((tmp_path / "a.html").read_text(encoding="utf-8"))
    assert not page.tags & {"script", "img"}
    assert "mark" in page.tags
    assert "<img src=x onerror=alert(2)>" in page.text


def test_tips_reasons_and_headings_are_where_they_are_looked_for(
    bundle_path: Path, sentence_bundle: Path, article: Path, tmp_path: Path
) -> None:
    assert run(bundle_path, sentence_bundle, article, "--html", tmp_path / "a.html").exit_code == 0
    page = Tags((tmp_path / "a.html").read_text(encoding="utf-8"))
    assert len(set(page.ids)) == len(page.ids)
    assert page.named <= set(page.ids)
    assert any(name.startswith("tip-") for name in page.named)
    assert any(name.startswith("why-") for name in page.named)


def test_standard_input_and_text_files_are_articles(bundle_path: Path, tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("Нов блок подкопава ОДКБ.", encoding="utf-8")
    from_file = json.loads(run(bundle_path, tmp_path / "a.txt", "--json", "-").stdout)
    from_stdin = json.loads(run(bundle_path, "-", "--json", "-", stdin="Нов блок подкопава ОДКБ.").stdout)
    assert from_file["models"] == from_stdin["models"]
    assert from_file["title"] == from_stdin["title"] == "Нов блок подкопава ОДКБ."


def test_no_path_is_on_the_page(bundle_path: Path, tmp_path: Path) -> None:
    """Neither that of the article nor that of the model: pages are shared."""
    (tmp_path / "a.txt").write_text("Нов блок подкопава ОДКБ.", encoding="utf-8")
    for options in (["--html", str(tmp_path / "page.html")], ["--json", str(tmp_path / "page.json")]):
        assert run(bundle_path, tmp_path / "a.txt", *options).exit_code == 0
        assert str(tmp_path) not in Path(options[1]).read_text("utf-8")


@pytest.mark.parametrize(
    ("interface", "heading"), [("en", "All labels"), ("bg", "Всички етикети"), ("ru", "Все метки")]
)
def test_the_page_speaks_the_language_of_its_reader(
    bundle_path: Path, sentence_bundle: Path, article: Path, tmp_path: Path, interface: str, heading: str
) -> None:
    page = tmp_path / "a.html"
    run(bundle_path, sentence_bundle, article, "--html", page, "--interface", interface)
    content = page.read_text("utf-8")
    assert content.startswith(f'<!doctype html>\n<html lang="{interface}">')
    assert heading in content
    assert interface == "en" or "All labels" not in content


def test_one_article_of_several_is_chosen_by_id(bundle_path: Path, tmp_path: Path) -> None:
    rows = [{"id": name, "text": f"Нов блок {name}"} for name in ("a", "b", "b")]
    file = tmp_path / "a.jsonl"
    file.write_text("\n".join(json.dumps(row) for row in rows), encoding="utf-8")
    assert "Нов блок a" in run(bundle_path, file, "--id", "a", "--json", "-").stdout
    assert "a.jsonl: id: has 3 such articles: choose one with --id" in run(bundle_path, file).stderr
    assert "a.jsonl: id: has 2 such articles: expected one" in run(bundle_path, file, "--id", "b").stderr
    assert "a.jsonl: id: has no article 'c'" in run(bundle_path, file, "--id", "c").stderr


def test_bad_usage_is_refused(bundle_path: Path, article: Path, tmp_path: Path) -> None:
    assert "expected 1 to 26 models, then a file" in run(article).stderr
    assert "expected 1 to 26 models, then a file" in run(*[bundle_path] * 27, article).stderr
    assert "article.exe: expected a .txt, .jsonl, " in run(bundle_path, "article.exe").stderr
    assert "no folder" in run(bundle_path, article, "--html", tmp_path / "no" / "a.html").stderr
    assert "no such bundle" in run("nothing", article).stderr
    (tmp_path / "e.jsonl").write_text('{"text": " "}', encoding="utf-8")
    result = run(bundle_path, tmp_path / "e.jsonl")
    assert result.exit_code == 1
    assert "e.jsonl: text: is empty, expected an article" in result.stderr


def test_an_unknown_language_is_warned_of(bundle_path: Path, tmp_path: Path) -> None:
    (tmp_path / "a.jsonl").write_text('{"text": "Ein neuer Block", "lang": "de"}', encoding="utf-8")
    result = run(bundle_path, tmp_path / "a.jsonl", "--html", tmp_path / "a.html")
    assert "tiny was trained on bg, en, hi, ru; do not rely on it for 'de'" in result.stderr
    assert "none in de: do not rely" in (tmp_path / "a.html").read_text(encoding="utf-8")


def test_labels_out_of_scope_are_said_in_each_output(scoped_path: Path, tmp_path: Path) -> None:
    text = tmp_path / "article.txt"
    text.write_text("Времето е топло.", encoding="utf-8")
    reason = "Not possible, for the article names nothing of the labels' scopes: bloc, west."
    assert reason in run(scoped_path, text).stdout
    labels = json.loads(run(scoped_path, text, "--json", "-").stdout)["models"][0]["labels"]
    assert [label["is_in_scope"] for label in labels] == [False] * 5 + [True]
    assert labels[0]["meaning"] == "names nothing of the label's scope"
    assert run(scoped_path, text, "--html", tmp_path / "page.html").exit_code == 0
    page = unescape((tmp_path / "page.html").read_text(encoding="utf-8"))
    assert reason in page
    assert page.count("names nothing of the label's scope") == 5
    assert "< 0.1" not in page.split('id="labels"')[1].split("</table>")[0]


def test_an_article_unlike_training_is_warned_of(comparing_path: Path, tmp_path: Path) -> None:
    """On the page and on standard error, with the language that it seems to be in where nobody named one."""
    text = "Der Minister sagte, dass die Regierung ihre Politik nicht ändern werde."
    (tmp_path / "a.txt").write_text(text, encoding="utf-8")
    result = run(comparing_path, tmp_path / "a.txt", "--html", tmp_path / "a.html")
    said = (
        "This article is unlike those that comparing was trained on: do not rely on its labels. "
        "It seems to be in 'de', which the model has not seen."
    )
    assert result.stderr.splitlines()[0] == f"warning: {said}"
    assert said in Tags((tmp_path / "a.html").read_text(encoding="utf-8")).text
    row = {"id": "a", "text": text, "lang": "bg"}
    (tmp_path / "a.jsonl").write_text(json.dumps(row), encoding="utf-8")
    assert (
        "warning: This article is unlike those that comparing was trained on: do not"
        in run(comparing_path, tmp_path / "a.jsonl").stderr
    )


def test_an_article_like_those_of_training_is_not_warned_of(comparing_path: Path, tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text(SENTENCES[0], encoding="utf-8")
    result = run(comparing_path, tmp_path / "a.txt", "--html", tmp_path / "a.html")
    assert "warning" not in result.stderr
    assert "unlike those" not in Tags((tmp_path / "a.html").read_text(encoding="utf-8")).text


def test_the_summary_and_the_page_tell_labels_to_review(
    reviewed: Predictor, article: Path, tmp_path: Path
) -> None:
    """And neither speaks of a review for a model without one."""
    result = run(reviewed.bundle.path, article)
    assert "Labels below 95 % are to review: of those above, precision>=0.8 is promised." in result.stdout
    assert ", to review" in result.stdout
    assert run(reviewed.bundle.path, article, "--html", tmp_path / "page.html").exit_code == 0
    page = (tmp_path / "page.html").read_text(encoding="utf-8")
    assert re.search("Labels of the article: [0-9]+ of 6. To review: [0-9]+.", page)
    assert '<span class="quiet">to review</span>' in page


def test_a_model_without_a_review_speaks_of_none(bundle_path: Path, article: Path, tmp_path: Path) -> None:
    run(bundle_path, article, "--html", tmp_path / "page.html")
    assert "review" not in (tmp_path / "page.html").read_text(encoding="utf-8")
