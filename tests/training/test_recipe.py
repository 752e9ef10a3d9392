"""The whole recipe on a small corpus: what comes out, that it is the same every time, and what is refused."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from itertools import product
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from framescope.bundle.facts import CorpusFacts, parse_facts
from framescope.bundle.read import load_bundle
from framescope.bundle.record import load_record
from framescope.codebook import Codebook, parse_codebook, read_codebook
from framescope.corpus import duplicates
from framescope.corpus.duplicates import NearDuplicates, find_near_duplicates, normalize
from framescope.corpus.read import read_corpus
from framescope.corpus.schema import Corpus
from framescope.corpus.units import split_units
from framescope.errors import CorpusError, TrainingError
from framescope.measure.metrics import Outcomes, UnitInfo, evaluate
from framescope.predictor import Predictor
from framescope.text.segments import Unit
from framescope.text.utf8 import Utf8Texts
from framescope.training.background import Background, FeedArticle
from framescope.training.recipe import Recipe, Trained, _with_evidence, train

CODEBOOK = Codebook.from_parents(
    {"West": None, "West: divides": "West", "West: arms": "West", "Bloc": None, "Bloc: weak": "Bloc"},
    name="tiny",
)
# By language: openings, what carries each label (None: nothing), and endings.
SENTENCES: dict[str, tuple[list[str], dict[str | None, str], list[str]]] = {
    "bg": (
        ["Според вестника вчера", "Министърът заяви, че"],
        {
            "West: divides": "Западът разделя съюзниците",
            "West: arms": "Западът въоръжава съседите",
            "Bloc: weak": "блокът ОДКБ е безсилен",
            None: "времето остава топло",
        },
        ["и хората са спокойни.", "в цялата страна."],
    ),
    "ru": (
        ["Как пишет газета, вчера", "Министр заявил, что"],
        {
            "West: divides": "Запад раскалывает союзников",
            "West: arms": "Запад вооружает соседей",
            "Bloc: weak": "блок ОДКБ бессилен",
            None: "погода остаётся тёплой",
        },
        ["и люди спокойны.", "во всей стране."],
    ),
    "en": (
        ["The paper wrote yesterday that", "The minister said that"],
        {
            "West: divides": "the West divides the allies",
            "West: arms": "the West arms the neighbours",
            "Bloc: weak": "the CSTO bloc is powerless",
            None: "the weather stays warm",
        },
        ["and people are calm.", "in the whole country."],
    ),
    "hi": (
        ["अख़बार ने कल लिखा कि", "मंत्री ने कहा कि"],
        {
            "West: divides": "पश्चिम सहयोगियों को बाँटता है",
            "West: arms": "पश्चिम पड़ोसियों को हथियार देता है",
            "Bloc: weak": "सीएसटीओ गुट शक्तिहीन है",
            None: "मौसम गर्म बना हुआ है",
        },
        ["और लोग शांत हैं।", "पूरे देश में।"],
    ),
}


def rows() -> list[dict[str, Any]]:
    """Return 64 articles of 8 sources, each claim marked as evidence of its label."""
    found = []
    for language, (openings, claims, endings) in SENTENCES.items():
        for (i, opening), (label, claim), (j, ending) in product(
            enumerate(openings), claims.items(), enumerate(endings)
        ):
            start = len(opening) + 1
            span = {"start": start, "end": start + len(claim), "label": label}
            found.append(
                {
                    "id": f"{language}{len(found)}",
                    "text": f"{opening} {claim} {ending}",
                    "lang": language,
                    "source": f"{language}-{i ^ j}",
                    "labels": [label] if label else [],
                    "spans": [span] if label else [],
                }
            )
    return found


Make = Callable[..., Corpus]


@pytest.fixture
def make(tmp_path: Path) -> Make:
    """Write rows to a file and read them as a corpus."""

    def make(content: Sequence[Mapping[str, Any]], codebook: Codebook | None = CODEBOOK) -> Corpus:
        path = tmp_path / "corpus.jsonl"
        path.write_text("\n".join(json.dumps(row) for row in content), encoding="utf-8")
        return read_corpus(path, codebook=codebook)

    return make


@pytest.fixture
def corpus(make: Make) -> Corpus:
    return make(rows())


@pytest.fixture(autouse=True)
def _date(monkeypatch: pytest.MonkeyPatch) -> None:
    """2026-02-03, for the card."""
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "1770076800")


BY_SOURCE = Recipe(group_by="source")


def contents(directory: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in directory.iterdir()}


def probabilities(trained: Trained, texts: Sequence[str]) -> np.ndarray:
    model = trained.model
    return model.probabilities(model.margins(Utf8Texts.encode(texts)))


# What comes out


def test_a_saved_model_answers_as_the_trained_one(corpus: Corpus, tmp_path: Path) -> None:
    trained = train(corpus, BY_SOURCE)
    digest = trained.save(tmp_path / "model")
    predictor = Predictor.load(tmp_path / "model")
    texts = [*corpus.full_texts(), "", "Съвсем друг текст."]
    expected = probabilities(trained, texts)
    assert predictor.predict_proba(texts).tobytes() == expected.tobytes()
    decided = trained.model.decide(expected)
    assert [list(p.labels) for p in predictor.predict(texts)] == [
        np.array(CODEBOOK.ids)[row].tolist() for row in decided
    ]
    bundle = load_bundle(tmp_path / "model")
    assert bundle.digest == digest
    assert bundle.training == trained.training
    assert (tmp_path / "model" / "README.md").read_text(encoding="utf-8") == trained.card


def test_a_saved_model_has_its_record_beside_it(corpus: Corpus, tmp_path: Path) -> None:
    """With the decisions that its metrics are of, and the n-grams of each label."""
    trained = train(corpus, BY_SOURCE)
    digest = trained.save(tmp_path / "model")
    record = load_record(tmp_path / "model", digest)
    assert record is not None
    assert record.ids == corpus.column("id")
    assert record.corpus_sha256 == trained.training.corpus.sha256
    outcomes = Outcomes(CODEBOOK.indicator(corpus.column("labels")), record.decided, record.probabilities)
    units = UnitInfo(corpus.column("lang"), corpus.groups("source"))
    prior = trained.model.calibration.prior
    assert evaluate(outcomes, units, codebook=CODEBOOK, prior=prior) == trained.metrics
    assert list(record.top_ngrams) == list(CODEBOOK.ids)
    assert "ОДКБ" in [ngram["text"] for ngram in record.top_ngrams["Bloc: weak"]]


@pytest.mark.parametrize("learner", ["ridge", "ridge-cd", "logistic"])
def test_training_twice_gives_the_same_bytes_for_any_number_of_jobs(
    corpus: Corpus, tmp_path: Path, learner: str
) -> None:
    for name, jobs in (("one", 1), ("two", 2), ("again", 1)):
        train(corpus, replace(BY_SOURCE, learner=learner, rule="macro-f1", jobs=jobs)).save(tmp_path / name)
    assert contents(tmp_path / "one") == contents(tmp_path / "two") == contents(tmp_path / "again")


def test_what_sources_have_in_common_is_learned(corpus: Corpus) -> None:
    """Every article judged by a fit without its source and near-duplicates; claims recur in others."""
    trained = train(corpus, replace(BY_SOURCE, rule="micro-f1"))
    by_chance = trained.metrics["baselines"]["random_prior"]["fine"]["micro_f1"]
    assert trained.metrics["overall"]["fine"]["micro_f1"] > by_chance + 0.15
    assert trained.metrics["n_units"] == 64
    assert trained.model.languages == ("bg", "en", "hi", "ru")
    new = probabilities(trained, ["Вчера пак: Западът въоръжава съседите!"])[0]
    assert CODEBOOK.ids[CODEBOOK.fine[np.argmax(new[CODEBOOK.fine])]] == "West: arms"


def test_the_stages_are_reported(corpus: Corpus) -> None:
    stages = []

    @contextmanager
    def progress(stage: str) -> Iterator[None]:
        stages.append(stage)
        yield

    train(corpus, BY_SOURCE, progress=progress)
    judging = ["Judging left-out articles", "Ranking n-grams"]
    assert stages == ["Auditing the corpus", "Reading features", "Fitting", *judging]


def test_facts_on_the_training(corpus: Corpus) -> None:
    facts = train(corpus, replace(BY_SOURCE, learner="ridge", rule="precision>=0.3", seed=3)).training
    languages = {"bg": 16, "en": 16, "hi": 16, "ru": 16}
    assert facts.corpus == CorpusFacts("corpus.jsonl", facts.corpus.sha256, 64, 64, 0, 48, languages)
    assert (facts.learner, facts.rule, facts.group_by) == ("ridge", "precision>=0.3", "source")
    assert (facts.seed, facts.min_df) == (3, 2)
    assert parse_facts(json.loads(json.dumps(facts.to_json())), Path("config.json"), remedy="") == facts


@pytest.mark.parametrize("field", ["text", "labels", "spans", "id"])
def test_the_hash_of_the_corpus_covers_what_is_learned(make: Make, field: str) -> None:
    changed = rows()
    changed[0] |= {"text": changed[0]["text"] + "!", "labels": ["Bloc"], "spans": [], "id": "new"}
    one = train(make(rows()), BY_SOURCE).training.corpus.sha256
    other = train(make([rows()[0] | {field: changed[0][field]}, *rows()[1:]]), BY_SOURCE)
    assert len(one) == 64
    assert other.training.corpus.sha256 != one


# Evidence


def test_evidence_teaches(make: Make) -> None:
    """Without spans the model is another one."""
    with_spans = train(make(rows()), BY_SOURCE)
    without = train(make([row | {"spans": []} for row in rows()]), BY_SOURCE)
    assert with_spans.training.corpus.n_spans == 48
    assert without.training.corpus.n_spans == 0
    assert with_spans.model.ngrams.weights.steps.shape == without.model.ngrams.weights.steps.shape
    assert not np.allclose(with_spans.model.ngrams.weights.wide(), without.model.ngrams.weights.wide())


def test_spans_of_labels_outside_the_codebook_teach_nothing(make: Make) -> None:
    """A corpus with a flat codebook of its own labels and techniques in its spans: as without spans."""
    other = [row | {"spans": [{"start": 0, "end": 9, "label": "Loaded_Language"}]} for row in rows()]
    trained = [
        train(make(content, None), BY_SOURCE).model for content in (other, [r | {"spans": []} for r in rows()])
    ]
    assert trained[0].codebook.is_flat
    assert trained[0].ngrams.weights.steps.tobytes() == trained[1].ngrams.weights.steps.tobytes()
    assert trained[0].calibration.coefficients.tobytes() == trained[1].calibration.coefficients.tobytes()


def test_a_span_counts_for_its_parent_and_for_the_article_it_is_in(make: Make) -> None:
    """Evidence brings its label's parent, and is left out with its group: noise stays noise."""
    rng = np.random.default_rng(5)
    words = [f"дума{k}" for k in range(60)]
    content = []
    for k in range(60):
        text = " ".join(rng.choice(words, 12))
        labels = ["West: arms"] if rng.random() < 0.5 else []
        spans = [{"start": 0, "end": len(text), "label": label} for label in labels]
        content.append({"id": str(k), "text": text, "labels": labels, "spans": spans})
    codebook = Codebook.from_parents({"West": None, "West: arms": "West"}, name="two")
    trained = train(make(content, codebook), Recipe(rule="micro-f1"))
    np.testing.assert_allclose(
        trained.model.ngrams.weights.of(0), trained.model.ngrams.weights.of(1), rtol=1e-5
    )
    assert trained.metrics["calibration"]["brier_skill"] < 0.15


