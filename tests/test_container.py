"""The container file: what it promises, line by line; nothing is built."""

from __future__ import annotations

import json
import re
import tomllib
from pathlib import Path

from typer.main import get_command

from framescope.cli.app import app
from framescope.serve.settings import is_loopback

ROOT = Path(__file__).parents[1]


def instructions() -> list[tuple[str, str]]:
    """Return the instructions, continued lines joined."""
    text = (ROOT / "Dockerfile").read_text(encoding="utf-8").replace("\\\n", " ")
    lines = [line for line in text.splitlines() if line.strip() and not line.startswith("#")]
    return [(word, rest.strip()) for word, _, rest in (line.partition(" ") for line in lines)]


def values(word: str) -> list[str]:
    return [rest for each, rest in instructions() if each == word]


def test_every_base_is_a_named_debian_slim() -> None:
    assert values("FROM")
    assert all(re.match(r"python:3\.\d+-slim-[a-z]+( AS \w+)?$", base) for base in values("FROM"))


def test_it_runs_without_rights_and_fetches_nothing_strange() -> None:
    (user,) = values("USER")
    assert user.isdigit()
    assert int(user) > 0
    assert "ADD" not in [word for word, _ in instructions()]
    assert not re.search(r"curl|wget|sudo|apt-get", " ".join(values("RUN")))
    last = max(number for number, (word, _) in enumerate(instructions()) if word == "RUN")
    assert [word for word, _ in instructions()].index("USER") > last


def test_it_installs_extras_that_there_are() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    extras = re.findall(r"/source\[(.+?)\]", " ".join(values("RUN")))[0].split(",")
    assert set(extras) <= set(project["optional-dependencies"])
    assert "serve" in extras


def test_its_command_is_one_of_ours_and_its_health_is_asked_for() -> None:
    (command,), (health,) = values("CMD"), values("HEALTHCHECK")
    program, name, *options = json.loads(command)
    assert (program, name) == ("framescope", "serve")
    parsed = get_command(app).commands["serve"].make_context("serve", options).params
    assert not is_loopback(parsed["host"])
    assert str(parsed["folder"]) in json.loads(values("VOLUME")[0])
    assert values("EXPOSE") == [str(parsed["port"])]
    assert f":{parsed['port']}/health" in health
