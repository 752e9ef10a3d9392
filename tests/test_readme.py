"""Every command and every Python block of the README and the docs runs as it stands."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
BLOCK = re.compile(r"^```(bash|python)\n(.*?)^```", re.MULTILINE | re.DOTALL)
Block = tuple[str, str]
ELSEWHERE = {"scale.md", "python.md", "serve.md"}
"""Pages whose blocks have tests of their own: those of clusters, and two further ones here."""


def blocks_of(path: str) -> list[Block]:
    """Return the kind and the content of a page's blocks."""
    return [(match[1], match[2]) for match in BLOCK.finditer((ROOT / path).read_text(encoding="utf-8"))]


BLOCKS = blocks_of("README.md")
PAGES = [page.name for page in sorted((ROOT / "docs").glob("*.md")) if page.name not in ELSEWHERE]
PAGES_WITH_BLOCKS = [name for name in PAGES if blocks_of(f"docs/{name}")]
NEEDS_NETWORK = "pip install"
NEEDS_CORPUS = "# needs the corpus"


@pytest.fixture(scope="module")
def trained(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of what the README's reader has, with the starter model trained."""
    here = tmp_path_factory.mktemp("trained")
    shutil.copytree(ROOT / "data", here / "data")
    shutil.copytree(ROOT / "tools", here / "tools")
    shutil.copy(ROOT / "train.py", here)
    run([sys.executable, "train.py"], here)
    assert (here / "models" / "starter" / "README.md").is_file()
    return here


@pytest.fixture(scope="module")
def checkout(trained: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of it that the README's commands write into, one after the other."""
    return shutil.copytree(trained, tmp_path_factory.mktemp("reader") / "checkout")


def run(command: list[str], here: Path) -> str:
    result = subprocess.run(command, cwd=here, capture_output=True, text=True, encoding="utf-8", check=False)  # noqa: S603
    assert result.returncode == 0, f"{command}\n{result.stdout}\n{result.stderr}"
    return result.stdout


def test_the_readme_begins_with_the_two_commands() -> None:
    kind, commands = BLOCKS[0]
    first, second = (line.split("#")[0].strip() for line in commands.splitlines())
    assert kind == "bash"
    assert first == 'pip install -e ".[encoder]" && python train.py'
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
    shown = run_block(kind, content, checkout)
    assert shown or kind == "bash" or "print" not in content


@pytest.mark.slow
@pytest.mark.parametrize("page", PAGES_WITH_BLOCKS)
def test_page_runs(page: str, trained: Path, tmp_path: Path) -> None:
    """Its blocks build on each other, and on what a reader is told to have."""
    here = shutil.copytree(trained, tmp_path / "here")
    lay_out(here)
    blocks = [(kind, content) for kind, content in blocks_of(f"docs/{page}") if NEEDS_NETWORK not in content]
    python = "\n".join(content for kind, content in blocks if kind == "python")
    for kind, content in [*(block for block in blocks if block[0] == "bash"), ("python", python)]:
        run_block(kind, content, here)


def run_block(kind: str, content: str, here: Path) -> str:
    if kind == "python":
        return run([sys.executable, "-W", "error", "-c", content], here)
    path = f"PATH={Path(sys.executable).parent}:$PATH"
    return run(["/bin/bash", "-euc", f"export {path}\n{content}"], here)


def lay_out(here: Path) -> None:
    """Give a reader the files that the pages speak of: articles of one's own, a feed, and models."""
    english, russian = (
        (here / "data" / "starter" / f"{code}.jsonl").read_text(encoding="utf-8").splitlines(keepends=True)
        for code in ("en", "ru")
    )
    for name, some in {
        "articles.jsonl": english[:-100],
        "held-out.jsonl": english[-100:],
        "january.jsonl": english[:200],
        "june.jsonl": english[200:400],
        "feed/day.jsonl": russian[:400],
    }.items():
        (here / name).parent.mkdir(exist_ok=True)
        (here / name).write_text("".join(some), encoding="utf-8")
    (here / "article.txt").write_text("The harvest festival opens on Friday.", encoding="utf-8")
    (here / "articles.csv").write_text("text,source,date,title,url\nRain.,a,2026-01-02,,\n", encoding="utf-8")
    for name in ("old", "new"):
        shutil.copytree(here / "models" / "starter", here / "models" / name)


@pytest.mark.slow
def test_the_page_on_python_runs(checkout: Path) -> None:
    """Its blocks build on each other."""
    content = "\n".join(content for _, content in blocks_of("docs/python.md"))
    shown = run_block("python", content, checkout)
    assert "Fitting" in shown
    assert shown.splitlines()[-1] == "908 []"


@pytest.mark.slow
def test_a_server_answers_what_the_page_on_serving_asks(checkout: Path) -> None:
    if shutil.which("curl") is None:
        pytest.skip("curl not found")
    (asked,) = (content for _, content in blocks_of("docs/serve.md") if content.startswith("curl"))
    framescope = str(Path(sys.executable).parent / "framescope")
    with subprocess.Popen(  # noqa: S603
        [framescope, "serve", "models/starter", "--no-browser", "--folder", "work"], cwd=checkout
    ) as server:
        try:
            shown = run_block(
                "bash", asked.replace("curl ", "curl -sS --retry 30 --retry-connrefused --fail "), checkout
            )
        finally:
            server.terminate()
    assert '"labels"' in shown
    assert server.returncode == 0


def test_links_lead_somewhere() -> None:
    targets = re.findall(r"\]\(([^)#]+)\)", (ROOT / "README.md").read_text(encoding="utf-8"))
    local = [target for target in targets if "://" not in target]
    assert local
    assert [target for target in local if not (ROOT / target).exists()] == []
