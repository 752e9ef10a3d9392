"""The passages of an overview as W3C Web Annotations: what carries which label, found again by its words.

Source: Web Annotation Data Model, W3C Recommendation, 2017, sections 3.2.4 and 4.2.4.
"""

from __future__ import annotations

from typing import Any
from uuid import uuid5

from framescope.overview.contents import Overview, Piece
from framescope.overview.stix import NAMESPACE, article_address

CONTEXT = [
    "http://www.w3.org/ns/anno.jsonld",
    {
        "framescope": "urn:framescope:",
        "probability": {"@id": "framescope:probability"},
        "state": {"@id": "framescope:state"},
    },
]


def annotation_page(overview: Overview) -> dict[str, Any]:
    """Return an annotation for each passage and label; articles without a passage have none.

    Ids are made from what is said of what, so that annotating twice gives the same annotations.
    """
    items: dict[str, dict[str, Any]] = {}
    names = {label.id: label.name("en") for label in overview.labels}
    for piece in overview.pieces:
        if piece.passage:
            made = _annotation(piece, names[piece.label])
            items.setdefault(made["id"], made)
    identity = uuid5(NAMESPACE, "\n".join([overview.origin.digest, *items]))
    return {
        "@context": CONTEXT,
        "id": f"urn:uuid:{identity}",
        "type": "AnnotationPage",
        "items": list(items.values()),
    }


def _annotation(piece: Piece, name: str) -> dict[str, Any]:
    address = article_address(piece)
    key = "\n".join([address, piece.label, str(piece.start), piece.passage])
    language = {"language": piece.lang} if piece.lang else {}
    around = {"prefix": piece.before, "suffix": piece.after}
    return {
        "id": f"urn:uuid:{uuid5(NAMESPACE, key)}",
        "type": "Annotation",
        "motivation": "tagging",
        "creator": {"type": "Software", "name": "framescope"},
        "body": [
            {"type": "TextualBody", "purpose": "tagging", "value": piece.label},
            {"type": "TextualBody", "purpose": "describing", "value": name, "format": "text/plain"},
        ],
        "target": {
            "source": {"id": address, "format": "text/html", **language} if piece.url else address,
            "selector": {
                "type": "TextQuoteSelector",
                "exact": piece.passage,
                **{end: text for end, text in around.items() if text},
            },
        },
        "probability": round(piece.probability, 4),
        "state": "given" if piece.is_given else "to review",
    }
