"""What a model proposes for a text that is to be annotated: labels, and the passages that carry them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from framescope.articles import Article
from framescope.codebook import Codebook
from framescope.predictor import Predictor
from framescope.serve.predictions import spans_of
from framescope.serve.tools.controls import Control
from framescope.text.segments import Unit


@dataclass(frozen=True, slots=True)
class Proposal:
    """Labels of a text with their probabilities, and spans in it; parents that a child implies are left out."""

    labels: Mapping[str, float]
    spans: Sequence[Mapping[str, Any]]

    @property
    def score(self) -> float:
        """How sure the model is: the probability of its likeliest label."""
        return max(self.labels.values(), default=0.0)


def proposals_of(predictor: Predictor, articles: Sequence[Article]) -> list[Proposal]:
    """Return what a model proposes; one of parts of articles marks the parts that bear a label."""
    languages = [article.lang for article in articles]
    if predictor.unit != Unit.ARTICLE:
        cut = predictor.predict_units([each.body for each in articles], languages=languages)
        return [_joined(units, predictor.codebook) for units in cut]
    found = []
    predictions = predictor.predict([each.text for each in articles], languages=languages)
    for article, made in zip(articles, predictions, strict=True):
        own = _own(made.labels, predictor.codebook)
        spans = list(spans_of(predictor, article.text, own, article.n_before))
        found.append(Proposal({label: made.probabilities[label] for label in own}, spans))
    return found


def results_of(proposal: Proposal, text: str, controls: Sequence[Control]) -> list[dict[str, Any]]:
    """Return the results of Label Studio's controls, numbered; what a control does not have is left out."""
    found = [result for control in controls for result in _results(proposal, text, control)]
    return [{"id": f"p{number}", **result} for number, result in enumerate(found, start=1)]


def _results(proposal: Proposal, text: str, control: Control) -> Iterator[dict[str, Any]]:
    common = {"from_name": control.name, "to_name": control.to_name, "type": control.kind}
    if control.is_on_spans:
        for span in proposal.spans:
            if span["label"] in control.names:
                start, end = span["start"], span["end"]
                named = [": ".join(control.names[span["label"]])]
                value = {"start": start, "end": end, "text": text[start:end], "labels": named}
                yield {**common, "value": value}
        return
    likely = sorted(proposal.labels, key=lambda label: -proposal.labels[label])
    own = [label for label in likely if label in control.names][: 1 if control.is_single else None]
    if own:
        paths = [control.names[label] for label in own]
        value = {control.kind: [path[-1] for path in paths] if control.kind == "choices" else paths}
        yield {**common, "value": value}


def _joined(units: Sequence[Any], codebook: Codebook) -> Proposal:
    """Return what the parts of a text bear: each label with its best part's probability, and the parts."""
    labels: dict[str, float] = {}
    spans = []
    for unit in units:
        for label in _own(unit.labels, codebook):
            labels[label] = max(labels.get(label, 0.0), unit.probabilities[label])
            spans.append({"start": unit.start, "end": unit.end, "label": label})
    return Proposal(labels, spans)


def _own(labels: Sequence[str], codebook: Codebook) -> list[str]:
    """Return labels without the parents that their children imply."""
    implied = {label.parent for label in codebook.labels if label.id in labels}
    return [label for label in labels if label not in implied]
