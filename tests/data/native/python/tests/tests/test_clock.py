from plan import clock

def test_hours_count():
    assert clock.minutes("1:30") == 90

class TestMinutes:
    def test_none(self):
        assert clock.minutes("0:00") == 0
