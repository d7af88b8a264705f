"""The home page: what runs now, what was run last, the best models, and what newcomers see."""

import os
from dataclasses import replace
from pathlib import Path

import pytest
from starlette.testclient import TestClient

from llmbench.records.manifest import now
from llmbench.records.masking import Mask
from llmbench.records.process import this_process
from llmbench.records.status import Left, Status, write_status
from llmbench.serve.app import create_app
from llmbench.serve.settings import Settings
from llmbench.testing.runs import ORDINARY_RUN, write_run


def _home(root: Path, before: str = "") -> str:
    app = create_app(Settings(root=root))
    client = TestClient(app, base_url="http://127.0.0.1:7860", root_path=before)
    answer = client.get(f"{before}/")
    assert answer.status_code == 200
    return answer.text


def _at_work(folder: Path, **more: object) -> None:
    status = Status(
        run_id="1a2b3c4d5e", state="sampling", updated=now(), session=now(), process=this_process()
    )
    write_status(folder, replace(status, **more), Mask({}))  # type: ignore[arg-type]


def test_newcomers_are_led_to_the_demo(tmp_path: Path) -> None:
    text = _home(tmp_path / "nothing")
    assert "Nothing was run here yet" in text
    assert '<a class="button main" href="/launch">Launch the demo</a>' in text
    assert ">llmbench</code>" in text
    assert "Latest runs" not in text


def test_the_best_models_stand_with_number_interval_and_trust(root: Path) -> None:
    text = _home(root)
    best = text[text.index(">The best models<") : text.index(">Latest runs<")]
    assert best.index(">large</a>") < best.index(">tiny</a>")
    assert 'href="/runs/catalog/large-llamacpp-prompt-2a2b3c4d5e"' in best
    assert 'aria-label="80.0 of 100 %, 95 % interval ' in best
    assert best.count('<span class="word bad">problem</span>') == 2


def test_the_latest_runs_are_listed(root: Path) -> None:
    text = _home(root)
    latest = text[text.index(">Latest runs<") :]
    assert "5 of 5" in latest
    assert '<time datetime="2026-03-01T20:01:05.000+00:00">2026-03-01 20:01</time>' in latest
    assert "All 2 runs" in latest


def test_what_runs_now_is_told_apart(root: Path) -> None:
    left = Left(likely_s=754, low_s=500, high_s=900)
    outcomes = {"passed": 16, "failed": 5, "infra_error": 1}
    _at_work(
        root / "catalog/tiny-llamacpp-prompt-1a2b3c4d5e", total=60, done=22, outcomes=outcomes, left=left
    )
    text = _home(root)
    working = text[text.index(">At work now<") : text.index(">The best models<")]
    assert ">tiny</a>" in working
    assert ">76.2<" in working
    assert "22 of 60 samples, about 12 min 34 s left" in working
    assert ">tiny</a>" not in text[text.index(">Latest runs<") :]


def test_a_run_without_a_folder_of_samples_yet_is_at_work_too(tmp_path: Path) -> None:
    folder = tmp_path / "catalog" / "new-llamacpp-prompt-3a2b3c4d5e"
    folder.mkdir(parents=True)
    _at_work(folder, state="starting", message="the model's server loads")
    text = _home(tmp_path)
    assert "new-llamacpp-prompt-3a2b3c4d5e" in text
    assert "/runs/catalog/new-" not in text
    assert "the model&#39;s server loads" in text


@pytest.mark.parametrize("state", ["finished", "stopped", "failed"])
def test_what_has_ended_is_not_at_work(root: Path, state: str) -> None:
    _at_work(root / "catalog/tiny-llamacpp-prompt-1a2b3c4d5e", state=state)
    assert "At work now" not in _home(root)


def test_a_run_that_is_gone_is_not_at_work(root: Path) -> None:
    gone = replace(this_process(), pid=os.getpid(), started=1.0)
    _at_work(root / "catalog/tiny-llamacpp-prompt-1a2b3c4d5e", process=gone)
    assert "At work now" not in _home(root)


def test_names_of_others_are_text(tmp_path: Path) -> None:
    model = "<script>alert(1)</script>\x1b[31m\u202e"
    write_run(tmp_path / "catalog" / "evil-1a2b3c4d5e", replace(ORDINARY_RUN, model=model))
    text = _home(tmp_path)
    assert "&lt;script&gt;alert(1)&lt;/script&gt;␛[31m\\u202e" in text
    assert "<script>alert" not in text
    assert "\x1b" not in text
    assert "\u202e" not in text


def test_a_run_that_cannot_be_read_says_why(root: Path) -> None:
    (root / "catalog/tiny-llamacpp-prompt-1a2b3c4d5e/manifest.json").write_text("{", encoding="utf-8")
    text = _home(root)
    assert "tiny-llamacpp-prompt-1a2b3c4d5e" in text
    assert "manifest.json" in text


def test_addresses_hold_behind_a_proxy(root: Path) -> None:
    text = _home(root, "/bench")
    assert 'href="/bench/runs/catalog/large-llamacpp-prompt-2a2b3c4d5e"' in text
    assert 'href="/runs' not in text
    assert 'src="/static' not in text
