"""The streams of a container over one socket: the engine sends frames, whose header names the stream."""

import asyncio
import ssl
from collections.abc import Callable, Mapping
from contextlib import suppress
from socket import SHUT_RDWR

from llmbench_plugins.shared.engine import Wire

STDOUT, STDERR = 1, 2
_HEADER = 8
_CHUNK = 1 << 18
# Sockets under TLS have something to say to each other before ours has anything for us.
_NOT_NOW = (BlockingIOError, ssl.SSLWantReadError, ssl.SSLWantWriteError)


class Frames:
    """Sorts what comes from the engine by streams, wherever it has been cut."""

    def __init__(self, sinks: Mapping[int, Callable[[bytes], None]]) -> None:
        self._sinks = sinks
        self._header = bytearray()
        self._left = 0
        self._sink: Callable[[bytes], None] | None = None

    def __call__(self, chunk: bytes) -> None:
        """Hand the content of ``chunk`` on; a frame that is not whole yet is handed on in pieces."""
        place = 0
        while place < len(chunk):
            if self._left:
                piece = chunk[place : place + self._left]
                self._left -= len(piece)
                if self._sink is not None:
                    self._sink(piece)
            else:
                piece = chunk[place : place + _HEADER - len(self._header)]
                self._header += piece
                self._begin()
            place += len(piece)

    def _begin(self) -> None:
        if len(self._header) == _HEADER:
            self._sink = self._sinks.get(self._header[0])
            self._left = int.from_bytes(self._header[4:], "big")
            self._header.clear()


class Attached:
    """A conversation with a container that never blocks the loop, over plain sockets and TLS alike."""

    def __init__(
        self, wire: Wire, *, stdout: Callable[[bytes], None], stderr: Callable[[bytes], None]
    ) -> None:
        self.ended: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._loop = asyncio.get_running_loop()
        self._wire = wire
        self._socket = wire.sock
        self._descriptor = wire.sock.fileno()
        self._frames = Frames({STDOUT: stdout, STDERR: stderr})
        self._pending = bytearray()
        self._writing = False
        self._loop.add_reader(self._descriptor, self._exchange)

    def write(self, content: bytes) -> None:
        """Queue ``content``; what an ended container never takes is dropped."""
        if not self.ended.done():
            self._pending += content
            self._flush()

    def close(self) -> None:
        """Close the container's input, and listen no more; safe to call twice."""
        if self.ended.done():
            return
        self.ended.set_result(None)
        self._loop.remove_reader(self._descriptor)
        self._loop.remove_writer(self._descriptor)
        self._pending.clear()
        with suppress(OSError):
            self._socket.shutdown(SHUT_RDWR)
        self._wire.release()

    def _exchange(self) -> None:
        # Under TLS reading may have to wait until something can be written, and the other way round.
        self._read()
        if not self.ended.done() and self._pending:
            self._flush()

    def _read(self) -> None:
        while True:
            try:
                chunk = self._socket.recv(_CHUNK)
            except _NOT_NOW:
                return
            except OSError:
                chunk = b""
            if not chunk:
                self.close()
                return
            self._frames(chunk)
            # What TLS has taken out of the socket and not yet handed over wakes nobody up.
            if self.ended.done() or not (isinstance(self._socket, ssl.SSLSocket) and self._socket.pending()):
                return

    def _flush(self) -> None:
        try:
            while self._pending:
                del self._pending[: self._socket.send(bytes(memoryview(self._pending)[:_CHUNK]))]
        except _NOT_NOW:
            if not self._writing:
                self._writing = True
                self._loop.add_writer(self._descriptor, self._exchange)
            return
        except OSError:
            self.close()
            return
        if self._writing:
            self._writing = False
            self._loop.remove_writer(self._descriptor)
