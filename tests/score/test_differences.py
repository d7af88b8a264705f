"""What differed between two runs: every key has a cause, whatever it is called."""

from dataclasses import replace

import pytest

from llmbench.score.differences import differences
from llmbench.testing.runs import ORDINARY_RUN


@pytest.mark.parametrize("key", ["a\nb", "\n", "", "a.b", "\u2028"])
def test_odd_keys(key: str) -> None:
    a = ORDINARY_RUN.manifest()
    b = replace(a, config={**a.config, key: "text"})
    [found] = differences(a, b)
    assert (found.cause, found.key, found.a, found.b) == ("other settings", f"config.{key}", None, "text")
