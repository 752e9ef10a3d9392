"""Counts of several processes of one server."""

from __future__ import annotations

import os
from pathlib import Path

from framescope.serve.metrics import Counts, Metrics
from framescope.serve.tally import ALIVE_SECONDS, Tally


def counting(n_documents: int, folder: Path | None) -> Tally:
    """A process that has answered a request and is at another."""
    metrics = Metrics()
    metrics.count_request("predict", "POST", 200, 0.03)
    metrics.count_documents("tiny", n_documents)

    def own() -> Counts:
        found = metrics.counts()
        found.gauges["framescope_work"] = {'{state="running"}': 1}
        return found

    return Tally(own, folder)


def test_whoever_is_asked_tells_of_all(tmp_path: Path) -> None:
    first, second = counting(3, tmp_path), counting(4, tmp_path)
    for each in (first, second):
        each.start()
        each.stop()
    for each in (first, second):
        assert each.all().text().splitlines() == [
            "# TYPE framescope_requests_total counter",
            'framescope_requests_total{method="POST",route="predict",status="200"} 2',
            "# TYPE framescope_documents_total counter",
            'framescope_documents_total{model="tiny"} 7',
            "# TYPE framescope_request_seconds histogram",
            *(
                f'framescope_request_seconds_bucket{{route="predict",le="{bound}"}} {n}'
                for bound, n in [("0.005", 0), ("0.01", 0), ("0.025", 0)]
            ),
            *(
                f'framescope_request_seconds_bucket{{route="predict",le="{bound}"}} 2'
                for bound in (0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0, 120.0, "+Inf")
            ),
            'framescope_request_seconds_sum{route="predict"} 0.06',
            'framescope_request_seconds_count{route="predict"} 2',
            "# TYPE framescope_work gauge",
            'framescope_work{state="running"} 2.0',
        ]


def test_what_one_has_told_another_does_not_take_back(tmp_path: Path) -> None:
    """Before it writes its counts down by itself."""
    first, second = counting(3, tmp_path), counting(4, tmp_path)
    assert first.all().documents == {'{model="tiny"}': 3}
    assert second.all().documents == {'{model="tiny"}': 7}


def test_of_a_dead_process_counts_stay_and_measures_go(tmp_path: Path) -> None:
    counting(3, tmp_path).all()
    (dead,) = tmp_path.iterdir()
    os.utime(dead, (0, dead.stat().st_mtime - ALIVE_SECONDS - 1))
    found = counting(4, tmp_path).all()
    assert found.documents == {'{model="tiny"}': 7}
    assert found.gauges == {"framescope_work": {'{state="running"}': 1}}


def test_one_process_writes_nothing_down() -> None:
    alone = counting(3, None)
    alone.start()
    assert alone.all().documents == {'{model="tiny"}': 3}
    alone.stop()
