"""The page of disputed articles in the languages of its readers."""

from __future__ import annotations

from pathlib import Path

import pytest
from messages import messages

from coded import coded_rows
from commands import write_rows
from framescope.corpus.read import read_corpus
from framescope.measure.agreement import agreement
from framescope.pages.disputes import disputes_page

ROWS = coded_rows({"Ана": ["west"], "Боян": []}, {"Ана": [], "Боян": []}, {"Ана": ["west"], "Боян": ["west"]})


def page(home: Path, interface: str) -> str:
    corpus = read_corpus(write_rows(home / "coded.jsonl", ROWS))
    return disputes_page(agreement(corpus), corpus, interface)


@pytest.mark.parametrize(
    ("interface", "expected"),
    [
        ("en", "Where coders differ|3 articles of two coders or more|given by Ана, not by Боян|no label"),
        ("bg", "Къде анотаторите се различават|3 статии с двама|поставен от Ана, но не от Боян|без етикет"),
        ("ru", "Где разметчики расходятся|3 статей с двумя|поставлена: Ана, не поставлена: Боян|без метки"),
    ],
)
def test_the_page_speaks_the_language_of_the_reader(tmp_path: Path, interface: str, expected: str) -> None:
    html = page(tmp_path, interface)
    assert f'<html lang="{interface}">' in html
    assert [one for one in expected.split("|") if one not in html] == []
    english = [one for one in messages(templates=("disputes.html.j2",))[:8] if f">{one}<" in html]
    assert bool(english) == (interface == "en")
