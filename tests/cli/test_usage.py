"""Wrong usage, versions and help texts."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from typer.main import get_command

from commands import run, succeed
from framescope.cli.app import COMMANDS, app


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        (["train", "a.jsonl", "--rule", "accuracy"], "samples-f1, micro-f1, macro-f1, precision>=P, recall>=R"),
        (["train", "a.jsonl", "--rule", "precision>=2"], "unknown rule 'precision>=2'"),
        (["train", "a.jsonl", "--learner", "forest"], "'auto', 'ridge', 'ridge-cd', 'logistic'"),
        (["train", "a.jsonl", "--format", "xml"], "jsonl, csv, tsv, parquet, spreadsheet, semeval2025"),
        (["train", "a.jsonl", "--jobs", "0"], "-1 for every core"),
        (["train", "a.jsonl", "--seed", "-1"], "--seed"),
        (
            ["predict", "m", "a.exe"],
            "a.exe: expected a .txt, .jsonl, .ndjson, .csv, .tsv, .parquet, .xlsx, ",
        ),
        (["audit", "a.csv", "--label-separator", ""], "expected a sign that joins labels, such as ,"),
        (["audit", "a.csv", "--offsets", "words"], "'code-points', 'utf16', 'bytes'"),
        (["predict"], "MODEL"),
        (["guess"], "No such command 'guess'"),
    ],
)
def test_wrong_usage_exits_with_2(arguments: list[str], expected: str, here: Path) -> None:
    result = run(*arguments)
    assert result.exit_code == 2
    assert expected in " ".join(result.stderr.split())
    assert result.stdout == ""
    assert list(here.iterdir()) == []


def test_the_version_is_shown() -> None:
    assert succeed("--version").stdout == "framescope 0.1.0\n"


def test_help_lists_the_commands() -> None:
    shown = succeed("--help").stdout
    for command in COMMANDS:
        assert command.__name__.replace("_", "-") in shown


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_has_a_help_text_in_whole_phrases(command: Callable[..., None]) -> None:
    """The command says what it does; its options' texts begin with a capital or a name, and end."""
    name = command.__name__.replace("_", "-")
    shown = succeed(name, "--help").stdout
    assert (command.__doc__ or "").split(".")[0].split()[0] in shown
    assert "``" not in shown
    parameters = get_command(app).commands[name].params  # type: ignore[attr-defined]
    texts = {parameter.name: parameter.help for parameter in parameters if parameter.help}
    assert {option: text for option, text in texts.items() if text[-1] not in ".)"} == {}
    assert {option: text for option, text in texts.items() if text.startswith("Of ")} == {}
