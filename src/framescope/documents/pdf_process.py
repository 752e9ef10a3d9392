"""The process that reads a PDF within bounds: a kilobyte may unpack to gigabytes, or draw for hours.

It is run as a script, and imports nothing of the package. Standard input is the file, the argument how many
seconds it may take; standard output is a line of JSON with the ``text`` of all pages and the ``title``, or with
the ``fault`` for which there are none.
"""

from __future__ import annotations

import json
import sys
from contextlib import suppress
from io import BytesIO

MAX_PAGES = 2000
MAX_MEMORY_BYTES = 512 << 20
FAULTS = (
    ValueError,
    KeyError,
    TypeError,
    AttributeError,
    IndexError,
    RecursionError,
    OverflowError,
    NotImplementedError,
    AssertionError,
)
"""What pypdf raises beside its own errors on files that are damaged."""


def read(content: bytes) -> dict[str, str]:
    """Return what a PDF holds."""
    import pypdf  # noqa: PLC0415 - after the bounds are set

    try:
        reader = pypdf.PdfReader(BytesIO(content))
        if reader.is_encrypted and not reader.decrypt(""):
            return {"fault": "is encrypted: save it without a password"}
        if len(reader.pages) > MAX_PAGES:
            return {"fault": f"has more than {MAX_PAGES:,} pages"}
        text = "\n".join(page.extract_text() for page in reader.pages)
        title = (reader.metadata.title if reader.metadata else None) or ""
    except (pypdf.errors.PyPdfError, *FAULTS) as error:
        return {"fault": f"is not an intact PDF: {error}"}
    return {"text": text, "title": str(title)}


def _bound(seconds: int) -> None:
    """Set the bounds, where the system has them."""
    with suppress(ImportError, ValueError, OSError):
        import resource  # noqa: PLC0415 - not on Windows

        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
        resource.setrlimit(resource.RLIMIT_CPU, (seconds, seconds))
        resource.setrlimit(resource.RLIMIT_AS, (MAX_MEMORY_BYTES, MAX_MEMORY_BYTES))


if __name__ == "__main__":
    _bound(int(sys.argv[1]))
    found = json.dumps(read(sys.stdin.buffer.read()))  # which spells out halves of surrogate pairs
    sys.stdout.buffer.write(f"{found}\n".encode())
