"""An interruption ends a command within a second, while compiled code runs, too."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path

import pytest

pytestmark = pytest.mark.skipif(os.name == "nt", reason="Windows sends no such signals")

AT_WORK = """
import ctypes, signal, subprocess, sys
from pathlib import Path
import framescope.cli.app
from framescope.__main__ import main
from framescope.files import scratch_folder, whole_file, whole_folder

def command(arguments):
    target = Path(sys.argv[1])
    scratch = scratch_folder()
    child = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"])
    with whole_file(target / "a.json") as opened, whole_folder(target / "model") as folder:
        opened.write(b"half")
        (folder / "config.json").write_text("half")
        print("a line", scratch.name, child.pid)
        signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})  # or it would end the sleep
        print("at work", file=sys.stderr, flush=True)
        ctypes.CDLL(None).sleep(60)

framescope.cli.app.main = command
main()
"""


def test_in_the_midst_of_compiled_code(tmp_path: Path) -> None:
    """What is half-written goes, what was printed stays, and what was started ends."""
    arguments = [sys.executable, "-c", AT_WORK, tmp_path]
    with subprocess.Popen(arguments, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:  # noqa: S603
        assert process.stderr is not None
        assert process.stderr.readline() == "at work\n"
        assert len(list(tmp_path.iterdir())) == 2
        begin = time.monotonic()
        process.send_signal(signal.SIGINT)
        printed, told = process.communicate(timeout=30)
        assert time.monotonic() - begin < 5  # a second, on a machine that has nothing else to do
    assert (process.returncode, told) == (130, "interrupted\n")
    assert printed.startswith("a line ")
    *_, scratch, child = printed.split()
    assert not Path(scratch).exists()
    assert not list(tmp_path.iterdir())
    with suppress(ProcessLookupError):
        os.kill(int(child), 0)
        assert sys.platform != "linux" or "(zombie)" in Path(f"/proc/{child}/status").read_text(
            encoding="utf-8"
        )


def test_what_handles_the_signal_itself_is_left_alone() -> None:
    code = (
        "import framescope.cli.app, signal, time\n"
        "from framescope.__main__ import main\n"
        "def command(arguments):\n"
        "    signal.signal(signal.SIGINT, lambda *_: None)\n"
        "    signal.raise_signal(signal.SIGINT)\n"
        "    time.sleep(1)\n"
        "    print('finished')\n"
        "framescope.cli.app.main = command\n"
        "main()\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, check=True)  # noqa: S603
    assert (done.stdout, done.stderr) == (b"finished\n", b"")
