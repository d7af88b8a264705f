"""Answers questions about readings of weather stations."""

import csv
import json
import re
import sys
from datetime import date
from fractions import Fraction

ARGUMENTS = {"stations": 0, "summary": 1, "top": 1}
OPTIONS = {"stations": (), "summary": ("from", "to", "unit"), "top": ("unit",)}


class Wrong(Exception):
    """What a person is told, and the exit code."""

    def __init__(self, text, code=2):
        super().__init__(text)
        self.code = code


def parsed(args):
    """Return command, arguments and options."""
    if not args or args[0] not in ARGUMENTS:
        raise Wrong("commands are: stations, summary, top")
    command, rest, plain, options = args[0], list(args[1:]), [], {}
    while rest:
        word = rest.pop(0)
        if not word.startswith("--"):
            plain.append(word)
            continue
        name, equals, value = word[2:].partition("=")
        if name not in OPTIONS[command]:
            raise Wrong(f"{command} has no option {word}")
        if not equals:
            if not rest:
                raise Wrong(f"{word} wants a value")
            value = rest.pop(0)
        options[name] = value
    if len(plain) != ARGUMENTS[command]:
        raise Wrong(f"{command} takes {ARGUMENTS[command]} arguments, not {len(plain)}")
    return command, plain, options


def day(text):
    """Return a date as it is, if there is one."""
    if re.fullmatch(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", text):
        try:
            date(*map(int, text.split("-")))
        except ValueError:
            pass
        else:
            return text
    raise Wrong(f"{text} is no date")


def checked(command, plain, options):
    """Refuse values that no command takes."""
    if options.get("unit", "c") not in ("c", "f"):
        raise Wrong("a unit is c or f")
    if command == "top" and not re.fullmatch("0*([1-9][0-9]{0,2}|1000)", plain[0]):
        raise Wrong(f"{plain[0]} is no number from 1 to 1000")
    first, last = day(options.get("from", "0001-01-01")), day(options.get("to", "9999-12-31"))
    if first > last:
        raise Wrong(f"{first} is after {last}")
    return first, last


def read():
    """Return stations, and readings as date, id and tenths of a degree."""
    try:
        with open("data/stations.json", encoding="utf-8") as file:
            stations = json.load(file)
        with open("data/readings.csv", encoding="utf-8", newline="") as file:
            rows = list(csv.DictReader(file))
    except (FileNotFoundError, NotADirectoryError):
        raise Wrong("no data", 1) from None
    known = [row for row in rows if row["temp"] and row["station"] in stations]
    return stations, [(row["date"], row["station"], int(row["temp"].replace(".", ""))) for row in known]


def shown(tenths, unit):
    """Return a temperature as text."""
    value = Fraction(tenths)
    if unit == "f":
        value = value * 9 / 5 + 320
    size = int(abs(value) + Fraction(1, 2))
    sign = "-" if value < 0 and size else ""
    return f"{sign}{size // 10}.{size % 10} {unit.upper()}"


def answer(args):
    """Return the lines of the answer."""
    read()
    command, plain, options = parsed(args)
    first, last = checked(command, plain, options)
    unit = options.get("unit", "c")
    stations, readings = read()
    if command == "stations":
        return [f"{key} {name}" for key, name in sorted(stations.items())]
    if command == "top":
        readings.sort(key=lambda reading: reading[1])
        readings.sort(key=lambda reading: (reading[2], reading[0]), reverse=True)
        top = readings[: int(plain[0])]
        return [f"{when} {shown(tenths, unit)} {stations[key]}" for when, key, tenths in top]
    if plain[0] not in stations:
        raise Wrong(f"no station {plain[0]}")
    found = [tenths for when, key, tenths in readings if key == plain[0] and first <= when <= last]
    lines = [f"readings {len(found)}"]
    if found:
        mean = Fraction(sum(found), len(found))
        values = {"min": min(found), "mean": mean, "max": max(found)}
        lines += [f"{name} {shown(value, unit)}" for name, value in values.items()]
    return lines


def main(args):
    """Run a command and return the exit code."""
    sys.stdout.reconfigure(encoding="utf-8")
    sys.stderr.reconfigure(encoding="utf-8", errors="replace")
    try:
        lines = answer(args)
    except Wrong as wrong:
        print(f"weather: {wrong}", file=sys.stderr)
        return wrong.code
    for line in lines:
        print(line)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
