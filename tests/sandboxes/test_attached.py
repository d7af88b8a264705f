"""The streams of a container over one socket: frames cut anywhere, sockets that are plain or under TLS."""

import asyncio
import os
import socket
import ssl
import threading
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from llmbench_plugins.sandboxes.docker.attached import STDERR, STDOUT, Attached, Frames
from llmbench_plugins.shared.engine import Wire

_STREAMS = st.sampled_from([0, STDOUT, STDERR, 3])


def _frame(stream: int, content: bytes) -> bytes:
    return bytes([stream, 0, 0, 0]) + len(content).to_bytes(4, "big") + content


@given(st.lists(st.tuples(_STREAMS, st.binary(max_size=40))), st.lists(st.integers(1, 30), min_size=1))
def test_streams_are_told_apart_wherever_they_are_cut(
    written: list[tuple[int, bytes]], sizes: list[int]
) -> None:
    heard: dict[int, bytearray] = {STDOUT: bytearray(), STDERR: bytearray()}
    frames = Frames({number: sink.extend for number, sink in heard.items()})
    sent = b"".join(_frame(*each) for each in written)
    place, turn = 0, 0
    while place < len(sent):
        size = sizes[turn % len(sizes)]
        frames(sent[place : place + size])
        place, turn = place + size, turn + 1
    for number, sink in heard.items():
        assert sink == b"".join(content for stream, content in written if stream == number)


def test_what_is_there_is_handed_on_before_its_frame_is_whole() -> None:
    heard = bytearray()
    frames = Frames({STDOUT: heard.extend})
    frames(_frame(STDOUT, b"a long answer")[:12])
    assert heard == b"a lo"


@contextmanager
def _plain(_: Path) -> Iterator[tuple[socket.socket, socket.socket]]:
    ours, theirs = socket.socketpair()
    with ours, theirs:
        yield ours, theirs


@contextmanager
def _under_tls(folder: Path) -> Iterator[tuple[socket.socket, socket.socket]]:
    client = ssl.create_default_context(cafile=str(folder / "ca.pem"))
    server = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    server.load_cert_chain(folder / "server.pem", folder / "server-key.pem")
    ours, theirs = socket.socketpair()
    wrapped: list[socket.socket] = []
    thread = threading.Thread(target=lambda: wrapped.append(server.wrap_socket(theirs, server_side=True)))
    thread.start()
    with client.wrap_socket(ours, server_hostname="127.0.0.1") as mine:
        thread.join()
        with wrapped[0]:
            yield mine, wrapped[0]


def _echo(theirs: socket.socket, total: int) -> None:
    """Send everything back as frames, but for the last byte, which ends the conversation."""
    heard = 0
    while heard < total:
        chunk = theirs.recv(1 << 16)
        heard += len(chunk)
        theirs.sendall(_frame(STDOUT, chunk) + _frame(STDERR, b"."))
    theirs.shutdown(socket.SHUT_RDWR)


@pytest.mark.parametrize("pair", [_plain, _under_tls])
def test_a_conversation_of_megabytes_never_blocks(
    pair: Callable[[Path], AbstractContextManager[tuple[socket.socket, socket.socket]]], certificates: Path
) -> None:
    said = os.urandom(1 << 22)
    heard, errors = bytearray(), bytearray()
    released: list[bool] = []

    async def converse(ours: socket.socket) -> int:
        ours.setblocking(False)
        wire = Wire(sock=ours, release=lambda: released.append(True))
        attached = Attached(wire, stdout=heard.extend, stderr=errors.extend)
        turns = 0
        for place in range(0, len(said), 1 << 20):
            attached.write(said[place : place + (1 << 20)])
        while not attached.ended.done():
            await asyncio.sleep(0)
            turns += 1
        attached.write(b"dropped")
        attached.close()
        return turns

    with pair(certificates) as (ours, theirs):
        thread = threading.Thread(target=_echo, args=(theirs, len(said)))
        thread.start()
        turns = asyncio.run(converse(ours))
        thread.join()
    assert heard == said
    assert set(errors) == {ord(".")}
    assert released == [True]
    assert turns > 10
