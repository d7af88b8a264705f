"""What a llama.cpp server is to load: a file, or a repository's file that is fetched first."""

import importlib.util
import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from llmbench.api import Context, Reasoning
from llmbench.api.extras import installing
from llmbench.errors import ImpossibleError, PrerequisiteError, UsageError
from llmbench_plugins.backends.llamacpp.options import Source
from llmbench_plugins.backends.shared.hub import fetch, files_of, parts_of_gguf

_LATER_PART = re.compile(r"-(?!00001)\d{5}-of-\d{5}\.gguf$")


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
                f"fetching {self.repo} needs the package huggingface_hub: {installing('embedded')}"
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
    if source.file is None and source.quantization is None:
        raise UsageError(
            f"model.sources.llamacpp.file: missing; expected which GGUF file of {source.repo} to load, "
            "such as model.sources.llamacpp.file=model-Q4_K_M.gguf"
        )
    file = source.file or await find_gguf(source, context)
    name = Path(file).name
    if server_fetches and importlib.util.find_spec("huggingface_hub") is None:
        return Weights(name, None, source.repo, file)
    context.progress(f"looking for {source.repo} ({file})")
    fetched = await fetch(source.repo, context=context, files=parts_of_gguf(file), revision=source.revision)
    return Weights(name, fetched.files[0], source.repo, file, fetched.revision)


async def find_gguf(source: Source, context: Context) -> str:
    """Return which file of a repository has the wanted quantization; of a split one, the first part.

    The hub is asked only if none is on this machine.

    Raises:
        PrerequisiteError: none has, several have, or the hub can't be asked.
    """
    repo, wanted = str(source.repo), str(source.quantization)
    names: Sequence[str] = ()
    for here in (True, False):
        names = await files_of(repo, context=context, pattern="*.gguf", revision=source.revision, here=here)
        found = of_quantization(names, wanted)
        if len(found) == 1:
            return found[0]
    several = of_quantization(names, wanted)
    it_has = ", ".join(several or _heads(names)) or "no GGUF file"
    what = "several files are" if several else "no file is"
    raise PrerequisiteError(f"hf:{repo}:{wanted}: {what} '{wanted}' in {repo}; it has {it_has}")


def of_quantization(names: Sequence[str], wanted: str) -> list[str]:
    """Return the GGUF files of a quantization, first parts only; one where it is clear which is meant."""
    ending = re.compile(rf"(?:^|[^A-Za-z0-9]){re.escape(wanted)}(?:-00001-of-\d{{5}})?\.gguf$", re.IGNORECASE)
    found = [name for name in _heads(names) if ending.search(name)]
    # model-UD-Q4_K_M.gguf ends in Q4_K_M.gguf too: the shortest name is the plain one.
    return [name for name in found if len(name) == min(map(len, found))]


def _heads(names: Sequence[str]) -> list[str]:
    return [name for name in names if not _LATER_PART.search(name) and "mmproj" not in name.lower()]


def _file(path: str, model: str) -> Path:
    found = Path(path).expanduser().resolve()
    if not found.is_file():
        raise PrerequisiteError(
            f"model.sources.llamacpp.path: no file '{found}'; put the weights of '{model}' there, "
            "or set model.sources.llamacpp.path to where they are"
        )
    return found
