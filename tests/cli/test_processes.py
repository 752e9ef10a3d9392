"""Commands in processes of their own: pipes, terminals, interruptions."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from commands import REPOSITORY, articles, start, write_rows
from framescope.cli.app import main


def test_a_fresh_process_predicts_into_a_pipe(model: Path) -> None:
    """JSON in UTF-8 on standard output, nothing else anywhere, whatever the locale."""
    done = start("predict", model, stdin="Нов блок".encode())
    assert done.returncode == 0
    assert done.stderr == b""
    assert json.loads(done.stdout)["id"] == "-"


def test_a_fresh_process_fails_with_a_message_only(model: Path, tmp_path: Path) -> None:
    done = start("predict", model, "няма.txt", cwd=tmp_path)
    assert (done.returncode, done.stdout) == (1, b"")
    assert done.stderr.decode() == "error: няма.txt: no such file\n"


@pytest.mark.slow
def test_piped_tables_hold_no_control_codes(home: Path, model: Path) -> None:
    done = start("evaluate", model, home / "articles.jsonl")
    assert done.returncode == 0
    assert b"overall" in done.stdout
    assert b"\x1b" not in done.stdout + done.stderr
    assert done.stderr == b""


@pytest.mark.skipif(os.name == "nt", reason="Windows has no pseudo-terminals")
def test_a_terminal_shows_progress_beside_clean_results(model: Path, tmp_path: Path) -> None:
    """Bars go to a standard error that is a terminal; standard output, a pipe, holds the results alone."""
    import pty  # noqa: PLC0415 - not on Windows

    write_rows(tmp_path / "a.jsonl", articles())
    reader, terminal = pty.openpty()
    command = [sys.executable, "-m", "framescope", "predict", str(model), str(tmp_path / "a.jsonl")]
    environment = {**os.environ, "TERM": "xterm"}
    done = subprocess.run(command, stdout=subprocess.PIPE, stderr=terminal, check=True, env=environment)  # noqa: S603
    shown = os.read(reader, 100_000)
    os.close(reader)
    os.close(terminal)
    assert b"Predicting" in shown
    assert len([json.loads(line) for line in done.stdout.splitlines()]) == 72


def test_an_interruption_exits_with_130(model: Path) -> None:
    """A real signal, at a known moment: when standard input is read."""
    code = (
        "import os, signal, sys\n"
        "from framescope.cli.app import main\n"
        "class Stdin:\n"
        "    buffer = property(lambda self: self)\n"
        "    def read(self, size): os.kill(os.getpid(), signal.SIGINT); return b'text'\n"
        "sys.stdin = Stdin()\n"
        f"main(['predict', {str(model)!r}, '-'])\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, check=False)  # noqa: S603
    assert done.returncode == 128 + signal.SIGINT
    assert done.stdout == b""
    assert b"Traceback" not in done.stderr


def test_a_reader_that_has_enough_is_no_error(model: Path, tmp_path: Path) -> None:
    write_rows(tmp_path / "many.jsonl", [{"text": "Нов блок " * 20}] * 3000)
    command = [sys.executable, "-m", "framescope", "predict", str(model), str(tmp_path / "many.jsonl")]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:  # noqa: S603
        assert process.stdout is not None
        assert process.stderr is not None
        assert process.stdout.readline().startswith(b'{"id"')
        process.stdout.close()
        assert process.stderr.read() == b""
        assert process.wait() == 1


def test_train_py_takes_the_arguments_of_train(home: Path, tmp_path: Path) -> None:
    command = [sys.executable, REPOSITORY / "train.py", home / "articles.jsonl", "--dry-run"]
    done = subprocess.run(command, capture_output=True, check=False, cwd=tmp_path)  # noqa: S603
    assert done.returncode == 0
    assert done.stderr == b"warning: 12 pairs of near duplicates\n"
    assert b"72 of 72 articles" in done.stdout


def test_train_py_says_how_to_install(tmp_path: Path) -> None:
    command = [sys.executable, "-I", "-S", REPOSITORY / "train.py"]
    done = subprocess.run(command, capture_output=True, check=False, cwd=tmp_path)  # noqa: S603
    assert done.returncode == 1
    assert b"pip install -e ." in done.stderr
    assert b"Traceback" not in done.stderr


def test_main_takes_arguments(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit, match="0"):
        main(["--version"])
    assert capsys.readouterr().out == "framescope 0.1.0\n"
