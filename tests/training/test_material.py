"""What training begins with: the texts that it reads, and how they are held."""

from __future__ import annotations

from dataclasses import replace

from framescope.corpus.schema import Corpus
from framescope.features.narrow import NarrowRows
from framescope.progress import no_progress
from framescope.training.fitting import fit_material
from framescope.training.material import Material
from framescope.training.meaning import tell_nobody
from recipes import BY_SOURCE, Make, rows


def test_bytes_are_those_of_titles_and_texts(make: Make) -> None:
    """Whether no article has a title, or some have, one of which its text begins with."""
    content = rows()
    without = Material.of(make([{**row, "title": ""} for row in content]), BY_SOURCE)
    assert [*without.encoded()] == [*without.texts]
    content[0]["title"], content[1]["title"] = "Заглавие", content[1]["text"][:8]
    content[0]["spans"] = content[1]["spans"] = []
    some = Material.of(make(content), BY_SOURCE)
    assert [*some.encoded()] == [*some.texts]
    assert some.texts[0].startswith("Заглавие\n")


def test_features_of_the_learner_of_large_corpora_take_six_bytes_an_entry(corpus: Corpus) -> None:
    """Evidence is fitted, too; what is kept are the articles' features."""
    material = Material.of(corpus, BY_SOURCE)
    assert material.evidence.texts
    for learner, is_narrow in (("ridge-cd", True), ("ridge", False)):
        recipe = replace(BY_SOURCE, learner=learner)
        fitted = fit_material(material, recipe, progress=no_progress, tell=tell_nobody)
        assert isinstance(fitted.features, NarrowRows) == is_narrow
        assert fitted.features.shape[0] == corpus.n_units
        assert fitted.classifier.dual_coef_.shape[0] == corpus.n_units + len(material.evidence.texts)
