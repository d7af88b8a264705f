"""LoopbackHub: what a download needs of the Hugging Face hub, in a thread, with faults on demand."""

import hashlib
import json
import threading
from collections.abc import Mapping
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Any, Self

COMMIT = "0123456789abcdef0123456789abcdef01234567"


class LoopbackHub:
    """Serves files by repository. Use as a context manager, with HF_ENDPOINT set to ``url``."""

    def __init__(
        self,
        repos: Mapping[str, Mapping[str, bytes]],
        *,
        token: str = "",
        break_after: int | None = None,
        damage: bool = False,
    ) -> None:
        """Prepare a hub.

        Args:
            repos: files by repository.
            token: demanded where given.
            break_after: the first answer with a file's content ends after so many bytes.
            damage: send other bytes than the checksum says.
        """
        self.repos = repos
        self.token = token
        self.break_after = break_after
        self.damage = damage
        self.requests: list[str] = []
        """Method, path and range of each request."""
        hub = self

        class Handler(_Handler):
            served = hub

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self._server.server_address[1]}"
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join(timeout=10)


class _Handler(BaseHTTPRequestHandler):
    served: LoopbackHub

    def do_HEAD(self) -> None:
        self._answer()

    def do_GET(self) -> None:
        self._answer()

    def log_message(self, format: str, *arguments: Any) -> None:  # noqa: A002 - the signature of http.server
        """Say nothing."""

    def _answer(self) -> None:
        hub, wanted = self.served, self.headers.get("Range", "")
        hub.requests.append(f"{self.command} {self.path} {wanted}".strip())
        if hub.token and self.headers.get("Authorization") != f"Bearer {hub.token}":
            return self._send(
                401, b"", {"X-Error-Code": "GatedRepo", "X-Error-Message": "Access is restricted."}
            )
        repo = next((name for name in hub.repos if f"/{name}/" in self.path), None)
        if repo is None:
            return self._send(
                404, b"", {"X-Error-Code": "RepoNotFound", "X-Error-Message": "Repository not found"}
            )
        if "/tree/" in self.path:
            entries = [_entry(name, content) for name, content in hub.repos[repo].items()]
            return self._send(200, json.dumps(entries).encode(), {"Content-Type": "application/json"})
        if self.path.startswith("/api/models/"):
            siblings = [{"rfilename": name} for name in hub.repos[repo]]
            about = {"id": repo, "sha": COMMIT, "siblings": siblings}
            return self._send(200, json.dumps(about).encode(), {"Content-Type": "application/json"})
        name = self.path.partition("/resolve/")[2].partition("/")[2]
        if name not in hub.repos[repo]:
            return self._send(
                404, b"", {"X-Error-Code": "EntryNotFound", "X-Error-Message": "Entry not found"}
            )
        return self._send_file(hub.repos[repo][name], wanted)

    def _send_file(self, content: bytes, wanted: str) -> None:
        hub = self.served
        digest = hashlib.sha256(content).hexdigest()
        about = {"X-Repo-Commit": COMMIT, "ETag": f'"{digest}"', "X-Linked-Size": str(len(content))}
        about |= {"X-Linked-Etag": f'"{digest}"', "Accept-Ranges": "bytes"}
        start = int(wanted.removeprefix("bytes=").partition("-")[0] or 0) if wanted else 0
        if hub.damage:
            content = bytes(255 - byte for byte in content)
        if wanted:
            about["Content-Range"] = f"bytes {start}-{len(content) - 1}/{len(content)}"
        body = content[start:]
        if self.command == "GET" and hub.break_after is not None:
            self._send(206 if wanted else 200, body, about, cut=hub.break_after)
            hub.break_after = None
            return
        self._send(206 if wanted else 200, body, about)

    def _send(self, status: int, body: bytes, headers: Mapping[str, str], *, cut: int | None = None) -> None:
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if self.command == "GET":
            self.wfile.write(body if cut is None else body[:cut])


def _entry(name: str, content: bytes) -> dict[str, Any]:
    digest = hashlib.sha256(content).hexdigest()
    lfs = {"oid": digest, "size": len(content), "pointerSize": 130}
    return {"type": "file", "path": name, "size": len(content), "oid": digest[:40], "lfs": lfs}
