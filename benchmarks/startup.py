"""How long llmbench takes before it does something, against bare Python. Prints a Markdown table.

Usage: python benchmarks/startup.py [rounds] [--against FOLDER]

Everything is byte-compiled first, as an installed package is: without that, start-up about doubles. Each
command runs ``rounds`` times (default 15), interleaved; the least counts, for noise only ever adds.
"""

import http.server
import json
import os
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from against import compare_if_asked

_RUN = ("agent=prompt", "sandbox=local", "tasks=[leap]", "model=stub")
_MODEL = "name: stub\ntrusted: true\nsources: {default: {}}\n"
_LIMITS_MS = {"llmbench --version": 100, "llmbench list": 100, "llmbench report": 100}
_RUN_LIMIT_MS = 400


def main() -> None:
    """Measure and print."""
    compare_if_asked(__file__, own_script=False)
    rounds = int(sys.argv[1]) if len(sys.argv) > 1 else 15
    with tempfile.TemporaryDirectory() as name, _stub() as (url, first_request):
        folder = Path(name)
        environment = _compiled(folder)
        (folder / "conf/model").mkdir(parents=True)
        (folder / "conf/model/stub.yaml").write_text(_MODEL, encoding="utf-8")
        commands = _commands(url)
        for command in commands.values():
            _seconds(command, folder, environment)
        best = {title: float("inf") for title in commands}
        for _ in range(rounds):
            for title, command in commands.items():
                best[title] = min(best[title], _seconds(command, folder, environment))
        best["a run, to its first request"] = min(
            _until_request(commands["a run"], folder, environment, first_request) for _ in range(rounds)
        )
    del best["a run"]
    _print(best)


def _commands(url: str) -> dict[str, list[str]]:
    llmbench = [sys.executable, "-m", "llmbench"]
    return {
        "python -c pass": [sys.executable, "-c", "pass"],
        "python -c 'import hydra'": [sys.executable, "-c", "import hydra"],  # says how quick the machine is
        "llmbench --version": [*llmbench, "--version"],
        "llmbench list": [*llmbench, "list"],
        "llmbench report": [*llmbench, "report"],
        "a wrong request": [*llmbench, "model=nothing"],
        "a dry run": [*llmbench, "backend=openai", *_RUN, "dry_run=true"],
        "a run": [*llmbench, "backend=openai", f"backend.url={url}", *_RUN],
    }


def _seconds(command: list[str], folder: Path, environment: Mapping[str, str]) -> float:
    began = time.perf_counter()
    subprocess.run(
        command,
        cwd=folder,
        env=environment,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        check=False,
    )
    return time.perf_counter() - began


def _until_request(
    command: list[str], folder: Path, environment: Mapping[str, str], first_request: list[float]
) -> float:
    """Return the seconds from the start of a fresh run until the server is asked."""
    first_request.clear()
    with tempfile.TemporaryDirectory() as outputs:
        began = time.perf_counter()
        _seconds([*command, f"output_root={outputs}"], folder, environment)
    if not first_request:
        raise SystemExit(f"the run asked nothing: {' '.join(command)}")
    return first_request[0] - began


def _compiled(folder: Path) -> dict[str, str]:
    """Return an environment in which everything imported is byte-compiled, apart from the checkout."""
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    return environment | {"PYTHONPYCACHEPREFIX": str(folder / "compiled")}


@contextmanager
def _stub() -> Iterator[tuple[str, list[float]]]:
    """Serve a chat completion that knows nothing; note when it was asked."""
    asked: list[float] = []
    answer = {
        "id": "1",
        "object": "chat.completion",
        "model": "stub",
        "choices": [
            {"index": 0, "finish_reason": "stop", "message": {"role": "assistant", "content": "No."}}
        ],
        "usage": {"prompt_tokens": 1, "completion_tokens": 1},
    }

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            asked.append(time.perf_counter())
            self.rfile.read(int(self.headers.get("Content-Length", 0)))
            self._reply(answer)

        def do_GET(self) -> None:
            asked.append(time.perf_counter())
            self._reply({"data": [{"id": "stub"}]})

        def _reply(self, data: object) -> None:
            body = json.dumps(data).encode()
            self.send_response(200)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the base class's name
            pass

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}/v1", asked
    finally:
        server.shutdown()
        server.server_close()


def _print(best: Mapping[str, float]) -> None:
    bare = best["python -c pass"]
    print("| command | ms | ms beyond bare Python | limit |\n| --- | --- | --- | --- |")
    for title, seconds in best.items():
        limit = _LIMITS_MS.get(title, _RUN_LIMIT_MS if "run" in title else "")
        print(f"| `{title}` | {1000 * seconds:.0f} | {1000 * (seconds - bare):.0f} | {limit} |")


if __name__ == "__main__":
    main()
