"""The process that trains a model anew, on annotations of Label Studio and the corpus before them, if named."""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from threading import Thread
from typing import Any

import msgspec

from framescope.codebook import Codebook
from framescope.corpus.conventions import Conventions
from framescope.corpus.read import read_corpus
from framescope.corpus.schema import Corpus
from framescope.corpus.units import join_corpora, split_units
from framescope.errors import FramescopeError
from framescope.features.kernel_block import KernelBlock
from framescope.fit.rules import parse_rule
from framescope.predictor import Predictor
from framescope.serve.processes import said_to_server, wait_until_let_go
from framescope.text.segments import Unit
from framescope.training.recipe import Recipe
from framescope.training.train import train

TRAINED, ERROR = "trained", "error"
"""What a line is about: the digest of the new model, or why there is none."""


def main(arguments: list[str]) -> None:
    """Train as a message tells."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    say, told = said_to_server(), msgspec.json.decode(arguments[0])
    Thread(target=_end_when_let_go, daemon=True).start()
    try:
        say({TRAINED: retrain(told)})
    except (FramescopeError, MemoryError) as error:
        say({ERROR: str(error) or "needs more memory than there is"})


def retrain(told: Mapping[str, Any]) -> str:
    """Train a model with the labels and the rule of another one, save it, and return its digest.

    Raises:
        FramescopeError: there is nothing to learn from what is annotated.
    """
    old = Predictor.load(told["model"])
    annotated = read_corpus(
        Path(told["tasks"]),
        format="labelstudio",
        codebook=old.codebook,
        conventions=Conventions(label_control=told["control"]),
        skip_invalid=True,
    )
    corpora = [_before(told["corpus"], old.codebook), annotated] if told["corpus"] else [annotated]
    first, *others = [split_units(each, old.unit) if old.unit != Unit.ARTICLE else each for each in corpora]
    recipe = recipe_like(old)
    return train(join_corpora(first, others) if others else first, recipe).save(Path(told["target"]))


def recipe_like(old: Predictor) -> Recipe:
    """Return the rule of a model, and its encoders as far as it makes use of them."""
    model = old.bundle.model
    encoders = model.embedder.encoders if model.embedder else ()
    has_kernel = any(isinstance(block, KernelBlock) for block in model.blocks)
    return Recipe(
        rule=_rule(old.rule.name),
        allow_unseen_labels=True,
        encoders=tuple(encoder.name for encoder in encoders),
        only_descriptions=bool(encoders) and not has_kernel,
    )


def _before(source: str, codebook: Codebook) -> Corpus:
    """Return the corpus that a model was trained on, with the model's codebook."""
    return replace(read_corpus(source, codebook=codebook, skip_invalid=True), codebook=codebook)


def _rule(name: str) -> str:
    """Return a rule that can be fitted anew: one that was set by hand cannot."""
    try:
        parse_rule(name)
    except ValueError:
        return Recipe().rule
    return name


def _end_when_let_go() -> None:
    wait_until_let_go()
    os._exit(0)  # what is half trained is of no use


if __name__ == "__main__":
    main(sys.argv[1:])
