"""A small corpus in three languages, and commands run on it in this process."""

from __future__ import annotations

import json
import os
import random
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

from typer.testing import CliRunner, Result

from framescope.cli.app import app

REPOSITORY = Path(__file__).parents[1]


CODEBOOK = {
    "name": "tiny",
    "labels": [
        {"id": "bloc", "children": [{"id": "anti-csto"}, {"id": "union-expands"}]},
        {"id": "west", "children": [{"id": "west-divides"}]},
    ],
}


PHRASES = {
    "anti-csto": {
        "bg": "Нов военен блок подкопава ОДКБ",
        "ru": "Новый военный блок подрывает ОДКБ",
        "en": "A new military bloc undermines the CSTO",
    },
    "union-expands": {
        "bg": "Тюркският съюз се разширява на изток",
        "ru": "Тюркский союз расширяется на восток",
        "en": "The Turkic union expands to the east",
    },
    "west-divides": {
        "bg": "Западът иска да раздели съседите",
        "ru": "Запад хочет расколоть соседей",
        "en": "The West wants to divide the neighbours",
    },
    "": {
        "bg": "Реколтата от грозде беше добра",
        "ru": "Урожай винограда был хорошим",
        "en": "The grape harvest was good",
    },
}


NEWS = {
    "bg": (
        "министърът агенцията вестникът експертът депутатът посланикът генералът пазарът",
        "съобщи отрече потвърди обеща предупреди обсъди",
        "бюджета пътя данъците моста срещата избора зърното реката парада доклада",
    ),
    "ru": (
        "министр агентство газета эксперт депутат посол генерал рынок",
        "сообщил отрицал подтвердил обещал предупредил обсудил",
        "бюджет дорогу налоги мост встречу выборы зерно реку парад доклад",
    ),
    "en": (
        "minister agency newspaper expert deputy ambassador general market",
        "reported denied confirmed promised warned discussed",
        "budget road taxes bridge meeting election grain river parade report",
    ),
}


def articles(n_each: int = 6) -> list[dict[str, object]]:
    """Return articles in three languages, with one label each or none, from four outlets."""
    rng = random.Random(5)  # noqa: S311 - sentences, not secrets

    def news(lang: str) -> str:
        return " ".join(rng.choice(words.split()) for words in NEWS[lang])

    return [
        {
            "id": f"{lang}-{label or 'none'}-{number}",
            "lang": lang,
            "source": f"outlet {number % 4}",
            "title": f"{news(lang)}?" if number % 2 else "",
            "text": f"{news(lang)}. {phrase}! {news(lang)}, {news(lang)}, {news(lang)} {number}.",
            "labels": [label] if label else [],
            **({} if label else {"kind": "neutral"}),
        }
        for label, phrases in PHRASES.items()
        for lang, phrase in phrases.items()
        for number in range(n_each)
    ]


def write_rows(path: Path, rows: Sequence[object]) -> Path:
    path.write_text("".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows), encoding="utf-8")
    return path


def run(*arguments: str | Path, stdin: str | bytes | None = None) -> Result:
    """Run a command in this process."""
    return CliRunner().invoke(app, [str(argument) for argument in arguments], input=stdin)


def succeed(*arguments: str | Path, stdin: str | bytes | None = None) -> Result:
    result = run(*arguments, stdin=stdin)
    assert result.exit_code == 0, result.output
    return result


def message_of(result: Result) -> str:
    """Return the message of a failure: the one thing that is printed, without a traceback."""
    assert result.exit_code == 1, result.output
    assert isinstance(result.exception, SystemExit)
    assert result.stdout == ""
    assert result.stderr.startswith("error: ")
    assert "Traceback" not in result.stderr
    return result.stderr.removeprefix("error: ")


def start(
    *arguments: str | Path, cwd: Path | None = None, stdin: bytes = b""
) -> subprocess.CompletedProcess[bytes]:
    """Run a command in a fresh process, with pipes for all streams."""
    command = [sys.executable, "-W", "error", "-m", "framescope", *map(str, arguments)]
    environment = {name: value for name, value in os.environ.items() if name not in {"FORCE_COLOR", "COLUMNS"}}
    return subprocess.run(command, capture_output=True, check=False, cwd=cwd, input=stdin, env=environment)  # noqa: S603
