"""The run's identity: a hash over what can change a score, and the folder that it names."""

import hashlib
import re
from collections.abc import Mapping, Sequence
from dataclasses import fields, is_dataclass
from pathlib import Path
from typing import Any

import msgspec

from llmbench.api import Limits, ModelProfile, Sampling
from llmbench.api.options import execution_only, left_out_by_default
from llmbench.records.names import LONGEST_BYTES, fitting_name
from llmbench.resources import resource_dir
from llmbench.runner.spec import Part, SampleLimits

_FOLDER_BYTES = LONGEST_BYTES - 15
"""Of the name of a folder: a file beside it bears the same, and an ending."""
RESOURCES = ("conf", "models", "tasks")


def run_id(
    *,
    backend: Part,
    agent: Part,
    tools: Sequence[Part] = (),
    dataset: Part,
    validator: Part,
    model: ModelProfile,
    sampling: Sampling,
    samples: int,
    tries: int,
    seed: int | None,
    retry_budget: int | None = None,
    prompt_cache: bool = True,
    limits: SampleLimits,
    box: Limits,
) -> str:
    """Return ten hexadecimal digits that change with everything that can change a score.

    How a run is executed is left out: sandbox, folders, selection of tasks, budget, concurrency.
    """
    content: dict[str, Any] = {
        "parts": {
            kind: {"name": part.name, "options": identity(part.options)}
            for kind, part in {
                "backend": backend,
                "agent": agent,
                "dataset": dataset,
                "validator": validator,
            }.items()
        },
        "model": {"name": model.name, "reasoning": identity(model.reasoning)},
        "sampling": identity(sampling),
        "samples": samples,
        "tries": tries,
        "seed": seed,
        "limits": identity(limits),
        "box": identity(box),
    }
    # Left out where unset, so that runs made before they were there keep their names.
    if retry_budget is not None:
        content["retry_budget"] = retry_budget
    if not prompt_cache:
        content["prompt_cache"] = False
    if tools:
        content["tools"] = [{"name": tool.name, "options": identity(tool.options)} for tool in tools]
    return hashlib.sha256(msgspec.json.encode(content, order="sorted")).hexdigest()[:10]


def run_folder(output_root: Path, *, dataset: str, model: str, backend: str, agent: str, run_id: str) -> Path:
    """Return ``<output_root>/<dataset>/<model>-<backend>-<agent>-<hash>``; names too long for it are cut."""
    return output_root / safe_name(dataset) / joined_name((model, backend, agent), run_id)


def joined_name(names: Sequence[str], mark: str) -> str:
    """Return the name of a folder that begins with ``names``, as far as they fit, and ends with ``mark``."""
    safe = [safe_name(name) for name in names]
    room = _FOLDER_BYTES - len(mark) - len(safe)
    if sum(map(len, safe)) > room:
        # Each gets an equal share; what the short ones leave is the first's, the model's.
        others = [fitting_name(name, room // len(safe)) for name in safe[1:]]
        safe = [fitting_name(safe[0], room - sum(map(len, others))), *others]
    return "-".join([*safe, mark])


def safe_name(name: str) -> str:
    """Return a name that is one folder on every system."""
    return fitting_name(_safe(name))


def _safe(name: str) -> str:
    return re.sub(r"[^A-Za-z0-9._]+", "-", name).strip("-.") or "unnamed"


def identity(value: Any) -> Any:
    """Return options as plain data without those that only say how a run is executed."""
    if is_dataclass(value) and not isinstance(value, type):
        newer = left_out_by_default(type(value))
        unset = {field.name for field in fields(value) if getattr(value, field.name) == field.default}
        left_out = execution_only(type(value)) | (newer & unset)
        kept = (field.name for field in fields(value) if field.name not in left_out)
        return {name: _placed(name, identity(getattr(value, name))) for name in kept}
    if isinstance(value, Mapping):
        return {str(key): _placed(str(key), identity(item)) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [identity(item) for item in value]
    if isinstance(value, str):
        return _portable(value)
    return msgspec.to_builtins(value)


def _placed(name: str, value: Any) -> Any:
    # Two folders' `path=tasks` are not the same tasks, whatever shared folder the results go to.
    if name != "path" or not isinstance(value, str) or value.startswith("resource:"):
        return value
    return str(Path(value).expanduser().absolute())


def _portable(text: str) -> str:
    # Where llmbench is installed says nothing about the content of what it brings.
    for name in RESOURCES if text.startswith("/") else ():
        root = str(resource_dir(name))
        if text.startswith(f"{root}/"):
            return f"resource:{name}{text.removeprefix(root)}"
    return text
