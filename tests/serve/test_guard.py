"""Who may ask, and what every answer bears."""

from pathlib import Path

import pytest
from starlette.testclient import TestClient
from starlette.websockets import WebSocketDisconnect

from llmbench.serve.app import create_app
from llmbench.serve.settings import Settings

TOKEN = "a-token-of-some-length"  # noqa: S105 - of this test
OWN = "http://127.0.0.1:7860"


def _client(root: Path, **settings: object) -> TestClient:
    chosen = Settings(root=root, **settings)  # type: ignore[arg-type]
    return TestClient(create_app(chosen), base_url=OWN, follow_redirects=False)


@pytest.mark.parametrize(
    "host", ["127.0.0.1:7860", "localhost:7860", "LOCALHOST:7860", "[::1]:7860", "bench.example.org"]
)
def test_names_of_its_own(tmp_path: Path, host: str) -> None:
    client = _client(tmp_path, names=("bench.example.org",))
    assert client.get("/health", headers={"host": host}).status_code == 200


@pytest.mark.parametrize(
    "host",
    [
        "evil.example",
        "127.0.0.1",
        "127.0.0.1:7861",
        "localhost.evil.example:7860",
        "",
        "127.0.0.1:7860.",
        "a@127.0.0.1:7860",
    ],
)
def test_another_host_is_refused(tmp_path: Path, host: str) -> None:
    """A page of another site, whose name was made to lead here, gets nothing."""
    answer = _client(tmp_path).get("/health", headers={"host": host})
    assert answer.status_code == 400
    assert "--name" in answer.text


@pytest.mark.parametrize("method", ["PUT", "PATCH", "DELETE", "OPTIONS", "TRACE"])
def test_other_methods(tmp_path: Path, method: str) -> None:
    assert _client(tmp_path).request(method, "/theme").status_code == 405


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"origin": OWN}, 303),
        ({"origin": "http://127.0.0.1:7861"}, 403),
        ({"origin": "https://evil.example"}, 403),
        ({"origin": "null"}, 403),
        ({"origin": f"{OWN}.evil.example"}, 403),
        ({"origin": "file://127.0.0.1:7860"}, 403),
        ({"origin": "http://[127.0.0.1:7860"}, 403),
        ({"sec-fetch-site": "cross-site"}, 403),
        ({"sec-fetch-site": "same-site"}, 403),
        ({"sec-fetch-site": "same-origin"}, 303),
        ({"user-agent": "Mozilla/5.0"}, 403),
        ({"user-agent": "curl/8"}, 303),
    ],
)
def test_what_changes_comes_from_our_pages_or_from_programs(
    tmp_path: Path, headers: dict[str, str], status: int
) -> None:
    assert _client(tmp_path).post("/theme", data={"theme": "dark"}, headers=headers).status_code == status


def test_several_origins(tmp_path: Path) -> None:
    headers = [("origin", OWN), ("origin", "https://evil.example")]
    assert _client(tmp_path).post("/theme", data={"theme": "dark"}, headers=headers).status_code == 403


@pytest.mark.parametrize("origin", ["https://evil.example", "null"])
def test_sockets_of_other_sites(tmp_path: Path, origin: str) -> None:
    client = _client(tmp_path)
    with (
        pytest.raises(WebSocketDisconnect) as refused,
        client.websocket_connect("ws://127.0.0.1:7860/api/events/a/b", headers={"origin": origin}),
    ):
        pass
    assert refused.value.code == 4403


def test_bodies_have_a_bound(tmp_path: Path) -> None:
    client = _client(tmp_path)
    assert client.post("/theme", content=b"x" * 1_048_577).status_code == 413
    assert client.post("/theme", content=iter([b"theme=dark"])).status_code == 411
    assert client.post("/theme", headers={"content-length": "-1"}).status_code == 413


def test_addresses_have_a_bound(tmp_path: Path) -> None:
    client = _client(tmp_path)
    assert client.get("/runs/" + "a" * 5000).status_code == 414
    assert client.get("/runs?q=" + "a" * 9000).status_code == 414


def test_head_is_get_without_its_body(tmp_path: Path) -> None:
    client = _client(tmp_path)
    get, head = client.get("/health"), client.head("/health")
    assert head.status_code == 200
    assert not head.content
    assert head.headers["content-length"] == get.headers["content-length"]


