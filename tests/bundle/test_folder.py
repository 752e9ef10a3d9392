"""Bundles: what is written, what is verified, and that damage of any kind is one clear error."""

from __future__ import annotations

import hashlib
import json
import os
import pickle
import re
import shutil
from collections.abc import Callable
from dataclasses import replace
from io import BytesIO
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from framescope.bundle.folder import ARRAYS, Bundle, check_output, load_bundle, save_bundle
from framescope.codebook import Codebook, Label
from framescope.errors import BundleError
from framescope.features.vocabulary import Vocabulary
from framescope.model.calibration import Calibration
from framescope.model.fitted import Model

VERIFIED = (
    "config.json",
    "exponents.npy",
    "hashes.npy",
    "idf.npy",
    "intercept.npy",
    "prior.npy",
    "scales.npy",
    "weights.npy",
)


def seal(bundle: Path) -> None:
    """Write the manifest anew, as someone would who tampers with a bundle."""
    names = ["config.json", *(path.name for path in bundle.glob("*.npy"))]
    contents = {name: (bundle / name).read_bytes() for name in names}
    write_manifest(
        bundle,
        {
            name: {"sha256": hashlib.sha256(content).hexdigest(), "size_bytes": len(content)}
            for name, content in contents.items()
        },
    )


def write_manifest(bundle: Path, files: object) -> None:
    (bundle / "manifest.json").write_text(json.dumps({"files": files}), encoding="utf-8")


def manifest(bundle: Path) -> dict[str, Any]:
    files: dict[str, Any] = json.loads((bundle / "manifest.json").read_bytes())["files"]
    return files


def change_config(bundle: Path, change: Callable[[dict[str, Any]], object]) -> None:
    config = json.loads((bundle / "config.json").read_bytes())
    change(config)
    (bundle / "config.json").write_text(json.dumps(config), encoding="utf-8")
    seal(bundle)


def change_array(bundle: Path, name: str, change: Callable[[np.ndarray], np.ndarray]) -> None:
    np.save(bundle / name, change(np.load(bundle / name)), allow_pickle=True)
    seal(bundle)


def contents(directory: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in directory.iterdir()}


def arrays(model: Model) -> list[np.ndarray | None]:
    return [
        model.vocabulary.hashes,
        model.vocabulary.idf,
        model.weights.steps,
        model.weights.exponents,
        model.weights.scales,
        model.intercept,
        model.calibration.coefficients,
        model.calibration.prior,
        model.rule.cuts,
    ]


# What is saved and loaded


@pytest.mark.parametrize("name", ["model", "model_with_cuts"])
def test_a_loaded_model_equals_the_saved_one(name: str, request: pytest.FixtureRequest, tmp_path: Path) -> None:
    """Every array bit by bit, and everything else by value."""
    model: Model = request.getfixturevalue(name)
    digest = save_bundle(model, tmp_path / "m", card="# Карта\n", training={"n": 12, "note": "ОДКБ"})
    bundle = load_bundle(tmp_path / "m")
    for saved, loaded in zip(arrays(model), arrays(bundle.model), strict=True):
        assert (saved is None) == (loaded is None)
        if saved is not None and loaded is not None:
            assert (saved.dtype, saved.tobytes()) == (loaded.dtype, loaded.tobytes())
    assert bundle.model.codebook == model.codebook
    assert bundle.model.rule.name == model.rule.name
    assert bundle.model.rule.empty == model.rule.empty
    assert bundle.model.calibration.link == "identity"
    assert bundle.model.languages == ("bg", "en", "hi", "ru")
    assert bundle.training == {"n": 12, "note": "ОДКБ"}
    assert (bundle.digest, bundle.path) == (digest, tmp_path / "m")
    assert (tmp_path / "m" / "README.md").read_text(encoding="utf-8") == "# Карта\n"


