"""Decides when the tasks of a workflow start."""

ENDED = ("done", "failed", "skipped", "cancelled")
WHEN = ("done", "ended", "failed")


class Task:
    """A task with what became of it so far."""

    def __init__(self, index, spec):
        self.index = index
        self.name = spec["name"]
        self.pool = spec["pool"]
        self.slots = spec.get("slots", 1)
        self.after = spec.get("after", ())
        self.when = spec.get("when", "done")
        self.priority = spec.get("priority", 0)
        self.retries = spec.get("retries", 0)
        self.delay = spec.get("delay", 1)
        self.timeout = spec.get("timeout")
        self.weight = self.priority
        self.state = "waiting"
        self.attempt = 0
        self.since = 0
        self.due = None

    @property
    def ended(self):
        """Whether it has ended, in whatever way."""
        return self.state in ENDED


class Scheduler:
    """A workflow on its way."""

    def __init__(self, tasks, pools):
        self._free = dict(pools)
        self._tasks = {}
        for index, spec in enumerate(tasks):
            task = Task(index, spec)
            if task.name in self._tasks:
                raise ValueError(f"two tasks are named {task.name}")
            self._tasks[task.name] = task
        self._dependents = {name: [] for name in self._tasks}
        for task in self._tasks.values():
            self._check(task)
            for name in task.after:
                self._dependents[name].append(task)
        self._order = self._sorted()
        self._now = 0
        self._begun = False
        for task in self._order:
            self._look_at(task, 0)
        self._weigh()

    def advance(self, now):
        """Let everything up to and including ``now`` happen, and return what started."""
        started = self._before(now)
        return started + self._at(now)

    def finish(self, name, attempt, now, ok):
        """Take the report that an attempt has ended, and return what started."""
        task = self._task(name)
        started = self._before(now)
        if task.state == "running" and task.attempt == attempt:
            self._over(task, now, ok)
        return started + self._at(now)

    def cancel(self, name, now):
        """Cancel a task that has not ended, and return what started."""
        task = self._task(name)
        started = self._before(now)
        if not task.ended:
            if task.state == "running":
                self._free[task.pool] += task.slots
            self._end(task, "cancelled", now)
        return started + self._at(now)

    def next_time(self):
        """Return when something happens next without a report, or None."""
        if not self._begun:
            return 0
        return min((task.due for task in self._order if task.due is not None), default=None)

    def states(self):
        """Return the state of every task."""
        return {task.name: task.state for task in self._tasks.values()}

    def _check(self, task):
        for name in task.after:
            if name not in self._tasks:
                raise ValueError(f"{task.name} depends on {name}, which is no task")
        if task.pool not in self._free:
            raise ValueError(f"{task.name} runs in {task.pool}, which is no pool")
        if task.slots > self._free[task.pool]:
            raise ValueError(f"{task.name} takes more slots than {task.pool} has")
        if task.when not in WHEN:
            raise ValueError(f"{task.name} can't run when {task.when}")

    def _sorted(self):
        """Return the tasks, each after those that it depends on."""
        left = {task.name: len(task.after) for task in self._tasks.values()}
        order = [task for task in self._tasks.values() if not task.after]
        for task in order:
            for dependent in self._dependents[task.name]:
                left[dependent.name] -= 1
                if left[dependent.name] == 0:
                    order.append(dependent)
        if len(order) < len(self._tasks):
            raise ValueError("tasks depend on each other in a circle")
        return order

    def _task(self, name):
        if name not in self._tasks:
            raise ValueError(f"{name} is no task")
        return self._tasks[name]

    def _before(self, now):
        if now < self._now:
            raise ValueError(f"it was {self._now} already")
        self._now = now
        started = []
        while True:
            time = self.next_time()
            if time is None or time >= now:
                return started
            started += self._at(time)

    def _at(self, now):
        self._begun = True
        for task in self._tasks.values():
            if task.due is not None and task.due <= now:
                if task.state == "running":
                    self._over(task, now, False)
                else:
                    task.state, task.since, task.due = "ready", now, None
        return self._start(now)

    def _over(self, task, now, ok):
        """Take note of the end of a task's attempt."""
        self._free[task.pool] += task.slots
        if not ok and task.attempt <= task.retries:
            task.state = "delayed"
            task.due = now + task.delay * 2 ** (task.attempt - 1)
        else:
            self._end(task, "done" if ok else "failed", now)

    def _end(self, task, state, now):
        task.state, task.due = state, None
        ended = [task]
        for one in ended:
            for dependent in self._dependents[one.name]:
                if dependent.state == "waiting" and self._look_at(dependent, now):
                    ended.append(dependent)
        if state == "cancelled" or len(ended) > 1:
            self._weigh()

    def _look_at(self, task, now):
        """Look at the condition of a task that waits, and return whether that ended it."""
        states = [self._tasks[name].state for name in task.after]
        if task.when == "done" and any(state in ENDED and state != "done" for state in states):
            task.state = "skipped"
        elif all(state in ENDED for state in states):
            met = task.when != "failed" or "failed" in states
            task.state = "ready" if met else "skipped"
            task.since = now
        return task.ended

    def _weigh(self):
        for task in reversed(self._order):
            weights = [one.weight for one in self._dependents[task.name] if not one.ended]
            task.weight = max([task.priority, *weights])

    def _start(self, now):
        queues = {}
        for task in self._tasks.values():
            if task.state == "ready":
                queues.setdefault(task.pool, []).append(task)
        starting = []
        for pool, queue in queues.items():
            queue.sort(key=lambda task: (-task.weight, task.since, task.index))
            starts = []
            for task in queue:
                if task.slots > self._free[pool]:
                    break
                self._free[pool] -= task.slots
                starts.append(task)
            if starts:
                starting.append(starts)
        started = []
        while starting:
            first = min(starting, key=lambda starts: starts[0].index)
            task = first.pop(0)
            starting = [starts for starts in starting if starts]
            task.state = "running"
            task.attempt += 1
            task.due = None if task.timeout is None else now + task.timeout
            started.append([task.name, task.attempt, now])
        return started
