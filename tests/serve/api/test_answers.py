"""What the API answers about runs and samples."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from starlette.testclient import TestClient

from llmbench.api import Outcome
from llmbench.serve.app import create_app
from llmbench.serve.settings import Settings
from llmbench.testing.runs import ORDINARY_RUN, MadeSample, RunRecipe, write_run

A = "catalog/tiny-llamacpp-prompt-1a2b3c4d5e"
B = "catalog/small-llamacpp-prompt-2a2b3c4d5e"
_SECRET_CONFIG = {
    "seed": 4,
    "backend": {
        "url": "http://somebody:geheim123@server.example:8000/v1?api_key=geheim123",
        "api_key": "geheim123",
        "api_key_env": "OPENAI_API_KEY",
        "headers": {"X-Team": "geheim123", "Authorization": "env:MY_AUTH"},
        "extra_body": {"user": "me"},
    },
    "model": {"reasoning": {"answer_tokens": 400}},
}


@pytest.fixture
def root(tmp_path: Path) -> Path:
    write_run(tmp_path / A, ORDINARY_RUN)
    made = [
        MadeSample(task="python/leap", outcome=Outcome.FAILED, reason="AssertionError"),
        *ORDINARY_RUN.made[1:],
    ]
    words = ("model=small", "backend.headers.X-Team=geheim123", "+backend.api_key=geheim123")
    recipe = replace(
        ORDINARY_RUN, made=made, run_id="2a2b3c4d5e", model="small", config=_SECRET_CONFIG, overrides=words
    )
    write_run(tmp_path / B, recipe)
    return tmp_path


@pytest.fixture
def client(root: Path) -> TestClient:
    return TestClient(create_app(Settings(root=root)), base_url="http://127.0.0.1:7860")


def _json(client: TestClient, path: str, status: int = 200) -> dict[str, Any]:
    answer = client.get(path)
    assert answer.status_code == status, answer.text
    found: dict[str, Any] = answer.json()
    return found


def test_runs(client: TestClient) -> None:
    found = _json(client, "/api/runs")
    assert (found["total"], found["page"], found["pages"]) == (2, 1, 1)
    assert {run["run"] for run in found["runs"]} == {A, B}
    assert {run["pass_at_1"] for run in found["runs"]} == {0.6, 0.4}


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("sort=accuracy", [A, B]),
        ("where=model=small", [B]),
        ("where=model=*&where=pass_at_1>0.5", [A]),
        ("where=seed=4", [B]),
        ("dataset=catalog&sort=model", [B, A]),
        ("dataset=none", []),
        ("since=2026-03-02", []),
        ("page=2", []),
    ],
)
def test_runs_that_fit(client: TestClient, query: str, expected: list[str]) -> None:
    assert [run["run"] for run in _json(client, f"/api/runs?{query}")["runs"]] == expected


@pytest.mark.parametrize(
    ("query", "status", "said"),
    [
        ("where=nothing", 400, "expected KEY=VALUE"),
        ("sort=nothing", 400, "expected one of"),
        ("since=nothing", 400, "expected a date"),
        ("page=0", 422, "page"),
        ("where=" + "a" * 2000, 422, "where"),
    ],
)
def test_what_is_wrong_is_said_in_a_line(client: TestClient, query: str, status: int, said: str) -> None:
    told = _json(client, f"/api/runs?{query}", status)["error"]
    assert said in told
    assert "\n" not in told


def test_run(client: TestClient) -> None:
    found = _json(client, f"/api/runs/{A}")
    assert found["line"]["run"] == A
    assert found["summary"]["score"]["pass_at_1"] == 0.6
    assert found["settings"]["model"]["reasoning"]["answer_tokens"] == 400
    assert {one["level"] for one in found["trust"]} <= {"green", "amber", "red"}
    assert found["status"] is None


def test_secrets_stay(client: TestClient) -> None:
    for path in (f"/api/runs/{B}", f"/api/compare?a={A}&b={B}"):
        assert "geheim123" not in client.get(path).text
    backend = _json(client, f"/api/runs/{B}")["settings"]["backend"]
    assert backend["url"] == "http://server.example:8000/v1?api_key=[secret]"
    assert backend["api_key_env"] == "OPENAI_API_KEY"
    assert backend["headers"] == {"X-Team": "[secret]", "Authorization": "env:MY_AUTH"}
    assert backend["extra_body"] == {"user": "me"}


@pytest.mark.parametrize(
    "path",
    [
        "/runs",
        "/live",
        f"/runs/{B}",
        f"/compare?a={A}&b={B}",
        f"/matrix?run={A}&run={B}",
        "/matrix?rows=backend.headers.X-Team&columns=model",
        "/matrix?rows=backend.url&columns=model",
        "/matrix?rows=backend.api_key&columns=model",
    ],
)
def test_secrets_stay_off_the_pages(client: TestClient, path: str) -> None:
    answer = client.get(path)
    assert answer.status_code == 200
    assert "geheim123" not in answer.text


def test_secrets_cannot_be_asked_for(client: TestClient) -> None:
    """Whoever guesses letter by letter learns nothing."""
    assert _json(client, "/api/runs?where=backend.api_key=g*")["total"] == 0
    assert _json(client, "/api/runs?where=backend.extra_body.user=m*")["total"] == 1


def test_secrets_of_the_environment_are_masked(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SOME_API_KEY", "test_nested")
    client = TestClient(create_app(Settings(root=root)), base_url="http://127.0.0.1:7860")
    for path in (f"/api/runs/{A}/samples", f"/api/runs/{A}/samples/python/brackets", f"/api/events/{A}"):
        assert "test_nested" not in client.get(path).text
        assert "[secret]" in client.get(path).text


@pytest.mark.parametrize(
    "name",
    [
        "catalog/none",
        "none/none",
        "../x",
        "-/catalog",
        "catalog/%2e%2e",
        "catalog/a%00b",
        "catalog/a%2Fb",
    ],
)
def test_no_such_run(client: TestClient, name: str) -> None:
    for rest in ("", "/samples", "/samples/python/leap"):
        assert client.get(f"/api/runs/{name}{rest}").status_code == 404


def test_samples(client: TestClient) -> None:
    found = _json(client, f"/api/runs/{A}/samples")
    assert [row["task"].rpartition("/")[2] for row in found["rows"]] == [
        *("leap", "brackets", "caesar", "fizzbuzz", "lru_cache")
    ]
    found = _json(client, f"/api/runs/{A}/samples?failure=wrong answer")
    assert [row["outcome"] for row in found["rows"]] == ["failed"]
    assert _json(client, f"/api/runs/{A}/samples?q=cae")["total"] == 1


def test_samples_come_in_pages(tmp_path: Path) -> None:
    made = [MadeSample(task=f"go/t{number:04}") for number in range(450)]
    write_run(tmp_path / "catalog" / "many", RunRecipe(made=made))
    client = TestClient(create_app(Settings(root=tmp_path)), base_url="http://127.0.0.1:7860")
    sizes = [
        len(_json(client, f"/api/runs/catalog/many/samples?page={page}")["rows"]) for page in range(1, 5)
    ]
    assert sizes == [200, 200, 50, 0]


def test_sample(client: TestClient) -> None:
    found = _json(client, f"/api/runs/{A}/samples/python/brackets")
    assert (found["outcome"], found["failure"], found["number"]) == ("failed", "wrong answer", 1)
    assert found["tries"][0]["tests_passed"] == 3
    assert sorted(found["texts"]) == ["answer", "patch", "prompt", "stderr", "stdout"]
    answer = found["texts"]["answer"]
    assert answer["text"].startswith("`leap.py`")
    assert not answer["truncated"]
    assert client.get(answer["artifact"]).text == answer["text"]
    assert found["transcript"]["size"] == len(client.get(found["transcript"]["artifact"]).content)


def test_long_texts_are_cut(tmp_path: Path) -> None:
    long = "ä\x1b[31m" * 100_000
    write_run(
        tmp_path / A, RunRecipe(made=[MadeSample(task="go/a b#?", answer=long, outcome=Outcome.FAILED)])
    )
    client = TestClient(create_app(Settings(root=tmp_path)), base_url="http://127.0.0.1:7860")
    answer = _json(client, f"/api/runs/{A}/samples/go/a b%23%3F")["texts"]["answer"]
    assert answer["truncated"]
    assert len(answer["text"]) < 65_536
    assert "\x1b" not in answer["text"]
    assert answer["size"] == len(long.encode())
    assert client.get(answer["artifact"]).text == long


@pytest.mark.parametrize(
    "rest", ["python/none", "python/leap?sample=1", "python/leap?try=2", "", "python", "../../manifest.json"]
)
def test_no_such_sample(client: TestClient, rest: str) -> None:
    assert client.get(f"/api/runs/{A}/samples/{rest}").status_code == 404


def test_leaderboard(client: TestClient) -> None:
    [table] = _json(client, "/api/leaderboard")["tables"]
    assert [leader["best"]["run"] for leader in table["leaders"]] == [A, B]
    assert _json(client, "/api/leaderboard?where=model=none")["tables"] == []


def test_compare(client: TestClient) -> None:
    found = _json(client, f"/api/compare?a={A}&b={B}")
    assert found["counts"] == {"both": 2, "only_a": 1, "only_b": 0, "neither": 2}
    assert found["comparison"]["counts"] == found["counts"]
    assert found["total"] == 5
    assert "config.seed" in {one["key"] for one in found["settings"]}
    [pair] = _json(client, f"/api/compare?a={A}&b={B}&quadrant=only_a")["pairs"]
    assert (pair["task"], pair["a"], pair["b"], pair["b_failure"]) == (
        *("python/leap", "passed", "failed", "wrong answer"),
    )


def test_compare_refuses_in_a_line(client: TestClient) -> None:
    assert "expected a number" in _json(client, f"/api/compare?a={A}&b={B}&tries=3", 400)["error"]
    assert _json(client, f"/api/compare?a={A}", 422)["error"].startswith("b:")
    assert _json(client, f"/api/compare?a={A}&b=x/y", 404)["error"] == "no run 'x/y'"


def test_what_can_be_chosen(client: TestClient) -> None:
    plugins = _json(client, "/api/plugins")
    assert {"backend", "agent", "sandbox"} <= set(plugins["axes"])
    assert {"axis", "name"} <= plugins["plugins"][0].keys()
    models = {one["name"]: one for one in _json(client, "/api/models")["models"]}
    assert "llamacpp" in models["demo"]["backends"]
    assert models["demo"]["notice"]


def test_a_run_that_cannot_be_read(root: Path, client: TestClient) -> None:
    (root / "catalog" / "bad").mkdir()
    (root / "catalog" / "bad" / "manifest.json").write_text("{")
    found = {run["run"]: run for run in _json(client, "/api/runs")["runs"]}
    assert "can't be read" in found["catalog/bad"]["problem"]
    assert "can't be read" in _json(client, "/api/runs/catalog/bad", 400)["error"]
