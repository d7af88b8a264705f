"""Profiles on the fly: of a model's folder on this machine, and of a repository on the Hugging Face hub."""

import re
from pathlib import Path

from llmbench.api import SERVERS_OWN, ModelProfile, Sampling
from llmbench.errors import UsageError
from llmbench_plugins.backends.mlx.model import chat_template, read_json
from llmbench_plugins.backends.shared.on_the_fly import CONTEXT, context_for, reasoning_for
from llmbench_plugins.backends.shared.weights import fingerprint

_REPO = re.compile(r"\w[\w.-]*/[\w.-]+")
_WEIGHTS = "*.safetensors"
_RECOMMENDATION = "generation_config.json"
_SAMPLER = ("temperature", "top_p", "top_k", "min_p")


def profile_of_repo(name: str) -> ModelProfile | None:
    """Return the profile of ``user/repository``."""
    if not _REPO.fullmatch(name):
        return None
    source = {"repo": name, "context": CONTEXT}
    return ModelProfile(name=name, sampling_source=SERVERS_OWN, sources={"default": source})


def profile_of_folder(path: Path) -> ModelProfile | None:
    """Return the profile of a folder with a model; None for anything else.

    Raises:
        UsageError: it is a file of such a folder, or a part of the model is missing.
    """
    if path.suffix.lower() == ".safetensors" and path.is_file():
        raise UsageError(f"model={path}: weights without the rest; name the folder: model={path.parent}")
    if not (path / "config.json").is_file():
        return None
    weights = sorted(path.glob(_WEIGHTS))
    if not weights:
        raise UsageError(f"model={path}: a folder with config.json and no {_WEIGHTS}; is it whole?")
    trained = read_json(path / "config.json").get("max_position_embeddings")
    context = context_for(trained if isinstance(trained, int) else None)
    sampling = recommended(path)
    return ModelProfile(
        name=path.resolve().name,
        sampling=sampling,
        sampling_source=f"the model's {_RECOMMENDATION}" if sampling != Sampling() else SERVERS_OWN,
        reasoning=reasoning_for(chat_template(path), context),
        sources={"default": {"path": str(path), "content": fingerprint(weights), "context": context}},
    )


def recommended(folder: Path) -> Sampling:
    """Return the sampler that a model's folder recommends, as far as it does."""
    told = read_json(folder / _RECOMMENDATION)
    if told.get("do_sample") is False:
        return Sampling(temperature=0.0)
    numbers = {key: told[key] for key in _SAMPLER if isinstance(told.get(key), int | float)}
    return Sampling(**numbers)
