"""config.json is checked field by field, whatever the manifest says."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from framescope.bundle.read import load_bundle
from framescope.errors import BundleError
from sealed import change_config, seal


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda c: c.update(format="other"), "format: expected 'framescope-bundle', found 'other'"),
        (lambda c: c.pop("format"), "format: expected 'framescope-bundle', found None"),
        (lambda c: c.update(format_version=5), "format_version: expected 4, found 5: upgrade framescope"),
        (lambda c: c.update(format_version=3), "format_version: expected 4, found 3: train it again"),
        (lambda c: c.update(format_version="1"), "format_version: expected int, found '1'"),
        (lambda c: c["blocks"][0].update(features=True), "features: expected int, found True"),
        (lambda c: c["blocks"][0].update(features=-3), "features: expected 1 to 16777214, found -3"),
        (
            lambda c: c["blocks"][0].update(kind="bert"),
            "blocks: expected each of ngrams, sentences, descriptions, first once, found 'bert'",
        ),
        (
            lambda c: c["blocks"].append(c["blocks"][0]),
            "blocks: expected each of ngrams, sentences, descriptions, first once, found 'ngrams'",
        ),
        (lambda c: c["blocks"].clear(), "blocks: expected one or more, found none"),
        (lambda c: c.update(unit="word"), "unit: expected one of article, paragraph, sentence, found 'word'"),
        (lambda c: c.pop("unit"), "unit: expected one of article, paragraph, sentence, found None"),
        (lambda c: c.update(languages="bg"), "languages: expected list, found 'bg'"),
        (lambda c: c.update(languages=["bg", 3]), r"languages: expected strings, found \['bg', 3\]"),
        (lambda c: c.update(training=None), "training: Expected `object`, got `null`"),
        (lambda c: c["training"].pop("learner"), "training: Object missing required field `learner`"),
        (lambda c: c["training"].update(seed="0"), r"training: Expected `int`, got `str` - at `\$.seed`"),
        (lambda c: c["training"]["corpus"].update(languages=["bg"]), r"got `array` - at `\$.corpus.languages`"),
        (lambda c: c["training"]["metrics"].pop("per_label"), "missing required field `per_label`"),
        (lambda c: c["training"]["metrics"].update(overall={}), r"missing required field .* `\$.overall`"),
        (lambda c: c.pop("codebook"), "labels: expected an object with a list of labels"),
        (lambda c: c["codebook"]["labels"].append({"id": "bloc"}), "duplicate label id 'bloc'"),
        (lambda c: c["codebook"]["labels"].pop(), r"intercept.npy: expected the shape \(5,\)"),
        (lambda c: c.update(calibration=[]), r"calibration: expected dict, found \[\]"),
        (lambda c: c["calibration"].update(link="os.system"), "link: expected one of .*, found 'os.system'"),
        (
            lambda c: c["calibration"].update(link=["identity"]),
            r"link: expected one of .*, found \['identity'\]",
        ),
        (lambda c: c["calibration"]["coefficients"].pop(), "coefficients: expected 12 finite floats"),
        (lambda c: c["calibration"]["coefficients"].__setitem__(0, "1"), "coefficients: expected 12 finite"),
        (lambda c: c["calibration"]["coefficients"].__setitem__(0, float("nan")), "found the number NaN"),
        (
            lambda c: c["calibration"]["coefficients"].__setitem__(0, 10**400),
            "coefficients: expected 12 finite",
        ),
        (
            lambda c: c["calibration"]["coefficients"].__setitem__(0, -1e308),
            r"coefficients: expected 12 finite floats from -1e\+09 to 1e\+09, found \[-1e\+308, ",
        ),
        (lambda c: c["calibration"].update(of_parents=[0.5, 1.0]), "of_parents: expected 3 finite floats"),
        (lambda c: c.update(review={}), r"review: expected list, found \{\}"),
        (
            lambda c: c.update(review=["precision>=0.9"]),
            "review: expected goals, each with a cut between 0 and 1",
        ),
        (
            lambda c: c.update(review=[{"goal": "precision>=0.9", "cut": 1.5}]),
            "review: expected goals, each with",
        ),
        (lambda c: c["rule"].update(empty=[1e308, 0.0, 0.0]), "empty: expected 3 finite floats from -1e"),
        (lambda c: c.update(rule="samples-f1"), "rule: expected dict, found 'samples-f1'"),
        (lambda c: c["rule"].update(name=None), "name: expected str, found None"),
        (lambda c: c["rule"].update(has_cuts=1), "has_cuts: expected bool, found 1"),
        (lambda c: c["rule"].update(has_cuts=True), r"expected an entry for cuts\.npy"),
        (lambda c: c["rule"].pop("has_floors"), "has_floors: expected bool, found None"),
        (lambda c: c["rule"].update(has_floors=True), r"expected an entry for floors\.npy"),
        (lambda c: c["rule"].update(empty=[1.0, 2.0]), "empty: expected 3 finite floats"),
    ],
)
def test_a_config_that_the_manifest_vouches_for_is_still_checked(
    change: Callable[[dict[str, Any]], object], message: str, bundle_path: Path
) -> None:
    change_config(bundle_path, change)
    with pytest.raises(BundleError, match=message):
        load_bundle(bundle_path)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda c: c.pop("typicality"), "typicality: expected dict, found None"),
        (lambda c: c.update(typicality=None), r"expected no familiarity\.npy|familiarity\.npy"),
        (lambda c: c["typicality"].update(n_left_out=7), r"familiarity\.npy: expected the shape \(7,\)"),
        (lambda c: c["typicality"].update(cut=1.5), r"cut: expected 0 to 1, found 1\.5"),
        (lambda c: c["typicality"].update(cut=1), "cut: expected float, found 1"),
        (lambda c: c["typicality"]["means"].pop(), "means: expected 9 finite floats"),
        (lambda c: c["typicality"]["lengths"].append(1.0), "lengths: expected 2 finite floats"),
        (lambda c: c["typicality"]["variances"].__setitem__(1, -1.0), "variances: expected values from 0 on"),
        (lambda c: c["typicality"]["variances"].__setitem__(0, 0.0), "variances: expected values from 0 on"),
    ],
)
def test_typicality_in_the_config_is_checked(
    change: Callable[[dict[str, Any]], object], message: str, comparing_path: Path
) -> None:
    change_config(comparing_path, change)
    with pytest.raises(BundleError, match=message):
        load_bundle(comparing_path)


def test_an_overflowing_number_in_the_config(bundle_path: Path) -> None:
    """JSON may hold 1e999, which Python reads as infinity."""
    config = (bundle_path / "config.json").read_text(encoding="utf-8")
    (bundle_path / "config.json").write_text(config.replace("-0.4", "1e999"), encoding="utf-8")
    seal(bundle_path)
    with pytest.raises(BundleError, match="coefficients: expected 12 finite floats"):
        load_bundle(bundle_path)
