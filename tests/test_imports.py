"""The direction of imports, who prints, and what serving from the command line loads."""

from __future__ import annotations

import ast
import json
import subprocess
import sys
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

import framescope

SOURCE = Path(framescope.__file__).parent

FLOORS = (
    {"_types", "errors", "progress", "files", "limits", "notebook", "visible", "article_ids", "messages"},
    {"codebook", "codebook_reading", "codebook_tables", "clusters", "text", "encoders", "formats", "documents"},
    {"frames"},
    {"features"},
    {"corpus"},
    {"model"},
    {"bundle"},
    {"evidence"},
    {"measure"},
    {"fit"},
    {"training", "export"},
    {"predictor", "prediction", "results", "articles", "prediction_line", "prediction_rows", "wide"},
    {"evaluation", "coding"},
    {"batch"},
    {"overview"},
    {"pages"},
    {"serve"},
    {"cli", "__init__", "__main__"},
)
"""From the bottom: files, and folders with all that is in them."""

HEAVY = {"sklearn", "datasets", "pandas", "torch", "jinja2"}


def name_of(path: Path) -> str:
    """Return a file's name as imports write it, without ``framescope.``."""
    parts = path.relative_to(SOURCE).with_suffix("").parts
    return ".".join(parts[:-1] if len(parts) > 1 and parts[-1] == "__init__" else parts)


MODULES = {name_of(path): path for path in sorted(SOURCE.rglob("*.py"))}


def floor_of(module: str) -> int:
    """Return the number of the floor that a module stands on."""
    first = module.split(".", maxsplit=1)[0]
    floors = [n for n, names in enumerate(FLOORS) if first in names]
    assert len(floors) == 1, f"{module}: expected on one floor of FLOORS, found on {floors}"
    return floors[0]


@cache
def nodes_of(module: str) -> list[ast.AST]:
    """Return what a module consists of."""
    return [*ast.walk(ast.parse(MODULES[module].read_text(encoding="utf-8")))]


def imports_of(module: str) -> Iterator[str]:
    """Yield our own modules that a module imports anywhere, within functions and for types, too."""
    for node in nodes_of(module):
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{module}: imports of our own are written in full"
            names = [f"{node.module}.{alias.name}" for alias in node.names]
        else:
            continue
        for name in names:
            if name.split(".")[0] == "framescope":
                inner = name.removeprefix("framescope").removeprefix(".")
                yield next(n for n in (inner, inner.rpartition(".")[0], "__init__") if n in MODULES)


@pytest.mark.parametrize("module", MODULES)
def test_every_module_has_one_floor(module: str) -> None:
    assert floor_of(module) >= 0


@pytest.mark.parametrize("module", MODULES)
def test_no_arrow_runs_up(module: str) -> None:
    too_high = {name for name in imports_of(module) if floor_of(name) > floor_of(module)}
    assert not too_high, f"{module} is below {too_high}"


def test_no_circle_of_imports() -> None:
    imported = {module: set(imports_of(module)) - {module} for module in MODULES}
    while imported:
        done = {module for module, names in imported.items() if not names & imported.keys()}
        assert done, f"a circle is among {sorted(imported)}"
        imported = {module: names for module, names in imported.items() if module not in done}


def test_types_of_arrays_have_names() -> None:
    """Those of ``_types``."""
    spelt = {name for name, path in MODULES.items() if "NDArray[" in path.read_text(encoding="utf-8")}
    assert spelt == {"_types"}


@pytest.mark.parametrize("module", [name for name in MODULES if name.split(".")[0] != "cli"])
def test_only_the_command_line_prints(module: str) -> None:
    for node in nodes_of(module):
        if isinstance(node, ast.Import | ast.ImportFrom):
            names = [alias.name for alias in node.names]
            origin = node.module or "" if isinstance(node, ast.ImportFrom) else ""
            assert not {name.split(".")[0] for name in [*names, origin]} & {"typer", "click", "rich"}
        if isinstance(node, ast.Call):
            assert ast.unparse(node.func) not in {"print", "sys.stdout.write", "sys.stderr.write"}


def loaded_after(arguments: list[str]) -> set[str]:
    """Return the modules of a fresh process after a command."""
    code = (
        "import json, sys\n"
        "from framescope.cli.app import main\n"
        f"try: main({arguments!r})\n"
        "except SystemExit as stop: assert not stop.code, stop.code\n"
        "print(); print(json.dumps(sorted(sys.modules)))"
    )
    done = subprocess.run(  # noqa: S603 - our own interpreter
        [sys.executable, "-W", "error", "-c", code], capture_output=True, encoding="utf-8", check=True
    )
    return set(json.loads(done.stdout.splitlines()[-1]))


@pytest.mark.parametrize(
    "arguments", [["--help"], ["--version"], ["predict", "--help"], ["train", "--help"], ["explain", "--help"]]
)
def test_help_loads_no_numerical_library(arguments: list[str]) -> None:
    assert not (HEAVY | {"numpy", "numba", "pyarrow"}) & loaded_after(arguments)


@pytest.mark.slow
def test_corpora_in_files_are_read_without_datasets(tmp_path: Path) -> None:
    """It takes seconds to load. (pandas is loaded by pyarrow's conversion of lists.)"""
    rows = [{"text": f"Статия {number}", "labels": ["x", "y"][number % 2]} for number in range(4)]
    path = tmp_path / "a.jsonl"
    path.write_text("\n".join(json.dumps(row) for row in rows), encoding="utf-8")
    for arguments in (["train", str(path), "--dry-run"], ["audit", str(path), "--against", str(path)]):
        loaded = loaded_after(arguments)
        assert "framescope.corpus.audit" in loaded
        assert not {"datasets", "torch", "jinja2"} & loaded


def test_predicting_loads_nothing_heavy(bundle_path: Path, tmp_path: Path) -> None:
    """Neither for a text nor for JSON lines."""
    (tmp_path / "a.txt").write_text("Нов блок", encoding="utf-8")
    (tmp_path / "b.jsonl").write_text('{"text": "A new bloc", "lang": "en"}', encoding="utf-8")
    loaded = loaded_after(["predict", str(bundle_path), str(tmp_path / "a.txt"), str(tmp_path / "b.jsonl")])
    assert "framescope.predictor" in loaded
    assert not HEAVY & loaded
