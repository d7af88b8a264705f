"""A model in MLX's form on this machine: a folder with configuration, tokenizer and weights."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import msgspec

from llmbench.api import Context, Request
from llmbench.errors import ContextOverflowError, ImpossibleError, PrerequisiteError
from llmbench_plugins.backends.shared.hub import fetch
from llmbench_plugins.backends.shared.weights import files_sha256

PATTERNS = ("*.json", "*.safetensors", "*.jinja", "*.py", "*.txt", "*.model", "*.tiktoken")


@dataclass(frozen=True, slots=True)
class MlxModel:
    """Where the model is and where it came from."""

    folder: Path
    repo: str | None = None
    revision: str | None = None

    def described(self, cache_dir: Path) -> dict[str, Any]:
        """Return what belongs into the provenance. Blocks while the weights are hashed for the first time."""
        config = read_json(self.folder / "config.json")
        template = chat_template(self.folder)
        return {
            "weights": self.repo or str(self.folder),
            "revision": self.revision,
            "weights_sha256": files_sha256(sorted(self.folder.glob("*.safetensors")), cache_dir),
            "quantization": _quantization(config.get("quantization") or config.get("quantization_config")),
            "trained_context": config.get("max_position_embeddings"),
            "chat_template_sha256": hashlib.sha256(template.encode()).hexdigest() if template else None,
        }


def chat_template(folder: Path) -> str:
    """Return the chat template in a model's folder, or an empty text."""
    file = folder / "chat_template.jinja"
    if file.is_file():
        return file.read_text(encoding="utf-8")
    template = read_json(folder / "tokenizer_config.json").get("chat_template", "")
    return template if isinstance(template, str) else msgspec.json.encode(template).decode()


class PromptGauge:
    """Refuses prompts beyond the context that the profile sets: mlx-lm itself knows no limit."""

    def __init__(self, folder: Path, context: int | None) -> None:
        """Load the tokenizer where there is a limit."""
        self.context = context
        self._tokenizer: Any = None
        if context is not None and (folder / "tokenizer.json").is_file():
            from tokenizers import Tokenizer

            self._tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))

    def check_before(self, request: Request) -> None:
        """Refuse what is too long even without the chat template, before the server works on it for minutes.

        Raises:
            ContextOverflowError: it does not fit.
        """
        if self._tokenizer is not None:
            texts = [message.content for message in request.messages]
            self.check(sum(len(self._tokenizer.encode(text, add_special_tokens=False).ids) for text in texts))

    def check(self, tokens: int | None) -> None:
        """Refuse a prompt of so many tokens if it does not fit.

        Raises:
            ContextOverflowError: it does not fit.
        """
        if self.context is not None and tokens is not None and tokens >= self.context:
            raise ContextOverflowError(
                f"the prompt has at least {tokens} tokens, and the context is {self.context} "
                "(model.sources.mlx.context)"
            )


async def find_model(
    name: str, context: Context, *, path: str | None, repo: str | None, revision: str | None
) -> MlxModel:
    """Return the model at ``path``, or that of ``repo``, which is fetched if it is missing.

    Raises:
        ImpossibleError: the profile names neither.
        PrerequisiteError: there is no model at ``path``, or it can't be fetched.
    """
    if path is not None:
        folder = Path(path).expanduser().resolve()
        if not (folder / "config.json").is_file():
            raise PrerequisiteError(
                f"model.sources.mlx.path: no model in '{folder}'; expected a folder with config.json, "
                "tokenizer.json and *.safetensors (mlx_lm.convert makes one), or set model.sources.mlx.repo"
            )
        return MlxModel(folder)
    if repo is None:
        raise ImpossibleError(
            f"model.sources.mlx: the model '{name}' has neither repo nor path; set "
            "model.sources.mlx.repo to an MLX repository such as mlx-community/…"
        )
    context.progress(f"looking for {repo}")
    fetched = await fetch(repo, context=context, patterns=PATTERNS, revision=revision)
    return MlxModel(fetched.folder, repo, fetched.revision)


def _quantization(entry: object) -> str | None:
    if not isinstance(entry, Mapping) or "bits" not in entry:
        return None
    return f"{entry['bits']} bits, groups of {entry.get('group_size', '?')}"


def read_json(file: Path) -> Mapping[str, Any]:
    """Return what a file of JSON holds; nothing where it is none, or not there."""
    try:
        decoded = msgspec.json.decode(file.read_bytes())
    except (OSError, msgspec.DecodeError):
        return {}
    return decoded if isinstance(decoded, Mapping) else {}