def test_near_duplicates_of_other_groups_are_left_out(make: Make) -> None:
    """Every text in two sources, labelled at will: what one says of the other is no merit."""
    rng = np.random.default_rng(4)
    words = [f"слово{k}" for k in range(200)]
    content = []
    for k in range(40):
        text, labels = " ".join(rng.choice(words, 15)), ["West: arms"] if rng.random() < 0.5 else ["Bloc: weak"]
        content += [
            {"id": f"{k}{s}", "text": f"{text} {s}", "labels": labels, "source": s + str(k)} for s in "аб"
        ]
    metrics = train(make(content, None), BY_SOURCE).metrics
    assert metrics["overall"]["fine"]["micro_f1"] < 0.8


# A background


def feed(n: int = 40) -> Background:
    """Articles on other things, some of which borrow a word of the labels'."""
    rng = np.random.default_rng(8)
    words = [f"новост{k}" for k in range(60)] + ["Западът", "блок", "allies", "the", "и", "в"]
    return Background(
        [FeedArticle(f"f{k}", " ".join(rng.choice(words, 20)), "feed.jsonl") for k in range(n)], n
    )


@pytest.mark.parametrize("learner", ["ridge", "logistic"])
def test_with_a_background_any_number_of_jobs_gives_the_same_bytes(
    corpus: Corpus, tmp_path: Path, learner: str
) -> None:
    recipe = replace(BY_SOURCE, learner=learner, max_firing=0.1)
    for name, jobs in (("one", 1), ("two", 2)):
        trained = train(corpus, replace(recipe, jobs=jobs), background=feed())
        trained.save(tmp_path / name)
    assert contents(tmp_path / "one") == contents(tmp_path / "two")
    assert load_bundle(tmp_path / "one").training == trained.training
    assert load_bundle(tmp_path / "one").model.rule.floors is not None


