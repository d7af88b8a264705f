"""What leaves this machine names none of its folders, hosts and secrets; what is no path stays."""

from pathlib import Path
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from llmbench.records.anonymous import (
    Anonymous,
    OfManifest,
    named_folders,
    not_of_system,
    own_folders,
)
from llmbench.testing.runs import RunRecipe

FOLDERS = ("/home/maria", "/home/maria/work/bench", "/data/models")
TEXTS = Anonymous({"MY_KEY": "sk-abcdef"}, folders=FOLDERS, names={"zeus": "[host]", "maria": "[user]"})
STRICT = OfManifest({}, folders=FOLDERS)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("/home/maria", "[path]"),
        ("in /home/maria/work/bench/tasks/leap.py, line 3", "in [path]/leap.py, line 3"),
        ('File "/home/maria/x/y.py"', 'File "[path]/y.py"'),
        ("-I/home/maria/include -L/data/models/", "-I[path]/include -L[path]"),
        ("file:///home/maria/notes.txt", "file://[path]/notes.txt"),
        ("/home/otto/secret.txt and /Users/otto/x", "[path]/secret.txt and [path]/x"),
        ("/home/marianne/a", "[path]/a"),
        ("key sk-abcdef on zeus by maria", "key [secret] on [host] by [user]"),
        ("zeuses and marias", "zeuses and marias"),
        ("https://example.org/home/page", "https://example.org/home/page"),
        ("n/a, 3/4, and/or, /usr/bin/env", "n/a, 3/4, and/or, /usr/bin/env"),
    ],
)
def test_texts(text: str, expected: str) -> None:
    assert TEXTS.text(text) == expected
    assert TEXTS.text(expected) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("/mnt/disk 1/llm/model.gguf", "[path]/model.gguf"),
        ("++dataset.path=/srv/tasks/mine", "++dataset.path=[path]/mine"),
        ("../tasks/mine", "[path]/mine"),
        ("~/tasks", "[path]/tasks"),
        ("~otto", "~otto"),
        ("loaded /srv/llm/a.gguf, then /srv/llm/b.gguf", "loaded [path]/a.gguf, then [path]/b.gguf"),
        ("http://me:pw@10.0.0.7:8080/v1", "http://[host]:8080/v1"),
        ("http://gpu-box/v1", "http://[host]/v1"),
        ("http://node.cluster.internal:1/v1", "http://[host]:1/v1"),
        ("http://127.0.0.1:8080/v1", "http://127.0.0.1:8080/v1"),
        ("http://[fd00::1]:80/", "http://[host]:80/"),
        ("https://openrouter.ai/api/v1", "https://openrouter.ai/api/v1"),
        ("ghcr.io/ggml-org/llama.cpp:server", "ghcr.io/ggml-org/llama.cpp:server"),
        ("unsloth/GLM-4.7-Flash-GGUF", "unsloth/GLM-4.7-Flash-GGUF"),
        ("^python/", "^python/"),
    ],
)
def test_manifests(text: str, expected: str) -> None:
    assert STRICT.text(text) == expected
    assert STRICT.text(expected) == expected


def test_a_file_that_is_no_text_keeps_its_other_bytes() -> None:
    assert TEXTS.data(b"\xff\x00/home/maria/x\x00\xfe") == b"\xff\x00[path]/x\x00\xfe"
    assert TEXTS.data("/home/maria/ü".encode()) == "[path]/ü".encode()


@given(st.text(), st.text(alphabet="abc/ .-", max_size=20), st.sampled_from(FOLDERS))
@example("", " /a/a", FOLDERS[0])
def test_no_folder_is_left(before: str, after: str, folder: str) -> None:
    for mask in (TEXTS, STRICT):
        assert folder not in mask.text(f"{before}{folder}/{after}")
        once = mask.text(f"{before}{folder}/{after}")
        assert mask.text(once) == once


def test_the_folders_of_a_run_are_known(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("HOME", str(tmp_path / "me"))
    found = own_folders(tmp_path / "outputs/a/b")
    assert {
        str(tmp_path),
        str(tmp_path / "outputs/a/b"),
        str(tmp_path / "outputs"),
        str(tmp_path / "me"),
    } <= found
    assert "/" not in found


def test_a_manifest_names_folders() -> None:
    config: dict[str, Any] = {
        "backend": {"source": {"path": "/models/a b.gguf", "args": ["-v=/mnt/x/y:/y"]}},
        "agent": {"program": "/usr/bin/codex"},
    }
    found = named_folders(RunRecipe(made=[], config=config).manifest())
    assert {"/models/a b.gguf", "/usr/bin/codex"} <= found
    assert not_of_system(found) == found - {"/usr/bin/codex"}
