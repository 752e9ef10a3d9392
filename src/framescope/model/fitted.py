"""A fitted model: feature blocks, and the way from texts to margins, probabilities and decisions."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING, NamedTuple, TypeVar

import numpy as np

from framescope._types import BoolArray, Float32, Float64, Floats, Indices, Integers
from framescope.codebook import Codebook
from framescope.encoders.articles import Embedder
from framescope.errors import BundleError
from framescope.features.block import Block
from framescope.features.description_block import DescriptionBlock
from framescope.features.first_block import FirstBlock
from framescope.features.kernel_block import KernelBlock
from framescope.features.known import new_counts
from framescope.features.ngram_block import NgramBlock
from framescope.features.recognition import languages_of
from framescope.model.calibration import Calibration
from framescope.model.decision import Rule
from framescope.model.output import Output
from framescope.model.review import Review
from framescope.model.second_stage import SecondStage
from framescope.model.typicality import Typicality
from framescope.text.kernels import in_threads
from framescope.text.languages import unfamiliar
from framescope.text.segments import Unit
from framescope.text.utf8 import Utf8Texts

if TYPE_CHECKING:
    from framescope.features.scope import Scope

ROWS_AT_A_TIME = 1 << 10
Rows = TypeVar("Rows", Float32, BoolArray)


@dataclass(frozen=True, eq=False)
class Model:
    """What serving needs.

    ``intercept`` is (n_labels,) float32; ``unit`` is what a label is given to; ``languages`` are those of the
    training articles, "" left out. ``abroad`` is what texts in other languages go through, whose margins are
    smaller; it comes from articles that were judged without any of their language. None knows no difference.
    ``first`` is the second stage of n-grams by themselves, where a block has their weights.
    ``typicality`` compares texts with the training, None where it had too few articles for that.
    ``review`` tells which labels are given; None gives all of the rule's.
    """

    codebook: Codebook
    blocks: tuple[Block, ...]
    intercept: Float32
    calibration: Calibration
    rule: Rule
    unit: Unit = Unit.ARTICLE
    languages: tuple[str, ...] = ()
    abroad: SecondStage | None = None
    first: SecondStage | None = None
    typicality: Typicality | None = None
    review: Review | None = None

    def run(
        self,
        texts: Utf8Texts,
        *,
        in_scope: BoolArray | None = None,
        languages: Sequence[str | None] | None = None,
        encode_share: float = 1.0,
        jobs: int = 1,
    ) -> Output:
        """Return what the model makes of texts.

        ``in_scope`` is what :meth:`in_scope` says of each text, or of the article that it is a part of;
        ``languages`` are codes, None or "" where unknown: of texts that are unlike training, they are then
        recognized. With an ``encode_share`` below 1, n-grams by
        themselves judge what is as clear to them as all but this share of the articles of training.
        Encoders do not read a text for which no label is possible: its margins are without them.
        """
        in_scope = self.in_scope(texts, jobs=jobs) if in_scope is None else in_scope
        if encode_share < 1 and self.first_pass is not None:
            return self._run_in_two_passes(texts, in_scope, languages, encode_share, jobs)
        read = _Read.of(texts, in_scope)
        margins, typicality = self._measure(texts, read, jobs)
        likeness = self._likeness(len(texts), read, jobs)
        output = self.conclude(margins, in_scope, likeness=likeness, typicality=typicality, jobs=jobs)
        output.languages.update(_recognized(texts, output.is_unlike, languages, jobs))
        output.is_foreign[:] = self._is_foreign(len(texts), languages, output.languages)
        self._send_abroad(output, likeness)
        return output

    def probabilities_of(
        self, texts: Utf8Texts, *, languages: Sequence[str | None] | None = None, jobs: int = 1
    ) -> Float32:
        """Return the probabilities of :meth:`run`, without deciding.

        Raises:
            BundleError: weights or coefficients are too large to be added up.
        """
        in_scope = self.in_scope(texts, jobs=jobs)
        read = _Read.of(texts, in_scope)
        margins, typicality = self._measure(texts, read, jobs)
        likeness = self._likeness(len(texts), read, jobs)
        probabilities = self.probabilities(margins, in_scope, likeness=likeness, jobs=jobs)
        if self.abroad is not None:
            found = _recognized(texts, self._is_unlike(typicality, len(texts)), languages, jobs)
            rows = np.flatnonzero(self._is_foreign(len(texts), languages, found))
            if len(rows):
                away = replace(self, calibration=self.abroad.calibration)
                probabilities[rows] = away.probabilities(
                    margins[rows], _some(in_scope, rows), likeness=_some(likeness, rows)
                )
        return probabilities

    def _is_unlike(self, typicality: Float32 | None, n_texts: int) -> BoolArray:
        if self.typicality is None or typicality is None:
            return np.zeros(n_texts, bool)
        return self.typicality.is_unlike(typicality)

    def _is_foreign(
        self, n_texts: int, languages: Sequence[str | None] | None, found: Mapping[int, str]
    ) -> BoolArray:
        """Mark the texts in languages for which there is another second stage, by their codes or as found."""
        is_foreign = np.zeros(n_texts, bool)
        if self.abroad is None or not self.languages:
            return is_foreign
        unknown = {*unfamiliar({*(languages or ()), *found.values()}, self.languages)}
        if languages is not None and unknown:
            is_foreign[:] = [code in unknown for code in languages]
        is_foreign[[row for row, code in found.items() if code in unknown]] = True
        return is_foreign

    def with_rule(self, rule: Rule) -> Model:
        """Return the model with another rule, in other languages and in a first pass, too.

        There a rule with a goal gives nothing: nobody has promised that its cuts keep it there.
        """
        elsewhere = rule.giving_nothing() if rule.has_goal else rule
        abroad, first = (
            None if stage is None else replace(stage, rule=elsewhere) for stage in (self.abroad, self.first)
        )
        return replace(self, rule=rule, abroad=abroad, first=first)

    def _run_in_two_passes(
        self,
        texts: Utf8Texts,
        in_scope: BoolArray | None,
        languages: Sequence[str | None] | None,
        encode_share: float,
        jobs: int,
    ) -> Output:
        first, block = self.first_pass, self._first_block
        if first is None or block is None:
            raise ValueError("the model has no first pass")
        output = first.run(texts, in_scope=in_scope, languages=languages, jobs=jobs)
        doubts = doubts_of(output.probabilities, self.codebook)
        is_unclear = doubts >= block.least_doubt(encode_share)
        # Words of other languages are unknown to n-grams, and so is their doubt.
        is_foreign = self._is_foreign(len(texts), languages, output.languages)
        is_unclear |= is_foreign & (encode_share > 0)
        rows = np.flatnonzero(is_unclear & (doubts > 0))
        if self.review is not None:  # what is promised is promised of texts that are encoded
            output.given[:] = False
        if len(rows):
            found = self.run(
                texts.take(rows),
                in_scope=_some(in_scope, rows),
                languages=None if languages is None else [languages[row] for row in rows.tolist()],
                jobs=jobs,
            )
            output.margins[rows], output.probabilities[rows] = found.margins, found.probabilities
            output.decided[rows], output.given[rows] = found.decided, found.given
            output.is_foreign[rows] = found.is_foreign
        return output

    def _send_abroad(self, output: Output, likeness: Float32 | None) -> None:
        """Put in the place of foreign texts' probabilities and decisions what the other second stage says."""
        rows = np.flatnonzero(output.is_foreign)
        if not len(rows) or self.abroad is None:
            return
        model = replace(self, calibration=self.abroad.calibration, rule=self.abroad.rule, abroad=None)
        found = model.conclude(
            output.margins[rows], _some(output.in_scope, rows), likeness=_some(likeness, rows)
        )
        output.probabilities[rows], output.decided[rows] = found.probabilities, found.decided
        # What is promised is promised of articles in the languages of training.
        is_vouched_for = self.review is None and ~output.is_unlike[rows, np.newaxis]
        output.given[rows] = found.decided & is_vouched_for

    def conclude(
        self,
        margins: Float32,
        in_scope: BoolArray | None,
        *,
        likeness: Float32 | None = None,
        typicality: Float32 | None = None,
        jobs: int = 1,
    ) -> Output:
        """Return what follows from margins, likeness and typicality."""
        probabilities = self.probabilities(margins, in_scope, likeness=likeness, jobs=jobs)
        is_unlike = self._is_unlike(typicality, len(margins))
        decided = self.decide(probabilities, jobs=jobs)
        given = decided & ~is_unlike[:, np.newaxis]
        if self.review is not None:
            given = self.review.given(given, probabilities)
        is_foreign = np.zeros(len(margins), bool)
        return Output(
            margins, in_scope, probabilities, decided, typicality, is_unlike, given, is_foreign, languages={}
        )

    def in_scope(self, texts: Utf8Texts, *, jobs: int = 1) -> BoolArray | None:
        """Tell which labels each text is in scope of, (n_texts, n_labels) bool; None where none has a scope."""
        return None if self._scope is None else self._scope.find(texts, jobs=jobs)

    def margins(self, texts: Utf8Texts, *, jobs: int = 1) -> Float32:
        """Return the linear model's raw output: (n_texts, n_labels) float32, all finite.

        Raises:
            BundleError: the weights are too large to be added up.
        """
        return self._measure(texts, _Read.of(texts, None), jobs)[0]

    def _measure(self, texts: Utf8Texts, read: _Read, jobs: int) -> tuple[Float32, Float32 | None]:
        """Return margins as :meth:`margins` does, and the typicality of each text, if the model tells it."""
        margins = np.repeat(self.intercept[np.newaxis], len(texts), axis=0)
        counts = new_counts(len(texts))
        for block in self.blocks:
            if isinstance(block, NgramBlock):
                block.add_margins(texts, margins, counts=counts, jobs=jobs)
            elif len(read.texts):
                of_read = margins[read.rows]
                block.add_margins(read.texts, of_read, jobs=jobs)
                margins[read.rows] = of_read
        typicality = None if self.typicality is None else self.typicality.of(counts)
        return self._finite(margins, "weights"), typicality

    def likeness(self, texts: Utf8Texts, *, jobs: int = 1) -> Float32 | None:
        """Return how far texts resemble the description of each label, of the margins' shape.

        None where the model does not ask for it.

        Raises:
            EncoderError: an encoder of the model is missing, or is not that of training.
        """
        return self._likeness(len(texts), _Read.of(texts, None), jobs)

    def _likeness(self, n_texts: int, read: _Read, jobs: int) -> Float32 | None:
        if self.descriptions is None:
            return None
        found = np.zeros((n_texts, len(self.intercept)), np.float32)
        if len(read.texts):
            vectors = self.descriptions.embedder.embed(read.texts, jobs=jobs)
            found[read.rows] = self.descriptions.likeness(vectors)
        return found

    def probabilities(
        self,
        margins: Floats,
        in_scope: BoolArray | None = None,
        *,
        likeness: Float32 | None = None,
        jobs: int = 1,
    ) -> Float32:
        """Return calibrated probabilities, exactly 0 out of scope: (n_texts, n_labels) float32, all finite.

        Raises:
            BundleError: the coefficients are too large to be added up.
        """

        def calibrate(rows: slice) -> Float32:
            return self.calibration.probabilities(
                margins[rows],
                self.codebook.parents,
                self.intercept,
                in_scope=None if in_scope is None else in_scope[rows],
                likeness=None if likeness is None else likeness[rows],
            )

        return self._finite(_by_rows(calibrate, len(margins), jobs), "coefficients")

    def decide(self, probabilities: Float32, *, jobs: int = 1) -> BoolArray:
        """Return the label sets: (n_texts, n_labels) bool, closed upwards."""
        return _by_rows(
            lambda rows: self.rule.decide(probabilities[rows], self.codebook), len(probabilities), jobs
        )

    @property
    def has_review(self) -> bool:
        """Whether some of the labels that the rule chooses may be left to review."""
        return self.review is not None or self.typicality is not None

    def contributions(
        self, text: str, columns: Sequence[int]
    ) -> tuple[tuple[Integers, Float64], tuple[Integers, Float64]]:
        """Return spans of a text, (n, 2), and what each adds to some margins, (n, n_columns).

        Those of n-grams come first, then those of what the text means to an encoder.
        """
        words = [block for block in self.blocks if isinstance(block, NgramBlock)]
        others = [block for block in self.blocks if not isinstance(block, NgramBlock)]
        return _contributions(words, text, columns), _contributions(others, text, columns)

    def contribution_pieces(self, text: str, columns: Sequence[int]) -> Iterator[tuple[Integers, Float64]]:
        """Yield the same stretch by stretch, in no order of spans, so that memory holds a long text."""
        for block in self.blocks:
            if isinstance(block, NgramBlock):
                yield from block.pieces(text, columns)
            else:
                yield block.contributions(text, columns)

    @cached_property
    def _scope(self) -> Scope | None:
        if not self.codebook.has_scopes:
            return None
        # Lazily: most models need none of these kernels, and serving must start fast.
        from framescope.features.scope import Scope  # noqa: PLC0415

        return Scope.of(self.codebook)

    def _finite(self, values: Float32, what: str) -> Float32:
        """Return values on their way to users: whatever they come from, none of them is NaN or infinite."""
        if not np.isfinite(values).all():
            raise BundleError(
                f"the {what} of the model {self.codebook.name!r} are too large to be added up: "
                "do not trust this bundle"
            )
        return values

    @property
    def ngrams(self) -> NgramBlock:
        """The block of n-grams, for what ranks or names them."""
        return next(block for block in self.blocks if isinstance(block, NgramBlock))

    @cached_property
    def descriptions(self) -> DescriptionBlock | None:
        """The block of the labels' descriptions, None where the model has none."""
        return next((block for block in self.blocks if isinstance(block, DescriptionBlock)), None)

    @cached_property
    def first_pass(self) -> Model | None:
        """The model of n-grams by themselves, None where the model has none."""
        if self.first is None or self._first_block is None:
            return None
        return replace(
            self,
            blocks=(self._first_block.ngrams(self.ngrams.vocabulary),),
            intercept=self._first_block.intercept,
            calibration=self.first.calibration,
            rule=self.first.rule,
            abroad=None,
            first=None,
        )

    @cached_property
    def _first_block(self) -> FirstBlock | None:
        return next((block for block in self.blocks if isinstance(block, FirstBlock)), None)

    @cached_property
    def embedder(self) -> Embedder | None:
        """The encoders that the model reads texts with, None where it needs none."""
        read = (block for block in self.blocks if isinstance(block, DescriptionBlock | KernelBlock))
        return next((block.embedder for block in read), None)


