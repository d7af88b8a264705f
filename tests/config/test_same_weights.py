"""Same weights, two servers: a sweep over both says whether the same messages became the same prompts."""

import hashlib
import json
import os
import subprocess
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest

from llmbench.resources import resource_dir
from llmbench.testing.ollama_stub import OllamaStub, StubModel, chatml

pytest.importorskip("xllamacpp", reason="needs llmbench[embedded]")
GGUF = resource_dir("models") / "demo.gguf"
PROFILE = """
name: mine
trusted: true
reasoning: {style: none, enabled: false, answer_tokens: 400}
sampling: {temperature: 0.0}
sources:
  llamacpp: {path: "%s", context: 4096, extra_args: [--threads, 1]}
  ollama: {tag: stub, context: 4096}
"""


def trimming(body: Mapping[str, Any]) -> str:
    """Render as templates of Ollama often do: without what stands at the ends of a message."""
    messages = [told | {"content": told["content"].strip()} for told in body["messages"]]
    return chatml({**body, "messages": messages})


@pytest.fixture
def sweep(tmp_path: Path) -> Callable[..., tuple[str, Path]]:
    """Ask llama.cpp with the demo model, and Ollama with what it is said to have; return words and folder."""
    profile = tmp_path / "conf/model/mine.yaml"
    profile.parent.mkdir(parents=True)
    profile.write_text(PROFILE % GGUF)

    def sweep(model: StubModel, agents: str = "prompt") -> tuple[str, Path]:
        with OllamaStub(models={"stub:latest": model}) as stub:
            done = subprocess.run(
                [
                    *(sys.executable, "-m", "llmbench", "-m", "backend=llamacpp,ollama", "model=mine"),
                    *(f"agent={agents}", "limit=1", "sandbox=local"),
                ],
                cwd=tmp_path,
                capture_output=True,
                text=True,
                timeout=300,
                env=os.environ | {"OLLAMA_HOST": stub.root, "COLUMNS": "200"},
            )
        assert done.returncode == 0, done.stdout + done.stderr
        (folder,) = (tmp_path / "outputs/sweeps").iterdir()
        return done.stdout, folder

    return sweep


def test_where_they_part_stands_below_the_matrix(sweep: Callable[..., tuple[str, Path]]) -> None:
    sha256 = hashlib.sha256(GGUF.read_bytes()).hexdigest()
    said, folder = sweep(StubModel(weights_sha256=sha256, template=trimming, adds_bos=False))
    line = (
        r"on llamacpp and ollama: part at character 36: "
        r"llamacpp '…ou write Python.\n<|im_end|>\n<|im_start|>user\n Re…' — "
        r"ollama '…ou write Python.<|im_end|>\n<|im_start|>user\nRetu…'"
    )
    assert f"Prompts of mine {line}" in said
    assert json.loads((folder / "matrix.json").read_text())["prompts"] == [f"prompts of mine {line}"]
    assert "## Prompts\n\n- prompts of mine on llamacpp and ollama: part at character 36" in (
        folder / "MATRIX.md"
    ).read_text(encoding="utf-8")


def test_the_same_template_is_said_to_be_the_same(sweep: Callable[..., tuple[str, Path]]) -> None:
    sha256 = hashlib.sha256(GGUF.read_bytes()).hexdigest()
    said, _ = sweep(StubModel(weights_sha256=sha256, adds_bos=False))
    assert "Prompts of mine on llamacpp and ollama: byte for byte the same (" in said


def test_agents_whose_prompts_are_not_alike_are_named(sweep: Callable[..., tuple[str, Path]]) -> None:
    """The stub's template leaves tools out."""
    sha256 = hashlib.sha256(GGUF.read_bytes()).hexdigest()
    said, _ = sweep(StubModel(weights_sha256=sha256, adds_bos=False), "prompt,tools")
    assert "on llamacpp and ollama (agent prompt): byte for byte the same (" in said
    assert r"(agent tools): part at character 12: llamacpp '<|im_start|>tools\nnote" in said


def test_other_weights_are_named_as_such(sweep: Callable[..., tuple[str, Path]]) -> None:
    said, _ = sweep(StubModel(template=trimming))
    assert "Prompts of mine on llamacpp and ollama: not held together: the weights are not the same" in said
    assert "part at character" not in said
