"""What a server is told: where to listen, which models to load, where to work, and how much it takes on."""

from __future__ import annotations

import ipaddress
import secrets
from dataclasses import dataclass, field
from pathlib import Path

from framescope.errors import FramescopeError

LOOPBACK = "127.0.0.1"
PORT = 8642
FOLDER = Path("framescope-work")
MIN_TOKEN = 16


class SettingsError(FramescopeError):
    """A server that must not, or cannot, be started like this."""


@dataclass(frozen=True, slots=True)
class Limits:
    """How much a server takes on at a time; what is more is answered with 413 or 503."""

    body_bytes: int = 64 << 20
    upload_bytes: int = 1 << 30
    n_documents: int = 1_000
    n_files: int = 100
    body_seconds: float = 60.0
    upload_seconds: float = 3_600.0
    work_seconds: float = 120.0
    n_at_work: int = 2
    n_waiting: int = 64
    n_connections: int = 512
    n_jobs: int = 1
    n_jobs_waiting: int = 100
    job_seconds: float = 86_400.0
    job_bytes: int = 8 << 30
    """Memory that the process of a job may take."""


@dataclass(frozen=True, slots=True)
class Settings:
    """Where to listen, which models, where to work.

    ``models`` are folders, or names in ``models/``. ``hosts`` are further names under which the server is
    reached, as behind a reverse proxy. ``n_workers`` processes answer requests. With an ``engine``, ``dask`` or
    ``ray``, jobs are scored by the cluster at its ``address``. After ``retrain_after`` annotations of a tool a
    model is trained anew, on them and on the ``corpus`` that it was trained on, if that is named. ``secret``
    signs cookies; it does not outlive the server.

    Raises:
        SettingsError: it would listen beyond this computer without a token, or with one that is too short.
    """

    models: tuple[str, ...]
    folder: Path = FOLDER
    host: str = LOOPBACK
    port: int = PORT
    token: str = ""
    hosts: tuple[str, ...] = ()
    n_workers: int = 1
    engine: str | None = None
    address: str | None = None
    corpus: str = ""
    retrain_after: int = 10
    limits: Limits = Limits()
    secret: str = field(default_factory=secrets.token_urlsafe, repr=False)

    def __post_init__(self) -> None:
        if not is_loopback(self.host) and not self.token:
            raise SettingsError(
                f"--host {self.host}: others could reach the server: give a --token, too, of {MIN_TOKEN} signs "
                "or more"
            )
        if self.token and (len(self.token) < MIN_TOKEN or not self.token.isascii() or " " in self.token):
            raise SettingsError(f"--token: expected {MIN_TOKEN} or more ASCII signs without spaces")


def is_loopback(host: str) -> bool:
    """Tell whether a host is this computer, and nothing that others reach."""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
