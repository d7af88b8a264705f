"""``llmbench server``: a model's server on its own, in the background, for use by hand."""

import asyncio
import json
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

import psutil

from llmbench.api import Backend
from llmbench.commands.arguments import Parser, columns
from llmbench.commands.setup import composed_spec
from llmbench.errors import BackendError, UsageError
from llmbench.records.kept_servers import Kept, forget, read_kept, servers_dir, write_kept
from llmbench.records.lock import run_lock
from llmbench.registry import load
from llmbench.runner.servers import key_of
from llmbench.runner.spec import RunSpec
from llmbench.runner.surroundings import make_context
from llmbench.runner.wishes import refuse_misnamed

_STOP_S = 60.0
_LOOK_S = 0.1
_HOLD = "hold"


def main(argv: list[str]) -> int:
    """Start, stop or list servers."""
    parser = Parser(
        "server",
        "Keep a model's server running in the background, with the overrides of a run: "
        "llmbench server start model=glm backend=llamacpp. 'stop' takes the same overrides, or --all; "
        "with one server running it needs neither.",
        "start|stop|status [key=value …] [--all] [--json]",
    )
    parser.add_argument("action", choices=("start", "stop", "status", _HOLD), metavar="start|stop|status")
    parser.add_argument("--all", action="store_true", help="stop every server")
    parser.add_argument("--json", action="store_true", help="for machines")
    options, words = parser.split(argv)
    _refuse_extra(options.action, words, every=options.all, as_json=options.json)
    if options.action == "start":
        return _start(words)
    if options.action == "stop":
        return _stop(words, every=options.all)
    if options.action == _HOLD:
        return asyncio.run(_hold(words))
    return _status(as_json=options.json)


def _refuse_extra(action: str, words: Sequence[str], *, every: bool, as_json: bool) -> None:
    """Refuse words that would be ignored."""
    extra = words[:1] if action == "status" else ()
    extra = [*extra, *(["--all"] if every and action != "stop" else ())]
    extra += ["--json"] if as_json and action != "status" else ()
    if extra:
        raise UsageError(f"server {action}: does not take '{extra[0]}'; see llmbench server --help")


def _start(words: Sequence[str]) -> int:
    spec = composed_spec("server", words)
    refuse_misnamed(spec)
    key = key_of(spec)
    for kept in read_kept():
        if kept.key == key and kept.alive:
            raise UsageError(
                f"server start: '{key}' is up already at {kept.url}; llmbench server stop ends it"
            )
    folder = servers_dir() / key
    folder.mkdir(parents=True, exist_ok=True)
    log = folder / "keeper.log"
    with log.open("wb") as output:
        # A session of its own: neither Ctrl-C here nor the end of the terminal reaches it.
        keeper = subprocess.Popen(
            [sys.executable, "-P", "-m", "llmbench", "server", _HOLD, *words],
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            start_new_session=True,
        )
    try:
        kept = _await(keeper, key, log)
    except BaseException:
        keeper.terminate()
        raise
    print(f"{kept.model} on {kept.backend} is up at {kept.url or '?'} (process {kept.pid}); log: {log}")
    print(f"\nNext:\n  {_advice(kept)}\n  llmbench server stop")
    return 0


def _await(keeper: "subprocess.Popen[bytes]", key: str, log: Path) -> Kept:
    """Show what the keeper says until its server is up."""
    shown = 0
    while True:
        text = log.read_text(encoding="utf-8", errors="replace")
        for line in text[shown : text.rfind("\n") + 1].splitlines():
            print(line)
        shown = max(shown, text.rfind("\n") + 1)
        for kept in read_kept():
            if kept.key == key and kept.pid == keeper.pid:
                return kept
        if keeper.poll() is not None:
            raise BackendError(f"server start: it did not come up; the whole log is {log}")
        time.sleep(_LOOK_S)


