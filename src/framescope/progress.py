"""What long work calls to show how far it is."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext

Progress = Callable[[str], AbstractContextManager[object]]
"""Returns what is entered while the stage of this name runs; see :func:`advance_of`."""


def stages(tell: Callable[[str], object]) -> Progress:
    """Return what calls a function with the name of each stage when it begins: ``progress=stages(print)``."""

    def enter(stage: str) -> AbstractContextManager[object]:
        tell(stage)
        return nullcontext()

    return enter


def no_progress(stage: str) -> AbstractContextManager[object]:
    """Show nothing while a stage runs."""
    return nullcontext()


def advance_of(entered: object) -> Callable[[int, int], object]:
    """Return what is called with how much more of a stage is done, and how much there is in all.

    It is what the stage's context gives, where that can be called.
    """
    return entered if callable(entered) else lambda n_done, n_all: None
