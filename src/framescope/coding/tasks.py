"""Articles as annotation tools import them, with what is proposed for them; the tools' configuration."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from xml.sax.saxutils import quoteattr

from framescope.codebook import Codebook, Label
from framescope.visible import visible

LABELS, SPANS, TEXT = "labels", "spans", "text"
"""The names of the controls of a Label Studio project, and of what they are on."""


@dataclass(frozen=True, slots=True)
class Proposal:
    """Labels and spans that an annotator may begin with; ``by`` is a model, a coder, or the corpus."""

    by: str
    labels: Sequence[str]
    spans: Sequence[Mapping[str, Any]]


@dataclass(frozen=True, slots=True)
class Task:
    """What is to be annotated: its fields, ``text`` among them, and what is proposed for it."""

    fields: Mapping[str, Any]
    proposals: Sequence[Proposal]


def labelstudio_task(task: Task, codebook: Codebook) -> dict[str, Any]:
    """Return a task of Label Studio, its proposals as predictions; offsets of spans count code points."""
    return {
        "data": dict(task.fields),
        "predictions": [
            {"model_version": one.by, "result": _results(one, task.fields["text"], codebook)}
            for one in task.proposals
        ],
    }


def labelstudio_config(codebook: Codebook) -> str:
    """Return the labelling configuration for a codebook: its labels, and spans of each of them.

    Labels of two levels are a taxonomy, whose results :func:`~framescope.corpus.labelstudio.read_labelstudio`
    reads as ``parent: child``; so the labels of spans are named.
    """
    tag, attributes = ("Choices", ' choice="multiple"') if codebook.is_flat else ("Taxonomy", "")
    lines = [
        "<View>",
        '  <Header value="$title"/>',
        f'  <{tag} name="{LABELS}" toName="{TEXT}"{attributes}>',
        *_branches(codebook),
        f"  </{tag}>",
        f'  <Labels name="{SPANS}" toName="{TEXT}">',
        *(f"    <Label value={quoteattr(path_name(label.id, codebook))}/>" for label in codebook.labels),
        "  </Labels>",
        f'  <Text name="{TEXT}" value="$text"/>',
        "</View>",
    ]
    return "\n".join(lines) + "\n"


def doccano_line(task: Task, codebook: Codebook, *, are_spans: bool = False) -> dict[str, Any]:
    """Return a line for doccano with the first proposal: labels of the text, or spans of a sequence project."""
    first = task.proposals[0] if task.proposals else Proposal("", (), ())
    spans = [[span["start"], span["end"], span["label"]] for span in first.spans]
    return {**task.fields, "label": spans if are_spans else _without_implied(first.labels, codebook)}


def doccano_config(codebook: Codebook) -> str:
    """Return the labels of a codebook as doccano imports them."""
    return json.dumps([{"text": label} for label in codebook.ids], ensure_ascii=False, indent=1) + "\n"


def prodigy_line(task: Task, codebook: Codebook) -> dict[str, Any]:
    """Return a task of Prodigy with the first proposal: labels to choose from, those chosen, and spans."""
    first = task.proposals[0] if task.proposals else Proposal("", (), ())
    others = {name: value for name, value in task.fields.items() if name != "text"}
    return {
        "text": task.fields["text"],
        "options": [{"id": label, "text": path_name(label, codebook)} for label in codebook.ids],
        "accept": _without_implied(first.labels, codebook),
        "spans": [dict(span) for span in first.spans],
        "meta": {**others, **({"proposed by": first.by} if first.by else {})},
    }


def prodigy_config(codebook: Codebook) -> str:
    """Return Prodigy's configuration: the labels of a text, of which several may be chosen, below its spans."""
    blocks = [{"view_id": "spans_manual", "labels": list(codebook.ids)}, {"view_id": "choice", "text": None}]
    content = {"view_id": "blocks", "blocks": blocks, "choice_style": "multiple", "labels": list(codebook.ids)}
    return json.dumps(content, ensure_ascii=False, indent=1) + "\n"


def path_name(label: str, codebook: Codebook) -> str:
    """Return a label as a taxonomy names it, ``parent: child`` or the label itself.

    >>> path_name("fear", Codebook.from_parents({"urw": None, "fear": "urw"}, name="book"))
    'urw: fear'
    """
    return ": ".join(_path(label, codebook))


def _branches(codebook: Codebook) -> list[str]:
    lines = []
    for parent in (label for label in codebook.labels if label.parent is None):
        children = [label for label in codebook.labels if label.parent == parent.id]
        lines.append(f"    {_choice(parent)}{'>' if children else '/>'}")
        if children:
            lines += [*(f"      {_choice(child)}/>" for child in children), "    </Choice>"]
    return lines


def _choice(label: Label) -> str:
    hint = f" hint={quoteattr(visible(label.applies))}" if label.applies else ""
    return f"<Choice value={quoteattr(label.id)}{hint}"


def _results(proposal: Proposal, text: str, codebook: Codebook) -> list[dict[str, Any]]:
    """Return the results of both controls, numbered."""
    labels = _without_implied(proposal.labels, codebook)
    found: list[dict[str, Any]] = []
    if labels:
        kind = "choices" if codebook.is_flat else "taxonomy"
        given = labels if codebook.is_flat else [_path(label, codebook) for label in labels]
        found.append({"from_name": LABELS, "type": kind, "value": {kind: given}})
    for span in proposal.spans:
        start, end = span["start"], span["end"]
        named = [path_name(span["label"], codebook)]
        value = {"start": start, "end": end, "text": text[start:end], "labels": named}
        found.append({"from_name": SPANS, "type": "labels", "value": value})
    return [{"id": f"p{number}", "to_name": TEXT, **one} for number, one in enumerate(found, start=1)]


def _without_implied(labels: Sequence[str], codebook: Codebook) -> list[str]:
    implied = {_path(label, codebook)[0] for label in labels if len(_path(label, codebook)) > 1}
    return [label for label in labels if label not in implied]


def _path(label: str, codebook: Codebook) -> list[str]:
    column = codebook.columns.get(label)
    parent = None if column is None else codebook.labels[column].parent
    return [label] if parent is None else [parent, label]
