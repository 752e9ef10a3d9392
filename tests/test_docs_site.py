"""The site of the documentation: its pages, the names of the reference, and the citation."""

from __future__ import annotations

import re
import tomllib
from importlib import import_module
from pathlib import Path

import pytest
import yaml

import framescope
from framescope.coding.methods import citation

ROOT = Path(__file__).parent.parent
DOCS = ROOT / "docs"
NAMES = re.findall(r"^::: (.+)$", (DOCS / "reference.md").read_text(encoding="utf-8"), re.MULTILINE)


def test_every_page_is_on_the_site() -> None:
    nav = yaml.safe_load((ROOT / "mkdocs.yml").read_text(encoding="utf-8"))["nav"]
    sections = [[entry] if isinstance(entry, str) else next(iter(entry.values())) for entry in nav]
    listed = [page for section in sections for page in section]
    assert sorted(listed) == sorted(path.name for path in DOCS.glob("*.md"))


@pytest.mark.parametrize("name", NAMES)
def test_the_reference_has_public_names(name: str) -> None:
    module, _, attribute = name.rpartition(".")
    found = getattr(import_module(module), attribute)
    assert found.__doc__
    assert any(getattr(framescope, public) is found for public in framescope.__all__ if public != "__version__")


@pytest.mark.parametrize("page", sorted(DOCS.glob("*.md")), ids=lambda page: page.name)
def test_links_lead_somewhere(page: Path) -> None:
    targets = re.findall(r"\]\(([^)#]+)", page.read_text(encoding="utf-8"))
    assert [t for t in targets if "://" not in t and not (DOCS / t).exists()] == []


def test_the_citation_is_that_of_the_package() -> None:
    """Wherever it is written: for GitHub, in the documentation, and below a methods section."""
    cited = yaml.safe_load((ROOT / "CITATION.cff").read_text(encoding="utf-8"))
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    same = ("version", "license", "authors", "keywords")
    assert [cited[name] for name in ("title", *same)] == [project[name] for name in ("name", *same)]
    page = (DOCS / "citation.md").read_text(encoding="utf-8")
    assert f"```bibtex\n{citation()}```" in page
    for value in (project["name"], project["version"], project["license"], project["authors"][0]["name"]):
        assert f" = {{{value}}}" in page or f" = {{{{{value}}}}}" in page
