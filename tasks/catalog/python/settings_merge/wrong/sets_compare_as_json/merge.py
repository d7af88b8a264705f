"""Three-way merge of nested settings."""

import json

from sameness import MISSING, same


def merge(base, ours, theirs, rules=()):
    """Return (merged, conflicts)."""
    merger = Merger(rules)
    merged = merger.value([], base, ours, theirs)
    return merged, merger.conflicts


def frozen(value):
    return json.dumps(value)


class Merger:
    """Merges values and keeps what could not be merged."""

    def __init__(self, rules):
        self.rules = [(list(pattern), strategy) for pattern, strategy in rules]
        for _, strategy in self.rules:
            known = strategy in ("replace", "set") or (strategy.startswith("key:") and strategy != "key:")
            if not known:
                raise ValueError(f"unknown strategy: {strategy!r}")
        self.conflicts = []

    def value(self, path, base, ours, theirs):
        """Return the merged value, or MISSING."""
        if same(ours, theirs) or same(theirs, base):
            return ours
        if same(ours, base):
            return theirs
        if isinstance(ours, dict) and isinstance(theirs, dict):
            return self.dicts(path, base if isinstance(base, dict) else {}, ours, theirs)
        if isinstance(ours, list) and isinstance(theirs, list):
            merged = self.lists(path, base if isinstance(base, list) else [], ours, theirs)
            if merged is not MISSING:
                return merged
        sides = {"base": base, "ours": ours, "theirs": theirs}
        held = {side: value for side, value in sides.items() if value is not MISSING}
        self.conflicts.append({"path": path, **held})
        return theirs if ours is MISSING else ours

    def dicts(self, path, base, ours, theirs):
        """Merge key by key: first what becomes of each key is found out, then where it belongs."""
        before, self.conflicts = self.conflicts, []
        values, conflicts = {}, {}
        for key in {**ours, **theirs}:
            sides = [side.get(key, MISSING) for side in (base, ours, theirs)]
            value = self.value([*path, key], *sides)
            if value is not MISSING:
                values[key] = value
            conflicts[key], self.conflicts = self.conflicts, []
        order = ordered(values, ours, theirs)
        self.conflicts = before + [conflict for key in order for conflict in conflicts[key]]
        return {key: values[key] for key in order}

    def lists(self, path, base, ours, theirs):
        """Merge by the rule for the path; MISSING if it is no rule for these lists."""
        strategy = self.strategy(path)
        if strategy == "set":
            return sets(base, ours, theirs)
        if strategy == "replace":
            return MISSING
        name = strategy[len("key:") :]
        keyed = [by_key(items, name) for items in (base, ours, theirs)]
        if None in keyed:
            return MISSING
        return list(self.dicts(path, *keyed).values())

    def strategy(self, path):
        """Return what the first rule that matches says."""
        for pattern, strategy in self.rules:
            if len(pattern) == len(path) and all(map(fits, pattern, path)):
                return strategy
        return "replace"


def fits(part, step):
    """Say whether a part of a pattern stands for a step of a path."""
    return part in ("*", step)


def ordered(kept, ours, theirs):
    """Return the kept keys: those of ours, and each other one after the one before it in theirs."""
    first, after, last = [], {}, None
    for key in theirs:
        if key not in kept:
            continue
        if key in ours:
            last = key
        elif last is None:
            first.append(key)
        else:
            after.setdefault(last, []).append(key)
    order = first
    for key in ours:
        if key in kept:
            order += [key, *after.get(key, ())]
    return order


def sets(base, ours, theirs):
    """Merge lists of which the order is of little importance."""
    in_base, in_theirs = set(map(frozen, base)), set(map(frozen, theirs))
    merged = {}
    for item in ours:
        identity = frozen(item)
        if identity in in_theirs or identity not in in_base:
            merged.setdefault(identity, item)
    in_ours = set(map(frozen, ours))
    for item in theirs:
        identity = frozen(item)
        if identity not in in_base and identity not in in_ours:
            merged.setdefault(identity, item)
    return list(merged.values())


def by_key(items, name):
    """Return the items by their keys, or None if they can't be told apart."""
    keyed = {}
    for item in items:
        if not isinstance(item, dict) or name not in item:
            return None
        key = item[name]
        if type(key) not in (str, int) or key in keyed:
            return None
        keyed[key] = item
    return keyed
