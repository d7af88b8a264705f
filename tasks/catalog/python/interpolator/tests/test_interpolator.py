import unittest

from interpolator import Series


def t(ms):
    """Return the time that many milliseconds after noon."""
    seconds = 43200 + ms // 1000
    return f"2024-05-01T{seconds // 3600:02}:{seconds // 60 % 60:02}:{seconds % 60:02}.{ms % 1000:03}Z"


def series(*points):
    return Series([[t(ms), value] for ms, value in points])


class Times(unittest.TestCase):
    def test_offsets_and_milliseconds(self):
        s = Series(
            [
                ["2024-03-31T02:30:00.250+02:00", 10**9],
                ["2023-12-31T23:45:00-00:30", -(10**9)],
                ["1900-01-01T00:00:00Z", 9],
                ["2200-12-31T23:59:59.999Z", 10],
            ]
        )
        self.assertEqual(s.at("2024-03-31T00:30:00.250Z"), 10**9)
        self.assertEqual(s.at("2024-03-30T23:15:00.250-01:15"), 10**9)
        self.assertEqual(s.at("2024-01-01T00:15:00Z"), -(10**9))
        self.assertEqual(s.at("1900-01-01T23:59:00.000+23:59"), 9)
        self.assertIsNone(s.at("1900-01-01T00:00:00+00:01"), "a minute before the first")
        self.assertEqual(s.at("2200-12-31T23:59:59.999Z"), 10)

    def test_other_times_are_refused(self):
        for text in (
            *(
                "",
                "2024-05-01",
                "2024-05-01T12:00:00",
                "2024-05-01 12:00:00Z",
                "2024-05-01t12:00:00z",
                "2024-05-01T12:00Z",
            ),
            *(
                "2024-05-01T12:00:00.5Z",
                "2024-05-01T12:00:00.1234Z",
                "2024-05-01T12:00:00,500Z",
                "2024-5-1T12:00:00Z",
            ),
            *(
                "2024-05-01T12:00:00+0200",
                "2024-05-01T12:00:00+2:00",
                "2024-05-01T12:00:00+24:00",
                "2024-05-01T12:00:00+02:60",
            ),
            *("2023-02-29T12:00:00Z", "2024-05-01T24:00:00Z", "2024-05-01T12:00:60Z", "2024-13-01T12:00:00Z"),
            *(
                " 2024-05-01T12:00:00Z",
                "2024-05-01T12:00:00Z\n",
                "2024-05-01T12:00:00Z ",
                "\u0662024-05-01T12:00:00Z",
            ),
            *("1899-12-31T23:59:59Z", "2201-01-01T00:00:00Z", "2024-05-01T12:00:00+02:00:00"),
        ):
            with self.subTest(text), self.assertRaises(ValueError):
                Series([[text, 1]])
            with self.subTest(text), self.assertRaises(ValueError):
                series((0, 1)).at(text)

    def test_the_last_point_of_an_instant_counts(self):
        s = Series([[t(10), 3], [t(0), 1], [t(10), None], [t(0), 2], ["2024-05-01T14:00:00+02:00", 4]])
        self.assertEqual(s.at(t(0)), 4)
        self.assertIsNone(s.at(t(10)))
        self.assertEqual(series((10, 1), (0, 4), (5, 3), (0, 2)).resample(t(0), 1, 6), [2, 2, 2, 3, 3, 3])

    def test_bad_arguments_are_refused(self):
        s = series((0, 1), (10, 2))
        for call in (
            lambda: s.at(t(0), "cubic"),
            lambda: s.at(t(0), max_gap=-1),
            lambda: s.resample(t(0), 1, -1),
            lambda: s.resample(t(0), 1, 0, "Linear"),
            lambda: s.resample("noon", 1, 0),
            lambda: s.mean(t(1), t(0)),
            lambda: s.mean(t(0), t(1), max_gap=-1),
        ):
            self.assertRaises(ValueError, call)
        self.assertEqual(s.at(t(0), max_gap=0), 1)


