"""Bundles as they are written: their files, their place, and that all or nothing appears."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from framescope import files
from framescope.bundle import read
from framescope.bundle.read import load_bundle
from framescope.bundle.write import check_output, save_bundle
from framescope.codebook import Codebook, Label
from framescope.errors import BundleError
from framescope.features.ngram_block import NgramBlock
from framescope.model.calibration import Calibration
from framescope.model.fitted import Model
from framescope.model.review import Promise, Review
from framescope.model.typicality import Typicality
from framescope.predictor import Predictor
from sealed import VERIFIED, manifest
from tiny import FACTS


def contents(directory: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in directory.iterdir()}


def with_block(model: Model, **changes: Any) -> Model:
    """Return a model with another block of n-grams."""
    return replace(model, blocks=(replace(model.ngrams, **changes),))


def arrays(model: Model) -> list[np.ndarray | None]:
    return [
        model.ngrams.vocabulary.hashes,
        model.ngrams.vocabulary.worth,
        model.ngrams.vocabulary.unknown,
        model.ngrams.weights.steps,
        model.ngrams.weights.exponents,
        model.ngrams.weights.scales,
        model.intercept,
        model.calibration.coefficients,
        model.calibration.prior,
        model.rule.cuts,
        model.rule.floors,
        *([] if model.typicality is None else typicality_arrays(model.typicality)),
    ]


def typicality_arrays(typicality: Typicality) -> list[np.ndarray]:
    return [typicality.familiarity, typicality.means, typicality.variances, np.array(typicality.lengths)]


# What is saved and loaded


@pytest.mark.parametrize("name", ["model", "model_with_cuts", "model_with_floors", "comparing_model"])
def test_a_loaded_model_equals_the_saved_one(name: str, request: pytest.FixtureRequest, tmp_path: Path) -> None:
    """Every array bit by bit, and everything else by value."""
    model: Model = request.getfixturevalue(name)
    digest = save_bundle(model, tmp_path / "m", card="# Карта\n", training=replace(FACTS, group_by="ОДКБ"))
    bundle = load_bundle(tmp_path / "m")
    for saved, loaded in zip(arrays(model), arrays(bundle.model), strict=True):
        assert (saved is None) == (loaded is None)
        if saved is not None and loaded is not None:
            assert (saved.dtype, saved.tobytes()) == (loaded.dtype, loaded.tobytes())
    assert bundle.model.codebook == model.codebook
    assert (bundle.model.typicality is None) == (model.typicality is None)
    if bundle.model.typicality is not None and model.typicality is not None:
        assert bundle.model.typicality.cut == model.typicality.cut
    assert bundle.model.rule.name == model.rule.name
    assert bundle.model.rule.empty == model.rule.empty
    assert bundle.model.calibration.link == "identity"
    assert bundle.model.languages == ("bg", "en", "hi", "ru")
    assert bundle.training == replace(FACTS, group_by="ОДКБ")
    assert (bundle.digest, bundle.path) == (digest, tmp_path / "m")
    assert (tmp_path / "m" / "README.md").read_text(encoding="utf-8") == "# Карта\n"


def test_the_step_for_parents_is_saved(model: Model, tmp_path: Path) -> None:
    calibration = replace(model.calibration, of_parents=(0.25, 0.5, 1.0))
    save_bundle(replace(model, calibration=calibration), tmp_path / "m", card="", training=FACTS)
    assert load_bundle(tmp_path / "m").model.calibration.of_parents == (0.25, 0.5, 1.0)


def test_what_parts_given_labels_from_those_to_review_is_saved(reviewed: Predictor) -> None:
    expected = Review((Promise("precision>=0.95", None), Promise("precision>=0.8", 0.95)))
    assert reviewed.bundle.model.review == expected


def test_the_files_are_json_and_plain_arrays(bundle_path: Path) -> None:
    """Cuts are there only where the rule has them."""
    assert set(contents(bundle_path)) == {*VERIFIED, "manifest.json", "README.md"}
    found = {path.name: np.load(path, mmap_mode="r", allow_pickle=False) for path in bundle_path.glob("*.npy")}
    assert {name: array.dtype.str for name, array in found.items()} == {
        "ngrams.hashes.npy": "<u8",
        "ngrams.unknown.npy": "<f4",
        "ngrams.worth.npy": "<f4",
        "ngrams.weights.npy": "|i1",
        "ngrams.exponents.npy": "|i1",
        "ngrams.scales.npy": "<f4",
        "intercept.npy": "<f4",
        "prior.npy": "<f8",
    }
    assert found["ngrams.weights.npy"].flags.c_contiguous
    assert found["ngrams.weights.npy"].shape == (len(found["ngrams.hashes.npy"]), 6)


def test_the_manifest_has_size_and_hash_of_config_and_arrays(bundle_path: Path) -> None:
    assert manifest(bundle_path) == {
        name: {
            "sha256": hashlib.sha256((bundle_path / name).read_bytes()).hexdigest(),
            "size_bytes": (bundle_path / name).stat().st_size,
        }
        for name in VERIFIED
    }


def test_the_same_model_gives_the_same_bytes(model: Model, tmp_path: Path) -> None:
    for name in ("a", "b"):
        save_bundle(model, tmp_path / name, card="c", training=FACTS)
    assert contents(tmp_path / "a") == contents(tmp_path / "b")


def test_the_digest_covers_config_and_arrays_and_not_the_card(model: Model, tmp_path: Path) -> None:
    def digest(name: str, changed: Model, **facts: Any) -> str:
        return save_bundle(changed, tmp_path / name, card=name, training=replace(FACTS, **facts))

    assert digest("a", model) == digest("b", model)
    assert digest("c", model) != digest("d", model, seed=1)
    assert digest("e", model) != digest("f", replace(model, intercept=model.intercept + 1))


def test_large_arrays_are_mapped_and_small_ones_copied_all_read_only(
    bundle_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(read, "MAX_COPIED_BYTES", (bundle_path / "ngrams.worth.npy").stat().st_size)
    model = load_bundle(bundle_path).model
    for array in (model.ngrams.weights.steps, model.ngrams.vocabulary.hashes):
        assert type(array) is np.ndarray
        assert isinstance(array.base, np.memmap)
    for array in (model.intercept, model.calibration.prior):
        assert not array.flags.writeable
        assert not isinstance(array.base, np.memmap)
    with pytest.raises(ValueError, match="read-only"):
        model.ngrams.weights.steps[0, 0] = 1


def test_a_bundle_can_be_saved_over_itself(bundle_path: Path) -> None:
    """The mapped arrays outlive the files that are replaced."""
    bundle = load_bundle(bundle_path)
    before = contents(bundle_path)
    save_bundle(bundle.model, bundle_path, card="# Tiny\n", training=bundle.training, force=True)
    assert contents(bundle_path) == before


def test_a_link_to_a_bundle_is_followed(bundle_path: Path, tmp_path: Path, model: Model) -> None:
    """Reading and replacing, both; links may also point to a sibling within the bundle."""
    (tmp_path / "latest").symlink_to(bundle_path)
    (bundle_path / "ngrams.weights.npy").rename(bundle_path / "w")
    (bundle_path / "ngrams.weights.npy").symlink_to("w")
    assert load_bundle(tmp_path / "latest").digest == load_bundle(bundle_path).digest
    (bundle_path / "w").replace(bundle_path / "ngrams.weights.npy")
    save_bundle(model, tmp_path / "latest", card="new", training=FACTS, force=True)
    assert (tmp_path / "latest").is_symlink()
    assert (bundle_path / "README.md").read_text(encoding="utf-8") == "new"


# Where is written


def test_an_existing_output_is_refused(bundle_path: Path, model: Model) -> None:
    before = contents(bundle_path)
    with pytest.raises(BundleError, match=r"already exists.*--force"):
        save_bundle(model, bundle_path, card="new", training=FACTS)
    assert contents(bundle_path) == before


def test_an_empty_directory_may_be_the_output(model: Model, tmp_path: Path) -> None:
    (tmp_path / "m").mkdir()
    check_output(tmp_path / "m")
    save_bundle(model, tmp_path / "m", card="", training=FACTS)
    assert load_bundle(tmp_path / "m").training == FACTS


def test_parents_are_made(model: Model, tmp_path: Path) -> None:
    save_bundle(model, tmp_path / "models" / "bg" / "m", card="", training=FACTS)
    assert [path.name for path in (tmp_path / "models" / "bg").iterdir()] == ["m"]


def test_force_replaces_a_bundle_and_leaves_nothing_beside_it(
    bundle_path: Path, model_with_cuts: Model
) -> None:
    save_bundle(model_with_cuts, bundle_path, card="new", training=FACTS, force=True)
    assert load_bundle(bundle_path).model.rule.name == "macro-f1"
    assert [path.name for path in bundle_path.parent.iterdir()] == ["tiny"]


def test_force_replaces_nothing_but_bundles(model: Model, tmp_path: Path) -> None:
    (tmp_path / "thesis").mkdir()
    (tmp_path / "thesis" / "config.json").write_text('{"format": "mine"}')
    (tmp_path / "file").write_text("mine")
    for name in ("thesis", "file"):
        with pytest.raises(BundleError, match="is not a framescope bundle, so it is not replaced"):
            save_bundle(model, tmp_path / name, card="", training=FACTS, force=True)
    assert sorted(contents(tmp_path / "thesis")) == ["config.json"]


def test_force_does_not_delete_files_of_others(bundle_path: Path) -> None:
    (bundle_path / "notes.txt").write_text("mine")
    with pytest.raises(BundleError, match=r"holds notes\.txt, not a part of the bundle"):
        check_output(bundle_path, force=True)


@pytest.mark.parametrize("existing", [False, True])
def test_a_failure_while_writing_changes_nothing(
    model: Model, bundle_path: Path, monkeypatch: pytest.MonkeyPatch, *, existing: bool
) -> None:
    """The disk is full at the fourth file: what stood there stands, nothing else is left."""
    n_files = 0

    def fail_at_the_fourth(descriptor: int) -> None:
        nonlocal n_files
        n_files += 1
        if n_files == 4:
            raise OSError(28, "No space left on device")

    before = contents(bundle_path)
    monkeypatch.setattr(os, "fsync", fail_at_the_fourth)
    target = bundle_path if existing else bundle_path.with_name("new")
    with pytest.raises(BundleError, match="cannot be written: No space left on device"):
        save_bundle(model, target, card="new", training=FACTS, force=existing)
    assert [path.name for path in bundle_path.parent.iterdir()] == ["tiny"]
    assert contents(bundle_path) == before


def test_a_failed_swap_puts_the_old_bundle_back(
    model: Model, bundle_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = contents(bundle_path)
    rename = Path.rename

    def fail_for_the_new(self: Path, target: Path) -> Path:
        if ".new-" in self.name:
            raise OSError(5, "Input/output error")
        return rename(self, target)

    monkeypatch.setattr(Path, "rename", fail_for_the_new)
    monkeypatch.setattr(files, "_exchange", lambda one, other: False)  # as where the system cannot
    with pytest.raises(BundleError, match="Input/output error"):
        save_bundle(model, bundle_path, card="new", training=FACTS, force=True)
    assert [path.name for path in bundle_path.parent.iterdir()] == ["tiny"]
    assert contents(bundle_path) == before


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (
            lambda m: with_block(m, weights=replace(m.ngrams.weights, scales=m.ngrams.weights.scales * np.nan)),
            r"ngrams\.scales\.npy: expected finite values from 0 on, found nan",
        ),
        (
            lambda m: with_block(m, weights=replace(m.ngrams.weights, steps=m.ngrams.weights.steps[:, :5])),
            r"ngrams\.weights\.npy: expected the shape \(\d+, 6\)",
        ),
        (
            lambda m: replace(m, calibration=Calibration(np.ones(3), m.calibration.prior, "identity")),
            "coefficients: expected 12 finite floats",
        ),
        (
            lambda m: with_block(m, vocabulary=replace(m.ngrams.vocabulary, hashes=np.empty(0, np.uint64))),
            "features: expected 1 to 16777214, found 0",
        ),
        (
            lambda m: replace(m, codebook=Codebook("c", tuple(Label(k, p) for k, p in SCATTERED))),
            "expected a codebook with children right after a parent",
        ),
    ],
)
def test_a_model_that_would_not_load_is_not_saved(
    change: Callable[[Model], Model], message: str, model: Model, tmp_path: Path
) -> None:
    with pytest.raises(BundleError, match=message):
        save_bundle(change(model), tmp_path / "m", card="", training=FACTS)
    assert not any(tmp_path.iterdir())


SCATTERED = [("a", None), ("b", None), ("a1", "a"), ("b1", "b"), ("a2", "a"), ("c", None)]


def test_facts_that_are_not_json_are_refused_before_anything_is_written(model: Model, tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="not JSON compliant"):
        save_bundle(model, tmp_path / "m", card="", training=replace(FACTS, penalty=float("nan")))
    assert not any(tmp_path.iterdir())


def test_the_card_may_change_and_other_files_may_lie_beside(bundle_path: Path) -> None:
    digest = load_bundle(bundle_path).digest
    (bundle_path / "README.md").write_text("changed")
    (bundle_path / ".DS_Store").write_bytes(b"\0")
    assert load_bundle(bundle_path).digest == digest


def test_the_array_table_names_every_file(model_with_cuts: Model, tmp_path: Path) -> None:
    rule = replace(model_with_cuts.rule, floors=np.zeros(6, np.float32))
    save_bundle(replace(model_with_cuts, rule=rule), tmp_path / "m", card="", training=FACTS)
    assert {path.name for path in (tmp_path / "m").glob("*.npy")} == {
        "intercept.npy",
        "prior.npy",
        "cuts.npy",
        "floors.npy",
        *(f"ngrams.{name}.npy" for name in NgramBlock.layout),
    }
