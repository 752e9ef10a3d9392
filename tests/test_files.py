"""Files that appear whole or not at all."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from framescope.errors import FramescopeError
from framescope.files import check_file, write_whole


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
