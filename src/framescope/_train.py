"""What the command ``train`` trains: one corpus with further ones, or all of the starter's models."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING

from framescope._options import CorpusOptions
from framescope._terminal import progress
from framescope.errors import FramescopeError
from framescope.text.segments import Unit

if TYPE_CHECKING:
    from framescope.corpus.schema import Corpus

STARTER = Path("data/starter")
TECHNIQUES = "techniques.jsonl"


@dataclass(frozen=True)
class Run:
    """A model to train: from what, how it decides unless told otherwise, and where it goes."""

    source: str
    target: Path
    reading: CorpusOptions
    rule: str = "samples-f1"
    also: tuple[str, ...] = ()

    def read(self) -> Corpus:
        """Read the corpus and those to join to it.

        Raises:
            CorpusError: one of them has problems, or an id stands in two.
        """
        return read_joined(self.reading, self.source, self.also)


def read_joined(reading: CorpusOptions, source: str, also: Sequence[str]) -> Corpus:
    """Read a corpus and join further ones, with its codebook and its columns, to it.

    Raises:
        CorpusError: one of them has problems, or an id stands in two.
    """
    from framescope.corpus.units import join_corpora  # noqa: PLC0415 - datasets takes a second to load

    with progress(f"Reading {source}"):
        corpus = reading.read(source)
    further = []
    for path in also:
        with progress(f"Reading {path}"):
            further.append(replace(reading, format=None).read(path, codebook=corpus.codebook))
    return join_corpora(corpus, further) if further else corpus


def find_starter() -> Path:
    """Return the folder of the starter corpus: of the checkout in the current directory, or as installed.

    Raises:
        FramescopeError: it is in neither place.
    """
    for folder in (STARTER, Path(str(files("framescope") / "starter"))):
        if folder.is_dir():
            return folder
    raise FramescopeError(f"there is no {STARTER} here: go to a checkout of framescope, or name a CORPUS")


def starter_runs(folder: Path, models: Path, reading: CorpusOptions, *, also: Sequence[str]) -> list[Run]:
    """Return the runs of the starter corpus: its narratives and, where the folder has them, its techniques.

    ``also`` goes to the techniques.
    """
    runs = [Run(str(folder), models / "starter", reading)]
    techniques = folder / TECHNIQUES
    if techniques.is_file():
        of_sentences = replace(reading, format="starter", unit=Unit.SENTENCE)
        runs.append(Run(str(techniques), models / "starter-techniques", of_sentences, "micro-f1", tuple(also)))
    return runs
