"""``framescope overview``: what score has written, an annotated corpus, and what cannot be shown."""

from __future__ import annotations

import html
import json
from pathlib import Path

import pytest

from commands import articles, message_of, run, succeed, write_rows


def dated(n_each: int = 6) -> list[dict[str, object]]:
    """Return the small corpus over four weeks."""
    return [{**row, "date": f"2026-02-{3 + 7 * (k % 4):02d}"} for k, row in enumerate(articles(n_each))]


@pytest.mark.parametrize("form", ["parquet", "jsonl", "csv", "xlsx"])
def test_every_format_of_score_gives_one_overview(model: Path, here: Path, form: str) -> None:
    write_rows(here / "feed.jsonl", dated())
    found = {}
    for each in ("parquet", form):
        keep = ("--keep", "source,date,lang,title")
        succeed("score", model, "feed.jsonl", "--output", f"of-{each}", "--format", each, *keep)
        output = succeed("overview", f"of-{each}", "--model", model, "--json", "-").stdout
        found[each] = json.loads(output)
    one, other = found["parquet"], found[form]
    assert [table["keys"] for table in one["tables"]] == [table["keys"] for table in other["tables"]]
    for mine, others in zip(one["tables"], other["tables"], strict=True):
        assert mine["n_decided"] == others["n_decided"]
        for cell, same in zip(mine["share"], others["share"], strict=True):
            assert cell == pytest.approx(same, abs=2e-5)
    assert one["dimensions"] == ["source", "week", "lang"]
    assert [key[0] for key in one["tables"][2]["keys"]] == ["2026-W06", "2026-W07", "2026-W08", "2026-W09"]


def test_scores_of_two_models_are_refused(model: Path, here: Path) -> None:
    write_rows(here / "feed.jsonl", dated())
    write_rows(here / "more.jsonl", articles(7))
    succeed("train", "more.jsonl", "--group-by", "source", "--output", "other", "--jobs", "1")
    for name, path in (("one", model), ("two", "other")):
        succeed("score", path, "feed.jsonl", "--output", name, "--keep", "source,date")
    assert "was scored by the model" in message_of(run("overview", "one", "two"))
    assert "name its own model" in message_of(run("overview", "one", "--model", "other"))


def test_the_page_and_all_exports_are_written(model: Path, here: Path) -> None:
    """From scores with texts: passages are quoted on the page, in the bundle and in the annotations."""
    pytest.importorskip("xlsxwriter")
    write_rows(here / "feed.jsonl", dated())
    succeed("score", model, "feed.jsonl", "--output", "scores", "--keep", "source,date,lang,title,text")
    exports = ("--csv", "tables", "--xlsx", "a.xlsx", "--stix", "a.stix", "--annotations", "a.json")
    pages = ("--html", "a.html", "--interface", "ru", "--charts", "charts")
    succeed("overview", "scores", "--model", model, *pages, *exports)
    page = (here / "a.html").read_text(encoding="utf-8")
    assert "Кто что продвигает и когда" in page
    annotations = json.loads((here / "a.json").read_text(encoding="utf-8"))["items"]
    quoted = annotations[0]["target"]["selector"]["exact"]
    assert html.escape(quoted) in page
    bundle = json.loads((here / "a.stix").read_text(encoding="utf-8"))
    assert any(quoted in one.get("description", "") for one in bundle["objects"])
    assert {path.suffix for path in (here / "charts").iterdir()} == {".svg"}
    assert (here / "tables" / "shares-overall.csv").is_file()
    assert (here / "a.xlsx").read_bytes()[:2] == b"PK"


def test_charts_are_written_as_pictures(here: Path) -> None:
    pytest.importorskip("resvg_py")
    write_rows(here / "articles.jsonl", dated())
    succeed("overview", "articles.jsonl", "--charts", "charts", "--chart-format", "png")
    pictures = [*(here / "charts").iterdir()]
    assert {(path.suffix, path.read_bytes()[1:4]) for path in pictures} == {(".png", b"PNG")}


