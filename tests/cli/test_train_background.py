"""``train --background``: from files to a table, a list to read, and a model."""

from __future__ import annotations

import json
import random
from collections.abc import Sequence
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from framescope import Predictor
from framescope.cli.app import app
from framescope.cli.runs import find_starter

PHRASES = {
    "anti-csto": "Нов военен блок подкопава ОДКБ",
    "union-expands": "Тюркский союз расширяется на восток",
    "west-divides": "The West wants to divide the neighbours",
    None: "Реколтата от грозде беше добра",
}


def articles(n_each: int = 12) -> list[dict[str, object]]:
    """Return articles with one label each or none, from four outlets."""
    rng = random.Random(5)  # noqa: S311 - sentences, not secrets

    def news() -> str:
        return " ".join(f"дума{rng.randrange(300)}" for _ in range(10))

    return [
        {
            "id": f"{label}-{number}",
            "source": f"outlet {number % 4}",
            "text": f"{news()}. {phrase}! {news()}.",
            "labels": [label] if label else [],
        }
        for label, phrase in PHRASES.items()
        for number in range(n_each)
    ]


def write_rows(path: Path, rows: Sequence[object]) -> None:
    path.write_text("".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows), encoding="utf-8")


def run(*arguments: str) -> Result:
    return CliRunner().invoke(app, list(arguments))


def succeed(*arguments: str) -> Result:
    result = run(*arguments)
    assert result.exit_code == 0, result.output
    return result


def message_of(result: Result) -> str:
    """Return the one message of a failure."""
    assert result.exit_code == 1, result.output
    *_, message = result.stderr.partition("error: ")
    return message


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A current directory with a corpus and a feed, of whose articles one is annotated."""
    monkeypatch.chdir(tmp_path)
    rows = articles()
    write_rows(tmp_path / "corpus.jsonl", rows)
    feed = [{"id": f"f{k}", "text": f"{row['text']} Ден {k}."} for k, row in enumerate(articles(17)[-5:])]
    write_rows(tmp_path / "feed.jsonl", [*feed, {"id": "copy", "text": rows[0]["text"]}])
    return tmp_path


TRAIN = ("train", "corpus.jsonl", "--group-by", "source", "--output", "model", "--jobs", "1")


def test_train_shows_what_fires_and_saves_the_list(here: Path) -> None:
    result = succeed(*TRAIN, "--background", "feed.jsonl", "--max-firing", "0.2", "--firing", "fired.jsonl")
    assert "Labels given to" in result.stdout
    assert "any label" in result.stdout
    assert "Of these, read first" in result.stdout
    assert "Saved the background's articles to fired.jsonl" in result.stderr
    fired = [json.loads(line) for line in (here / "fired.jsonl").read_text(encoding="utf-8").splitlines()]
    facts = Predictor.load("model").bundle.training.background
    assert facts is not None
    assert (facts.n_read, facts.max_firing) == (len(fired) + facts.n_duplicates, 0.2)
    assert facts.n_duplicates >= 1
    assert "copy" not in {article["id"] for article in fired}
    assert fired[0].keys() == {"id", "path", "labels", "most_likely", "probability", "is_set_aside"}
    assert fired[0]["path"] == str(here / "feed.jsonl")
    given = [bool(article["labels"]) for article in fired]
    assert given == sorted(given, reverse=True)


def test_folders_and_columns_of_other_names(here: Path) -> None:
    (here / "feed").mkdir()
    rows = [{"body": f"Новини {k} за пазара"} for k in range(5)]
    write_rows(here / "feed" / "1.jsonl", rows[:3])
    write_rows(here / "feed" / "2.jsonl", rows[3:])
    succeed(*TRAIN, "--background", "feed", "--background-text-field", "body")
    facts = Predictor.load("model").bundle.training.background
    assert facts is not None
    assert facts.n_read == 5


def test_bad_rows_are_refused_or_left_out_and_told(here: Path) -> None:
    write_rows(here / "feed.jsonl", [{"text": "Новини за пазара"}, {"title": "x"}])
    message = message_of(run(*TRAIN, "--background", "feed.jsonl"))
    assert message == f"{here / 'feed.jsonl'}:2: text: is missing\n"
    result = succeed(*TRAIN, "--background", "feed.jsonl", "--skip-invalid")
    assert "warning: left out 1 rows of the background:" in result.stderr


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        (("--background", "gone.jsonl"), "gone.jsonl: no such file or folder"),
        (
            ("--background", "feed.jsonl", "--background-text-field", "body"),
            "name it with --background-text-field",
        ),
        (
            ("--background", "feed.jsonl", "--max-firing", "0.001"),
            "expected 999 or more to keep each label to 0.001",
        ),
        (("--background", "feed.jsonl", "--firing", "gone/fired.jsonl"), "there is no folder gone"),
    ],
)
def test_what_cannot_be_is_one_message(here: Path, arguments: tuple[str, ...], expected: str) -> None:
    write_rows(here / "feed.csv", [])
    if "body" in arguments:
        (here / "feed.csv").write_text("text\nНовини\n", encoding="utf-8")
        arguments = tuple("feed.csv" if argument == "feed.jsonl" else argument for argument in arguments)
    assert expected in message_of(run(*TRAIN, *arguments))


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        (("--max-firing", "0.01"), "needs a --background"),
        (("--firing", "fired.jsonl"), "needs a --background"),
        (("--background", "feed.jsonl", "--max-firing", "1.5"), "a share between 0 and 1"),
    ],
)
def test_wrong_usage(here: Path, arguments: tuple[str, ...], expected: str) -> None:
    result = run(*TRAIN, *arguments)
    assert result.exit_code == 2
    assert expected in " ".join(result.stderr.replace("│", " ").split())


def test_the_starters_narratives_have_the_background(here: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Its techniques, which nearly every text carries, do not."""
    starter = here / "data" / "starter"
    starter.mkdir(parents=True)
    write_rows(starter / "en.jsonl", articles())
    codebook = {"labels": [{"id": "anti-csto"}, {"id": "union-expands"}, {"id": "west-divides"}]}
    (starter / "codebook.json").write_text(json.dumps(codebook), encoding="utf-8")
    (starter / "techniques.json").write_text(json.dumps({"labels": [{"id": "fear"}]}), encoding="utf-8")
    rows = [
        {
            "id": f"t{k}",
            "source": f"s{k % 4}",
            "text": f"Страх {k}." if k % 2 else f"Мир {k}.",
            "labels": ["fear"][: k % 2],
        }
        for k in range(16)
    ]
    write_rows(starter / "techniques.jsonl", rows)
    assert find_starter() == Path("data/starter")
    succeed("train", "--background", "feed.jsonl", "--jobs", "1", "--encoder", "none")
    assert Predictor.load("models/starter").bundle.training.background is not None
    assert Predictor.load("models/starter-techniques").bundle.training.background is None
