import unittest

from merge import merge


def in_order(value):
    """Return a value in which the order of keys is part of what is compared, and types are told apart."""
    if isinstance(value, dict):
        return [[key, in_order(item)] for key, item in value.items()]
    if isinstance(value, list):
        return ("list", [in_order(item) for item in value])
    return repr(value)


class MergeTest(unittest.TestCase):
    def check(self, base, ours, theirs, rules, merged, conflicts=()):
        got, problems = merge(base, ours, theirs, rules)
        self.assertEqual(in_order(got), in_order(merged), "merged, with the order of its keys")
        self.assertEqual(problems, list(conflicts), "conflicts")

    def test_changes_of_different_keys_go_together(self):
        self.check(
            {"a": 1, "b": {"c": 2, "d": 3}, "e": 4},
            {"a": 9, "b": {"c": 2, "d": 3}, "e": 4},
            {"a": 1, "b": {"c": 2, "d": 8}, "f": 5},
            (),
            {"a": 9, "b": {"c": 2, "d": 8}, "f": 5},
        )

    def test_rules_may_be_left_out(self):
        self.assertEqual(merge({"a": 1}, {"a": 1}, {}), ({}, []))

    def test_the_same_change_on_both_sides_is_no_conflict(self):
        self.check(
            {"a": 1, "b": 2, "l": [1]},
            {"a": 3, "l": [2, {"x": 1, "y": 2}], "n": None},
            {"n": None, "l": [2, {"y": 2, "x": 1}], "a": 3},
            (),
            {"a": 3, "l": [2, {"x": 1, "y": 2}], "n": None},
        )

    def test_what_is_taken_whole_keeps_its_order(self):
        self.check(
            {"s": {"a": 1, "b": 2}, "t": 1, "u": {"a": 1, "b": 2}},
            {"s": {"b": 2, "a": 1}, "t": 2, "u": {"a": 1, "b": 2, "c": 1}},
            {"s": {"z": 0, "b": 2, "a": 1}, "t": 1, "u": {"b": 2, "a": 1}},
            (),
            {"s": {"z": 0, "b": 2, "a": 1}, "t": 2, "u": {"a": 1, "b": 2, "c": 1}},
        )

    def test_types_tell_values_apart(self):
        self.check(
            {"a": 1, "b": [0], "c": {"d": False}, "e": 2, "f": [1]},
            {"a": True, "b": [0.0], "c": {"d": False}, "e": 2.0, "f": [1.0]},
            {"a": 1, "b": [0], "c": {"d": 0}, "e": True, "f": [2]},
            (),
            {"a": True, "b": [0.0], "c": {"d": 0}, "e": 2.0, "f": [1.0]},
            [
                {"path": ["e"], "base": 2, "ours": 2.0, "theirs": True},
                {"path": ["f"], "base": [1], "ours": [1.0], "theirs": [2]},
            ],
        )

    def test_different_changes_of_one_value_are_a_conflict(self):
        self.check(
            {"a": {"b": 1, "c": [1]}},
            {"a": {"b": 2, "c": [2]}},
            {"a": {"b": None, "c": [1, 3]}},
            (),
            {"a": {"b": 2, "c": [2]}},
            [
                {"path": ["a", "b"], "base": 1, "ours": 2, "theirs": None},
                {"path": ["a", "c"], "base": [1], "ours": [2], "theirs": [1, 3]},
            ],
        )

    def test_null_is_not_missing(self):
        self.check(
            {"a": None, "b": 1},
            {"b": None},
            {"a": None, "c": None},
            (),
            {"c": None, "b": None},
            [{"path": ["b"], "base": 1, "ours": None}],
        )

    def test_removed_against_changed_keeps_the_change(self):
        self.check(
            {"a": {"x": 1, "y": 2}, "b": 1, "c": 1},
            {"b": 2},
            {"a": {"x": 1, "y": 3}, "c": 1},
            (),
            {"a": {"x": 1, "y": 3}, "b": 2},
            [
                {"path": ["a"], "base": {"x": 1, "y": 2}, "theirs": {"x": 1, "y": 3}},
                {"path": ["b"], "base": 1, "ours": 2},
            ],
        )

    def test_new_dicts_on_both_sides_are_merged(self):
        self.check(
            {"b": 7},
            {"a": {"x": 1, "y": {"p": 1}}, "b": {"m": 1}},
            {"a": {"x": 2, "y": {"q": 1}}, "b": {"n": 1}},
            (),
            {"a": {"x": 1, "y": {"q": 1, "p": 1}}, "b": {"n": 1, "m": 1}},
            [{"path": ["a", "x"], "ours": 1, "theirs": 2}],
        )

    def test_dict_against_scalar_is_a_conflict(self):
        self.check(
            {"a": {"x": 1}, "b": {"x": 1}},
            {"a": 5, "b": {"x": 2}},
            {"a": {"x": 2}, "b": [1]},
            [(["b"], "set")],
            {"a": 5, "b": {"x": 2}},
            [
                {"path": ["a"], "base": {"x": 1}, "ours": 5, "theirs": {"x": 2}},
                {"path": ["b"], "base": {"x": 1}, "ours": {"x": 2}, "theirs": [1]},
            ],
        )

    def test_a_dict_that_lost_all_keys_stays(self):
        self.check({"a": {"x": 1, "y": 2}}, {"a": {"x": 1}}, {"a": {"y": 2}}, (), {"a": {}})

    def test_new_keys_follow_the_key_before_them_in_theirs(self):
        self.check(
            {},
            {"a": 1, "b": 1, "c": 1, "d": 1},
            {"x": 1, "a": 1, "y": 1, "z": 1, "c": 1},
            (),
            {"x": 1, "a": 1, "y": 1, "z": 1, "b": 1, "c": 1, "d": 1},
        )
        self.check(
            {"a": 1, "b": 1, "c": 1},
            {"c": 1, "a": 1, "n": 1},
            {"a": 1, "b": 1, "x": 1, "c": 1, "y": 1},
            (),
            {"c": 1, "y": 1, "a": 1, "x": 1, "n": 1},
        )

    def test_conflicts_come_in_the_order_of_the_result(self):
        rules = [(["l"], "key:id")]
        self.check(
            {"p": 0, "q": 0, "r": 0, "s": {"u": 0, "v": 0}, "l": [{"id": "i", "w": 0}]},
            {"s": {"v": 1, "u": 1}, "q": 1, "l": [{"id": "i", "w": 1}], "r": 1},
            {"p": 2, "q": 2, "s": {"u": 2, "v": 2}, "l": [{"id": "i", "w": 2}]},
            rules,
            {"p": 2, "s": {"v": 1, "u": 1}, "q": 1, "l": [{"id": "i", "w": 1}], "r": 1},
            [
                {"path": ["p"], "base": 0, "theirs": 2},
                {"path": ["s", "v"], "base": 0, "ours": 1, "theirs": 2},
                {"path": ["s", "u"], "base": 0, "ours": 1, "theirs": 2},
                {"path": ["q"], "base": 0, "ours": 1, "theirs": 2},
                {"path": ["l", "i", "w"], "base": 0, "ours": 1, "theirs": 2},
                {"path": ["r"], "base": 0, "ours": 1},
            ],
        )

    def test_sets_take_additions_and_removals_of_both(self):
        self.check(
            {"s": ["a", "b", "c", "b"]},
            {"s": ["z", "c", "b", "z", "b"]},
            {"s": ["y", "a", "b", "x", "y", "z"]},
            [(["s"], "set")],
            {"s": ["z", "b", "y", "x"]},
        )
        self.check({}, {"s": [2, 1]}, {"s": [3, 1]}, [(["s"], "set")], {"s": [2, 1, 3]})
        self.check({"s": 1}, {"s": [1]}, {"s": [2]}, [(["s"], "set")], {"s": [1, 2]})

    def test_items_of_sets_are_told_apart_by_type(self):
        self.check(
            {"s": [1, {"a": 1, "b": 2}, [0]]},
            {"s": [1, True, {"b": 2, "a": 1}, [0], {"d": 2, "c": 1}]},
            {"s": [1.0, {"a": 1, "b": 2}, {"a": True}, [False], "1", {"c": 1, "d": 2}]},
            [(["s"], "set")],
            {"s": [True, {"b": 2, "a": 1}, {"d": 2, "c": 1}, 1.0, {"a": True}, [False], "1"]},
        )

    def test_keyed_items_are_merged_one_by_one(self):
        self.check(
            {"h": [{"id": 1, "p": 80, "q": 1}, {"id": "1", "p": 1}, {"id": 3}]},
            {"h": [{"id": "1", "p": 2}, {"id": 1, "p": 81, "q": 1}, {"id": 5, "d": {"x": 1}}]},
            {
                "h": [
                    {"id": 7},
                    {"id": 1, "p": 82, "q": 2},
                    {"id": 3},
                    {"id": 4},
                    {"id": "1", "p": 1},
                    {"id": 5, "d": {"y": 2}},
                ]
            },
            [(["h"], "key:id")],
            {
                "h": [
                    {"id": 7},
                    {"id": "1", "p": 2},
                    {"id": 1, "p": 81, "q": 2},
                    {"id": 4},
                    {"id": 5, "d": {"y": 2, "x": 1}},
                ]
            },
            [{"path": ["h", 1, "p"], "base": 80, "ours": 81, "theirs": 82}],
        )

    def test_a_keyed_item_removed_against_changed_stays(self):
        self.check(
            {"h": [{"n": "a", "v": 1}, {"n": "b", "v": 1}]},
            {"h": [{"n": "b", "v": 1}, {"n": "c"}]},
            {"h": [{"n": "a", "v": 2}]},
            [(["h"], "key:n")],
            {"h": [{"n": "a", "v": 2}, {"n": "c"}]},
            [{"path": ["h", "a"], "base": {"n": "a", "v": 1}, "theirs": {"n": "a", "v": 2}}],
        )

    def test_lists_without_proper_keys_are_a_conflict(self):
        good, other = [{"id": 1, "v": 1}], [{"id": 1, "v": 2}]
        for bad in (
            [{"id": True}],
            [{"v": 1}],
            ["id"],
            [{"id": 1.0}],
            [{"id": 2}, {"id": 2, "v": 3}],
            [{"id": None}],
        ):
            for base, ours, theirs in ((bad, good, other), (good, bad, other), (good, other, bad)):
                with self.subTest(base=base, ours=ours, theirs=theirs):
                    conflict = {"path": ["h"], "base": base, "ours": ours, "theirs": theirs}
                    self.check(
                        {"h": base}, {"h": ours}, {"h": theirs}, [(["h"], "key:id")], {"h": ours}, [conflict]
                    )
        self.check({"h": 5}, {"h": good}, {"h": [{"id": 2}]}, [(["h"], "key:id")], {"h": [{"id": 2}, *good]})

    def test_the_first_rule_that_matches_counts(self):
        base = {"a": {"t": [1]}, "b": {"t": [1]}, "t": [1], "h": [{"k": 5, "t": [1]}, {"k": "u", "t": [1]}]}
        ours = {"a": {"t": [2]}, "b": {"t": [2]}, "t": [2], "h": [{"k": 5, "t": [2]}, {"k": "u", "t": [2]}]}
        theirs = {"a": {"t": [3]}, "b": {"t": [3]}, "t": [3], "h": [{"k": 5, "t": [3]}, {"k": "u", "t": [3]}]}
        sides = {"base": [1], "ours": [2], "theirs": [3]}
        self.check(
            base,
            ours,
            theirs,
            [
                (["a", "*"], "replace"),
                (["*", "t"], "set"),
                (["*"], "key:k"),
                (["h", "5", "t"], "replace"),
                (["h", "u", "t"], "replace"),
                (["h", "*", "t"], "set"),
            ],
            {
                "a": {"t": [2]},
                "b": {"t": [2, 3]},
                "t": [2],
                "h": [{"k": 5, "t": [2, 3]}, {"k": "u", "t": [2]}],
            },
            [{"path": ["a", "t"], **sides}, {"path": ["t"], **sides}, {"path": ["h", "u", "t"], **sides}],
        )

    def test_unknown_strategies_are_refused(self):
        for strategy in ("union", "", "key:", "SET", "key"):
            with self.subTest(strategy=strategy), self.assertRaises(ValueError):
                merge({}, {}, {}, [(["a"], "set"), (["b"], strategy)])

    def test_long_sets_are_merged_in_time(self):
        count = 40000
        merged, conflicts = merge(
            {"s": [0]},
            {"s": list(range(count))},
            {"s": list(range(count // 2, 2 * count))},
            [(["s"], "set")],
        )
        self.assertEqual(merged["s"], list(range(1, 2 * count)), "all items but the one that theirs removed")
        self.assertEqual(conflicts, [])

    def test_long_keyed_lists_are_merged_in_time(self):
        count = 8000
        merged, conflicts = merge(
            {"h": []},
            {"h": [{"k": i, "a": 1} for i in range(count)]},
            {"h": [{"k": i, "b": 1} for i in range(1, count + 1)]},
            [(["h"], "key:k")],
        )
        self.assertEqual(
            [item["k"] for item in merged["h"]], list(range(count + 1)), "the order of the items"
        )
        self.assertEqual(conflicts, [])
