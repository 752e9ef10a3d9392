"""What the command ``train`` trains: one corpus with further ones, or all of the starter's models."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from importlib.resources import files
from pathlib import Path

from framescope.cli.reading import CorpusOptions
from framescope.errors import FramescopeError
from framescope.text.segments import Unit

MODELS = Path("models")
STARTER = Path("data/starter")
TECHNIQUES = "techniques.jsonl"
TECHNIQUES_RULE = "precision>=0.5"
"""Few sentences are marked, and more than half of the marks are right; the others stay probabilities."""


@dataclass(frozen=True)
class TrainingRun:
    """A model to train: from what, where it goes, and how it decides unless told otherwise.

    ``takes_encoder`` asks for the default encoder, where it is installed and nothing else is said.
    """

    source: str
    target: Path
    reading: CorpusOptions
    rule: str = "samples-f1"
    also: tuple[str, ...] = ()
    takes_encoder: bool = False


def find_starter() -> Path:
    """Return the folder of the starter corpus: of the checkout in the current directory, or as installed.

    Raises:
        FramescopeError: it is in neither place.
    """
    for folder in (STARTER, Path(str(files("framescope") / "starter"))):
        if folder.is_dir():
            return folder
    raise FramescopeError(f"there is no {STARTER} here: go to a checkout of framescope, or name a CORPUS")


def starter_runs(
    folder: Path, models: Path, reading: CorpusOptions, *, also: Sequence[str]
) -> list[TrainingRun]:
    """Return the runs of the starter corpus: its narratives and, where the folder has them, its techniques.

    ``also`` goes to the techniques.
    """
    runs = [TrainingRun(str(folder), models / "starter", reading, takes_encoder=True)]
    techniques = folder / TECHNIQUES
    if techniques.is_file():
        of_sentences = replace(reading, format="starter", unit=Unit.SENTENCE)
        target = models / "starter-techniques"
        runs.append(TrainingRun(str(techniques), target, of_sentences, TECHNIQUES_RULE, tuple(also)))
    return runs


def default_output(source: str) -> Path:
    """Return models/<name of the corpus>."""
    # These take a second to load, and help needs neither.
    from framescope.corpus.raw import file_stem  # noqa: PLC0415
    from framescope.corpus.schema import HUB  # noqa: PLC0415

    if source.startswith(HUB):
        return MODELS / source.removeprefix(HUB).replace("/", "-").replace(":", "-")
    path = Path(source).resolve()
    return MODELS / (path.name if path.is_dir() else file_stem(path))
