"""Highlights that overlap, as a tree."""

from __future__ import annotations

from collections.abc import Iterator

from hypothesis import given
from hypothesis import strategies as st

from framescope.pages.marks import Mark, Passage, nest

TEXT = "Нов блок подкопава ОДКБ."


def passage(
    start: int, end: int, tag: str = "A1", *, probability: float = 0.5, is_unit: bool = False
) -> Passage:
    return Passage(start, end, tag, probability, meaning="", value=0.1, is_unit=is_unit)


def shape(parts: tuple[str | Mark, ...]) -> list[object]:
    """Return parts as text and ``(tags, is_continued, n_lines, parts)``."""
    return [
        part
        if isinstance(part, str)
        else ("".join(p.tag for p in part.passages), part.is_continued, part.n_lines, shape(part.parts))
        for part in parts
    ]


def test_a_text_without_passages_is_one_piece() -> None:
    assert nest(TEXT, (0, 8), []) == ("Нов блок",)
    assert nest("", (0, 0), [passage(0, 0)]) == ()


def test_a_passage_within_another_is_a_mark_within_a_mark() -> None:
    parts = nest(TEXT, (0, 24), [passage(4, 8), passage(0, 18, "B1")])
    assert shape(parts) == [
        ("B1", False, 2, ["Нов ", ("A1", False, 1, ["блок"]), " подкопава"]),
        " ОДКБ.",
    ]
    assert isinstance(parts[0], Mark)
    assert isinstance(parts[0].parts[1], Mark)
    assert [p.tag for p in parts[0].parts[1].around] == ["B1"]


def test_passages_of_the_same_bounds_are_one_mark() -> None:
    parts = nest(TEXT, (0, 24), [passage(4, 8), passage(4, 8, "B1")])
    assert shape(parts) == ["Нов ", ("A1B1", False, 2, ["блок"]), " подкопава ОДКБ."]


def test_a_mark_has_lines_for_its_three_most_probable_passages() -> None:
    passages = [passage(4, 8, f"A{n}", probability=n / 10) for n in range(1, 6)]
    (_, mark, _) = nest(TEXT, (0, 24), [*passages, passage(5, 6, "B1")])
    assert isinstance(mark, Mark)
    assert [p.tag for p in mark.passages] == ["A5", "A4", "A3", "A2", "A1"]
    assert [p.tag for p in mark.lines] == ["A5", "A4", "A3"]
    assert mark.n_lines == 4


def test_what_crosses_is_cut_and_goes_on() -> None:
    parts = nest(TEXT, (0, 24), [passage(0, 8), passage(4, 18, "B1")])
    assert shape(parts) == [
        ("A1", False, 2, ["Нов ", ("B1", False, 1, ["блок"])]),
        " ",
        ("B1", True, 1, ["подкопава"]),
        " ОДКБ.",
    ]
    assert [[p.tag for p in mark.ending] for mark in marks(parts)] == [["A1"], [], ["B1"]]


def test_words_are_cut_and_units_stay_whole() -> None:
    parts = nest("Да. Не! Да?", (0, 11), [passage(0, 3, "B1", is_unit=True), passage(1, 9)])
    assert shape(parts) == [
        ("B1", False, 2, ["Д", ("A1", False, 1, ["а."])]),
        " ",
        ("A1", True, 1, ["Не! Д"]),
        "а?",
    ]
    parts = nest("Да. Не! Да?", (0, 11), [passage(8, 11, "B1", is_unit=True), passage(4, 9)])
    assert shape(parts) == [
        "Да. ",
        ("A1", False, 1, ["Не!"]),
        " ",
        ("B1", False, 2, [("A1", True, 1, ["Д"]), "а?"]),
    ]
    parts = nest("Да. Не! Да?", (0, 11), [passage(4, 7, "B1", is_unit=True), passage(0, 11)])
    assert shape(parts) == [("A1", False, 2, ["Да. ", ("B1", False, 1, ["Не!"]), " Да?"])]


def test_a_passage_that_begins_in_the_paragraph_before_is_cut_at_the_bounds() -> None:
    assert shape(nest(TEXT, (4, 18), [passage(0, 8)])) == [("A1", True, 1, ["блок"]), " подкопава"]


BOUNDS = st.tuples(st.integers(0, 24), st.integers(0, 24)).map(sorted)


def walk(parts: tuple[str | Mark, ...], around: tuple[Passage, ...] = ()) -> Iterator[tuple[str, set[Passage]]]:
    for part in parts:
        if isinstance(part, str):
            yield part, set(around)
        else:
            assert part.around == around
            yield from walk(part.parts, (*part.passages, *around))


def marks(parts: tuple[str | Mark, ...]) -> Iterator[Mark]:
    for part in parts:
        if isinstance(part, Mark):
            yield part
            yield from marks(part.parts)


@given(st.lists(BOUNDS, max_size=6), BOUNDS, st.lists(st.booleans(), min_size=6, max_size=6))
def test_every_character_has_its_passages_and_none_is_lost(
    bounds: list[list[int]], of: list[int], units: list[bool]
) -> None:
    passages = [passage(*at, f"A{n}", is_unit=units[n]) for n, at in enumerate(bounds)]
    start, end = of
    parts = nest(TEXT, (start, end), passages)
    found = [(character, over) for text, over in walk(parts) for character in text]
    assert "".join(character for character, _ in found) == TEXT[start:end]
    for at, (character, over) in enumerate(found, start=start):
        assert over == {p for p in passages if p.start <= at < p.end} or character == " "
    ends = [p.tag for mark in marks(parts) for p in mark.ending]
    assert sorted(ends) == sorted(
        p.tag
        for p in passages
        if TEXT[max(p.start, start) : min(p.end, end)].strip() and not TEXT[end : p.end].strip()
    )
    places = [(mark.start, mark.end) for mark in marks(parts)]
    assert len(set(places)) == len(places)
