"""Sets of alterations are proven on the reference, with the very runner that judges answers."""

from collections.abc import Awaitable, Callable, Iterable, Sequence

from llmbench_plugins.validators.native.altered.places import Place
from llmbench_plugins.validators.native.altered.search import Lines, Search
from llmbench_plugins.validators.native.altered.sets import Alteration, AlteredSet, altered
from llmbench_plugins.validators.native.runner import TestRun
from llmbench_plugins.validators.native.suite import Suite

_ROUNDS, _RUNS = 8, 16
"""How often other places are tried, and how often the reference is run at all for one set."""


async def proven(
    suite: Suite,
    places: Sequence[Place],
    tests: Iterable[str],
    run: Callable[[Suite], Awaitable[TestRun]],
    *,
    seed: str,
    number: int,
) -> AlteredSet:
    """Return a set of alterations by which the reference fails what they reach, and passes the rest.

    Args:
        tests: what the reference passes as the tests are.
        run: runs the reference over a suite.
        seed: a secret that the sets of a suite have in common.
        number: tells them apart.
    """
    search = Search(places, tests, seed, number)
    lines, runs = Lines(dict(suite.hidden)), 0
    last: tuple[list[Alteration], TestRun] | None = None
    for _ in range(_ROUNDS):
        tried = search.next()
        while tried and runs < _RUNS:
            runs += 1
            seen = await run(altered(suite, [*search.good, *tried]))
            if seen.stopped == "timeout":
                # Another try would take as long again, and answers would meet the same.
                return AlteredSet(alterations=())
            if not seen.problem:
                last = [*search.good, *tried], seen
                search.learn(tried, seen)
                break
            search.refused(tried, seen, lines)
    # Twice, over what is left: a test that fails by chance is none that fails by its alteration.
    sure = [last[1]] if last is not None and last[0] == search.good else []
    while search.good and len(sure) < 2:
        sure.append(await run(altered(suite, search.good)))
    found = [search.found(seen) for seen in sure if not seen.problem]
    return found[0].agreed(found[1]) if len(found) == 2 else AlteredSet(alterations=())
