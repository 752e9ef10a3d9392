"""The tables of ``python -m bench speed``, and what they are to show."""

from __future__ import annotations

import statistics
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

CLOCKS = {"wall": "seconds", "cpu": "cpu_seconds"}
OURS = "framescope"
PIPELINE = "scikit-learn tf-idf"

# How many times as fast as a system ours is, by number of labels: what must hold, and the goal beyond.
LIMITS_TIMES = {
    25: {
        PIPELINE: (30, 60),
        "scikit-learn hashing": (30, 60),
        "fastText subwords": (3, 8),
        "fastText words": (0.8, 2),
        "… subwords, prepared": (3, 8),
        "… words, prepared": (0.8, 2),
    },
    117: {PIPELINE: (18, 40), "scikit-learn hashing": (18, 40)},
}
LIMIT_BESIDE_MB = 150
LIMIT_START = 0.7
LIMIT_FIRST_EVER_SECONDS = 15
LIMIT_CORES = 1.8
LIMITS_SIZE_MB = {117: 40}

Row = Mapping[str, Any]


def rate(row: Row, articles: str, clock: str) -> float:
    """Return the median MB/s of a system on a set of articles."""
    return statistics.median(_rates(row["speed"][articles], clock))


def show(result: Mapping[str, Any], *, clock: str) -> None:
    """Print the table of one contest; *times* is how many times as fast as the system ours is."""
    rows: Mapping[str, Row] = result["systems"]
    sets = list(next(iter(rows.values()))["speed"])
    print(f"\n{result['n_labels']} labels: {result['about']}; MB/s by {clock} time")
    print(_line("", [f"{name:^32}" for name in sets]))
    heads = [f"{'MB/s':>8}{'(min-max)':>17}{'times':>7}" for _ in sets]
    print(_line("", [*heads, " articles/s", " peak MB", " beside", "model MB", " start s", "micro-F1"]))
    for name, row in rows.items():
        speeds = [_speed_cell(row, rows.get(OURS), articles, clock) for articles in sets]
        print(_line(name, [*speeds, *_other_cells(row, sets[0], clock)]))
    for line in _stages(rows.get(OURS, {}), clock):
        print(line)
    print(f"The systems had their core for {_share_of_core(rows):.0%} of the time.", flush=True)


def judge(results: Mapping[str, Any], *, clock: str) -> None:
    """Print what ours is to reach beside what was found."""
    for result in results.values():
        for articles in next(iter(result["systems"].values()))["speed"]:
            for line in _times(result, articles, clock):
                print(line)
        for line in _footprint(result, clock):
            print(line)


def _times(result: Mapping[str, Any], articles: str, clock: str) -> Iterator[str]:
    rows = result["systems"]
    for name, (limit, goal) in LIMITS_TIMES.get(result["n_labels"], {}).items():
        if OURS in rows and name in rows:
            times = rate(rows[OURS], articles, clock) / rate(rows[name], articles, clock)
            what = f"{result['n_labels']} labels, {articles}: times {name} (goal {goal})"
            yield _verdict(what, times, limit, is_least=True)


def _footprint(result: Mapping[str, Any], clock: str) -> Iterator[str]:
    rows, n_labels = result["systems"], result["n_labels"]
    if OURS not in rows:
        return
    ours = rows[OURS]
    for memory in ours["memory"]:
        what = f"{n_labels} labels: MB beside what is loaded, {memory['n_articles']:,} articles"
        yield _verdict(what, memory["peak_mb"] - memory["held_mb"], LIMIT_BESIDE_MB)
    if n_labels in LIMITS_SIZE_MB:
        yield _verdict(f"{n_labels} labels: MB of the model", ours["size_mb"], LIMITS_SIZE_MB[n_labels])
    if PIPELINE in rows:
        share = _start(ours, clock) / _start(rows[PIPELINE], clock)
        yield _verdict(f"{n_labels} labels: start, as a share of {PIPELINE}", share, LIMIT_START)
    what = f"{n_labels} labels: seconds of the first start ever"
    yield _verdict(what, ours["first_ever"][CLOCKS[clock]], LIMIT_FIRST_EVER_SECONDS)
    if any(start["has_pandas"] for start in ours["starts"]):
        yield f"{n_labels} labels: starting loads pandas: DOES NOT HOLD"
    if "cores" in ours:
        one, more = (statistics.median(_rates(found, "wall")) for found in ours["cores"].values())
        what = f"{n_labels} labels: times one core, on {max(ours['cores'])}"
        yield _verdict(what, more / one, LIMIT_CORES, is_least=True)


def _verdict(what: str, value: float, limit: float, *, is_least: bool = False) -> str:
    holds = value >= limit if is_least else value <= limit
    sign = ">=" if is_least else "<="
    return f"{what}: {value:.2f}, asked {sign} {limit}: {'holds' if holds else 'DOES NOT HOLD'}"


def _speed_cell(row: Row, ours: Row | None, articles: str, clock: str) -> str:
    rates = _rates(row["speed"][articles], clock)
    times = f"{rate(ours, articles, clock) / statistics.median(rates):.2f}" if ours else ""
    return f"{statistics.median(rates):8.2f}{f'({min(rates):.1f}-{max(rates):.1f})':>17}{times:>7}"


def _other_cells(row: Row, articles: str, clock: str) -> list[str]:
    memory = row["memory"][-1]
    per_second = statistics.median(one["n_articles"] / one[CLOCKS[clock]] for one in row["speed"][articles])
    cells = [
        f"{per_second:11,.0f}",
        f"{memory['peak_mb']:8.0f}",
        f"{memory['peak_mb'] - memory['held_mb']:7.0f}",
    ]
    if "starts" in row:
        cells += [f"{row['size_mb']:8.1f}", f"{_start(row, clock):8.2f}", f"{row['micro_f1']:8.3f}"]
    return cells


def _line(name: str, cells: Sequence[str]) -> str:
    return f"{name:22}" + "  ".join(cells)


def _rates(rounds: Sequence[Row], clock: str) -> list[float]:
    return [one["n_bytes"] / one[CLOCKS[clock]] / 1e6 for one in rounds]


def _start(row: Row, clock: str) -> float:
    return float(statistics.median(start[CLOCKS[clock]] for start in row["starts"]))


def _share_of_core(rows: Mapping[str, Row]) -> float:
    """Return the processor seconds a second of all timed rounds: below 1, other work took the core."""
    rounds = [one for row in rows.values() for found in row["speed"].values() for one in found]
    return float(sum(one["cpu_seconds"] for one in rounds) / sum(one["seconds"] for one in rounds))


def _stages(ours: Row, clock: str) -> Iterator[str]:
    """Yield what each stage adds to the time for a megabyte, by set of articles."""
    for articles, stages in ours.get("stages", {}).items():
        ms = [1e3 / statistics.median(_rates(rounds, clock)) for rounds in stages.values()]
        yield f"{articles}: {ms[-1]:.1f} ms a MB"
        for name, until, before in zip(stages, ms, [0.0, *ms[:-1]], strict=True):
            yield f"  {name:22}{until - before:8.1f} ms a MB {(until - before) / ms[-1]:6.0%}"
