"""What figures of the machine say against the speed that was measured."""

from collections.abc import Iterator

from llmbench.runner.readings import Tally

BUSY_PERCENT = 80.0
"""A GPU that decodes tokens is busy nearly all of the time."""
HOT_PERCENT = 5.0
ENOUGH = 20
"""Fewer readings than this, ten seconds of answering, say too little."""


def complaints(answering: Tally, *, is_local: bool) -> Iterator[str]:
    """Yield warnings about what was read while the model answered on this machine."""
    if not is_local or answering.readings < ENOUGH:
        return
    mean = answering.mean
    gpus = sorted({name.partition(".")[0] for name in mean if name.startswith("gpu") and name[3].isdigit()})
    busy = mean.get("gpu.utilization_percent", mean.get(f"{gpus[0]}.utilization_percent") if gpus else None)
    if busy is not None and busy < BUSY_PERCENT:
        what = "the GPU was" if len(gpus) == 1 else f"the {len(gpus)} GPUs together were"
        yield (
            f"{what} busy only {busy:.0f} % of the time while the model answered: the processor may compute "
            "a part, and then the speed says little of the GPU; the server's log tells what lies where"
        )
    for gpu in gpus:
        hot = mean.get(f"{gpu}.throttled_heat_percent", 0.0)
        if hot > HOT_PERCENT:
            yield f"{gpu} was slowed down by heat {hot:.0f} % of the time while the model answered"
