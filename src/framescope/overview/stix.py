"""An overview as a STIX 2.1 bundle: outlets, articles, narratives and techniques, and what shows which.

The layout is that of OpenCTI: ``narrative`` and ``channel`` are objects of its extension, ``media-content``
is an observable of it. Ids are made from names as OpenCTI makes them, so that a bundle that is imported twice
adds nothing, and a narrative that is there already is the same one. A label with a technique of DISARM is an
``attack-pattern``.

Source: STIX 2.1, OASIS, 2021, sections 2.9 (deterministic ids) and 7.3 (extensions); OpenCTI's Python client.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from typing import Any
from urllib.parse import quote
from uuid import UUID, uuid5

import numpy as np
import pyarrow as pa

from framescope.overview.contents import Overview, OverviewLabel, Piece
from framescope.overview.dates import UNREADABLE, days_of

NAMESPACE = UUID("00abedb4-aa42-466c-9c01-fed23315a9b7")
"""That of STIX for deterministic ids, which OpenCTI takes for all objects."""
OF_OBJECTS = "extension-definition--ea279b3e-5c71-4632-ac08-831c66a786ba"
OF_OBSERVABLES = "extension-definition--f93e2c80-4231-4f9a-af8b-95c9bd566a82"
"""OpenCTI's extensions."""
OF_TECHNIQUES = "extension-definition--322b8f77-262a-4cb8-a915-1e441e00329b"
"""MITRE's, where OpenCTI looks for the id of a technique."""
CREATED = "2000-01-01T00:00:00.000Z"
"""Of what has no date: the same in every bundle, as versions of an object have one creation."""

StixObject = dict[str, Any]


def stix_bundle(overview: Overview) -> StixObject:
    """Return a bundle of the articles that an overview shows, with all that they are evidence of."""
    found: dict[str, StixObject] = {}
    for one in _objects(overview):
        known = found.get(one["id"])
        if known is None or one.get("confidence", 0) > known.get("confidence", 0):
            found[one["id"]] = one
    objects = list(found.values())
    identity = _id("bundle", {"ids": sorted(found), "digest": overview.origin.digest})
    return {"type": "bundle", "id": identity, "objects": objects}


def article_address(piece: Piece) -> str:
    """Return the address of an article; one without gets a name, for OpenCTI demands an address."""
    return piece.url or f"urn:framescope:article:{quote(piece.id or str(piece.row), safe='')}"


def _objects(overview: Overview) -> Iterator[StixObject]:
    shown = {piece.label for piece in overview.pieces}
    labels = {label.id: label for label in overview.labels}
    parents = {labels[one].parent for one in shown} - {None}
    author = _author()
    yield author
    narratives = {
        label.id: _narrative(label, author["id"]) for label in overview.labels if label.id in shown | parents
    }
    yield from narratives.values()
    for label in overview.labels:
        if label.parent is not None and label.id in narratives:
            yield from _below(narratives[label.id], narratives[label.parent], author["id"])
    days = _days(piece.date for piece in overview.pieces)
    for piece, day in zip(overview.pieces, days, strict=True):
        yield from _of_piece(piece, day, narratives[piece.label], author["id"])


def _of_piece(piece: Piece, day: str, narrative: StixObject, author: str) -> Iterator[StixObject]:
    article = _article(piece, day)
    yield article
    state = "given" if piece.is_given else "to review"
    told = f"“{piece.passage}” ({state})" if piece.passage else f"{piece.title or piece.id} ({state})"
    yield _relation("related-to", article, narrative, author, day) | {
        "confidence": round(100 * piece.probability),
        "description": told,
        **({"lang": piece.lang} if piece.lang else {}),
    }
    if piece.source:
        channel = _channel(piece.source, author)
        yield channel
        yield _relation("publishes", channel, article, author, day) | {
            "confidence": 100,
            "description": f"“{piece.title or piece.id}”",
        }


def _author() -> StixObject:
    made = _object("identity", {"name": "framescope", "identity_class": "system"}, "")
    return {**made, "name": "framescope", "identity_class": "system"}


def _narrative(label: OverviewLabel, author: str) -> StixObject:
    """Return the narrative that a label is, or the technique."""
    name = label.name("en")
    if label.disarm:
        source = {"source_name": "DISARM", "external_id": label.disarm}
        made = _object("attack-pattern", {"x_mitre_id": label.disarm}, author)
        extension = {OF_TECHNIQUES: {"extension_type": "property-extension", "id": label.disarm}}
        return {**made, "name": name, "external_references": [source], "extensions": extension}
    aliases = [one for one in dict.fromkeys([label.id, *label.names.values()]) if one != name]
    made = _object("narrative", {"name": _plain(name)}, author)
    extension = {OF_OBJECTS: {"extension_type": "new-sdo"}}
    return {**made, "name": name, **({"aliases": aliases} if aliases else {}), "extensions": extension}


def _below(child: StixObject, parent: StixObject, author: str) -> Iterator[StixObject]:
    """Yield that a narrative is part of another; techniques are in no order that we know."""
    if (child["type"], parent["type"]) == ("narrative", "narrative"):
        yield _relation("subnarrative-of", child, parent, author, CREATED) | {
            "confidence": 100,
            "description": f"“{child['name']}” is part of “{parent['name']}” in the codebook",
        }


def _channel(source: str, author: str) -> StixObject:
    made = _object("channel", {"name": _plain(source)}, author)
    return {**made, "name": source, "extensions": {OF_OBJECTS: {"extension_type": "new-sdo"}}}


def _article(piece: Piece, day: str) -> StixObject:
    url = article_address(piece)
    return {
        "type": "media-content",
        "spec_version": "2.1",
        "id": _id("media-content", {"url": url}),
        "url": url,
        **({"title": piece.title} if piece.title else {}),
        **({"publication_date": day} if day != CREATED else {}),
        "media_category": "article",
        "extensions": {OF_OBSERVABLES: {"extension_type": "new-sco"}},
    }


def _relation(kind: str, one: StixObject, other: StixObject, author: str, day: str) -> StixObject:
    ends = {"relationship_type": kind, "source_ref": one["id"], "target_ref": other["id"]}
    return {**_object("relationship", ends, author), "created": day, "modified": day, **ends}


def _object(kind: str, key: dict[str, Any], author: str) -> StixObject:
    return {
        "type": kind,
        "spec_version": "2.1",
        "id": _id(kind, key),
        **({"created_by_ref": author} if author else {}),
        "created": CREATED,
        "modified": CREATED,
    }


def _id(kind: str, key: dict[str, Any]) -> str:
    """Return the id of what has this key: the canonical JSON of RFC 8785, for strings and lists of them."""
    canonical = json.dumps(key, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return f"{kind}--{uuid5(NAMESPACE, canonical)}"


def _plain(name: str) -> str:
    return name.lower().strip()


def _days(dates: Iterable[str]) -> list[str]:
    """Return the beginnings of days as STIX writes them."""
    days = days_of(pa.array(list(dates), pa.string()))
    written = np.datetime_as_string(days.astype("datetime64[D]"), unit="ms")
    return [f"{text}Z" if day > UNREADABLE else CREATED for day, text in zip(days, written, strict=True)]
