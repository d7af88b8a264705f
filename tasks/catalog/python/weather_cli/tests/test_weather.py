import json
import unittest

import programs

STATIONS = {"ZRH": "Zürich Fluntern", "GVA": "Genève", "DAV": "Davos, Dorf"}
READINGS = [
    "date,station,temp",
    "2024-05-01,ZRH,-0.4",
    "2024-05-03,ZRH,12.1",
    "2024-05-01,GVA,12.1",
    "2024-05-02,ZRH,6.0",
    "2024-05-02,GVA,9.8",
    "2024-05-03,GVA,12.1",
]


def run(*args, stations=STATIONS, readings=READINGS, env=None):
    files = {
        "data/stations.json": json.dumps(stations, ensure_ascii=False),
        "data/readings.csv": "".join(line + "\n" for line in readings),
    }
    return programs.run(list(args), files, env)


def summary(*temps, unit="c"):
    """Return the lines of a summary of readings of one station."""
    lines = ["date,station,temp", *(f"2024-05-01,X,{temp}" for temp in temps)]
    return run("summary", "X", "--unit", unit, stations={"X": "x"}, readings=lines)[1].splitlines()


class Weather(unittest.TestCase):
    def answers(self, lines, *args, **more):
        self.assertEqual(run(*args, **more), [0, "".join(line + "\n" for line in lines), ""])

    def refused(self, *args, code=2, line=None, **more):
        returned, out, err = run(*args, **more)
        self.assertEqual((returned, out), (code, ""), args)
        self.assertEqual((err.count("\n"), err[-1:]), (1, "\n"), err)
        if line is not None:
            self.assertEqual(err, line + "\n")

    def test_stations_are_sorted(self):
        self.answers(["DAV Davos, Dorf", "GVA Genève", "ZRH Zürich Fluntern"], "stations")

    def test_output_is_utf8_in_any_environment(self):
        env = {"PYTHONIOENCODING": "ascii", "LC_ALL": "C"}
        self.answers(["1 東京 ☀"], "stations", stations={"1": "東京 ☀"}, env=env)
        self.refused("summary", "東京", line="weather: no station 東京", env=env)

    def test_summary(self):
        self.answers(["readings 3", "min -0.4 C", "mean 5.9 C", "max 12.1 C"], "summary", "ZRH")
        self.answers(["readings 3", "min 9.8 C", "mean 11.3 C", "max 12.1 C"], "summary", "GVA")

    def test_both_dates_are_included(self):
        lines = ["readings 2", "min 6.0 C", "mean 9.1 C", "max 12.1 C"]
        self.answers(lines, "summary", "ZRH", "--from", "2024-05-02")
        self.answers(lines, "summary", "--from=2024-05-02", "ZRH", "--to", "2024-05-03")
        self.answers(
            ["readings 1", "min 6.0 C", "mean 6.0 C", "max 6.0 C"],
            *("summary", "--to", "2024-05-02", "ZRH", "--from", "2024-05-02"),
        )

    def test_no_readings(self):
        self.answers(["readings 0"], "summary", "DAV")
        self.answers(["readings 0"], "summary", "ZRH", "--to", "2023-12-31", "--unit", "f")
        self.answers([], "top", "3", readings=READINGS[:1])

    def test_columns_quotes_and_missing_values(self):
        lines = ["wind,temp,note,station,date", '3,"1.5","a ""b"", c",X,2024-05-01', ',,"x\ny",X,2024-05-02']
        lines += ["1,9.9,,OTHER,2024-05-01", "1,-2.5,,X,2024-05-03"]
        stations = {"X": "x"}
        self.answers(
            ["readings 2", "min -2.5 C", "mean -0.5 C", "max 1.5 C"],
            *("summary", "X"),
            stations=stations,
            readings=lines,
        )
        self.answers(
            ["2024-05-01 1.5 C x", "2024-05-03 -2.5 C x"], "top", "9", stations=stations, readings=lines
        )

    def test_halves_go_away_from_zero(self):
        self.assertEqual(summary("0.2", "0.3")[2], "mean 0.3 C")
        self.assertEqual(summary("-0.2", "-0.3")[2], "mean -0.3 C")
        self.assertEqual(summary("0.4", "0.5")[2], "mean 0.5 C")
        self.assertEqual(summary("1.0", "1.1", "1.0")[2], "mean 1.0 C")
        self.assertEqual(summary("0.1", "0.1", "0.0", "0.0")[2], "mean 0.1 C")
        self.assertEqual(summary("2.6", "2.7")[2], "mean 2.7 C")

    def test_there_is_no_negative_zero(self):
        self.assertEqual(summary("-0.1", "0.0", "0.0")[2], "mean 0.0 C")
        self.assertEqual(summary("-0.0"), ["readings 1", "min 0.0 C", "mean 0.0 C", "max 0.0 C"])

    def test_fahrenheit_is_rounded_once(self):
        self.assertEqual(summary("0.0", "36.6", unit="f")[1:], ["min 32.0 F", "mean 64.9 F", "max 97.9 F"])
        self.assertEqual(summary("0.2", "0.3", unit="f")[2], "mean 32.5 F")  # 32.45; 0.3 C would be 32.54
        self.assertEqual(summary("0.1", "0.2", unit="f")[2], "mean 32.3 F")  # 32.27; 0.2 C would be 32.36
        self.assertEqual(summary("-40.0", unit="f")[1], "min -40.0 F")
        self.assertEqual(summary("-17.8", unit="f")[1], "min 0.0 F")
        self.answers(["2024-05-03 53.8 F Genève"], "top", "1", "--unit=f")

    def test_top_breaks_ties_by_later_date_then_by_id(self):
        self.answers(
            [
                "2024-05-03 12.1 C Genève",
                "2024-05-03 12.1 C Zürich Fluntern",
                "2024-05-01 12.1 C Genève",
                "2024-05-02 9.8 C Genève",
            ],
            *("top", "--unit", "c", "4"),
        )
        self.assertEqual(len(run("top", "0001000")[1].splitlines()), 6)

    def test_bad_arguments_come_first(self):
        for args in (
            *(
                [],
                ["forecast"],
                ["stations", "ZRH"],
                ["stations", "--unit", "c"],
                ["summary"],
                ["summary", "ZRH", "GVA"],
            ),
            *(
                ["summary", "ZRH", "--from"],
                ["summary", "ZRH", "--since", "2024-05-01"],
                ["top"],
                ["top", "0"],
            ),
            *(
                ["top", "1001"],
                ["top", "1000000000005"],
                ["top", "-5"],
                ["top", "1.0"],
                ["top", "+5"],
                ["top", "\u0663"],
                ["top", "5", "--from", "2024-05-01"],
            ),
            *(
                ["summary", "ZRH", "--from", "2023-02-29"],
                ["summary", "ZRH", "--to", "20240501"],
                ["summary", "ZRH", "--to="],
            ),
            *(
                ["summary", "ZRH", "--from", "2024-5-01"],
                ["summary", "ZRH", "--from", "2024-05-02", "--to", "2024-05-01"],
            ),
            *(
                ["summary", "ZRH", "--unit", "k"],
                ["top", "3", "--unit", "C"],
                ["summary", "OSL", "--unit", "k"],
            ),
        ):
            with self.subTest(args):
                self.refused(*args)
        self.refused("summary", "OSL", "--from", "2024-05-01", line="weather: no station OSL")

    def test_missing_files(self):
        for files in ({}, {"data/stations.json": "{}"}, {"data/readings.csv": "date,station,temp\n"}):
            with self.subTest(sorted(files)):
                for args in (["stations"], ["summary", "X"], ["top", "1"]):
                    self.assertEqual(programs.run(args, files), [1, "", "weather: no data\n"])
                self.assertEqual(programs.run(["top", "x"], files)[:2], [2, ""])
