"""Results as Arrow columns: labels, probabilities, evidence, and what they were made from and by."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from framescope._types import BoolArray, Float32, Integers, UInt64
from framescope.bundle.read import Bundle
from framescope.evidence.contributions import contributions_of
from framescope.evidence.shares import greatest, running_sums, values_of
from framescope.model.fitted import Model
from framescope.text.arrow import numbers, strings
from framescope.text.kernels import kernel
from framescope.text.utf8 import Utf8Texts
from framescope.text.words import word_offsets
from framescope.wide import GIVEN, PREFIX, TO_REVIEW

N_SPANS = 5
HASH_NAME = "64-bit FNV-1a of the UTF-8 bytes of title and text, 16 hexadecimal digits"

_HASH_START = np.uint64(0xCBF29CE484222325)
_HASH_PRIME = np.uint64(0x100000001B3)
_DIGITS = np.frombuffer(b"0123456789abcdef", np.uint8)

_SPAN = pa.struct([("label", pa.string()), ("start", pa.int32()), ("end", pa.int32()), ("value", pa.float32())])
_RANKED = pa.list_(pa.struct([("label", pa.string()), ("probability", pa.float32())]))


@dataclass(frozen=True, slots=True)
class Selection:
    """What a row of results holds beside its labels.

    By default the probability of every label; with ``top`` or ``threshold`` only the most probable ones, best
    first. ``evidence`` adds, for each given label, the ``N_SPANS`` words with the greatest share of its margin.
    """

    top: int | None = None
    threshold: float | None = None
    evidence: bool = False

    @property
    def is_ranked(self) -> bool:
        """Whether probabilities are a list, best first, and not one for each label."""
        return self.top is not None or self.threshold is not None


def result_schema(model: Model, selection: Selection) -> pa.Schema:
    """Return the columns that :func:`result_columns` makes.

    ``given`` and ``to_review``, which part ``labels``, only of a model that leaves labels to review;
    ``out_of_scope`` only where a label has a scope; ``new_language`` only of a model with a second stage for
    languages that training did not have.
    """
    every = pa.struct([(label, pa.float32()) for label in model.codebook.ids])
    parted = [GIVEN, TO_REVIEW] if model.has_review else []
    fields = [
        ("labels", pa.list_(pa.string())),
        *((name, pa.list_(pa.string())) for name in parted),
        ("probabilities", _RANKED if selection.is_ranked else every),
        *([("out_of_scope", pa.list_(pa.string()))] if model.codebook.has_scopes else []),
        ("typicality", pa.float32()),
        ("unlike_training", pa.bool_()),
        *([("new_language", pa.bool_())] if model.abroad is not None else []),
        *([("evidence", pa.list_(_SPAN))] if selection.evidence else []),
        ("rule", pa.string()),
        ("model_digest", pa.string()),
        ("text_hash", pa.string()),
    ]
    return pa.schema(fields)


@dataclass(frozen=True, slots=True)
class Results:
    """The columns of :func:`result_schema`, which texts are unlike training, and what these seem to be in.

    ``is_unlike`` is (n_texts,) bool; ``languages`` are by row.
    """

    columns: list[pa.Array]
    is_unlike: BoolArray
    languages: Mapping[int, str]


def result_columns(
    bundle: Bundle,
    texts: Utf8Texts,
    selection: Selection,
    *,
    in_scope: BoolArray | None = None,
    languages: Sequence[str | None] | None = None,
    encode_share: float = 1.0,
) -> list[pa.Array]:
    """Run a model over texts; return the columns of :func:`result_schema`, as :func:`results_of` does."""
    return results_of(
        bundle, texts, selection, in_scope=in_scope, languages=languages, encode_share=encode_share
    ).columns


def results_of(
    bundle: Bundle,
    texts: Utf8Texts,
    selection: Selection,
    *,
    in_scope: BoolArray | None = None,
    languages: Sequence[str | None] | None = None,
    encode_share: float = 1.0,
) -> Results:
    """Run a model over texts.

    ``in_scope`` is what :meth:`~framescope.model.fitted.Model.in_scope` says of the articles of which the texts
    are parts; ``languages`` are codes of the texts, where they are known. See
    :meth:`~framescope.model.fitted.Model.run` for ``encode_share``.
    """
    model = bundle.model
    output = model.run(texts, in_scope=in_scope, languages=languages, encode_share=encode_share)
    labels = model.codebook.ids
    chosen = _ranked if selection.is_ranked else _every
    parted = [output.given, output.decided & ~output.given] if model.has_review else []
    columns = [
        _labels(output.decided, labels),
        *(_labels(marked, labels) for marked in parted),
        chosen(output.probabilities, labels, selection),
        *([] if output.in_scope is None else [_labels(~output.in_scope, labels)]),
        pa.nulls(len(texts), pa.float32()) if output.typicality is None else numbers(output.typicality),
        _booleans(output.is_unlike),
        *([] if model.abroad is None else [_booleans(output.is_foreign)]),
        *([_evidence(model, texts, output.decided)] if selection.evidence else []),
        _constant(model.rule.name, len(texts)),
        _constant(bundle.digest, len(texts)),
        text_hashes(texts),
    ]
    return Results(columns, output.is_unlike, output.languages)


def frame_columns(bundle: Bundle, texts: Utf8Texts) -> pa.Table:
    """Run a model over texts; return columns for a data frame, a float32 one of probabilities for each label.

    They have the names and the order of :class:`framescope.wide.WideTable`; sets of labels are lists.
    """
    schema = result_schema(bundle.model, Selection())
    made = dict(zip(schema.names, result_columns(bundle, texts, Selection()), strict=True))
    every = zip(bundle.model.codebook.ids, made["probabilities"].flatten(), strict=True)
    columns = {
        "labels": made["labels"],
        **_review(made),
        **{f"{PREFIX}{label}": column for label, column in every},
        **({"out_of_scope": made["out_of_scope"]} if "out_of_scope" in made else {}),
        **{name: made[name] for name in ("typicality", "unlike_training", "new_language") if name in made},
    }
    return pa.table(columns)


def _review(made: Mapping[str, pa.Array]) -> dict[str, pa.Array]:
    """Return the labels that are given and those to review; without a word on it, all are given."""
    none = _lists(np.zeros(len(made["labels"]), np.int64), strings([]).cast(pa.string()))
    return {GIVEN: made.get(GIVEN, made["labels"]), TO_REVIEW: made.get(TO_REVIEW, none)}


def row_hashes(texts: Utf8Texts) -> UInt64:
    """Return the 64-bit FNV-1a hash of each text."""
    hashes: UInt64 = _hash_rows(texts.data, texts.offsets)
    return hashes


def text_hashes(texts: Utf8Texts) -> pa.Array:
    """Return the hash of each text as 16 hexadecimal digits: a string array."""
    hashes = row_hashes(texts).astype(">u8").view(np.uint8)
    digits = _DIGITS[np.column_stack([hashes >> 4, hashes & 15]).ravel()]
    offsets = np.arange(len(texts) + 1, dtype=np.int32) * 16
    return pa.Array.from_buffers(
        pa.string(), len(texts), [None, pa.py_buffer(offsets), pa.py_buffer(np.ascontiguousarray(digits))]
    )


def _labels(marked: BoolArray, labels: Sequence[str]) -> pa.Array:
    _, columns = np.nonzero(marked)
    return _lists(marked.sum(axis=1), _names(columns, labels))


def _every(probabilities: Float32, labels: Sequence[str], selection: Selection) -> pa.Array:
    del selection
    columns = [numbers(column) for column in probabilities.T]
    kind = pa.struct([(label, pa.float32()) for label in labels])
    return pa.Array.from_buffers(kind, len(probabilities), [None], children=columns)


def _ranked(probabilities: Float32, labels: Sequence[str], selection: Selection) -> pa.Array:
    order = np.argsort(-probabilities, axis=1, kind="stable")[:, : selection.top]
    ranked = np.take_along_axis(probabilities, order, axis=1)
    kept = (ranked > 0) & (ranked >= (0.0 if selection.threshold is None else selection.threshold))
    children = [_names(order[kept], labels), numbers(ranked[kept])]
    return _lists(kept.sum(axis=1), _struct(_RANKED.value_type, children))


def _evidence(model: Model, texts: Utf8Texts, decided: BoolArray) -> pa.Array:
    spans: list[tuple[int, int, int, float]] = []
    counts = np.zeros(len(texts), np.int64)
    for row in np.flatnonzero(decided.any(axis=1)):
        text = texts.data[texts.offsets[row] : texts.offsets[row + 1]].tobytes().decode()
        n_before = len(spans)
        spans.extend(_best_words(model, text, np.flatnonzero(decided[row]).tolist()))
        counts[row] = len(spans) - n_before
    columns, starts, ends, values = zip(*spans, strict=True) if spans else ((), (), (), ())
    children = [
        _names(np.array(columns, np.int64), model.codebook.ids),
        numbers(np.array(starts, np.int32)),
        numbers(np.array(ends, np.int32)),
        numbers(np.array(values, np.float32)),
    ]
    return _lists(counts, _struct(_SPAN, children))


def _best_words(model: Model, text: str, columns: Sequence[int]) -> Iterator[tuple[int, int, int, float]]:
    """Yield column, start, end and share of the margin of the words that speak most for each label."""
    contributions = contributions_of(model, text, columns)
    words = word_offsets(text)
    for column in columns:
        values = values_of(running_sums(len(text), *contributions.of(column)), words)
        for k in greatest(values, N_SPANS).tolist():
            yield column, int(words[k, 0]), int(words[k, 1]), float(values[k])


def _booleans(values: BoolArray) -> pa.Array:
    bits = np.packbits(values, bitorder="little")
    return pa.Array.from_buffers(pa.bool_(), len(values), [None, pa.py_buffer(bits)])


def _names(columns: Integers, labels: Sequence[str]) -> pa.Array:
    return strings(labels).cast(pa.string()).take(numbers(columns.astype(np.int32)))


def _constant(value: str, n_rows: int) -> pa.Array:
    return _names(np.zeros(n_rows, np.int32), [value])


def _struct(kind: pa.DataType, children: list[pa.Array]) -> pa.Array:
    return pa.Array.from_buffers(kind, len(children[0]), [None], children=children)


def _lists(counts: Integers, values: pa.Array) -> pa.Array:
    offsets = np.concatenate([[0], np.cumsum(counts)]).astype(np.int32)
    return pa.Array.from_buffers(
        pa.list_(values.type), len(counts), [None, pa.py_buffer(offsets)], children=[values]
    )


@kernel()
def _hash_rows(data, offsets):  # type: ignore[no-untyped-def]
    hashes = np.empty(len(offsets) - 1, np.uint64)
    for row in range(len(offsets) - 1):
        state = _HASH_START
        for at in range(offsets[row], offsets[row + 1]):
            state = (state ^ np.uint64(data[at])) * _HASH_PRIME
        hashes[row] = state
    return hashes
