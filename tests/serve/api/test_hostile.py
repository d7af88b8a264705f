"""A run that means harm goes through every answer of the API: valid JSON, never 500, nothing that acts."""

import json
import re
from urllib.parse import quote

import pytest
from starlette.testclient import TestClient

from llmbench.serve.app import create_app
from llmbench.serve.settings import Settings
from llmbench.testing.hostile import TEXTS, write_hostile_run
from llmbench.testing.runs import ORDINARY_RUN, write_run

RUN, OTHER = "catalog/hostile", "catalog/good"
_ACTING = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]")
_MOST_BYTES = 1_000_000
"""Of an answer, whatever the run holds."""


@pytest.fixture(params=list(TEXTS), scope="module")
def client(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> TestClient:
    root = tmp_path_factory.mktemp("outputs")
    write_hostile_run(root / RUN, TEXTS[request.param])
    write_run(root / OTHER, ORDINARY_RUN)
    client = TestClient(create_app(Settings(root=root)), base_url="http://127.0.0.1:7860")
    client.hostile = TEXTS[request.param]  # type: ignore[attr-defined]
    return client


def _paths(client: TestClient) -> list[str]:
    task = quote(client.hostile[:200].encode(errors="replace"), safe="")  # type: ignore[attr-defined]
    return [
        "/api/runs",
        f"/api/runs?where=model={task}",
        f"/api/runs/{RUN}",
        f"/api/runs/{RUN}/samples",
        f"/api/runs/{RUN}/samples?q={task}",
        f"/api/runs/{RUN}/samples/python/leap",
        f"/api/runs/{RUN}/samples/python/brackets?try=1",
        f"/api/runs/{RUN}/samples/{task}",
        "/api/leaderboard",
        f"/api/compare?a={RUN}&b={OTHER}",
        f"/api/compare?a={OTHER}&b={RUN}",
        f"/api/events/{RUN}",
        f"/api/runs/catalog/{task}",
        f"/artifacts/{RUN}/{task}",
        f"/artifacts/{RUN}/samples/{task}/0/transcript.jsonl",
    ]


def test_every_answer_is_json_that_does_nothing(client: TestClient) -> None:
    for path in _paths(client):
        answer = client.get(path)
        assert answer.status_code in (200, 400, 404, 422), (path, answer.text[:500])
        assert answer.headers["content-type"] == "application/json", path
        json.loads(answer.content)
        assert not _ACTING.search(answer.content.decode()), path


def test_answers_have_a_bound(client: TestClient) -> None:
    for path in _paths(client):
        assert len(client.get(path).content) < _MOST_BYTES, path


def test_artifacts_are_the_bytes(client: TestClient) -> None:
    answer = client.get(f"/artifacts/{RUN}/samples/python/leap/0/try-1/response.md")
    assert answer.status_code == 200
    assert answer.headers["content-type"] == "text/plain; charset=utf-8"
    assert answer.headers["content-security-policy"].startswith("sandbox")
    assert answer.content.startswith(client.hostile.encode(errors="surrogatepass"))  # type: ignore[attr-defined]


def test_metrics_are_those_of_prometheus(client: TestClient) -> None:
    assert client.get("/metrics").status_code == 200
