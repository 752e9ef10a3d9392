"""What a person says of labels, from the form into the corrections."""

from __future__ import annotations

import pytest
from person import Person

from framescope.articles import Article
from framescope.errors import InputError
from framescope.serve.site.judging import place_of

BODY = "Нов блок.\n\nСъюзът и нов  блок, нов блок."
ARTICLE = Article("1", f"Заглавие\n{BODY}", title="Заглавие", n_before=9)


@pytest.mark.parametrize(
    ("words", "before", "expected"),
    [
        ("Нов блок", "", (0, 8)),
        ("нов блок", "", (20, 29)),
        ("нов блок", "Съюзът и нов блок, ", (31, 39)),
        ("блок. Съюзът", "", (4, 17)),
        ("Нов блок", "Заглавие", (0, 8)),
        ("Заглавие", "", "Заглавие"),
    ],
)
def test_a_passage_is_found_by_its_words(words: str, before: str, expected: object) -> None:
    assert place_of(ARTICLE, words, before) == expected


def test_words_that_are_not_in_the_text_are_refused() -> None:
    with pytest.raises(
        InputError, match="the request: passage: these words are not in the text: 'няма такива'"
    ):
        place_of(ARTICLE, "няма такива")


def test_verdicts_are_kept_with_the_article(person: Person) -> None:
    job = person.done()
    ref = f"{job.id}/a1"
    person.post("/coder", coder=" Ана  Б ", back="/")
    said = {"ref": ref, "model": "tiny", "back": f"/article?ref={ref}"}
    answer = person.post("/judge", said="wrong bloc", **said)
    assert (answer.status_code, answer.headers["location"]) == (303, f"/article?ref={ref}")
    person.post("/judge", said="missed", label="west", passage="подкопава  ОДКБ", **said)
    first, second = person.service.corrections.all()
    assert (first.id, first.label, first.verdict, first.coder, first.passage) == (
        "a1", "bloc", "wrong", "Ана Б", None,
    )  # fmt: skip
    assert (second.label, second.verdict, second.passage) == ("west", "missed", (9, 23))
    (kept,) = person.service.corrections.articles()
    assert (kept["id"], kept["title"]) == ("a1", "№ 1")
    assert kept["text"][9:23] == "подкопава ОДКБ"


def test_the_page_shows_what_was_said(person: Person) -> None:
    job = person.done()
    ref = f"{job.id}/a1"
    page = person.get("/article", ref=ref, model="tiny").text
    label = page.partition('name="said" value="right ')[2].partition('"')[0]
    assert f'value="right {label}" aria-pressed="false"' in page
    person.post("/judge", said=f"right {label}", ref=ref, model="tiny")
    assert f'value="right {label}" aria-pressed="true"' in person.get("/article", ref=ref, model="tiny").text


def test_a_script_is_answered_without_a_page(person: Person) -> None:
    said = {"csrf": person.csrf(), "ref": f"{person.done().id}/a1", "model": "tiny", "said": "right bloc"}
    as_json = {"Accept": "application/json"}
    assert person.client.post("/judge", data=said, headers=as_json).status_code == 204
    answer = person.client.post("/judge", data={**said, "said": "right fear"}, headers=as_json)
    assert answer.headers["content-type"] == "application/problem+json"
    assert len(list(person.service.corrections.all())) == 1


@pytest.mark.parametrize(
    ("fields", "status", "reason"),
    [
        ({"said": "maybe bloc"}, 422, "said: expected right, wrong or missed, and a label"),
        ({"said": "right fear"}, 422, "label &#39;fear&#39; is not in the codebook &#39;tiny&#39;"),
        ({"said": "right bloc", "model": "other"}, 404, "no such model"),
        ({"said": "right bloc", "ref": "0" * 16}, 404, "no such article"),
        ({"said": "missed bloc", "passage": "няма"}, 422, "these words are not in the text"),
    ],
)
def test_what_means_nothing_is_refused(
    person: Person, fields: dict[str, str], status: int, reason: str
) -> None:
    ref = f"{person.done().id}/a1"
    answer = person.post("/judge", **{"ref": ref, "model": "tiny", **fields})
    assert answer.status_code == status
    assert reason in answer.text
    assert list(person.service.corrections.all()) == []


def test_nobody_is_led_to_another_server(person: Person) -> None:
    for back in ("https://evil.example/", "//evil.example", "/\\evil.example"):
        assert person.post("/coder", coder="a", back=back).headers["location"] == "/"
