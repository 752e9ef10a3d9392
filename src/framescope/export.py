"""A model as a scikit-learn pipeline in a joblib file, for programs that insist on one.

Such a file is a pickle: whoever loads it runs what its author put in. A bundle has no such power; prefer it.
"""

from __future__ import annotations

from pathlib import Path

import joblib
import numpy as np
from sklearn.pipeline import Pipeline

from framescope.errors import BundleError
from framescope.features.vectorizer import NgramVectorizer
from framescope.files import whole_file
from framescope.fit.classifier import FramingClassifier
from framescope.model.fitted import Model

RISK = "a joblib file can run any code when it is loaded: load only files that you wrote yourself"


def export_joblib(model: Model, file: Path | str, *, force: bool = False) -> None:
    """Write a model as a fitted pipeline of vectorizer and classifier.

    Raises:
        BundleError: the file exists and ``force`` is not given, or it cannot be written.
    """
    target = Path(file)
    if target.exists() and not force:
        raise BundleError(f"{target}: already exists: choose another place, or replace it with --force")
    if model.embedder is not None:
        raise BundleError(
            "a model with a sentence encoder cannot be written as a joblib file: "
            "serve the bundle, or train with --encoder none"
        )
    pipeline = pipeline_of(model)
    try:
        with whole_file(target) as opened:
            joblib.dump(pipeline, opened)
    except OSError as error:
        raise BundleError(f"{target}: cannot be written: {error.strerror or error}") from error


def load_joblib(path: Path | str, *, trusted: bool = False) -> Pipeline:
    """Load what :func:`export_joblib` wrote; ``trusted`` says that you know where the file comes from.

    Raises:
        BundleError: ``trusted`` is not given.
    """
    if not trusted:
        raise BundleError(f"{path}: {RISK}; then say trusted=True")
    return joblib.load(path)


def pipeline_of(model: Model) -> Pipeline:
    """Return a fitted pipeline whose predict and predict_proba agree with the model's."""
    vectorizer = NgramVectorizer()
    vectorizer.vocabulary_ = model.ngrams.vocabulary
    classifier = FramingClassifier(rule=model.rule.name, codebook=model.codebook)
    classifier.codebook_ = model.codebook
    classifier.classes_ = np.array(model.codebook.ids)
    classifier.is_single_ = False
    classifier.n_features_in_ = len(model.ngrams.vocabulary)
    classifier.coef_ = np.ascontiguousarray(model.ngrams.weights.wide().T)
    classifier.intercept_ = np.array(model.intercept)
    classifier.calibration_ = model.calibration
    classifier.rule_ = model.rule
    return Pipeline([("features", vectorizer), ("classifier", classifier)])
