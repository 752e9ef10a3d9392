"""How well typicality tells texts that a model is not for from new ones that are like its training articles."""

from __future__ import annotations

import argparse
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from sklearn.metrics import roc_auc_score

from bench.quality import CHECKOUT, corpora_folder
from bench.real import RealArticle, real_articles
from framescope._types import Float32
from framescope.codebook_reading import read_codebook
from framescope.corpus.read import read_corpus
from framescope.corpus.schema import Corpus
from framescope.model.fitted import Model
from framescope.text.segments import Unit, segments
from framescope.text.utf8 import Utf8Texts
from framescope.training.recipe import Recipe
from framescope.training.train import train

SUMMARY = "AUC and flagged share of texts unlike training: other languages, topics, shuffled words, boilerplate"
FALSE_ALARMS = 0.05
N_FOLDS = 5
MAX_TEXTS = 1_500
BOILERPLATE = (
    "We use cookies to improve your experience on our website. Accept all. Reject. Manage preferences.",
    "Home News Politics Economy Sports Culture Video Photo About us Contacts Advertising RSS",
    "404 Page not found. The page you are looking for does not exist or has been moved.",
    "Please enable JavaScript and cookies to continue. Checking your browser before accessing.",
    "Subscribe now for full access. Already a subscriber? Log in. Offer ends Sunday. Cancel anytime.",
    "Share on Facebook Share on Twitter Share on WhatsApp Copy link Print Read more Most read Related articles",
    "Главная Новости Политика Экономика Спорт Видео Фото О нас Контакты Реклама Все права защищены. Поиск",
    "Мы используем файлы cookie. Продолжая пользоваться сайтом, вы соглашаетесь с правилами.",
    "Подписывайтесь на наш канал. Поделиться. Комментарии отключены. Читайте также. Самое читаемое за неделю.",
    "Начало Новини Политика Икономика Спорт Видео Снимки За нас Контакти Реклама Всички права запазени. Вход",
    "Използваме бисквитки, за да подобрим вашето преживяване. Приемам всички. Отказвам.",
    "Абонирайте се за нашия бюлетин. Споделете във Facebook. Коментирай. Още по темата. Най-четени днес.",
)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the options of this benchmark."""
    parser.add_argument("--only", nargs="+", choices=[*MODELS], default=[*MODELS], help="models to measure")


def run(arguments: argparse.Namespace) -> dict[str, Any]:
    """Print and return, for each model, how texts of each kind compare with its own held-out articles."""
    articles = list(real_articles(corpora_folder()))
    if not articles:
        print(f"skipped: {corpora_folder()} has no corpora (set FRAMESCOPE_CORPORA)")
        return {}
    results = {}
    for name in arguments.only:
        corpus, group_by = MODELS[name]()
        results[name] = measure(corpus, group_by, articles, jobs=arguments.jobs)
        print_table(name, results[name])
    return results


def starter() -> tuple[Corpus, str]:
    """Return the starter corpus."""
    return read_corpus(CHECKOUT / "data" / "starter"), "source"


def slavic() -> tuple[Corpus, str]:
    """Return the sentences of the Slavic corpus."""
    folder = corpora_folder() / "slavic_persuasion"
    return read_corpus(folder / "train.jsonl", codebook=read_codebook(folder / "codebook.json")), "article_id"


MODELS = {"starter": starter, "slavic": slavic}


def measure(corpus: Corpus, group_by: str, articles: Sequence[RealArticle], *, jobs: int) -> dict[str, Any]:
    """Fit without a fifth of the groups, whose units are the usual ones; every kind is compared with these."""
    groups = np.unique(corpus.column(group_by), return_inverse=True)[1]
    fold_of = np.random.default_rng(0).permutation(groups.max() + 1) % N_FOLDS
    is_held_out = fold_of[groups] == 0
    recipe = Recipe(group_by=group_by, jobs=jobs, allow_unseen_labels=True)
    model = train(corpus.select(np.flatnonzero(~is_held_out)), recipe).model
    usual = [corpus.full_texts()[row] for row in np.flatnonzero(is_held_out)]
    kinds = {"held-out": usual, **_kinds(corpus, usual, articles, is_cut=group_by == "article_id")}
    likeness = {name: _likeness(model, texts, jobs) for name, texts in kinds.items() if texts}
    return {name: _compare(model, likeness["held-out"], own) for name, own in likeness.items()}


def _kinds(
    corpus: Corpus, usual: Sequence[str], articles: Sequence[RealArticle], *, is_cut: bool
) -> dict[str, list[str]]:
    """Return texts by kind: those of other corpora in a language of training are of another topic."""
    rng = np.random.default_rng(0)
    texts: Mapping[tuple[str, str], list[str]] = defaultdict(list)
    for article in articles:
        texts[article.corpus, article.lang].append(article.text)
    known = set(corpus.languages())
    of_corpus = Path(corpus.path).parent.name
    kinds = {}
    for (name, lang), found in texts.items():
        if name != of_corpus:
            what = "topic" if lang in known else "language"
            kinds[f"{what}: {name}, {lang}"] = [*_sample(found, rng, is_cut=is_cut)]
    if of_corpus == "slavic_persuasion":
        for lang in ("en", "bg", "ru"):
            starter_texts = read_corpus(CHECKOUT / "data" / "starter" / f"{lang}.jsonl").full_texts()
            what = "topic" if lang in known else "language"
            kinds[f"{what}: starter, {lang}"] = [*_sample(starter_texts, rng, is_cut=True)]
    kinds["shuffled words"] = [" ".join(rng.permutation(text.split())) for text in usual]
    kinds["boilerplate"] = [*BOILERPLATE]
    return kinds


def _sample(texts: Sequence[str], rng: np.random.Generator, *, is_cut: bool) -> Iterator[str]:
    """Yield some of the texts, or some of their sentences where the model judges sentences."""
    parts = list(texts)
    if is_cut:
        parts = [text[start:end] for text in texts for start, end in segments(text, Unit.SENTENCE)]
    for row in rng.permutation(len(parts))[:MAX_TEXTS]:
        yield parts[row]


def _likeness(model: Model, texts: Sequence[str], jobs: int) -> Float32:
    output = model.run(Utf8Texts.encode(texts), jobs=jobs)
    if output.typicality is None:
        raise ValueError("expected a model that tells typicality")
    return output.typicality


def _compare(model: Model, usual: Float32, own: Float32) -> dict[str, float]:
    truth = np.concatenate([np.zeros(len(usual)), np.ones(len(own))])
    cut = model.typicality.cut if model.typicality is not None else 0.0
    return {
        "n_texts": len(own),
        "auc": float(roc_auc_score(truth, -np.concatenate([usual, own]))),
        "flagged_at_5_percent": float((own < np.quantile(usual, FALSE_ALARMS)).mean()),
        "unlike_training": float((own < np.float32(cut)).mean()),
    }


def print_table(name: str, rows: Mapping[str, Mapping[str, float]]) -> None:
    """Print the figures of a model."""
    print(f"{name}: texts against its own held-out ones")
    print(f"  {'':36}{'texts':>7}{'AUC':>8}{'flagged at 5 %':>17}{'below 1 %':>12}")
    for kind, row in rows.items():
        print(
            f"  {kind:36}{row['n_texts']:7}{row['auc']:8.3f}{row['flagged_at_5_percent']:17.3f}"
            f"{row['unlike_training']:12.3f}"
        )
    print(flush=True)
