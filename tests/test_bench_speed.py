"""``python -m bench speed`` on corpora of a few short articles: ours, scikit-learn and a limit."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from bench import __main__ as bench_main
from bench import contests, news, race, speed, speed_table
from bench.contests import Contest
from bench.race import System
from bench.runners import scikit, stages, tuning
from bench.runners.child import Child
from bench.synthetic import Shape
from sklearn.linear_model import LogisticRegression

SMALL = Shape(n_articles=60, n_labels=8, n_first_level=4, n_words=120, size_bytes=200)
SENTENCES = {"bg": ["Нов блок.", "Стар съюз!", "Защо?"], "en": ["A bloc.", "A union."]}
NEW, NEW_COLUMNS = ["Нов блок", "Стар съюз", "Хубаво време", "Блок, съюз"], [[0], [1], [], [0, 1]]
CORE = min(os.sched_getaffinity(0))


@pytest.fixture(scope="module")
def contest(tmp_path_factory: pytest.TempPathFactory) -> Contest:
    return contests.narratives(tmp_path_factory.mktemp("contest"), n_bytes=60_000, shape=SMALL)


def test_articles_once_have_every_sentence_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """In their order, cut at the size that was drawn; an article has one language."""
    monkeypatch.setattr(news, "MEDIAN_BYTES", 10)

    articles = news.own_articles(SENTENCES)

    assert sorted(" ".join(sorted(articles)).split()) == sorted(
        ["Нов", "блок.", "Стар", "съюз!", "Защо?", "A", "bloc.", "A", "union."]
    )
    assert len(articles) > 2
    assert not any("A " in article and "о" in article for article in articles)


def test_shuffled_articles_repeat_sentences_in_another_order() -> None:
    """As many bytes as were asked for, and the same for a seed."""
    articles = list(news.shuffled_articles(SENTENCES, 40_000, seed=1))
    sizes = [len(article.encode()) for article in articles]

    assert 40_000 <= sum(sizes) < 40_000 + max(sizes)
    assert len(set(articles)) == len(articles)
    assert articles == list(news.shuffled_articles(SENTENCES, 40_000, seed=1))
    assert articles != list(news.shuffled_articles(SENTENCES, 40_000, seed=2))


def test_sentences_are_read_by_language(tmp_path: Path) -> None:
    """Titles count; sentences that the corpus also lists apart are not read twice."""
    unit = {"lang": "bg", "title": "Блок", "text": "Нов. Стар?"}
    (tmp_path / "bg.jsonl").write_text(json.dumps(unit) + "\n", encoding="utf-8")
    (tmp_path / "techniques.jsonl").write_text(json.dumps(unit) + "\n", encoding="utf-8")

    assert news.read_sentences([tmp_path]) == {"bg": ["Блок Нов.", "Стар?"]}


def test_contest_parts_do_not_overlap(contest: Contest) -> None:
    """Training, held-out and timed articles are different ones; label sets are closed upwards."""
    train, held_out = tuning.read_units(contest.train), tuning.read_units(contest.held_out)
    timed = [json.loads(line)["text"] for line in contest.articles["synthetic"].read_text("utf-8").splitlines()]

    assert (len(train.texts), len(held_out.texts), len(timed)) == (60, 15, 240)
    assert len({*train.texts, *held_out.texts, *timed}) == 315
    assert train.truth.shape == (60, 8)
    labels = json.loads(contest.train.with_name("labels.json").read_text("utf-8"))
    child = next(label for label in labels if ":" in label)
    has_child = train.truth[:, labels.index(child)]
    assert has_child.any()
    assert train.truth[has_child, labels.index(child.split(":")[0])].all()


def test_inner_split_keeps_groups_together() -> None:
    """A fifth of the groups is held out, whole."""
    groups = np.array([f"g{row // 2}" for row in range(20)])
    units = tuning.Units([str(row) for row in range(20)], np.eye(20, dtype=bool), groups)

    fitted_on, held_out = units.inner_split()

    assert len(held_out.texts) == 4
    assert not {*fitted_on.groups} & {*held_out.groups}
    assert held_out.truth.shape == (4, 20)


def test_equal_scores_are_given_together() -> None:
    """At 0.5 two labels are given, one of them right: F1 = 2 / 3, not the 1 of the first alone."""
    assert tuning.best_cut(np.array([True, False]), np.array([0.5, 0.5])) == (0.5, pytest.approx(2 / 3))


def test_the_first_setting_that_comes_near_the_best_is_chosen() -> None:
    """F1 of 1, 2 / 3 and 1 by setting: a smaller one is taken for the loss that it is worth."""
    truth = np.array([True, False, False])
    given = {"small": np.array([1.0, 1.0, 0.0]), "large": np.array([2.0, 1.0, 0.0]), "huge": truth * 3.0}

    assert tuning.choose(given, given.__getitem__, truth) == ("large", 2.0)
    assert tuning.choose(given, given.__getitem__, truth, worth=0.4) == ("small", 1.0)


@pytest.fixture(scope="module")
def units_path(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two labels with a word each, a label without an example, and units without labels."""
    folder = tmp_path_factory.mktemp("units")
    (folder / "labels.json").write_text('["bloc", "union", "absent"]', encoding="utf-8")
    kinds = [
        ("Нов блок", ["bloc"]),
        ("Стар съюз", ["union"]),
        ("Хубаво време", []),
        ("Блок, съюз", ["bloc", "union"]),
    ]
    rows = [
        {"text": f"{text} {k}", "labels": labels, "article_id": f"{text} {k}"}
        for k in range(10)
        for text, labels in kinds
    ]
    lines = "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows)
    (folder / "train.jsonl").write_text(lines, encoding="utf-8")
    return folder / "train.jsonl"


