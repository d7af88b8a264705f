"""Errors of Hydra, OmegaConf and YAML as one line in llmbench's own words."""

import re

import yaml
from hydra.errors import HydraException, MissingConfigException, OverrideParseException
from omegaconf.errors import OmegaConfBaseException

from llmbench.config.arguments import Arguments
from llmbench.config.on_the_fly import GROUP, forms
from llmbench.config.sources import Sources
from llmbench.errors import LlmbenchError, UsageError
from llmbench.registry import suggestion

FOREIGN = (
    LlmbenchError,
    HydraException,
    OmegaConfBaseException,
    yaml.YAMLError,
    UnicodeDecodeError,
    OSError,
    ValueError,
)
"""What composing raises where the request or a YAML file is wrong."""


_PACKAGES = {"hydra/launcher/joblib": "hydra-joblib-launcher"}
"""Choices that other packages bring, and which."""


def as_user_error(error: Exception, arguments: Arguments) -> LlmbenchError:
    """Return an error as the user's mistake that it stands for; it names the variable that nobody typed."""
    told = error if isinstance(error, LlmbenchError) else UsageError(_explain(error, arguments.sources))
    for key, where in arguments.origins.items():
        if str(told).startswith((f"no {key} ", f"{key}=")):
            return type(told)(f"{told} ({where})")
    return told


def _explain(error: Exception, sources: Sources) -> str:
    text = str(error)
    if isinstance(error, MissingConfigException) and error.missing_cfg_file and error.options is not None:
        return _no_choice(error.missing_cfg_file, list(error.options), sources)
    if isinstance(error, OverrideParseException):
        return f"'{error.override.lstrip('+')}' can't be read; put odd characters in quotes: \"key='value'\""
    if ambiguous := re.match(r"Ambiguous value for argument '\+*(.*?)=(.*)'", text):
        key, value = ambiguous.groups()
        return f"{key}={value} names several values; add -m to run each, or brackets: '{key}=[{value}]'"
    if isinstance(error, OmegaConfBaseException) and error.full_key:
        return f"{error.full_key}: {text.splitlines()[0]}"
    return " ".join(text.split()) or type(error).__name__


def _no_choice(missing: str, options: list[str], sources: Sources) -> str:
    group, _, name = missing.rpartition("/")
    if package := _PACKAGES.get(missing):
        return f"{group}={name} needs the package {package}: pip install {package}"
    if missing.startswith(f"{GROUP}/"):
        group, _, name = missing.partition("/")
    hint = suggestion(name, options)
    other = f"; {forms(name, sources)}" if group == GROUP else ""
    return f"no {group} '{name}'; {hint}{' ' if hint else ''}available: {', '.join(options) or 'none'}{other}"
