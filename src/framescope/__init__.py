"""Find framing in news: narratives, frames and persuasion techniques in annotated and in new articles."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from framescope.batch.job import score
    from framescope.batch.options import ScoreOptions, ScoringError
    from framescope.batch.verify import verify
    from framescope.clusters.engines import cluster
    from framescope.codebook import Codebook
    from framescope.codebook_reading import read_codebook
    from framescope.coding.choosing import Suggestion, next_to_code
    from framescope.coding.methods import methods
    from framescope.corpus.read import read_corpus
    from framescope.corpus.schema import Corpus, FieldNames
    from framescope.errors import (
        BundleError,
        ClusterError,
        CodebookError,
        CorpusError,
        FramescopeError,
        InputError,
        TextError,
        TrainingError,
        UnknownLabelError,
    )
    from framescope.evaluation.comparison import Comparison
    from framescope.evaluation.comparison import compare_models as compare
    from framescope.evaluation.predictions import evaluate_model as evaluate
    from framescope.evidence.contributions import Explanation
    from framescope.evidence.passages import Span
    from framescope.export import load_joblib
    from framescope.measure.agreement import Agreement, agreement
    from framescope.pages.from_python import explain, report
    from framescope.prediction import Prediction, UnitPrediction
    from framescope.predictor import Predictor, UnknownLanguageWarning
    from framescope.progress import stages
    from framescope.training.new_rule import set_rule
    from framescope.training.recipe import Recipe
    from framescope.training.train import Trained, train

    __version__: str

__all__ = [
    "Agreement",
    "BundleError",
    "ClusterError",
    "Codebook",
    "CodebookError",
    "Comparison",
    "Corpus",
    "CorpusError",
    "Explanation",
    "FieldNames",
    "FramescopeError",
    "InputError",
    "Prediction",
    "Predictor",
    "Recipe",
    "ScoreOptions",
    "ScoringError",
    "Span",
    "Suggestion",
    "TextError",
    "Trained",
    "TrainingError",
    "UnitPrediction",
    "UnknownLabelError",
    "UnknownLanguageWarning",
    "__version__",
    "agreement",
    "cluster",
    "compare",
    "evaluate",
    "explain",
    "load_joblib",
    "methods",
    "next_to_code",
    "read_codebook",
    "read_corpus",
    "report",
    "score",
    "set_rule",
    "stages",
    "train",
    "verify",
]

_HOMES = {
    "Agreement": "measure.agreement",
    "agreement": "measure.agreement",
    "Suggestion": "coding.choosing",
    "methods": "coding.methods",
    "next_to_code": "coding.choosing",
    "Codebook": "codebook",
    "Comparison": "evaluation.comparison",
    "Corpus": "corpus.schema",
    "FieldNames": "corpus.schema",
    "Trained": "training.train",
    "compare": "evaluation.comparison:compare_models",
    "explain": "pages.from_python",
    "read_codebook": "codebook_reading",
    "report": "pages.from_python",
    "set_rule": "training.new_rule",
    "stages": "progress",
    "verify": "batch.verify",
    "Recipe": "training.recipe",
    "evaluate": "evaluation.predictions:evaluate_model",
    "read_corpus": "corpus.read",
    "train": "training.train",
    "Explanation": "evidence.contributions",
    "Prediction": "prediction",
    "Predictor": "predictor",
    "ScoreOptions": "batch.options",
    "ScoringError": "batch.options",
    "Span": "evidence.passages",
    "UnitPrediction": "prediction",
    "UnknownLanguageWarning": "predictor",
    "cluster": "clusters.engines",
    "load_joblib": "export",
    "score": "batch.job",
}


def __getattr__(name: str) -> Any:
    """Import a public name when it is first asked for, so that ``import framescope`` costs nothing."""
    if name == "__version__":
        # Lazily: an interruption while the command line begins to load is caught by what is loaded after us.
        from importlib.metadata import version  # noqa: PLC0415

        return version("framescope")
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    home, _, other_name = _HOMES.get(name, "errors").partition(":")
    return getattr(import_module(f"framescope.{home}"), other_name or name)


def __dir__() -> list[str]:
    return __all__
