"""doccano's auto-labelling: labels, and spans by the characters that doccano counts."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import pytest

from framescope.predictor import Predictor
from tiny import SENTENCES

if TYPE_CHECKING:
    from starlette.testclient import TestClient


def test_doccano_gets_labels_and_spans(client: TestClient, predictor: Predictor) -> None:
    for text, made in zip(SENTENCES, predictor.predict(SENTENCES), strict=True):
        parents = {label.parent for label in predictor.codebook.labels if label.id in made.labels}
        own = [label for label in made.labels if label not in parents]
        labels = client.post("/doccano/tiny/labels", json={"text": text}).json()
        assert labels == [{"label": label} for label in own]
        spans = client.post("/doccano/tiny/spans", json={"text": text}).json()
        expected = [
            {"label": label, "start_offset": span.start, "end_offset": span.end}
            for label in own
            for span in predictor.find_spans(text, label)
        ]
        assert spans == expected
    assert client.post("/doccano/tiny/labels", json={"texts": "a"}).status_code == 422


@pytest.mark.parametrize(
    ("query", "marked"),
    [
        ("", lambda text, start, end: text.encode("utf-16-le")[2 * start : 2 * end].decode("utf-16-le")),
        ("?offsets=code-points", lambda text, start, end: text[start:end]),
    ],
)
def test_spans_behind_an_emoji_are_where_doccano_shows_them(
    client: TestClient, predictor: Predictor, query: str, marked: Callable[[str, int, int], str]
) -> None:
    """doccano's pages count units of UTF-16, or characters as people see them where a project says so."""
    text = f"\N{ROCKET}\N{ROCKET} {SENTENCES[0]} \N{ROCKET} {SENTENCES[0]}"
    spans = client.post(f"/doccano/tiny/spans{query}", json={"text": text}).json()
    (label,) = {span["label"] for span in spans}
    expected = [text[span.start : span.end] for span in predictor.find_spans(text, label)]
    assert expected
    assert [marked(text, span["start_offset"], span["end_offset"]) for span in spans] == expected


def test_other_ways_to_count_are_refused(client: TestClient) -> None:
    answer = client.post("/doccano/tiny/spans?offsets=bytes", json={"text": "a"})
    expected = "the request: offsets: expected utf16 or code-points, found 'bytes'"
    assert (answer.status_code, answer.json()["detail"]) == (422, expected)
