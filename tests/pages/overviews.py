"""Overviews made by hand, with everything that one can have: for pages and exports."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import combinations

import numpy as np

from framescope.overview.contents import (
    AVERAGE,
    BEFORE,
    FELL,
    MIN_ARTICLES,
    N_EVIDENCE,
    NO_CHANGE,
    NO_COMPARISON,
    OTHERS,
    ROSE,
    Alike,
    Cells,
    Changes,
    Origin,
    Overview,
    OverviewLabel,
    Piece,
    Remark,
    Story,
    StoryLabel,
    Together,
)
from framescope.overview.dates import name_of_week

HOSTILE = "<script>document.title='taken'</script><img src=x onerror=alert(1)>"
LABELS = (
    OverviewLabel("alliance", None, {"en": "A hostile alliance", "bg": "Враждебен съюз"}),
    OverviewLabel("great-turan", "alliance", {"en": "The great Turan rises", "bg": "Великият Туран се надига"}),
    OverviewLabel("anti-csto", "alliance", {"en": "A coalition against the CSTO"}),
    OverviewLabel("west", None, {"en": "The West divides the neighbours"}),
    OverviewLabel(HOSTILE, None, {}),
)
AGAINST = {
    ("week",): (BEFORE, AVERAGE),
    ("source", "week"): (BEFORE, AVERAGE),
    ("source",): (OTHERS,),
    ("lang",): (OTHERS,),
}
OUTLETS = ("Степен вятър", "Пресслужба «Ясень»", "Northern Quay", HOSTILE, "(no source)")
DIMENSIONS = ("source", "week", "lang")
LANGUAGES = ("bg", "ru", "en")
FIRST_WEEK = 2922  # of 2026
DIGEST = "ab" * 32
BEYOND = (
    "the articles differ so much from training that no correction is promised of %(n)s of %(all)s labels, "
    "such as %(labels)s"
)


def make_overview(
    outlets: Sequence[str] = OUTLETS, labels: Sequence[OverviewLabel] = LABELS, n_weeks: int = 8, seed: int = 7
) -> Overview:
    """Return an overview of random shares; the first label rose in the first outlet in the last week."""
    rng = np.random.default_rng(seed)
    weeks = [name_of_week(FIRST_WEEK + k) for k in range(n_weeks)]
    cells = [(outlet, week, lang) for outlet in outlets for week in weeks for lang in LANGUAGES]
    n = rng.integers(0, 12, len(cells))
    n[[key[1] == weeks[2] for key in cells]] = 0
    n[[key[0] == outlets[-1] for key in cells]] //= 6
    usual = rng.uniform(0.02, 0.3, len(labels)) * rng.uniform(0.3, 1.6, (len(outlets), len(labels)))
    rate = np.repeat(usual, n_weeks * len(LANGUAGES), axis=0)
    rate[[key[0] == outlets[0] and key[1] == weeks[-1] for key in cells], 0] = 0.9
    decided = rng.binomial(n[:, np.newaxis], np.clip(rate, 0, 1))
    pieces: list[Piece] = []
    tables = [
        _table(places, cells, n, decided, labels, pieces)
        for size in range(4)
        for places in combinations(range(3), size)
    ]
    return Overview(
        origin=Origin(
            "feed", "scores", "tiny", "ab" * 32, "article", True, int(n.sum()) + 9, int(n.sum()), 5, 4
        ),
        labels=tuple(labels),
        dimensions=DIMENSIONS,
        tables=tuple(tables),
        pieces=tuple(pieces),
        changes=tuple(_changes(table, against) for table in tables for against in AGAINST.get(table.by, ())),
        alike=tuple(Alike(a, b, 0.9 - 0.1 * k) for k, (a, b) in enumerate(combinations(outlets[:3], 2))),
        together=(Together(labels[0].id, labels[1].id, 31, 12.4), Together(labels[0].id, labels[2].id, 1, 6.2)),
        stories=(
            Story(
                "Манёвры на Каспии",
                7,
                2,
                "2026-01-05",
                "2026-01-07",
                tuple(outlets[:3]),
                (
                    StoryLabel(labels[0].id, 5, 3, outlets[1], "2026-01-05"),
                    StoryLabel(labels[1].id, 2, 2, "", ""),
                ),
                tuple(dict.fromkeys(["not-shown", *(piece.id for piece in pieces[:3])])),
            ),
        ),
        warnings=(Remark(BEYOND, {"n": 1, "all": 5}, ("alliance",)),),
        notes=(Remark("shares are counted from labels that people gave, with 95 %% intervals"),),
    )


def _table(
    places: Sequence[int],
    cells: Sequence[tuple[str, ...]],
    n: np.ndarray,
    decided: np.ndarray,
    labels: Sequence[OverviewLabel],
    pieces: list[Piece],
) -> Cells:
    keys = list(dict.fromkeys(tuple(key[place] for place in places) for key in cells))
    groups = np.array([keys.index(tuple(key[place] for place in places)) for key in cells])
    total = np.zeros(len(keys), np.int64)
    found = np.zeros((len(keys), len(labels)), np.int64)
    np.add.at(total, groups, n)
    np.add.at(found, groups, decided)
    with np.errstate(invalid="ignore", divide="ignore"):
        share = found / total[:, np.newaxis]
        half = 1.96 * np.sqrt(share * (1 - share) / total[:, np.newaxis]) + 0.5 / total[:, np.newaxis]
    evidence = np.full((len(keys), len(labels), N_EVIDENCE), -1, np.int32)
    for cell, label in zip(*np.nonzero(found), strict=True):
        for rank in range(min(int(found[cell, label]), 2)):
            evidence[cell, label, rank] = len(pieces)
            pieces.append(_piece(len(pieces), labels[label].id, rank))
    return Cells(
        by=tuple(DIMENSIONS[place] for place in places),
        keys=tuple(keys),
        n=total,
        n_unlike=(total // 20).astype(np.int64),
        n_copies=(total // 30).astype(np.int64),
        share=share,
        low=np.clip(share - half, 0, 1),
        high=np.clip(share + half, 0, 1),
        counted=share,
        n_decided=found,
        n_given=found // 2,
        is_small=total < MIN_ARTICLES,
        is_beyond=share > 0.6,
        evidence=evidence,
    )


def _piece(number: int, label: str, rank: int) -> Piece:
    texts = (
        (
            "en",
            "Neighbours drill together",
            "a new bloc undermines the CSTO",
            "As an officer put it, ",
            " for good.",
        ),
        ("ru", "Учения у границы", "новый блок подрывает ОДКБ", "Эксперт: ", ", и это только начало."),
        ("bg", HOSTILE, HOSTILE, "", ""),
    )
    lang, title, passage, before, after = texts[number % 3]
    return Piece(
        row=number,
        id=f"a-{number}",
        title=title if number % 5 else "",
        url=("https://example.org/a?b=1&c=" + str(number), "javascript:alert(1)", "")[number % 3],
        source=OUTLETS[number % 3],
        date="2026-01-05",
        lang=lang,
        label=label,
        probability=0.9 - 0.2 * rank,
        is_given=rank == 0,
        passage=passage,
        start=len(before),
        end=len(before) + len(passage),
        before=before,
        after=after,
    )


def _changes(cells: Cells, against: str) -> Changes:
    """Return changes against the mean of the others of the same outlet, or against the period before."""
    outlets = [key[:-1] for key in cells.keys]
    difference = np.full(cells.share.shape, np.nan)
    for cell, outlet in enumerate(outlets):
        others = [k for k, one in enumerate(outlets) if one == outlet and k != cell]
        if against == BEFORE:
            others = [cell - 1] if cell - 1 in others else []
        if others and not np.isnan(cells.share[others]).all():
            difference[cell] = cells.share[cell] - np.nanmean(cells.share[others], axis=0)
    sure = np.abs(difference) > (cells.high - cells.low)
    word = np.where(
        np.isnan(difference), NO_COMPARISON, np.where(~sure, NO_CHANGE, np.where(difference > 0, ROSE, FELL))
    )
    half = (cells.high - cells.low) / 2
    return Changes(
        by=cells.by,
        against=against,
        difference=difference,
        low=difference - half,
        high=difference + half,
        p_value=np.where(word >= ROSE, 0.001, 0.5),
        word=word.astype(np.int8),
        n_tests=int(word.size),
        false_rate=0.05,
    )
