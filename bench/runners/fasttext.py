"""fastText: one-vs-all loss over words and pairs of words, with and without subwords."""

from __future__ import annotations

import re
import tempfile
from functools import partial
from itertools import product
from pathlib import Path
from typing import Any

import fasttext
import numpy as np
import numpy.typing as npt

from bench.runners.tuning import Units, choose, read_cut, read_units, write_cut

# (dim, bucket) from small and fast to the library's default, and learning rates.
SIZES = ((16, 1 << 18), (64, 1 << 19), (100, 2_000_000))
RATES = (0.2, 0.5)
N_EPOCHS = 25
WORTH = 0.01  # a larger model is taken for so much more F1
PREFIX = "__label__"
NO_LABEL = f"{PREFIX}none"  # fastText learns nothing from a line without a label
TOKEN = re.compile(r"\w+|[^\w\s]+")


class FastText:
    """Sees case-folded words and symbols with spaces between them.

    Making such lines is timed like the rest, unless texts come ``prepared``: as lines made long before.

    Size, rate and the cut of all labels are those of the best micro-F1 on an inner split, of the smallest model
    that comes near it.
    """

    def __init__(self, *, minn: int, maxn: int, prepared: bool = False) -> None:
        self.subwords = {"minn": minn, "maxn": maxn}
        self.prepared = prepared

    def fit(self, train: Path, folder: Path) -> dict[str, Any]:
        """Choose on an inner split, fit to everything."""
        units = read_units(train)
        fitted_on, held_out = units.inner_split()
        (size, rate), cut = choose(
            product(SIZES, RATES),
            lambda setting: self._scores(self._fit(fitted_on, *setting), held_out),
            held_out.truth,
            worth=WORTH,
        )
        path = folder / "model"
        path.mkdir()
        self._fit(units, size, rate).save_model(str(path / "model.bin"))
        write_cut(path, cut)
        return {"dim": size[0], "bucket": size[1], "lr": rate, "epoch": N_EPOCHS, "cut": cut}

    def load(self, folder: Path) -> None:
        """Load the model."""
        self.model = fasttext.load_model(str(folder / "model" / "model.bin"))
        self.cut = read_cut(folder / "model")

    def first(self, text: str) -> Any:
        """Return the labels of one text."""
        return self.decide(self.prepare([text]))

    def prepare(self, texts: list[str]) -> list[str]:
        """Return the strings, or a line a text."""
        return _lines(texts) if self.prepared else texts

    def decide(self, prepared: list[str]) -> Any:
        """Return the labels of each text that reach the cut, as fastText names them."""
        lines = prepared if self.prepared else _lines(prepared)
        return self.model.predict(lines, k=-1, threshold=self.cut)[0]

    def columns(self, decided: Any) -> list[list[int]]:
        """Return the columns of the label sets."""
        return [[_column(label) for label in labels if label != NO_LABEL] for labels in decided]

    def _fit(self, units: Units, size: tuple[int, int], rate: float) -> Any:
        dim, bucket = size
        with tempfile.NamedTemporaryFile("w", encoding="utf-8") as lines:
            for text, labels in zip(_lines(units.texts), units.truth, strict=True):
                given = " ".join(f"{PREFIX}{column}" for column in np.flatnonzero(labels)) or NO_LABEL
                lines.write(f"{given} {text}\n")
            lines.flush()
            # One thread, or no two fits are the same.
            options = {"dim": dim, "bucket": bucket, "lr": rate, "epoch": N_EPOCHS, "thread": 1, "verbose": 0}
            return fasttext.train_supervised(lines.name, loss="ova", wordNgrams=2, **self.subwords, **options)

    def _scores(self, model: Any, units: Units) -> npt.NDArray[np.float32]:
        scores = np.zeros(units.truth.shape, np.float32)
        for row, found in enumerate(zip(*model.predict(_lines(units.texts), k=-1), strict=True)):
            for label, score in zip(*found, strict=True):
                if label != NO_LABEL:
                    scores[row, _column(label)] = score
        return scores


def _lines(texts: list[str]) -> list[str]:
    return [" ".join(TOKEN.findall(text.casefold())) for text in texts]


def _column(label: str) -> int:
    return int(label.removeprefix(PREFIX))


RUNNERS = {
    "subwords": partial(FastText, minn=2, maxn=5),
    "words": partial(FastText, minn=0, maxn=0),
    "subwords-prepared": partial(FastText, minn=2, maxn=5, prepared=True),
    "words-prepared": partial(FastText, minn=0, maxn=0, prepared=True),
}
