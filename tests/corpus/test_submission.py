"""Decisions as submissions to SemEval-2025."""

from __future__ import annotations

import pytest

from framescope.codebook import Codebook
from framescope.corpus.submission import submission_pairs

URW = "URW: Blaming the war on others: rather than us"
SEMEVAL_CODEBOOK = Codebook.from_parents(
    {URW: None, f"{URW}: Other": URW, f"{URW}: The West is to blame": URW, "CC: Hidden": None, "Other": None},
    name="semeval",
)


@pytest.mark.parametrize(
    ("labels", "pairs"),
    [
        ([], [("Other", "Other")]),
        (["Other"], [("Other", "Other")]),
        ([URW], [(URW, f"{URW}: Other")]),
        ([f"{URW}: Other"], [(URW, f"{URW}: Other")]),
        (
            [f"{URW}: The West is to blame", f"{URW}: Other", "CC: Hidden"],
            [
                (URW, f"{URW}: Other"),
                (URW, f"{URW}: The West is to blame"),
                ("CC: Hidden", "CC: Hidden: Other"),
            ],
        ),
    ],
)
def test_pairs_of_a_submission(labels: list[str], pairs: list[tuple[str, str]]) -> None:
    """Source: README of SemEval-2025 Task 10, subtask 2: as many sub-narratives as narratives, in order."""
    [decided] = SEMEVAL_CODEBOOK.indicator([labels])
    assert submission_pairs(decided, SEMEVAL_CODEBOOK) == pairs
