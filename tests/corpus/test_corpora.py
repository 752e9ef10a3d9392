"""The real annotated corpora, and the faults that are known to be in them."""

from __future__ import annotations

from pathlib import Path

import pytest

from framescope.codebook_reading import read_codebook
from framescope.corpus.audit import audit
from framescope.corpus.read import read_corpus

pytestmark = pytest.mark.corpora


def test_slavic_persuasion(corpora: Path) -> None:
    folder = corpora / "slavic_persuasion"
    codebook = read_codebook(folder / "codebook.json")
    train = read_corpus(folder / "train.jsonl", codebook=codebook)
    dev = read_corpus(folder / "dev.jsonl", codebook=codebook)
    assert (train.n_units, dev.n_units, len(codebook.fine), len(codebook.coarse)) == (5768, 1591, 25, 6)
    found = audit(train, dev, group_by="article_id")
    assert found.n_articles == 140
    assert found.languages == {"bg": 2438, "pl": 2270, "ru": 1060}
    fine = [count.n_units for count in found.labels if count.parent]
    assert (min(fine), max(fine)) == (47, 497)
    assert (found.equal_texts.n_groups, found.contradictions.n_groups) == (2, 0)
    assert (found.overlaps[0].n_equal_texts, found.overlaps[0].n_groups) == (0, 0)
    assert found.rare_labels == found.labels_without_examples == ()


def test_unlp2025_manipulation(corpora: Path) -> None:
    corpus = read_corpus(corpora / "unlp2025_manipulation/train.jsonl")
    found = audit(corpus)
    assert (found.n_units, len(corpus.codebook.ids), corpus.codebook.is_flat) == (3057, 10, True)
    assert found.languages == {"ru": 1340, "uk": 1717}
    assert found.n_unlabelled == 1001
    assert found.equal_texts.n_groups == 0
    assert (found.spans.n_spans, found.spans.n_unknown_labels) == (7090, 7090)


def test_narrative_frames(corpora: Path) -> None:
    corpus = read_corpus(corpora / "narrative_frames/train.jsonl")
    found = audit(corpus)
    assert (found.n_units, found.languages) == (343, {"en": 343})
    assert [count.label for count in found.labels] == [
        "Conflict",
        "Economic",
        "Human interest",
        "Moral",
        "Resolution",
    ]
    assert found.contradictions.n_groups == 1
    assert corpus.column("test_fold")[0] == 2
