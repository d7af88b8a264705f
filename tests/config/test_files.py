"""Keys and YAML as people really hand them in."""

from pathlib import Path
from urllib.parse import urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from llmbench.cli import main
from llmbench.config.arguments import parse
from llmbench.config.compose import Composed, compose
from llmbench.config.secrets import find_secrets
from llmbench.errors import UsageError
from llmbench.testing.servers import StubServer
from llmbench_plugins.backends.shared.header import checked_header, secret_from


class ComposedHere:
    """Composes in a folder with a ``conf/`` of its own."""

    def write(self, name: str, data: bytes) -> None:
        """Write a file of a group."""
        path = Path("conf", f"{name}.yaml")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)

    def __call__(self, *words: str) -> Composed:
        return compose(parse(words))


@pytest.fixture
def composed_here(here: Path) -> ComposedHere:
    return ComposedHere()


PROFILE = "name: x\nsources: {default: {}}\n"


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty current folder."""
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.mark.parametrize("line", ["A_KEY='sk-$abc${X}def'", "A_KEY=sk-$abc${X}def", 'A_KEY="sk-$abc${X}def"'])
def test_a_dollar_in_a_key_is_a_character(line: str, here: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("X", "other")
    monkeypatch.setenv("abc", "other")
    (here / ".env").write_bytes(b"\xef\xbb\xbf# keys\r\n" + line.encode() + b"\r\nB=2\r\n")
    found = find_secrets()
    assert found["A_KEY"] == "sk-$abc${X}def"
    assert found["B"] == "2"


def test_the_environment_wins_and_blanks_around_a_secret_are_none_of_it(
    here: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (here / ".env").write_text("A_KEY=from-file\n")
    monkeypatch.setenv("A_KEY", " from-shell\r\n")
    monkeypatch.setenv("MY_AUTH", "\tnamed ")
    found = find_secrets(["MY_AUTH"])
    assert (found["A_KEY"], found["MY_AUTH"]) == ("from-shell", "named")


def test_a_line_that_is_none_is_named_and_left_out(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (here / ".env").write_text("A_KEY=1\nwhat is this\nB_KEY=2\n")
    found = find_secrets()
    assert (found["A_KEY"], found["B_KEY"]) == ("1", "2")
    assert ".env, line 2: no NAME=value" in capsys.readouterr().err


def test_an_env_that_is_no_file(here: Path) -> None:
    (here / ".env").mkdir()
    with pytest.raises(UsageError, match=r"\.env is a folder"):
        find_secrets()
    (here / ".env/pyvenv.cfg").touch()
    find_secrets()  # a virtual environment may be called so


@pytest.mark.parametrize("encoding", ["utf-16", "latin-1"])
def test_an_env_in_another_encoding_is_one_line(encoding: str, here: Path) -> None:
    (here / ".env").write_bytes("A_KEY=café\n".encode(encoding))
    with pytest.raises(UsageError, match=r"^\.env.*save the file as UTF-8$"):
        find_secrets()


@given(st.text(max_size=12))
def test_a_key_can_stand_in_a_header_or_is_refused_unseen(key: str) -> None:
    refusal = ""
    try:
        assert secret_from({"A_KEY": key}, "A_KEY") == key
    except UsageError as error:
        refusal = str(error)
    fits = key.isascii() and key.isprintable() and not key.startswith(("'", '"', "`"))
    assert bool(refusal) is not fits
    assert fits or refusal.startswith("A_KEY: ")
    assert len(key) < 4 or key not in refusal


def test_headers_of_ones_own_are_checked() -> None:
    assert checked_header("X-Team", "a b", "backend.headers.X-Team") == "a b"
    with pytest.raises(UsageError, match=r"backend\.headers\.X: character 2 of 3 is a line end"):
        checked_header("X", "a\nb", "backend.headers.X")
    with pytest.raises(UsageError, match="expected a header's name"):
        checked_header("X Team", "a", "backend.headers.X Team")


def test_yaml_with_a_mark_and_foreign_line_ends_works(composed_here: ComposedHere) -> None:
    composed_here.write("preset/mine", b"\xef\xbb\xbf# @package _global_\r\nsamples: 7\r\n")
    assert composed_here("preset=mine").values["samples"] == 7


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (PROFILE.encode("utf-16"), "conf/model/mine.yaml: expected UTF-8, got UTF-16"),
        (PROFILE.replace("x", "é").encode("latin-1"), "conf/model/mine.yaml, line 1: expected UTF-8"),
        (b"name: x\nsources:\n\tdefault: {}\n", "conf/model/mine.yaml, line 3: not YAML: .*blanks, not tabs"),
        (b"name: \0x\n", "conf/model/mine.yaml, line 1: expected text, got a NUL byte"),
    ],
)
def test_yaml_that_can_not_be_read_is_named(data: bytes, said: str, composed_here: ComposedHere) -> None:
    composed_here.write("model/mine", data)
    with pytest.raises(UsageError, match=said):
        composed_here("model=mine")


def test_the_way_out_is_taken_from_the_shell_too(here: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (here / ".env").write_text("HTTPS_PROXY=http://file:1\nNO_PROXY=inner\n")
    monkeypatch.setenv("HTTPS_PROXY", "http://shell:1")
    monkeypatch.setenv("http_proxy", "http://shell:2")
    monkeypatch.setenv("SSL_CERT_FILE", "/authority.pem")
    monkeypatch.setenv("EDITOR", "vi")
    found = find_secrets()
    assert (found["HTTPS_PROXY"], found["http_proxy"]) == ("http://shell:1", "http://shell:2")
    assert (found["NO_PROXY"], found["SSL_CERT_FILE"]) == ("inner", "/authority.pem")
    assert "EDITOR" not in found


@pytest.mark.parametrize("where", ["shell", "file"])
def test_a_request_goes_through_the_proxy_of_the_shell_or_the_file(
    where: str, here: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    with StubServer("ok", models=["far"]) as proxy:
        value = f"http://me:pass-word@{urlsplit(proxy.url).netloc}"
        if where == "shell":
            monkeypatch.setenv("HTTP_PROXY", value)
        else:
            (here / ".env").write_text(f"HTTP_PROXY={value}\n")
        words = ["doctor", "backend=openai", "backend.url=http://model.invalid/v1", "model=any"]
        main(words)
        assert proxy.requests
    shown = capsys.readouterr().out
    assert "openai: answers" in shown
    assert "pass-word" not in shown
