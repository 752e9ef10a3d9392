"""Files and folders that appear whole or not at all."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace

import pytest

import framescope
from framescope.errors import FramescopeError
from framescope.files import (
    check_file,
    check_folder,
    recover_folder,
    whole_file,
    whole_folder,
    write_json_lines,
    write_whole,
)


def test_a_file_is_replaced_as_a_whole(tmp_path: Path) -> None:
    target = tmp_path / "a.txt"
    target.write_text("old and long", encoding="utf-8")
    write_whole(target, ["нов\n", "ред\n"])
    assert target.read_bytes() == "нов\nред\n".encode()
    assert list(tmp_path.iterdir()) == [target]


def test_objects_are_lines_of_json_in_plain_letters(tmp_path: Path) -> None:
    target = tmp_path / "a.jsonl"
    write_json_lines(target, [{"id": "а", "n": 1}, {}])
    assert target.read_text(encoding="utf-8") == '{"id": "а", "n": 1}\n{}\n'


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


KILLED = """
import os, sys
from pathlib import Path
import framescope.files as files

class Killed:
    n_calls = 0
    def __init__(self, function): self.function = function
    def __call__(self, *values, **options):
        Killed.n_calls += 1
        if Killed.n_calls == int(sys.argv[2]): os.kill(os.getpid(), 9)
        return self.function(*values, **options)

os.fsync, files.shutil.rmtree = Killed(os.fsync), Killed(files.shutil.rmtree)
Path.rename = lambda self, target, rename=Killed(Path.rename): rename(self, target)
if sys.argv[3] == "exchange": files._exchange = Killed(files._exchange)
else: files._exchange = lambda one, other: False
with files.whole_folder(Path(sys.argv[1])) as staging:
    with files.whole_file(staging / "new") as opened: opened.write(b"new")
"""


@pytest.mark.skipif(os.name == "nt", reason="needs signals")
@pytest.mark.parametrize("way", ["exchange", "rename"])
def test_killed_at_any_step_the_next_one_finds_a_whole_folder(way: str, tmp_path: Path) -> None:
    """Where the system exchanges names at once, there is one even before."""
    ends = set()
    for step in range(1, 20):
        target = tmp_path / str(step) / "folder"
        target.mkdir(parents=True)
        (target / "old").touch()
        command = [sys.executable, "-c", KILLED, str(target), str(step), way]
        code = subprocess.run(command, check=False).returncode  # noqa: S603 - our own interpreter and code
        if way == "exchange":
            assert [path.name for path in target.iterdir()] in (["old"], ["new"])
        recover_folder(target)
        assert [path.name for path in target.parent.iterdir()] == ["folder"]
        ends |= {path.name for path in target.iterdir()}
        if code == 0:
            break
    else:
        pytest.fail("never done")
    assert step > 5
    assert ends == {"old", "new"}


def test_what_a_process_is_at_is_left_alone(tmp_path: Path) -> None:
    with whole_folder(tmp_path / "folder") as staging:
        (staging / "new").touch()
        recover_folder(tmp_path / "folder")
        assert (staging / "new").exists()


def test_a_place_that_takes_no_file_is_refused_before_the_work() -> None:
    with pytest.raises(FramescopeError, match="/proc/1/deep/model: cannot be written: "):
        check_folder(Path("/proc/1/deep/model"))
    with pytest.raises(FramescopeError, match=r"/proc/a\.html: cannot be written: "):
        check_file(Path("/proc/a.html"))


def test_a_disk_without_room_is_said_before_the_work(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    check_folder(tmp_path / "model", n_bytes=4096)
    monkeypatch.setattr("shutil.disk_usage", lambda folder: SimpleNamespace(free=4095))
    with pytest.raises(FramescopeError, match="model: cannot be written: 4,095 bytes are left there: make"):
        check_folder(tmp_path / "model", n_bytes=4096)
    assert list(tmp_path.iterdir()) == []


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
