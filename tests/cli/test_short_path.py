"""``model=./my.gguf``, ``model=ollama:TAG`` and their like: what people have, in one command."""

import json
import os
import shutil
import struct
import subprocess
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pytest
import yaml

from llmbench.resources import resource_dir
from llmbench.testing.hub import LoopbackHub
from llmbench.testing.ollama_stub import OllamaStub, StubModel
from llmbench.testing.openrouter_stub import OpenRouterStub
from llmbench.testing.servers import StubServer

DEMO = resource_dir("models") / "demo.gguf"
RUN = ("limit=1", "sandbox=bubblewrap")
Command = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture
def llmbench(tmp_path: Path) -> Command:
    """Run a command in a folder of its own, at home there, with nothing of the developer's around it."""

    def command(*words: str, **environment: str) -> subprocess.CompletedProcess[str]:
        own = {"HOME": str(tmp_path), "COLUMNS": "200"}
        own |= {f"XDG_{kind}_HOME": str(tmp_path / kind.lower()) for kind in ("CONFIG", "CACHE", "STATE")}
        return subprocess.run(
            [sys.executable, "-m", "llmbench", *words],
            cwd=tmp_path,
            capture_output=True,
            text=True,
            timeout=240,
            env=os.environ | own | environment,
        )

    return command


@pytest.fixture
def composed(llmbench: Command) -> Callable[..., dict[str, Any]]:
    """Return the composed configuration of a command."""

    def of(*words: str, **environment: str) -> dict[str, Any]:
        ran = llmbench("--cfg", "job", *words, **environment)
        assert ran.returncode == 0, ran.stderr
        return dict(yaml.safe_load(ran.stdout))

    return of


def weights(path: Path) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    shutil.copy(DEMO, path)
    return path


def manifests(root: Path) -> list[dict[str, Any]]:
    return [json.loads(path.read_text()) for path in sorted(root.glob("outputs/*/*/manifest.json"))]


def only_manifest(ran: subprocess.CompletedProcess[str], root: Path) -> dict[str, Any]:
    assert ran.returncode == 0, ran.stdout + ran.stderr
    (manifest,) = manifests(root)
    return manifest


@pytest.mark.bubblewrap
def test_a_gguf_file_runs_and_its_run_goes_on_wherever_the_file_lies(
    llmbench: Command, tmp_path: Path
) -> None:
    pytest.importorskip("xllamacpp", reason="needs llmbench[embedded]")
    weights(tmp_path / "mine.gguf")
    manifest = only_manifest(llmbench("model=./mine.gguf", *RUN), tmp_path)
    assert manifest["names"]["model"] == "mine"
    assert manifest["names"]["backend"] == "llamacpp"
    assert manifest["config"]["model"]["sources"]["llamacpp"]["context"] == 4096
    assert manifest["origins"]["model"].startswith(
        "made on the fly from './mine.gguf': llmbench demo: trained"
    )
    assert manifest["origins"]["model"].endswith("sampler: the server's own settings, for nobody set any")
    report = next(tmp_path.glob("outputs/*/*/REPORT.md")).read_text()
    assert "| from: model | made on the fly from './mine.gguf'" in report

    shutil.move(tmp_path / "mine.gguf", weights(tmp_path / "else where" / "mine.gguf"))
    again = llmbench("model=else where/mine.gguf", *RUN)
    assert "1 sample was made before: nothing is asked" in again.stdout
    assert len(manifests(tmp_path)) == 1


@pytest.mark.bubblewrap
@pytest.mark.parametrize(
    "words",
    [("model=ollama:qwen2.5-coder:7b",), ("backend=ollama", "model=qwen2.5-coder:7b")],
    ids=["prefix", "backend"],
)
def test_a_tag_of_ollama_runs(llmbench: Command, tmp_path: Path, words: Sequence[str]) -> None:
    with OllamaStub(models={"qwen2.5-coder:7b": StubModel(trained_context=4096)}) as stub:
        manifest = only_manifest(llmbench(*words, *RUN, OLLAMA_HOST=stub.root), tmp_path)
    assert manifest["names"]["model"] == "qwen2.5-coder:7b"
    assert manifest["names"]["backend"] == "ollama"
    assert manifest["sessions"][-1]["server"]["asked_context"] == 4096, "no more than it was trained for"


@pytest.mark.bubblewrap
def test_a_name_of_a_server_with_a_url_runs(llmbench: Command, tmp_path: Path) -> None:
    with StubServer("ok") as stub:
        words = ("backend=openai", f"backend.url={stub.url}", "model=gpt-4o")
        manifest = only_manifest(llmbench(*words, *RUN), tmp_path)
    assert manifest["names"]["model"] == "gpt-4o"
    assert stub.requests[-1]["model"] == "gpt-4o"


