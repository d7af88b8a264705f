"""``llmbench serve`` as a user starts it."""

import os
import re
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest

from llmbench.commands.serve import main
from llmbench.errors import UsageError
from llmbench.testing.runs import ORDINARY_RUN, write_run

_PATIENCE_S = 60


@contextmanager
def _started(
    folder: Path, words: Sequence[str] = (), **variables: str
) -> Iterator[tuple[subprocess.Popen[str], str]]:
    """Start it on a free port; yields the process and the address that it has printed."""
    process = subprocess.Popen(
        [sys.executable, "-m", "llmbench", "serve", "--port", "0", *words],
        cwd=folder,
        env={**os.environ, **variables},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert process.stdout
    try:
        line = process.stdout.readline()
        found = re.search(r"http://\S+?(?=[ ,]|$)", line)
        assert found, (line, process.stderr and process.stderr.read())
        yield process, found[0]
    finally:
        process.kill()
        process.communicate(timeout=_PATIENCE_S)


@pytest.mark.parametrize("ending", [signal.SIGINT, signal.SIGTERM])
def test_it_serves_and_ends_without_a_word(tmp_path: Path, ending: signal.Signals) -> None:
    write_run(tmp_path / "outputs" / "catalog" / "a-b-c-1a2b3c4d5e", ORDINARY_RUN)
    with _started(tmp_path) as (process, url):
        assert httpx.get(f"{url}api/runs").json()["total"] == 1
        process.send_signal(ending)
        _, said = process.communicate(timeout=_PATIENCE_S)
        assert (process.returncode, said) == (0, "")


def test_a_token_that_is_made(tmp_path: Path) -> None:
    with _started(tmp_path, ["--token", "--root-path", "/bench"]) as (_, url):
        assert "/bench/?token=" in url
        base = url.partition("/bench")[0]
        assert httpx.get(f"{base}/runs").status_code == 401
        answer = httpx.get(f"{base}/runs?{url.partition('?')[2]}")
        assert answer.headers["location"] == "/bench/runs"
        assert "path=/bench/" in answer.headers["set-cookie"].lower()


def test_a_token_that_is_chosen_is_not_printed(tmp_path: Path) -> None:
    token = "chosen-by-somebody"  # noqa: S105 - of this test
    with _started(tmp_path, LLMBENCH_SERVE_TOKEN=token) as (_, url):
        assert token not in url
        base = url.partition("?")[0]
        assert httpx.get(f"{base}api/plugins").status_code == 401
        headers = {"authorization": f"Bearer {token}"}
        assert httpx.get(f"{base}api/plugins", headers=headers).status_code == 200


def test_every_address_of_the_machine_needs_a_token(tmp_path: Path) -> None:
    with _started(tmp_path, ["--host", "0.0.0.0"]) as (_, url):  # noqa: S104 - with a token
        assert "?token=" in url
        assert httpx.get(url.partition("?")[0]).status_code == 401
        named = httpx.get(f"{url.partition('?')[0]}health", headers={"host": "evil.example"})
        assert named.status_code == 400


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--port", "70000"], "--port: expected a number from 0 to 65535, got 70000"),
        (["--host", "192.0.2.1"], "--host 192.0.2.1: .*expected an address of this machine"),
        (["--host", "no such host"], "--host no such host: .*expected an address of this machine"),
        (["--root", "file"], "--root file: expected a folder of runs, got a file"),
        (["--name", "a b"], "--name: expected a host name such as bench.example.org, got 'a b'"),
        (["--name", "evil/x"], "--name: expected a host name"),
        (["--root-path", "bench"], "--root-path: expected a path such as /llmbench, got 'bench'"),
        (["--root-path", "//evil"], "--root-path: expected a path"),
        (["--allow-folder", "none"], "--allow-folder: expected a folder, got 'none'"),
        (["--nonsense"], "unrecognized arguments"),
    ],
)
def test_what_is_wrong_is_said_in_a_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, words: list[str], said: str
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "file").touch()
    with pytest.raises(UsageError, match=said) as refused:
        main(words)
    assert "\n" not in str(refused.value)


def test_a_port_in_use(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]
        with pytest.raises(UsageError, match=f"--port {port} is in use; choose another, or 0 for a free one"):
            main(["--port", str(port)])


@pytest.mark.parametrize("token", ["short", "with a blank in it", "naïve-naïve-naïve-naïve"])
def test_a_token_that_is_none(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, token: str) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("LLMBENCH_SERVE_TOKEN", token)
    with pytest.raises(UsageError, match="LLMBENCH_SERVE_TOKEN: expected at least 16"):
        main(["--port", "0"])
