"""Offsets of spans: what they count, and the text that a span brings."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from framescope.corpus.conventions import Conventions, Offsets
from framescope.corpus.read import read_corpus
from framescope.corpus.spans import spans_of
from framescope.errors import CorpusError

Write = Callable[[str, str | bytes], Path]

TEXT = "🔥🔥 Западът иска война. Кой плаща?"
OWN = "Западът иска война"
PLACES = {"code-points": (3, 21), "utf16": (5, 23), "bytes": (9, 43)}


def offsets_in(text: str, start: int, end: int, offsets: Offsets) -> tuple[int, int]:
    """Count in another way than code points."""
    if offsets == Offsets.CODE_POINTS:
        return start, end
    encoding, size = ("utf-16-le", 2) if offsets == Offsets.UTF16 else ("utf-8", 1)
    first, last = (len(text[:at].encode(encoding)) // size for at in (start, end))
    return first, last


@given(text=st.text(st.characters(exclude_categories=("Cs",)), min_size=1), data=st.data())
def test_every_way_of_counting_gives_the_same_span(text: str, data: st.DataObject) -> None:
    start = data.draw(st.integers(0, len(text) - 1))
    end = data.draw(st.integers(start + 1, len(text)))
    for offsets in Offsets:
        first, last = offsets_in(text, start, end, offsets)
        span = {"start": first, "end": last, "label": "x", "text": text[start:end]}
        assert spans_of([span], text, None, offsets) == ([{"start": start, "end": end, "label": "x"}], [])


@pytest.mark.parametrize("offsets", Offsets)
def test_a_span_with_its_text_tells_which_counting_fits(offsets: Offsets) -> None:
    start, end = PLACES[offsets]
    spans, faults = spans_of([{"start": start, "end": end, "label": "x", "text": OWN}], TEXT, None, None)
    if offsets == Offsets.CODE_POINTS:
        assert (spans, faults) == ([{"start": 3, "end": 21, "label": "x"}], [])
    else:
        ((position, message),) = faults
        assert position == 0
        assert message.endswith(f": it fits with --offsets {offsets}")


@pytest.mark.parametrize(
    ("text", "span", "message"),
    [
        (
            "Ред едно\r\nРед две",
            {"start": 9, "end": 16, "text": "Ред две"},
            r"9-16 is '\nРед дв' in the text, but the span's own text is 'Ред две': "
            r"its tool counted a line end \r\n as one character: write \n in the texts",
        ),
        (
            "Кой плаща?",
            {"start": 0, "end": 5, "text": "плаща"},
            "0-5 is 'Кой п' in the text, but the span's own text is 'плаща', which is at 4-9",
        ),
        (
            "Кой плаща?",
            {"start": 7, "end": 17},
            "7-17 is out of range, the text has 10 characters: it fits with --offsets bytes",
        ),
    ],
)
def test_a_misplaced_span_comes_with_its_cause(text: str, span: dict[str, object], message: str) -> None:
    assert spans_of([{**span, "label": "x"}], text, None, None) == ([], [(0, message)])


def test_offsets_that_cut_a_character_are_out_of_range() -> None:
    spans, ((_, message),) = spans_of([{"start": 1, "end": 3, "label": "x"}], "🔥а", None, Offsets.UTF16)
    assert (spans, message) == ([], "1-3 is out of range in utf16")


def test_a_text_in_other_white_space_is_the_same() -> None:
    span = {"start": 0, "end": 7, "label": "x", "text": "Кой\\nни "}
    assert spans_of([span], "Кой\n ни?", None, None)[1] == []


def row(start: int, end: int) -> str:
    return json.dumps({"text": TEXT, "labels": ["x"], "spans": [{"start": start, "end": end, "label": "x"}]})


def test_offsets_that_cut_words_but_not_in_utf16_are_refused(write: Write) -> None:
    path = write("a.jsonl", "\n".join([row(5, 23), row(25, 28)]))
    message = r"a\.jsonl:1: spans: 1 spans cut words, but not if an emoji counts two: --offsets utf16; "
    with pytest.raises(CorpusError, match=message):
        read_corpus(path)
    moved = read_corpus(path, conventions=Conventions(offsets=Offsets.UTF16))
    assert [TEXT[s[0]["start"] : s[0]["end"]] for s in moved.column("spans")] == [OWN, "Кой"]
    kept = read_corpus(path, conventions=Conventions(offsets=Offsets.CODE_POINTS))
    assert kept.column("spans")[0] == [{"start": 5, "end": 23, "label": "x"}]


def test_what_offsets_count_is_decided_by_most_spans(write: Write) -> None:
    """One span that cuts a word among several that do not is as its annotator meant it."""
    corpus = read_corpus(write("a.jsonl", "\n".join([row(5, 23), row(3, 21)])))
    assert corpus.column("spans")[0] == [{"start": 5, "end": 23, "label": "x"}]
