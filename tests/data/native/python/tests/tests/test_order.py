import os, unittest
from helpers import jobs
from plan.order import order

class Order(unittest.TestCase):
    def test_what_is_needed_comes_first(self):
        with open(os.path.join(os.path.dirname(__file__), "jobs.txt")) as file:
            self.assertEqual(order(jobs(file)), ["b", "a"])

    def test_a_circle_is_refused(self):
        with self.assertRaisesRegex(ValueError, "a"):
            order({"a": ["a"]})
