"""The command line in unusual places: closed streams, hostile names, signals."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from framescope.cli.app import app
from sealed import change_config

OSC, CLEAR = "\x1b]0;OWNED\x07", "\x1b[2J"
RAW = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f]")
COMMAND = [sys.executable, "-m", "framescope"]


def run(*arguments: str | Path) -> Result:
    return CliRunner().invoke(app, [str(argument) for argument in arguments])


def in_shell(line: str, *arguments: str | Path | bytes, **variables: str) -> subprocess.CompletedProcess[bytes]:
    """Run the command by a shell, where ``$@`` are the arguments after ``framescope``."""
    return subprocess.run(  # noqa: S603 - our own interpreter
        ["/bin/sh", "-c", line, "sh", *COMMAND, *arguments],
        capture_output=True,
        check=False,
        env={**os.environ, **variables},
    )


@pytest.fixture
def hostile(tmp_path: Path) -> Path:
    """Articles whose ids, titles and labels steer a terminal, in a file whose name does."""
    rows = [
        {"id": f"i{OSC}", "title": f"T{OSC}{CLEAR}", "text": f"The West{CLEAR} wants.", "labels": ["west"]},
        {"id": "l", "text": "y", "labels": [f"L{OSC}"]},
        {"id": "b", "text": "x z\x9b2J", "labels": [f"{CLEAR}M"], "lang": f"x{OSC}"},
        {"id": f"c{OSC}", "text": "q", "labels": 3},
    ]
    path = tmp_path / f"x{OSC}.jsonl"
    path.write_text("".join(f"{json.dumps(row)}\n" for row in rows), encoding="utf-8")
    return path


@pytest.fixture
def hostile_model(bundle_path: Path) -> Path:
    def rename(config: dict[str, Any]) -> None:
        book = config["codebook"]
        book.update(name=f"B{OSC}", caution=f"c{CLEAR}", rule=f"r{OSC}")
        for label in book["labels"]:
            label.update(name={"en": f"N{OSC}"}, applies=f"a{CLEAR}", excludes=f"e{OSC}")

    change_config(bundle_path, rename)
    return bundle_path


@pytest.mark.parametrize(
    "arguments",
    [
        ("audit", "FILE"),
        ("audit", "FILE", "--skip-invalid"),
        ("audit", "FILE", "--skip-invalid", "--json", "-"),
        ("audit", f"no{OSC}"),
        ("predict", "MODEL", "FILE"),
        ("predict", "MODEL", f"no{OSC}.doc"),
        ("explain", "MODEL", "FILE", "--id", f"i{OSC}"),
        ("explain", "MODEL", "FILE", "--id", f"none{OSC}"),
        ("evaluate", "MODEL", "FILE", "--skip-invalid"),
        ("inspect", "MODEL"),
        ("inspect", "MODEL", "--json", "-"),
        ("score", "MODEL", "FILE", "--output", f"OUT{OSC}"),
        ("verify", f"OUT{OSC}"),
        ("drift", "MODEL", "FILE", "FILE"),
        ("next", "MODEL", "FILE"),
        ("next", "MODEL", "FILE", "--label", f"L{OSC}"),
        ("doubts", "MODEL", "FILE", "--skip-invalid", "--output", f"no{OSC}/a.csv"),
        ("compare", "MODEL", "MODEL", "FILE", "--skip-invalid", "--group-by", f"no{OSC}"),
        ("overview", "FILE", "--skip-invalid", "--by", f"no{OSC}"),
        ("agreement", "FILE", "--skip-invalid"),
        ("correct", "FILE", "FILE", "--output", f"no{OSC}/a.jsonl"),
        ("journal", "FILE"),
        ("codebook", "check", "FILE"),
        ("codebook", "FILE", "--output", f"no{OSC}/a.csv"),
        ("export", "FILE", "--skip-invalid", "--to", "doccano", "--output", f"no{OSC}/a.jsonl"),
        ("methods", "MODEL"),
        ("set-rule", "MODEL", f"OUT{OSC}", "--label", f"x{OSC}:.5"),
        ("report", "MODEL", "FILE", "--skip-invalid", "--html", f"no{OSC}/a.html"),
        ("push", "MODEL", f"a/{OSC}"),
        ("pull", f"a/{OSC}", f"OUT{OSC}"),
        ("export-joblib", "MODEL", f"no{OSC}/a.joblib"),
        ("train", "FILE", "--output", f"OUT{OSC}"),
        ("serve", f"no{OSC}"),
    ],
)
def test_nothing_that_is_shown_steers_a_terminal(
    arguments: tuple[str, ...], hostile: Path, hostile_model: Path, tmp_path: Path
) -> None:
    named = {"FILE": str(hostile), "MODEL": str(hostile_model), f"OUT{OSC}": str(tmp_path / f"out{OSC}")}
    result = run(*(named.get(argument, argument) for argument in arguments))
    assert result.output
    assert not isinstance(result.exception, Exception) or isinstance(result.exception, SystemExit)
    assert not RAW.search(result.output)


def test_nor_does_a_page(hostile: Path, hostile_model: Path, tmp_path: Path) -> None:
    result = run("explain", hostile_model, hostile, "--id", f"i{OSC}", "--html", tmp_path / "a.html")
    assert result.exit_code == 0, result.output
    page = (tmp_path / "a.html").read_text(encoding="utf-8")
    assert not RAW.search(page)
    assert r"T\u001b]0;OWNED\u0007\u001b[2J" in page


def test_repeated_columns_are_named_without_their_escapes(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text(f"id,text,labels,{OSC},{OSC}\na,b,c,d,e\n", encoding="utf-8")
    result = run("audit", path)
    assert result.exit_code == 1
    assert not RAW.search(result.output)


@pytest.mark.skipif(sys.platform != "linux", reason="file names are bytes there")
def test_names_that_are_not_utf8(bundle_path: Path, tmp_path: Path) -> None:
    """Text files are scored under their escaped names; the job knows the real ones."""
    folder = tmp_path / "in"
    folder.mkdir()
    odd = os.fsdecode(os.fsencode(folder) + b"/\xcf\xf0.txt")
    Path(odd).write_text("Нов блок.", encoding="utf-8")
    Path(odd.replace(".txt", ".jsonl")).write_text('{"text": "a"}\n5\n', encoding="utf-8")
    output = tmp_path / "out"
    for _ in range(2):
        result = run("score", bundle_path, folder, "--output", output, "--format", "jsonl")
        assert result.exit_code == 0, result.output
    rows = [
        json.loads(line) for part in sorted(output.glob("part-*")) for line in part.read_text().splitlines()
    ]
    assert [row["id"] for row in rows] == [r"\xcf\xf0@0", r"\xcf\xf0"]
    (bad,) = (output / "_rejected.jsonl").read_text(encoding="utf-8").splitlines()
    assert json.loads(bad)["file"] == odd.replace(".txt", ".jsonl")
    assert run("verify", output).exit_code == 0
    assert json.loads(run("predict", bundle_path, odd).stdout)["id"] == r"\xcf\xf0"
    result = run("explain", bundle_path, odd, "--html", tmp_path / "a.html")
    assert result.exit_code == 0, result.output
    assert r"\xcf\xf0" in (tmp_path / "a.html").read_text(encoding="utf-8")


@pytest.mark.slow
@pytest.mark.skipif(os.name == "nt", reason="needs a shell")
@pytest.mark.parametrize("closed", [">&-", "2>&-", "<&-", "<&- >&- 2>&-"])
def test_closed_streams(closed: str, bundle_path: Path, tmp_path: Path) -> None:
    """What would go there goes nowhere; files are what they are otherwise."""
    source = tmp_path / "a.txt"
    source.write_text("Нов блок.", encoding="utf-8")
    done = in_shell(f'"$@" {closed}', "predict", bundle_path, source)
    assert (done.returncode, done.stderr) == (0, b"")
    assert bool(done.stdout) == (">&-" not in closed.split())
    output = tmp_path / "out"
    assert in_shell(f'"$@" {closed}', "score", bundle_path, source, "--output", output).returncode == 0
    assert run("verify", output).exit_code == 0
    assert in_shell(f'"$@" {closed}', "predict", tmp_path / "none", source).returncode == 1


def test_a_closed_standard_input_holds_no_article(bundle_path: Path) -> None:
    done = in_shell('"$@" <&-', "predict", bundle_path, "-")
    assert done.stderr == b"error: -: is empty, expected an article\n"


def test_numba_that_is_told_not_to_compile(bundle_path: Path, tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("a", encoding="utf-8")
    done = in_shell('"$@"', "predict", bundle_path, tmp_path / "a.txt", NUMBA_DISABLE_JIT="1")
    assert done.returncode == 1
    assert done.stderr == b"error: NUMBA_DISABLE_JIT is set, but framescope runs compiled only: unset it\n"


INTERRUPTED = """
import os, signal, sys

class Finder:
    def find_spec(self, name, path=None, target=None):
        if name == awaited:
            sys.meta_path.remove(self)
            os.kill(os.getpid(), signal.SIGINT)

sys.meta_path.insert(0, Finder())
awaited = sys.argv.pop(1)
from framescope.__main__ import main
main()
"""


@pytest.mark.parametrize(
    "module", ["typer", "framescope.cli.train", "pyarrow", "numba", "framescope.predictor"]
)
def test_an_interruption_while_modules_are_loaded(module: str, bundle_path: Path, tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("a", encoding="utf-8")
    command = [sys.executable, "-c", INTERRUPTED, module, "predict", bundle_path, tmp_path / "a.txt"]
    done = subprocess.run(command, capture_output=True, check=False)  # noqa: S603 - our own interpreter and code
    assert done.returncode == 128 + signal.SIGINT
    assert b"Traceback" not in done.stderr
    assert done.stdout == b""
