"""Charts as PNG: their size, and that letters are those of the package, whatever fonts there are."""

from __future__ import annotations

import struct
from pathlib import Path

import pytest
from overviews import make_overview

from framescope.errors import FramescopeError
from framescope.pages import pictures
from framescope.pages.overview.figures import write_figures
from framescope.pages.overview.page import make_page
from framescope.pages.pictures import ChartFormat, drawn_as

ALPHABETS = (
    "абвгдежзийклмнопрстуфхцчшщъыьэюяёіїєґўћџ",
    "abcdefghijklmnopqrstuvwxyz",
    "αβγδεζηθ",
    "ąćęłńśźżčřšůßæø",
    "▲▼●–…",
)
NO_LETTER = "\u0557"
"""Which no font has, so that what stands for missing letters is drawn."""


def drawn(text: str) -> bytes:
    svg = f'<svg xmlns="http://www.w3.org/2000/svg" width="40" height="20"><text y="15">{text}</text></svg>'
    return drawn_as(ChartFormat.PNG, svg)


def test_letters_are_drawn_without_fonts_of_the_computer(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each another way, and none as what stands for a letter that is missing."""
    resvg_py = pytest.importorskip("resvg_py")
    draw = resvg_py.svg_to_bytes
    asked = []
    monkeypatch.setattr(resvg_py, "svg_to_bytes", lambda **options: asked.append(options) or draw(**options))
    missing = {drawn(""), drawn(NO_LETTER)}
    for alphabet in ALPHABETS:
        letters = {drawn(letter) for letter in alphabet}
        assert len(letters) == len(alphabet)
        assert not letters & missing
    assert [one["skip_system_fonts"] for one in asked] == [True, False, *[True] * sum(map(len, ALPHABETS))]
    drawn("क")
    assert not asked[-1]["skip_system_fonts"], "which may have other letters"


def test_every_chart_of_a_page_is_a_picture_twice_its_size(tmp_path: Path) -> None:
    pytest.importorskip("resvg_py")
    page = make_page(make_overview(n_weeks=3), interface="bg")
    charts = {path.stem: path.read_text(encoding="utf-8") for path in write_figures(page, tmp_path / "svg")}
    written = write_figures(page, tmp_path / "png", ChartFormat.PNG)
    assert {path.stem for path in written} == {*charts}
    for path in written:
        content = path.read_bytes()
        width, height = struct.unpack(">II", content[16:24])
        assert (content[:8], path.suffix) == (b"\x89PNG\r\n\x1a\n", ".png")
        assert f'width="{width // 2}" height="{height // 2}"' in charts[path.stem]


def test_without_resvg_the_extra_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pictures, "find_spec", lambda name: None)
    with pytest.raises(
        FramescopeError, match=r'resvg-py, which is not installed: pip install "framescope\[charts\]"'
    ):
        pictures.check_charts(ChartFormat.PNG)
    pictures.check_charts(ChartFormat.SVG)
