"""``/artifacts``: the files of a run as text, whole or in part, and never as a page."""

import os
import re
from collections.abc import Iterator
from typing import Annotated, Any, BinaryIO

from fastapi import APIRouter, Header, Path, Query, Response
from fastapi.responses import StreamingResponse
from starlette.types import Receive, Scope, Send

from llmbench.serve.api.asked import NamePart
from llmbench.serve.faults import NotFound
from llmbench.serve.files import is_known, open_file
from llmbench.serve.parts import RunsPart

router = APIRouter(tags=["files"])

POLICY = "sandbox; default-src 'none'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'"
"""Whatever the file says it is: no script, no style, no frame."""
_PIECE = 1 << 18
_RANGE = re.compile(r"bytes=(?P<first>\d{0,18})-(?P<last>\d{0,18})")
_RESPONSES: dict[int | str, dict[str, Any]] = {
    200: {"description": "the file", "content": {"text/plain": {"schema": {"type": "string"}}}},
    206: {"description": "a part of it", "content": {"text/plain": {"schema": {"type": "string"}}}},
    416: {"description": "the file ends before that part"},
}


class _FilePart(StreamingResponse):
    """A part of an open file, which is closed whatever becomes of the answer."""

    def __init__(self, file: BinaryIO, start: int, length: int, status: int, headers: dict[str, str]) -> None:
        super().__init__(_pieces(file, start, length), status, headers)
        self._file = file

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        try:
            await super().__call__(scope, receive, send)
        finally:
            self._file.close()


@router.get("/artifacts/{dataset}/{name}/{path:path}", response_class=Response, responses=_RESPONSES)
def artifact(
    runs: RunsPart,
    name: NamePart,
    path: Annotated[str, Path(max_length=2000)],
    download: Annotated[bool, Query(description="as a file to keep")] = False,
    wanted: Annotated[
        str | None, Header(alias="range", max_length=100, description="bytes=FIRST-LAST")
    ] = None,
) -> Response:
    """Return a file of a run: the journal, a transcript, an answer, what tests printed."""
    if not is_known(path):
        raise NotFound(f"no file '{path}' of run '{name}'")
    file = open_file(runs.root, name, path)
    size = os.fstat(file.fileno()).st_size
    span = _span(wanted, size)
    headers = _headers(path, download=download)
    if span is None:
        file.close()
        return Response(status_code=416, headers={**headers, "Content-Range": f"bytes */{size}"})
    length = span.stop - span.start
    headers["Content-Length"] = str(length)
    if length == size:
        return _FilePart(file, 0, size, 200, headers)
    headers["Content-Range"] = f"bytes {span.start}-{span.stop - 1}/{size}"
    return _FilePart(file, span.start, length, 206, headers)


def _headers(path: str, *, download: bool) -> dict[str, str]:
    name = path.rpartition("/")[2]
    return {
        "Content-Type": "application/octet-stream" if download else "text/plain; charset=utf-8",
        "Content-Disposition": f'{"attachment" if download else "inline"}; filename="{name}"',
        "Content-Security-Policy": POLICY,
        "Accept-Ranges": "bytes",
        "Cache-Control": "no-cache",
    }


def _span(wanted: str | None, size: int) -> range | None:
    """Return which bytes are asked for; None where there are none. What is no range asks for all of them."""
    match = _RANGE.fullmatch(wanted.strip()) if wanted else None
    if match is None or not (match["first"] or match["last"]):
        return range(size)
    if not match["first"]:
        first, last = max(size - int(match["last"]), 0), size - 1
    else:
        first, last = int(match["first"]), min(int(match["last"] or size - 1), size - 1)
        if match["last"] and int(match["last"]) < first:
            return range(size)
    return range(first, last + 1) if first <= last else None


def _pieces(file: BinaryIO, start: int, length: int) -> Iterator[bytes]:
    file.seek(start)
    while length > 0 and (piece := file.read(min(_PIECE, length))):
        length -= len(piece)
        yield piece
