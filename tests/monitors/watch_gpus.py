"""Reads the monitor ``nvidia`` a few times and prints what it said as JSON: for test_nvidia.py."""

import json
import sys
from pathlib import Path

from llmbench.api import Context, Watched
from llmbench_plugins.monitors.nvidia.monitor import Nvidia, NvidiaOptions


def main(told: str, folder: str) -> None:
    asked, warnings = json.loads(told), []
    surroundings = Context(
        work_dir=Path(folder), cache_dir=Path(folder), secrets=asked["secrets"], warn=warnings.append
    )
    monitor = Nvidia(NvidiaOptions(devices=tuple(asked["devices"])), surroundings)
    found = {"unavailable": monitor.unavailable(), "warnings": warnings, "readings": []}
    if not found["unavailable"]:
        found["reason"] = monitor.open(Watched())
    if not found.get("reason", "-"):
        found["readings"] = [dict(monitor.sample()) for _ in range(asked["readings"])]
        found["described"] = dict(monitor.describe())
    monitor.close()
    monitor.close()
    print(json.dumps(found))


if __name__ == "__main__":
    main(*sys.argv[1:])