def test_a_background_is_in_vocabulary_and_fit(corpus: Corpus) -> None:
    """And not among the articles that the model is judged by."""
    alone = train(corpus, BY_SOURCE)
    trained = train(corpus, BY_SOURCE, background=feed())
    assert len(trained.model.ngrams.vocabulary) > len(alone.model.ngrams.vocabulary)
    assert trained.record.ids == alone.record.ids
    assert trained.metrics["n_units"] == 64
    assert trained.model.calibration.prior.tobytes() == alone.model.calibration.prior.tobytes()
    assert alone.training.background is None
    assert alone.fired == ()


def test_a_background_shows_a_corpus_of_labelled_articles_what_none_is(make: Make) -> None:
    """Without it every text gets a label."""
    corpus = make([row for row in rows() if row["labels"]])
    alone, trained = train(corpus, BY_SOURCE), train(corpus, BY_SOURCE, background=feed())
    new = feed(80).texts[40:]
    assert alone.model.decide(probabilities(alone, new)).any(axis=1).all()
    assert trained.model.decide(probabilities(trained, new)).any(axis=1).mean() < 0.2
    assert trained.model.decide(probabilities(trained, corpus.full_texts())).any(axis=1).mean() > 0.8


def test_facts_and_card_tell_of_the_background(corpus: Corpus) -> None:
    copy = FeedArticle("copy", corpus.full_texts()[0])
    background = Background([*feed().articles, copy], 41)
    trained = train(corpus, replace(BY_SOURCE, max_background=30, max_firing=0.1), background=background)
    facts = trained.training.background
    assert facts is not None
    assert (facts.n_read, facts.n_duplicates, facts.n_articles, facts.n_fitted) == (41, 1, 40, 30)
    assert [row["label"] for row in facts.per_label] == list(CODEBOOK.ids)
    assert len(trained.fired) == 40
    assert sum(bool(article.labels) for article in trained.fired) == facts.any_label["n_fired"]
    assert sum(article.is_set_aside for article in trained.fired) == facts.n_set_aside
    assert "## On a feed\n\nThe fit had 30 unlabelled articles of a feed of 41, 1 left out" in trained.card
    assert "Every label was to keep to 100 of 1,000 articles" in trained.card
    assert f"| any label | {facts.any_label['n_fired']} |" in trained.card
    assert parse_facts(json.loads(json.dumps(trained.training.to_json())), Path("c"), remedy="") == (
        trained.training
    )


