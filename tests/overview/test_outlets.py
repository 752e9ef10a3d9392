"""Outlets that push the same labels are alike; labels that go together are told."""

from __future__ import annotations

from typing import Any

from framescope.overview.build import Grouping, make_overview
from framescope.overview.findings import findings_of


def rows_of(shares: dict[str, dict[str, int]], n: int = 100) -> list[dict[str, Any]]:
    """Return ``n`` articles of each outlet, so many of which have each label."""
    return [
        {
            "id": f"{source} {k}",
            "source": source,
            "text": f"{source} {k}",
            "labels": [label for label, first in counts.items() if k < first],
        }
        for source, counts in shares.items()
        for k in range(n)
    ]


PUSHED = {
    "Ехо": {"divides": 40},
    "Herald": {"divides": 45},
    "Ledger": {"union": 50},
    "Chronicle": {},
    "Post": {"divides": 1, "union": 1},
}


def test_outlets_that_push_the_same_are_alike(feed_of: Any) -> None:
    found = make_overview(feed_of(rows_of(PUSHED)), Grouping(("source",)))
    (pair,) = found.alike
    assert {pair.one, pair.other} == {"Ехо", "Herald"}
    assert pair.likeness > 0.95


def test_outlets_that_push_nothing_beyond_noise_are_like_none(feed_of: Any) -> None:
    rows = rows_of({name: {"divides": 5, "union": 6} for name in ("a", "b", "c")})
    assert make_overview(feed_of(rows), Grouping(("source",))).alike == ()


def test_findings_say_who_pushes_what(feed_of: Any) -> None:
    found = findings_of(make_overview(feed_of(rows_of(PUSHED)), Grouping(("source",))))
    more = {(one.key, one.label) for one in found if one.rose}
    assert more == {
        (("Ехо",), "west"),
        (("Ехо",), "divides"),
        (("Herald",), "west"),
        (("Herald",), "divides"),
        (("Ledger",), "union"),
    }
    assert found[0].p_value <= found[-1].p_value
    (union,) = (one for one in found if one.key == ("Ledger",) and one.label == "union")
    assert str(union).startswith("Ledger: union more than the others: 50.0% (+49.8%, +")


def test_labels_that_go_together_are_told(feed_of: Any) -> None:
    rows = rows_of({"a": {"divides": 10, "union": 8}, "b": {"retreats": 10}})
    (pair,) = make_overview(feed_of(rows), Grouping(("source",))).together
    assert (pair.one, pair.other, pair.n) == ("divides", "union", 8)
    assert pair.expected == 10 * 8 / 200
