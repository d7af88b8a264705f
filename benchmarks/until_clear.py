"""Simulate ``llmbench compare --until-clear``: how often it gives a false alarm, and how many tasks it saves.

    python benchmarks/until_clear.py --runs 4000

Two arms whose discordant tasks fall by chance are looked at as the command looks at them. Plain peeking, a
McNemar test after every task, stands beside it. Seeded: the same command prints the same table.
"""

import argparse
import random
from collections.abc import Iterator

from llmbench.score.paired import mcnemar
from llmbench.score.sequential import LOOKS, Look, standing

TASKS = 164
SHARES = ((0.10, 0.10), (0.02, 0.02), (0.25, 0.25), (0.15, 0.05), (0.20, 0.05), (0.12, 0.06))
"""Of tasks that only A passes, and only B: three pairs of equals, and three of arms that differ."""


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--runs", type=int, default=4000, help="simulated comparisons a row")
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    print(f"{TASKS} tasks, {options.runs} comparisons a row, level 5 %\n")
    print("| only A | only B | called better | tasks used | peeking after each task |")
    print("|---:|---:|---:|---:|---:|")
    for share in SHARES:
        chance = random.Random(options.seed)  # noqa: S311 - a simulation
        found = [simulated(*share, chance) for _ in range(options.runs)]
        called, used, peeked = (sum(column) / options.runs for column in zip(*found, strict=True))
        print(f"| {share[0]:.0%} | {share[1]:.0%} | {called:.3f} | {used:.0f} | {peeked:.3f} |")


def simulated(only_a: float, only_b: float, chance: random.Random) -> tuple[bool, int, bool]:
    """Return whether one arm was called better, after how many tasks, and whether by peeking, too."""
    course = list(counts(only_a, only_b, chance))
    peeked = any(mcnemar(a, b).exact <= 0.05 for a, b in course)
    looks: list[Look] = []
    for share in LOOKS:
        asked = -int(-share * TASKS // 1)
        looks.append(Look(asked / TASKS, *course[asked - 1]))
        found = standing(looks, TASKS - asked)
        if found.better or found.hopeless:
            break
    return bool(found.better), asked, peeked


def counts(only_a: float, only_b: float, chance: random.Random) -> Iterator[tuple[int, int]]:
    """Yield the discordant counts after each task."""
    a = b = 0
    for _ in range(TASKS):
        draw = chance.random()
        a += draw < only_a
        b += only_a <= draw < only_a + only_b
        yield a, b


if __name__ == "__main__":
    main()
