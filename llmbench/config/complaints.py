"""Errors of Hydra, OmegaConf and YAML as one line in llmbench's own words."""

import re

import yaml
from hydra.errors import HydraException, MissingConfigException, OverrideParseException
from omegaconf.errors import OmegaConfBaseException

from llmbench.errors import UsageError
from llmbench.registry import suggestion

FOREIGN = (HydraException, OmegaConfBaseException, yaml.YAMLError, UnicodeDecodeError, OSError, ValueError)
"""What composing raises where the request or a YAML file is wrong."""


_PACKAGES = {"hydra/launcher/joblib": "hydra-joblib-launcher"}
"""Choices that other packages bring, and which."""


def as_usage_error(error: Exception) -> UsageError:
    """Return an error of a library as the user's mistake that it stands for."""
    return UsageError(_explain(error))


def _explain(error: Exception) -> str:
    text = str(error)
    if isinstance(error, MissingConfigException) and error.missing_cfg_file and error.options is not None:
        return _no_choice(error.missing_cfg_file, list(error.options))
    if isinstance(error, OverrideParseException):
        return f"'{error.override.lstrip('+')}' can't be read; put odd characters in quotes: \"key='value'\""
    if ambiguous := re.match(r"Ambiguous value for argument '\+*(.*?)=(.*)'", text):
        key, value = ambiguous.groups()
        return f"{key}={value} names several values; add -m to run each, or brackets: '{key}=[{value}]'"
    if isinstance(error, OmegaConfBaseException) and error.full_key:
        return f"{error.full_key}: {text.splitlines()[0]}"
    return " ".join(text.split()) or type(error).__name__


def _no_choice(missing: str, options: list[str]) -> str:
    group, _, name = missing.rpartition("/")
    if package := _PACKAGES.get(missing):
        return f"{group}={name} needs the package {package}: pip install {package}"
    hint = suggestion(name, options)
    return f"no {group} '{name}'; {hint}{' ' if hint else ''}available: {', '.join(options) or 'none'}"
