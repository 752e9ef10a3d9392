"""What keeps an encoder of another package from opening, told with its name and the remedy."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from framescope.errors import EncoderError


@contextmanager
def needs(package: str, extra: str) -> Iterator[None]:
    """Say which extra brings a package that is missing."""
    try:
        yield
    except ImportError as error:
        raise EncoderError(
            f"the encoder needs the package {package}: install it with pip install 'framescope[{extra}]'"
        ) from error


@contextmanager
def loading(name: str) -> Iterator[None]:
    """Say of which encoder it is that something is missing or damaged."""
    try:
        yield
    except EncoderError:
        raise
    except Exception as error:  # packages have errors of their own, of no common kind
        raise EncoderError(
            f"the encoder {name} cannot be loaded: {error}: "
            "check its name and revision, or install its package again"
        ) from error
