"""Files of a request on their way into the working folder: piece by piece, under names that we choose.

A form (multipart/form-data) has files and fields; any other body is one file, with its name and the fields in
the query. Nothing is held in memory but a piece, and nothing is written outside of the folder.
"""

from __future__ import annotations

import logging
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from http import HTTPStatus
from pathlib import Path
from typing import IO, TYPE_CHECKING
from urllib.parse import parse_qsl

import anyio.to_thread
from python_multipart.exceptions import FormParserError
from python_multipart.multipart import MultipartParser, parse_options_header
from starlette.requests import Request

from framescope.serve.names import distinct_name, harmless_name
from framescope.serve.problems import ServeError
from framescope.serve.settings import Limits
from framescope.serve.unpacking import unpack_tables

if TYPE_CHECKING:
    from python_multipart.multipart import MultipartCallbacks

FORM = "multipart/form-data"
MAX_FIELD_BYTES = 1 << 16
N_FIELDS = 50


@dataclass
class Upload:
    """What a request has sent: its fields, and its files, which are in ``folder``."""

    folder: Path
    fields: dict[str, str] = field(default_factory=dict)
    files: list[Path] = field(default_factory=list)

    def new_file(self, name: str, limits: Limits) -> Path:
        """Return where a file goes, under a name that is like the one it had.

        Raises:
            ServeError: 413, there are too many; or 415, its format is not known.
        """
        if len(self.files) >= limits.n_files:
            message = f"has more than {limits.n_files} files: pack them into a .zip, or send them in parts"
            raise ServeError(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, message)
        path = self.folder / distinct_name(harmless_name(name), {file.name.casefold() for file in self.files})
        self.files.append(path)
        return path


async def receive_upload(request: Request, folder: Path, limits: Limits) -> Upload:
    """Write the files of a request into a folder; a ZIP with tables becomes a folder of its files.

    Raises:
        ServeError: it is no form, has too many parts, or a file of a format that is not known; see the guard
            for bodies that are too long or too slow.
    """
    upload = Upload(folder)
    kind, options = parse_options_header(request.headers.get("content-type", ""))
    if kind == FORM.encode():
        await _receive_form(request, upload, limits, options.get(b"boundary", b""))
    else:
        await _receive_file(request, upload, limits)
    if not upload.files:
        raise ServeError(HTTPStatus.UNPROCESSABLE_ENTITY, "the request: has no file, expected one or more")
    room = limits.upload_bytes
    for path in upload.files:
        if path.suffix == ".zip":
            room -= await anyio.to_thread.run_sync(unpack_tables, path, room)
    return upload


async def _receive_file(request: Request, upload: Upload, limits: Limits) -> None:
    """Write a body that is one file."""
    pairs = parse_qsl(request.url.query, keep_blank_values=True, max_num_fields=N_FIELDS)
    upload.fields.update(pairs)
    name = upload.fields.pop("name", "")
    if not name:
        message = "name: is missing, expected the name of the file in the query, or a form with files"
        raise ServeError(HTTPStatus.UNPROCESSABLE_ENTITY, message)
    with upload.new_file(name, limits).open("xb") as opened:
        async for piece in request.stream():
            await anyio.to_thread.run_sync(opened.write, piece)


async def _receive_form(request: Request, upload: Upload, limits: Limits, boundary: bytes) -> None:
    logging.getLogger("python_multipart").setLevel(logging.ERROR)  # what is wrong, the answer says
    form = _Form(upload, limits)
    try:
        parser = MultipartParser(boundary, form.callbacks)
        async for piece in _pieces(request):
            await anyio.to_thread.run_sync(parser.write, piece)
        parser.finalize()
    except FormParserError as error:
        raise ServeError(HTTPStatus.BAD_REQUEST, f"the request: is no form: {error}") from error
    finally:
        form.close()
    if not form.is_whole:
        raise ServeError(HTTPStatus.BAD_REQUEST, "the request: is no form: its last part is not ended")


async def _pieces(request: Request) -> AsyncIterator[bytes]:
    async for piece in request.stream():
        if piece:
            yield piece


class _Form:
    """What becomes of the parts of a form as they come."""

    def __init__(self, upload: Upload, limits: Limits) -> None:
        self._upload, self._limits = upload, limits
        self._headers: dict[str, bytes] = {}
        self._header = (bytearray(), bytearray())
        self._value = bytearray()
        self._name = ""
        self._file: IO[bytes] | None = None
        self.is_whole = False

    @property
    def callbacks(self) -> MultipartCallbacks:
        """What the parser calls."""
        return {
            "on_part_begin": self._headers.clear,
            "on_header_field": lambda data, start, end: self._header[0].extend(data[start:end]),
            "on_header_value": lambda data, start, end: self._header[1].extend(data[start:end]),
            "on_header_end": self._end_header,
            "on_headers_finished": self._begin,
            "on_part_data": self._add,
            "on_part_end": self._end,
            "on_end": self._finish,
        }

    def close(self) -> None:
        """Close the file that is being written."""
        if self._file is not None:
            self._file.close()
            self._file = None

    def _end_header(self) -> None:
        name, value = (bytes(part) for part in self._header)
        self._headers[name.decode("latin-1").lower()] = value
        self._header = (bytearray(), bytearray())

    def _begin(self) -> None:
        kind, options = parse_options_header(self._headers.get("content-disposition", b""))
        if kind != b"form-data" or b"name" not in options:
            raise ServeError(HTTPStatus.BAD_REQUEST, "the request: a part has no name")
        self._name = options[b"name"].decode(errors="replace")
        self._value = bytearray()
        file_name = options.get(b"filename", b"").decode(errors="replace")
        if file_name:
            self._file = self._upload.new_file(file_name, self._limits).open("xb")
        elif len(self._upload.fields) >= N_FIELDS:
            raise ServeError(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, f"has more than {N_FIELDS} fields")

    def _add(self, data: bytes, start: int, end: int) -> None:
        if self._file is not None:
            self._file.write(data[start:end])
            return
        self._value += data[start:end]
        if len(self._value) > MAX_FIELD_BYTES:
            message = f"{self._name:.60}: has more than {MAX_FIELD_BYTES:,} bytes"
            raise ServeError(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, message)

    def _end(self) -> None:
        if self._file is None:
            self._upload.fields[self._name] = self._value.decode(errors="replace")
        self.close()

    def _finish(self) -> None:
        self.is_whole = True
