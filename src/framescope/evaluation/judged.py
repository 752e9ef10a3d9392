"""What a report is about: a corpus, and what a model that had not seen it made of each unit."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from framescope._types import BoolArray, Float32, Float64, Indices
from framescope.bundle.read import Bundle
from framescope.bundle.record import REMEDY, TrainingRecord, load_record, record_path
from framescope.codebook import Codebook
from framescope.corpus.schema import Corpus, corpus_hash
from framescope.corpus.scope import units_in_scope
from framescope.corpus.stories import STORY, groups_of
from framescope.errors import BundleError
from framescope.evaluation.predictions import compare
from framescope.measure.metrics import Outcomes, UnitInfo
from framescope.model.fitted import Model
from framescope.progress import Progress
from framescope.text.utf8 import Utf8Texts


@dataclass(frozen=True, eq=False)
class Judged:
    """Decisions on a corpus beside its labels.

    ``is_training`` says that the corpus is the one that the model was trained on: then decisions and
    probabilities are those of training, made without each unit's group. Otherwise the model made them, and
    ``n_known`` units bear ids that training had. Intervals draw whole values of ``group_by``; training left out
    those of ``trained_by``.
    """

    corpus: Corpus
    codebook: Codebook
    outcomes: Outcomes
    units: UnitInfo
    prior: Float64
    group_by: str
    trained_by: str
    corpus_sha256: str
    is_training: bool
    n_known: int

    @property
    def languages(self) -> dict[str, Indices]:
        """The rows of each language that is given, in sorted order."""
        return self.units.rows_by_language

    def subset(self, rows: Indices) -> tuple[Outcomes, Sequence[str]]:
        """Return the outcomes and clusters of some units."""
        return self.outcomes.select(rows), [self.units.clusters[row] for row in rows]


def judge(bundle: Bundle, corpus: Corpus, *, group_by: str | None, jobs: int, progress: Progress) -> Judged:
    """Take the left-out decisions of training for its own corpus, and let the model decide on any other.

    Intervals draw whole values of the column ``group_by``, by default that of training where the corpus has it.

    Raises:
        BundleError: the corpus is that of training, but what training kept is missing, damaged or stale.
        CorpusError: the corpus has no column ``group_by``.
    """
    sha256 = corpus_hash(corpus)
    is_training = bundle.training.corpus.sha256 == sha256
    record = load_record(bundle.path, bundle.digest)
    if is_training and record is None:
        raise BundleError(
            f"{record_path(bundle.path)}: is missing, and on {corpus.path}, its corpus of training, the model "
            f"would look too good: copy that file with the bundle, {REMEDY}, or name held-out articles"
        )
    trained_by = bundle.training.group_by
    grouping = group_by or _grouping(trained_by, corpus)
    units = UnitInfo.of(corpus, groups_of(corpus, grouping))
    in_scope = units_in_scope(corpus, bundle.model.codebook, jobs=jobs)
    if is_training and record is not None:
        decided, probabilities = record.decided, record.probabilities
    else:
        with progress("Predicting"):
            decided, probabilities = _decide(bundle.model, corpus, in_scope, jobs)
    outcomes, codebook, prior = compare(
        bundle.model, corpus, decided=decided, probabilities=probabilities, in_scope=in_scope
    )
    return Judged(
        corpus=corpus,
        codebook=codebook,
        outcomes=outcomes,
        units=units,
        prior=prior,
        group_by=grouping,
        trained_by=trained_by,
        corpus_sha256=sha256,
        is_training=is_training,
        n_known=0 if is_training else _n_known(corpus, record),
    )


def _grouping(trained_by: str, corpus: Corpus) -> str:
    """Return the column of groups: that of training, where the corpus has it, else that of articles."""
    can_group = trained_by == STORY or trained_by in corpus.table.column_names
    return trained_by if can_group else "article_id"


def _decide(model: Model, corpus: Corpus, in_scope: BoolArray | None, jobs: int) -> tuple[BoolArray, Float32]:
    """Let a model decide on a corpus: decisions and probabilities, (n_units, n_labels)."""
    texts = Utf8Texts.encode(corpus.full_texts())
    output = model.run(texts, in_scope=in_scope, languages=corpus.languages(), jobs=jobs)
    return output.decided, output.probabilities


def _n_known(corpus: Corpus, record: TrainingRecord | None) -> int:
    """Return how many units bear the id of a training unit."""
    known = set() if record is None else {*record.ids}
    return sum(unit_id in known for unit_id in corpus.column("id"))
