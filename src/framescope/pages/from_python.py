"""The pages for programs and notebooks: an explained article, and a report on a model."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from framescope.articles import Article
from framescope.corpus.schema import Corpus
from framescope.corpus.units import split_units
from framescope.errors import TextError
from framescope.evaluation.judged import judge
from framescope.pages.article import MAX_MODELS, explain_article
from framescope.pages.catalogues import Interface
from framescope.pages.report import Report, make_report
from framescope.pages.views import ArticleView
from framescope.predictor import Predictor
from framescope.progress import Progress, no_progress
from framescope.text.article import full_text

Models = Predictor | Path | str


def explain(
    text: str,
    models: Models | Sequence[Models],
    *,
    title: str = "",
    article_id: str = "article",
    interface: str = "en",
    progress: Progress = no_progress,
) -> ArticleView:
    """Run models over an article and explain their labels: ``explain(text, "models/starter").save("a.html")``.

    ``models`` are predictors, bundles or names of bundles. Title and text are joined as in training. Labels are
    named in the language of the ``interface`` where the codebook has it: ``en``, ``bg`` or ``ru``.

    Raises:
        TextError: the article is empty, there are no models or too many, or no such interface.
        BundleError: a model cannot be loaded.
    """
    if not isinstance(text, str) or not text.strip():
        raise TextError(f"expected the text of an article, found {text!r:.80}")
    given = [models] if isinstance(models, Predictor | Path | str) else list(models)
    if not 1 <= len(given) <= MAX_MODELS:
        raise TextError(f"expected 1 to {MAX_MODELS} models, found {len(given)}")
    _check_interface(interface)
    whole = full_text(title, text)
    article = Article(article_id, whole, title=title, n_before=len(whole) - len(text))
    with progress("Explaining"):
        return explain_article(article, [_loaded(model) for model in given], interface=interface)


def report(
    model: Models,
    corpus: Corpus,
    *,
    group_by: str | None = None,
    interface: str = "en",
    jobs: int = 1,
    progress: Progress = no_progress,
) -> Report:
    """Judge a model on an annotated corpus: ``report("models/starter", corpus).save("report.html")``.

    On the corpus of training it takes the decisions that training made without each article's group; on any
    other corpus the model decides. Articles are cut into what the model judges. There is no learning curve: the
    command ``report`` draws one. The page speaks the language of the ``interface``: ``en``, ``bg`` or ``ru``.

    Raises:
        TextError: there is no such interface.
        BundleError: the model cannot be loaded, or lacks the record of its training on this corpus.
        CorpusError: the corpus has no column ``group_by``.
    """
    _check_interface(interface)
    predictor = _loaded(model)
    units = split_units(corpus, predictor.unit)
    judged = judge(predictor.bundle, units, group_by=group_by, jobs=jobs, progress=progress)
    return make_report(predictor, judged, interface=interface, progress=progress)


def _check_interface(interface: str) -> None:
    if interface not in set(Interface):
        raise TextError(f"expected the interface {', '.join(Interface)}, found {interface!r}")


def _loaded(model: Models) -> Predictor:
    return model if isinstance(model, Predictor) else Predictor.load(model)
