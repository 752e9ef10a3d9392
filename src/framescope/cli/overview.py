"""The command ``overview``."""
# What takes a second to load is imported when a command runs.
# ruff: noqa: PLC0415

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from framescope.cli.options import Jobs, JsonOutput
from framescope.cli.reading import CorpusOptions, with_corpus_options
from framescope.cli.tables import overview_table
from framescope.cli.terminal import (
    STDOUT,
    check_outputs,
    load_predictor,
    progress,
    show,
    tell,
    write_json,
    write_line,
)
from framescope.pages.catalogues import Interface
from framescope.pages.pictures import ChartFormat, check_charts

if TYPE_CHECKING:
    from framescope.overview.contents import Overview
    from framescope.overview.feed import Feed
    from framescope.predictor import Predictor

N_CHANGES = 20
BY = "source,week,lang"
FIELDS = ("source", "date", "lang", "title", "text", "url", "id")


@with_corpus_options
def overview(  # noqa: PLR0913 - a command
    *,
    articles: Annotated[
        list[str],
        typer.Argument(
            metavar="SCORES|CORPUS",
            help="Folders that framescope score has written with --keep, by one model, or an annotated corpus.",
        ),
    ],
    model: Annotated[
        str | None,
        typer.Option(
            metavar="MODEL",
            help="The model of the scores, by whose errors shares are corrected; or one to run on a corpus.",
        ),
    ] = None,
    by: Annotated[
        str | None,
        typer.Option(
            metavar="COLUMNS",
            help=f"What to group by: source, lang, week or month, or other columns. By default those of {BY} "
            "that there are.",
        ),
    ] = None,
    csv: Annotated[
        Path | None, typer.Option("--csv", metavar="DIR", help="Write the tables as CSV into a folder.")
    ] = None,
    html: Annotated[
        Path | None, typer.Option("--html", metavar="FILE", help="Write a page with charts and articles.")
    ] = None,
    interface: Annotated[
        Interface, typer.Option(help="Language of the page's and the charts' own words.")
    ] = Interface.EN,
    charts: Annotated[
        Path | None, typer.Option("--charts", metavar="DIR", help="Write the charts into a folder.")
    ] = None,
    chart_format: Annotated[
        ChartFormat, typer.Option(help='What charts are written as; png needs "framescope[charts]".')
    ] = ChartFormat.SVG,
    xlsx: Annotated[
        Path | None, typer.Option("--xlsx", metavar="FILE", help="Write the tables as sheets of a workbook.")
    ] = None,
    stix: Annotated[
        Path | None,
        typer.Option("--stix", metavar="FILE", help="Write outlets, articles and labels as a STIX 2.1 bundle."),
    ] = None,
    annotations: Annotated[
        Path | None,
        typer.Option(
            "--annotations", metavar="FILE", help="Write the passages of articles as W3C Web Annotations."
        ),
    ] = None,
    json_output: JsonOutput = None,
    jobs: Jobs = 1,
    reading: CorpusOptions,
) -> None:
    """Show who pushes what, and when, over many articles.

    Shares of articles with each label, by outlet, week and language, with 95 % intervals: of what a model has
    scored corrected for its errors, of annotated articles counted; and the articles that show each best.
    """
    from framescope.batch.spreadsheets import check_xlsx
    from framescope.overview.build import Grouping, make_overview
    from framescope.overview.findings import findings_of
    from framescope.overview.written import overview_json, write_tables

    check_outputs(json_output, html, xlsx, stix, annotations)
    if xlsx is not None:
        check_xlsx()
    if charts is not None:
        check_charts(chart_format)
    predictor = None if model is None else load_predictor(model)
    feed, named = _feed(articles, predictor, reading, jobs)
    grouping = Grouping(_dimensions(by, feed, named), named)
    with progress("Reading articles"):
        found = make_overview(feed, grouping, predictor=predictor)
    for line in found.warnings:
        tell(f"warning: {line}")
    if csv is not None:
        write_tables(found, csv)
    if html is not None or charts is not None:
        _write_page(found, interface, html, charts, chart_format)
    _write_exports(found, xlsx=xlsx, stix=stix, annotations=annotations)
    if json_output is not None:
        write_json(overview_json(found), json_output, is_compact=True)
    if json_output != STDOUT:
        show(overview_table(found))
        changes = findings_of(found)
        for one in changes[:N_CHANGES]:
            write_line(str(one))
        write_line(_last_line(len(changes)))


def _last_line(n_changes: int) -> str:
    if not n_changes:
        return "No change beyond noise."
    more = f"{n_changes - N_CHANGES:,} more changes: --json FILE. " if n_changes > N_CHANGES else ""
    return f"{more}No more than 1 in 20 of the changes of a table is expected to be chance."


def _write_page(
    found: Overview, interface: Interface, html: Path | None, charts: Path | None, chart_format: ChartFormat
) -> None:
    from framescope.pages.overview.figures import write_figures
    from framescope.pages.overview.page import make_page

    page = make_page(found, interface=interface)
    if html is not None:
        page.save(html)
    if charts is not None:
        write_figures(page, charts, chart_format)


def _write_exports(found: Overview, *, xlsx: Path | None, stix: Path | None, annotations: Path | None) -> None:
    from framescope.overview.annotations import annotation_page
    from framescope.overview.sheets import write_workbook
    from framescope.overview.stix import stix_bundle

    if xlsx is not None:
        write_workbook(found, xlsx)
    for target, made in ((stix, stix_bundle), (annotations, annotation_page)):
        if target is not None:
            write_json(made(found), str(target), is_compact=True)


def _feed(
    articles: list[str], predictor: Predictor | None, reading: CorpusOptions, jobs: int
) -> tuple[Feed, Mapping[str, str]]:
    """Return the articles, and the columns that have other names than their fields."""
    from dataclasses import replace

    from framescope.batch.outputs import is_output
    from framescope.cli.corpora import read_corpora
    from framescope.overview.annotated import CorpusFeed
    from framescope.overview.scored import ScoredFeed

    paths = [Path(one) for one in articles]
    columns = {name: getattr(reading, f"{name}_field") for name in FIELDS}
    named = {name: column for name, column in columns.items() if column is not None}
    if any(is_output(path) for path in paths):
        scored = ScoredFeed(paths, predictor, named)
        return scored, scored.fields
    if len(paths) > 1:
        raise typer.BadParameter("expected one corpus, or folders of framescope score", param_hint="CORPUS")
    if predictor is not None:
        reading = replace(reading, unit=reading.unit or predictor.unit)
    return CorpusFeed(read_corpora(reading, articles[0]), predictor, jobs=jobs), named


def _dimensions(by: str | None, feed: Feed, columns: Mapping[str, str]) -> tuple[str, ...]:
    """Return what was asked for, or else what there is of the usual, and say what is missing."""
    from framescope.overview.dimensions import column_of

    if by is not None:
        named = tuple(dict.fromkeys(name.strip() for name in by.split(",") if name.strip()))
        if not named:
            raise typer.BadParameter("expected names such as source,week", param_hint="--by")
        return named
    usual = tuple(BY.split(","))
    there = tuple(name for name in usual if column_of(name, columns) in feed.column_names)
    for name in usual:
        if name not in there:
            tell(f"there is no column {column_of(name, columns)!r}: no table by {name}")
    return there
