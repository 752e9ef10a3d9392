"""Every command and every Python block of the README, and of docs/python.md, runs as it stands."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
BLOCK = re.compile(r"^```(bash|python)\n(.*?)^```", re.MULTILINE | re.DOTALL)
BLOCKS = [(match[1], match[2]) for match in BLOCK.finditer((ROOT / "README.md").read_text(encoding="utf-8"))]
NEEDS_NETWORK = "pip install"
NEEDS_CORPUS = "# needs the corpus"


@pytest.fixture(scope="module")
def checkout(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of what the README's reader has, with the starter model trained."""
    here = tmp_path_factory.mktemp("checkout")
    shutil.copytree(ROOT / "data", here / "data")
    shutil.copy(ROOT / "train.py", here)
    run([sys.executable, "train.py"], here)
    assert (here / "models" / "starter" / "README.md").is_file()
    return here


def run(command: list[str], here: Path) -> str:
    result = subprocess.run(command, cwd=here, capture_output=True, text=True, encoding="utf-8", check=False)  # noqa: S603
    assert result.returncode == 0, f"{command}\n{result.stdout}\n{result.stderr}"
    return result.stdout


def test_the_readme_begins_with_the_two_commands() -> None:
    kind, commands = BLOCKS[0]
    first, second = (line.split("#")[0].strip() for line in commands.splitlines())
    assert kind == "bash"
    assert first == "pip install -e . && python train.py"
    assert second == 'pip install -e ".[test]" && pytest'


def test_ci_runs_exactly_these_commands() -> None:
    script = (ROOT / ".ci" / "run").read_text(encoding="utf-8").splitlines()
    for line in BLOCKS[0][1].splitlines():
        assert line.split("#")[0].strip() in script


@pytest.mark.slow
@pytest.mark.parametrize("number", range(len(BLOCKS)))
def test_block_runs(number: int, checkout: Path) -> None:
    kind, content = BLOCKS[number]
    if NEEDS_NETWORK in content:
        pytest.skip("needs a package index; .ci/run runs these commands")
    if NEEDS_CORPUS in content:
        pytest.skip("needs a corpus that is not part of the repository")
    if kind == "python":
        assert run([sys.executable, "-W", "error", "-c", content], checkout) or "print" not in content
    else:
        path = f"PATH={Path(sys.executable).parent}:$PATH"
        run(["/bin/bash", "-euc", f"export {path}\n{content}"], checkout)


@pytest.mark.slow
def test_the_page_on_python_runs(checkout: Path) -> None:
    """Its blocks build on each other."""
    page = (ROOT / "docs" / "python.md").read_text(encoding="utf-8")
    content = "\n".join(match[2] for match in BLOCK.finditer(page))
    shown = run([sys.executable, "-W", "error", "-c", content], checkout)
    assert "Fitting" in shown
    assert shown.splitlines()[-1] == "908 []"


def test_links_lead_somewhere() -> None:
    targets = re.findall(r"\]\(([^)#]+)\)", (ROOT / "README.md").read_text(encoding="utf-8"))
    local = [target for target in targets if "://" not in target]
    assert local
    assert [target for target in local if not (ROOT / target).exists()] == []