@pytest.mark.bubblewrap
def test_a_slug_of_openrouter_runs(llmbench: Command, tmp_path: Path) -> None:
    with OpenRouterStub() as stub:
        words = ("model=openrouter:maker/model", f"backend.url={stub.url}")
        manifest = only_manifest(llmbench(*words, *RUN, OPENROUTER_API_KEY="sk-or-test"), tmp_path)
    assert manifest["names"]["model"] == "maker/model"
    assert stub.requests[-1]["model"] == "maker/model"


@pytest.mark.bubblewrap
def test_a_quantization_of_a_repository_runs(llmbench: Command, tmp_path: Path) -> None:
    pytest.importorskip("xllamacpp", reason="needs llmbench[embedded]")
    files = {"m-Q8_0.gguf": b"no", "m-UD-Q4_K_M.gguf": b"no", "m-Q4_K_M.gguf": DEMO.read_bytes()}
    with LoopbackHub({"user/repo": files}) as hub:
        ran = llmbench("model=hf:user/repo:Q4_K_M", *RUN, HF_ENDPOINT=hub.url)
        manifest = only_manifest(ran, tmp_path)
        missing = llmbench("model=hf:user/repo:Q2_K", *RUN, HF_ENDPOINT=hub.url)
    assert manifest["names"]["model"] == "user/repo:Q4_K_M"
    assert manifest["sessions"][-1]["server"]["weights"].endswith("m-Q4_K_M.gguf")
    assert manifest["sessions"][-1]["server"]["context"] == 4096
    assert missing.returncode == 2
    assert "hf:user/repo:Q2_K: no file is 'Q2_K' in user/repo; it has m-Q4_K_M.gguf, m-Q8_0" in missing.stderr


@pytest.mark.bubblewrap
def test_files_are_swept_and_compared(llmbench: Command, tmp_path: Path) -> None:
    pytest.importorskip("xllamacpp", reason="needs llmbench[embedded]")
    for name in ("a.gguf", "b c.gguf"):
        weights(tmp_path / name)
    swept = llmbench("-m", "model=./a.gguf,./b c.gguf", *RUN)
    assert swept.returncode == 0, swept.stdout + swept.stderr
    assert "./b c.gguf" in swept.stdout
    compared = llmbench("compare", "model=./a.gguf,./b c.gguf", *RUN)
    assert compared.returncode == 0, compared.stdout + compared.stderr
    assert [manifest["names"]["model"] for manifest in manifests(tmp_path)] == ["a", "b c"]


@pytest.mark.parametrize(
    ("file", "word"),
    [
        ("mine.gguf", "mine.gguf"),
        ("mine.gguf", "./mine.gguf"),
        ("mine.gguf", "~/mine.gguf"),
        ("of mine/v1,2 [x]=(y):$.gguf", "of mine/v1,2 [x]=(y):$.gguf"),
        ("mine.gguf", "llamacpp:./mine.gguf"),
        ("weights.bin", "./weights.bin"),
    ],
)
def test_a_file_is_named_as_the_shell_names_it(
    composed: Callable[..., dict[str, Any]], tmp_path: Path, file: str, word: str
) -> None:
    path = weights(tmp_path / file)
    config = composed(f"model={word}", "limit=1")
    assert config["model"]["sources"]["llamacpp"]["path"] == str(path)
    assert config["model"]["name"] == path.stem
    assert config["backend"]["name"] == "llamacpp"


def test_a_split_file_is_named_by_any_of_its_parts(
    composed: Callable[..., dict[str, Any]], llmbench: Command, tmp_path: Path
) -> None:
    first, second = (weights(tmp_path / f"big-0000{number}-of-00002.gguf") for number in (1, 2))
    config = composed(f"model=./{second.name}")
    assert config["model"]["name"] == "big"
    assert config["model"]["sources"]["llamacpp"]["path"] == str(first)
    second.unlink()
    ran = llmbench(f"model=./{first.name}")
    assert "its part big-00002-of-00002.gguf is missing; all parts belong in one folder\n" in ran.stderr


def test_a_folder_of_mlx_is_for_mlx(composed: Callable[..., dict[str, Any]], tmp_path: Path) -> None:
    folder = tmp_path / "Tiny-4bit"
    folder.mkdir()
    (folder / "config.json").write_text('{"max_position_embeddings": 8192}')
    (folder / "generation_config.json").write_text('{"temperature": 0.6, "top_k": 20, "eos_token_id": 1}')
    (folder / "chat_template.jinja").write_text("{% if enable_thinking %}<think>{% endif %}")
    (folder / "model.safetensors").write_bytes(b"weights")
    config = composed("model=./Tiny-4bit")
    assert config["backend"]["name"] == "mlx"
    assert config["model"]["sources"]["mlx"]["context"] == 8192
    assert config["model"]["sampling"] == {"temperature": 0.6, "top_k": 20, "stop": []}
    assert config["model"]["sampling_source"] == "the model's generation_config.json"
    assert config["model"]["reasoning"]["enabled"] is True


