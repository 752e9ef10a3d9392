"""The audit of a corpus: what is in it, and what is wrong with it although it can be read."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from itertools import combinations
from typing import Any

import numpy as np

from framescope._types import BoolArray, Indices
from framescope.codebook import Codebook
from framescope.corpus.audited import Audit, LabelCount, SpanCounts, TwoScripts
from framescope.corpus.duplicates import NearDuplicates, find_near_duplicates, near_duplicates_in, normalize
from framescope.corpus.repeats import Overlap, TextIndex
from framescope.corpus.schema import Corpus
from framescope.corpus.scope import units_in_scope
from framescope.corpus.style import style_auc
from framescope.corpus.units import units_of_span
from framescope.text.plain import mixed_words
from framescope.text.segments import Offsets, Unit, segments
from framescope.text.words import are_inside, word_offsets

N_WORDS = 100


def audit(
    corpus: Corpus,
    against: Corpus | None = None,
    *,
    group_by: str | None = None,
    near: NearDuplicates | None = None,
) -> Audit:
    """Examine a corpus, and what it shares with another one or between the values of its column ``split``.

    Args:
        corpus: the corpus.
        against: another corpus, such as held-out articles.
        group_by: a column whose values should not be shared either, such as ``article_id`` or ``source``.
        near: the near-duplicates in the corpus, where they are known; otherwise they are searched.

    Raises:
        CorpusError: a corpus has no column ``group_by``.
    """
    for each in filter(None, [corpus, against]):
        if group_by is not None:
            each.groups(group_by)
    near = near_duplicates_in(corpus) if near is None else near
    index = TextIndex(corpus.column("text"), corpus.column("id"), near)
    units = np.arange(corpus.n_units)
    closed = [frozenset(corpus.codebook.close(labels)) for labels in corpus.column("labels")]
    equal = index.equal_groups(units)
    outside = _labelled_outside(corpus)
    return Audit(
        corpus=str(corpus.path),
        format=corpus.format,
        n_units=corpus.n_units,
        n_articles=len(set(corpus.column("article_id"))),
        n_left_out=corpus.n_left_out,
        n_unlabelled=sum(not labels for labels in closed),
        languages=_counted(corpus.column("lang")),
        splits=_counted(_splits(corpus)),
        labels=_count_labels(corpus, closed, outside),
        n_out_of_scope=None if outside is None else int(outside.any(axis=1).sum()),
        equal_texts=index.repeats(equal),
        contradictions=index.repeats([group for group in equal if len({closed[i] for i in group}) > 1]),
        near_duplicates=index.near_repeats(units),
        overlaps=(
            *_split_overlaps(corpus, index, group_by),
            *([_corpus_overlap(corpus, against, group_by)] if against else []),
        ),
        spans=_count_spans(corpus, closed),
        style_auc=style_auc(corpus),
        two_scripts=_find_two_scripts(corpus),
    )


def _split_overlaps(corpus: Corpus, index: TextIndex, group_by: str | None) -> list[Overlap]:
    """Compare the splits of a corpus, each pair of them."""
    splits = np.array(_splits(corpus))
    groups = None if group_by is None else corpus.column(group_by)
    parts = [(name, np.flatnonzero(splits == name)) for name in dict.fromkeys(splits.tolist())]
    return [index.overlap(left, right, groups) for left, right in combinations(parts, 2)]


def _corpus_overlap(corpus: Corpus, against: Corpus, group_by: str | None) -> Overlap:
    def both(column: str) -> list[Any]:
        return [*corpus.column(column), *against.column(column)]

    left, right = np.split(np.arange(corpus.n_units + against.n_units), [corpus.n_units])
    groups = None if group_by is None else both(group_by)
    near = find_near_duplicates([normalize(text) for each in (corpus, against) for text in each.full_texts()])
    index = TextIndex(both("text"), both("id"), near)
    return index.overlap((str(corpus.path), left), (str(against.path), right), groups)


def _splits(corpus: Corpus) -> list[str]:
    """Return each unit's split, nothing where the corpus has no such column."""
    return [str(name) for name in corpus.column("split")] if "split" in corpus.table.column_names else []


def _counted(values: Sequence[str]) -> dict[str, int]:
    return dict(sorted(Counter(values).items()))


def _labelled_outside(corpus: Corpus) -> BoolArray | None:
    """Tell which labels units bear out of scope, (n_units, n_labels) bool; None where no label has a scope."""
    in_scope = units_in_scope(corpus, corpus.codebook)
    return None if in_scope is None else corpus.codebook.indicator(corpus.column("labels")) & ~in_scope


def _count_labels(
    corpus: Corpus, closed: Sequence[frozenset[str]], outside: BoolArray | None
) -> tuple[LabelCount, ...]:
    languages: dict[str, Counter[str]] = {label: Counter() for label in corpus.codebook.ids}
    for labels, language in zip(closed, corpus.column("lang"), strict=True):
        for label in labels:
            languages[label][language] += 1
    scopes, alone = corpus.codebook.scopes, _count_alone(corpus.codebook, closed)
    return tuple(
        LabelCount(
            label.id,
            label.parent,
            languages[label.id].total(),
            dict(sorted(languages[label.id].items())),
            None if outside is None or scopes[column] is None else int(outside[:, column].sum()),
            alone.get(label.id),
        )
        for column, label in enumerate(corpus.codebook.labels)
    )


def _count_alone(codebook: Codebook, closed: Sequence[frozenset[str]]) -> dict[str, int]:
    """Return how many units bear a label with children and none of these."""
    children: dict[str, set[str]] = {}
    for label in codebook.labels:
        if label.parent is not None:
            children.setdefault(label.parent, set()).add(label.id)
    return {
        parent: sum(parent in labels and not labels & below for labels in closed)
        for parent, below in children.items()
    }


def _count_spans(corpus: Corpus, closed: Sequence[frozenset[str]]) -> SpanCounts:
    known = set(corpus.codebook.ids)
    counts: Counter[str] = Counter()
    for text, spans, labels in zip(corpus.column("text"), corpus.column("spans"), closed, strict=True):
        if not spans:
            continue
        words, sentences = word_offsets(text), segments(text, Unit.SENTENCE)
        for span in spans:
            counts["n_spans"] += 1
            counts["n_inside_words"] += bool(are_inside(words, [span["start"], span["end"]]).any())
            counts["n_slivers"] += _is_sliver(span, sentences, words)
            counts["n_unknown_labels"] += span["label"] not in known
            counts["n_labels_not_given"] += span["label"] in known - labels
    return SpanCounts(**counts)


def _find_two_scripts(corpus: Corpus) -> TwoScripts:
    found = [words for text in corpus.full_texts() if (words := mixed_words(text))]
    return TwoScripts(len(found), tuple(dict.fromkeys(word for words in found for word in words))[:N_WORDS])


def _is_sliver(span: Mapping[str, int], sentences: Sequence[Offsets], words: Indices) -> bool:
    n_touched = sum(span["start"] < end and span["end"] > start for start, end in sentences)
    return n_touched > len(units_of_span(span, sentences, words))