class At(unittest.TestCase):
    def test_linear_rounds_halves_to_even(self):
        s = series((0, 0), (10, 5), (20, -5))
        self.assertEqual(s.resample(t(0), 1, 11), [0, 0, 1, 2, 2, 2, 3, 4, 4, 4, 5])
        self.assertEqual([s.at(t(ms)) for ms in (13, 15, 16, 17, 19)], [2, 0, -1, -2, -4])
        self.assertEqual([series((0, v), (2, v + 1)).at(t(1)) for v in (-3, -2, -1, 0, 1)], [-2, -2, 0, 0, 2])

    def test_linear_is_exact(self):
        great = 10**30
        self.assertEqual(
            series((0, great), (3, great + 4)).resample(t(0), 1, 4), [great, great + 1, great + 3, great + 4]
        )
        self.assertEqual(series((0, -great), (4, great + 2)).at(t(2)), 1)
        self.assertEqual(series((0, -great), (2, great + 1)).at(t(1)), 0)
        self.assertEqual(series((0, great), (2, great + 3)).at(t(1)), great + 2)

    def test_previous_and_nearest(self):
        s = series((0, 1), (10, 2), (13, 3))
        self.assertEqual([s.at(t(ms), "previous") for ms in (0, 9, 10, 12, 13)], [1, 1, 2, 2, 3])
        self.assertEqual([s.at(t(ms), "nearest") for ms in (0, 4, 5, 6, 11, 12)], [1, 1, 2, 2, 2, 3])
        s = series((0, 100), (10, -300), (13, 400))
        self.assertEqual([s.at(t(ms), "nearest") for ms in (4, 5, 11, 12)], [100, -300, -300, 400])

    def test_none_breaks_the_curve(self):
        s = series((0, 1), (10, None), (20, 3), (30, 4))
        for method in ("linear", "previous", "nearest", "angle"):
            with self.subTest(method):
                self.assertEqual([s.at(t(ms), method) for ms in (0, 1, 10, 19, 20)], [1, None, None, None, 3])
        self.assertEqual(s.at(t(25), "previous"), 3)

    def test_max_gap_is_between_the_points(self):
        s = series((0, 1), (10, 3), (21, 5))
        for method in ("linear", "previous", "nearest", "angle"):
            with self.subTest(method):
                self.assertEqual(
                    [s.at(t(ms), method, 10) for ms in (0, 1, 11, 20, 21)], [1, 1, None, None, 5]
                )
        self.assertEqual(s.at(t(20), "previous", 11), 3)

    def test_hold_outside(self):
        s = series((0, 1), (10, 2))
        self.assertEqual([s.at(t(ms)) for ms in (-1, 11)], [None, None])
        for method in ("linear", "previous", "nearest", "angle"):
            with self.subTest(method):
                self.assertEqual([s.at(t(ms), method, hold=True) for ms in (-1000, 1000)], [1, 2])
        self.assertEqual(
            [s.at(t(ms), max_gap=10, hold=True) for ms in (-11, -10, 20, 21)], [None, 1, 2, None]
        )
        self.assertIsNone(series((0, 1), (10, None)).at(t(11), hold=True))
        self.assertEqual(series((0, -1)).at(t(9), "angle", hold=True), 359_999)

    def test_no_points_and_one(self):
        self.assertIsNone(Series([]).at(t(0), hold=True))
        self.assertIsNone(Series([]).mean(t(0), t(0)))
        self.assertIsNone(Series([]).mean(t(0), t(5), 3))
        self.assertEqual(series((5, 3)).resample(t(4), 1, 3), [None, 3, None])
        self.assertEqual(series((5, 3)).mean(t(5), t(5)), 3)