def test_the_files_are_json_and_plain_arrays(bundle_path: Path) -> None:
    """Cuts are there only where the rule has them."""
    assert set(contents(bundle_path)) == {*VERIFIED, "manifest.json", "README.md"}
    found = {path.name: np.load(path, mmap_mode="r", allow_pickle=False) for path in bundle_path.glob("*.npy")}
    assert {name: array.dtype.str for name, array in found.items()} == {
        "hashes.npy": "<u8",
        "idf.npy": "<f4",
        "weights.npy": "|i1",
        "exponents.npy": "|i1",
        "scales.npy": "<f4",
        "intercept.npy": "<f4",
        "prior.npy": "<f8",
    }
    assert found["weights.npy"].flags.c_contiguous
    assert found["weights.npy"].shape == (len(found["hashes.npy"]), 6)


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
        save_bundle(model, tmp_path / name, card="c", training={"b": 1, "a": 2})
    assert contents(tmp_path / "a") == contents(tmp_path / "b")


def test_the_digest_covers_config_and_arrays_and_not_the_card(model: Model, tmp_path: Path) -> None:
    def digest(name: str, changed: Model, **facts: object) -> str:
        return save_bundle(changed, tmp_path / name, card=name, training=facts)

    assert digest("a", model) == digest("b", model)
    assert digest("c", model) != digest("d", model, seed=1)
    assert digest("e", model) != digest("f", replace(model, intercept=model.intercept + 1))


def test_large_arrays_are_mapped_and_read_only(bundle_path: Path) -> None:
    model = load_bundle(bundle_path).model
    for array in (model.weights.steps, model.vocabulary.hashes):
        assert type(array) is np.ndarray
        assert isinstance(array.base, np.memmap)
    with pytest.raises(ValueError, match="read-only"):
        model.weights.steps[0, 0] = 1


def test_a_bundle_can_be_saved_over_itself(bundle_path: Path) -> None:
    """The mapped arrays outlive the files that are replaced."""
    bundle = load_bundle(bundle_path)
    before = contents(bundle_path)
    save_bundle(bundle.model, bundle_path, card="# Tiny\n", training=bundle.training, force=True)
    assert contents(bundle_path) == before


def test_a_link_to_a_bundle_is_followed(bundle_path: Path, tmp_path: Path, model: Model) -> None:
    """Reading and replacing, both; links may also point to a sibling within the bundle."""
    (tmp_path / "latest").symlink_to(bundle_path)
    (bundle_path / "weights.npy").rename(bundle_path / "w")
    (bundle_path / "weights.npy").symlink_to("w")
    assert load_bundle(tmp_path / "latest").digest == load_bundle(bundle_path).digest
    (bundle_path / "w").replace(bundle_path / "weights.npy")
    save_bundle(model, tmp_path / "latest", card="new", training={}, force=True)
    assert (tmp_path / "latest").is_symlink()
    assert (bundle_path / "README.md").read_text(encoding="utf-8") == "new"


# Where is written


def test_an_existing_output_is_refused(bundle_path: Path, model: Model) -> None:
    before = contents(bundle_path)
    with pytest.raises(BundleError, match=r"already exists.*--force"):
        save_bundle(model, bundle_path, card="new", training={})
    assert contents(bundle_path) == before


def test_an_empty_directory_may_be_the_output(model: Model, tmp_path: Path) -> None:
    (tmp_path / "m").mkdir()
    check_output(tmp_path / "m")
    save_bundle(model, tmp_path / "m", card="", training={})
    assert load_bundle(tmp_path / "m").training == {}


def test_parents_are_made(model: Model, tmp_path: Path) -> None:
    save_bundle(model, tmp_path / "models" / "bg" / "m", card="", training={})
    assert [path.name for path in (tmp_path / "models" / "bg").iterdir()] == ["m"]


def test_force_replaces_a_bundle_and_leaves_nothing_beside_it(
    bundle_path: Path, model_with_cuts: Model
) -> None:
    save_bundle(model_with_cuts, bundle_path, card="new", training={}, force=True)
    assert load_bundle(bundle_path).model.rule.name == "macro-f1"
    assert [path.name for path in bundle_path.parent.iterdir()] == ["tiny"]