class _Read(NamedTuple):
    """The texts that encoders read, and their rows among all."""

    texts: Utf8Texts
    rows: Indices | slice

    @classmethod
    def of(cls, texts: Utf8Texts, in_scope: BoolArray | None) -> _Read:
        """Leave out texts for which no label is possible; None knows no scopes."""
        is_read = None if in_scope is None else in_scope.any(axis=1)
        if is_read is None or is_read.all():
            return cls(texts, slice(None))
        rows = np.flatnonzero(is_read)
        return cls(texts.take(rows), rows)


def _some(values: Rows | None, rows: Indices) -> Rows | None:
    return None if values is None else values[rows]


def _recognized(
    texts: Utf8Texts, is_unlike: BoolArray, languages: Sequence[str | None] | None, jobs: int
) -> dict[int, str]:
    """Return the languages that texts unlike training seem to be in, by row, where nobody says."""
    is_wanted = is_unlike
    if languages is not None and is_unlike.any():
        is_wanted = is_unlike & np.array([not (code and code.strip()) for code in languages], bool)
    return languages_of(texts, is_wanted, jobs=jobs)


def _by_rows(task: Callable[[slice], Rows], n_rows: int, jobs: int) -> Rows:
    """Return what a task gives for rows, some at a time."""
    parts = [slice(first, first + ROWS_AT_A_TIME) for first in range(0, max(n_rows, 1), ROWS_AT_A_TIME)]
    return np.concatenate(in_threads(task, parts, jobs))


def _contributions(blocks: Sequence[Block], text: str, columns: Sequence[int]) -> tuple[Integers, Float64]:
    """Return what blocks add, one after the other."""
    found = [block.contributions(text, columns) for block in blocks]
    spans = [np.empty((0, 2), np.intp), *(spans for spans, _ in found)]
    values = [np.empty((0, len(columns))), *(values for _, values in found)]
    return np.concatenate(spans), np.concatenate(values)


def doubts_of(probabilities: Float32, codebook: Codebook) -> Float64:
    """Return how doubtful the finest labels of texts are: their entropy in nats, added up, (n_texts,)."""
    chances = probabilities[:, codebook.fine].astype(np.float64)
    chances = np.stack([chances, 1 - chances])
    logs = np.log(chances, out=np.zeros_like(chances), where=chances > 0)
    return np.asarray(-(chances * logs).sum(axis=(0, 2)) + 0.0)
