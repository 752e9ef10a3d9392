"""Serving: load a bundle, give labels and probabilities to texts, show the evidence. Starts fast."""

from __future__ import annotations

import reprlib
import warnings
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, fields
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING, Any, TypeAlias, TypeVar

import numpy as np
import pyarrow as pa

from framescope._types import BoolArray, Float32
from framescope.bundle.hub import HUB, fetch
from framescope.bundle.manifest import MANIFEST
from framescope.bundle.read import Bundle, load_bundle
from framescope.codebook import Codebook
from framescope.errors import BundleError, FramescopeError, TextError, UnknownLabelError
from framescope.evidence.contributions import Contribution, Explanation, contributions_of, explanation_of
from framescope.evidence.passages import Span, passages
from framescope.evidence.shares import sums_of_pieces
from framescope.frames import append_columns, is_frame, refuse_frames, strings_of, table_of
from framescope.model.decision import Rule
from framescope.model.fitted import Model
from framescope.model.output import Output
from framescope.prediction import Prediction, UnitPrediction
from framescope.results import Selection, frame_columns, result_columns, result_schema
from framescope.text.arrow import as_strings, join_checked
from framescope.text.languages import unfamiliar
from framescope.text.lookalikes import near_hint
from framescope.text.segments import Unit, segments
from framescope.text.utf8 import Utf8Texts

__all__ = ["Contribution", "Explanation", "Predictor", "Texts", "UnknownLanguageWarning"]

if TYPE_CHECKING:
    from datasets import Dataset, IterableDataset

DatasetT = TypeVar("DatasetT", bound="Dataset | IterableDataset")
FrameT = TypeVar("FrameT")
Texts: TypeAlias = Iterable[str] | pa.Array | pa.ChunkedArray

MODELS = Path("models")


class UnknownLanguageWarning(UserWarning):
    """Texts are in a language of which the model has seen no article."""


