"""Bundles on the Hugging Face hub: sent, fetched, and verified by hash before anything in them is used.

``hf:org/name`` or ``hf:org/name@revision`` names one. What is fetched is kept by its commit in the cache
folder, so that a commit is fetched once. Nothing is unpickled or run: a repository is a bundle, or refused.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path

from framescope.bundle.manifest import MANIFEST
from framescope.bundle.read import Bundle, load_bundle, read_file_names
from framescope.bundle.write import CARD, check_output
from framescope.errors import BundleError
from framescope.files import scratch_folder, whole_folder

HUB = "hf:"
MAIN = "main"
LIBRARY = "framescope"


@dataclass(frozen=True, slots=True)
class HubName:
    """A repository of the hub, and a branch, a tag or a commit of it."""

    repository: str
    revision: str = MAIN

    def __str__(self) -> str:
        return f"{HUB}{self.repository}" + ("" if self.revision == MAIN else f"@{self.revision}")


def parse_name(name: str) -> HubName:
    """Return the parts of ``org/name@revision``, with or without ``hf:``.

    Raises:
        BundleError: it is no such name.

    >>> parse_name("hf:org/model@v1")
    HubName(repository='org/model', revision='v1')
    """
    repository, at, revision = name.removeprefix(HUB).partition("@")
    owner, _, model = repository.partition("/")
    if not owner or not model or "/" in model or (at and not revision):
        raise BundleError(f"{name}: expected {HUB}org/name or {HUB}org/name@revision")
    return HubName(repository, revision or MAIN)


def fetch(name: str) -> Path:
    """Return the folder of a bundle of the hub, fetched into the cache unless its commit is there.

    A revision that is a whole commit, 40 hexadecimal digits, is not asked for again.

    Raises:
        BundleError: there is no such bundle, it cannot be reached, or it fails verification.
    """
    hub_name = parse_name(name)
    commit = _commit_of(hub_name)
    target = _cache() / hub_name.repository.replace("/", "--") / commit
    if not (target / MANIFEST).exists():
        _fetch(hub_name, commit, target)
    return target


def pull(name: str, output: Path | str, *, force: bool = False) -> Bundle:
    """Fetch a bundle of the hub into a folder, and return it.

    Raises:
        BundleError: as :func:`fetch` does, or the place is taken.
    """
    target = Path(output).resolve()
    check_output(target, force=force)
    found = fetch(name)
    with whole_folder(target) as staging:
        shutil.copytree(found, staging, dirs_exist_ok=True)
    return load_bundle(target)


def push(path: Path | str, name: str, *, is_private: bool = True) -> str:
    """Send a bundle and its card to the hub, in one commit; return the commit's address.

    The bundle is verified first. A repository that is missing is made; the record of training stays here, for
    it holds what is annotated. Who is logged in at the hub is huggingface_hub's matter.

    Raises:
        BundleError: the bundle fails verification, or the hub refuses it or cannot be reached.
    """
    from huggingface_hub import HfApi  # noqa: PLC0415 - it takes long to load

    bundle, hub_name = load_bundle(path), parse_name(name)
    names = [MANIFEST, *read_file_names(bundle.path)]
    with _told(hub_name), scratch_folder() as staging:
        for file in names:
            shutil.copy(bundle.path / file, staging)
        card = (bundle.path / CARD).read_text(encoding="utf-8") if (bundle.path / CARD).exists() else ""
        (Path(staging) / CARD).write_text(header_of(bundle) + card, encoding="utf-8")
        api = HfApi(library_name=LIBRARY, library_version=version(LIBRARY))
        api.create_repo(hub_name.repository, private=is_private, exist_ok=True)
        commit = api.upload_folder(
            repo_id=hub_name.repository,
            folder_path=staging,
            revision=None if hub_name.revision == MAIN else hub_name.revision,
            commit_message=f"framescope model {bundle.digest[:12]}",
            delete_patterns=["*.npy"],
        )
    return str(commit.commit_url)


def header_of(bundle: Bundle) -> str:
    """Return the metadata with which the hub wants a card to begin, as YAML."""
    languages = "".join(f"\n- {code}" for code in bundle.model.languages)
    return (
        "---\n"
        f"library_name: {LIBRARY}\n"
        "pipeline_tag: text-classification\n"
        "tags:\n- framing\n- narratives\n- propaganda\n"
        f"{f'language:{languages}' if languages else 'language: []'}\n"
        "---\n\n"
    )


def _fetch(name: HubName, commit: str, target: Path) -> None:
    """Fetch the files that the manifest names, verify them, and put them in their place at once."""
    with _told(name), whole_folder(target) as staging:
        _download(name, commit, MANIFEST, staging)
        for file in read_file_names(staging):
            _download(name, commit, file, staging)
        _download_card(name, commit, staging)
        shutil.rmtree(staging / ".cache", ignore_errors=True)
        load_bundle(staging)


def _download(name: HubName, commit: str, file: str, folder: Path) -> None:
    from huggingface_hub import hf_hub_download  # noqa: PLC0415

    hf_hub_download(
        name.repository,
        file,
        revision=commit,
        local_dir=folder,
        library_name=LIBRARY,
        library_version=version(LIBRARY),
    )


def _download_card(name: HubName, commit: str, folder: Path) -> None:
    """Fetch the card, if there is one."""
    from huggingface_hub.errors import EntryNotFoundError  # noqa: PLC0415

    try:
        _download(name, commit, CARD, folder)
    except EntryNotFoundError:
        return


def _commit_of(name: HubName) -> str:
    if len(name.revision) == 40 and set(name.revision) <= set("0123456789abcdef"):
        return name.revision
    from huggingface_hub import HfApi  # noqa: PLC0415

    with _told(name):
        return str(HfApi().model_info(name.repository, revision=name.revision).sha)


@contextmanager
def _told(name: HubName) -> Iterator[None]:
    """Turn what the hub and the network raise into one message.

    Raises:
        BundleError: always in place of theirs.
    """
    from huggingface_hub.errors import (  # noqa: PLC0415
        EntryNotFoundError,
        HfHubHTTPError,
        LocalEntryNotFoundError,
        RepositoryNotFoundError,
        RevisionNotFoundError,
    )

    # Which library speaks to the network depends on the version: its own base of all errors is among ours.
    bases = [kind for kind in HfHubHTTPError.__mro__ if issubclass(kind, Exception)]
    of_network = [kind for kind in bases if kind.__name__ in {"HTTPError", "RequestException"}]
    unusable: tuple[type[Exception], ...] = (OSError, ValueError, *of_network)
    try:
        yield
    except RepositoryNotFoundError as error:
        remedy = "expected one that exists, and that you may read: log in with `hf auth login`"
        raise BundleError(f"{name}: no such repository: {remedy}") from error
    except RevisionNotFoundError as error:
        raise BundleError(f"{name}: the repository has no revision {name.revision!r}") from error
    except LocalEntryNotFoundError as error:
        raise BundleError(f"{name}: the hub cannot be used: {_first_line(error)}") from error
    except EntryNotFoundError as error:
        raise BundleError(f"{name}: is no framescope model: it lacks a file: {_first_line(error)}") from error
    except unusable as error:
        raise BundleError(f"{name}: the hub cannot be used: {_first_line(error)}") from error


def _first_line(error: Exception) -> str:
    return next((line.strip() for line in str(error).splitlines() if line.strip()), type(error).__name__)


def _cache() -> Path:
    home = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    return Path(home) / "framescope" / "hub"
