import unittest

import changes
from scheduler import Scheduler


def job(name, pool="p", **more):
    return {"name": name, "pool": pool, **more}


def names(starts):
    return [start[0] for start in starts]


class Definition(unittest.TestCase):
    def refused(self, tasks, pools):
        with self.assertRaises(ValueError):
            Scheduler(tasks, pools)

    def test_bad_definitions_are_refused(self):
        self.refused([job("a"), job("a")], {"p": 1})
        self.refused([job("a", after=["b"])], {"p": 1})
        self.refused([job("a", pool="q")], {"p": 1})
        self.refused([job("a", slots=3)], {"p": 2})
        self.refused([job("a", when="always")], {"p": 1})
        Scheduler([job("a", slots=2)], {"p": 2})

    def test_circles_are_refused(self):
        self.refused([job("a", after=["a"])], {"p": 1})
        self.refused(
            [job("x"), job("a", after=["x", "c"]), job("b", after=["a"]), job("c", after=["b"])], {"p": 1}
        )
        self.refused(
            [job("x"), job("a", after=["b"], when="ended"), job("b", after=["a"], when="ended")], {"p": 1}
        )

    def test_a_new_scheduler_has_started_nothing(self):
        s = Scheduler(
            [job("b", after=["a"]), job("a"), job("c", when="failed"), job("d", after=["c"])], {"p": 1}
        )
        self.assertEqual(
            list(s.states().items()), [("b", "waiting"), ("a", "ready"), ("c", "skipped"), ("d", "skipped")]
        )
        self.assertEqual(s.next_time(), 0)
        self.assertEqual(Scheduler([], {}).advance(5), [])

    def test_arguments_are_copied(self):
        starts, unchanged = changes.starts_after_changes()
        self.assertEqual(starts, [["a", 1, 0], ["b", 1, 1]], "the caller changed its lists and dictionaries")
        self.assertTrue(unchanged, "the scheduler changed its arguments")

    def test_a_chain_of_2000(self):
        tasks = [job(f"t{i}", after=[f"t{i - 1}"] if i else []) for i in reversed(range(2000))]
        tasks[0]["priority"] = 9
        s = Scheduler([*tasks, job("other", priority=8)], {"p": 1})
        self.assertEqual(s.advance(0), [["t0", 1, 0]])
        self.assertEqual(s.cancel("t0", 1), [["other", 1, 1]])
        self.assertEqual(set(s.states().values()), {"cancelled", "skipped", "running"})


class Conditions(unittest.TestCase):
    def test_done_skips_as_soon_as_one_has_ended_otherwise(self):
        s = Scheduler([job("a"), job("b"), job("c", after=["a", "b"]), job("d", after=["c"])], {"p": 2})
        s.advance(0)
        self.assertEqual(s.finish("a", 1, 1, False), [])
        self.assertEqual(s.states(), {"a": "failed", "b": "running", "c": "skipped", "d": "skipped"})
        s = Scheduler([job("a"), job("b"), job("c", after=["a", "b"])], {"p": 2})
        s.advance(0)
        self.assertEqual(s.finish("a", 1, 1, True), [])
        self.assertEqual(s.states()["c"], "waiting")
        self.assertEqual(s.finish("b", 1, 2, True), [["c", 1, 2]])

    def test_ended_runs_after_whatever_end(self):
        tasks = [job("a"), job("b"), job("c", after=["a"]), job("d", after=["a", "b", "c"], when="ended")]
        s = Scheduler(tasks, {"p": 2})
        s.advance(0)
        s.finish("a", 1, 1, False)
        self.assertEqual(s.states()["d"], "waiting")
        self.assertEqual(s.cancel("b", 2), [["d", 1, 2]])

    def test_failed_runs_only_after_a_failure(self):
        tasks = [job("a"), job("b"), job("c", after=["a", "b"], when="failed"), job("d", after=["c"])]
        s = Scheduler(tasks, {"p": 2})
        s.advance(0)
        s.finish("a", 1, 1, False)
        self.assertEqual(s.states()["c"], "waiting")
        self.assertEqual(s.finish("b", 1, 2, True), [["c", 1, 2]])
        for end in (lambda s: s.finish("b", 1, 2, True), lambda s: s.cancel("b", 2)):
            s = Scheduler(tasks, {"p": 2})
            s.advance(0)
            s.finish("a", 1, 1, True)
            end(s)
            self.assertEqual(s.states()["c"], "skipped")
            self.assertEqual(s.states()["d"], "skipped")

    def test_skipped_ones_have_not_failed(self):
        tasks = [
            job("a"),
            job("b", after=["a"]),
            job("c", after=["b"], when="failed"),
            job("d", after=["c"], when="ended"),
        ]
        s = Scheduler(tasks, {"p": 1})
        s.advance(0)
        self.assertEqual(s.finish("a", 1, 4, False), [["d", 1, 4]])
        self.assertEqual(s.states(), {"a": "failed", "b": "skipped", "c": "skipped", "d": "running"})


