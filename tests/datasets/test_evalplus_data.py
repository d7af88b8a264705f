"""The release files of EvalPlus: fetched once and whole, and never used when they are not."""

import asyncio
import gzip
import hashlib
import re
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from llmbench.api import Context, Dataset
from llmbench.errors import DatasetError, UsageError
from llmbench_plugins.datasets import humanevalplus, mbppplus
from llmbench_plugins.datasets.shared.evalplus_data import Release, fetch, read_rows

LINES = b'{"task_id": "HumanEval/0"}\n{"task_id": "HumanEval/1"}\n'
RELEASE = Release(
    name="Small",
    dataset="small",
    version="v1",
    url="http://127.0.0.1:9/",
    sha256=hashlib.sha256(LINES).hexdigest(),
    tasks=2,
)


class Server(ThreadingHTTPServer):
    """Sends one body, of which the header may promise more."""

    body = gzip.compress(LINES, mtime=0)
    promised = 0
    status = 200
    asked = 0


class Handler(BaseHTTPRequestHandler):
    server: Server

    def do_GET(self) -> None:
        self.server.asked += 1
        self.send_response(self.server.status)
        self.send_header("Content-Length", str(self.server.promised or len(self.server.body)))
        self.end_headers()
        self.wfile.write(self.server.body)

    def log_message(self, *args: object) -> None:
        pass


@pytest.fixture
def server() -> Iterator[Server]:
    with Server(("127.0.0.1", 0), Handler) as made:
        thread = threading.Thread(target=made.serve_forever)
        thread.start()
        yield made
        made.shutdown()
        thread.join()


def url(server: Server) -> str:
    return f"http://127.0.0.1:{server.server_port}/Small.jsonl.gz"


def files(context: Context) -> list[str]:
    return [path.name for path in context.cache_dir.rglob("*") if path.is_file()]


def test_a_release_is_fetched_once_and_read(server: Server, tmp_path: Path) -> None:
    said: list[str] = []
    context = Context(work_dir=tmp_path, cache_dir=tmp_path / "cache", progress=said.append)
    for _ in range(2):
        asyncio.run(fetch(RELEASE, url(server), context))
    assert server.asked == 1
    assert [row["task_id"] for row in read_rows(RELEASE, None, context)] == ["HumanEval/0", "HumanEval/1"]
    assert "downloading Small v1: 0.0 of 0.0 MB" in said
    assert files(context) == ["Small-v1.jsonl.gz"]


def test_a_damaged_copy_is_fetched_again(server: Server, context: Context) -> None:
    copy = RELEASE.cached(context)
    copy.parent.mkdir(parents=True)
    copy.write_bytes(gzip.compress(LINES, mtime=0)[:-9])
    with pytest.raises(DatasetError, match=r"Small-v1.jsonl.gz: damaged or not complete.*llmbench prepare"):
        list(read_rows(RELEASE, None, context))
    asyncio.run(fetch(RELEASE, url(server), context))
    assert len(list(read_rows(RELEASE, None, context))) == 2


PACKED = gzip.compress(LINES, mtime=0)


@pytest.mark.parametrize("body", [b"<html>", gzip.compress(b"other", mtime=0), PACKED[:20], b""])
def test_another_file_is_not_kept(body: bytes, server: Server, context: Context) -> None:
    server.body = body
    with pytest.raises(DatasetError, match=r"(sha256|not complete).*nothing is kept.*dataset.path=FILE"):
        asyncio.run(fetch(RELEASE, url(server), context))
    assert files(context) == []


def test_a_download_that_breaks_off_is_not_kept(server: Server, context: Context) -> None:
    server.promised = 1000
    with pytest.raises(DatasetError, match=r"not completed.*try again"):
        asyncio.run(fetch(RELEASE, url(server), context))
    assert files(context) == []


def test_a_server_that_refuses_is_named(server: Server, context: Context) -> None:
    server.status = 404
    with pytest.raises(DatasetError, match=r"127\.0\.0\.1.*404"):
        asyncio.run(fetch(RELEASE, url(server), context))


def test_an_unreachable_server_is_named(context: Context) -> None:
    with pytest.raises(DatasetError, match=r"127\.0\.0\.1:9.*dataset.path=FILE"):
        asyncio.run(fetch(RELEASE, RELEASE.url, context))


