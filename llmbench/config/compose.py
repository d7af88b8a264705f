"""Composing: from overrides to plain data, with one composition a run (Hydra's own main needs two)."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from hydra import compose as hydra_compose
from hydra import initialize_config_dir
from omegaconf import DictConfig, OmegaConf

from llmbench.config import resolvers, search_path, yaml_files
from llmbench.config.arguments import Arguments
from llmbench.config.complaints import FOREIGN, as_user_error
from llmbench.config.sources import Sources

HYDRA_VERSION_BASE = "1.3"


@dataclass(frozen=True, slots=True)
class Composed:
    """A composed configuration as plain data, and where it came from."""

    values: Mapping[str, Any]
    choices: Mapping[str, str]
    """Which file was chosen in each group."""
    overrides: tuple[str, ...]
    sources: Sources
    sweep_dir: Path
    """Where a sweep with this configuration keeps its matrix."""
    origins: Mapping[str, str] = field(default_factory=dict)
    """Who set a key, where it was not the command line."""


def compose(arguments: Arguments, overrides: tuple[str, ...] | None = None) -> Composed:
    """Compose one configuration.

    Args:
        arguments: the command line.
        overrides: instead of those of ``arguments``: those of one cell.

    Raises:
        UsageError: an override or a YAML file is wrong.
    """
    chosen = arguments.overrides if overrides is None else overrides
    prepare(arguments.sources)
    try:
        with initialize_config_dir(config_dir(arguments.sources), version_base=HYDRA_VERSION_BASE):
            config = hydra_compose("config", list(chosen), return_hydra_config=True)
        composed = plain(config, config.hydra, chosen, arguments.sources)
    except FOREIGN as error:
        raise as_user_error(error, arguments) from error
    return replace(composed, origins=arguments.origins)


def prepare(sources: Sources) -> None:
    """Set Hydra up for our search path and resolvers."""
    resolvers.register()
    search_path.use(sources)
    yaml_files.use(sources)


def config_dir(sources: Sources) -> str:
    """Return the folder that Hydra takes as its own."""
    return str(Path(sources.folders[0].folder).resolve())


def plain(config: DictConfig, hydra: DictConfig, overrides: tuple[str, ...], sources: Sources) -> Composed:
    """Turn what Hydra composed into plain data."""
    names = [str(key) for key in config if key != "hydra"]
    return Composed(
        values={name: _plain_value(config, name) for name in names},
        choices={str(key): str(value) for key, value in hydra.runtime.choices.items()},
        overrides=overrides,
        sources=sources,
        sweep_dir=Path(hydra.sweep.dir),
    )


def _plain_value(config: DictConfig, name: str) -> Any:
    if OmegaConf.is_missing(config, name):
        return "???"
    value = config[name]
    return OmegaConf.to_container(value, resolve=True) if OmegaConf.is_config(value) else value
