"""What a llama.cpp server is to load: a file, or a repository's file that is fetched first."""

import importlib.util
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from llmbench.api import Context, Reasoning
from llmbench.errors import ImpossibleError, PrerequisiteError, UsageError
from llmbench_plugins.backends.llamacpp.options import Source
from llmbench_plugins.backends.shared.hub import fetch, parts_of_gguf


@dataclass(frozen=True, slots=True)
class Weights:
    """A GGUF file; without a path, one that llama-server fetches itself."""

    name: str
    """Of the file."""
    path: Path | None = None
    repo: str | None = None
    file: str | None = None
    revision: str | None = None

    @property
    def arguments(self) -> tuple[str, ...]:
        """What tells ``llama-server`` to load them."""
        if self.path is not None:
            return ("-m", str(self.path))
        return ("-hf", str(self.repo), "-hff", str(self.file))

    @property
    def here(self) -> Path:
        """The file on this machine.

        Raises:
            PrerequisiteError: it is not here, and what would fetch it is not installed.
        """
        if self.path is None:
            raise PrerequisiteError(
                f"fetching {self.repo} needs the package huggingface_hub: pip install 'llmbench[embedded]'"
            )
        return self.path


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """What a server of ours should be."""

    weights: Weights
    context: int
    """Tokens a slot."""
    slots: int
    port: int | None
    extra_args: Sequence[str]
    startup_timeout_s: float
    reasoning: Reasoning = Reasoning()


async def find_weights(source: Source, *, model: str, context: Context, server_fetches: bool) -> Weights:
    """Return the weights that a profile names; fetch them if they are not here.

    Args:
        source: what the profile says.
        model: its name, for errors.
        context: where to fetch to.
        server_fetches: whether the server can fetch them where the package for that is not installed.

    Raises:
        ImpossibleError: the profile names none.
        UsageError: it names a repository and no file.
        PrerequisiteError: there is no such file, or it can't be fetched.
    """
    if source.path is not None:
        return Weights(Path(source.path).name, _file(source.path, model), source.repo)
    if source.repo is None:
        raise ImpossibleError(
            f"model.sources.llamacpp: the model '{model}' has neither path nor repo and file; set "
            "model.sources.llamacpp.path to a GGUF file, or repo and file to one on the Hugging Face hub"
        )
    if source.file is None:
        raise UsageError(
            f"model.sources.llamacpp.file: missing; expected which GGUF file of {source.repo} to load, "
            "such as model.sources.llamacpp.file=model-Q4_K_M.gguf"
        )
    name = Path(source.file).name
    if server_fetches and importlib.util.find_spec("huggingface_hub") is None:
        return Weights(name, None, source.repo, source.file)
    context.progress(f"looking for {source.repo} ({source.file})")
    fetched = await fetch(
        source.repo, context=context, files=parts_of_gguf(source.file), revision=source.revision
    )
    return Weights(name, fetched.files[0], source.repo, source.file, fetched.revision)


def _file(path: str, model: str) -> Path:
    found = Path(path).expanduser().resolve()
    if not found.is_file():
        raise PrerequisiteError(
            f"model.sources.llamacpp.path: no file '{found}'; put the weights of '{model}' there, "
            "or set model.sources.llamacpp.path to where they are"
        )
    return found
