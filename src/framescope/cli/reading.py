"""How commands read corpora and articles: groups of options, each a field of a dataclass."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from dataclasses import dataclass, fields
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, get_type_hints

import typer

from framescope.cli.options import Delimiter, Encoding, QuotingName, Sheet, column_option
from framescope.corpus.conventions import Conventions, Empty, Offsets, Resolve
from framescope.formats.dialect import Dialect, Fields
from framescope.text.segments import Unit

if TYPE_CHECKING:
    from framescope.codebook import Codebook
    from framescope.corpus.schema import Corpus


def _check_separator(separator: str | None) -> str | None:
    if separator == "":
        raise typer.BadParameter("expected a sign that joins labels, such as ,")
    return separator


COLUMN_OPTIONS = {
    "id_field": "id",
    "text_field": "text",
    "label_field": "labels",
    "title_field": "title",
    "lang_field": "lang",
    "source_field": "source",
    "date_field": "date",
    "url_field": "url",
    "article_field": "article_id",
    "span_field": "spans",
    "coder_field": "coder",
}
"""The options of :class:`CorpusOptions` that name columns, with the field of a unit that each is for."""


@dataclass(frozen=True)
class CorpusOptions:
    """How to read a corpus; a field is an option of the command line."""

    format: Annotated[
        str | None,
        typer.Option(
            metavar="FORMAT",
            help="Format of the corpus: jsonl, csv, tsv, parquet, spreadsheet, semeval2025, "
            "semeval2023[:SUBTASK[:SPLIT]], labelstudio, doccano, prodigy or starter. By default the suffix "
            "tells.",
        ),
    ] = None
    codebook: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="Labels to expect; otherwise those that the corpus brings."),
    ] = None
    skip_invalid: Annotated[
        bool, typer.Option("--skip-invalid", help="Leave out rows with problems, and say how many and why.")
    ] = False
    unit: Annotated[
        Unit | None,
        typer.Option(
            help="Cut articles into what is to be labelled, with the labels of the spans there. "
            "By default they stay whole, and evaluate cuts as its model's training did."
        ),
    ] = None
    label_separator: Annotated[
        str | None,
        typer.Option(
            metavar="SIGN", callback=_check_separator, help="What joins labels in a cell; by default ; and |."
        ),
    ] = None
    delimiter: Delimiter = None
    quoting: QuotingName = None
    encoding: Encoding = None
    sheet: Sheet = None
    offsets: Annotated[
        Offsets | None,
        typer.Option(
            help="What the offsets of spans count. By default code points, and offsets that fit otherwise are "
            "refused."
        ),
    ] = None
    label_control: Annotated[
        str | None,
        typer.Option(
            metavar="NAME",
            help="Control of a Label Studio project, or key of a doccano export, with the labels.",
        ),
    ] = None
    label_columns: Annotated[
        str | None,
        typer.Option(
            metavar="COLUMNS",
            help="Columns of one label each, such as fear,loyalty: their cells say 0 or 1, yes or no, or x.",
        ),
    ] = None
    label_names: Annotated[
        str | None,
        typer.Option(metavar="LABELS", help="Labels of the places in lists of 0 and 1, such as fear,loyalty."),
    ] = None
    label_rows: Annotated[
        bool,
        typer.Option(
            "--label-rows",
            help="A row holds one label of an article, or of a coder and an article: join the rows of each.",
        ),
    ] = False
    empty: Annotated[
        Empty | None,
        typer.Option(
            help="What an empty cell of labels says: judged, and no label; or not judged, and left out. "
            "By default it is asked for."
        ),
    ] = None
    id_field: Annotated[str | None, column_option("ids")] = None
    text_field: Annotated[str | None, column_option("texts")] = None
    label_field: Annotated[str | None, column_option("labels: a list, or joined by ; or |")] = None
    title_field: Annotated[str | None, column_option("titles")] = None
    lang_field: Annotated[str | None, column_option("language codes")] = None
    source_field: Annotated[str | None, column_option("sources")] = None
    date_field: Annotated[str | None, column_option("dates")] = None
    url_field: Annotated[str | None, column_option("addresses")] = None
    article_field: Annotated[str | None, column_option("the article a unit is part of")] = None
    span_field: Annotated[str | None, column_option("evidence spans")] = None
    coder_field: Annotated[
        str | None,
        typer.Option(
            metavar="COLUMN", help="Column that holds coders, where there is a row for each coder and article."
        ),
    ] = None
    resolve: Annotated[
        Resolve | None,
        typer.Option(
            help="What becomes of the labels of several coders: those of most, of any, or of all of them; of "
            "an --adjudicator, elsewhere of most; or those that are probable by how reliable each coder is. By "
            "default the labels that the corpus gives beside theirs, otherwise the majority; articles with a "
            "tie are uncoded."
        ),
    ] = None
    adjudicator: Annotated[
        str | None, typer.Option(metavar="NAME", help="The coder whose word wins, for --resolve adjudicated.")
    ] = None

    def read(self, path: Path | str, *, codebook: Codebook | None = None) -> Corpus:
        """Read a corpus; ``codebook`` is expected where none was named.

        Raises:
            CorpusError: it has problems, and they are not to be skipped; or nothing is left of it.
            BadParameter: no such format.
        """
        # Lazily, as in the commands: pyarrow takes time to load.
        from framescope.codebook_reading import read_codebook  # noqa: PLC0415
        from framescope.corpus.read import READERS, read_corpus  # noqa: PLC0415
        from framescope.corpus.schema import FieldNames  # noqa: PLC0415
        from framescope.corpus.units import split_units  # noqa: PLC0415

        if self.format is not None and self.format.partition(":")[0] not in READERS:
            expected = f"expected one of {', '.join(READERS)}"
            raise typer.BadParameter(f"unknown format {self.format!r}; {expected}", param_hint="--format")
        if (self.resolve == Resolve.ADJUDICATED) != (self.adjudicator is not None):
            expected = "expected --resolve adjudicated with --adjudicator NAME, or neither"
            raise typer.BadParameter(expected, param_hint="--resolve")
        corpus = read_corpus(
            path,
            format=self.format,
            codebook=codebook if self.codebook is None else read_codebook(self.codebook),
            fields=FieldNames(**self._columns()),
            conventions=Conventions(
                self.label_separator,
                self.offsets,
                self.label_control,
                Dialect(self.delimiter, self.quoting, self.encoding, self.sheet),
                label_columns=_names(self.label_columns),
                label_names=_names(self.label_names),
                empty=self.empty,
                resolve=self.resolve,
                adjudicator=self.adjudicator,
                label_rows=self.label_rows,
            ),
            skip_invalid=self.skip_invalid,
        )
        return split_units(corpus, self.unit or Unit.ARTICLE)

    def _columns(self) -> dict[str, str]:
        """Return the columns that were named, by the names that the corpus has for their fields."""
        named = {name: getattr(self, option) for option, name in COLUMN_OPTIONS.items()}
        return {name: column for name, column in named.items() if column is not None}


def _names(listed: str | None) -> tuple[str, ...]:
    """Return names that commas join, each once."""
    return tuple(dict.fromkeys(name.strip() for name in (listed or "").split(",") if name.strip()))


@dataclass(frozen=True)
class ArticleOptions:
    """How to read articles without labels; a field is an option of the command line."""

    text_field: Annotated[str | None, column_option("texts")] = None
    id_field: Annotated[str | None, column_option("ids")] = None
    title_field: Annotated[str | None, column_option("titles")] = None
    lang_field: Annotated[str | None, column_option("language codes")] = None
    delimiter: Delimiter = None
    quoting: QuotingName = None
    encoding: Encoding = None
    sheet: Sheet = None

    @property
    def fields(self) -> Fields:
        """The columns to read, and how."""
        dialect = Dialect(self.delimiter, self.quoting, self.encoding, self.sheet)
        return Fields(self.text_field, self.id_field, self.title_field, self.lang_field, dialect=dialect)


def with_corpus_options(command: Callable[..., None]) -> Callable[..., None]:
    """Give a command the options of :class:`CorpusOptions` in place of its parameter ``reading``."""
    return _with_options(command, CorpusOptions)


def with_article_options(command: Callable[..., None]) -> Callable[..., None]:
    """Give a command the options of :class:`ArticleOptions` in place of its parameter ``reading``."""
    return _with_options(command, ArticleOptions)


def _with_options(
    command: Callable[..., None], kind: type[CorpusOptions | ArticleOptions]
) -> Callable[..., None]:
    own = inspect.signature(command, eval_str=True)
    hints = get_type_hints(kind, include_extras=True)
    shared = [
        inspect.Parameter(f.name, inspect.Parameter.KEYWORD_ONLY, default=f.default, annotation=hints[f.name])
        for f in fields(kind)
    ]

    def with_options(**values: Any) -> None:
        reading = kind(**{option.name: values.pop(option.name) for option in shared})
        command(**values, reading=reading)

    kept = [parameter for parameter in own.parameters.values() if parameter.name != "reading"]
    with_options.__name__, with_options.__doc__ = command.__name__, command.__doc__
    with_options.__annotations__ = {p.name: p.annotation for p in [*kept, *shared]}
    # What typer reads to build the command.
    with_options.__signature__ = inspect.Signature([*kept, *shared])  # type: ignore[attr-defined]
    return with_options
