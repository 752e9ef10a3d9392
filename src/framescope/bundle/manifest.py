"""The manifest of a bundle: size and hash of each file, and the digest over all of them."""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Mapping
from io import BufferedRandom, BufferedReader, BytesIO
from typing import Any

MANIFEST = "manifest.json"


def entry_of(opened: BufferedReader | BufferedRandom) -> dict[str, Any]:
    """Return an open file's line in the manifest."""
    return {"sha256": hash_of(opened), "size_bytes": os.fstat(opened.fileno()).st_size}


def hash_of(opened: BufferedReader | BufferedRandom | BytesIO) -> str:
    """Return the hexadecimal SHA-256 of all that an open file holds."""
    opened.seek(0)
    return hashlib.file_digest(opened, "sha256").hexdigest()


def digest_of(files: Mapping[str, Any]) -> str:
    """Return the SHA-256 of the manifest's entries in the one canonical spelling."""
    return hashlib.sha256(json.dumps(files, sort_keys=True, separators=(",", ":")).encode()).hexdigest()
