"""Texts in languages that training did not have go through a second stage of their own."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from framescope.bundle.read import load_bundle
from framescope.bundle.write import save_bundle
from framescope.errors import BundleError
from framescope.model.decision import NEVER, Rule
from framescope.model.fitted import Model
from framescope.model.second_stage import SecondStage
from framescope.predictor import Predictor, UnknownLanguageWarning
from framescope.results import Selection, result_columns, result_schema
from framescope.text.utf8 import Utf8Texts
from sealed import change_config
from tiny import FACTS, TYPICALITY

TEXTS = ["Нов блок подкопава ОДКБ.", "Нови блок поткопава ОДКБ.", "The union is not expanding.", ""]
LANGUAGES = ["bg", "sr", "en-GB", ""]


@pytest.fixture
def traveller(model: Model) -> Model:
    """The tiny model of bg, en, hi and ru, with twice the coefficients and a cut abroad."""
    calibration = replace(model.calibration, coefficients=2 * model.calibration.coefficients)
    n_labels = len(model.codebook.ids)
    return replace(
        model, abroad=SecondStage(calibration, Rule("samples-f1", cuts=np.full(n_labels, 0.4, np.float32)))
    )


def test_texts_in_other_languages_go_through_the_other_stage(traveller: Model) -> None:
    texts = Utf8Texts.encode(TEXTS)
    assert traveller.abroad is not None
    home = replace(traveller, abroad=None)
    away = replace(home, calibration=traveller.abroad.calibration, rule=traveller.abroad.rule)
    found = traveller.run(texts, languages=LANGUAGES)
    for row, model in enumerate((home, away, home, home)):
        expected = model.run(texts)
        assert found.probabilities[row].tobytes() == expected.probabilities[row].tobytes()
        assert found.decided[row].tolist() == expected.decided[row].tolist()
    assert found.margins.tobytes() == home.run(texts).margins.tobytes()


def test_unknown_languages_stay_at_home(traveller: Model) -> None:
    texts = Utf8Texts.encode(TEXTS)
    expected = replace(traveller, abroad=None).run(texts).probabilities.tobytes()
    assert traveller.run(texts).probabilities.tobytes() == expected
    assert traveller.run(texts, languages=[None, "", "bul", "EN"]).probabilities.tobytes() == expected
    nowhere = replace(traveller, languages=())
    assert nowhere.run(texts, languages=["sr"] * 4).probabilities.tobytes() == expected


def test_the_predictor_knows_the_way(traveller: Model, tmp_path: Path) -> None:
    """And bundles keep it."""
    save_bundle(traveller, tmp_path / "model", card="# Tiny\n", training=FACTS)
    predictor = Predictor.load(tmp_path / "model")
    expected = traveller.run(Utf8Texts.encode(TEXTS), languages=LANGUAGES)
    with pytest.warns(UnknownLanguageWarning, match="'sr'"):
        found = predictor.predict_proba(TEXTS, languages=LANGUAGES)
    assert found.tobytes() == expected.probabilities.tobytes()
    predicted = predictor.predict(TEXTS, languages=LANGUAGES)
    assert [one.labels for one in predicted] == [traveller.codebook.named(row) for row in expected.decided]
    (parts,) = predictor.predict_units([TEXTS[1]], languages=["sr"])
    assert parts[0].labels == predicted[1].labels


def test_a_stage_between_two_has_log_odds_between_theirs(traveller: Model) -> None:
    assert traveller.abroad is not None
    home = SecondStage(traveller.calibration, traveller.rule)
    between = home.towards(traveller.abroad, 0.25)
    margins = np.array([[0.1, 0.2, 0.3, 0.4, 0.1, 0.2]], np.float32)
    flat = np.full(6, -1, np.int32)
    found, one, other = (
        np.log(p / (1 - p))
        for p in (
            stage.calibration.probabilities(margins, flat).astype(float)
            for stage in (between, home, traveller.abroad)
        )
    )
    np.testing.assert_allclose(found, 0.75 * one + 0.25 * other, atol=1e-4)
    # Of rules of two kinds, the other one's holds.
    assert between.rule.cuts is not None
    np.testing.assert_array_equal(between.rule.cuts, traveller.abroad.rule.cuts)
    assert home.towards(home, 0.5).rule.empty == pytest.approx((-0.5, 0.7, 0.1))


def test_a_stage_between_two_never_gives_what_either_never_gives(traveller: Model) -> None:
    """At the ends, too, where infinity is taken no part of."""
    one, other = (
        SecondStage(traveller.calibration, Rule("macro-f1", cuts=np.array(cuts, np.float32)))
        for cuts in ([0.2, NEVER, 0.4, NEVER, 0.6, 0.5], [0.4, 0.1, NEVER, NEVER, 0.6, 0.5])
    )
    for share, first in ((0.0, 0.2), (0.5, 0.3), (1.0, 0.4)):
        cuts = one.towards(other, share).rule.cuts
        assert cuts is not None
        assert cuts.dtype == np.float32
        assert cuts.tolist() == pytest.approx([first, NEVER, NEVER, NEVER, 0.6, 0.5])


def test_another_rule_holds_everywhere(traveller: Model) -> None:
    cuts = np.full(len(traveller.codebook.ids), 0.5, np.float32)
    changed = replace(traveller, first=traveller.abroad).with_rule(Rule("micro-f1", cuts=cuts))
    assert changed.abroad is not None
    assert changed.first is not None
    assert [stage.rule.name for stage in (changed, changed.abroad, changed.first)] == ["micro-f1"] * 3
    assert traveller.abroad is not None
    assert changed.abroad.calibration is traveller.abroad.calibration


def test_a_promised_rule_gives_nothing_in_other_languages(traveller: Model) -> None:
    """Its cuts keep the goal on articles like those of training."""
    cuts = np.full(len(traveller.codebook.ids), 0.01, np.float32)
    changed = traveller.with_rule(Rule("precision>=0.8", cuts=cuts))
    found = changed.run(Utf8Texts.encode(TEXTS), languages=LANGUAGES)
    assert found.decided.any(axis=1).tolist() == [True, False, True, True]
    assert Rule("recall>=0.8").giving_nothing() == Rule("recall>=0.8")


def test_texts_in_other_languages_are_marked(traveller: Model, tmp_path: Path) -> None:
    """By their codes, or by what they seem to be in where they are unlike training and have none."""
    german = "Das ist nicht der Plan der Regierung, aber es wird auch von den anderen nicht mehr erwartet."
    comparing = replace(traveller, typicality=TYPICALITY)
    texts, codes = [TEXTS[0], german, german, german], ["sr", "en", "", None]
    encoded = Utf8Texts.encode(texts)
    found = comparing.run(encoded, languages=codes)
    assert found.is_foreign.tolist() == [True, False, True, True]
    assert found.languages == {2: "de", 3: "de"}
    assert comparing.run(encoded).is_foreign.tolist() == [False, True, True, True]
    assert not replace(comparing, abroad=None).run(encoded, languages=codes).is_foreign.any()
    save_bundle(comparing, tmp_path / "model", card="# Tiny\n", training=FACTS)
    predictor = Predictor.load(tmp_path / "model")
    assert [one.new_language for one in predictor.predict(texts)] == [False, True, True, True]
    assert predictor.predict_proba(texts).tobytes() == comparing.run(encoded).probabilities.tobytes()
    (parts,) = predictor.predict_units([german])
    assert parts[0].new_language


def test_results_mark_them_in_a_column(traveller: Model, tmp_path: Path) -> None:
    """Which other models do not have."""
    save_bundle(traveller, tmp_path / "model", card="# Tiny\n", training=FACTS)
    bundle, selection = load_bundle(tmp_path / "model"), Selection()
    columns = result_columns(bundle, Utf8Texts.encode(TEXTS), selection, languages=LANGUAGES)
    found = dict(zip(result_schema(traveller, selection).names, columns, strict=True))
    assert found["new_language"].to_pylist() == [False, True, False, False]
    assert "new_language" not in result_schema(replace(traveller, abroad=None), selection).names


def test_a_damaged_stage_is_refused(traveller: Model, tmp_path: Path) -> None:
    save_bundle(traveller, tmp_path / "model", card="# Tiny\n", training=FACTS)
    change_config(tmp_path / "model", lambda config: config["abroad"]["coefficients"].pop())
    with pytest.raises(BundleError, match="coefficients: expected 12 finite floats"):
        load_bundle(tmp_path / "model")
