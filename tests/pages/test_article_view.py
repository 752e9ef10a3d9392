"""What is on an article's page, before any HTML."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pytest

from framescope.articles import Article
from framescope.bundle.write import save_bundle
from framescope.evidence.contributions import Contributions, contributions_of
from framescope.model.fitted import Model
from framescope.pages import article as article_module
from framescope.pages.article import MIN_NEAR, explain_article
from framescope.predictor import Predictor
from framescope.text.segments import Unit, segments
from tiny import FACTS, METRICS

TITLE = "Нов блок?"
TEXT = f"{TITLE}\nНов блок подкопава ОДКБ, твърдят наблюдатели.\n\nБлокът обеща сигурност. Съюзът се разширява!"
ARTICLE = Article("a", TEXT, "bg", TITLE)


@pytest.fixture
def by_sentence(model_with_cuts: Model, tmp_path: Path) -> Predictor:
    """A model of sentences with a cut for each label, one of them never given, and one label's precision."""
    path = tmp_path / "by-sentence"
    others = {"support": 4, "recall": None, "f1": None, "average_precision": None}
    rows = [{"label": "bloc", "precision": 0.75, **others}, {"label": "west", "precision": None, **others}]
    facts = replace(FACTS, metrics={**METRICS, "per_label": rows})
    save_bundle(replace(model_with_cuts, unit=Unit.SENTENCE), path, card="", training=facts)
    return Predictor.load(path)


def test_a_model_of_articles_says_what_predict_says(predictor: Predictor) -> None:
    (view,) = explain_article(ARTICLE, [predictor]).models
    (expected,) = predictor.predict([TEXT])
    assert {label.id: label.probability for label in view.labels} == dict(expected.probabilities)
    assert tuple(label.id for label in view.labels if label.is_given) == expected.labels
    assert (view.unit, view.n_units, view.n_given, view.is_part) == ("article", 1, 1, False)
    assert all(label.units == () and label.cut is None for label in view.labels)


def test_a_model_of_sentences_judges_each(by_sentence: Predictor) -> None:
    (view,) = explain_article(ARTICLE, [by_sentence]).models
    sentences = [TEXT[start:end] for start, end in segments(TEXT, "sentence")]
    probabilities = by_sentence.predict_proba(sentences)
    assert (view.unit, view.n_units) == ("sentence", 4)
    for column, label in enumerate(view.labels):
        assert label.probability == pytest.approx(probabilities[:, column].max())
        assert label.n_given == by_sentence.decide(probabilities)[:, column].sum()
        for unit in label.units:
            assert TEXT[unit.start : unit.end] == unit.text
            assert unit.probability == pytest.approx(probabilities[sentences.index(unit.text), column])
    assert [label.cut for label in view.labels] == pytest.approx([0.5, 0.4, 0.3, 0.6, None, 0.5])
    assert {label.id: label.precision for label in view.labels if label.precision} == {"bloc": 0.75}


def test_highlights_are_of_labels_that_no_given_child_implies(
    predictor: Predictor, by_sentence: Predictor
) -> None:
    view = explain_article(ARTICLE, [predictor, by_sentence])
    names = {tag: label.id for tag, label in view.tagged.items()}
    assert {passage.tag for passage in view.passages} <= names.keys()
    given = {label.id for label in view.models[0].labels if label.is_given}
    implied = {label.parent for label in view.models[0].labels if label.is_given}
    assert {names[tag] for tag in names if tag[0] == "A"} == given - implied
    sentences = segments(TEXT, "sentence")
    assert all((p.start, p.end) in sentences for p in view.passages if p.tag[0] == "B")


def test_passages_add_what_their_characters_do(predictor: Predictor) -> None:
    view = explain_article(ARTICLE, [predictor])
    assert view.passages
    for passage in view.passages:
        label = view.tagged[passage.tag].id
        parts = predictor.explain(TEXT, label).contributions
        inside = [
            part.value
            * max(0, min(part.end, passage.end) - max(part.start, passage.start))
            / (part.end - part.start)
            for part in parts
        ]
        assert passage.value == pytest.approx(sum(inside), abs=1e-9)


