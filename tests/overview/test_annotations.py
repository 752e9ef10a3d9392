"""Web annotations: a quote for each passage, that finds it again."""

from __future__ import annotations

from dataclasses import replace

from overviews import HOSTILE, make_overview

from framescope.overview.annotations import annotation_page


def test_an_annotation_quotes_the_passage_and_what_is_around_it() -> None:
    overview = make_overview()
    piece = replace(overview.pieces[1], url="https://example.org/ю", label="great-turan", probability=0.71234)
    (found,) = annotation_page(replace(overview, pieces=(piece,)))["items"]
    assert found["target"] == {
        "source": {"id": "https://example.org/ю", "format": "text/html", "language": "ru"},
        "selector": {
            "type": "TextQuoteSelector",
            "exact": "новый блок подрывает ОДКБ",
            "prefix": "Эксперт: ",
            "suffix": ", и это только начало.",
        },
    }
    assert [body["value"] for body in found["body"]] == ["great-turan", "The great Turan rises"]
    assert (found["type"], found["probability"], found["state"]) == ("Annotation", 0.7123, "to review")


def test_ids_stay_and_each_passage_is_annotated_once() -> None:
    overview = make_overview()
    page = annotation_page(overview)
    ids = [one["id"] for one in page["items"]]
    assert page == annotation_page(make_overview())
    assert len(ids) == len(set(ids))
    assert annotation_page(replace(overview, pieces=overview.pieces * 2)) == page
    assert page["type"] == "AnnotationPage"


def test_an_article_without_a_passage_or_without_an_address() -> None:
    overview = make_overview()
    silent = replace(overview.pieces[0], passage="")
    nameless = replace(overview.pieces[2], url="", before="", after="")
    (found,) = annotation_page(replace(overview, pieces=(silent, nameless)))["items"]
    assert found["target"] == {
        "source": "urn:framescope:article:a-2",
        "selector": {"type": "TextQuoteSelector", "exact": HOSTILE},
    }
