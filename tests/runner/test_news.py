"""Plain lines are few, however long a run takes."""

import io

from llmbench.console import Console
from llmbench.runner.news import News, Rhythm
from llmbench.runner.under_way import UnderWay, arrived


class Clock:
    """A clock that is set by hand."""

    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


def test_a_download_takes_few_lines_and_a_new_thing_one_at_once() -> None:
    clock, screen = Clock(), io.StringIO()
    news = News(Console(file=screen, width=100), clock)
    for second in range(3600):
        clock.now = second
        news(f"fetching model.gguf: {second} of 3600 MB")
    news("loading model.gguf")
    lines = screen.getvalue().splitlines()
    assert lines[:3] == [f"fetching model.gguf: {second} of 3600 MB" for second in (0, 30, 90)]
    assert len(lines) <= 12
    assert lines[-1] == "loading model.gguf"


def test_ten_hours_of_silence_are_broken_by_some_tens_of_lines() -> None:
    clock = Clock()
    rhythm = Rhythm(clock)
    spoken = 0
    for second in range(36_000):
        clock.now = second
        spoken += rhythm.is_due()
    assert 50 < spoken < 70


def test_pieces_belong_to_the_question_that_waits_for_them() -> None:
    under_way = UnderWay()
    assert under_way.told() == ""
    arrived(5)
    with under_way.asking():
        assert under_way.told() == "1 under way for 0 s, no token yet"
        with under_way.asking():
            arrived(3)
        arrived(2)
        assert under_way.told() == "1 under way for 0 s, 2 tokens so far"
    assert under_way.told() == ""
