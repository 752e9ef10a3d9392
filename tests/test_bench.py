"""The benchmarks still run, on corpora of a few short articles."""

from __future__ import annotations

import argparse
import json
import os
from pathlib import Path

import numpy as np
import pytest
import scipy.sparse as sp
from bench import __main__ as bench_main
from bench import choosing, few_shot, fit, meaning, peers, promises, quality, real, scores, spans, synthetic

from encoding import HashedWords
from framescope.corpus.schema import Corpus
from framescope.encoders import catalogue
from framescope.measure.metrics import Outcomes
from framescope.predictor import Contribution, Explanation

REPOSITORY = Path(__file__).parents[1]
SMALL = synthetic.Shape(n_articles=80, n_labels=8, n_first_level=4, n_words=120, size_bytes=200)


@pytest.fixture(scope="module")
def corpus() -> Corpus:
    return synthetic.synthetic_corpus(SMALL, seed=1)


def test_synthetic_corpus_has_the_shape_that_was_asked_for(corpus: Corpus) -> None:
    """Two levels, ``Other`` among the first, one to four labels an article, each label at least twice."""
    truth = corpus.codebook.indicator(corpus.column("labels"))
    n_leaves = truth[:, corpus.codebook.fine].sum(axis=1)

    assert corpus.n_units == 80
    assert len(corpus.codebook.ids) == 8
    assert [corpus.codebook.ids[k] for k in corpus.codebook.coarse] == ["N01", "N02", "N03", "Other"]
    assert n_leaves.min() == 1
    assert n_leaves.max() <= 4
    assert truth.sum(axis=0).min() >= 2


def test_synthetic_corpus_is_the_same_every_time(corpus: Corpus) -> None:
    """A seed names a corpus: numbers of different days can be compared."""
    assert synthetic.synthetic_corpus(SMALL, seed=1).full_texts() == corpus.full_texts()
    assert synthetic.synthetic_corpus(SMALL, seed=2).full_texts() != corpus.full_texts()


def test_default_shape_is_that_of_semeval_2025() -> None:
    """117 labels, 22 of them of the first level."""
    codebook = synthetic.synthetic_codebook()

    assert (len(codebook.ids), len(codebook.coarse), len(codebook.fine)) == (117, 22, 96)


def test_hold_out_keeps_groups_together(corpus: Corpus) -> None:
    """No article stands on both sides, and a fifth of the groups is held out."""
    fitted_on, held_out = quality.hold_out(corpus, group_by="article_id", seed=3)

    assert held_out.n_units == 16
    assert not set(fitted_on.column("article_id")) & set(held_out.column("article_id"))
    assert fitted_on.n_units + held_out.n_units == corpus.n_units


def test_best_cut_is_that_of_the_best_f1() -> None:
    """Cut at 0.6: two hits and one false alarm, F1 = 4 / 5; every other cut gives less."""
    truth = np.array([True, False, True, False, False])
    given = np.array([0.9, 0.8, 0.6, 0.4, 0.1], dtype=np.float32)

    cut, f1 = peers.best_cut(truth, given)

    assert cut == pytest.approx(0.6)
    assert f1 == pytest.approx(0.8)


def test_best_cut_of_a_label_without_examples_gives_nothing() -> None:
    """A cut above every probability."""
    assert peers.best_cut(np.zeros(3, dtype=bool), np.ones(3, dtype=np.float32)) == (np.inf, 0.0)