def test_nothing_of_a_background_is_saved_but_its_hash(corpus: Corpus, tmp_path: Path) -> None:
    train(corpus, BY_SOURCE, background=feed()).save(tmp_path / "model")
    for name in ("model/config.json", "model/README.md", "model.training.parquet"):
        content = (tmp_path / name).read_bytes()
        assert "новост".encode() not in content
        assert b"feed.jsonl" not in content


def test_labels_keep_to_the_rate_on_the_background(corpus: Corpus) -> None:
    """Articles that push a label more or less, of which 5 in 60 may get it: 6 / 61 is below a tenth."""
    claim = "блокът ОДКБ е безсилен"
    texts = [" ".join([text, *[claim] * (k % 6)]) for k, text in enumerate(feed(60).texts)]
    background = Background([FeedArticle(str(k), text) for k, text in enumerate(texts)], 60)
    recipe = replace(BY_SOURCE, rule="recall>=0.9", max_background=10)
    free, kept = (
        train(corpus, replace(recipe, max_firing=most), background=background) for most in (None, 0.1)
    )
    before, after = (
        trained.model.decide(probabilities(trained, texts[10:])).sum(axis=0) for trained in (free, kept)
    )
    assert before.max() > 15
    assert after.max() <= 5
    assert kept.training.never_given == ()


