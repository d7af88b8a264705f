"""A run that means harm goes through every page about runs: none fails, and all of it is only text."""

import re
from collections.abc import Iterator
from urllib.parse import quote

import pytest
from starlette.testclient import TestClient

from llmbench.serve.app import create_app
from llmbench.serve.settings import Settings
from llmbench.testing.hostile import TEXTS, write_hostile_run
from llmbench.testing.runs import ORDINARY_RUN, write_run

RUN = "catalog/hostile"
_ACTING = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]")
_FIELDS = re.compile(r'value="[^"]*"')
_WHOLE = ("", "runs", "leaderboard", "live", "matrix", "pareto", "compare", f"compare?a={RUN}&b=catalog/good")
_OF_THE_RUN = ("", "?outcome=unsolved", "/samples/python/leap", "/samples/python/brackets?try=1")


def _paths(text: str) -> Iterator[str]:
    yield from (f"/{path}" for path in _WHOLE)
    yield from (f"/runs/{RUN}{rest}" for rest in _OF_THE_RUN)
    told = quote(text[:200].encode(errors="replace"), safe="")
    yield from (f"/runs/{RUN}/samples/{told}", f"/runs/{RUN}?q={told}", f"/runs?q={told}", f"/nothing/{told}")


@pytest.mark.parametrize("kind", TEXTS)
def test_no_page_fails_and_nothing_acts(kind: str, tmp_path_factory: pytest.TempPathFactory) -> None:
    root = tmp_path_factory.mktemp("outputs")
    write_hostile_run(root / RUN, TEXTS[kind])
    write_run(root / "catalog" / "good", ORDINARY_RUN)
    client = TestClient(create_app(Settings(root=root)), base_url="http://127.0.0.1:7860")
    for path in _paths(TEXTS[kind]):
        answer = client.get(path)
        assert answer.status_code < 500, path
        assert "<script>alert" not in answer.text, path
        assert "<img src=x" not in answer.text, path
        # What was typed into a field stays in it as it was; nobody else is shown it.
        assert not _ACTING.search(_FIELDS.sub("", answer.text)), path
