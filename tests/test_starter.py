"""The starter corpus keeps the promises of its datasheet."""

from __future__ import annotations

import json
import re
from collections import Counter, defaultdict
from pathlib import Path
from typing import Any

import pytest

from framescope.corpus.audit import audit
from framescope.corpus.read import read_corpus
from framescope.corpus.schema import Corpus
from framescope.corpus.scope import units_in_scope
from framescope.features.scope import Scope
from framescope.text.utf8 import Utf8Texts
from framescope.text.words import are_inside, word_offsets

STARTER = Path(__file__).parent.parent / "data" / "starter"
LANGUAGES = ("bg", "ru", "en")
N_WORDS_SHARED = 8
OFFICIAL_NAMES: tuple[str, ...] = ()
"""Names of bodies and documents, case-folded, that two articles may both spell out."""

NAME = re.compile(r"(?<=[^.!?…»”\"“„: ] )[A-ZА-ЯЁ]\w{3}\w?")
COALITION = re.compile(
    r"csto|одкб|одкс|collective security|коллективной безопасности|колективна сигурност|coalition|коалици"
)


@pytest.fixture(scope="module")
def corpus() -> Corpus:
    return read_corpus(STARTER)


@pytest.fixture(scope="module")
def techniques() -> Corpus:
    return read_corpus(STARTER / "techniques.jsonl", format="starter")


def test_audit_of_the_starter_corpus_is_clean_but_for_its_style(corpus):
    """How its articles are written does tell which have a label: the audit says so."""
    findings = audit(corpus, group_by="source")
    assert [line for line in findings.warnings() if "function words and punctuation" not in line] == []
    assert findings.equal_texts.n_units == findings.near_duplicates.n_pairs == 0
    assert findings.spans.n_inside_words == findings.spans.n_labels_not_given == 0


def test_no_eight_words_stand_in_two_articles(corpus):
    """Composed, not generated: no template, no slot filling, no sentence twice."""
    first_seen: dict[tuple[str, ...], str] = {}
    shared = []
    for article, text in zip(corpus.column("id"), corpus.full_texts(), strict=True):
        words = re.findall(r"\w+", text.casefold())
        for sequence in zip(*(words[k:] for k in range(N_WORDS_SHARED)), strict=False):
            other = first_seen.setdefault(sequence, article)
            phrase = " ".join(sequence)
            if other != article and not any(phrase in name or name in phrase for name in OFFICIAL_NAMES):
                shared.append((other, article, phrase))
    assert shared == []


def test_lengths_are_those_of_a_feed(corpus):
    """From a headline alone to essays of some ten kilobytes."""
    counts = Counter(corpus.column("lang"))
    assert set(counts) == set(LANGUAGES)
    assert min(counts.values()) >= 900
    lengths = [len(re.findall(r"\w+", text)) for text in corpus.column("text")]
    assert sum(length < 50 for length in lengths) >= 50
    assert sum(length > 400 for length in lengths) >= 100


def test_two_articles_of_five_carry_one_to_four_sub_narratives(corpus):
    n_labels = [len(labels) for labels in corpus.column("labels")]
    assert max(n_labels) <= 4
    assert 0.38 <= sum(map(bool, n_labels)) / len(n_labels) <= 0.44


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_sub_narrative_has_at_least_thirty_articles_in_each_language(corpus, language):
    counts = Counter(
        label
        for labels, lang in zip(corpus.column("labels"), corpus.column("lang"), strict=True)
        if lang == language
        for label in labels
    )
    children = [label.id for label in corpus.codebook.labels if label.parent]
    assert {label: counts[label] for label in children if counts[label] < 30} == {}
    assert counts["anti-csto-coalition"] >= 75


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_third_of_the_coalition_articles_name_neither_the_alliance_nor_a_coalition(corpus, language):
    texts = [
        text.casefold()
        for text, labels, lang in zip(
            corpus.full_texts(), corpus.column("labels"), corpus.column("lang"), strict=True
        )
        if lang == language and "anti-csto-coalition" in labels
    ]
    assert sum(not COALITION.search(text) for text in texts) >= len(texts) / 3