def test_what_is_not_here_names_the_cure(context: Context, tmp_path: Path) -> None:
    with pytest.raises(DatasetError, match=r"llmbench prepare dataset=small$"):
        list(read_rows(RELEASE, None, context))
    with pytest.raises(UsageError, match=r"dataset.path: no file"):
        list(read_rows(RELEASE, str(tmp_path / "none.jsonl"), context))
    other = tmp_path / "other.jsonl"
    other.write_bytes(LINES + b"{}\n")
    with pytest.raises(DatasetError, match=r"other.jsonl: damaged.*another version.*dataset.path=FILE"):
        list(read_rows(RELEASE, str(other), context))


def test_a_plain_file_is_as_good_as_a_packed_one(context: Context, tmp_path: Path) -> None:
    plain = tmp_path / "small.jsonl"
    plain.write_bytes(LINES)
    assert len(list(read_rows(RELEASE, str(plain), context))) == 2


@pytest.mark.parametrize(("form", "count"), [("complete", 164), ("chat", 164)])
def test_humanevalplus_is_read(form: str, count: int, evalplus_data: Path, context: Context) -> None:
    options = {"path": str(evalplus_data / "HumanEvalPlus.jsonl.gz"), "prompt": form}
    dataset: Dataset = humanevalplus.HumanEvalPlus(humanevalplus.Options(**options), context)  # type: ignore[arg-type]
    tasks = list(dataset.tasks())
    assert [task.id for task in tasks] == [f"HumanEval/{number}" for number in range(count)]
    first = tasks[0]
    assert first.editable == ("solution.py",)
    assert first.starter["solution.py"].startswith(b"from typing import List\n")
    assert "has_close_elements" in first.instructions
    assert first.reference["solution.py"].startswith(first.starter["solution.py"])
    assert not any(b"assert candidate" in content for content in first.starter.values())


def test_mbppplus_is_read(evalplus_data: Path, context: Context) -> None:
    options = mbppplus.Options(path=str(evalplus_data / "MbppPlus.jsonl.gz"))
    tasks = {task.id: task for task in mbppplus.MbppPlus(options, context).tasks()}
    assert len(tasks) == 378
    assert tasks["Mbpp/2"].grading["forms"] == ["t"]
    assert tasks["Mbpp/250"].grading["forms"] == ["t", ""]


@pytest.mark.parametrize("number", [1, 2, 3])
def test_all_of_humanevalplus_has_twins(number: int, evalplus_data: Path, context: Context) -> None:
    path = str(evalplus_data / "HumanEvalPlus.jsonl.gz")
    originals, twins = (
        list(humanevalplus.HumanEvalPlus(humanevalplus.Options(path=path, twin=twin), context).tasks())
        for twin in (0, number)
    )
    assert [twin.id for twin in twins] == [task.id for task in originals]
    for task, twin in zip(originals, twins, strict=True):
        old, new = task.grading["entry_point"], twin.grading["entry_point"]
        assert twin.grading == {**task.grading, "entry_point": new, "known_as": old}
        assert twin.tests == task.tests
        assert f"`{new}`" in twin.instructions
        for files in (twin.starter, twin.reference):
            text = files["solution.py"].decode()
            assert f"def {new}(" in text
            assert not re.search(rf"\b{old}\(|>>> .*\b{old}\b", text)
            compile(text, task.id, "exec")


def test_nearly_all_of_mbppplus_has_twins(evalplus_data: Path, context: Context) -> None:
    options = mbppplus.Options(path=str(evalplus_data / "MbppPlus.jsonl.gz"), twin=1)
    same = [task.id for task in mbppplus.MbppPlus(options, context).tasks() if not task.about["renamed"]]
    assert same == ["Mbpp/126", "Mbpp/798"]


def test_prepare_fetches_the_real_release(server: Server, evalplus_data: Path, context: Context) -> None:
    server.body = (evalplus_data / "HumanEvalPlus.jsonl.gz").read_bytes()
    dataset = humanevalplus.HumanEvalPlus(humanevalplus.Options(url=url(server)), context)
    asyncio.run(dataset.prepare())
    asyncio.run(dataset.prepare())
    assert server.asked == 1
    assert sum(1 for _ in dataset.tasks()) == 164
    given = humanevalplus.Options(path=str(evalplus_data / "HumanEvalPlus.jsonl.gz"), url=url(server))
    asyncio.run(humanevalplus.HumanEvalPlus(given, context).prepare())
    assert server.asked == 1
