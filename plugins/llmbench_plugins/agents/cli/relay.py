"""Runs inside the confinement of an outside agent: the one way out, to the model that llmbench asks for it.

Listens on a loopback port, joins each connection to a socket of llmbench's, and runs the agent, whose exit
code it returns. Only the standard library: llmbench is not visible there.
"""

from __future__ import annotations

import socket
import subprocess
import sys
import threading


def main(argv: list[str]) -> int:
    """Serve ``argv[1]`` as a port that leads to the socket ``argv[0]`` while the rest of ``argv`` runs."""
    path, port, *command = argv
    listener = socket.create_server(("127.0.0.1", int(port)))
    threading.Thread(target=_serve, args=(listener, path), daemon=True).start()
    code = subprocess.call(command)
    return code if code >= 0 else 128 - code


def _serve(listener: socket.socket, path: str) -> None:
    while True:
        near, _ = listener.accept()
        far = socket.socket(socket.AF_UNIX)
        try:
            far.connect(path)
        except OSError:
            near.close()
            continue
        for source, target in ((near, far), (far, near)):
            threading.Thread(target=_copy, args=(source, target), daemon=True).start()


def _copy(source: socket.socket, target: socket.socket) -> None:
    try:
        while chunk := source.recv(65536):
            target.sendall(chunk)
        target.shutdown(socket.SHUT_WR)
    except OSError:
        for end in (source, target):
            end.close()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