def test_every_label_has_one_to_three_spans_of_evidence_on_word_boundaries(corpus):
    for text, labels, spans in zip(
        corpus.column("text"), corpus.column("labels"), corpus.column("spans"), strict=True
    ):
        per_label = Counter(span["label"] for span in spans)
        assert set(per_label) == set(labels)
        assert all(1 <= n <= 3 for n in per_label.values())
        ends = [span[end] for span in spans for end in ("start", "end")]
        assert not are_inside(word_offsets(text), ends).any()


def test_every_source_has_articles_with_and_without_labels(corpus):
    """So that leaving a source out is no shortcut to the labels."""
    kinds = defaultdict(set)
    for source, labels in zip(corpus.column("source"), corpus.column("labels"), strict=True):
        kinds[source].add(bool(labels))
    assert len(kinds) >= 200
    assert [source for source, found in kinds.items() if len(found) < 2] == []


def test_dates_spread_over_2022_to_2026(corpus):
    assert {"2022", "2023", "2024", "2025", "2026"} <= {date[:4] for date in corpus.column("date")}


def test_every_genre_occurs_with_and_without_labels(corpus):
    genres = defaultdict(Counter)
    for genre, labels in zip(corpus.column("genre"), corpus.column("labels"), strict=True):
        genres[genre][bool(labels)] += 1
    assert len(genres) == 15
    assert [genre for genre, counts in genres.items() if min(counts[True], counts[False]) < 2] == []


def test_technique_sentences_stand_in_their_articles_at_their_offsets(corpus, techniques):
    texts = dict(zip(corpus.column("id"), corpus.column("text"), strict=True))
    columns = (techniques.column(name) for name in ("text", "article_id", "start", "end"))
    assert all(
        texts[article][start:end] == sentence for sentence, article, start, end in zip(*columns, strict=True)
    )


def test_six_hundred_sentences_carry_techniques_and_the_common_ones_are_common_enough(techniques):
    labels = techniques.column("labels")
    assert sum(map(bool, labels)) >= 600
    common = Counter(label for each in labels for label in each).most_common(12)
    assert all(n >= 15 for _, n in common)


def test_technique_ids_are_those_of_the_shared_taxonomy(techniques):
    children = [label for label in techniques.codebook.labels if label.parent]
    assert (len(children), len(techniques.codebook.labels)) == (25, 31)
    assert all(label.applies and set(label.names) == {"en", "bg", "ru"} for label in children)


def test_the_corpus_stays_under_nine_megabytes():
    files = [path for path in STARTER.iterdir() if path.is_file()]
    assert sum(path.stat().st_size for path in files) < 9_000_000
    assert {path.name for path in files} >= {"README.md", "codebook.json", "techniques.json"}


def test_files_hold_readable_text_in_one_object_a_line():
    first = (STARTER / "bg.jsonl").read_text(encoding="utf-8").splitlines()[0]
    assert list(json.loads(first)) == [
        "id", "lang", "title", "text", "labels", "spans", "source", "date", "genre", "kind",
    ]  # fmt: skip


# Contrast sets


@pytest.fixture(scope="module")
def rows() -> list[dict[str, Any]]:
    return [
        json.loads(line)
        for language in LANGUAGES
        for line in (STARTER / f"{language}.jsonl").read_text(encoding="utf-8").splitlines()
    ]


def test_a_kind_says_why_an_article_has_no_label(rows):
    kinds = Counter(row["kind"] for row in rows)
    assert set(kinds) == {
        "framed", "neutral", "figures", "refuted", "quoted", "opposite", "elsewhere", "neighbouring", "other",
    }  # fmt: skip
    assert min(kinds.values()) >= 70
    assert all((row["kind"] == "framed") == bool(row["labels"]) for row in rows)


def test_a_contrast_set_is_one_event_seen_in_seven_ways(rows):
    sets = defaultdict(Counter)
    for row in rows:
        if "set" in row:
            sets[row["set"]][row["kind"]] += 1
    others = ("neutral", "refuted", "quoted", "opposite", "elsewhere")
    assert len(sets) >= 70
    assert all(kinds == {"framed": 2, **dict.fromkeys(others, 1)} for kinds in sets.values())


