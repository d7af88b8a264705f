"""Secrets: from the environment, and from .env below it; never from YAML."""

import os
import re
from collections.abc import Iterable

from llmbench.records.dot_env import read_dot_env
from llmbench.records.masking import looks_secret

_SURROUNDINGS = re.compile(r"(?i:(?:https?|ftp|all|no)_proxy)|SSL_CERT_(?:FILE|DIR)|CUDA_VISIBLE_DEVICES")
"""What plugins may know of the way out and of the machine, and no secret by its name."""


def find_secrets(named: Iterable[str] = ()) -> dict[str, str]:
    """Return what plugins may read and nothing may write.

    That is all of ``.env`` in the current folder, every variable of the environment whose name ends like a
    secret's, those that options name (``api_key_env``), and those that say how the network is reached
    (``HTTPS_PROXY``, ``SSL_CERT_FILE``). The environment wins. Blanks and line ends around
    a secret are none of it, and are left out.

    Raises:
        UsageError: ``.env`` can't be read.
    """
    named = set(named)
    found = read_dot_env()
    around = {name for name in os.environ if looks_secret(name) or _SURROUNDINGS.fullmatch(name)}
    wanted = set(found) | named | around
    found |= {name: os.environ[name] for name in sorted(wanted & os.environ.keys())}
    return {
        name: value.strip() if name in named or looks_secret(name) else value for name, value in found.items()
    }