def test_a_unit_is_read_once_for_all_labels(
    predictor: Predictor, by_sentence: Predictor, monkeypatch: pytest.MonkeyPatch
) -> None:
    read: list[str] = []

    def counted(model: Model, text: str, columns: Sequence[int]) -> Contributions:
        read.append(text)
        return contributions_of(model, text, columns)

    monkeypatch.setattr(article_module, "contributions_of", counted)
    view = explain_article(ARTICLE, [predictor, by_sentence])
    assert len(view.models[0].explained) > 1
    sentences = [TEXT[start:end] for start, end in segments(TEXT, "sentence")]
    assert read[0] == TEXT
    assert len(read[1:]) == len(set(read[1:]))
    assert set(read[1:]) <= set(sentences)


def test_labels_that_came_near_are_explained_without_a_highlight(by_sentence: Predictor) -> None:
    (view,) = explain_article(ARTICLE, [by_sentence]).models
    for label in view.labels:
        is_near = not label.is_given and label.probability >= MIN_NEAR
        assert (label.evidence is not None) == (label.tag is not None or is_near)
    assert any(label.tag is None for label in view.explained)


def test_passages_end_with_whole_words(predictor: Predictor) -> None:
    """In a script whose vowel signs are no letters of their own, too."""
    text = "नया गुट क्षेत्रीय सुरक्षा को कमज़ोर करता है। मंत्री ने कहा कि संघ का विस्तार नहीं हो रहा है।"
    passages = explain_article(Article("h", text, "hi"), [predictor]).passages
    assert passages
    for passage in passages:
        assert text[passage.start - 1 : passage.start] in {"", " "}
        assert text[passage.end : passage.end + 1] in {"", " ", "।"}
    same_label = [(p.tag, p.start) for p in passages]
    assert len(set(same_label)) == len(same_label)


@pytest.mark.parametrize(
    ("article", "has_heading"),
    [(ARTICLE, True), (Article("a", TEXT), False), (Article("a", "Нов блок? Да.", "", TITLE), False)],
)
def test_a_title_is_a_heading_where_the_text_has_it_on_a_line(
    predictor: Predictor, article: Article, has_heading: bool
) -> None:
    view = explain_article(article, [predictor])
    assert view.has_heading is has_heading
    assert view.title == TITLE
    assert [view.text[start:end] for start, end in view.paragraphs] == [
        line for line in view.text.split("\n") if line
    ]


@pytest.mark.parametrize(
    ("article", "title"),
    [
        (Article("/home/me/a.txt", "\n  Нов блок.  \nДа."), "Нов блок."),
        (Article("/home/me/a.txt", "дума " * 40), "дума " * 17 + "дума…"),
        (Article("/home/me/a.txt", ""), "a.txt"),
    ],
)
def test_without_a_title_the_first_line_is_one_and_never_a_path(
    predictor: Predictor, article: Article, title: str
) -> None:
    view = explain_article(article, [predictor])
    assert (view.title, view.name) == (title, "a.txt")


def test_counts_are_those_of_predict(predictor: Predictor, by_sentence: Predictor) -> None:
    """Labels that a child implies count, and so do units that have any."""
    of_articles, of_sentences = explain_article(ARTICLE, [predictor, by_sentence]).models
    assert of_articles.n_labels_given == len(predictor.predict([TEXT])[0].labels) > len(of_articles.given)
    (units,) = by_sentence.predict_units([ARTICLE.body])
    assert of_sentences.n_given == sum(bool(unit.labels) for unit in units)


def test_one_passage_shows_each_label_best(predictor: Predictor, by_sentence: Predictor) -> None:
    """The one that adds most, in its sentence; of parts the most probable one. The page leads to its mark."""
    view = explain_article(ARTICLE, [predictor, by_sentence])
    for tag, label in view.tagged.items():
        shown = label.shown
        assert shown is not None
        own = [passage for passage in view.passages if passage.tag == tag]
        best = max(own, key=lambda passage: passage.probability if label.units else passage.value)
        assert (shown.start, shown.end, shown.text) == (best.start, best.end, TEXT[best.start : best.end])
        assert f"{shown.before}{shown.text}{shown.after}" in TEXT
        assert view.anchors[tag].startswith(f"mark-{shown.start}-")
    assert all(label.shown is None for model in view.models for label in model.labels if label.tag is None)


def test_long_passages_are_cut(predictor: Predictor) -> None:
    text = f"{'и така ' * 60}нов блок подкопава ОДКБ {'и така ' * 60}"
    for label in explain_article(Article("a", text), [predictor]).tagged.values():
        assert label.shown is not None
        assert max(map(len, (label.shown.before, label.shown.text, label.shown.after))) <= 321


