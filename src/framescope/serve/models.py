"""The models of a server: loaded once, found by name, and described."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from http import HTTPStatus
from typing import Any

from framescope.bundle.inspection import inspect_bundle
from framescope.bundle.manifest import MANIFEST
from framescope.codebook import Codebook
from framescope.predictor import MODELS, Predictor
from framescope.serve.problems import ServeError
from framescope.serve.settings import SettingsError

TECHNIQUES = "-techniques"
"""How the second model of a training without a corpus ends: it judges sentences, the first one articles."""

FIGURES = ("support", "precision", "recall", "f1")


def load_models(named: Sequence[str]) -> dict[str, Predictor]:
    """Load models; where none are named, all of ``models/``, the newest first.

    A model is called what its folder is called.

    Raises:
        BundleError: one cannot be loaded.
        SettingsError: there is none, or two have one name.
    """
    found: dict[str, Predictor] = {}
    for path in named or _all():
        predictor = Predictor.load(path)
        name = predictor.bundle.path.resolve().name
        if name in found:
            raise SettingsError(f"{path}: two models are called {name!r}: rename the folder of one")
        predictor.predict(["."])  # compiles the kernels, once for an installation
        found[name] = predictor
    return found


def model_of(models: Mapping[str, Predictor], name: str) -> Predictor:
    """Return the model of a name.

    Raises:
        ServeError: 404.
    """
    if name not in models:
        known = ", ".join(map(repr, models))
        raise ServeError(HTTPStatus.NOT_FOUND, f"{name!r:.80}: no such model; there are {known}")
    return models[name]


def in_short(name: str, predictor: Predictor) -> dict[str, Any]:
    """Return what a list of models says of one."""
    return {
        "name": name,
        "digest": predictor.digest,
        "codebook": predictor.codebook.name,
        "n_labels": len(predictor.labels),
        "unit": predictor.unit.value,
        "rule": predictor.rule.name,
        "languages": list(predictor.languages),
    }


def in_full(name: str, predictor: Predictor) -> dict[str, Any]:
    """Return all that a model says of itself: codebook, rule, figures and facts of training."""
    found = inspect_bundle(predictor.bundle)
    return {
        **in_short(name, predictor),
        "rule": found["rule"],
        "has_review": predictor.has_review,
        "labels": [_label(label, predictor.codebook) for label in found["labels"]],
        "metrics": found["metrics"],
        "training": found["training"],
        "n_features": found["n_features"],
        "size_bytes": found["size_bytes"],
    }


def _label(row: Mapping[str, Any], codebook: Codebook) -> dict[str, Any]:
    label = codebook.labels[codebook.columns[row["label"]]]
    return {
        "id": label.id,
        "parent": label.parent,
        "names": dict(label.names),
        "applies": label.applies,
        "excludes": label.excludes,
        "prior": row["prior"],
        "cut": row["cut"],
        "figures": {name: row[name] for name in FIGURES},
    }


def _all() -> list[str]:
    """Return the models of ``models/``, the newest first; one of techniques follows that of its training.

    Raises:
        SettingsError: there is none.
    """
    trained = {path.parent.name: path.stat().st_mtime_ns for path in sorted(MODELS.glob(f"*/{MANIFEST}"))}

    def age(name: str) -> tuple[int, str]:
        first = name.removesuffix(TECHNIQUES)
        return -trained[first if first in trained else name], name

    found = sorted(trained, key=age)
    if not found:
        message = f"{MODELS}/ has no model: name one, or train one with framescope train"
        raise SettingsError(message)
    return found