@pytest.mark.parametrize("path", ["/", "/health", "/api/nothing", "/nothing", "/static/tokens.css"])
def test_every_answer_keeps_to_itself(tmp_path: Path, path: str) -> None:
    headers = _client(tmp_path).get(path).headers
    assert "frame-ancestors 'none'" in headers["content-security-policy"]
    assert "unsafe" not in headers["content-security-policy"]
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["x-frame-options"] == "DENY"
    assert "server" not in headers
    assert "access-control-allow-origin" not in headers


def test_a_fault_of_ours_says_nothing(tmp_path: Path) -> None:
    app = create_app(Settings(root=tmp_path))

    @app.get("/broken")
    def broken() -> None:
        raise ValueError("the secret is 1234")

    client = TestClient(app, base_url=OWN, raise_server_exceptions=False)
    answer = client.get("/broken")
    assert answer.status_code == 500
    assert "secret" not in answer.text
    assert answer.headers["x-frame-options"] == "DENY"


class TestToken:
    def test_without_it(self, tmp_path: Path) -> None:
        client = _client(tmp_path, token=TOKEN)
        for path in ("/", "/runs", "/api/runs", "/static/app.css", "/api/openapi.json", "/metrics"):
            assert client.get(path).status_code == 401
        assert client.get("/health").status_code == 200

    @pytest.mark.parametrize(
        ("kind", "word", "status"),
        [
            ("Bearer", TOKEN, 200),
            ("bearer", TOKEN, 200),
            ("Bearer", TOKEN[:-1], 401),
            ("Bearer", TOKEN + "x", 401),
            ("Bearer", "", 401),
            ("Basic", TOKEN, 401),
        ],
    )
    def test_of_a_script(self, tmp_path: Path, kind: str, word: str, status: int) -> None:
        client = _client(tmp_path, token=TOKEN)
        answer = client.get("/api/plugins", headers={"authorization": f"{kind} {word}"})
        assert answer.status_code == status

    def test_of_a_browser(self, tmp_path: Path) -> None:
        client = _client(tmp_path, token=TOKEN)
        first = client.get(f"/runs?q=a%20b&token={TOKEN}")
        assert first.status_code == 303
        assert first.headers["location"] == "/runs?q=a+b"
        said = first.headers["set-cookie"].lower()
        assert "httponly" in said
        assert "samesite=strict" in said
        assert client.get("/runs").status_code == 200

    def test_a_wrong_one_in_the_address(self, tmp_path: Path) -> None:
        answer = _client(tmp_path, token=TOKEN).get("/runs?token=wrong")
        assert answer.status_code == 401
        assert "set-cookie" not in answer.headers

    @pytest.mark.parametrize("path", ["//evil.example/", "/%2F/evil.example", "/%5Cevil.example"])
    def test_it_leads_to_no_other_site(self, tmp_path: Path, path: str) -> None:
        answer = _client(tmp_path, token=TOKEN).get(f"{OWN}{path}?token={TOKEN}")
        assert answer.status_code == 303
        place = answer.headers["location"]
        assert place.startswith("/")
        assert not place.startswith(("//", "/\\"))

    def test_of_another_dashboard_on_this_machine(self, tmp_path: Path) -> None:
        """Cookies know no ports: each dashboard's has a name of its own."""
        client = _client(tmp_path, token=TOKEN)
        client.cookies.set("llmbench_token_7861", TOKEN)
        assert client.get("/runs").status_code == 401

    @pytest.mark.parametrize(
        "cookie", ["expires=1", "a b=c", "=", "\x01=2", f"llmbench_token_7860={TOKEN}\x7f"]
    )
    def test_odd_cookies(self, tmp_path: Path, cookie: str) -> None:
        assert _client(tmp_path, token=TOKEN).get("/runs", headers={"cookie": cookie}).status_code == 401

    def test_of_a_socket(self, tmp_path: Path) -> None:
        with (
            pytest.raises(WebSocketDisconnect) as refused,
            _client(tmp_path, token=TOKEN).websocket_connect("ws://127.0.0.1:7860/api/events/a/b"),
        ):
            pass
        assert refused.value.code == 4401