class Angle(unittest.TestCase):
    def test_the_shorter_way(self):
        self.assertEqual(
            series((0, 350_000), (10, 20_000)).resample(t(0), 5, 3, "angle"), [350_000, 5_000, 20_000]
        )
        self.assertEqual(
            series((0, 20_000), (10, 350_000)).resample(t(0), 2, 4, "angle"), [20_000, 14_000, 8_000, 2_000]
        )
        self.assertEqual(series((0, 0), (2, 179_998)).at(t(1), "angle"), 89_999)
        self.assertEqual(series((0, 0), (2, 180_002)).at(t(1), "angle"), 270_001)

    def test_opposite_values_fall(self):
        self.assertEqual(
            series((0, 90_000), (4, 270_000)).resample(t(0), 1, 5, "angle"),
            [90_000, 45_000, 0, 315_000, 270_000],
        )
        self.assertEqual(series((0, 270_000), (2, 90_000)).at(t(1), "angle"), 180_000)

    def test_values_of_any_size(self):
        s = series((0, -10_000), (10, 730_000), (20, 360_000 * 10**20 + 1))
        self.assertEqual(s.resample(t(0), 5, 5, "angle"), [350_000, 0, 10_000, 5_000, 1])
        self.assertEqual(series((0, -1), (2, 0)).at(t(1), "angle"), 0, "359,999.5 goes to 360,000")
        self.assertEqual(series((0, 360_001), (2, 2)).at(t(1), "angle"), 2, "1.5 goes to 2")


class ResampleAndMean(unittest.TestCase):
    def test_steps_go_either_way(self):
        s = series((0, 0), (10, 10))
        self.assertEqual(s.resample(t(12), -4, 4), [None, 8, 4, 0])
        self.assertEqual(s.resample(t(3), 0, 2), [3, 3])
        self.assertEqual(s.resample(t(3), 4, 0), [])
        self.assertEqual(s.resample(t(-2), 6, 4, "previous", 10, True), [0, 0, 10, 10])

    def test_mean_is_weighted_by_time_and_rounded_once(self):
        s = series((0, 0), (10, 10), (40, 10), (50, 4))
        self.assertEqual(s.mean(t(0), t(10)), 5)
        self.assertEqual(s.mean(t(0), t(40)), 9)  # 8.75
        self.assertEqual(s.mean(t(0), t(50)), 8)  # 8.4
        self.assertEqual(s.mean(t(5), t(10)), 8)  # 7.5
        self.assertEqual(s.mean(t(2), t(3)), 2)  # 2.5
        self.assertEqual(s.mean(t(3), t(3)), 3)
        self.assertEqual(series((0, 0), (3, 1)).mean(t(1), t(3)), 1, "2/3, from 1/3 to 1")
        self.assertEqual(series((0, 1), (3, 2)).mean(t(1), t(2)), 2)  # 1.5
        self.assertEqual(series((0, 0), (3, 1), (4, 9)).mean(t(1), t(4)), 2)  # (2 * 2/3 + 5) / 3
        self.assertEqual(series((0, 10**30), (2, 10**30 + 2)).mean(t(0), t(2)), 10**30 + 1)

    def test_mean_needs_the_whole_time(self):
        s = series((0, 1), (10, 3), (21, 5), (30, 5), (40, None), (50, 1))
        self.assertEqual(s.mean(t(0), t(30)), 4)
        self.assertEqual(s.mean(t(0), t(10), 10), 2)
        for start, end, gap in (
            *((-1, 5, None), (45, 51, None), (29, 31, None), (30, 40, None), (40, 50, None), (39, 41, None)),
            *(
                (0, 30, 10),
                (10, 21, 10),
                (9, 11, 10),
                (12, 13, 10),
                (20, 22, 10),
                (-5, -2, None),
                (60, 70, None),
            ),
            *((40, 40, None), (15, 15, 10), (60, 60, None)),
        ):
            with self.subTest((start, end, gap)):
                self.assertIsNone(s.mean(t(start), t(end), gap))
