"""File systems behind URLs; on the web they keep away from private addresses, as the reader of pages does."""

from __future__ import annotations

from typing import Any

from framescope.batch.options import ScoringError
from framescope.documents.web import SCHEMES, is_public, refuse_private
from framescope.errors import InputError

ALLOW_PRIVATE = "--allow-private reads it"


def file_system(url: str, *, allow_private: bool = False) -> tuple[Any, str]:
    """Return the file system of a URL, and the path there.

    Raises:
        ScoringError: nothing installed opens such URLs, or it is at an address of a private network.
    """
    from fsspec.core import url_to_fs  # noqa: PLC0415 - local files do without

    of_web = [
        part for part in url.split("::") if part.lower().startswith(tuple(f"{one}://" for one in SCHEMES))
    ]
    options: dict[str, Any] = {}
    try:
        if of_web and not allow_private:
            for part in of_web:
                refuse_private(part)
            options = {scheme: {"get_client": _public_client} for scheme in SCHEMES if f"{scheme}://" in url}
        system, path = url_to_fs(url, **options)
    except (ImportError, ValueError) as error:
        raise ScoringError(f"{url}: cannot be opened: {error}") from error
    except InputError as error:
        raise ScoringError(str(error)) from error
    return system, path


async def _public_client(**options: Any) -> Any:
    """Return a session whose connections go to public addresses only, those of redirects included."""
    import aiohttp  # noqa: PLC0415 - for such URLs only
    from aiohttp import TCPConnector  # noqa: PLC0415

    class PublicConnector(TCPConnector):  # type: ignore[misc, unused-ignore]
        async def _resolve_host(self, host: str, port: int, *args: Any, **more: Any) -> Any:
            found = await super()._resolve_host(host, port, *args, **more)
            private = [one["host"] for one in found if not is_public(one["host"])]
            if private:
                raise OSError(f"{host} is at {private[0]}, an address of a private network: {ALLOW_PRIVATE}")
            return found

    return aiohttp.ClientSession(**{**options, "connector": PublicConnector()})