def test_a_label_that_the_rate_leaves_nothing_is_never_given(corpus: Corpus) -> None:
    """The feed fires more than any labelled article; one article of it is fitted."""
    claims = [claims["Bloc: weak"] for _, claims, _ in SENTENCES.values()]
    texts = [f"{' '.join(claims)} {text}" for text in feed(20).texts]
    background = Background([FeedArticle(str(k), text) for k, text in enumerate(texts)], 20)
    recipe = replace(BY_SOURCE, rule="recall>=0.9", max_firing=0.1, max_background=1)
    trained = train(corpus, recipe, background=background)
    gone = trained.training.never_given
    assert gone
    assert f"| Never given | {', '.join(gone)} |" in trained.card
    decided = trained.model.decide(np.full((1, 5), 0.9999, np.float32))[0]
    assert not decided[[CODEBOOK.columns[label] for label in gone]].any()


def test_a_rate_needs_a_background_and_enough_of_it(corpus: Corpus) -> None:
    with pytest.raises(TrainingError, match="a share of a background: name one with --background"):
        train(corpus, replace(BY_SOURCE, max_firing=0.1))
    with pytest.raises(TrainingError, match="the background has 8 articles: expected 9 or more to keep"):
        train(corpus, replace(BY_SOURCE, max_firing=0.1), background=feed(8))


def test_a_background_of_articles_needs_a_model_of_articles(corpus: Corpus) -> None:
    cut = split_units(corpus, Unit.SENTENCE)
    with pytest.raises(TrainingError, match=r"corpus\.jsonl: is cut into units of a sentence"):
        train(cut, BY_SOURCE, background=feed())


# The card


def test_the_card_tells_what_the_model_is(corpus: Corpus) -> None:
    trained = train(corpus, replace(BY_SOURCE, rule="micro-f1"))
    micro = trained.metrics["overall"]["fine"]
    low, high = micro["micro_f1_ci95"]
    for expected in (
        "# tiny\n",
        "| Date | 2026-02-03 |",
        f"| Corpus SHA-256 | `{trained.training.corpus.sha256}` |",
        "| Trained on | corpus.jsonl: 64 units of 64 articles |",
        "| Languages | bg 16, en 16, hi 16, ru 16 |",
        "| Rule | `micro-f1` |",
        "| Never given | - |",
        "units of equal `source`",
        f"| {micro['micro_f1']:.3f} [{low:.3f}, {high:.3f}] |",
        "| `West: arms` | West | 16 |",
        "## What it is not for",
        "| hi, first level |",
    ):
        assert expected in trained.card


def test_the_card_names_labels_that_are_never_given(make: Make) -> None:
    """One label has no example, and the rule has no cut for it."""
    content = [row for row in rows() if row["labels"] != ["Bloc: weak"]]
    trained = train(make(content), replace(BY_SOURCE, rule="recall>=0.9", allow_unseen_labels=True))
    assert trained.training.never_given == ("Bloc", "Bloc: weak")
    assert "| Never given | Bloc, Bloc: weak |" in trained.card
    assert not trained.model.decide(np.full((1, 5), 0.999, np.float32))[0, 3:].any()