def test_peers_learn_what_a_feature_says() -> None:
    """Each label is one feature, so both peers find all labels; indices of 64 bits are no obstacle."""
    truth = np.eye(2, dtype=bool)[np.arange(40) % 2]
    features = sp.csr_array(truth.astype(np.float32))
    features.indices, features.indptr = features.indices.astype(np.int64), features.indptr.astype(np.int64)

    fitted = peers.fit_peers(features, truth, [str(row // 2) for row in range(40)])

    assert list(fitted) == ["one cut", "cut per label"]
    for peer in fitted.values():
        assert (peer.decide(peer.probabilities(sp.csr_array(truth.astype(np.float32)))) == truth).all()
    assert fitted["one cut"].cuts.shape == (1,)
    assert fitted["cut per label"].cuts.shape == (2,)


def _part(decided: list[list[int]], groups: list[str]) -> scores.Part:
    truth = np.array([[1, 0], [1, 1], [0, 0]], dtype=bool)
    given = np.array(decided, dtype=bool)
    return scores.Part(Outcomes(truth, given, given.astype(np.float32)), groups)


def test_score_averages_over_parts() -> None:
    """All right: 1. Label a only, everywhere: micro 2*2 / (3 + 3), macro (4/5 + 0) / 2, one false alarm."""
    right = _part([[1, 0], [1, 1], [0, 0]], ["x", "y", "z"])
    always_a = _part([[1, 0], [1, 0], [1, 0]], ["x", "y", "w"])

    result = scores.score([right, always_a])

    assert result["micro_f1"] == pytest.approx((1 + 2 / 3) / 2)
    assert result["macro_f1"] == pytest.approx((1 + 0.4) / 2)
    assert result["samples_f1"] == pytest.approx((1 + (1 + 2 / 3) / 2) / 2)
    assert result["false_alarm_rate"] == pytest.approx(0.5)
    assert result["micro_f1_sd"] == pytest.approx((1 - 2 / 3) / np.sqrt(2))
    assert result["brier"] == pytest.approx((0 + 2 / 6) / 2)


def test_difference_of_equal_systems_is_nothing() -> None:
    """The bootstrap is paired: both systems meet the same resamples."""
    part = _part([[1, 0], [0, 1], [1, 0]], ["x", "y", "z"])

    ahead = scores.difference([part], [part], "micro_f1")

    assert ahead == {"micro_f1": 0.0, "micro_f1_sd": None, "micro_f1_ci95": [0.0, 0.0]}


def test_rules_share_one_linear_fit(corpus: Corpus) -> None:
    """Sharing weights and margins between rules changes no model."""
    each = {rule: trained for rule, trained, _ in quality.train_each_rule(corpus, group_by="id", jobs=1)}
    alone = quality.train(corpus, quality.Recipe(rule="macro-f1", group_by="id"))

    assert list(each) == ["micro-f1", "macro-f1", "samples-f1"]
    np.testing.assert_array_equal(each["macro-f1"].model.ngrams.weights.steps, alone.model.ngrams.weights.steps)
    np.testing.assert_array_equal(each["macro-f1"].model.rule.cuts, alone.model.rule.cuts)
    assert each["macro-f1"].metrics["overall"] == alone.metrics["overall"]


@pytest.mark.slow
def test_quality_scores_every_system(corpus: Corpus, capsys: pytest.CaptureFixture[str]) -> None:
    """Three rules of ours and two peers, each with F1, reliability and seconds."""
    splits = iter([quality.hold_out(corpus, group_by="id", seed=seed) for seed in (0, 1)])

    result = quality.measure(splits, group_by="id", jobs=1)
    quality.print_table("small", {"split": "2 random splits", **result})

    assert list(result["systems"]) == [
        "framescope micro-f1",
        "framescope macro-f1",
        "framescope samples-f1",
        "logistic, one cut",
        "logistic, cut per label",
    ]
    for system in result["systems"].values():
        assert {*quality.COLUMNS, "micro_f1_ci95", "fit_seconds"} <= set(system)
        assert system["micro_f1_ci95"][0] <= system["micro_f1"] <= system["micro_f1_ci95"][1]
    assert set(result["ahead"]) == {"micro_f1", "macro_f1"}
    assert "small: 64 training and 16 held-out units, 2 random splits" in capsys.readouterr().out


def test_quality_names_the_corpora_that_are_absent(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """A line, no failure; and the JSON file is written."""
    monkeypatch.setenv("FRAMESCOPE_CORPORA", str(tmp_path))

    code = bench_main.main(["quality", "--only", "narrative_frames", "--json", str(tmp_path / "numbers.json")])

    assert code == 0
    assert "narrative_frames: skipped" in capsys.readouterr().out
    assert json.loads((tmp_path / "numbers.json").read_text(encoding="utf-8")) == {}


def test_fit_times_us_and_scikit_learn(
    corpus: Corpus, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Seconds of both stages and left-out scores of both systems, in print and as JSON."""
    monkeypatch.setattr(fit, "synthetic_corpus", lambda shape: corpus)
    arguments = argparse.Namespace(articles=80, jobs=1, repeats=1, baseline=True, units=None)

    result = fit.run(arguments)

    assert set(result) == {"framescope", "scikit-learn"}
    for system in result.values():
        assert min(system["features_seconds"], system["fit_seconds"]) > 0
        assert 0 <= system["out_of_fold"]["coarse"]["samples_f1"] <= 1
    assert "scikit-learn takes" in capsys.readouterr().out


@pytest.mark.corpora
@pytest.mark.slow
def test_quality_on_a_real_corpus(monkeypatch: pytest.MonkeyPatch) -> None:
    """On articles about climate, ours is within noise of the peers or better."""
    folder = Path(os.environ.get("FRAMESCOPE_CORPORA", REPOSITORY.parent / "shared" / "corpora"))
    if not (folder / "narrative_frames").is_dir():
        pytest.skip(f"{folder} holds no narrative_frames")
    arguments = argparse.Namespace(only=["narrative_frames"], seeds=1, jobs=1, encoder=None)

    ahead = quality.run(arguments)["narrative_frames"]["ahead"]

    assert ahead["micro_f1"]["micro_f1_ci95"][1] > 0
    assert ahead["macro_f1"]["macro_f1_ci95"][1] > 0


def test_words_of_passages_are_counted_against_marked_ones() -> None:
    """Marked are "Блокът срещу"; "срещу Москва" speaks for the label, and its neighbour with it."""
    text = "Блокът срещу Москва. Вали."
    explanation = Explanation("bloc", 3.0, 0.0, (Contribution(7, 19, text[7:19], 3.0),))
    case = spans.Case(text, "bg", [(0, 12)], [explanation])

    assert spans.word_sums(case, spans.found_passages) == (2, 3, 2)
    assert spans.word_sums(case, spans.FINDERS["best word"]) == (1, 1, 2)
    assert spans.word_sums(case, spans.FINDERS["best sentence"]) == (2, 3, 2)
    assert spans.word_sums(case, spans.FINDERS["whole text"]) == (2, 4, 2)
    measured = spans.measure([case])["systems"]["framescope passages"]
    assert measured == {"word_f1": 0.8, "word_f1_ci95": (0.8, 0.8), "bg": 0.8}


def test_a_score_is_given_for_each_language(corpus: Corpus) -> None:
    """Each part keeps the units of the language; a single language needs no table of its own."""
    part = _part([[1, 0], [1, 0], [1, 0]], ["x", "y", "w"])
    languages = [np.array(["bg", "bg", "ru"])]

    found = quality._by_language({"us": [part]}, languages)

    assert found["bg"]["us"]["micro_f1"] == pytest.approx(0.8)
    assert found["ru"]["us"]["false_alarm_rate"] == 1.0
    assert quality._by_language({"us": [part]}, [np.array(["bg"] * 3)]) == {}


def write_lines(path: Path, rows: list[dict[str, object]]) -> None:
    path.parent.mkdir(exist_ok=True)
    path.write_text("".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows), encoding="utf-8")


def test_fragments_of_an_article_are_joined_and_corpora_that_are_absent_are_passed_over(tmp_path: Path) -> None:
    row = {"article_id": "a", "lang": "bg"}
    write_lines(tmp_path / "slavic_persuasion" / "train.jsonl", [row | {"id": "1", "text": "Един."}])
    write_lines(tmp_path / "slavic_persuasion" / "dev.jsonl", [row | {"id": "2", "text": "Два."}])
    feed = {"id": "k", "lang": "ru", "title": "Встреча", "text": "Прошла."}
    write_lines(tmp_path / "kremlin_ru" / "feed.jsonl", [feed])

    assert list(real.real_articles(tmp_path)) == [
        real.RealArticle("slavic_persuasion", "bg", "a", "Един.\nДва."),
        real.RealArticle("kremlin_ru", "ru", "k", "Встреча\nПрошла."),
    ]


def test_shares_and_agreement_are_counted_by_hand(capsys: pytest.CaptureFixture[str]) -> None:
    """Of three articles that readers read, one is framed and found, and one is an alarm."""
    articles = [real.RealArticle("c", "bg", name, "") for name in "abcde"]
    given = real.Given(articles, [("x", "y"), ("x",), (), ("z",), ()], [True] * 4 + [False])
    readers = {"a": {"x"}, "b": set(), "c": set()}

    found = real.report("name", given, readers)

    assert found["total"] == {
        "out": {"n_labelled": 1, "n_articles": 2},
        "in": {"n_labelled": 2, "n_articles": 3},
        "scope": {"n_labelled": 3, "n_articles": 4},
    }
    assert found["labels"] == {"x": 2, "y": 1, "z": 1}
    assert found["readers"] == {
        "n_framed": 1,
        "n_found": 1,
        "n_given": 3,
        "n_right": 1,
        "n_quiet": 2,
        "n_alarms": 1,
    }
    shown = capsys.readouterr().out
    assert "1 of 1 framed articles found, 1 of 3 labels right, alarms on 1 of 2 others" in shown
    assert "50.00 %" in shown


def test_halves_of_real_articles_do_not_depend_on_their_order() -> None:
    """By the first byte of the SHA-256 of the id."""
    assert [real.RealArticle("c", "bg", name, "").half for name in ("a", "c")] == [0, 0]
    halves = [real.RealArticle("c", "bg", str(k), "").half for k in range(1000)]
    assert 450 < sum(halves) < 550


def test_real_says_what_it_cannot_find(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("FRAMESCOPE_CORPORA", str(tmp_path))
    arguments = argparse.Namespace(model=None, readers=None, background=False, max_firing=None, jobs=1)

    assert real.run(arguments) == {}
    assert f"skipped: {tmp_path} has none of slavic_persuasion" in capsys.readouterr().out


@pytest.mark.corpora
@pytest.mark.slow
def test_a_background_of_half_the_real_articles_leaves_the_other_half_alone(
    capsys: pytest.CaptureFixture[str],
) -> None:
    """Below 0.3 % of the other half is labelled, at a loss of at most .02 samples-F1 on left-out articles."""
    folder = quality.corpora_folder()
    articles = list(real.real_articles(folder))
    if not articles:
        pytest.skip(f"{folder} holds no real articles")

    results = real.measure_background(articles, {}, max_firing=None, jobs=1)

    for half in ("half 0", "half 1"):
        total = real.sum_up(results[half]["background"]["total"].values())
        assert total["n_labelled"] < 0.003 * total["n_articles"]
        assert results[half]["left_out"]["samples_f1"] > results["alone"]["samples_f1"] - 0.02
        assert results[half]["left_out"]["ece"] < results["alone"]["ece"] + 0.01


@pytest.mark.slow
def test_encoders_are_compared_with_n_grams_alone(
    corpus: Corpus, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Each rule on left-out articles; fits with other kernels are not taken for each other."""
    monkeypatch.setitem(catalogue.ENCODERS, "words", HashedWords)
    monkeypatch.setenv("FRAMESCOPE_CACHE", "")
    found = {
        system: meaning._left_out(corpus, "id", encoders, system, 1)
        for system, encoders in {"n-grams": (), "both": ("words",)}.items()
    }
    alone = quality.train(corpus, quality.Recipe(rule="macro-f1", group_by="id", encoders=("words",)))
    assert list(found["both"]) == ["micro-f1", "macro-f1", "samples-f1"]
    assert found["both"]["macro-f1"]["macro_f1"] == alone.metrics["overall"]["fine"]["macro_f1"]
    assert alone.training.meaning is not None
    assert found["both"]["micro-f1"]["weight"] == alone.training.meaning.weight
    assert found["n-grams"]["micro-f1"]["weight"] is None
    assert "both, micro-f1" in capsys.readouterr().out


def test_promises_are_tried_on_the_other_half_of_the_groups(monkeypatch: pytest.MonkeyPatch) -> None:
    """Of 600 units in 300 groups the first third are right: .6 is promised, and 1 is not."""
    monkeypatch.setattr(promises, "SYSTEMS", {"framescope": promises.by_groups})
    probabilities = np.linspace(0.999, 0.001, 600, dtype=np.float32)[:, None]
    judged = probabilities, probabilities > 0.667, np.arange(600) // 2
    found = promises.compare(*judged, goal="precision>=0.6", n_halvings=5)["framescope"]
    assert (found["promises"], found["falls_short"]) == (1, 0)
    assert 0.6 < found["right"] / found["labels"] < 1
    nothing = promises.compare(*judged, goal="precision>=1", n_halvings=5)["framescope"]
    assert nothing == dict.fromkeys(nothing, 0.0)


@pytest.mark.slow
def test_choosing_and_drawing_begin_with_the_same_articles(
    corpus: Corpus, capsys: pytest.CaptureFixture[str]
) -> None:
    """So they have the same score there; more random articles than chosen ones can be asked for."""
    task = choosing.Task(lambda: corpus, "article_id", 20, (20, 30), (40,))
    curves = [choosing.curves_of(corpus, task, seed, jobs=1) for seed in (0, 1)]
    assert [[*curve["random"]] for curve in curves] == [[20, 30, 40]] * 2
    assert all(curve["random"][20] == curve["chosen"][20] for curve in curves)
    found = choosing.sum_up(curves)
    assert found["n_ahead"][20] == 0
    mean = sum(curve["chosen"][30].micro_f1 for curve in curves) / 2
    assert found["mean"]["chosen"][30]["micro_f1"] == pytest.approx(mean)
    choosing.print_table("synthetic", found)
    assert "0 of 2" in capsys.readouterr().out


def test_new_labels_keep_a_few_of_their_articles(corpus: Corpus) -> None:
    """Their other articles are left out: as negatives they would teach what is wrong."""
    labels = np.flatnonzero(corpus.codebook.indicator(corpus.column("labels")).any(axis=0))[-1:]
    for n_shots in (0, 2):
        few = few_shot.with_few(corpus, labels, n_shots)
        assert few.codebook.indicator(few.column("labels"))[:, labels].sum() == n_shots
    n_with = corpus.codebook.indicator(corpus.column("labels"))[:, labels].sum()
    assert few.n_units == corpus.n_units - n_with + 2


@pytest.mark.slow
def test_new_labels_are_scored_beside_descriptions_and_a_regression(
    corpus: Corpus, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(catalogue.ENCODERS, "words", HashedWords)
    monkeypatch.setenv("FRAMESCOPE_CACHE", "")
    task = few_shot.Task(lambda: corpus, "id", corpus.n_units, 1)
    found = few_shot.measure(corpus, task, ("words",), [0, 2], jobs=1)["systems"]
    assert list(found)[:3] == ["n-grams", "--encoder", "--only-descriptions"]
    for system in found.values():
        assert [0 <= precision <= 1 for precision, _ in system.values()] == [True, True]
    assert found["logistic regression"][0][1] == 0  # nothing is learned of a label without examples
    assert np.isnan(found["nearest description"][0][1])
