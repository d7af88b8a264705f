"""The Launch and Live pages and their API, asked without a browser; launches are real processes."""

import json
import os
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import psutil
import pytest
from starlette.testclient import TestClient

from llmbench.serve.settings import Allowed

QUICK = {"agent": "nop", "sandbox": "local", "limit": "1"}
RUN = "catalog/tiny-llamacpp-prompt-1a2b3c4d5e"
_PATIENCE_S = 60.0


@pytest.fixture
def allowed() -> Allowed:
    return Allowed(local=True)


def _until(is_so: Callable[[], bool]) -> None:
    deadline = time.monotonic() + _PATIENCE_S
    while not is_so():
        assert time.monotonic() < deadline, "it has not come to that"
        time.sleep(0.05)


def _launches(client: TestClient) -> list[dict[str, object]]:
    found: list[dict[str, object]] = client.get("/api/queue").json()["launches"]
    return found


def test_the_form_says_the_equal_command_line(client: TestClient) -> None:
    page = client.get("/launch", params={"model": "glm", "backend": "ollama", "samples": "1, 3"}).text
    assert "llmbench -m model=glm backend=ollama samples=1,3" in page
    assert "2 runs" in page
    assert 'name="backend.pull"' in page
    assert 'name="backend.binary"' not in page


def test_several_names_and_one_of_ones_own_make_a_sweep(client: TestClient) -> None:
    page = client.get("/launch?model=demo&model.more=glm&model.more=ollama:abc:7b").text
    assert "llmbench -m model=demo,glm,ollama:abc:7b" in page


def test_a_model_of_ones_own_in_an_address_stays_in_the_form(client: TestClient) -> None:
    page = client.get("/launch?model=ollama:abc:7b").text
    assert 'id="f-model-named" name="model.more"' in page
    assert 'value="ollama:abc:7b" data-group' in page


def test_lm_studio_is_told_to_unload_the_others_unless_told_otherwise(client: TestClient) -> None:
    query = "/launch?model=lmstudio:maker/model"
    assert "backend.unload_others=true" in client.get(query).text
    assert "backend.unload_others=false" in client.get(f"{query}&backend.unload_others=false").text
    assert "unload_others" not in client.get("/launch?model=demo").text


def test_what_is_wrong_stands_at_its_field(client: TestClient) -> None:
    page = client.post("/launch", data={"samples": "many"})
    assert page.status_code == 400
    assert (
        'id="wrong-samples" role="alert">samples: expected an integer ≥ 1, got &#39;many&#39;<' in page.text
    )
    assert 'value="many"' in page.text
    assert _launches(client) == []


def test_what_may_not_be_launched_is_refused(client: TestClient) -> None:
    assert client.post("/launch", data={"agent": "claude-code"}).status_code == 403
    for word in ("output_root=/etc", "hydra.run.dir=x", "agent=cli", "agent.system=${oc.env:HOME}"):
        answer = client.post("/api/runs", json={"overrides": [word]})
        assert answer.status_code == 403, word
        assert "\n" not in answer.json()["error"]
    assert client.post("/api/runs", json={"overrides": ["samples=many"]}).status_code == 400
    assert client.post("/api/runs", json={"overrides": ["s=1"] * 65}).status_code == 422
    assert _launches(client) == []


def test_a_form_is_bounded(client: TestClient) -> None:
    assert client.post("/launch", data={"filter": "x" * 70_000}).status_code == 400
    assert client.post("/launch", data={f"x{n}": "1" for n in range(600)}).status_code == 400


def test_nobody_elses_page_may_launch(client: TestClient) -> None:
    for path in ("/launch", "/launch/preview", "/api/runs", "/live/queue", f"/live/{RUN}/stop"):
        answer = client.post(path, headers={"Origin": "http://example.com"})
        assert answer.status_code == 403, path


