"""The methods section of a paper on a model: what was done, in a paragraph, and the figures in tables."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from importlib.metadata import metadata, version

from framescope.bundle.facts import Facts
from framescope.coding.formats import Markup
from framescope.corpus.schema import Corpus, corpus_hash
from framescope.corpus.units import split_units
from framescope.errors import CorpusError
from framescope.measure.agreement import Agreement
from framescope.measure.f1 import f1_rows
from framescope.measure.shown import BASELINES, SCORES, interval, number, with_interval
from framescope.predictor import Predictor

LEVELS = {"fine": "finest labels", "coarse": "first level"}
SECTIONS = {"overall": "all", **BASELINES}

ESCAPED = {
    "\\": r"\textbackslash{}",
    "~": r"\textasciitilde{}",
    "^": r"\textasciicircum{}",
    **{sign: f"\\{sign}" for sign in "&%$#_{}"},
}
TABLE = re.compile(r"Table (\d)")
SPECIAL = re.compile(r"[\\~^&%$#_{}]")


@dataclass(frozen=True, slots=True)
class Table:
    """Figures with a caption; the first column holds names."""

    caption: str
    header: Sequence[str]
    rows: Sequence[Sequence[str]]


def methods(
    predictor: Predictor, *, agreement: Agreement | None = None, markup: Markup | str = Markup.MARKDOWN
) -> str:
    """Return a paragraph on how a model came about and how good it is, with tables and a citation.

    All of it is what the bundle records of its training; ``agreement`` is that of the coders of its corpus.
    """
    paragraphs = [" ".join(_corpus(predictor)), " ".join(_model(predictor)), " ".join(_figures(predictor))]
    if agreement is not None:
        paragraphs.insert(1, " ".join(_agreement(agreement)))
    tables = [_scores(predictor.bundle.training), _labels(predictor, agreement)]
    return WRITERS[Markup(markup)](paragraphs, tables, citation())


def citation() -> str:
    """Return how to cite the package that runs, in BibTeX, by its metadata."""
    package = metadata("framescope")
    fields = {
        "title": package["Name"],
        "author": f"{{{package['Author']}}}",
        "version": package["Version"],
        "license": package["License-Expression"],
    }
    return "@software{framescope,\n" + ",\n".join(f"  {k} = {{{v}}}" for k, v in fields.items()) + "\n}\n"


def check_corpus(predictor: Predictor, corpus: Corpus) -> None:
    """Refuse a corpus of coders that has other articles than the model's training.

    Raises:
        CorpusError: it is not the corpus of training.
    """
    if corpus_hash(split_units(corpus, predictor.unit)) != predictor.bundle.training.corpus.sha256:
        message = (
            "is not the corpus that the model was trained on, so its agreement says nothing of it: name the "
            "file, its columns and --resolve as for train"
        )
        raise CorpusError.at(corpus.path, message)


def _corpus(predictor: Predictor) -> Iterator[str]:
    corpus, codebook = predictor.bundle.training.corpus, predictor.codebook
    n_first = len(codebook.coarse)
    tree = "" if codebook.is_flat else f", {n_first} of them of the first level"
    units = f"{corpus.n_articles:,} articles"
    if predictor.unit != "article" or corpus.n_units != corpus.n_articles:
        units = f"{corpus.n_units:,} {predictor.unit}s of {corpus.n_articles:,} articles"
    languages = ", ".join(f"{code or 'not given'}: {n:,}" for code, n in corpus.languages.items())
    told = f" (by language, {languages})" if languages else ""
    yield f"The corpus {corpus.name!r} has {units}{told}, coded with the codebook {codebook.name!r}:"
    yield f"{len(codebook.ids)} labels{tree}, of which a text may have several or none."
    if corpus.n_left_out:
        yield f"{corpus.n_left_out:,} further rows were left out as unusable."
    yield from (f"Its journal says of {state}." for state in corpus.states)
    yield f"The SHA-256 of its ids, texts, labels and spans is {corpus.sha256}."


def _agreement(found: Agreement) -> Iterator[str]:
    yield f"It has {len(found.coders)} coders; {found.n_articles:,} articles were coded by two or more."
    yield (
        f"Krippendorff's alpha of label sets, with the MASI distance, is {number(found.alpha)}"
        f"{_ci(found.ci95)}; the alpha of each label is in Table 2."
    )
    scores = found.human_ceiling["fine"]
    if scores:
        shown = ", ".join(f"{name} {with_interval(scores, score)}" for score, name in SCORES.items())
        yield f"Against the majority of the others, coders reach on the finest labels {shown}."


def _model(predictor: Predictor) -> Iterator[str]:
    facts = predictor.bundle.training
    n_features = len(predictor.bundle.model.ngrams.vocabulary)
    yield (
        f"With framescope {facts.versions.get('framescope', version('framescope'))} we fitted a linear model "
        f"({facts.learner}, penalty {facts.penalty:g}) on TF-IDF values of {n_features:,} n-grams of words and "
        f"of characters within words, those of {facts.min_df} units or more."
    )
    if facts.meaning is not None:
        names = facts.meaning.encoders
        yield f"It also reads with the sentence encoder{'s' * (len(names) > 1)} {', '.join(names)}."
    if facts.background is not None:
        yield f"{facts.background.n_fitted:,} unlabelled articles entered the fit as weak negatives."
    yield (
        "Its margins become calibrated probabilities by a logistic second stage, and these label sets by the "
        f"rule {facts.rule}."
    )
    yield from (f"After training {line}." for line in facts.changes)


def _figures(predictor: Predictor) -> Iterator[str]:
    facts = predictor.bundle.training
    scores, calibration = facts.metrics["overall"], facts.metrics["calibration"]
    yield (
        "Every unit was judged by a fit, a calibration and a rule that had seen neither its group (units of "
        f"equal {facts.group_by}) nor its near-duplicates; intervals are 95 % bootstrap intervals over groups. "
        "Which n-grams count, how rare they are and the penalty were chosen on all units, so new ones may fare "
        "a little worse."
    )
    shown = ", ".join(f"{name} {with_interval(scores['fine'], score)}" for score, name in SCORES.items())
    yield f"On the finest labels this gives {shown} (Table 1)."
    if scores["false_alarm_rate"] is not None:
        yield f"Of the units without a label {100 * scores['false_alarm_rate']:.1f} % were given one."
    if calibration.get("ece") is not None:
        yield f"The expected calibration error of the probabilities is {number(calibration['ece'])}."
    yield f"The seed is {facts.seed}; the model's digest is {predictor.digest}."


def _scores(facts: Facts) -> Table:
    rows = [
        (
            SECTIONS.get(row["section"], row["section"]),
            LEVELS[row["level"]],
            *(with_interval(row, score) for score in SCORES),
            number(row["false_alarm_rate"]),
        )
        for row in f1_rows(facts.metrics)
    ]
    caption = "Table 1. F1 of left-out units, with 95 % intervals, and the share of false alarms."
    return Table(caption, ("", "level", *SCORES.values(), "false alarms"), rows)


def _labels(predictor: Predictor, agreement: Agreement | None) -> Table:
    alphas = {} if agreement is None else {one.label: one for one in agreement.labels}
    rows = []
    for label in predictor.codebook.labels:
        row = predictor.bundle.training.label_figures.get(label.id)
        own = alphas.get(label.id)
        figures = [number(row[name]) for name in ("precision", "recall", "f1")] if row else ["-"] * 3
        agreed = [] if agreement is None else ["-" if own is None else f"{number(own.alpha)}{_ci(own.ci95)}"]
        rows.append((label.id, label.parent or "", str(row["support"]) if row else "-", *figures, *agreed))
    alpha = [] if agreement is None else ["alpha"]
    caption = "Table 2. Each label on left-out units" + (", and the agreement of coders." if alpha else ".")
    return Table(caption, ("label", "parent", "units", "precision", "recall", "F1", *alpha), rows)


def _ci(ends: tuple[float, float] | None) -> str:
    return f" {interval(ends)}" if ends else ""


def _markdown(paragraphs: Sequence[str], tables: Sequence[Table], citation: str) -> str:
    parts = ["## Methods", *paragraphs]
    for table in tables:
        lines = [table.header, ["---"] * len(table.header), *table.rows]
        drawn = "\n".join("| " + " | ".join(cell.replace("|", r"\|") for cell in row) + " |" for row in lines)
        parts += [table.caption, drawn]
    return "\n\n".join([*parts, f"```bibtex\n{citation}```"]) + "\n"


def _latex(paragraphs: Sequence[str], tables: Sequence[Table], citation: str) -> str:
    commented = "\n".join(f"% {line}" for line in citation.strip().splitlines())
    named = (TABLE.sub(r"Table~\\ref{tab:framescope-\1}", latex(paragraph)) for paragraph in paragraphs)
    drawn = [_tabular(table, number) for number, table in enumerate(tables, start=1)]
    return "\n\n".join([r"\subsection*{Methods}", *named, *drawn, commented]) + "\n"


def _tabular(table: Table, number: int) -> str:
    lines = [" & ".join(map(latex, row)) + r" \\" for row in (table.header, *table.rows)]
    caption = latex(table.caption.split(". ", maxsplit=1)[1])
    return "\n".join(
        [
            r"\begin{table}",
            rf"\caption{{{caption}}}\label{{tab:framescope-{number}}}",
            rf"\begin{{tabular}}{{{'l' * len(table.header)}}}",
            r"\hline",
            lines[0],
            r"\hline",
            *lines[1:],
            r"\hline",
            r"\end{tabular}",
            r"\end{table}",
        ]
    )


def latex(text: str) -> str:
    r"""Return a text with the signs that LaTeX would take for commands escaped.

    >>> print(latex("50 % of R&D_1"))
    50 \% of R\&D\_1
    """
    return SPECIAL.sub(lambda found: ESCAPED[found[0]], text)


WRITERS: dict[Markup, Callable[[Sequence[str], Sequence[Table], str], str]] = {
    Markup.MARKDOWN: _markdown,
    Markup.LATEX: _latex,
}
