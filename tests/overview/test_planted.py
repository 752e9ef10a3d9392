"""The worked example: what is planted in an invented feed is found, and no more else than is promised."""

from __future__ import annotations

import importlib.util
import sys
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
import pytest

from commands import write_rows
from framescope.batch.job import score
from framescope.batch.options import ScoreOptions
from framescope.codebook_reading import read_codebook
from framescope.corpus.read import read_corpus
from framescope.overview.annotated import CorpusFeed
from framescope.overview.build import Grouping, make_overview
from framescope.overview.contents import Overview
from framescope.overview.dates import days_of, name_of_week, week_number
from framescope.overview.findings import Finding, findings_of
from framescope.overview.scored import ScoredFeed
from framescope.predictor import Predictor
from framescope.text.arrow import strings
from framescope.training.recipe import Recipe
from framescope.training.train import train

ROOT = Path(__file__).parents[2]
LEAST = 0.01
"""Difference of two expected shares that counts as one."""


def load_tool() -> ModuleType:
    spec = importlib.util.spec_from_file_location("invent_feed", ROOT / "tools" / "invent_feed.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


feeds = load_tool()


class Planted:
    """A feed, and what share of articles carries a label by the rates that it was made with."""

    def __init__(self, rows: list[dict[str, Any]], parents: dict[str, str | None]) -> None:
        numbers = week_number(days_of(strings([row["date"] for row in rows])))
        self._of_week = (numbers - numbers.min() + 1).tolist()
        self._columns = {
            "source": np.array([row["source"] for row in rows]),
            "week": np.array([name_of_week(number) for number in numbers.tolist()]),
            "lang": np.array([row["lang"] for row in rows]),
        }
        self._weeks = sorted(set(self._columns["week"].tolist()))
        self._parents = parents

    def difference(self, found: Finding) -> float:
        """Return the expected share in the cell of a finding, less that of what it is against."""
        cell = dict(zip(found.by, found.key, strict=True))
        rates, is_inside = self._rates(found.label), self._in(cell)
        other = ~is_inside
        if found.against != "others":
            other &= self._in({name: value for name, value in cell.items() if name != "week"})
        if found.against == "before":
            other &= self._in({"week": self._weeks[self._weeks.index(cell["week"]) - 1]})
        return float(rates[is_inside].mean() - rates[other].mean())

    def _in(self, cell: dict[str, str]) -> np.ndarray:
        columns = [self._columns[name] == value for name, value in cell.items()]
        return np.logical_and.reduce([np.ones(len(self._of_week), bool), *columns])

    def _rates(self, label: str) -> np.ndarray:
        of = [child for child, parent in self._parents.items() if parent == label] or [label]
        places = zip(self._columns["source"].tolist(), self._of_week, strict=True)
        rates = {place: sum(feeds.rate_of(*place, child) for child in of) for place in set(places)}
        places = zip(self._columns["source"].tolist(), self._of_week, strict=True)
        return np.array([rates[place] for place in places])


def check(found: Overview, rows: list[dict[str, Any]]) -> None:
    """Find every planted change, and of others no more than are promised to be chance."""
    planted = Planted(rows, {label.id: label.parent for label in found.labels})
    findings = findings_of(found)
    named = {(one.by, one.against, one.key, one.label, one.rose) for one in findings}
    burst, wave, campaign = feeds.BURST.label, feeds.WAVE.label, feeds.CAMPAIGN.label
    (outlet,) = feeds.BURST.outlets
    for week in ("2026-W11", "2026-W12", "2026-W13"):
        assert (("source", "week"), "average", (outlet, week), burst, True) in named
    for week in ("2026-W19", "2026-W20"):
        assert (("week",), "average", (week,), wave, True) in named
    assert (("week",), "before", ("2026-W19",), wave, True) in named
    assert (("week",), "before", ("2026-W21",), wave, False) in named
    for outlet in feeds.CAMPAIGN.outlets:
        assert (("source",), "others", (outlet,), campaign, True) in named
    differences = [planted.difference(one) * (1 if one.rose else -1) for one in findings]
    n_by_chance = sum(difference < LEAST for difference in differences)
    assert n_by_chance <= 0.05 * len(findings), [str(one) for one in findings]
    assert [{pair.one, pair.other} for pair in found.alike] == [set(feeds.CAMPAIGN.outlets)]
    story = found.stories[0]
    assert (story.sources, story.n_articles, story.n_copies) == (feeds.STORY, 4, 3)
    assert {one.first_source for one in story.labels if one.n_articles == 4} == {feeds.STORY[0]}


def test_a_feed_is_the_same_every_time() -> None:
    articles = feeds.read_starter()
    rows = feeds.invent(articles)
    assert rows == feeds.invent(articles)
    assert len(rows) == 3_000
    assert len({row["source"] for row in rows}) == 20
    assert len(set(week_number(days_of(strings([row["date"] for row in rows]))).tolist())) == 26


@pytest.mark.slow
def test_what_is_planted_is_found_in_what_people_would_annotate(tmp_path: Path) -> None:
    rows = feeds.invent(feeds.read_starter())
    codebook = read_codebook(ROOT / "data" / "starter" / "codebook.json")
    corpus = read_corpus(write_rows(tmp_path / "feed.jsonl", rows), codebook=codebook)
    check(make_overview(CorpusFeed(corpus), Grouping()), rows)


@pytest.mark.slow
def test_what_is_planted_is_found_in_what_a_model_says(tmp_path: Path) -> None:
    """The model has seen the sentences: this is a test of the overview, not of the model."""
    trained = train(read_corpus(ROOT / "data" / "starter"), Recipe(group_by="source"))
    trained.save(tmp_path / "model")
    rows = feeds.invent(feeds.read_starter())
    write_rows(tmp_path / "feed.jsonl", rows)
    options = ScoreOptions(keep=["source", "date", "lang", "title", "text", "url"])
    score(tmp_path / "model", tmp_path / "feed.jsonl", tmp_path / "scores", options=options)
    predictor = Predictor.load(tmp_path / "model")
    found = make_overview(ScoredFeed([tmp_path / "scores"], predictor), Grouping(), predictor=predictor)
    check(found, rows)