def _recommending(path: Path) -> None:
    """Write a header of GGUF that recommends a sampler, and no tensors."""

    def text(value: str) -> bytes:
        return struct.pack("<Q", len(value.encode())) + value.encode()

    entries = [
        text("general.architecture") + struct.pack("<I", 8) + text("x"),
        text("x.context_length") + struct.pack("<II", 4, 131072),
        text("general.sampling.temp") + struct.pack("<If", 6, 0.7),
        text("general.sampling.top_k") + struct.pack("<Ii", 5, 20),
        text("tokenizer.chat_template") + struct.pack("<I", 8) + text("{{ enable_thinking }}"),
    ]
    path.write_bytes(b"GGUF" + struct.pack("<IQQ", 3, 0, len(entries)) + b"".join(entries))


def test_what_the_weights_recommend_is_taken(composed: Callable[..., dict[str, Any]], tmp_path: Path) -> None:
    _recommending(tmp_path / "thinker.gguf")
    model = composed("model=./thinker.gguf")["model"]
    assert model["sampling"] == {"temperature": 0.7, "top_k": 20, "stop": []}
    assert model["sampling_source"] == "the weights' own file"
    assert model["sources"]["llamacpp"]["context"] == 16384
    assert model["reasoning"]["style"] == "separate"
    assert model["reasoning"]["think_tokens"] == 8192


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        (["model=./mime.gguf"], "model=./mime.gguf: no such file or folder in {}; did you mean 'mine.gguf'?"),
        (["model=./no/mine.gguf"], "model=./no/mine.gguf: no such file or folder: there is no folder {}/no"),
        (["model=text.gguf"], "model={}/text.gguf: no GGUF file: it begins with b'no w', expected b'GGUF'"),
        (["model=./short.gguf"], "model={}/short.gguf: a GGUF file that is damaged or cut short; fetch it"),
        (["model=./half.gguf"], "model={}/half.gguf: a GGUF file that is damaged or cut short; fetch it"),
        (["model=./w.safetensors"], "model={0}/w.safetensors: weights without the rest; name the folder"),
        (["model=."], "model={0}: a folder; name the file in it: model={0}/"),
        (["model=./empty"], "model=./empty: no backend can load that (backend=llamacpp loads a GGUF file;"),
        (["backend=openai", "model=./mine.gguf"], "model=./mine.gguf: backend=openai can't load that (back"),
        (["model=olama:x"], "no model 'olama:x'; available: "),
        (["model=ollama:"], "model=ollama:: a name is missing behind it\n"),
        (["model=llamacpp:x"], "model=llamacpp:x: 'x' is no name of a model for backend=llamacpp"),
        (
            ["backend=vllm"],
            "model 'demo' has no source for backend 'openai' and no default; it has: llamacpp",
        ),
        (["model=glmm"], "no model 'glmm'; did you mean 'glm'? available: any, "),
        (["backend=ollama", "model=qwen3-codr"], "no model 'qwen3-codr'; did you mean 'qwen3-coder'? To ask"),
        (["backend=openai", "model=ollama:x"], "model 'ollama:x' has no source for backend 'openai' and no"),
        (["--model", "glm"], "unknown flag '--model'; keys stand without dashes: model=glm\n"),
        (["--dataset=humanevalplus"], "unknown flag '--dataset'; keys stand without dashes: dataset=humanev"),
        (["--limit", "5"], "unknown flag '--limit'; keys stand without dashes: limit=5\n"),
        (["-n", "5"], "unknown flag '-n'; keys stand without dashes: limit=5\n"),
        (["--temperature", "0.2"], "unknown flag '--temperature'; keys stand without dashes: sampling.tempe"),
        (["--dry-run"], "unknown flag '--dry-run'; keys stand without dashes: dry_run=true\n"),
        (["run", "limit=0"], "limit: expected an integer ≥ 1, got 0 (command line)\n"),
        (["eval", "model=glm"], "no command 'eval'; a run needs none: llmbench model=glm; commands: "),
        (["./mine.gguf", "limit=1"], "no command './mine.gguf'; to run a model: llmbench model=./mine.gguf "),
        (["ls"], "no command 'ls'; did you mean 'list'? commands: "),
    ],
)
def test_what_is_wrong_is_one_line(
    llmbench: Command, tmp_path: Path, words: Sequence[str], expected: str
) -> None:
    weights(tmp_path / "mine.gguf")
    (tmp_path / "text.gguf").write_text("no weights")
    (tmp_path / "short.gguf").write_bytes(DEMO.read_bytes()[:1000])
    (tmp_path / "half.gguf").write_bytes(DEMO.read_bytes()[:500_000])
    (tmp_path / "w.safetensors").write_bytes(b"weights")
    (tmp_path / "empty").mkdir()
    ran = llmbench(*words)
    assert ran.returncode == 2, ran.stdout + ran.stderr
    assert ran.stderr.startswith(f"llmbench: {expected.format(tmp_path)}")
    assert ran.stderr.count("\n") == 1


