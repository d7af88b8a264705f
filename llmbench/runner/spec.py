"""RunSpec: one composed configuration as plain frozen data. No Hydra beyond this point."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated, Any

from llmbench.api import Limits, ModelProfile, Sampling, option
from llmbench.runner.quiet import QuietHours


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """The choice on one axis: the entry point's name and its checked options."""

    name: str
    options: Any
    """An instance of the plugin's ``Options``."""
    provider: str = ""
    """Distribution and version that provide the plugin: ``llmbench 0.1.0``."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Selection:
    """Which tasks of the dataset are asked. It never changes a score, so it is no part of the run's hash."""

    tasks: tuple[str, ...] = ()
    """Ids, or last parts of ids (``leap`` for ``python/leap``); empty for all."""
    filter: str = ""
    """A regular expression searched for in the id."""
    limit: Annotated[int, option(ge=1)] | None = None
    """At most so many, drawn with the run's seed; a larger limit keeps what a smaller one chose."""
    counts: Mapping[str, int] = field(default_factory=dict)
    """How many samples of a task there are to be had, where that is fewer than the run's ``samples``."""

    def samples_of(self, task: str, samples: int) -> int:
        """Return how many samples of a task are made."""
        return min(samples, self.counts.get(task, samples))


@dataclass(frozen=True, slots=True, kw_only=True)
class SampleLimits:
    """What one sample may use before it ends as ``timeout`` or ``budget_exhausted``; None for no limit."""

    wall_s: Annotated[float, option(gt=0)] | None = None
    """Seconds of waiting for the model in all tries together; waiting for a free slot does not count.

    None by default: a slow machine is no fault of the model. What bounds an answer is its tokens, and the
    backend's watchdog for servers that fall silent.
    """
    tokens: Annotated[int, option(ge=1)] | None = None
    """Completion tokens in all tries together."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Budget:
    """What the whole run may use; samples that it leaves out are ``skipped``. None for no limit."""

    tokens: Annotated[int, option(ge=1)] | None = None
    """Prompt and completion tokens."""
    cost_usd: Annotated[float, option(gt=0)] | None = None
    hours: Annotated[float, option(gt=0)] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Monitoring:
    """How the machine is watched; it never changes a score."""

    parts: tuple[Part, ...] = ()
    """The monitors that are asked for by name; with ``auto``, those that have options of their own."""
    auto: bool = True
    """All that work here, and only where the model computes on this machine."""
    interval_s: float = 0.5

    @property
    def is_wanted(self) -> bool:
        """Whether anything may watch."""
        return self.auto or bool(self.parts)


@dataclass(frozen=True, slots=True, kw_only=True)
class RunSpec:
    """Everything that a run needs to know."""

    backend: Part
    agent: Part
    tools: tuple[Part, ...] = ()
    """What the agent's model may call, in order."""
    dataset: Part
    validator: Part
    sandbox: tuple[Part, ...]
    """In order of preference: one for ``sandbox=docker``, all candidates for ``sandbox=auto``."""
    model: ModelProfile
    sampling: Sampling = Sampling()
    """In effect: the sampling group laid over the model's own settings."""
    samples: int = 1
    tries: int = 1
    seed: int | None = 0
    """Of the model's sampler, and of the choice of tasks; None sends none."""
    selection: Selection = Selection()
    retry_budget: int | None = None
    """Samples that ended as ``budget_exhausted`` are asked once more, with so many times the tokens."""
    prompt_cache: bool = True
    """False: servers that can are told to read each prompt anew, which repeats more exactly."""
    limits: SampleLimits = SampleLimits()
    box: Limits = Limits()
    budget: Budget = Budget()
    quiet: QuietHours | None = None
    """When nothing is asked, and the server is down."""
    monitoring: Monitoring = Monitoring()
    graders: int = 2
    """How many tries are graded at once."""
    in_flight: int | None = None
    """How many samples are under way at once; None for the backend's capacity plus the graders."""
    folder: Path
    """The run's folder: ``<output_root>/<dataset>/<model>-<backend>-<agent>-<hash>``."""
    run_id: str
    """The hash of what can change a score."""
    misnamed: str = ""
    """What to say if a model is asked: it would not be the one that the run is named after."""
    strict: bool = False
    """A problem in the trust report ends the command with exit code 1."""
    stop_when_suspicious: bool = True
    """Answers that look as if the set-up were broken end the run early."""
    dry_run: bool = False
    config: Mapping[str, Any] = field(default_factory=dict)
    """The composed configuration, for the manifest."""
    overrides: tuple[str, ...] = ()
    """The words of the command line, for the manifest."""
    origins: Mapping[str, str] = field(default_factory=dict)
    """Where choices come from that neither these words nor llmbench's own files explain, for the manifest."""
    secrets: Mapping[str, str] = field(default_factory=dict, repr=False)
    """The environment with ``.env`` below it; values are masked in everything written."""
    secret_names: frozenset[str] = frozenset()
    """Variables that options name (``api_key_env``): secret, whatever they are called."""