def test_force_replaces_nothing_but_bundles(model: Model, tmp_path: Path) -> None:
    (tmp_path / "thesis").mkdir()
    (tmp_path / "thesis" / "config.json").write_text('{"format": "mine"}')
    (tmp_path / "file").write_text("mine")
    for name in ("thesis", "file"):
        with pytest.raises(BundleError, match="is not a framescope bundle, so it is not replaced"):
            save_bundle(model, tmp_path / name, card="", training={}, force=True)
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
        save_bundle(model, target, card="new", training={}, force=existing)
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
    with pytest.raises(BundleError, match="Input/output error"):
        save_bundle(model, bundle_path, card="new", training={}, force=True)
    assert [path.name for path in bundle_path.parent.iterdir()] == ["tiny"]
    assert contents(bundle_path) == before


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (
            lambda m: replace(m, weights=replace(m.weights, scales=m.weights.scales * np.nan)),
            r"scales\.npy: expected finite values from 0 on, found nan",
        ),
        (
            lambda m: replace(m, weights=replace(m.weights, steps=m.weights.steps[:, :5])),
            r"weights\.npy: expected the shape \(\d+, 6\)",
        ),
        (
            lambda m: replace(m, calibration=Calibration(np.ones(3), m.calibration.prior, "identity")),
            "coefficients: expected 12 finite floats",
        ),
        (
            lambda m: replace(m, vocabulary=Vocabulary(np.empty(0, np.uint64), np.empty(0, np.float32))),
            "n_features: expected 1 to 16777214, found 0",
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
        save_bundle(change(model), tmp_path / "m", card="", training={})
    assert not any(tmp_path.iterdir())


SCATTERED = [("a", None), ("b", None), ("a1", "a"), ("b1", "b"), ("a2", "a"), ("c", None)]


def test_facts_that_are_not_json_are_refused_before_anything_is_written(model: Model, tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="not JSON compliant"):
        save_bundle(model, tmp_path / "m", card="", training={"f1": float("nan")})
    assert not any(tmp_path.iterdir())


# Damage


def test_no_directory_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("{}")
    with pytest.raises(BundleError, match="absent: no such directory: expected a bundle"):
        load_bundle(tmp_path / "absent")
    with pytest.raises(BundleError, match="file: is not a directory: expected a bundle"):
        load_bundle(tmp_path / "file")


def test_a_file_that_may_not_be_read(bundle_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(self: Path) -> bytes:
        raise PermissionError(13, "Permission denied", str(self))

    monkeypatch.setattr(Path, "read_bytes", refuse)
    with pytest.raises(BundleError, match=r"manifest\.json: cannot be read: Permission denied"):
        load_bundle(bundle_path)


@pytest.mark.parametrize("name", VERIFIED)
def test_a_missing_file(name: str, bundle_path: Path) -> None:
    (bundle_path / name).unlink()
    with pytest.raises(BundleError, match=rf"{name}: is missing: copy the bundle again"):
        load_bundle(bundle_path)


@pytest.mark.parametrize("left", [(), ("config.json",), VERIFIED])
def test_a_bundle_written_by_half(left: tuple[str, ...], bundle_path: Path, tmp_path: Path) -> None:
    """The manifest comes last: without it nothing is used."""
    half = tmp_path / "half"
    half.mkdir()
    for name in left:
        shutil.copy(bundle_path / name, half)
    with pytest.raises(
        BundleError, match=r"manifest\.json: is missing: .*half is not a bundle or was not copied"
    ):
        load_bundle(half)


@pytest.mark.parametrize("name", VERIFIED)
def test_a_file_that_is_cut_short_or_grew(name: str, bundle_path: Path) -> None:
    content = (bundle_path / name).read_bytes()
    for changed in (content[:-1], content + b"\0", b""):
        (bundle_path / name).write_bytes(changed)
        with pytest.raises(BundleError, match=rf"{name}: expected {len(content)} bytes.*found {len(changed)}"):
            load_bundle(bundle_path)


@pytest.fixture(scope="module")
def fragile(model: Model, tmp_path_factory: pytest.TempPathFactory) -> Bundle:
    """A bundle for tests that put back what they change."""
    path = tmp_path_factory.mktemp("fragile") / "m"
    save_bundle(model, path, card="", training={})
    return load_bundle(path)


@given(st.sampled_from(VERIFIED), st.floats(0, 1, exclude_max=True), st.integers(1, 255))
def test_no_changed_byte_goes_unnoticed(fragile: Bundle, name: str, where: float, flip: int) -> None:
    file = fragile.path / name
    content = file.read_bytes()
    changed = bytearray(content)
    changed[int(where * len(content))] ^= flip
    file.write_bytes(changed)
    try:
        with pytest.raises(BundleError, match=rf"{name}: expected the SHA-256 .* the file was changed"):
            load_bundle(fragile.path)
    finally:
        file.write_bytes(content)


@given(
    st.binary(max_size=200)
    | st.recursive(
        st.none() | st.booleans() | st.integers() | st.text(max_size=9),
        lambda inner: (
            st.lists(inner, max_size=3)
            | st.dictionaries(st.text(max_size=9) | st.just("files"), inner, max_size=3)
        ),
    ).map(lambda content: json.dumps(content).encode())
)
def test_any_manifest_is_read_or_refused_with_our_error(fragile: Bundle, content: bytes) -> None:
    file = fragile.path / "manifest.json"
    saved = file.read_bytes()
    file.write_bytes(content)
    try:
        with pytest.raises(BundleError, match=re.escape(str(file))):
            load_bundle(fragile.path)
    finally:
        file.write_bytes(saved)


@given(st.binary(max_size=120), st.booleans())
def test_any_array_file_is_refused_with_our_error(fragile: Bundle, tail: bytes, is_array: bool) -> None:
    """Also with a manifest that vouches for it, and with the magic of an array before the garbage."""
    file = fragile.path / "idf.npy"
    saved = file.read_bytes()
    head = b"\x93NUMPY\x01\x00" + len(tail).to_bytes(2, "little") if is_array else b""
    file.write_bytes(head + tail)
    seal(fragile.path)
    try:
        with pytest.raises(BundleError, match=r"idf\.npy: expected an array in the \.npy format 1\.0"):
            load_bundle(fragile.path)
    finally:
        file.write_bytes(saved)
        seal(fragile.path)


@pytest.mark.parametrize(
    ("name", "change", "message"),
    [
        (
            "weights.npy",
            lambda a: a[:-1],
            r"expected the shape \(\d+, 6\), as config\.json has it, found \(\d+, 6\)",
        ),
        ("weights.npy", lambda a: a.reshape(-1), r"expected the shape \(\d+, 6\).*found \(\d+,\)"),
        ("weights.npy", lambda a: a.T.copy(), r"expected the shape \(\d+, 6\).*found \(6, \d+\)"),
        ("weights.npy", np.asfortranarray, "expected the values row by row"),
        ("hashes.npy", lambda a: a[:-1], r"expected the shape \(\d+,\)"),
        ("intercept.npy", lambda a: a[:0], r"expected the shape \(6,\).*found \(0,\)"),
        ("weights.npy", lambda a: a.astype(np.float32), r"expected the type \|i1, found <f4"),
        ("scales.npy", lambda a: a.astype(">f4"), "expected the type <f4, found >f4"),
        ("hashes.npy", lambda a: a.astype(np.int64), "expected the type <u8, found <i8"),
        ("prior.npy", lambda a: a.astype(np.float32), "expected the type <f8, found <f4"),
        ("weights.npy", lambda a: put(a, -128), r"expected values above -128, found -128 at \[1, 2\]"),
        ("scales.npy", lambda a: put(a, np.inf), r"expected finite values from 0 on, found inf at \[1\]"),
        ("scales.npy", lambda a: put(a, -1), r"expected finite values from 0 on, found -1\.0 at \[1\]"),
        ("intercept.npy", lambda a: put(a, -np.inf), r"expected finite values, found -inf at \[1\]"),
        ("idf.npy", lambda a: put(a, 0), r"expected finite values above 0, found 0\.0 at \[1\]"),
        ("idf.npy", lambda a: put(a, np.nan), "expected finite values above 0, found nan"),
        ("idf.npy", lambda a: put(a, np.inf), "expected finite values above 0, found inf"),
        ("prior.npy", lambda a: put(a, 0), "expected values between 0 and 1, found 0"),
        ("prior.npy", lambda a: put(a, 1), "expected values between 0 and 1, found 1"),
        ("prior.npy", lambda a: put(a, np.nan), "expected values between 0 and 1, found nan"),
        ("hashes.npy", lambda a: a[::-1].copy(), r"expected distinct values above 0, those below 2\^63 first"),
        ("hashes.npy", lambda a: np.concatenate([a[:1], a[:-1]]), "expected distinct values above 0"),
        (
            "hashes.npy",
            lambda a: np.concatenate([[np.uint64(0)], a[1:]]),
            "expected distinct values above 0, those below 2\\^63 first, found 0 at",
        ),
    ],
)
def test_an_array_that_the_manifest_vouches_for_is_still_checked(
    name: str, change: Callable[[np.ndarray], np.ndarray], message: str, bundle_path: Path
) -> None:
    change_array(bundle_path, name, change)
    with pytest.raises(BundleError, match=rf"{name}: {message}"):
        load_bundle(bundle_path)


def put(array: np.ndarray, value: float) -> np.ndarray:
    """Return the array with a value at [1], or at [1, 2]."""
    changed = array.copy()
    changed[(1, 2)[: array.ndim]] = value
    return changed


@pytest.mark.parametrize(("value", "found"), [(np.nan, "nan"), (-np.inf, "-inf")])
def test_cuts_are_numbers_or_never(value: float, found: str, model_with_cuts: Model, tmp_path: Path) -> None:
    save_bundle(model_with_cuts, tmp_path / "m", card="", training={})
    change_array(tmp_path / "m", "cuts.npy", lambda cuts: put(cuts, value))
    with pytest.raises(
        BundleError, match=rf"cuts\.npy: expected finite values or \+inf, found {found} at \[1\]"
    ):
        load_bundle(tmp_path / "m")


class Bomb:
    """An object that leaves a file when it is unpickled."""

    def __init__(self, trace: Path) -> None:
        self.trace = trace

    def __reduce__(self) -> tuple[Any, ...]:
        return Path.touch, (self.trace,)


def test_pickled_arrays_are_never_opened(bundle_path: Path, tmp_path: Path) -> None:
    """In the place of an array, beside the arrays, and as a bare pickle."""
    bomb = np.array([Bomb(tmp_path / "trace")], dtype=object)
    idf = (bundle_path / "idf.npy").read_bytes()
    change_array(bundle_path, "idf.npy", lambda _: bomb)
    with pytest.raises(BundleError, match=r"idf\.npy: expected the type <f4, found \|O"):
        load_bundle(bundle_path)
    (bundle_path / "idf.npy").write_bytes(pickle.dumps(bomb))
    seal(bundle_path)
    with pytest.raises(BundleError, match=r"idf\.npy: expected an array in the \.npy format"):
        load_bundle(bundle_path)
    (bundle_path / "idf.npy").write_bytes(idf)
    seal(bundle_path)
    np.save(bundle_path / "extra.npy", bomb, allow_pickle=True)
    with pytest.raises(BundleError, match=r"extra\.npy: is not in the manifest.*remove it"):
        load_bundle(bundle_path)
    seal(bundle_path)
    with pytest.raises(BundleError, match=r"expected no entry for extra\.npy"):
        load_bundle(bundle_path)
    assert not (tmp_path / "trace").exists()


def test_an_archive_is_no_array(bundle_path: Path) -> None:
    archive = BytesIO()
    np.savez(archive, idf=np.load(bundle_path / "idf.npy"))
    (bundle_path / "idf.npy").write_bytes(archive.getvalue())
    seal(bundle_path)
    with pytest.raises(BundleError, match=r"idf\.npy: expected an array in the \.npy format"):
        load_bundle(bundle_path)


def test_another_version_of_the_array_format(bundle_path: Path) -> None:
    idf = np.load(bundle_path / "idf.npy")
    with (bundle_path / "idf.npy").open("wb") as file:
        np.lib.format.write_array(file, idf, version=(2, 0))
    seal(bundle_path)
    with pytest.raises(BundleError, match=r"in the \.npy format 1\.0, found version \(2, 0\)"):
        load_bundle(bundle_path)


def test_values_must_fill_the_file(bundle_path: Path) -> None:
    """A header that promises too few bytes hides something, one that promises too many cannot be mapped."""
    content = (bundle_path / "intercept.npy").read_bytes()
    for changed in (content + b"hidden", content[:-4]):
        (bundle_path / "intercept.npy").write_bytes(changed)
        seal(bundle_path)
        with pytest.raises(BundleError, match=rf"expected {len(content)} bytes.*found {len(changed)}"):
            load_bundle(bundle_path)


@pytest.mark.parametrize("name", ["../idf.npy", "/etc/passwd", "..", "", "sub/idf.npy", "..\\idf.npy", "a\0b"])
def test_a_path_in_the_manifest(name: str, bundle_path: Path) -> None:
    files = manifest(bundle_path)
    write_manifest(bundle_path, {**files, name: files["idf.npy"]})
    with pytest.raises(BundleError, match=r"expected plain file names, found .* do not trust this bundle"):
        load_bundle(bundle_path)


@pytest.mark.parametrize("name", [*VERIFIED, "manifest.json"])
def test_a_link_out_of_the_bundle(name: str, bundle_path: Path, tmp_path: Path) -> None:
    """Even to the very same bytes; also a link whose target is absent."""
    (bundle_path / name).rename(tmp_path / "elsewhere")
    (bundle_path / name).symlink_to(tmp_path / "elsewhere")
    with pytest.raises(BundleError, match=rf"{name}: is a link that leads out of the bundle"):
        load_bundle(bundle_path)
    (tmp_path / "elsewhere").unlink()
    with pytest.raises(BundleError, match=rf"{name}: is a link that leads out of the bundle"):
        load_bundle(bundle_path)


def test_a_file_must_be_a_regular_file(bundle_path: Path) -> None:
    """Opening a pipe would wait for ever."""
    (bundle_path / "idf.npy").unlink()
    os.mkfifo(bundle_path / "idf.npy")
    with pytest.raises(BundleError, match=r"idf\.npy: is not a regular file"):
        load_bundle(bundle_path)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda files: files.pop("idf.npy"), r"expected an entry for idf\.npy, but it has no entry"),
        (lambda files: files.pop("config.json"), r"expected an entry for config\.json, found none"),
        (lambda files: files.update({"cuts.npy": files["idf.npy"]}), r"expected no entry for cuts\.npy"),
        (lambda files: files.update({"README.md": files["idf.npy"]}), r"expected no entry for README\.md"),
        (lambda files: files.update({"idf.npy": 3}), r"idf\.npy: expected an object, found 3"),
        (lambda files: files["idf.npy"].update(size_bytes="3"), "size_bytes: expected int, found '3'"),
        (lambda files: files["idf.npy"].update(size_bytes=True), "size_bytes: expected int, found True"),
        (lambda files: files["idf.npy"].pop("sha256"), "sha256: expected str, found None"),
    ],
)
def test_a_manifest_that_does_not_fit(
    change: Callable[[dict[str, Any]], object], message: str, bundle_path: Path
) -> None:
    files = manifest(bundle_path)
    change(files)
    write_manifest(bundle_path, files)
    with pytest.raises(BundleError, match=rf"manifest\.json: {message}"):
        load_bundle(bundle_path)


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"{", "expected JSON in UTF-8, found Expecting property name"),
        (b'{"files": \xff}', "expected JSON in UTF-8, found .* can't decode byte 0xff"),
        (b"[1]", r"expected an object, found \[1\]"),
        (b'{"files": []}', r"files: expected dict, found \[\]"),
        (b'{"files": NaN}', "expected JSON in UTF-8, found the number NaN"),
        (b'{"files": "\\ud800"}', "expected JSON in UTF-8, found .* surrogates not allowed"),
        (b"[" * 100_000, "expected JSON in UTF-8, found maximum recursion depth"),
    ],
)
def test_a_manifest_that_is_broken(content: bytes, message: str, bundle_path: Path) -> None:
    (bundle_path / "manifest.json").write_bytes(content)
    with pytest.raises(BundleError, match=rf"manifest\.json: {message}"):
        load_bundle(bundle_path)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda c: c.update(format="other"), "format: expected 'framescope-bundle', found 'other'"),
        (lambda c: c.pop("format"), "format: expected 'framescope-bundle', found None"),
        (lambda c: c.update(format_version=3), "format_version: expected 2, found 3: upgrade framescope"),
        (lambda c: c.update(format_version=1), "format_version: expected 2, found 1: train it again"),
        (lambda c: c.update(format_version="1"), "format_version: expected int, found '1'"),
        (lambda c: c.update(n_features=True), "n_features: expected int, found True"),
        (lambda c: c.update(n_features=-3), "n_features: expected 1 to 16777214, found -3"),
        (lambda c: c.update(languages="bg"), "languages: expected list, found 'bg'"),
        (lambda c: c.update(languages=["bg", 3]), r"languages: expected strings, found \['bg', 3\]"),
        (lambda c: c.update(training=None), "training: expected dict, found None"),
        (lambda c: c.pop("codebook"), "labels: expected an object with a list of labels"),
        (lambda c: c["codebook"]["labels"].append({"id": "bloc"}), "duplicate label id 'bloc'"),
        (lambda c: c["codebook"]["labels"].pop(), r"weights.npy: expected the shape \(\d+, 5\)"),
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
        (lambda c: c.update(rule="samples-f1"), "rule: expected dict, found 'samples-f1'"),
        (lambda c: c["rule"].update(name=None), "name: expected str, found None"),
        (lambda c: c["rule"].update(has_cuts=1), "has_cuts: expected bool, found 1"),
        (lambda c: c["rule"].update(has_cuts=True), r"expected an entry for cuts\.npy"),
        (lambda c: c["rule"].update(empty=[1.0, 2.0]), "empty: expected 3 finite floats"),
    ],
)
def test_a_config_that_the_manifest_vouches_for_is_still_checked(
    change: Callable[[dict[str, Any]], object], message: str, bundle_path: Path
) -> None:
    change_config(bundle_path, change)
    with pytest.raises(BundleError, match=message):
        load_bundle(bundle_path)


def test_an_overflowing_number_in_the_config(bundle_path: Path) -> None:
    """JSON may hold 1e999, which Python reads as infinity."""
    config = (bundle_path / "config.json").read_text(encoding="utf-8")
    (bundle_path / "config.json").write_text(config.replace("-0.4", "1e999"), encoding="utf-8")
    seal(bundle_path)
    with pytest.raises(BundleError, match="coefficients: expected 12 finite floats"):
        load_bundle(bundle_path)


def test_the_card_may_change_and_other_files_may_lie_beside(bundle_path: Path) -> None:
    digest = load_bundle(bundle_path).digest
    (bundle_path / "README.md").write_text("changed")
    (bundle_path / ".DS_Store").write_bytes(b"\0")
    assert load_bundle(bundle_path).digest == digest


def test_the_array_table_names_every_file(model_with_cuts: Model, tmp_path: Path) -> None:
    save_bundle(model_with_cuts, tmp_path / "m", card="", training={})
    assert {path.name for path in (tmp_path / "m").glob("*.npy")} == set(ARRAYS)
