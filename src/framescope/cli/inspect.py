"""The command ``inspect``."""
# What takes a second to load is imported when a command runs.
# ruff: noqa: PLC0415

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any

import typer

from framescope.cli.options import JsonOutput, ModelName
from framescope.cli.tables import F1_CAPTION, f1_table, fact_table, ngram_table
from framescope.cli.terminal import STDOUT, check_outputs, show, write_json

BYTES_PER_MB = 1e6
COUNTS = {"n_units": "units", "n_articles": "articles"}


def inspect(
    *,
    model: ModelName,
    json_output: JsonOutput = None,
    top: Annotated[
        int, typer.Option(metavar="N", min=0, help="Show the N n-grams that speak most for a label.")
    ] = 5,
) -> None:
    """Show what a model is: labels, rule, metrics, data, sizes, top n-grams. Nothing is run."""
    from framescope.bundle.inspection import inspect_bundle
    from framescope.measure.f1 import f1_rows
    from framescope.predictor import Predictor

    check_outputs(json_output)
    found = inspect_bundle(Predictor.load(model).bundle)
    if json_output is not None:
        write_json(found, json_output)
    if json_output != STDOUT:
        show(fact_table(_facts(found)), ngram_table(found["labels"], top))
        show(f1_table(f1_rows(found["metrics"]), f"Articles left out of training{F1_CAPTION}"))


def _facts(found: Mapping[str, Any]) -> list[tuple[str, str]]:
    """Return what the first table says."""
    training = found["training"]
    corpus = training["corpus"]
    never = found["rule"]["never_given"]
    rows = [
        ("codebook", f"{found['name']}, {found['n_labels']} labels"),
        ("digest", found["digest"]),
        ("languages", ", ".join(found["languages"])),
        ("rule", found["rule"]["name"] + (f"; never given: {', '.join(never)}" if never else "")),
        ("trained on", _counted(corpus)),
        ("data SHA-256", corpus["sha256"]),
        ("left out together", training["group_by"]),
        ("learner", f"{training['learner']}, penalty {training['penalty']:g}"),
        ("unit", found["unit"]),
        ("scope", _scope(found)),
        ("n-grams", f"{found['n_features']:,}"),
        (
            "size",
            _size(found),
        ),
        ("record of training", found["record"] or "none: top n-grams are not known"),
    ]
    return [(name, value or "not given") for name, value in rows]


def _scope(found: Mapping[str, Any]) -> str:
    """Return what texts must name, and how many units of training do."""
    scopes = [label["scope"] for label in found["labels"] if label["scope"] is not None]
    if not scopes:
        return "none: labels ask for no words"
    terms, n_units = max(scope["n_terms"] for scope in scopes), found["training"]["corpus"]["n_units"]
    n_inside = n_units - found["metrics"]["scope"]["n_outside"]
    return (
        f"{len(scopes)} of {found['n_labels']} labels ask for one of up to {terms} terms; "
        f"{n_inside:,} of {n_units:,} units are in scope of a label"
    )


def _size(found: Mapping[str, Any]) -> str:
    return f"{found['size_bytes'] / BYTES_PER_MB:,.1f} MB in {len(found['files'])} files: {found['path']}"


def _counted(corpus: Mapping[str, Any]) -> str:
    languages = ", ".join(f"{code} {n}" for code, n in corpus["languages"].items())
    counts = [f"{corpus[key]:,} {what}" for key, what in COUNTS.items()]
    parts = [corpus["name"], " of ".join(counts), f"({languages})" if languages else ""]
    return " ".join(part for part in parts if part)
