"""Files and folders that appear whole or not at all."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

import framescope
from framescope.errors import FramescopeError
from framescope.files import check_file, whole_file, whole_folder, write_whole


def test_a_file_is_replaced_as_a_whole(tmp_path: Path) -> None:
    target = tmp_path / "a.txt"
    target.write_text("old and long", encoding="utf-8")
    write_whole(target, ["нов\n", "ред\n"])
    assert target.read_bytes() == "нов\nред\n".encode()
    assert list(tmp_path.iterdir()) == [target]


def test_a_failure_leaves_the_old_file_and_nothing_else(tmp_path: Path) -> None:
    def torn() -> Iterator[str]:
        yield "half"
        raise FramescopeError("no more")

    target = tmp_path / "a.txt"
    target.write_text("old", encoding="utf-8")
    with pytest.raises(FramescopeError, match="no more"):
        write_whole(target, torn())
    assert target.read_text(encoding="utf-8") == "old"
    assert list(tmp_path.iterdir()) == [target]


def test_a_file_has_another_name_until_it_is_whole(tmp_path: Path) -> None:
    """In the folder that is named, or else beside its place."""
    target, staging = tmp_path / "a.bin", tmp_path / "staging"
    staging.mkdir()
    with whole_file(target) as opened:
        opened.write(b"1")
        assert not target.exists()
        assert [path.suffix for path in tmp_path.glob(".a.bin.*")] == [".tmp"]
    with whole_file(target, staging=staging) as opened:
        opened.write(b"2")
        assert target.read_bytes() == b"1"
        assert len(list(staging.iterdir())) == 1
    assert target.read_bytes() == b"2"
    assert sorted(tmp_path.rglob("*")) == [target, staging]


def test_a_file_is_on_the_disk_before_it_has_its_name(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    target = tmp_path / "a.bin"
    named = []
    monkeypatch.setattr("os.fsync", lambda descriptor: named.append(target.exists()))
    with whole_file(target) as opened:
        opened.write(b"1")
    assert named == [False]


def test_a_folder_appears_whole_and_replaces_another(tmp_path: Path) -> None:
    target = tmp_path / "deep" / "folder"
    for name in ("old", "new"):
        with whole_folder(target) as staging:
            (staging / name).touch()
            assert not (target / name).exists()
    assert sorted(target.parent.rglob("*")) == [target, target / "new"]


def test_a_failure_leaves_the_old_folder_and_nothing_else(tmp_path: Path) -> None:
    target = tmp_path / "folder"
    target.mkdir()
    (target / "old").touch()
    with pytest.raises(IsADirectoryError, match=r"folder\.new-"), whole_folder(target) as staging:
        staging.write_bytes(b"1")
    assert sorted(tmp_path.rglob("*")) == [target, target / "old"]


def test_all_that_appears_whole_is_written_here() -> None:
    """No other module has a way of its own."""
    folder = Path(framescope.__file__).parent
    writing = {path.name for path in folder.rglob("*.py") if "fsync" in path.read_text(encoding="utf-8")}
    assert writing == {"files.py"}


def test_a_link_stays_a_link(tmp_path: Path) -> None:
    (tmp_path / "real.txt").write_text("old", encoding="utf-8")
    (tmp_path / "link.txt").symlink_to("real.txt")
    write_whole(tmp_path / "link.txt", ["new"])
    assert (tmp_path / "link.txt").is_symlink()
    assert (tmp_path / "real.txt").read_text(encoding="utf-8") == "new"


def test_a_device_is_written_to_as_it_is() -> None:
    write_whole(Path("/dev/null"), ["gone"])
    assert not Path("/dev/null").is_file()


@pytest.mark.parametrize(
    ("name", "expected"),
    [("no/a.txt", "there is no folder"), (".", "is a folder"), ("file/a.txt", "there is no folder")],
)
def test_a_place_that_cannot_hold_a_file(name: str, expected: str, tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(FramescopeError, match=expected):
        check_file(tmp_path / name)
    with pytest.raises(FramescopeError, match="cannot be written: "):
        write_whole(tmp_path / name, ["text"])
