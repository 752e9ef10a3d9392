"""Articles as annotation tools import them, with a model's labels as a proposal; the tools' configuration."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any
from xml.sax.saxutils import quoteattr

from framescope.codebook import Codebook, Label
from framescope.coding.to_code import ToCode

LABELS, SPANS, TEXT = "labels", "spans", "text"
"""The names of the controls of a Label Studio project, and of what they are on."""


def labelstudio_task(
    unit: ToCode, codebook: Codebook, *, spans: Sequence[Mapping[str, Any]], version: str, **data: object
) -> dict[str, Any]:
    """Return a task of Label Studio with a prediction; offsets of its spans count code points."""
    fields = {"id": unit.id, "article_id": unit.article_id, "title": unit.title, "text": unit.text}
    result = [*_labels_result(unit.labels, codebook), *(_span_result(span, unit.text) for span in spans)]
    numbered = [{"id": f"p{number}", **one} for number, one in enumerate(result, start=1)]
    return {
        "data": {**fields, "lang": unit.lang, "source": unit.source, **data},
        "predictions": [{"model_version": version, "result": numbered}],
    }


def labelstudio_config(codebook: Codebook) -> str:
    """Return the labelling configuration for a codebook: its tree, and spans of each of its labels.

    Labels of two levels are a taxonomy, whose results :func:`~framescope.corpus.labelstudio.read_labelstudio`
    reads as ``parent: child``.
    """
    tag, choices = "Choices", [_choice(label, "    ") for label in codebook.labels]
    if not codebook.is_flat:
        tag, choices = "Taxonomy", list(_branches(codebook))
    choice = ' choice="multiple"' if tag == "Choices" else ""
    colours = [f"    <Label value={quoteattr(label.id)}/>" for label in codebook.labels]
    lines = [
        "<View>",
        '  <Header value="$title"/>',
        f'  <{tag} name="{LABELS}" toName="{TEXT}"{choice}>',
        *choices,
        f"  </{tag}>",
        f'  <Labels name="{SPANS}" toName="{TEXT}">',
        *colours,
        "  </Labels>",
        f'  <Text name="{TEXT}" value="$text"/>',
        "</View>",
    ]
    return "\n".join(lines) + "\n"


def _branches(codebook: Codebook) -> list[str]:
    lines = []
    for parent in (label for label in codebook.labels if label.parent is None):
        children = [label for label in codebook.labels if label.parent == parent.id]
        if not children:
            lines.append(_choice(parent, "    "))
            continue
        lines.append(_choice(parent, "    ").removesuffix("/>") + ">")
        lines += [_choice(child, "      ") for child in children]
        lines.append("    </Choice>")
    return lines


def _choice(label: Label, indent: str) -> str:
    hint = f" hint={quoteattr(label.applies)}" if label.applies else ""
    return f"{indent}<Choice value={quoteattr(label.id)}{hint}/>"


def _labels_result(labels: Sequence[str], codebook: Codebook) -> list[dict[str, Any]]:
    """Return the result of the control for labels; nothing where there are none."""
    if not labels:
        return []
    kind = "choices" if codebook.is_flat else "taxonomy"
    value = list(labels) if codebook.is_flat else _paths(labels, codebook)
    return [{"from_name": LABELS, "to_name": TEXT, "type": kind, "value": {kind: value}}]


def _paths(labels: Sequence[str], codebook: Codebook) -> list[list[str]]:
    """Return labels with their parents before them; a parent that a child names goes."""
    parents = {label: codebook.labels[codebook.columns[label]].parent for label in labels}
    implied = set(parents.values())
    return [
        [label] if parent is None else [parent, label]
        for label, parent in parents.items()
        if label not in implied
    ]


def _span_result(span: Mapping[str, Any], text: str) -> dict[str, Any]:
    start, end = span["start"], span["end"]
    value = {"start": start, "end": end, "text": text[start:end], "labels": [span["label"]]}
    return {"from_name": SPANS, "to_name": TEXT, "type": "labels", "value": value}
