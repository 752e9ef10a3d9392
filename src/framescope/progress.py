"""What long work calls to show how far it is."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext

Progress = Callable[[str], AbstractContextManager[object]]
"""Returns what is entered while the stage of this name runs."""


def stages(tell: Callable[[str], object]) -> Progress:
    """Return what calls a function with the name of each stage when it begins: ``progress=stages(print)``."""

    def enter(stage: str) -> AbstractContextManager[object]:
        tell(stage)
        return nullcontext()

    return enter


def no_progress(stage: str) -> AbstractContextManager[object]:
    """Show nothing while a stage runs."""
    return nullcontext()
