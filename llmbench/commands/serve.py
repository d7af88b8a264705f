"""``llmbench serve``: the dashboard, on this machine alone unless told otherwise."""

import argparse
import os
import re
import secrets
import sys
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

from llmbench.api.extras import installing
from llmbench.commands.arguments import Parser
from llmbench.errors import PrerequisiteError, UsageError

if TYPE_CHECKING:
    from llmbench.serve.settings import Settings

VARIABLE = "LLMBENCH_SERVE_TOKEN"
_NEEDED = ("fastapi", "multipart", "prometheus_client", "uvicorn", "websockets")
_NAME = re.compile(r"(?:[A-Za-z0-9]([A-Za-z0-9._-]{0,252})|\[[0-9A-Fa-f:.]+\])(?::\d{1,5})?")
_ROOT_PATH = re.compile(r"(?:/[A-Za-z0-9._~-]+)*")
_SHORTEST_TOKEN = 16


def main(argv: list[str]) -> int:
    """Serve until Ctrl-C."""
    options = _parser().parse_args(argv)
    if missing := [name for name in _NEEDED if find_spec(name) is None]:
        raise PrerequisiteError(f"serve needs {missing[0]}: {installing('serve')}")
    _check(options)
    return _serve(options)


def _parser() -> Parser:
    parser = Parser(
        "serve",
        "The dashboard: launch runs, watch them, compare them in a browser. Ctrl-C ends it, and runs go on. "
        "Other machines reach it only with --host, and then need the token that is printed.",
        "[--port PORT] [--root DIR] [--open] [--host ADDRESS [--name NAME …]] [--root-path PATH] [--allow-…]",
    )
    parser.add_argument("--root", type=Path, default=Path("outputs"), help="where the runs are (outputs)")
    parser.add_argument(
        "--host", default="127.0.0.1", help="the address to listen on (127.0.0.1: this machine alone)"
    )
    parser.add_argument("--port", type=int, default=7860, help="0 takes a free one (7860)")
    parser.add_argument(
        "--name",
        action="append",
        default=[],
        help="a host name by which a browser may ask for it, such as a proxy's (can be given again)",
    )
    parser.add_argument("--root-path", default="", metavar="PATH", help="what a proxy puts before every path")
    parser.add_argument(
        "--token", action="store_true", help=f"need a token on this machine too; {VARIABLE} chooses it"
    )
    parser.add_argument("--open", action="store_true", help="open it in the browser")
    parser.add_argument(
        "--allow-local", action="store_true", help="launch sandbox=local, which confines nothing, too"
    )
    parser.add_argument("--allow-cli", action="store_true", help="launch agent=cli, commands of yours, too")
    parser.add_argument(
        "--allow-folder",
        type=Path,
        action="append",
        default=[],
        metavar="DIR",
        help="paths in options may lead there too (can be given again)",
    )
    return parser


def _check(options: argparse.Namespace) -> None:
    if not 0 <= options.port <= 65535:
        raise UsageError(f"serve: --port: expected a number from 0 to 65535, got {options.port}")
    if options.root.exists() and not options.root.is_dir():
        raise UsageError(f"serve: --root {options.root}: expected a folder of runs, got a file")
    for name in options.name:
        if not _NAME.fullmatch(name):
            raise UsageError(f"serve: --name: expected a host name such as bench.example.org, got '{name}'")
    if not _ROOT_PATH.fullmatch(options.root_path.rstrip("/")):
        raise UsageError(f"serve: --root-path: expected a path such as /llmbench, got '{options.root_path}'")
    for folder in options.allow_folder:
        if not folder.is_dir():
            raise UsageError(f"serve: --allow-folder: expected a folder, got '{folder}'")


def _serve(options: argparse.Namespace) -> int:
    from llmbench.serve.app import create_app
    from llmbench.serve.server import Server, listening

    with listening(options.host, options.port) as opened:
        settings = _settings(options, opened.getsockname()[1])
        app = create_app(settings, _warn)
        for line in _told(settings):
            print(line, flush=True)
        if options.open:
            _open(_entrance(settings))
        Server(app).run(sockets=[opened])
    return 0


def _settings(options: argparse.Namespace, port: int) -> "Settings":
    from llmbench.serve.settings import Allowed, Settings

    settings = Settings(
        root=options.root,
        host=options.host,
        port=port,
        names=tuple(options.name),
        root_path=options.root_path.rstrip("/"),
        allowed=Allowed(
            local=options.allow_local, cli=options.allow_cli, folders=tuple(options.allow_folder)
        ),
    )
    from dataclasses import replace

    if settings.is_wildcard:
        settings = replace(settings, names=(*settings.names, *_own_names()))
    needs_token = options.token or bool(_chosen_token()) or not settings.is_loopback
    return replace(settings, token=_token()) if needs_token else settings


def _own_names() -> list[str]:
    """Return by what other machines may call this one."""
    import socket

    import psutil

    from llmbench.serve.settings import bracketed

    families = (socket.AF_INET, socket.AF_INET6)
    found = [one for address in psutil.net_if_addrs().values() for one in address if one.family in families]
    addresses = [bracketed(one.address.partition("%")[0]) for one in found]
    return ["localhost", socket.gethostname(), *dict.fromkeys(addresses)]


def _chosen_token() -> str:
    from llmbench.records.dot_env import read_dot_env

    return os.environ.get(VARIABLE) or read_dot_env(quiet=True).get(VARIABLE, "")


def _token() -> str:
    chosen = _chosen_token().strip()
    if not chosen:
        return secrets.token_urlsafe(32)
    if len(chosen) < _SHORTEST_TOKEN or not chosen.isascii() or not chosen.isprintable() or " " in chosen:
        raise UsageError(
            f"serve: {VARIABLE}: expected at least {_SHORTEST_TOKEN} letters, digits and signs without "
            "blanks; leave it out, and one is made"
        )
    return chosen


def _told(settings: "Settings") -> list[str]:
    if not settings.token:
        return [f"llmbench: {settings.url} (Ctrl-C ends it; runs go on)"]
    is_chosen = settings.token == _chosen_token().strip()
    shown = f"{settings.url}?token=…, with {VARIABLE}" if is_chosen else _entrance(settings)
    told = [f"llmbench: {shown} (Ctrl-C ends it; runs go on)"]
    if settings.is_wildcard:
        told += [f"llmbench: from elsewhere by {', '.join(settings.names)}, port {settings.port}"]
    return told


def _entrance(settings: "Settings") -> str:
    from urllib.parse import quote

    return f"{settings.url}?token={quote(settings.token)}" if settings.token else settings.url


def _open(url: str) -> None:
    import webbrowser

    if not webbrowser.open(url):
        _warn("no browser could be opened; open the address yourself")


def _warn(message: str) -> None:
    print(f"llmbench: warning: {message}", file=sys.stderr)