async def _hold(words: Sequence[str]) -> int:
    """Keep the server until this process is told to end; what ``start`` runs in the background."""
    spec = composed_spec("server", words)
    key = key_of(spec)
    stop = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)

    def say(message: str) -> None:
        print(message, flush=True)

    with run_lock(servers_dir() / key):
        entering = asyncio.create_task(_entered(spec, key, say))
        stopping = asyncio.create_task(stop.wait())
        await asyncio.wait({entering, stopping}, return_when=asyncio.FIRST_COMPLETED)
        if stop.is_set():
            entering.cancel()
            await asyncio.wait({entering})
            return 0
        backend = entering.result()
        try:
            server = dict(await backend.describe())
            if "argv" not in server:
                raise UsageError(f"server start: backend '{spec.backend.name}' has no server of ours to keep")
            me = psutil.Process()
            write_kept(
                Kept(
                    key=key,
                    pid=me.pid,
                    started=me.create_time(),
                    backend=spec.backend.name,
                    model=spec.model.name,
                    words=tuple(words),
                    server=server,
                )
            )
            await stop.wait()
        finally:
            forget(key)
            await backend.__aexit__(None, None, None)
    return 0


async def _entered(spec: RunSpec, key: str, say: Callable[[str], None]) -> Backend:
    context = replace(
        make_context(spec, say, say), work_dir=servers_dir() / key, label=f"server-{key.rpartition('-')[2]}"
    )
    kind: type[Backend] = load("backend", spec.backend.name)
    backend = kind(spec.backend.options, spec.model, context)
    return await backend.__aenter__()


def _stop(words: Sequence[str], *, every: bool) -> int:
    alive = [kept for kept in read_kept() if kept.alive]
    chosen = alive if every else _chosen(words, alive)
    for kept in chosen:
        _end(kept)
        print(f"stopped {kept.key}")
    if not chosen:
        print("no server is up")
    return 0


def _chosen(words: Sequence[str], alive: Sequence[Kept]) -> list[Kept]:
    if words:
        key = key_of(composed_spec("server", words))
        found = [kept for kept in alive if kept.key == key]
        if not found:
            names = ", ".join(" ".join(kept.words) or kept.key for kept in alive) or "none"
            raise UsageError(f"server stop: no server was started with these overrides; up are: {names}")
        return found
    if len(alive) > 1:
        names = "; ".join(" ".join(kept.words) or kept.key for kept in alive)
        raise UsageError(
            f"server stop: {len(alive)} servers are up ({names}); name one by its overrides, or --all"
        )
    return list(alive)


def _end(kept: Kept) -> None:
    """End the keeper; its server ends with it, also where it has to be killed."""
    process = psutil.Process(kept.pid)
    process.terminate()
    try:
        process.wait(_STOP_S)
    except psutil.TimeoutExpired:
        process.kill()
    forget(kept.key)


def _status(*, as_json: bool) -> int:
    for kept in (kept for kept in read_kept() if not kept.alive):
        forget(kept.key)
    alive = [kept for kept in read_kept() if kept.alive]
    if as_json:
        rows = [
            {"key": k.key, "pid": k.pid, "url": k.url, "words": k.words, "server": k.server} for k in alive
        ]
        print(json.dumps(rows, indent=2))
    elif not alive:
        print("no server is up")
    else:
        since = [time.strftime("%Y-%m-%d %H:%M", time.localtime(kept.started)) for kept in alive]
        table = [
            (kept.model, kept.backend, kept.url, str(kept.pid), begun)
            for kept, begun in zip(alive, since, strict=True)
        ]
        print(columns([("MODEL", "BACKEND", "URL", "PROCESS", "SINCE"), *table]))
    return 0


def _advice(kept: Kept) -> str:
    model = next((word for word in kept.words if word.startswith("model=")), f"model={kept.model}")
    if kept.backend == "llamacpp":
        return f"llmbench {model} backend.url={kept.url}"
    return f"llmbench {model} backend=openai backend.url={kept.url}"
