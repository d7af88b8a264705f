"""Profiles on the fly: of a GGUF file on this machine, and of one on the Hugging Face hub."""

import re
from pathlib import Path

from llmbench.api import SERVERS_OWN, ModelProfile, Reasoning, Sampling
from llmbench.errors import UsageError
from llmbench_plugins.backends.llamacpp.gguf import MAGIC, Gguf, read_gguf
from llmbench_plugins.backends.shared.on_the_fly import CONTEXT, context_for, reasoning_for
from llmbench_plugins.backends.shared.weights import fingerprint, parts_of

_REPO = re.compile(r"(?P<repo>\w[\w.-]*/[\w.-]+)(?::(?P<quantization>[\w.-]+))?")
_USUAL = "Q4_K_M"
_RECOMMENDED = "general.sampling."
_PART = re.compile(r"-\d{5}-of-\d{5}$")
_SAMPLER = {
    "temp": "temperature",
    "top_p": "top_p",
    "top_k": "top_k",
    "min_p": "min_p",
    "penalty_repeat": "repeat_penalty",
}
"""What an entry of the file's recommendation is called here."""


def profile_of_repo(name: str) -> ModelProfile | None:
    """Return the profile of ``user/repository:Q4_K_M``; without a quantization, of the usual one."""
    found = _REPO.fullmatch(name)
    if found is None:
        return None
    quantization = found["quantization"] or _USUAL
    source = {"repo": found["repo"], "quantization": quantization, "context": CONTEXT, "context_fits": True}
    return ModelProfile(
        name=f"{found['repo']}:{quantization}",
        description=f"{quantization} of {found['repo']} on the Hugging Face hub",
        sampling_source=SERVERS_OWN,
        sources={"default": source},
    )


def profile_of_file(path: Path) -> ModelProfile | None:
    """Return the profile of a file that is, or should be, a GGUF file; None for anything else.

    Raises:
        UsageError: it should be one and is none, it is cut short, or a part of it is missing.
    """
    if path.is_dir():
        _refuse_folder(path)
        return None
    if path.suffix.lower() != ".gguf" and not _begins_like_one(path):
        return None
    found = read_gguf(path)
    context = context_for(found.context)
    reasoning = reasoning_for(found.text("tokenizer.chat_template"), context)
    sampling = recommended(found)
    return ModelProfile(
        name=_PART.sub("", found.path.stem),
        description=_described(found, context, reasoning),
        sampling=sampling,
        sampling_source="the weights' own file" if sampling != Sampling() else SERVERS_OWN,
        reasoning=reasoning,
        sources={
            "default": {
                "path": str(found.path),
                "content": fingerprint(parts_of(found.path)),
                "context": context,
            }
        },
    )


def recommended(found: Gguf) -> Sampling:
    """Return the sampler that a file recommends, as far as it does."""
    told = {ours: found.about.get(f"{_RECOMMENDED}{theirs}") for theirs, ours in _SAMPLER.items()}
    numbers = {key: round(value, 4) for key, value in told.items() if isinstance(value, int | float)}
    return Sampling(**numbers)  # type: ignore[arg-type]  # of which only top_k is whole, there as here


def _described(found: Gguf, context: int, reasoning: Reasoning) -> str:
    trained = f"trained for {found.context} tokens of context" if found.context else "context unknown"
    thinks = "thinks by its chat template" if reasoning.enabled else "does not think"
    who = found.text("general.name") or found.path.stem
    return f"{who}: {trained}, {context} are loaded; {thinks}"


def _begins_like_one(path: Path) -> bool:
    try:
        with path.open("rb") as file:
            return file.read(len(MAGIC)) == MAGIC
    except OSError:
        return False


def _refuse_folder(path: Path) -> None:
    """Refuse a folder of GGUF files, for nobody knows which is meant."""
    files = sorted(file.name for file in path.glob("*.gguf"))
    if files:
        raise UsageError(f"model={path}: a folder; name the file in it: model={path / files[0]}")
