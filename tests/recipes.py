"""A small corpus in four languages to train on."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import product
from pathlib import Path
from typing import Any

import numpy as np

from framescope.codebook import Codebook
from framescope.corpus.schema import Corpus
from framescope.text.utf8 import Utf8Texts
from framescope.training.recipe import Recipe
from framescope.training.train import Trained

CODEBOOK = Codebook.from_parents(
    {"West": None, "West: divides": "West", "West: arms": "West", "Bloc": None, "Bloc: weak": "Bloc"},
    name="tiny",
)


# By language: openings, what carries each label (None: nothing), and endings.
SENTENCES: dict[str, tuple[list[str], dict[str | None, str], list[str]]] = {
    "bg": (
        ["Според вестника вчера", "Министърът заяви, че"],
        {
            "West: divides": "Западът разделя съюзниците",
            "West: arms": "Западът въоръжава съседите",
            "Bloc: weak": "блокът ОДКБ е безсилен",
            None: "времето остава топло",
        },
        ["и хората са спокойни.", "в цялата страна."],
    ),
    "ru": (
        ["Как пишет газета, вчера", "Министр заявил, что"],
        {
            "West: divides": "Запад раскалывает союзников",
            "West: arms": "Запад вооружает соседей",
            "Bloc: weak": "блок ОДКБ бессилен",
            None: "погода остаётся тёплой",
        },
        ["и люди спокойны.", "во всей стране."],
    ),
    "en": (
        ["The paper wrote yesterday that", "The minister said that"],
        {
            "West: divides": "the West divides the allies",
            "West: arms": "the West arms the neighbours",
            "Bloc: weak": "the CSTO bloc is powerless",
            None: "the weather stays warm",
        },
        ["and people are calm.", "in the whole country."],
    ),
    "hi": (
        ["अख़बार ने कल लिखा कि", "मंत्री ने कहा कि"],
        {
            "West: divides": "पश्चिम सहयोगियों को बाँटता है",
            "West: arms": "पश्चिम पड़ोसियों को हथियार देता है",
            "Bloc: weak": "सीएसटीओ गुट शक्तिहीन है",
            None: "मौसम गर्म बना हुआ है",
        },
        ["और लोग शांत हैं।", "पूरे देश में।"],
    ),
}


def rows() -> list[dict[str, Any]]:
    """Return 64 articles of 8 sources, each claim marked as evidence of its label."""
    found = []
    for language, (openings, claims, endings) in SENTENCES.items():
        for (i, opening), (label, claim), (j, ending) in product(
            enumerate(openings), claims.items(), enumerate(endings)
        ):
            start = len(opening) + 1
            span = {"start": start, "end": start + len(claim), "label": label}
            found.append(
                {
                    "id": f"{language}{len(found)}",
                    "text": f"{opening} {claim} {ending}",
                    "lang": language,
                    "source": f"{language}-{i ^ j}",
                    "labels": [label] if label else [],
                    "spans": [span] if label else [],
                }
            )
    return found


Make = Callable[..., Corpus]


BY_SOURCE = Recipe(group_by="source")


def contents(directory: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in directory.iterdir()}


def probabilities(trained: Trained, texts: Sequence[str]) -> np.ndarray:
    model = trained.model
    return model.probabilities(model.margins(Utf8Texts.encode(texts)))
