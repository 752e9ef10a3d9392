"""Language codes: which are the same language."""

from __future__ import annotations

import pytest

from framescope.text.languages import primary_language, unfamiliar


@pytest.mark.parametrize("code", ["bg", "BG", "bg-BG", "bg_BG", " bg ", "bul", "BUL", "bg-Cyrl-BG"])
def test_codes_compare_by_their_primary_subtag(code: str) -> None:
    assert primary_language(code) == "bg"
    assert unfamiliar([code], ["bg"]) == []
    assert unfamiliar(["bg"], [code]) == []


def test_other_languages_are_unfamiliar_and_unknown_ones_are_not() -> None:
    assert unfamiliar(["de", "Bulgarian", None, "", " ", "RU"], ["bg", "ru"]) == ["Bulgarian", "de"]
