"""Training: an annotated corpus in; a model with its honest metrics and its card out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from threadpoolctl import threadpool_limits

from framescope.bundle.facts import Facts
from framescope.bundle.record import TrainingRecord, save_record
from framescope.bundle.solution import SavedSolution, save_solution
from framescope.bundle.write import save_bundle
from framescope.corpus.audit import audit
from framescope.corpus.schema import Corpus, corpus_hash
from framescope.fit.classifier import FramingClassifier
from framescope.measure.f1 import f1_rows
from framescope.measure.metrics import calibration_warnings
from framescope.measure.shown import SCORES, number, score_row
from framescope.measure.top_ngrams import Ngram, as_json, top_ngrams
from framescope.model.fitted import Model
from framescope.notebook import MAX_REPR, html_table, short
from framescope.progress import Progress, no_progress
from framescope.training.background import Background, FiredArticle, usable_background
from framescope.training.card import model_card
from framescope.training.earlier import Earlier, solution_of
from framescope.training.facts import facts_of, with_background
from framescope.training.fitting import fit_material, model_of, typicality_of
from framescope.training.judging import Judged
from framescope.training.material import Material, grouping_column, ungrouped_warnings
from framescope.training.meaning import Tell, tell_nobody
from framescope.training.memory import Memory, give_back
from framescope.training.outlooks import outlooks_of
from framescope.training.recipe import Recipe
from framescope.training.review import fit_review


@dataclass(frozen=True)
class Trained:
    """A model, the facts on it with its metrics on left-out decisions, and its card.

    ``record`` holds these decisions, for reports. ``fired`` are the articles of a background, those first that
    should be read first; they are not saved. A later training can go on from a ``solution``.
    """

    model: Model
    training: Facts
    card: str
    warnings: tuple[str, ...]
    record: TrainingRecord
    fired: tuple[FiredArticle, ...] = ()
    solution: SavedSolution | None = None

    def __repr__(self) -> str:
        corpus, fine = self.training.corpus, self.metrics["overall"]["fine"]
        never = f", {len(self.training.never_given)} never given" if self.training.never_given else ""
        labels = f"{len(self.model.codebook.ids)} labels{never}, {corpus.n_units:,} units"
        return short(f"Trained({corpus.name!r}, {labels}, left-out samples-F1 {number(fine['samples_f1'])})")

    def _repr_html_(self) -> str:
        corpus = self.training.corpus
        caption = f"{corpus.name}: {corpus.n_units:,} units; scores on articles left out of training"
        header = ("", "level", *SCORES.values(), "false alarms")
        rows = map(score_row, f1_rows(self.metrics))
        return html_table(caption, header, rows, more="; ".join(self.warnings)[:MAX_REPR])

    @property
    def metrics(self) -> Mapping[str, Any]:
        """The metrics of :func:`framescope.measure.metrics.evaluate` on left-out decisions."""
        return self.training.metrics

    def save(self, path: Path | str, *, force: bool = False) -> str:
        """Write the bundle, and the record and the solution beside it; return the bundle's digest.

        Raises:
            BundleError: the place is taken or cannot be written.
        """
        digest = save_bundle(self.model, path, card=self.card, training=self.training, force=force)
        save_record(self.record, path, digest)
        save_solution(self.solution, path)
        return digest


def train(
    corpus: Corpus,
    recipe: Recipe,
    *,
    background: Background | None = None,
    earlier: Earlier | None = None,
    progress: Progress = no_progress,
    tell: Tell = tell_nobody,
) -> Trained:
    """Fit a model to a corpus and judge it on what was left out.

    Args:
        corpus: what :func:`framescope.corpus.read.read_corpus` returns.
        recipe: how.
        background: unlabelled articles of a feed, of which nearly none carries a label, as
            :func:`framescope.batch.feed.read_feed` returns them. See :mod:`framescope.fit.background`.
        earlier: a model to go on from; see :mod:`framescope.training.earlier`.
        progress: is entered around each stage with its name.
        tell: is called with how much memory a large corpus takes, before the work, and with how long encoding
            takes, before it begins.

    Raises:
        TrainingError: there is nothing to learn from the corpus, or the background cannot be used.
        EncoderError: an encoder cannot be used.
        CorpusError: it lacks the column ``group_by``.
    """
    background = usable_background(background, corpus, recipe)
    if told := Memory.of(corpus, recipe).told:
        tell(told)
    give_back()  # what reading the corpus has left
    with progress("Auditing the corpus"):
        known = None if earlier is None else earlier.likeness(corpus)
        material = Material.of(corpus, recipe, known)
        if earlier is not None:
            earlier.check(corpus.n_units + len(material.evidence.texts), recipe, background)
        warnings = audit(corpus, group_by=grouping_column(corpus, recipe), near=material.near).warnings()
    outlooks = outlooks_of(corpus, material.evidence.unit_of, known={recipe.group_by: material.groups})
    corpus.forget_texts()
    give_back()
    # One thread: the same bits on any number of cores, and a busy second core makes LAPACK 15 times slower.
    with threadpool_limits(1, user_api="blas"):
        fitted = fit_material(
            material,
            recipe,
            background=background,
            outlooks=outlooks if background is None else None,
            earlier=earlier,
            progress=progress,
            tell=tell,
        )
        give_back()
        with progress("Judging left-out articles"):
            judged = Judged.of(fitted, material, outlooks, n_new=recipe.n_new)
        with progress("Comparing articles with the others"):
            typicality = typicality_of(fitted, material, recipe, background)
    warnings += [*ungrouped_warnings(corpus, recipe), *calibration_warnings(judged.metrics)]
    review, reviewed = fit_review(
        recipe.review,
        fitted.classifier.probabilities_,
        fitted.classifier.decisions_,
        material.truth,
        material.group_numbers,
    )
    model = replace(model_of(fitted, corpus), typicality=typicality, review=review)
    judged = judged.beside_coders(corpus, fitted.classifier.decisions_, model)
    training = replace(facts_of(material, model, fitted, judged, recipe=recipe), review=reviewed)
    training, fired = with_background(training, background, fitted.classifier, recipe)
    with progress("Ranking n-grams"):
        ranked = top_ngrams(model, fitted.features, texts=material.texts, members=material.truth)
    card = model_card(model, training, warnings)
    record = _record(judged, material, fitted.classifier, ranked)
    solution = solution_of(fitted.classifier, material, recipe)
    return Trained(model, training, card, tuple(warnings), record, tuple(fired), solution)


def fit_model(corpus: Corpus, recipe: Recipe, *, progress: Progress = no_progress) -> Model:
    """Fit a model to a corpus as :func:`train` does, without judging it.

    Raises:
        TrainingError: there is nothing to learn from the corpus.
        CorpusError: it lacks the column ``group_by``.
    """
    material = Material.of(corpus, recipe)
    with threadpool_limits(1, user_api="blas"):
        return model_of(fit_material(material, recipe, progress=progress, tell=tell_nobody), corpus)


def _record(
    judged: Judged, material: Material, classifier: FramingClassifier, ranked: Sequence[Sequence[Ngram]]
) -> TrainingRecord:
    """Return what is kept beside the bundle."""
    corpus = material.corpus
    return TrainingRecord(
        corpus_sha256=corpus_hash(corpus),
        ids=corpus.column("id"),
        probabilities=classifier.probabilities_,
        decided=classifier.decisions_,
        top_ngrams=dict(zip(corpus.codebook.ids, map(as_json, ranked), strict=True)),
        truth=material.truth,
        clusters=judged.units.clusters,
        languages=judged.units.languages,
        kinds=judged.units.kinds,
    )
