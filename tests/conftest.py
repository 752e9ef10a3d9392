"""A tiny model, made by hand: two levels of labels, a dozen sentences, seeded weights."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import settings

from framescope.bundle.write import save_bundle
from framescope.codebook import Codebook
from framescope.corpus.read import read_corpus
from framescope.corpus.schema import Corpus
from framescope.features.ngram_block import NgramBlock
from framescope.features.vocabulary import Vocabulary
from framescope.features.weights import Weights
from framescope.model.calibration import N_TERMS, Calibration
from framescope.model.decision import NEVER, Rule
from framescope.model.fitted import Model
from framescope.model.review import Promise, Review
from framescope.predictor import Predictor
from framescope.text.utf8 import Utf8Texts
from reported import Trained, train_small
from tiny import FACTS, SENTENCES, TYPICALITY

settings.register_profile("framescope", deadline=None)  # the first call of a kernel compiles it
settings.load_profile("framescope")

CODEBOOK = Codebook.from_parents(
    {
        "bloc": None,
        "anti-csto-coalition": "bloc",
        "union-expands": "bloc",
        "west": None,
        "west-divides": "west",
        "Other": None,
    },
    name="tiny",
)


def tiny_model(rule: Rule) -> Model:
    """Return a model whose vocabulary is that of the sentences; every call returns the same."""
    rng = np.random.default_rng(7)
    vocabulary = Vocabulary.learn(Utf8Texts.encode(SENTENCES), min_df=1)
    n_labels = len(CODEBOOK.ids)
    coefficients = np.zeros(N_TERMS)
    coefficients[:3] = -0.4, 2.5, 0.6
    return Model(
        codebook=CODEBOOK,
        blocks=(NgramBlock(vocabulary, Weights.narrow(rng.normal(size=(len(vocabulary), n_labels)))),),
        intercept=rng.normal(scale=0.1, size=n_labels).astype(np.float32),
        calibration=Calibration(coefficients, np.linspace(0.1, 0.6, n_labels), "identity"),
        rule=rule,
        languages=("bg", "en", "hi", "ru"),
    )


def saved(model: Model, path: Path) -> Path:
    """Return where a model has been saved."""
    save_bundle(model, path, card=f"# {path.name.capitalize()}\n", training=FACTS)
    return path


CORPORA = Path(os.environ.get("FRAMESCOPE_CORPORA", Path(__file__).parents[2] / "shared" / "corpora"))


def pytest_runtest_setup(item: pytest.Item) -> None:
    """Skip what reads the public corpora where they are not."""
    if item.get_closest_marker("corpora") is not None and not CORPORA.is_dir():
        pytest.skip(f"{CORPORA}: no such folder; FRAMESCOPE_CORPORA names that of the corpora")


@pytest.fixture(scope="session")
def model() -> Model:
    """A model that decides by expected F1."""
    return tiny_model(Rule("samples-f1", empty=(-0.5, 0.7, 0.1)))


@pytest.fixture(scope="session")
def model_with_cuts() -> Model:
    """A model with a cut for each label, one of them never given."""
    return tiny_model(Rule("macro-f1", cuts=np.array([0.5, 0.4, 0.3, 0.6, NEVER, 0.5], dtype=np.float32)))


@pytest.fixture(scope="session")
def model_with_floors() -> Model:
    """A model that decides by expected F1, with a floor for each label, one of them never given."""
    floors = np.array([0.0, 0.3, 0.5, 0.0, NEVER, 0.2], dtype=np.float32)
    return tiny_model(Rule("samples-f1", empty=(-0.5, 0.7, 0.1), floors=floors))


@pytest.fixture(scope="session")
def comparing_model(model: Model) -> Model:
    """A model that tells how typical texts are: its own sentences are, German ones are not."""
    return replace(model, typicality=TYPICALITY)


@pytest.fixture
def comparing_path(comparing_model: Model, tmp_path: Path) -> Path:
    """The model that tells how typical texts are, saved."""
    return saved(comparing_model, tmp_path / "comparing")


@pytest.fixture
def comparing(comparing_path: Path) -> Predictor:
    return Predictor.load(comparing_path)


@pytest.fixture
def bundle_path(model: Model, tmp_path: Path) -> Path:
    """The model that decides by expected F1, saved."""
    return saved(model, tmp_path / "tiny")


@pytest.fixture
def reviewed(tmp_path: Path) -> Predictor:
    """That model with a review: the first goal cannot be promised, the second from 0.95 on."""
    model = tiny_model(Rule("samples-f1", empty=(-0.5, 0.7, 0.1)))
    review = Review((Promise("precision>=0.95", None), Promise("precision>=0.8", 0.95)))
    return Predictor.load(saved(replace(model, review=review), tmp_path / "reviewed"))


@pytest.fixture
def predictor(bundle_path: Path) -> Predictor:
    return Predictor.load(bundle_path)


SCOPES = {
    "bloc": {"bg": ("одкб",), "en": ("csto",)},
    "union-expands": {"bg": ("съюз*",)},
    "west": {"bg": ("запад*",)},
}
"""What texts must name, by label; Other has no scope, and bloc's includes what union-expands has."""

SCOPED_CODEBOOK = replace(
    CODEBOOK, labels=tuple(replace(label, mentions=SCOPES.get(label.id)) for label in CODEBOOK.labels)
)


@pytest.fixture(scope="session")
def scoped_model(model: Model) -> Model:
    """A model whose labels have scopes, all but one."""
    return replace(model, codebook=SCOPED_CODEBOOK)


@pytest.fixture
def scoped_path(scoped_model: Model, tmp_path: Path) -> Path:
    """The model with scopes, saved."""
    return saved(scoped_model, tmp_path / "scoped")


@pytest.fixture
def scoped(scoped_path: Path) -> Predictor:
    return Predictor.load(scoped_path)


@pytest.fixture(scope="session")
def trained(tmp_path_factory: pytest.TempPathFactory) -> Trained:
    """A small model with the record of its training."""
    return train_small(tmp_path_factory.mktemp("report"))


@pytest.fixture
def read(tmp_path: Path) -> Callable[..., Corpus]:
    """Write articles as lines of JSON and read them."""

    def read_rows(rows: Sequence[object], **options: Any) -> Corpus:
        path = tmp_path / "coded.jsonl"
        path.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
        return read_corpus(path, **options)

    return read_rows