def test_a_launch_from_the_form_becomes_a_run(client: TestClient, root: Path) -> None:
    answer = client.post("/launch", data=QUICK)
    assert answer.status_code == 303
    id_ = answer.headers["location"].removeprefix("/live#launch-")
    _until(lambda: _launches(client)[0]["state"] == "ended")
    [launch] = _launches(client)
    assert (launch["id"], launch["code"]) == (id_, 0)
    [folder] = launch["folders"]  # type: ignore[misc] - JSON
    assert (root / folder / "summary.json").is_file()
    assert f'id="launch-{id_}"' in client.get("/live").text
    page = client.get(f"/live/{folder}")
    assert page.status_code == 200
    assert "finished" in page.text
    assert "1 of 1 sample" in page.text
    assert client.post(f"/api/runs/{folder}/stop").status_code == 409
    assert client.post(f"/api/runs/{folder}/pause").status_code == 409


def test_a_check_launches_nothing(client: TestClient, root: Path) -> None:
    answer = client.post(
        "/api/runs/check", json={"overrides": ["limit=2", "samples=1,2"], "sweep": True}
    ).json()
    assert answer["runs"] == 2
    assert answer["line"].startswith("llmbench -m limit=2 samples=1,2")
    assert len(answer["folders"]) == 2
    assert not (root / "quickstart").exists()
    assert _launches(client) == []


def test_a_dry_run_shows_what_would_be_asked_and_leaves_nothing(client: TestClient, root: Path) -> None:
    page = client.post("/launch/preview", data={"limit": "1", "sandbox": "local"}).text
    assert "python/palindrome" in page
    assert '<p class="notice" role="status">' in page
    assert "Nothing was asked (dry_run=true)" in page.partition("<pre")[0]
    assert not (root / "quickstart").exists()


def test_a_log_is_text_whatever_it_holds(client: TestClient, root: Path) -> None:
    # A failed launch whose message holds what was typed.
    hostile = "<script>alert(1)</script>"
    answer = client.post("/api/runs", json={"overrides": ["sandbox=local", f"filter={hostile}"]})
    assert answer.status_code == 202
    _until(lambda: _launches(client)[0]["state"] == "ended")
    page = client.get("/live").text
    assert hostile not in page
    assert "&lt;script&gt;" in page


def test_a_status_alone_is_no_reason_to_end_a_process(client: TestClient, root: Path) -> None:
    """What lies in a folder may have been forged to name any process of the user."""
    with subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"]) as victim:
        try:
            began = psutil.Process(victim.pid).create_time()
            process = {"pid": victim.pid, "started": began, "host": os.uname().nodename}
            status = {"schema": "llmbench.status/1", "run_id": "1a2b3c4d5e", "state": "sampling"}
            moment = "2026-03-02T20:01:05.000+00:00"
            status |= {"updated": moment, "session": moment, "process": process}  # type: ignore[dict-item] - JSON
            (root / RUN / "status.json").write_text(json.dumps(status), encoding="utf-8")
            (root / RUN / ".lock").write_text(json.dumps({"pid": victim.pid}), encoding="utf-8")
            assert client.post(f"/api/runs/{RUN}/stop").status_code == 409
            assert client.post(f"/live/{RUN}/stop").status_code == 409
            assert victim.poll() is None
        finally:
            victim.kill()


def test_runs_of_before_have_no_live_page(client: TestClient) -> None:
    answer = client.get(f"/live/{RUN}")
    assert answer.status_code == 404
    assert "see its own page" in answer.text


def test_the_queue_is_changed_by_forms_and_by_the_api(client: TestClient) -> None:
    assert client.post("/live/queue", data={"action": "remove", "id": "0" * 16}).status_code == 404
    assert client.post("/live/queue", data={"action": "remove", "id": "../x"}).status_code == 422
    assert client.post("/live/queue", data={"action": "clear"}).status_code == 303
    assert client.post("/api/queue", json={"action": "order", "ids": []}).json() == {"launches": []}
    assert client.post("/api/queue", json={"action": "stop", "ids": ["0" * 16]}).status_code == 404