class Queue(unittest.TestCase):
    def test_greater_priority_first_then_the_order_of_tasks(self):
        s = Scheduler([job("a"), job("b", priority=2), job("c", priority=-1), job("d", priority=2)], {"p": 1})
        order = names(s.advance(0))
        for now in range(1, 5):
            order += names(s.finish(order[-1], 1, now, True))
        self.assertEqual(order, ["b", "d", "a", "c"])

    def test_who_became_ready_earlier_comes_first(self):
        tasks = [job("x", after=["y"]), job("y", priority=1), job("z"), job("w", priority=1, retries=1)]
        s = Scheduler(tasks, {"p": 2})
        self.assertEqual(names(s.advance(0)), ["y", "w"])
        self.assertEqual(s.finish("y", 1, 2, True), [["z", 1, 2]], "z is ready since 0, x since 2")
        s = Scheduler([job("r", retries=1, delay=4), job("s", after=["t"]), job("t"), job("u")], {"p": 1})
        s.advance(0)
        s.finish("r", 1, 1, False)
        self.assertEqual(s.finish("t", 1, 6, True), [["u", 1, 6]])
        self.assertEqual(s.finish("u", 1, 7, True), [["r", 2, 7]], "r is ready since 5, s since 6")

    def test_tasks_lend_their_priority_to_what_they_depend_on(self):
        tasks = [
            job("a", priority=3),
            job("b"),
            job("c", after=["b"], priority=-5),
            job("d", after=["c"], priority=7),
        ]
        s = Scheduler(tasks, {"p": 1})
        self.assertEqual(s.advance(0), [["b", 1, 0]])
        self.assertEqual(s.finish("b", 1, 1, True), [["c", 1, 1]])
        s = Scheduler(
            [job("a", priority=3), job("b", priority=-4), job("c", after=["b"], priority=2)], {"p": 1}
        )
        self.assertEqual(s.advance(0), [["a", 1, 0]])

    def test_what_has_ended_lends_nothing(self):
        tasks = [
            job("now", priority=9),
            job("a", priority=3),
            job("b"),
            job("c", after=["b"], priority=1),
            job("d", after=["c"], priority=7),
        ]
        s = Scheduler(tasks, {"p": 1})
        s.advance(0)
        s.cancel("d", 1)
        self.assertEqual(s.finish("now", 1, 2, True), [["a", 1, 2]])
        tasks = [
            job("now", priority=9),
            job("a", priority=3),
            job("b"),
            job("c", after=["b"], priority=1),
            job("d", after=["c"], priority=7, when="ended"),
        ]
        s = Scheduler(tasks, {"p": 1})
        s.advance(0)
        self.assertEqual(s.cancel("c", 1), [])
        self.assertEqual(s.states()["d"], "ready")
        self.assertEqual(s.finish("now", 1, 2, True), [["d", 1, 2]])
        self.assertEqual(s.finish("d", 1, 3, True), [["a", 1, 3]])

    def test_lost_weight_lets_others_start_at_once(self):
        tasks = [
            job("now", priority=9),
            job("big", slots=2),
            job("last", after=["big"], priority=7),
            job("small", priority=3),
        ]
        s = Scheduler(tasks, {"p": 2})
        self.assertEqual(s.advance(0), [["now", 1, 0]])
        self.assertEqual(s.cancel("last", 1), [["small", 1, 1]])
        tasks = [job("t", priority=9), job("v"), job("u", after=["t", "v"], priority=7), job("a", priority=3)]
        s = Scheduler(tasks, {"p": 1})
        s.advance(0)
        self.assertEqual(s.finish("t", 1, 1, False), [["a", 1, 1]], "u is skipped and lends v nothing")

    def test_defaults(self):
        tasks = [
            job("a", retries=1),
            job("b", priority=0),
            job("c"),
            job("d", priority=0),
            job("e", after=["a"]),
        ]
        s = Scheduler(tasks, {"p": 1})
        s.advance(0)
        self.assertEqual(s.finish("a", 1, 5, False), [["b", 1, 5]])
        self.assertEqual(s.next_time(), 6)
        self.assertEqual(s.finish("b", 1, 6, True), [["c", 1, 6]])
        self.assertEqual(s.finish("c", 1, 7, True), [["d", 1, 7]])
        s = Scheduler([job("x", after=["y"]), job("y"), job("z")], {"p": 1})
        s.advance(0)
        self.assertEqual(s.finish("y", 1, 1, True), [["z", 1, 1]], "z is ready since 0, x since 1")

    def test_nobody_passes_the_first_of_a_pool(self):
        tasks = [
            job("a", slots=2),
            job("big", slots=3, priority=-1),
            job("small", priority=-2),
            job("q", pool="q"),
        ]
        s = Scheduler(tasks, {"p": 3, "q": 1})
        self.assertEqual(s.advance(0), [["a", 1, 0], ["q", 1, 0]])
        self.assertEqual(s.states()["small"], "ready")
        self.assertEqual(s.finish("a", 1, 1, True), [["big", 1, 1]])
        self.assertEqual(s.finish("big", 1, 2, True), [["small", 1, 2]])

    def test_starts_of_several_pools_are_merged_by_task(self):
        tasks = [
            job("a"),
            job("b", pool="q"),
            job("c", pool="q", priority=5),
            job("d", priority=5),
            job("e", pool="r"),
        ]
        s = Scheduler(tasks, {"p": 9, "q": 9, "r": 9})
        self.assertEqual(names(s.advance(0)), ["c", "b", "d", "a", "e"])


