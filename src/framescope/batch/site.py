"""What workers in other processes must find: our versions, the model, the inputs and the output folder."""

from __future__ import annotations

import platform
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from importlib.metadata import PackageNotFoundError, version

from framescope.batch.folder import JOB, Folder, sha256_of
from framescope.batch.inputs import InputFile, current_version
from framescope.batch.manifest import PACKAGES
from framescope.batch.options import ScoringError
from framescope.batch.scoring import Job, open_model
from framescope.errors import BundleError, ClusterError

N_INPUTS = 8
EVERYWHERE = "put it where every worker finds it under the same path"


@dataclass(frozen=True, slots=True)
class Site:
    """What the process that hands out the work sees.

    ``job_digest`` is the SHA-256 of the file that marks the output; ``inputs`` are a few of all.
    """

    job: Job
    versions: tuple[tuple[str, str], ...]
    job_digest: str
    inputs: tuple[InputFile, ...]


def site_of(job: Job, files: Sequence[InputFile]) -> Site:
    """Return what a worker sees from where it runs."""
    inputs = tuple(files[:: -(-len(files) // N_INPUTS)])
    return Site(job, _versions(), sha256_of(job.folder.root / JOB), inputs)


@lru_cache(maxsize=4)
def check_site(site: Site) -> None:
    """Compare with what is seen here, once in a process.

    Raises:
        ClusterError: something is missing or another; the message names this machine and the remedy.
    """
    fault = _fault(site)
    if fault:
        raise ClusterError(f"worker on {platform.node()}: {fault}")


def _fault(site: Site) -> str | None:
    for (name, expected), (_, found) in zip(site.versions, _versions(), strict=True):
        if found != expected:
            return f"has {name} {found}, expected {expected}: install the same version everywhere"
    return _fault_of_model(site.job) or _fault_of_output(site) or _fault_of_inputs(site.inputs)


def _fault_of_model(job: Job) -> str | None:
    try:
        open_model(job.model, job.digest)
    except (BundleError, ScoringError, OSError) as error:
        return f"cannot use the model {job.model}: {error}: {EVERYWHERE}"
    return None


def _fault_of_output(site: Site) -> str | None:
    folder = site.job.folder
    try:
        if sha256_of(folder.root / JOB) != site.job_digest:
            return f"has another folder at {folder.root} than the run: put the output on a disk that all share"
    except OSError:
        return f"does not see the output {folder.root}: put it on a disk that all share"
    return _fault_of_writing(folder)


def _fault_of_writing(folder: Folder) -> str | None:
    try:
        folder.try_writing()
    except OSError as error:
        return f"cannot write to the output {folder.root}: {error.strerror or error}: let workers write there"
    return None


def _fault_of_inputs(files: Sequence[InputFile]) -> str | None:
    for file in files:
        try:
            if current_version(file) != (file.size_bytes, file.version):
                return f"sees another version of the input {file.path}: {EVERYWHERE}"
        except (OSError, ScoringError) as error:
            return f"cannot read the input {file.path}: {error}: {EVERYWHERE}"
    return None


def _versions() -> tuple[tuple[str, str], ...]:
    return tuple((name, _version(name)) for name in PACKAGES)


def _version(name: str) -> str:
    try:
        return version(name)
    except PackageNotFoundError:
        return "none"
