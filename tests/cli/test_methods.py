"""The command ``methods``."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from commands import CODEBOOK, articles, message_of, run, succeed, write_rows
from framescope import Predictor, methods


@pytest.fixture(scope="module")
def coded(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a corpus of three coders, one of whom errs, and a model that was trained on it."""
    home = tmp_path_factory.mktemp("coded")
    rows: list[dict[str, Any]] = []
    for number, row in enumerate(articles()):
        labels = row.pop("labels")
        own = [labels, labels, [] if number % 7 == 0 else labels]
        coders = [
            {"coder": coder, "labels": given} for coder, given in zip(("anna", "Боян", "в"), own, strict=True)
        ]
        rows.append({**row, "annotations": coders})
    write_rows(home / "coded.jsonl", rows)
    (home / "codebook.json").write_text(json.dumps(CODEBOOK), encoding="utf-8")
    arguments = ["--codebook", home / "codebook.json", "--group-by", "source", "--output", home / "model"]
    succeed("train", home / "coded.jsonl", *arguments, "--jobs", "1")
    return home


def test_what_was_done_and_how_good_it_is_is_told(model: Path, here: Path) -> None:
    predictor = Predictor.load(model)
    facts = predictor.bundle.training
    text = succeed("methods", model).stdout
    assert text == methods(predictor)
    assert (
        "has 72 articles (by language, bg: 24, en: 24, ru: 24), coded with the codebook 'tiny': 5 labels"
        in text
    )
    assert f"{facts.metrics['overall']['fine']['micro_f1']:.3f} [" in text
    assert "(units of equal source)" in text
    assert facts.corpus.sha256 in text
    assert predictor.digest in text
    assert "| label | parent | units | precision | recall | F1 |" in text
    assert "| anti-csto | bloc | 18 |" in text
    assert "alpha" not in text
    assert "@software{framescope,\n" in text
    assert "version = {0.1.0}" in text


def test_latex_escapes_its_signs(model: Path, here: Path) -> None:
    result = succeed("methods", model, "--markup", "latex", "--output", "methods.tex")
    assert result.stdout == "Saved to methods.tex.\n"
    text = Path("methods.tex").read_text(encoding="utf-8")
    assert r"95 \% bootstrap" in text
    assert text.count(r"\begin{tabular}") == text.count(r"\end{table}") == 2
    assert r"(Table~\ref{tab:framescope-1})" in text
    assert text.count(r"\label{tab:framescope-1}") == 1
    body = [line for line in text.splitlines() if line.endswith(r"\\")]
    assert {line.count(" & ") for line in body} == {5}
    assert "% @software{framescope," in text


def test_the_agreement_of_the_coders_of_training_is_told(coded: Path, home: Path) -> None:
    corpus, book = coded / "coded.jsonl", ("--codebook", coded / "codebook.json")
    text = succeed("methods", coded / "model", "--coded", corpus, *book).stdout
    found = json.loads(succeed("agreement", corpus, *book, "--json", "-").stdout)
    assert "It has 3 coders; 72 articles were coded by two or more." in text
    assert f"with the MASI distance, is {found['alpha']:.3f} [" in text
    assert "| label | parent | units | precision | recall | F1 | alpha |" in text
    assert "coders reach on the finest labels samples-F1" in text
    other = message_of(run("methods", coded / "model", "--coded", home / "articles.jsonl", *book))
    assert "does not say who coded" in other


def test_the_agreement_of_another_corpus_is_refused(coded: Path, here: Path) -> None:
    rows = (coded / "coded.jsonl").read_text(encoding="utf-8").splitlines()[:40]
    path = here / "less.jsonl"
    path.write_text("\n".join(rows), encoding="utf-8")
    message = message_of(
        run("methods", coded / "model", "--coded", path, "--codebook", coded / "codebook.json")
    )
    assert message.startswith(f"{path}: is not the corpus that the model was trained on")