class Time(unittest.TestCase):
    def test_delays_double(self):
        s = Scheduler([job("a", retries=3, delay=3)], {"p": 1})
        self.assertEqual(s.advance(0), [["a", 1, 0]])
        self.assertIsNone(s.next_time())
        now = 0
        for attempt, wait in ((1, 3), (2, 6), (3, 12)):
            s.finish("a", attempt, now + 1, False)
            self.assertEqual(s.states(), {"a": "delayed"})
            self.assertEqual(s.next_time(), now + 1 + wait)
            self.assertEqual(s.advance(now + wait), [])
            now += 1 + wait
            self.assertEqual(s.advance(now), [["a", attempt + 1, now]])
        s.finish("a", 4, 90, False)
        self.assertEqual((s.states(), s.next_time()), ({"a": "failed"}, None))

    def test_moments_happen_each_at_its_own_time(self):
        tasks = [
            job("a", timeout=10, retries=2, delay=5),
            job("b", timeout=7),
            job("c", after=["b"], when="failed"),
        ]
        s = Scheduler(tasks, {"p": 1})
        starts = [["a", 1, 0], ["b", 1, 10], ["a", 2, 17], ["c", 1, 27]]
        self.assertEqual(s.advance(36), starts)
        self.assertEqual(s.states(), {"a": "delayed", "b": "failed", "c": "running"})
        self.assertEqual(s.next_time(), 37)
        self.assertEqual(s.finish("c", 1, 40, True), [["a", 3, 40]])
        self.assertEqual(s.next_time(), 50)

    def test_a_finish_at_the_end_of_the_time_is_in_time(self):
        s = Scheduler([job("a", timeout=5), job("b", timeout=5)], {"p": 2})
        s.finish("a", 1, 5, True)
        self.assertEqual(s.states(), {"a": "done", "b": "failed"}, "advance to 5 includes the time-out at 5")
        s = Scheduler([job("a", timeout=5, retries=1), job("b")], {"p": 1})
        s.advance(0)
        self.assertEqual(s.finish("a", 1, 6, True), [["b", 1, 5]], "slots were free since 5")
        self.assertEqual(s.states()["a"], "ready")

    def test_reports_of_other_attempts_are_ignored(self):
        s = Scheduler([job("a", timeout=5, retries=1, delay=2), job("b", after=["a"])], {"p": 1})
        self.assertEqual(s.finish("a", 1, 8, True), [["a", 1, 0], ["a", 2, 7]])
        self.assertEqual(s.finish("a", 1, 9, True), [])
        self.assertEqual(s.finish("b", 1, 9, True), [])
        self.assertEqual(s.states(), {"a": "running", "b": "waiting"})
        self.assertEqual(s.finish("a", 2, 12, True), [["b", 1, 12]])
        self.assertEqual(s.finish("a", 2, 12, False), [])
        self.assertEqual(s.states(), {"a": "done", "b": "running"})

    def test_cancelled_tasks_hold_nothing_and_never_come_back(self):
        s = Scheduler(
            [job("a", slots=2, timeout=9, retries=3), job("b", slots=2, retries=3, timeout=4), job("c")],
            {"p": 2},
        )
        s.advance(0)
        self.assertEqual(s.cancel("a", 9), [["b", 1, 9]], "cancelled before its time-out at 9")
        self.assertEqual(s.states()["a"], "cancelled")
        self.assertEqual(s.finish("b", 1, 10, False), [["c", 1, 10]])
        self.assertEqual(s.cancel("b", 10), [], "it was delayed")
        self.assertIsNone(s.next_time())
        self.assertEqual(s.advance(50), [])
        s.finish("c", 1, 60, True)
        s.cancel("c", 61)
        self.assertEqual(s.states(), {"a": "cancelled", "b": "cancelled", "c": "done"})

    def test_bad_calls_change_nothing(self):
        s = Scheduler([job("a", timeout=9), job("b", after=["a"], when="failed")], {"p": 1})
        for call in (
            lambda: s.finish("x", 1, 20, True),
            lambda: s.cancel("x", 20),
        ):
            self.assertRaises(ValueError, call)
            self.assertEqual(s.next_time(), 0)
        self.assertEqual(s.advance(5), [["a", 1, 0]])
        self.assertEqual(s.advance(5), [])
        for call in (lambda: s.advance(4), lambda: s.finish("a", 1, 4, True), lambda: s.cancel("a", 4)):
            self.assertRaises(ValueError, call)
        self.assertEqual(s.states(), {"a": "running", "b": "waiting"})
        self.assertEqual(s.advance(9), [["b", 1, 9]])