@pytest.mark.parametrize("name", ["tf-idf", "hashing"])
def test_scikit_learn_finds_what_its_features_say(name: str, units_path: Path, tmp_path: Path) -> None:
    """Its one matrix product decides as a model for each label does; a label without examples is not given."""
    runner = scikit.RUNNERS[name]()
    chosen = runner.fit(units_path, tmp_path)
    runner.load(tmp_path)

    assert runner.columns(runner.decide(runner.prepare(NEW))) == NEW_COLUMNS

    units = tuning.read_units(units_path)
    ngrams = runner.pipeline["features"]
    union = LogisticRegression(solver="liblinear", dual=True, C=chosen["C"], max_iter=5000, random_state=0)
    union.fit(ngrams.transform(units.texts), units.truth[:, 1])
    np.testing.assert_allclose(
        runner.pipeline.decision_function(NEW)[:, 1], union.decision_function(ngrams.transform(NEW)), atol=1e-2
    )


@pytest.mark.parametrize("name", ["subwords", "words"])
def test_fasttext_finds_what_its_words_say(
    name: str, units_path: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Case and symbols do not hide a word; it learns that there are units without labels."""
    fasttext = pytest.importorskip("bench.runners.fasttext", exc_type=ImportError)
    monkeypatch.setattr(fasttext, "SIZES", fasttext.SIZES[:1])
    runner = fasttext.RUNNERS[name]()
    runner.fit(units_path, tmp_path)
    runner.load(tmp_path)

    assert [sorted(row) for row in runner.columns(runner.decide(runner.prepare(NEW)))] == NEW_COLUMNS


def test_micro_f1_counts_cells() -> None:
    """One hit, three given, two true: F1 = 2 / 5."""
    truth = np.array([[True, False], [True, False]])

    assert tuning.micro_f1(truth, [[0, 1], [1]]) == pytest.approx(2 / 5)


@pytest.mark.slow
def test_every_system_is_timed_and_judged(
    contest: Contest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Rates from rounds, memory, size, start and F1; limits have no labels. One table, and JSON."""
    monkeypatch.setattr(speed, "CONTESTS", {117: lambda folder, n_bytes: contest})
    monkeypatch.setattr(speed, "MEMORY_ARTICLES", {"ours": [5, 10], "slow": [5], "fast": [5]})
    names = ["framescope", "scikit-learn tf-idf", "copy bytes"]

    sizes = ["--megabytes", "0.02", "--slow-megabytes", "0.001", "--rounds", "1"]
    files = ["--models", str(tmp_path / "m"), "--json", str(tmp_path / "n.json")]

    bench_main.main(["speed", "--labels", "117", "--systems", *names, *sizes, *files, "--cores", "--profile"])

    rows = json.loads((tmp_path / "n.json").read_text("utf-8"))["117"]["systems"]
    assert list(rows) == names
    for name in names[:2]:
        assert set(rows[name]["speed"]) == {"synthetic", "shuffled", "once"}
        assert len(rows[name]["speed"]["once"]) == 1
        assert rows[name]["micro_f1"] > 0.2
        assert rows[name]["size_mb"] > 0
        assert rows[name]["starts"][0]["seconds"] > 0
        assert rows[name]["starts"][0]["cpu_seconds"] > 0
    assert [rows[name]["speed"]["synthetic"][0]["n_bytes"] > 5000 for name in names] == [True, False, True]
    assert list(rows["framescope"]["stages"]["once"]) == list(stages.STAGES)
    assert [found["n_articles"] for found in rows["framescope"]["memory"]] == [5, 10]
    assert not rows["framescope"]["starts"][0]["has_pandas"]
    assert "1" in rows["framescope"]["cores"]
    assert "micro_f1" not in rows["copy bytes"]
    printed = capsys.readouterr().out
    assert printed.count("8 labels: 60 synthetic articles") == 1
    assert "8 labels: seconds of the first start ever" in printed


def test_a_peer_is_fitted_once_for_a_training_file(contest: Contest, tmp_path: Path) -> None:
    """Its model is found again, unless the training file changed."""
    system = System("copy bytes", "limits", "copy")
    facts = race.fit(system, contest.train, tmp_path / "m", cores=[CORE])
    (tmp_path / "m" / "witness").touch()

    assert race.fit(system, contest.train, tmp_path / "m", cores=[CORE]) == facts
    assert (tmp_path / "m" / "witness").exists()

    race.fit(system, contest.held_out.with_name("held-out.jsonl"), tmp_path / "m", cores=[CORE])
    assert not (tmp_path / "m" / "witness").exists()


def test_systems_take_turns() -> None:
    """A B A B, each round on a part of its own; the first part is no round."""
    asked: list[tuple[Any, ...]] = []

    class Recorder:
        def __init__(self, name: str) -> None:
            self.name = name

        def ask(self, task: str, **arguments: Any) -> dict[str, Any]:
            asked.append((self.name, task, arguments.get("n_parts", arguments.get("part"))))
            return {}

    processes: Any = {name: Recorder(name) for name in "AB"}
    race.take_turns(processes, Path("x"), max_bytes={"A": 1, "B": 1}, n_rounds=2)

    assert asked[:2] == [("A", "read", 3), ("B", "read", 3)]
    assert asked[2:] == [("A", "round", 1), ("B", "round", 1), ("A", "round", 2), ("B", "round", 2)]


@pytest.mark.slow
def test_no_article_is_met_twice(tmp_path: Path) -> None:
    """Five articles of 4 bytes in two parts: each part ends when it has reached 8 bytes."""
    path = news.write_articles(tmp_path / "articles.jsonl", [f"te {k}" for k in range(5)])
    child = Child("limits", "split")

    child.read(str(path), n_parts=2, max_bytes=8)

    assert [child.round(part)["n_articles"] for part in (0, 1)] == [2, 2]
    assert [child.round(part)["n_bytes"] for part in (0, 1)] == [8, 8]


def test_a_system_that_fails_is_named(tmp_path: Path) -> None:
    with (
        race.started(System("str.split", "limits", "split"), [CORE]) as process,
        pytest.raises(RuntimeError, match=r"str\.split: read failed"),
    ):
        process.ask("read", articles=tmp_path / "absent", n_parts=1, max_bytes=1)


def _row(seconds: list[float], **others: Any) -> dict[str, Any]:
    sizes = {"n_articles": 1, "n_bytes": 10**6}
    return {"speed": {"once": [{**sizes, "seconds": one, "cpu_seconds": one / 2} for one in seconds]}, **others}


def test_rates_are_medians() -> None:
    """Of 1 MB in 1, 2 and 10 seconds: 0.5 MB/s, and twice that by the processor's time."""
    row = _row([1, 10, 2])

    assert speed_table.rate(row, "once", "wall") == pytest.approx(0.5)
    assert speed_table.rate(row, "once", "cpu") == pytest.approx(1.0)


def test_verdicts_name_what_does_not_hold(capsys: pytest.CaptureFixture[str]) -> None:
    """31 times scikit-learn holds, 2 times fastText does not; 200 MB are too many."""
    start = {"seconds": 1, "cpu_seconds": 1, "has_pandas": False}
    memory = [{"n_articles": 10, "peak_mb": 300, "held_mb": 100}]
    ours = _row([1.0], memory=memory, size_mb=1, first_ever=start, starts=[start])
    rows = {
        "framescope": ours,
        "scikit-learn tf-idf": _row([31.0], starts=[{**start, "seconds": 2}]),
        "fastText subwords": _row([2.0]),
    }

    speed_table.judge({"25": {"n_labels": 25, "systems": rows}}, clock="wall")

    lines = capsys.readouterr().out.splitlines()
    assert "25 labels, once: times scikit-learn tf-idf (goal 60): 31.00, asked >= 30: holds" in lines
    assert "25 labels, once: times fastText subwords (goal 8): 2.00, asked >= 3: DOES NOT HOLD" in lines
    assert "25 labels: MB beside what is loaded, 10 articles: 200.00, asked <= 150: DOES NOT HOLD" in lines
    assert "25 labels: start, as a share of scikit-learn tf-idf: 0.50, asked <= 0.7: holds" in lines
