"""The error tree: every error that framescope raises on purpose."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from framescope.visible import visible

N_PROBLEMS_SHOWN = 20
N_SHOWN = 60
N_COLUMNS_SHOWN = 20
N_NAME_SHOWN = 40


class FramescopeError(Exception):
    """Something a user can mend; the message says what, where and how, and has no control characters."""

    def __init__(self, message: str = "") -> None:
        super().__init__(visible(message))


@dataclass(frozen=True, slots=True)
class Problem:
    """One fault of an input file: where it stands and what was expected."""

    message: str
    path: Path | str
    line: int | None = None
    field: str | None = None

    def __str__(self) -> str:
        """Return ``file:line: field: message``, without the parts that are unknown."""
        place = str(self.path) if self.line is None else f"{self.path}:{self.line}"
        return ": ".join([place, *([self.field] if self.field else []), self.message])


class InputError(FramescopeError):
    """A file that cannot be used, with all its problems."""

    def __init__(self, problems: Sequence[Problem]) -> None:
        self.problems = tuple(problems)
        shown = [str(problem) for problem in self.problems[:N_PROBLEMS_SHOWN]]
        n_hidden = len(self.problems) - len(shown)
        super().__init__("\n".join([*shown, *([f"... and {n_hidden} more problems"] if n_hidden else [])]))

    @classmethod
    def at(
        cls, path: Path | str, message: str, *, line: int | None = None, field: str | None = None
    ) -> InputError:
        """Return the error for a single problem."""
        return cls([Problem(message, path, line, field)])


class MissingPackageError(InputError):
    """A file that would be read if a package was installed."""


class CodebookError(InputError):
    """A codebook that is not a tree of at most two levels, or a label that is not in it."""


class CorpusError(InputError):
    """A corpus that cannot be read as annotated articles."""


class BundleError(FramescopeError):
    """A saved model that is damaged, incomplete, or of an unknown format."""


class EncoderError(FramescopeError):
    """A sentence encoder that is missing, is not that of training, or gives no vectors that can be used."""


class ClusterError(FramescopeError):
    """A cluster that cannot be reached, or whose workers lack what the work needs."""


class TrainingError(FramescopeError):
    """A corpus that was read but from which no model can be fitted."""


class TextError(FramescopeError):
    """A text that is not valid Unicode."""


class UnknownLabelError(FramescopeError, ValueError):
    """A label that the model's codebook does not have."""


def shown(value: object) -> str:
    """Return a value for a message: its first characters, and its type."""
    text = repr(value)
    return f"{text if len(text) <= N_SHOWN else text[: N_SHOWN - 3] + '...'} ({type(value).__name__})"


def columns_shown(columns: Iterable[str]) -> str:
    """Return the names of columns for a message, the first of them and the first words of each."""
    names = [repr(name if len(name) <= N_NAME_SHOWN else f"{name[:N_NAME_SHOWN]}...") for name in columns]
    n_more = len(names) - N_COLUMNS_SHOWN
    return ", ".join(names[:N_COLUMNS_SHOWN]) + (f" and {n_more} more" if n_more > 0 else "")