def test_what_is_right_less_often_than_promised_is_set_apart(by_sentence: Predictor, model: Model) -> None:
    """Without a promise the mark is one half; a label whose precision nobody knows is told, and stays."""
    (view,) = explain_article(ARTICLE, [by_sentence]).models
    assert view.given
    assert {label.id for label in view.doubtful} == set()
    assert set(view.answer) == set(view.given)
    facts = by_sentence.bundle.training
    rows = [{**row, "precision": 0.25} for row in facts.metrics["per_label"] if row["label"] == "bloc"]
    rows += [{**rows[0], "label": label.id} for label in view.given if label.id != "bloc"]
    bundle = replace(by_sentence.bundle, training=replace(facts, metrics={**METRICS, "per_label": rows}))
    (view,) = explain_article(ARTICLE, [Predictor(bundle)]).models
    assert (view.answer, view.doubtful) == ((), view.given)
    told = "on articles left out of training it was right 25 % of the time"
    assert all(told in label.care for label in view.given)


def test_labels_are_named_in_a_language_that_the_codebook_has(model: Model, tmp_path: Path) -> None:
    """Else in English, else by their ids."""
    names = {"bloc": {"en": "A bloc", "bg": "Блок"}, "west": {"en": "The West"}}
    labels = tuple(replace(label, names=names.get(label.id, {})) for label in model.codebook.labels)
    named = replace(model, codebook=replace(model.codebook, labels=labels))
    save_bundle(named, tmp_path / "named", card="", training=FACTS)
    (view,) = explain_article(ARTICLE, [Predictor.load(tmp_path / "named")], names_in="bg").models
    shown = {label.id: (label.name, label.lang) for label in view.labels}
    assert [shown[label] for label in ("bloc", "west", "Other")] == [
        ("Блок", "bg"),
        ("The West", "en"),
        ("Other", ""),
    ]


def test_labels_out_of_scope_are_told_and_why(scoped: Predictor) -> None:
    """Neither a probability nor a share; the sentence names those whose parent is possible."""
    (view,) = explain_article(Article("a", "Западът и ОДКБ"), [scoped]).models
    outside = [label for label in view.labels if not label.is_in_scope]
    assert [label.id for label in outside] == ["union-expands"]
    for label in outside:
        assert (label.probability, label.is_given, label.evidence, label.tag) == (0, False, None, None)
        assert label.share == label.meaning == "names nothing of the label's scope"
    assert view.scope_in_words == (
        "Not possible, for the article names nothing of the labels' scopes: union-expands."
    )
    (view,) = explain_article(Article("a", "Съюзът"), [scoped]).models
    assert view.scope_in_words.endswith(": anti-csto-coalition, west.")


def test_an_article_in_no_scope_says_so(scoped_model: Model, tmp_path: Path) -> None:
    labels = tuple(replace(label, mentions={"bg": ("баку",)}) for label in scoped_model.codebook.labels)
    model = replace(scoped_model, codebook=replace(scoped_model.codebook, labels=labels))
    save_bundle(model, tmp_path / "m", card="", training=FACTS)
    (view,) = explain_article(ARTICLE, [Predictor.load(tmp_path / "m")]).models
    assert view.n_given == 0
    assert view.scope_in_words == "No label is possible, for the article names nothing of any label's scope."


def test_without_scopes_nothing_is_said_of_them(predictor: Predictor) -> None:
    (view,) = explain_article(ARTICLE, [predictor]).models
    assert view.scope_in_words == ""
    assert all(label.is_in_scope for label in view.labels)


def test_labels_to_review_are_told_apart(reviewed: Predictor, predictor: Predictor) -> None:
    (view,) = explain_article(ARTICLE, [reviewed]).models
    (expected,) = reviewed.predict([TEXT])
    assert tuple(label.id for label in view.labels if label.is_to_review) == expected.to_review != ()
    assert tuple(label.id for label in view.labels if label.is_given) == expected.labels
    assert {label.id for label in view.to_review} <= {*expected.to_review}
    assert (
        view.review_in_words == "Labels below 95 % are to review: of those above, precision>=0.8 is promised."
    )
    (without,) = explain_article(ARTICLE, [predictor]).models
    assert (without.review_in_words, without.to_review) == ("", ())
