"""What Prometheus reads."""

from pathlib import Path

from prometheus_client.parser import text_string_to_metric_families
from starlette.testclient import TestClient

from llmbench.records.manifest import now
from llmbench.records.masking import Mask
from llmbench.records.process import this_process
from llmbench.records.status import State, Status, write_status
from llmbench.serve.app import create_app
from llmbench.serve.settings import Settings
from llmbench.testing.runs import ORDINARY_RUN, write_run


def _write(root: Path, name: str, state: State) -> None:
    folder = write_run(root / "catalog" / name, ORDINARY_RUN)
    status = Status(
        run_id="1a2b3c4d5e",
        state=state,
        updated=now(),
        session=now(),
        process=this_process(),
        total=10,
        done=4,
        outcomes={"passed": 3, "failed": 1},
        decode_tokens_per_s=42.5,
    )
    write_status(folder, status, Mask({}))


def _values(text: str) -> dict[tuple[str, str], float]:
    samples = [sample for family in text_string_to_metric_families(text) for sample in family.samples]
    return {(sample.name, ",".join(sample.labels.values())): sample.value for sample in samples}


def test_what_is_told(tmp_path: Path) -> None:
    _write(tmp_path, "one", "sampling")
    _write(tmp_path, "two", "sampling")
    _write(tmp_path, "three", "finished")
    write_run(tmp_path / "catalog" / "old", ORDINARY_RUN)
    client = TestClient(create_app(Settings(root=tmp_path)), base_url="http://127.0.0.1:7860")
    client.get("/health")
    client.get("/nothing")
    answer = client.get("/metrics")
    assert answer.headers["content-type"].startswith("text/plain; version=0.0.4")
    found = _values(answer.text)
    assert found["llmbench_runs", "sampling"] == 2
    assert found["llmbench_runs", "finished"] == 2
    assert found["llmbench_live_samples", "passed"] == 6
    assert found["llmbench_live_samples_left", "catalog/one"] == 6
    assert found["llmbench_decode_tokens_per_second", "catalog/two"] == 42.5
    assert found["llmbench_open_sockets", ""] == 0
    assert found["llmbench_queue_length", ""] == 0
    assert found["llmbench_requests_total", "GET,200"] == 1
    assert found["llmbench_requests_total", "GET,404"] == 1


def test_of_no_runs(tmp_path: Path) -> None:
    client = TestClient(create_app(Settings(root=tmp_path / "none")), base_url="http://127.0.0.1:7860")
    assert client.get("/metrics").status_code == 200
