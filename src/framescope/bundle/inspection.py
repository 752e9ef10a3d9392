"""What a saved model says of itself, as JSON: nothing is run.

:func:`inspect_bundle` gives::

    {"name": str, "path": str, "digest": str, "size_bytes": int, "files": {name: size_bytes, ...},
     "n_labels": int, "n_features": int, "languages": [str, ...], "unit": str,
     "rule": {"name": str, "never_given": [label, ...]},
     "training": {facts of the training run; "corpus" has the data's name, hash and sizes},
     "metrics": {layout of framescope.measure.metrics.evaluate},
     "labels": [{"label", "parent", "name", "scope", "prior", "cut", "support", "precision", "recall", "f1",
                 "top_ngrams": [{"text", "is_part", "feature", "weight", "gap", "n_texts"}, ...]}, ...],
     "record": path of the record that training kept, or null}

``scope`` is {"n_terms": int, "n_in_scope": training units that name one}, null where any text will do.
``cut`` is the probability from which a label is given, null without cuts or where it is never given.
``top_ngrams`` are empty where there is no record: bundles hold n-grams as hashes only.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from framescope.bundle.read import Bundle
from framescope.bundle.record import TrainingRecord, load_record, record_path
from framescope.codebook import Codebook

MEASURES = ("support", "precision", "recall", "f1")


def inspect_bundle(bundle: Bundle) -> dict[str, Any]:
    """Return what a bundle, and the record of its training, say of the model.

    Raises:
        BundleError: the record beside the bundle is damaged, or of another model.
    """
    model = bundle.model
    facts = bundle.training.to_json()
    metrics = facts.pop("metrics")
    record = load_record(bundle.path, bundle.digest)
    files = {file.name: file.stat().st_size for file in sorted(bundle.path.iterdir()) if file.is_file()}
    return {
        "name": model.codebook.name,
        "path": str(bundle.path),
        "digest": bundle.digest,
        "size_bytes": sum(files.values()),
        "files": files,
        "n_labels": len(model.codebook.ids),
        "n_features": len(model.ngrams.vocabulary),
        "languages": list(model.languages),
        "unit": model.unit.value,
        "rule": {"name": model.rule.name, "never_given": facts.pop("never_given")},
        "training": facts,
        "metrics": metrics,
        "labels": _labels(bundle, metrics, record),
        "record": None if record is None else str(record_path(bundle.path)),
    }


def _labels(bundle: Bundle, metrics: Mapping[str, Any], record: TrainingRecord | None) -> list[dict[str, Any]]:
    model = bundle.model
    cuts: Sequence[float | None] = [None] * len(model.codebook.ids)
    if model.rule.cuts is not None:
        cuts = [float(cut) if np.isfinite(cut) else None for cut in model.rule.cuts]
    rows = {row["label"]: row for row in metrics["per_label"]}
    top = {} if record is None else record.top_ngrams
    return [
        {
            "label": label.id,
            "parent": label.parent,
            "name": dict(label.names),
            "scope": _scope(model.codebook, column, metrics),
            "prior": float(prior),
            "cut": cut,
            **{measure: rows.get(label.id, {}).get(measure) for measure in MEASURES},
            "top_ngrams": list(top.get(label.id, [])),
        }
        for column, (label, prior, cut) in enumerate(
            zip(model.codebook.labels, model.calibration.prior, cuts, strict=True)
        )
    ]


def _scope(codebook: Codebook, column: int, metrics: Mapping[str, Any]) -> dict[str, int] | None:
    """Return what a label's scope is, and how many units of training are in it; None where it has none."""
    terms, counts = codebook.scopes[column], metrics["scope"]
    if terms is None or counts is None:
        return None
    return {
        "n_terms": len(terms),
        "n_in_scope": metrics["n_units"] - counts["per_label"][column]["n_outside"],
    }
