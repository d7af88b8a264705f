"""C++: macros of an answer that would rewrite what tests say, as the compiler has them when it reads these.

Two tables are compared: of the tests with the answer's headers, and of what the system and Catch2 define.
Both are of the compiler's making, so that no directive can put a name or a place into them that is not so.
"""

import hashlib
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from llmbench.api import Box, Boxes, Files
from llmbench.errors import SandboxError
from llmbench_plugins.validators.native.catch_main import Catch
from llmbench_plugins.validators.native.suite import Suite

_STANDARD = """
#include <bits/stdc++.h>
#include <fcntl.h>
#include <pthread.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <sys/types.h>
#include <sys/wait.h>
#include <unistd.h>
"""
_DEFINE = re.compile(r"#define ([A-Za-z_]\w*)(.*)")
_OWN = re.compile(rb"(?m)^[ \t]*#[ \t]*(?:define|undef)[ \t]+(\w+)")
_SYSTEM = re.compile(rb"(?m)^[ \t]*#[ \t]*include[ \t]*(<[^>\n]+>)")
_CATCH = re.compile(rb"(?m)^[ \t]*#[ \t]*include[ \t]*[\"<][^\">\n]*catch[^\">\n]*[\">]")
_GUARD = """#ifdef TWOBLUECUBES_SINGLE_INCLUDE_CATCH_HPP_INCLUDED
#error the answer includes Catch2, by which tests judge
#endif
#line {line} "{path}"
"""
_WORD = re.compile(r"[A-Za-z_]\w*")
Table = dict[str, str]
"""Macros, with what they stand for."""


@dataclass(frozen=True, slots=True)
class Tables:
    """What is defined where no answer is."""

    catch: Table
    """By Catch2 alone."""
    usual: Table
    """By Catch2, the standard library and the system."""


def digest(suite: Suite, catch: Catch) -> str:
    """Return what changes with anything that the tables depend on."""
    text = _usual_text(suite, catch)
    return hashlib.sha256(f"{catch.digest} {suite.flags}".encode() + text).hexdigest()


async def tables(suite: Suite, catch: Catch, boxes: Boxes) -> Tables:
    """Return the tables for the tests of a suite.

    Raises:
        SandboxError: the compiler there can't read Catch2.
    """
    flags = (*suite.flags, "-I.")
    async with boxes.open("cpp", suite.limits) as box:
        await box.put(catch.files)
        alone = await table(f"#include {catch.include}\n".encode(), flags, box, suite.limits.wall_s)
        text = _usual_text(suite, catch)
        usual = await table(text, flags, box, suite.limits.wall_s)
    if "TEST_CASE" not in alone:
        raise SandboxError(f"Catch2 can't be read here: {catch.include}")
    return Tables(alone, usual)


async def table(text: bytes, flags: Sequence[str], box: Box, timeout_s: float) -> Table:
    """Return the macros that are defined at the end of a text, with what they stand for."""
    ran = await box.run(["g++", *flags, "-E", "-dM", "-x", "c++", "-"], stdin=text, timeout_s=timeout_s)
    found = (_DEFINE.fullmatch(line) for line in ran.stdout.decode(errors="replace").splitlines())
    return {each[1]: each[2] for each in found if each}


def _usual_text(suite: Suite, catch: Catch) -> bytes:
    """Return a text that includes Catch2, what tests take from the system, and what answers usually do."""
    texts = [text for path, text in suite.hidden.items() if path not in catch.files]
    taken = sorted({found.decode(errors="replace") for text in texts for found in _SYSTEM.findall(text)})
    lines = [f"#if __has_include({name})\n#include {name}\n#endif" for name in taken]
    return "\n".join([f"#include {catch.include}", _STANDARD, *lines, ""]).encode()


def rewritten(found: Table, tables: Tables, tests: Iterable[bytes]) -> str:
    """Return a macro of the answer's that the text of the tests meets, or an empty string.

    It also meets what Catch2's own macros stand for.
    """
    contents, catch = list(tests), tables.catch
    texts = [text.decode(errors="replace") for text in contents]
    own = {name.decode(errors="replace") for text in contents for name in _OWN.findall(text)}
    met = _met({word for text in texts for word in _WORD.findall(text)}, catch)
    changed = {
        name
        for name in met & (set(catch) | set(found))
        if found.get(name) not in (catch.get(name), tables.usual.get(name))
    }
    return min(changed - (own - set(catch)), default="")


def guarded(path: str, text: bytes, support: Files) -> bytes:
    """Return a file of tests that does not compile where Catch2 is there before the tests include it."""
    if any(_CATCH.search(each) for name, each in support.items() if not name.endswith("catch.hpp")):
        return text  # Helpers of the tests may include it first.
    return _CATCH.sub(lambda found: _guard(path, text, found) + found[0], text)


def _guard(path: str, text: bytes, found: re.Match[bytes]) -> bytes:
    line = text.count(b"\n", 0, found.start()) + 1
    return _GUARD.format(line=line, path=path).encode()


def _met(words: set[str], catch: Table) -> set[str]:
    """Return words, with those of all macros of Catch2 that they lead to."""
    met, waiting = set(words), list(words & set(catch))
    while waiting:
        fresh = set(_WORD.findall(catch[waiting.pop()])) - met
        met |= fresh
        waiting += fresh & set(catch)
    return met
