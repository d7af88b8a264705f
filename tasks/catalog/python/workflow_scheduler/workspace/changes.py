"""Changes what a scheduler was made from. Leave this file as it is."""

import copy

from scheduler import Scheduler


def starts_after_changes():
    """Return what a scheduler starts, and whether its arguments are as its caller left them."""
    tasks = [{"name": "a", "pool": "p"}, {"name": "b", "pool": "p", "after": ["a"], "slots": 2}]
    pools = {"p": 2}
    made = Scheduler(tasks, pools)
    tasks[0].update(pool="q", retries=5)
    tasks[1]["after"][:] = ["b"]
    del tasks[1]["slots"]
    pools["p"] = 1
    left = copy.deepcopy([tasks, pools])
    starts = made.advance(0) + made.finish("a", 1, 1, True)
    return [starts, [tasks, pools] == left]
