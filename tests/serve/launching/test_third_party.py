"""A package that somebody else wrote appears in the form by itself, once it is installed."""

import sys
from pathlib import Path

import pytest
from starlette.testclient import TestClient

_EXAMPLE = Path(__file__).parents[3] / "examples/llmbench-foo"
_ENTRY_POINTS = """
[llmbench.backends]
foo = llmbench_foo.backend:Foo
[llmbench.conf]
foo = llmbench_foo.conf
"""


@pytest.fixture
def _installed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = tmp_path / "site" / "llmbench_foo-0.1.0.dist-info"
    folder.mkdir(parents=True)
    (folder / "METADATA").write_text("Metadata-Version: 2.1\nName: llmbench-foo\nVersion: 0.1.0\n")
    (folder / "entry_points.txt").write_text(_ENTRY_POINTS)
    for place in (_EXAMPLE / "src", tmp_path / "site"):
        monkeypatch.syspath_prepend(str(place))
    for name in [name for name in sys.modules if name.partition(".")[0] == "llmbench_foo"]:
        monkeypatch.delitem(sys.modules, name)


@pytest.mark.usefixtures("_installed")
def test_a_plugin_of_somebody_else_appears_by_itself(client: TestClient) -> None:
    page = client.get("/launch?backend=foo&model=foo&backend.slots=2").text
    assert '<optgroup label="llmbench-foo 0.1.0">' in page
    assert '<option value="foo" selected>foo</option>' in page
    assert "Answers by rules, without a model" in page
    assert 'name="backend.context"' in page
    assert "words of question and answer together" in page
    assert 'name="backend.rules"' not in page
    assert "llmbench model=foo backend=foo backend.slots=2" in page
    assert "Checked." in page
    refusal = client.post("/api/runs", json={"overrides": ["backend=foo", "backend.rules=[]"]})
    assert refusal.status_code == 403


def test_without_it_there_is_no_such_choice(client: TestClient) -> None:
    answer = client.post("/api/runs/check", json={"overrides": ["backend=foo"]})
    assert answer.status_code == 400
    assert answer.json()["error"].startswith("backend: there is no 'foo'; there are: anthropic,")