def test_members_of_a_contrast_set_share_the_names_of_the_framed_ones(rows):
    """All but ``elsewhere``, which says the same of another part of the world."""
    named = defaultdict(set)
    for row in rows:
        if row.get("set") and row["kind"] == "framed":
            named[row["set"]] |= names(row)
    neighbours = ("neutral", "refuted", "quoted", "opposite")
    n_shared = {
        row["id"]: len(names(row) & named[row["set"]])
        for row in rows
        if row.get("set") and row["kind"] in neighbours
    }
    assert min(n_shared.values()) >= 1
    assert sum(n_shared.values()) / len(n_shared) >= 3


def names(row: dict[str, Any]) -> set[str]:
    """Return the stems of capitalized words that do not begin a sentence."""
    text = f"{row['title']}. {row['text']}"
    return {match[0].casefold() for match in NAME.finditer(text)}


# Scopes

IN_REGION = (
    "Баку е недоволен|бакинските власти|Армения се отказа|арменски депутати|в Грузия|грузински закон|"
    "казахски войници|Токаев каза|Южен Кавказ|в Централна Азия|ОДКС|молдовският президент|Лукашенко|"
    "Каспийско море|в Ташкент",
    "в Грузии|грузинская оппозиция|казахи уходят|власти Казахстана|на Южном Кавказе|южнокавказский|"
    "в Средней Азии|Центрально-Азиатский|ОДКБ|договор о коллективной безопасности|в Ереване|Мирзиёев|в Минске|"
    "Приднестровье|Каспий",
    "in Baku|Georgian voters|Tbilisi|Kazakhstan's army|the South Caucasus|Central Asian states|the CSTO|"
    "Chisinau|Transnistria|Yerevan|the Caspian|Belarus",
)
ELSEWHERE = (
    "казах му да дойде|казаха експерти|казахте вчера|показаха|собаката|Каспичан|тюрлюгювеч|Русия и Украйна|"
    "минската индустрия|Сърбия и Орбан|армейски части|армията|баталион",
    "грузить уголь|тяжёлый груз|грузовик|грузди|собаку нашли|по указах|минские соглашения|арматура|армия|"
    "казать|казарма|средняя школа|южный фланг|Россия и Украина|абрикос",
    "Georgia votes today|the state of Georgia|Peru and Norway|army|Turkey Point|Caucasian male|"
    "Russia and Ukraine|a central figure|the Eurasian lynx|central bank",
)


@pytest.mark.parametrize("language", range(3))
def test_the_region_is_found_and_innocent_words_are_not(corpus, language):
    """In every inflection that news has, and without what sounds like it."""
    scope = Scope.of(corpus.codebook)
    region = corpus.codebook.columns["colour-revolution"]
    for phrases, expected in ((IN_REGION, True), (ELSEWHERE, False)):
        texts = phrases[language].split("|")
        found = scope.find(Utf8Texts.encode(texts))[:, region].tolist()
        assert dict(zip(texts, found, strict=True)) == dict.fromkeys(texts, expected)


def test_few_labels_are_out_of_their_scope(corpus):
    """Of each label at most a twelfth, of all labels one in fifty."""
    in_scope = units_in_scope(corpus, corpus.codebook)
    truth = corpus.codebook.indicator(corpus.column("labels"))
    outside = (truth & ~in_scope).sum(axis=0)
    assert (outside <= truth.sum(axis=0) / 12).all()
    assert outside.sum() <= truth.sum() / 50


def test_scopes_follow_the_definitions(corpus):
    """A label on one country asks for that country; the alliance's for it or a member."""
    scopes = dict(zip(corpus.codebook.ids, corpus.codebook.scopes, strict=True))
    assert all(scope is not None for scope in scopes.values())
    region = scopes["colour-revolution"]
    for label in ("azerbaijan-hostile", "kazakhstan-drifts", "armenia-defects", "csto-collapse"):
        assert scopes[label] < region
    assert "турция" in scopes["great-turan"]
    assert "турция" not in region
    assert "рига" in scopes["russians-persecuted"]
    assert corpus.codebook.version == 2
