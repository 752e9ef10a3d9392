"""Write an invented feed with known changes, to try framescope overview on.

    python tools/invent_feed.py feed.jsonl

3,000 articles of 20 invented outlets over 26 weeks are put together from sentences of the starter corpus. Two
in a hundred carry each sub-narrative, but for what is planted: see ``BURST``, ``WAVE``, ``CAMPAIGN`` and
``STORY``. Each article has its ``labels``, so that the feed is a corpus, too. As its sentences are those that
the starter model learned from, it shows what an overview does, and not how good the model is.
"""

from __future__ import annotations

import argparse
import json
import random
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import Any

from framescope.text.segments import Unit, segments

STARTER = Path(__file__).parent.parent / "data" / "starter"
N_ARTICLES, N_WEEKS = 3_000, 26
FIRST_DAY = date(2026, 1, 5)  # a Monday: week 1 is 2026-W02
BASE_RATE = 0.02

OUTLETS = {
    "bg": ("Вестник Дунавски хоризонт", "Портал Балкан днес", "Радио Сутрин", "Агенция Марица",
           "Новини Клисура", "Седмичник Ехо", "Странджа инфо"),
    "ru": ("Газета Дальний курьер", "Агентство Полевой стан", "Портал Степной ветер", "Вести Приволжья",
           "Канал Новый берег", "Журнал Рубежи", "Сайт Вечерний мост"),
    "en": ("The Harbour Chronicle", "Steppe Monitor", "Eastern Ledger", "Daily Meridian", "The Orchard Post",
           "Caspian Notes"),
}  # fmt: skip
"""By language."""
LARGE = ("Портал Балкан днес", "Газета Дальний курьер", "Steppe Monitor", "Eastern Ledger")
"""Outlets that write five times as much as the others."""
FILLERS, N_FILLERS = ("other", "neighbouring", "figures"), 9
"""Kinds of articles whose sentences stand in all articles, and how many."""


@dataclass(frozen=True)
class Push:
    """A label that outlets carry in some weeks, from 1, in this share of their articles."""

    label: str
    rate: float
    weeks: range
    outlets: tuple[str, ...]


BURST = Push("anti-csto-coalition", 0.75, range(10, 13), ("Газета Дальний курьер",))
"""One outlet, three weeks."""
WAVE = Push(
    "economy-collapses", 0.25, range(18, 20), tuple(name for names in OUTLETS.values() for name in names)
)
"""All outlets, two weeks."""
CAMPAIGN = Push("corridor-grab", 0.3, range(1, N_WEEKS + 1), ("Steppe Monitor", "Eastern Ledger"))
"""Two outlets, always: they are alike."""
PUSHES = (BURST, WAVE, CAMPAIGN)
STORY = ("Портал Балкан днес", "Радио Сутрин", "Агенция Марица", "Странджа инфо")
"""One article on a Tuesday of week 5, which others copy on the next days, the last with another title."""
STORY_WEEK = 5


def rate_of(outlet: str, week: int, label: str) -> float:
    """Return the share of an outlet's articles that carry a label in a week, from 1."""
    rates = [
        push.rate for push in PUSHES if push.label == label and week in push.weeks and outlet in push.outlets
    ]
    return max(rates, default=BASE_RATE)


def invent(articles: Sequence[Mapping[str, Any]], *, seed: int = 0) -> list[dict[str, Any]]:
    """Return a feed in order of its dates, made from the sentences of annotated articles."""
    rng = random.Random(seed)  # noqa: S311 - articles, not secrets
    material = _Material.of(articles)
    names = [(name, lang) for lang, listed in OUTLETS.items() for name in listed]
    weights = [5.0 if name in LARGE else 1.0 for name, _ in names]
    made = []
    for _ in range(N_ARTICLES - len(STORY)):
        outlet, lang = rng.choices(names, weights)[0]
        week = rng.randint(1, N_WEEKS)
        label = _label(outlet, week, material.labels, rng)
        made.append(_dated(material.write(lang, label, rng), outlet, lang, 7 * week - 7 + rng.randrange(7)))
    made.extend(_story(material, rng))
    made.sort(key=lambda row: (row["date"], row["source"]))
    names = [f"feed-{number:04d}" for number in range(1, len(made) + 1)]
    return [
        {"id": name, **row, "url": f"https://example.org/{name}"} for name, row in zip(names, made, strict=True)
    ]