def test_the_card_repeats_what_the_audit_warns_of(make: Make) -> None:
    trained = train(make([*rows(), rows()[0] | {"id": "copy", "labels": []}]), BY_SOURCE)
    assert any("texts that occur more than once" in line for line in trained.warnings)
    assert "**Warnings:** 2 units have texts that occur more than once" in trained.card


def test_false_alarms_are_told_by_kind(make: Make) -> None:
    """The kinds of units without a label, on the card as in the metrics."""
    content = [row | {"kind": "framed" if row["labels"] else f"kind {row['lang']}"} for row in rows()]
    trained = train(make(content), BY_SOURCE)
    kinds = trained.metrics["false_alarms_by_kind"]
    assert list(kinds) == ["kind bg", "kind en", "kind hi", "kind ru"]
    for kind, found in kinds.items():
        assert f"| {kind} | {found['n_units']} | {found['rate']:.3f} |" in trained.card
    assert "units without a label" not in train(make(rows()), BY_SOURCE).card


def test_the_card_tells_noise_and_slope(corpus: Corpus) -> None:
    trained = train(corpus, BY_SOURCE)
    found = trained.metrics["calibration"]
    assert f"| {found['ece']:.3f} ({found['ece_noise']:.3f} if all were exactly true) |" in trained.card
    assert f"| reliability slope (1 is right) | {found['slope']:.3f}" in trained.card
    assert "| hi: ECE |" in trained.card


# What is refused


def test_a_single_article_is_refused(make: Make) -> None:
    content = [row | {"article_id": "a"} for row in rows()]
    with pytest.raises(TrainingError, match=r"corpus\.jsonl: 64 unit.* of a single article: expected two"):
        train(make(content), Recipe())


def test_a_corpus_without_labels_is_refused(make: Make) -> None:
    content = [row | {"labels": [], "spans": []} for row in rows()]
    with pytest.raises(TrainingError, match="no unit has a label"):
        train(make(content), Recipe())


def test_one_label_everywhere_is_refused(make: Make) -> None:
    content = [row | {"labels": ["West: arms"], "spans": []} for row in rows()]
    with pytest.raises(TrainingError, match=r"every unit has the same label \(West, West: arms\)"):
        train(make(content), Recipe())


def test_a_single_group_is_refused(make: Make) -> None:
    content = [row | {"source": "only"} for row in rows()]
    with pytest.raises(TrainingError, match=r"every unit has the same source \('group only'\): expected two"):
        train(make(content), BY_SOURCE)


def test_units_without_a_group_are_left_out_by_article(make: Make) -> None:
    """They do not make one large group of strangers."""
    content = [row | {"source": ""} if number % 2 else row for number, row in enumerate(rows())]
    some = train(make(content), BY_SOURCE)
    assert some.warnings[-1] == "32 units have no source and are left out by article"
    assert "32 units have no source" in some.card


@pytest.mark.parametrize("change", [str, str.upper], ids=["equal", "in capitals"])
def test_a_text_that_every_source_prints_leaves_the_rest_alone(
    make: Make, change: Callable[[str], str]
) -> None:
    """The copies are left out together, the other articles of their sources are not."""
    shared = "Общият текст на агенцията излезе във всички вестници в един и същи ден."
    sources = sorted({row["source"] for row in rows()})
    copies = [
        {"id": f"copy{number}", "text": change(shared) if number % 2 else shared, "labels": ["West"],
         "lang": "bg", "source": source}
        for number, source in enumerate(sources)
    ]  # fmt: skip
    corpus = make([*rows(), *copies])
    trained = train(corpus, BY_SOURCE)
    alone = train(make(rows()), BY_SOURCE)
    here, there = (each.metrics["overall"]["fine"]["samples_f1"] for each in (trained, alone))
    assert here >= there - 0.1
    pairs = find_near_duplicates([normalize(text) for text in corpus.full_texts()]).pairs
    n_pairs = len(sources) * (len(sources) - 1) // 2
    assert sum(left >= len(rows()) for left, _ in pairs.tolist()) == n_pairs


