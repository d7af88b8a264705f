"""The files of a run: as text, in parts, never as a page."""

from pathlib import Path

import pytest
from starlette.testclient import TestClient

from llmbench.serve.app import create_app
from llmbench.serve.settings import Settings
from llmbench.testing.runs import ORDINARY_RUN, write_run

RUN = "catalog/run"
JOURNAL = f"/artifacts/{RUN}/journal.jsonl"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return write_run(tmp_path / RUN, ORDINARY_RUN)


@pytest.fixture
def client(folder: Path) -> TestClient:
    return TestClient(create_app(Settings(root=folder.parents[1])), base_url="http://127.0.0.1:7860")


def test_whole(client: TestClient, folder: Path) -> None:
    answer = client.get(JOURNAL)
    assert answer.content == (folder / "journal.jsonl").read_bytes()
    assert answer.headers["content-type"] == "text/plain; charset=utf-8"
    assert answer.headers["content-length"] == str(len(answer.content))


def test_a_page_is_text(client: TestClient, folder: Path) -> None:
    (folder / "report.html").write_text("<script>alert(1)</script>")
    answer = client.get(f"/artifacts/{RUN}/report.html")
    assert answer.headers["content-type"].startswith("text/plain")
    assert answer.headers["content-security-policy"].startswith("sandbox; default-src 'none'")
    assert answer.headers["x-content-type-options"] == "nosniff"


def test_to_keep(client: TestClient) -> None:
    answer = client.get(f"{JOURNAL}?download=1")
    assert answer.headers["content-type"] == "application/octet-stream"
    assert answer.headers["content-disposition"] == 'attachment; filename="journal.jsonl"'


@pytest.mark.parametrize(
    ("wanted", "start", "end"),
    [("bytes=0-9", 0, 10), ("bytes=10-", 10, None), ("bytes=-7", -7, None), ("bytes=5-999999999", 5, None)],
)
def test_a_part(client: TestClient, folder: Path, wanted: str, start: int, end: int | None) -> None:
    whole = (folder / "journal.jsonl").read_bytes()
    answer = client.get(JOURNAL, headers={"range": wanted})
    assert answer.status_code == 206
    assert answer.content == whole[start:end]
    first = start % len(whole)
    last = first + len(answer.content) - 1
    assert answer.headers["content-range"] == f"bytes {first}-{last}/{len(whole)}"


@pytest.mark.parametrize("wanted", ["bytes=9-3", "bytes=0-1,4-5", "lines=1-2", "bytes=-", "bytes=x-y", ""])
def test_what_is_no_range_asks_for_all(client: TestClient, wanted: str) -> None:
    assert client.get(JOURNAL, headers={"range": wanted}).status_code == 200


@pytest.mark.parametrize("wanted", ["bytes=999999-", "bytes=-0"])
def test_behind_the_end(client: TestClient, folder: Path, wanted: str) -> None:
    answer = client.get(JOURNAL, headers={"range": wanted})
    assert answer.status_code == 416
    assert answer.headers["content-range"] == f"bytes */{(folder / 'journal.jsonl').stat().st_size}"


def test_an_empty_file(client: TestClient, folder: Path) -> None:
    (folder / "journal.jsonl").write_bytes(b"")
    assert client.get(JOURNAL).status_code == 200
    assert client.get(JOURNAL, headers={"range": "bytes=0-"}).status_code == 416


@pytest.mark.parametrize(
    "path",
    ["manifest.json", ".lock", "status.json", "..%2F..%2Fhistory.db", "samples", "", "%2Fetc%2Fpasswd"],
)
def test_not_served(client: TestClient, path: str) -> None:
    answer = client.get(f"/artifacts/{RUN}/{path}")
    assert answer.status_code == 404
    assert answer.json()["error"]


def test_a_large_file_is_not_read_at_once(client: TestClient, folder: Path) -> None:
    with (folder / "journal.jsonl").open("wb") as file:
        file.truncate(300_000_000)
    with client.stream("GET", JOURNAL, headers={"range": "bytes=299999990-"}) as answer:
        assert answer.status_code == 206
        assert answer.read() == bytes(10)