class Predictor:
    """A model at work. Threads may share one.

    Wherever ``texts`` are asked for, strings or an Arrow array of string or large_string will do; the latter is
    read in place. ``languages`` are the codes of the texts, None or "" where unknown: a language that training
    did not have brings an :class:`UnknownLanguageWarning`, once for each predictor, and other probabilities
    where the model has a second stage for such languages. ``jobs`` is a number of threads; -1 takes every core.
    Without ``warns`` nobody is warned of anything.

    Raises:
        TextError: a text is null or not valid Unicode, or one string stands where several are expected.
    """

    def __init__(self, bundle: Bundle, *, warns: bool = True) -> None:
        self.bundle = bundle
        self._warns = warns
        self._warned: set[str] = set()
        self._lock = Lock()

    @classmethod
    def load(cls, path_or_name: Path | str) -> Predictor:
        """Load a bundle from a path, by its name under ``models/``, or from ``hf:org/name@revision``.

        Raises:
            BundleError: there is none, or it fails verification.
        """
        return cls(load_bundle(_find(path_or_name)))

    def __repr__(self) -> str:
        return f"Predictor({str(self.bundle.path)!r}, {len(self.labels)} labels, digest {self.digest[:12]})"

    @property
    def labels(self) -> tuple[str, ...]:
        """Label ids, in column order."""
        return self.codebook.ids

    @property
    def codebook(self) -> Codebook:
        """The label tree."""
        return self._model.codebook

    @property
    def languages(self) -> tuple[str, ...]:
        """Languages of the training articles."""
        return self._model.languages

    @property
    def unit(self) -> Unit:
        """What a label is given to."""
        return self._model.unit

    @property
    def rule(self) -> Rule:
        """How probabilities become labels."""
        return self._model.rule

    @property
    def has_review(self) -> bool:
        """Whether some of the labels that the rule chooses may be left to review."""
        return self._model.has_review

    @property
    def tells_new_languages(self) -> bool:
        """Whether texts in languages that training did not have are judged by a second stage of their own."""
        return self._model.abroad is not None

    @property
    def digest(self) -> str:
        """Hexadecimal SHA-256 over the model's config and arrays."""
        return self.bundle.digest

    def predict(
        self,
        texts: Texts,
        *,
        languages: Sequence[str | None] | None = None,
        jobs: int = 1,
        n_decimals: int | None = None,
    ) -> list[Prediction]:
        """Return labels and probabilities of each text; these are rounded to so many decimals, if any."""
        encoded = self._read(texts, languages)
        output = self._model.run(encoded, languages=languages, jobs=jobs)
        return self._predictions(output, n_decimals)

    def predict_units(
        self,
        texts: Iterable[str],
        *,
        languages: Sequence[str | None] | None = None,
        jobs: int = 1,
        n_decimals: int | None = None,
    ) -> list[tuple[UnitPrediction, ...]]:
        """Cut each text into what the model judges, and return labels and probabilities of each part.

        A model of whole articles judges all of a text; blank text has no parts. What a text names counts for
        each of its parts.
        """
        refuse_frames(texts)
        articles = list(texts)
        offsets = [segments(text, self.unit) for text in articles]
        parts = [text[start:end] for text, each in zip(articles, offsets, strict=True) for start, end in each]
        if languages is not None:
            self._check_languages(languages, len(articles))
            languages = [code for code, each in zip(languages, offsets, strict=True) for _ in each]
        in_scope = self._model.in_scope(_encode(articles), jobs=jobs)
        if in_scope is not None:
            in_scope = np.repeat(in_scope, [len(each) for each in offsets], axis=0)
        encoded = self._read(parts, languages)
        output = self._model.run(encoded, in_scope=in_scope, languages=languages, jobs=jobs)
        predicted = iter(self._predictions(output, n_decimals))
        return [
            tuple(
                UnitPrediction(start, end, **{field.name: getattr(made, field.name) for field in fields(made)})
                for (start, end), made in zip(each, predicted, strict=False)  # as many as each has
            )
            for each in offsets
        ]

    def predict_proba(
        self, texts: Texts, *, languages: Sequence[str | None] | None = None, jobs: int = 1
    ) -> Float32:
        """Return calibrated probabilities, a parent's at least its children's: (n_texts, n_labels) float32.

        They are exactly 0 where a text is out of a label's scope, and nowhere else.
        """
        return self._model.probabilities_of(self._read(texts, languages), languages=languages, jobs=jobs)

    def decision_function(
        self, texts: Texts, *, languages: Sequence[str | None] | None = None, jobs: int = 1
    ) -> Float32:
        """Return the linear model's margins: (n_texts, n_labels) float32."""
        return self._model.margins(self._read(texts, languages), jobs=jobs)

    def in_scope(self, texts: Texts, *, jobs: int = 1) -> BoolArray:
        """Tell for which labels texts name something of their scope: (n_texts, n_labels) bool."""
        encoded = _encode(texts)
        found = self._model.in_scope(encoded, jobs=jobs)
        return np.ones((len(encoded), len(self.labels)), bool) if found is None else found

    def decide(self, probabilities: Float32) -> BoolArray:
        """Return the label sets for rows of ``predict_proba``: (n_texts, n_labels) bool, closed upwards."""
        return self._model.decide(probabilities)

    def explain(self, text: str, label: str) -> Explanation:
        """Share the margin of a label out to the characters of a text.

        A feature's value times its weight is divided equally over its occurrences; what falls on the same span
        is added up. Contributions and intercept sum up to the margin within 1e-4.

        Raises:
            UnknownLabelError: the codebook does not have the label.
        """
        column = self.column_of(label)
        margin = float(self._model.margins(_encode([text]))[0, column])
        return explanation_of(self._model, contributions_of(self._model, text, [column]), column, margin=margin)

    def find_spans(self, text: str, label: str) -> tuple[Span, ...]:
        """Return the passages that speak for a label, in text order, whatever the decision on it is.

        Contributions are smoothed over neighbouring words; the weight of a passage is its characters' share of
        the margin.

        Raises:
            UnknownLabelError: the codebook does not have the label.
        """
        column = self.column_of(label)
        pieces = self._model.contribution_pieces(text, [column])
        sums = sums_of_pieces(len(text), ((spans, values[:, 0]) for spans, values in pieces))
        return passages(text, label, sums)

    def predict_frame(
        self,
        frame: FrameT,
        *,
        text: str = "text",
        title: str | None = None,
        prefix: str = "",
    ) -> FrameT:
        """Return a data frame with labels and probabilities of each row appended.

        The frame is one of pandas, polars, pyarrow or DuckDB, or of another library with the Arrow PyCapsule
        interface, for which a ``pyarrow.Table`` is returned. ``text`` and ``title`` are columns, joined as in
        training. The new columns are ``labels``, ``given``, ``to_review`` (lists), ``p_<label>`` for each label
        and, of a codebook with scopes, ``out_of_scope``; ``prefix`` goes before their names. Each row is judged
        as it is: a model of sentences expects one in each.

        Raises:
            FramescopeError: the frame lacks a column, has one of the new ones, or is none.
            TextError: a text is missing or not valid Unicode.
        """
        if not is_frame(frame):
            raise FramescopeError(f"expected a data frame, found a {type(frame).__name__}: see predict")
        table = table_of(frame)
        titles = None if title is None else strings_of(table, title)
        made = frame_columns(self.bundle, join_checked(titles, strings_of(table, text)))
        made = made.rename_columns([f"{prefix}{name}" for name in made.column_names])
        taken = [name for name in made.column_names if name in table.column_names]
        if taken:
            message = f"the frame has columns {', '.join(taken)} already: rename them, or give a prefix"
            raise FramescopeError(message)
        added: FrameT = append_columns(frame, table, made)
        return added

    def map(
        self,
        dataset: DatasetT,
        *,
        text_field: str = "text",
        title_field: str | None = None,
        selection: Selection | None = None,
        jobs: int | None = None,
    ) -> DatasetT:
        """Add results to a ``datasets.Dataset`` or, while it streams by, to an ``IterableDataset``.

        The columns are those of :func:`~framescope.results.result_schema`, Arrow in and Arrow out. Title and
        text are joined as in training. ``jobs`` are processes, for a ``Dataset`` only; each maps the model
        from its path.

        Raises:
            TextError: a text is null or not valid UTF-8.
        """
        options = {} if jobs is None else {"num_proc": jobs}
        task = _MapTask(self, text_field, title_field, selection or Selection())
        added: DatasetT = dataset.with_format("arrow").map(task, batched=True, **options).with_format(None)
        return added

    def __reduce__(self) -> tuple[Any, ...]:
        """Pickle as path and digest: another process maps the model itself."""
        return _reload, (str(self.bundle.path.resolve()), self.digest)

    def column_of(self, label: str) -> int:
        """Return the column of a label.

        Raises:
            UnknownLabelError: the codebook does not have it.
        """
        if label not in self.codebook.columns:
            raise UnknownLabelError(
                f"label {label!r} is not in the codebook {self.codebook.name!r}: "
                f"it has {', '.join(map(repr, self.labels))}{near_hint(label, frozenset(self.labels))}"
            )
        return self.codebook.columns[label]

    @property
    def _model(self) -> Model:
        return self.bundle.model

    def _read(self, texts: Texts, languages: Sequence[str | None] | None) -> Utf8Texts:
        """Return the texts, for a public method, whose caller is warned of their languages."""
        encoded = _encode(texts)
        if languages is not None:
            self._check_languages(languages, len(encoded))
            self._warn_once(set(languages))
        return encoded

    def _predictions(self, output: Output, n_decimals: int | None) -> list[Prediction]:
        named, n_texts = self.codebook.named_rows, len(output.decided)
        outside = [()] * n_texts if output.in_scope is None else named(~output.in_scope)
        decided, to_review = named(output.decided), named(output.decided & ~output.given)
        probabilities = output.probabilities.astype(np.float64)
        if n_decimals is not None:
            probabilities = probabilities.round(n_decimals)
        typicality = None if output.typicality is None else output.typicality.tolist()
        return [
            Prediction(
                decided[row],
                dict(zip(self.labels, likely, strict=True)),
                outside[row],
                None if typicality is None else typicality[row],
                bool(output.is_unlike[row]),
                output.languages.get(row, ""),
                to_review[row],
                bool(output.is_foreign[row]),
            )
            for row, likely in enumerate(probabilities.tolist())
        ]

    def _check_languages(self, languages: Sequence[str | None], n_texts: int) -> None:
        if isinstance(languages, str) or len(languages) != n_texts:
            found = reprlib.repr(languages)
            raise TextError(f"expected a list of {n_texts} languages, one a text, found {found}")

    def _warn_once(self, languages: set[str | None]) -> None:
        """Warn the caller of a public method of languages that training did not have."""
        if not self.languages or not self._warns:
            return
        with self._lock:
            unknown = unfamiliar(languages - self._warned, self.languages)
            self._warned.update(unknown)
        for code in unknown:
            message = f"the model was trained on {', '.join(self.languages)}; do not rely on it for {code!r}"
            warnings.warn(message, UnknownLanguageWarning, stacklevel=4)


