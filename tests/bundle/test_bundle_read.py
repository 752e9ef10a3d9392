"""Damage of any kind to a bundle is one clear error."""

from __future__ import annotations

import json
import os
import pickle
import re
import shutil
from collections.abc import Callable
from io import BytesIO
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from framescope.bundle.read import Bundle, load_bundle
from framescope.bundle.write import save_bundle
from framescope.errors import BundleError
from framescope.model.fitted import Model
from sealed import VERIFIED, change_array, manifest, seal, write_manifest
from tiny import FACTS


def test_no_directory_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("{}")
    with pytest.raises(BundleError, match="absent: no such directory: expected a bundle"):
        load_bundle(tmp_path / "absent")
    with pytest.raises(BundleError, match="file: is not a directory: expected a bundle"):
        load_bundle(tmp_path / "file")


def test_a_file_that_may_not_be_read(bundle_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    open_file = os.open

    def refuse(path: Any, *arguments: Any, **options: Any) -> int:
        if path == "manifest.json":
            raise PermissionError(13, "Permission denied")
        return open_file(path, *arguments, **options)

    monkeypatch.setattr(os, "open", refuse)
    monkeypatch.setattr(os, "supports_dir_fd", {refuse})
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
    save_bundle(model, path, card="", training=FACTS)
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
    file = fragile.path / "ngrams.worth.npy"
    saved = file.read_bytes()
    head = b"\x93NUMPY\x01\x00" + len(tail).to_bytes(2, "little") if is_array else b""
    file.write_bytes(head + tail)
    seal(fragile.path)
    try:
        with pytest.raises(
            BundleError, match=r"ngrams\.worth\.npy: expected an array in the \.npy format 1\.0"
        ):
            load_bundle(fragile.path)
    finally:
        file.write_bytes(saved)
        seal(fragile.path)


@pytest.mark.parametrize(
    ("name", "change", "message"),
    [
        (
            "ngrams.weights.npy",
            lambda a: a[:-1],
            r"expected the shape \(\d+, 6\), as config\.json has it, found \(\d+, 6\)",
        ),
        ("ngrams.weights.npy", lambda a: a.reshape(-1), r"expected the shape \(\d+, 6\).*found \(\d+,\)"),
        ("ngrams.weights.npy", lambda a: a.T.copy(), r"expected the shape \(\d+, 6\).*found \(6, \d+\)"),
        ("ngrams.weights.npy", np.asfortranarray, "expected the values row by row"),
        ("ngrams.hashes.npy", lambda a: a[:-1], r"expected the shape \(\d+,\)"),
        ("intercept.npy", lambda a: a[:0], r"expected the shape \(6,\).*found \(0,\)"),
        ("ngrams.weights.npy", lambda a: a.astype(np.float32), r"expected the type \|i1, found <f4"),
        ("ngrams.scales.npy", lambda a: a.astype(">f4"), "expected the type <f4, found >f4"),
        ("ngrams.hashes.npy", lambda a: a.astype(np.int64), "expected the type <u8, found <i8"),
        ("prior.npy", lambda a: a.astype(np.float32), "expected the type <f8, found <f4"),
        ("ngrams.weights.npy", lambda a: put(a, -128), r"expected values above -128, found -128 at \[1, 2\]"),
        (
            "ngrams.scales.npy",
            lambda a: put(a, np.inf),
            r"expected finite values from 0 on, found inf at \[1\]",
        ),
        ("ngrams.scales.npy", lambda a: put(a, -1), r"expected finite values from 0 on, found -1\.0 at \[1\]"),
        ("intercept.npy", lambda a: put(a, -np.inf), r"expected finite values, found -inf at \[1\]"),
        ("ngrams.worth.npy", lambda a: put(a, 0), r"expected finite values above 0, found 0\.0 at \[1\]"),
        ("ngrams.worth.npy", lambda a: put(a, np.nan), "expected finite values above 0, found nan"),
        ("ngrams.worth.npy", lambda a: put(a, np.inf), "expected finite values above 0, found inf"),
        ("prior.npy", lambda a: put(a, 0), "expected values between 0 and 1, found 0"),
        ("prior.npy", lambda a: put(a, 1), "expected values between 0 and 1, found 1"),
        ("prior.npy", lambda a: put(a, np.nan), "expected values between 0 and 1, found nan"),
        (
            "ngrams.hashes.npy",
            lambda a: a[::-1].copy(),
            r"expected distinct values above 0, those below 2\^63 first",
        ),
        ("ngrams.hashes.npy", lambda a: np.concatenate([a[:1], a[:-1]]), "expected distinct values above 0"),
        (
            "ngrams.hashes.npy",
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


@pytest.mark.parametrize(("value", "found"), [(np.nan, "nan"), (-1.0, "-1.0")])
def test_floors_are_from_0_on(value: float, found: str, model_with_floors: Model, tmp_path: Path) -> None:
    save_bundle(model_with_floors, tmp_path / "m", card="", training=FACTS)
    change_array(tmp_path / "m", "floors.npy", lambda floors: put(floors, value))
    with pytest.raises(BundleError, match=rf"floors\.npy: expected values from 0 on, found {found} at \[1\]"):
        load_bundle(tmp_path / "m")


@pytest.mark.parametrize(("value", "found"), [(np.nan, "nan"), (-np.inf, "-inf")])
def test_cuts_are_numbers_or_never(value: float, found: str, model_with_cuts: Model, tmp_path: Path) -> None:
    save_bundle(model_with_cuts, tmp_path / "m", card="", training=FACTS)
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
    worth = (bundle_path / "ngrams.worth.npy").read_bytes()
    change_array(bundle_path, "ngrams.worth.npy", lambda _: bomb)
    with pytest.raises(BundleError, match=r"ngrams\.worth\.npy: expected the type <f4, found \|O"):
        load_bundle(bundle_path)
    (bundle_path / "ngrams.worth.npy").write_bytes(pickle.dumps(bomb))
    seal(bundle_path)
    with pytest.raises(BundleError, match=r"ngrams\.worth\.npy: expected an array in the \.npy format"):
        load_bundle(bundle_path)
    (bundle_path / "ngrams.worth.npy").write_bytes(worth)
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
    np.savez(archive, worth=np.load(bundle_path / "ngrams.worth.npy"))
    (bundle_path / "ngrams.worth.npy").write_bytes(archive.getvalue())
    seal(bundle_path)
    with pytest.raises(BundleError, match=r"ngrams\.worth\.npy: expected an array in the \.npy format"):
        load_bundle(bundle_path)


def test_another_version_of_the_array_format(bundle_path: Path) -> None:
    worth = np.load(bundle_path / "ngrams.worth.npy")
    with (bundle_path / "ngrams.worth.npy").open("wb") as file:
        np.lib.format.write_array(file, worth, version=(2, 0))
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


@pytest.mark.parametrize(
    "name",
    ["../ngrams.worth.npy", "/etc/passwd", "..", "", "sub/ngrams.worth.npy", "..\\ngrams.worth.npy", "a\0b"],
)
def test_a_path_in_the_manifest(name: str, bundle_path: Path) -> None:
    files = manifest(bundle_path)
    write_manifest(bundle_path, {**files, name: files["ngrams.worth.npy"]})
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
    (bundle_path / "ngrams.worth.npy").unlink()
    os.mkfifo(bundle_path / "ngrams.worth.npy")
    with pytest.raises(BundleError, match=r"ngrams\.worth\.npy: is not a regular file"):
        load_bundle(bundle_path)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (
            lambda files: files.pop("ngrams.worth.npy"),
            r"expected an entry for ngrams\.worth\.npy, but it has no entry",
        ),
        (lambda files: files.pop("config.json"), r"expected an entry for config\.json, found none"),
        (
            lambda files: files.update({"cuts.npy": files["ngrams.worth.npy"]}),
            r"expected no entry for cuts\.npy",
        ),
        (
            lambda files: files.update({"README.md": files["ngrams.worth.npy"]}),
            r"expected no entry for README\.md",
        ),
        (
            lambda files: files.update({"ngrams.worth.npy": 3}),
            r"ngrams\.worth\.npy: expected an object, found 3",
        ),
        (lambda files: files["ngrams.worth.npy"].update(size_bytes="3"), "size_bytes: expected int, found '3'"),
        (
            lambda files: files["ngrams.worth.npy"].update(size_bytes=True),
            "size_bytes: expected int, found True",
        ),
        (lambda files: files["ngrams.worth.npy"].pop("sha256"), "sha256: expected str, found None"),
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
    ("value", "found"), [(np.nan, "nan"), (0.5, "0.5"), (-np.inf, "-inf"), (-4.5, r"-4\.5")]
)
def test_familiarity_is_ascending_up_to_0(value: float, found: str, comparing_path: Path) -> None:
    change_array(comparing_path, "familiarity.npy", lambda found: put(found, value))
    message = rf"familiarity\.npy: expected finite values up to 0, ascending, found {found} at \[1\]"
    with pytest.raises(BundleError, match=message):
        load_bundle(comparing_path)
