"""Values kept after first use: no instance waits for another."""

import threading
from concurrent.futures import ThreadPoolExecutor

from cedrag._lazy import cached_property


class Slow:
    def __init__(self, meeting):
        self.meeting = meeting
        self.computed = 0

    @cached_property
    def value(self):
        """What is computed once."""
        self.computed += 1
        self.meeting.wait(timeout=30.0)  # broken if the other thread is kept out
        return object()


def test_two_instances_are_computed_at_the_same_time():
    meeting = threading.Barrier(2)
    pair = [Slow(meeting), Slow(meeting)]
    with ThreadPoolExecutor(2) as pool:
        first, second = pool.map(lambda slow: slow.value, pair)
    assert first is not second


def test_value_is_computed_once_and_documented():
    slow = Slow(threading.Barrier(1))
    assert slow.value is slow.value
    assert slow.computed == 1
    assert Slow.value.__doc__ == "What is computed once."