@pytest.mark.parametrize("words", [["version"], ["-V"], ["--version"], ["run", "--version"]])
def test_the_version_by_any_name(llmbench: Command, words: Sequence[str]) -> None:
    ran = llmbench(*words)
    assert (ran.returncode, ran.stdout[:9]) == (0, "llmbench ")


@pytest.mark.bubblewrap
def test_other_commands_take_the_same_words(llmbench: Command, tmp_path: Path) -> None:
    pytest.importorskip("xllamacpp", reason="needs llmbench[embedded]")
    weights(tmp_path / "mine.gguf")
    words = ("model=./mine.gguf", "sandbox=bubblewrap")
    for verb in (("doctor",), ("prepare",), ("server", "start"), ("server", "stop")):
        ran = llmbench(*verb, *words)
        assert ran.returncode == 0, f"{verb}: {ran.stdout}{ran.stderr}"


def test_the_environment_chooses_what_a_bare_command_asks(
    composed: Callable[..., dict[str, Any]], llmbench: Command, tmp_path: Path
) -> None:
    (tmp_path / ".env").write_text("DEFAULT_MODEL=glm\nLLMBENCH_BACKEND=ollama\nDEFAULT_TEMPERATURE=0.3\n")
    weights(tmp_path / "mine.gguf")

    def chosen(*words: str, **environment: str) -> tuple[str, str, float | None]:
        config = composed(*words, **environment)
        return config["model"]["name"], config["backend"]["name"], config["sampling"]["temperature"]

    assert chosen() == ("glm-4.7-flash", "ollama", 0.3)
    assert chosen(LLMBENCH_MODEL="gpt-oss:20b") == ("gpt-oss:20b", "ollama", 0.3)
    assert chosen("model=demo", "backend=llamacpp") == ("demo", "llamacpp", 0.3)
    assert chosen("model=./mine.gguf") == ("mine", "llamacpp", 0.3), "a file says who loads it"
    assert chosen("sampling=greedy") == ("glm-4.7-flash", "ollama", 0.0)
    assert chosen("sampling.temperature=1") == ("glm-4.7-flash", "ollama", 1)
    wrong = llmbench(LLMBENCH_MODEL="nope", LLMBENCH_BACKEND="llamacpp")
    assert wrong.returncode == 2
    assert wrong.stderr.startswith("llmbench: no model 'nope'; available: ")
    assert wrong.stderr.endswith(" (LLMBENCH_MODEL in the environment)\n")
    assert llmbench(DEFAULT_TEMPERATURE="hot").stderr == (
        "llmbench: sampling.temperature: expected a number ≥ 0 or null, got 'hot' "
        "(DEFAULT_TEMPERATURE in the environment)\n"
    )


@pytest.mark.bubblewrap
def test_ones_own_folder_is_read_and_named(llmbench: Command, tmp_path: Path) -> None:
    own = tmp_path / "config" / "llmbench" / "conf" / "model"
    own.mkdir(parents=True)
    (own / "mine.yaml").write_text(
        f"name: mine\nsources:\n  llamacpp: {{path: {weights(tmp_path / 'w.gguf')}, context: 4096}}\n"
    )
    assert "\nmine" in llmbench("list", "models").stdout
    doctor = llmbench("doctor", "sandbox=bubblewrap", LLMBENCH_MODEL="mine")
    assert doctor.returncode == 0, doctor.stdout
    ran = llmbench(*RUN, "agent=nop", LLMBENCH_MODEL="mine")
    manifest = only_manifest(ran, tmp_path)
    assert manifest["origins"] == {
        "model": f"LLMBENCH_MODEL in the environment; {own / 'mine.yaml'} (your configuration folder)"
    }
    report = next(tmp_path.glob("outputs/*/*/REPORT.md")).read_text()
    assert "| from: model | LLMBENCH_MODEL in the environment; " in report


def test_a_file_of_ones_own_replaces_none_that_ships(llmbench: Command, tmp_path: Path) -> None:
    own = tmp_path / "config" / "llmbench" / "conf" / "model"
    own.mkdir(parents=True)
    (own / "glm.yaml").write_text("name: mine\n")
    ran = llmbench("model=glm")
    assert ran.returncode == 2
    assert f"{own / 'glm.yaml'}: hidden by conf/model/glm.yaml of llmbench, which has the same" in ran.stderr