@dataclass(frozen=True)
class _Material:
    """Sentences by language: of articles without labels, and the evidence of labels, article by article."""

    plain: Mapping[str, Sequence[str]]
    framed: Mapping[tuple[str, str], Sequence[tuple[str, Sequence[str]]]]
    labels: Sequence[str]

    @classmethod
    def of(cls, articles: Sequence[Mapping[str, Any]]) -> _Material:
        """Sort the sentences of annotated articles."""
        plain, framed = defaultdict(list), defaultdict(list)
        for row in articles:
            if row["kind"] in FILLERS:
                plain[row["lang"]].extend(row["text"][start:end] for start, end in _sentences(row))
            for label in row["labels"]:
                evidence = [*_evidence(row, label)]
                if evidence:
                    framed[row["lang"], label].append(
                        (row["title"] if len(row["labels"]) == 1 else "", evidence)
                    )
        return cls(plain, framed, sorted({label for _, label in framed}))

    def write(self, lang: str, label: str | None, rng: random.Random) -> dict[str, Any]:
        """Return title, text and labels of an article; it has two stretches of evidence if there is a label."""
        body = rng.sample(self.plain[lang], N_FILLERS)
        title = rng.choice(body)[:80]
        for _ in range(2 if label else 0):
            headline, evidence = rng.choice(self.framed[lang, label or ""])
            body.insert(rng.randrange(len(body) + 1), rng.choice(evidence))
            title = headline or title
        return {"title": title, "text": " ".join(body), "labels": [label] if label else []}


def _sentences(row: Mapping[str, Any]) -> Sequence[tuple[int, int]]:
    return segments(row["text"], Unit.SENTENCE)


def _evidence(row: Mapping[str, Any], label: str) -> Iterator[str]:
    """Yield the sentences with evidence of a label and of no other."""
    for start, end in _sentences(row):
        found = {span["label"] for span in row["spans"] if span["start"] < end and start < span["end"]}
        if found == {label}:
            yield row["text"][start:end]


def _label(outlet: str, week: int, labels: Sequence[str], rng: random.Random) -> str | None:
    """Return one label, or none: each with its rate."""
    draw = rng.random()
    for label in sorted(labels, key=lambda label: -rate_of(outlet, week, label)):
        draw -= rate_of(outlet, week, label)
        if draw < 0:
            return label
    return None


def _dated(row: dict[str, Any], outlet: str, lang: str, day: int) -> dict[str, Any]:
    when = (FIRST_DAY + timedelta(days=day)).isoformat()
    return {**row, "lang": lang, "source": outlet, "date": when}


def _story(material: _Material, rng: random.Random) -> Iterator[dict[str, Any]]:
    first = material.write("bg", "corridor-grab", rng)
    for number, outlet in enumerate(STORY):
        title = first["title"] if number < len(STORY) - 1 else f"Препечатано: {first['title']}"
        yield _dated({**first, "title": title}, outlet, "bg", 7 * STORY_WEEK - 6 + number)


def read_starter() -> list[dict[str, Any]]:
    """Return the annotated articles of the starter corpus."""
    files = sorted(STARTER.glob("??.jsonl"))
    return [json.loads(line) for file in files for line in file.read_text(encoding="utf-8").splitlines()]


def main() -> None:
    """Write the feed."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("output", type=Path)
    parser.add_argument("--seed", type=int, default=0)
    arguments = parser.parse_args()
    rows = invent(read_starter(), seed=arguments.seed)
    lines = [f"{json.dumps(row, ensure_ascii=False)}\n" for row in rows]
    arguments.output.write_text("".join(lines), encoding="utf-8")
    print(f"{len(rows):,} articles in {arguments.output}")


if __name__ == "__main__":
    main()
