"""What backends make of a name or a path that has no profile."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from llmbench.errors import UsageError
from llmbench.resources import resource_dir
from llmbench_plugins.backends.llamacpp import LlamaCpp
from llmbench_plugins.backends.llamacpp.gguf import read_gguf
from llmbench_plugins.backends.llamacpp.weights import of_quantization
from llmbench_plugins.backends.openai import OpenAI
from llmbench_plugins.backends.replay import Replay
from llmbench_plugins.backends.shared.weights import fingerprint

DEMO = resource_dir("models") / "demo.gguf"
NAMES = [
    "BF16/m-BF16-00001-of-00002.gguf",
    "BF16/m-BF16-00002-of-00002.gguf",
    "m-Q4_K_M.gguf",
    "m-UD-Q4_K_M.gguf",
    "m-q8_0.gguf",
    "mmproj-BF16.gguf",
]


@pytest.mark.parametrize(
    ("wanted", "found"),
    [
        ("Q4_K_M", ["m-Q4_K_M.gguf"]),
        ("UD-Q4_K_M", ["m-UD-Q4_K_M.gguf"]),
        ("Q8_0", ["m-q8_0.gguf"]),
        ("BF16", ["BF16/m-BF16-00001-of-00002.gguf"]),
        ("Q4_K", []),
    ],
)
def test_a_quantization_is_one_file(wanted: str, found: list[str]) -> None:
    assert of_quantization(NAMES, wanted) == found


def test_names_are_the_backends_own() -> None:
    profile = OpenAI.profile_of("gpt-4o")
    assert profile is not None
    assert profile.sources == {"default": {"model": "gpt-4o"}}
    assert LlamaCpp.profile_of("gpt-4o") is None
    assert Replay.profile_of("gpt-4o") is None


@given(st.integers(0, int(0.8 * DEMO.stat().st_size)))
def test_a_file_cut_before_its_last_tensor_is_refused(
    tmp_path_factory: pytest.TempPathFactory, length: int
) -> None:
    path = tmp_path_factory.mktemp("cut") / "cut.gguf"
    path.write_bytes(DEMO.read_bytes()[:length])
    with pytest.raises(UsageError, match=f"^model={path}: "):
        read_gguf(path)


def test_a_fingerprint_tells_weights_apart_and_nothing_else(tmp_path: Path) -> None:
    content = DEMO.read_bytes()
    same, other, longer = (tmp_path / name for name in ("same", "other", "longer"))
    same.write_bytes(content)
    other.write_bytes(content[:-1] + bytes([content[-1] ^ 1]))
    longer.write_bytes(content + b"\0")
    assert fingerprint([same]) == fingerprint([DEMO])
    assert len({fingerprint([path]) for path in (same, other, longer)}) == 3