def test_near_duplicates_are_searched_once(make: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    """For the audit and for the fit."""
    searched = []

    def find(texts: Sequence[str]) -> NearDuplicates:
        searched.append(len(texts))
        return find_near_duplicates(texts)

    monkeypatch.setattr(duplicates, "find_near_duplicates", find)
    corpus = make(rows())
    train(corpus, BY_SOURCE)
    assert searched == [corpus.n_units]


def test_the_evidence_of_a_near_duplicate_goes_with_it() -> None:
    """Units 0 and 2 are alike; rows 3 and 4 are evidence of unit 2, row 5 of unit 1."""
    pairs = _with_evidence(np.array([[0, 2]], np.int32), [2, 2, 1], 3)
    assert pairs.tolist() == [[0, 2], [0, 3], [0, 4]]


def test_labels_without_examples_are_refused_unless_allowed(make: Make) -> None:
    more = {label.id: label.parent for label in CODEBOOK.labels} | {f"unseen{k}": None for k in range(7)}
    corpus = make(rows(), Codebook.from_parents(more, name="more"))
    named = r"7 labels .* have no example: unseen0, unseen1, unseen2, unseen3, unseen4, \.\.\.: annotate"
    with pytest.raises(TrainingError, match=named):
        train(corpus, BY_SOURCE)
    trained = train(corpus, replace(BY_SOURCE, allow_unseen_labels=True))
    found = probabilities(trained, corpus.full_texts())
    assert found.shape == (64, 12)
    assert found[:, 5:].max() < 0.1


def test_texts_that_share_nothing_are_refused(make: Make) -> None:
    texts = ["αβγ δεζ", "жзи клм", "qwe rty", "नया गुट"]
    content = [{"id": t, "text": t, "labels": ["a"] if k % 2 else ["b"]} for k, t in enumerate(texts)]
    with pytest.raises(TrainingError, match="no feature occurs in 2 units"):
        train(make(content, None), Recipe())


def test_an_unknown_group_column_is_an_error_of_the_corpus(corpus: Corpus) -> None:
    with pytest.raises(CorpusError, match="outlet: no such column"):
        train(corpus, Recipe(group_by="outlet"))


def test_a_label_of_a_single_article_is_no_trouble(make: Make) -> None:
    """Left out, it leaves a corpus without labels."""
    content = [row | {"labels": ["West: arms"] if row["id"] == "bg4" else [], "spans": []} for row in rows()]
    codebook = parse_codebook({"name": "one", "labels": [{"id": "West: arms"}]}, "one.json")
    trained = train(make(content, codebook), BY_SOURCE)
    assert trained.metrics["overall"]["false_alarm_rate"] < 0.1


# Real articles


@pytest.mark.corpora
@pytest.mark.slow
def test_the_card_promises_no_more_than_other_articles_keep() -> None:
    """Of Slavic debates: the articles of dev.jsonl are none of train.jsonl."""
    default = Path(__file__).parents[3] / "shared" / "corpora"
    folder = Path(os.environ.get("FRAMESCOPE_CORPORA", default)) / "slavic_persuasion"
    codebook = read_codebook(folder / "codebook.json")
    corpus, other = (read_corpus(folder / f"{part}.jsonl", codebook=codebook) for part in ("train", "dev"))
    trained = train(corpus, Recipe(rule="micro-f1", jobs=2))
    found = probabilities(trained, other.full_texts())
    metrics = evaluate(
        Outcomes(codebook.indicator(other.column("labels")), trained.model.decide(found), found),
        UnitInfo(other.column("lang"), other.column("article_id")),
        codebook=codebook,
        prior=trained.model.calibration.prior,
    )
    for level, score in product(("fine", "coarse"), ("micro_f1", "macro_f1")):
        promised, kept = trained.metrics["overall"][level], metrics["overall"][level]
        low, high = promised[f"{score}_ci95"]
        kept_low, _ = kept[f"{score}_ci95"]
        assert kept[score] > low, "the card promises too much"
        assert kept_low < high, "the card promises too little"
    assert metrics["overall"]["fine"]["micro_f1"] == pytest.approx(
        trained.metrics["overall"]["fine"]["micro_f1"], abs=0.03
    )
    for name in ("brier", "log_loss", "ece"):
        assert metrics["calibration"][name] == pytest.approx(trained.metrics["calibration"][name], abs=0.01)


# Scopes


def scoped_codebook() -> Codebook:
    """Return the codebook with a scope for one narrative, in three of the four languages."""
    mentions = {"bg": ("одкб",), "en": ("csto",), "hi": ("सीएसटीओ",)}
    labels = tuple(
        replace(label, mentions=mentions if label.id == "Bloc" else None) for label in CODEBOOK.labels
    )
    return replace(CODEBOOK, labels=labels)


def test_training_knows_the_scopes(make: Make) -> None:
    """Left out, saved, in the metrics and in the card; a label out of its scope is missed."""
    content = rows()
    # ru-... share the letters ОДКБ; one article of the narrative names nothing.
    missed = next(row for row in content if row["labels"] == ["Bloc: weak"] and row["lang"] == "en")
    missed["text"] = missed["text"].replace("CSTO ", "XXXX ")
    corpus = make(content, scoped_codebook())
    trained = train(corpus, BY_SOURCE)
    columns = [corpus.codebook.columns[label] for label in ("Bloc", "Bloc: weak")]
    names = np.array(["ОДКБ" in text or "CSTO" in text or "सीएसटीओ" in text for text in corpus.full_texts()])
    assert names.sum() == 15
    for column in columns:
        assert ((trained.record.probabilities[:, column] > 0) == names).all()
        assert not trained.record.decided[~names, column].any()
    scope = trained.metrics["scope"]
    assert scope["n_outside"] == 0, "the other narrative has no scope"
    counts = {row["label"]: (row["n_outside"], row["n_missed"]) for row in scope["per_label"]}
    assert counts == {
        "West": (0, 0),
        "West: divides": (0, 0),
        "West: arms": (0, 0),
        "Bloc": (49, 1),
        "Bloc: weak": (49, 1),
    }
    recall = {row["label"]: row["recall"] for row in trained.metrics["per_label"]}
    assert recall["Bloc: weak"] <= 15 / 16
    prior = dict(zip(corpus.codebook.ids, trained.model.calibration.prior, strict=True))
    assert prior["Bloc: weak"] == pytest.approx(15.5 / 16)
    assert prior["West"] == pytest.approx(32.5 / 65)
    assert "## Scope" in trained.card
    assert "| `Bloc: weak` | 3 terms | 15 | 1 |" in trained.card
    assert "| `West` | any text | 64 | 0 |" in trained.card


def test_a_saved_model_has_its_scopes(make: Make, tmp_path: Path) -> None:
    trained = train(make(rows(), scoped_codebook()), BY_SOURCE)
    trained.save(tmp_path / "model")
    predictor = Predictor.load(tmp_path / "model")
    assert predictor.codebook == scoped_codebook()
    (found,) = predictor.predict(["Вчера пак: блокът е безсилен"])
    assert found.out_of_scope == ("Bloc", "Bloc: weak")
    assert found.probabilities["Bloc"] == 0
    assert not {"Bloc", "Bloc: weak"} & {*found.labels}


def test_without_scopes_the_card_says_nothing_of_them(corpus: Corpus) -> None:
    trained = train(corpus, BY_SOURCE)
    assert trained.metrics["scope"] is None
    assert "Scope" not in trained.card


def test_a_misspelt_term_is_warned_of(make: Make) -> None:
    labels = tuple(
        replace(label, mentions={"bg": ("одбк",)}) if label.id == "Bloc" else label for label in CODEBOOK.labels
    )
    trained = train(make(rows(), replace(CODEBOOK, labels=labels)), BY_SOURCE)
    assert any(
        "a term may be misspelt: no example names anything of the scope of Bloc" in w for w in trained.warnings
    )
    assert "a term may be misspelt" in trained.card
    assert not trained.record.decided[:, trained.model.codebook.columns["Bloc"]].any()
