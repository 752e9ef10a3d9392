"""Folders with the weights of an encoder: one that is named, or that of a model of the hub."""
# What is imported here belongs to extras.
# ruff: noqa: PLC0415

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from framescope.encoders.loading import loading
from framescope.errors import EncoderError

POOLING = "mean by length"
"""How the vectors of sentences become that of an article; part of every digest."""
CHUNK_BYTES = 1 << 20
STATIC = ('"model2vec"', "StaticEmbedding")
"""What files of settings say of static vectors."""
SETTINGS = ("config.json", "modules.json")
FOR_PEOPLE = {".md", ".lock"}
FOR_OTHERS = {".onnx", ".onnx_data", ".h5", ".msgpack", ".ot", ".gguf", ".tflite", ".xml"}
"""What models of the hub bring for programs that are not asked here, often more than all the rest."""
TRUSTED = "sentence_transformers."
E5 = re.compile(r"(^|[-_])e5([-_]|$)")


@dataclass(frozen=True, slots=True)
class ModelFolder:
    """A folder with the weights of an encoder, and the encoder's name: that of a hub's tells its commit."""

    name: str
    path: Path

    @property
    def is_static(self) -> bool:
        """Whether its vectors are those of words, whatever is around them."""
        settings = [self.path / file for file in SETTINGS]
        with loading(self.name):
            told = "".join(file.read_text("utf-8") for file in settings if file.exists())
        return any(sign in told for sign in STATIC)

    def check_modules(self) -> None:
        """Refuse what would run code of its own: some versions of sentence-transformers do so unasked.

        Raises:
            EncoderError: a module is not that of sentence-transformers.
        """
        file = self.path / "modules.json"
        if not file.exists():
            return
        with loading(self.name):
            kinds = [str(module["type"]) for module in json.loads(file.read_text("utf-8"))]
        for kind in kinds:
            if not kind.startswith(TRUSTED):
                raise EncoderError(
                    f"the encoder {self.name} runs code of its own, {kind!r}, which framescope does not: "
                    "choose another model"
                )


def find_folder(name: str, place: str, *, download: bool) -> ModelFolder:
    """Return the folder that is named, or that of a model of the hub, which is downloaded where that is asked.

    Raises:
        EncoderError: there is none.
    """
    if Path(place).is_dir():
        return ModelFolder(name, Path(place))
    if place.count("/") > 1 or place.startswith((".", "~", "/")):
        raise EncoderError(f"the encoder {name} cannot be loaded: there is no folder {place}")
    repository, _, revision = place.partition("@")
    with loading(name):
        path = _snapshot(name, repository, revision, download=download)
    commit = path.name if path.parent.name == "snapshots" else revision
    return ModelFolder(f"{name.partition(':')[0]}:{repository}@{commit}" if commit else name, path)


def _snapshot(name: str, repository: str, revision: str, *, download: bool) -> Path:
    from huggingface_hub import snapshot_download
    from huggingface_hub.errors import LocalEntryNotFoundError

    unread = [f"*{suffix}" for suffix in sorted(FOR_OTHERS)]
    try:
        found = snapshot_download(
            repository, revision=revision or None, ignore_patterns=unread, local_files_only=not download
        )
    except LocalEntryNotFoundError as error:
        if download:
            raise
        at = f" --revision {revision}" if revision else ""
        raise EncoderError(
            f"the encoder {name} is no folder, and not on this machine as a model of the hub: "
            f"download it with hf download {repository}{at}"
        ) from error
    return Path(found)


def files_of(folder: Path, *, beside: Iterable[str] = FOR_OTHERS) -> list[Path]:
    """Return the files that vectors depend on, ``beside`` those with some suffixes and those for people."""
    left_out = {*FOR_PEOPLE, *beside}
    files = (file for file in sorted(folder.rglob("*")) if file.is_file() and file.suffix not in left_out)
    return [file for file in files if not any(part.startswith(".") for part in file.relative_to(folder).parts)]


def digest_of(files: Iterable[Path], *settings: str) -> str:
    """Return the SHA-256 over files, in order, settings, and how vectors are pooled."""
    digest = hashlib.sha256()
    for file in files:
        with file.open("rb") as opened:
            while chunk := opened.read(CHUNK_BYTES):
                digest.update(chunk)
    digest.update("\0".join((POOLING, *settings)).encode())
    return digest.hexdigest()


def prefix_of(place: str) -> str:
    """Return what a model wants before each text, by its name.

    >>> prefix_of("intfloat/multilingual-e5-small@main"), prefix_of("/home/joe5/bert")
    ('query: ', '')
    """
    name = place.partition("@")[0].rstrip("/").rpartition("/")[2]
    return "query: " if E5.search(name.lower()) else ""
