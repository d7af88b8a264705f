"""The keys of a run that belong to no plugin: those at the top, the sampler and the model's profile."""

import os
from collections.abc import Mapping
from dataclasses import dataclass, field, fields, replace
from pathlib import Path
from typing import Annotated, Any

from llmbench.api import Limits, ModelProfile, Sampling, option
from llmbench.config.check import checked, complaint, section
from llmbench.config.compose import Composed
from llmbench.errors import UsageError
from llmbench.history.place import VARIABLE, find_place, password_in
from llmbench.registry import suggestion
from llmbench.runner.quiet import QuietHours, quiet_hours
from llmbench.runner.spec import Budget, SampleLimits

SECTIONS = ("backend", "agent", "dataset", "validator", "sandbox", "model", "sampling")


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """The keys at the top of conf/config.yaml."""

    output_root: Annotated[str, option(min_length=1)] = "outputs"
    history_url: str | None = None
    limit: Annotated[int, option(ge=1)] | None = None
    tasks: Annotated[tuple[str, ...], option(from_browser="text")] = ()
    filter: Annotated[str, option(from_browser="text")] = ""
    samples: Annotated[int, option(ge=1)] = 1
    tries: Annotated[int, option(ge=1)] = 1
    seed: Annotated[int, option(ge=0)] | None = 0
    """Null: no seed is sent, and the choice of tasks is that of seed 0."""
    retry_budget: Annotated[int, option(ge=2)] | None = None
    prompt_cache: bool = True
    strict: bool = False
    stop_when_suspicious: bool = True
    dry_run: bool = False
    graders: Annotated[int, option(ge=1)] | None = None
    in_flight: Annotated[int, option(ge=1)] | None = None
    quiet_hours: Annotated[str | None, option(from_browser="text")] = None
    monitors: str | tuple[str, ...] = "auto"
    monitor_interval_ms: Annotated[int, option(ge=100)] = 500
    monitor_options: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    limits: SampleLimits = SampleLimits()
    box: Limits = Limits()
    budget: Budget = Budget()

    @property
    def quiet(self) -> QuietHours | None:
        """The hours of the day in which nothing is asked."""
        return quiet_hours(self.quiet_hours) if self.quiet_hours else None

    @property
    def effective_graders(self) -> int:
        """One grader for two cores, so that the timings of what is graded stay calm."""
        return self.graders or max(1, (os.cpu_count() or 2) // 2)


def settings(composed: Composed) -> Settings:
    """Return the checked keys at the top.

    Raises:
        UsageError: a key is unknown or its value is wrong.
    """
    known = [field.name for field in fields(Settings)]
    data = {key: value for key, value in composed.values.items() if key not in SECTIONS}
    for key in data:
        if key not in known:
            raise UsageError(_unknown_key(key, [*known, *SECTIONS, "preset"]))
    if isinstance(data.get("tasks"), str):
        data["tasks"] = [data["tasks"]] if data["tasks"] else []
    if isinstance(data.get("tasks"), list):
        data["tasks"] = [str(task) for task in data["tasks"]]
    if isinstance(data.get("output_root"), str):
        data["output_root"] = os.path.expanduser(data["output_root"])  # noqa: PTH111 - it stays text
    found = checked(Settings, data, "", composed)
    _check_history(found.history_url)
    _check_quiet(found, composed)
    return found


def _check_quiet(settings: Settings, composed: Composed) -> None:
    try:
        _ = settings.quiet
    except ValueError as error:
        raise complaint(str(error), composed) from None


def _check_history(url: str | None) -> None:
    if url and password_in(url):
        raise UsageError(
            f"history_url: holds a password, which would be kept in the run's folder; give the whole "
            f"URL in the environment, as {VARIABLE}, or the password as PGPASSWORD"
        )
    if url:
        find_place(Path(), url)  # before a run is made, not after


def model_profile(composed: Composed) -> ModelProfile:
    """Return the checked profile of the model.

    Raises:
        UsageError: a key is unknown or its value is wrong.
    """
    data = section(composed, "model")
    sampling = data.get("sampling")
    if isinstance(sampling, Mapping):
        # Who says so is worth keeping, and no setting of the sampler.
        data["sampling"] = {key: value for key, value in sampling.items() if key != "source"}
        if sampling.get("source") is not None:
            data["sampling_source"] = sampling["source"]
    sources = data.pop("sources", None) or {}
    if not isinstance(sources, Mapping) or not all(
        isinstance(source, Mapping) for source in sources.values()
    ):
        raise complaint("model.sources: expected a section for each backend", composed)
    return replace(checked(ModelProfile, data, "model", composed), sources=sources)


def effective_sampling(composed: Composed, profile: ModelProfile) -> Sampling:
    """Return the sampler's settings: the sampling group laid over the model's own.

    Raises:
        UsageError: a key is unknown or its value is wrong.
    """
    given = {key: value for key, value in section(composed, "sampling").items() if value is not None}
    over: Any = checked(Sampling, given, "sampling", composed)
    return replace(profile.sampling, **{key: getattr(over, key) for key in given})


def _unknown_key(key: str, known: list[str]) -> str:
    hint = suggestion(key, known)
    return f"{key}: unknown key; {hint}{' ' if hint else ''}known: {', '.join(sorted(known))}"
