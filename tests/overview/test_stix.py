"""STIX bundles: what they hold, ids that stay, and that the stix2 library takes them."""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import replace
from typing import Any

import pytest
from overviews import make_overview

from framescope.overview.contents import Overview, OverviewLabel
from framescope.overview.stix import CREATED, article_address, stix_bundle

PUBLISHED = "2026-01-05T00:00:00.000Z"


def with_technique() -> Overview:
    """Return an overview in which one label is a technique of DISARM."""
    overview = make_overview()
    label = OverviewLabel("west", None, {"en": "The West divides the neighbours"}, "T0023.001")
    return replace(overview, labels=(*overview.labels[:3], label, *overview.labels[4:]))


def of_type(bundle: dict[str, Any], kind: str) -> list[dict[str, Any]]:
    return [one for one in bundle["objects"] if one["type"] == kind]


def test_ids_are_those_of_opencti() -> None:
    """Computed with pycti's ``Narrative.generate_id`` and its kin."""
    bundle = stix_bundle(with_technique())
    named = {one["name"]: one["id"] for one in bundle["objects"] if "name" in one}
    assert named["A hostile alliance"] == "narrative--b7dfaca1-aab5-5fbe-a3de-7201b9cba625"
    assert named["Степен вятър"] == "channel--5a1075e5-177d-549e-9f3f-564e3e782a3b"
    assert named["The West divides the neighbours"] == "attack-pattern--b419a187-8cec-5845-a522-f11ed1c68f4f"
    first = next(one for one in of_type(bundle, "media-content") if one["url"].endswith("c=0"))
    assert first["id"] == "media-content--55b9de21-b499-594b-b93d-618efb5ee914"


def test_every_relation_has_confidence_and_a_quote() -> None:
    bundle = stix_bundle(with_technique())
    relations = of_type(bundle, "relationship")
    assert Counter(one["relationship_type"] for one in relations).keys() == {
        "related-to",
        "publishes",
        "subnarrative-of",
    }
    assert all(0 <= one["confidence"] <= 100 and "“" in one["description"] for one in relations)
    shown = next(one for one in relations if one["relationship_type"] == "related-to" and one["lang"] == "ru")
    assert shown["description"] in {
        "“новый блок подрывает ОДКБ” (given)",
        "“новый блок подрывает ОДКБ” (to review)",
    }
    assert shown["created"] == shown["modified"] == PUBLISHED


def test_every_reference_is_in_the_bundle_and_every_id_once() -> None:
    bundle = stix_bundle(with_technique())
    ids = [one["id"] for one in bundle["objects"]]
    assert len(ids) == len(set(ids))
    ends = {one[end] for one in of_type(bundle, "relationship") for end in ("source_ref", "target_ref")}
    assert ends | {one.get("created_by_ref", ids[0]) for one in bundle["objects"]} <= set(ids)


def test_a_bundle_made_twice_is_the_same_and_next_week_adds_only_what_is_new() -> None:
    overview = with_technique()
    bundle = stix_bundle(overview)
    assert json.dumps(bundle) == json.dumps(stix_bundle(with_technique()))
    fewer = stix_bundle(replace(overview, pieces=overview.pieces[:10]))
    known = {one["id"]: one for one in bundle["objects"]}
    assert {one["id"] for one in fewer["objects"]} < set(known)
    assert all(known[one["id"]]["type"] == one["type"] for one in fewer["objects"])


def test_a_technique_of_disarm_is_an_attack_pattern() -> None:
    (technique,) = of_type(stix_bundle(with_technique()), "attack-pattern")
    assert technique["external_references"] == [{"source_name": "DISARM", "external_id": "T0023.001"}]
    assert [one["id"] for one in technique["extensions"].values()] == ["T0023.001"]


def test_an_article_without_an_address_has_a_name_and_one_without_a_date_the_fixed_one() -> None:
    piece = replace(make_overview().pieces[0], url="", id="bg 1/ю", date="31.2.2026")
    assert article_address(piece) == "urn:framescope:article:bg%201%2F%D1%8E"
    bundle = stix_bundle(replace(make_overview(), pieces=(piece,)))
    (article,) = of_type(bundle, "media-content")
    assert "publication_date" not in article
    assert {one["created"] for one in of_type(bundle, "relationship")} == {CREATED}


def test_the_stix2_library_reads_a_bundle_without_a_word_of_custom_content() -> None:
    """And makes the same ids of articles; narratives and channels are known to it as OpenCTI declares them."""
    stix2 = pytest.importorskip("stix2")
    from stix2 import properties as of  # noqa: PLC0415

    named = [("name", of.StringProperty(required=True)), ("aliases", of.ListProperty(of.StringProperty))]
    for kind in ("narrative", "channel"):
        stix2.v21.CustomObject(kind, named)(type(kind, (), {}))
    texts = [(name, of.StringProperty(required=name == "url")) for name in ("url", "title", "media_category")]
    article = stix2.v21.CustomObservable(
        "media-content", [*texts, ("publication_date", of.TimestampProperty())], ["url"]
    )(type("article", (), {}))
    bundle = stix_bundle(with_technique())
    read = stix2.parse(json.dumps(bundle))
    assert len(read.objects) == len(bundle["objects"]) > 300
    for one in of_type(bundle, "media-content"):
        assert article(url=one["url"]).id == one["id"]
    store = stix2.MemoryStore(stix_data=read)
    n_known = len(store.query())
    store.add(stix2.parse(json.dumps(stix_bundle(with_technique()))))
    assert len(store.query()) == n_known == len(bundle["objects"]), "imported twice, nothing is added"