@dataclass(frozen=True, slots=True)
class _MapTask:
    """What is done to a batch of a dataset; it goes to other processes and is known by the model's digest."""

    predictor: Predictor
    text_field: str
    title_field: str | None
    selection: Selection

    def __call__(self, table: pa.Table) -> pa.Table:
        texts = as_strings(table[self.text_field])
        titles = None if self.title_field is None else as_strings(table[self.title_field])
        schema = result_schema(self.predictor.bundle.model, self.selection)
        taken = [name for name in schema.names if name in table.column_names]
        if taken:
            raise FramescopeError(f"the dataset has columns {', '.join(taken)} already: rename them")
        columns = result_columns(self.predictor.bundle, join_checked(titles, texts), self.selection)
        for field, column in zip(schema, columns, strict=True):
            table = table.append_column(field, column)
        return table


def _reload(path: str, digest: str) -> Predictor:
    predictor = Predictor.load(path)
    if predictor.digest != digest:
        raise BundleError(f"{path}: was replaced by another model")
    return predictor


def _find(path_or_name: Path | str) -> Path:
    if str(path_or_name).startswith(HUB):
        return fetch(str(path_or_name))
    here, named = Path(path_or_name), MODELS / path_or_name
    for path in (here, named):
        if (path / MANIFEST).exists():
            return path
    if here.exists():
        return here
    if not MODELS.is_dir():
        raise BundleError(f"{path_or_name}: no such bundle, and there is no directory {MODELS}/ here")
    names = sorted(path.name for path in MODELS.iterdir() if path.is_dir() and not path.name.startswith("."))
    raise BundleError(f"{path_or_name}: no such bundle; {MODELS}/ has {', '.join(names) or 'none'}")


def _encode(texts: Texts) -> Utf8Texts:
    refuse_frames(texts)
    if isinstance(texts, pa.Array | pa.ChunkedArray):
        return Utf8Texts.from_arrow(texts)
    return Utf8Texts.encode(texts)