def test_outputs_that_cannot_be_written_are_refused_before_the_work(model: Path, here: Path) -> None:
    write_rows(here / "feed.jsonl", dated())
    for option in ("--html", "--stix", "--annotations", "--xlsx"):
        assert "there is no folder" in message_of(run("overview", "feed.jsonl", option, "missing/a"))


def test_an_annotated_corpus_is_counted_as_it_is(here: Path) -> None:
    write_rows(here / "articles.jsonl", dated())
    result = succeed("overview", "articles.jsonl", "--by", "source,lang", "--json", "o.json", "--csv", "tables")
    found = json.loads((here / "o.json").read_text("utf-8"))
    everything = found["tables"][0]
    assert (found["origin"]["kind"], everything["n"]) == ("labels", [72])
    shares = dict(zip((label["id"] for label in found["labels"]), everything["share"][0], strict=True))
    assert shares == {"anti-csto": 0.25, "union-expands": 0.25, "west-divides": 0.25}
    assert "72 articles of articles.jsonl" in result.stdout
    assert result.stdout.splitlines()[-1] == "No change beyond noise."
    assert (here / "tables" / "shares-by-source-lang.csv").is_file()


def test_a_model_may_judge_a_corpus(model: Path, here: Path) -> None:
    write_rows(here / "articles.jsonl", dated())
    found = json.loads(succeed("overview", "articles.jsonl", "--model", model, "--json", "-").stdout)
    assert (found["origin"]["kind"], found["origin"]["is_corrected"]) == ("scored corpus", True)
    assert found["tables"][0]["share"][0] == pytest.approx([0.5, 0.25, 0.25, 0.25, 0.25], abs=0.08)


def test_columns_that_were_not_kept_are_named(model: Path, here: Path) -> None:
    """The usual ones are done without; those that are asked for are an error."""
    write_rows(here / "feed.jsonl", dated())
    succeed("score", model, "feed.jsonl", "--output", "scores", "--keep", "lang")
    result = succeed("overview", "scores", "--model", model)
    assert "there is no column 'source': no table by source" in result.stderr
    assert "there is no column 'date': no table by week" in result.stderr
    message = message_of(run("overview", "scores", "--by", "source,month"))
    assert "source: there is no column 'source': there are 'id', 'lang'" in message
    assert "--keep source" in message


def test_columns_may_be_named(model: Path, here: Path) -> None:
    write_rows(here / "feed.jsonl", [{**row, "outlet": row["source"], "day": row["date"]} for row in dated()])
    succeed("score", model, "feed.jsonl", "--output", "scores", "--keep", "outlet,day")
    options = ("--by", "source,month", "--source-field", "outlet", "--date-field", "day", "--json", "-")
    found = json.loads(succeed("overview", "scores", "--model", model, *options).stdout)
    assert found["tables"][1]["keys"] == [[f"outlet {number}"] for number in range(4)]
    assert found["tables"][2]["keys"] == [["2026-02"]]


def test_scores_without_their_model_are_not_corrected(model: Path, here: Path) -> None:
    write_rows(here / "feed.jsonl", dated())
    succeed("score", model, "feed.jsonl", "--output", "scores", "--keep", "source,date,lang")
    assert (
        "not corrected for the errors of the model: name it with --model"
        in succeed("overview", "scores").stderr
    )


def test_wrong_usage_is_told(here: Path) -> None:
    write_rows(here / "a.jsonl", dated())
    result = run("overview", "a.jsonl", "a.jsonl")
    assert result.exit_code == 2
    assert "expected one corpus, or folders of framescope score" in result.stderr
    assert "expected names such as source,week" in run("overview", "a.jsonl", "--by", ",").stderr
    assert "is not the finished output of framescope score" in run_with_scores(here)


def run_with_scores(here: Path) -> str:
    """Return the message on a folder beside one that is finished."""
    (here / "begun").mkdir()
    (here / "done").mkdir()
    (here / "done" / "_manifest.json").write_text("{}", encoding="utf-8")
    (here / "done" / "_job.json").write_text('{"options": {"format": "jsonl"}}', encoding="utf-8")
    return message_of(run("overview", "done", "begun"))
