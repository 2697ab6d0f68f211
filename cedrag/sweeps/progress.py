"""A line on the terminal that says how far a long run is, and how long it still takes."""

import sys
import time

__all__ = ["Progress", "duration"]

_WIDTH = 30
_BETWEEN = 0.2  # s between two pictures of the bar


def duration(seconds: float) -> str:
    """``seconds`` as a reader would say it.

    Parameters
    ----------
    seconds : float

    Returns
    -------
    str

    Examples
    --------
    >>> from cedrag.sweeps.progress import duration
    >>> duration(0.4), duration(75.0), duration(7300.0)
    ('0.4 s', '1 min 15 s', '2 h 1 min')
    """
    if seconds < 10.0:
        return f"{seconds:.1f} s"
    minutes, rest = divmod(round(seconds), 60)
    if minutes == 0:
        return f"{rest} s"
    hours, left = divmod(minutes, 60)
    return f"{minutes} min {rest} s" if hours == 0 else f"{hours} h {left} min"


class Progress:
    """A bar on stderr with the time left.

    Parameters
    ----------
    total : int
        Points altogether.
    before : int
        Points that were there already.
    shown : bool, optional
        By default where stderr is a terminal.

    Examples
    --------
    >>> from cedrag.sweeps.progress import Progress
    >>> bar = Progress(10, before=5, shown=False)
    >>> bar.add(3)
    >>> bar.line(elapsed=6.0)
    '[########################------] 8 of 10 points, 4.0 s left'
    """

    def __init__(self, total: int, before: int = 0, shown: bool | None = None) -> None:
        self.total, self.before, self.done = total, before, before
        self.shown = sys.stderr is not None and sys.stderr.isatty() if shown is None else shown
        self._start = self._last = time.monotonic()

    def add(self, points: int) -> None:
        """So many more points are done."""
        self.done += points
        now = time.monotonic()
        if self.shown and (now - self._last > _BETWEEN or self.done == self.total):
            self._last = now
            self._print(self.line(now - self._start))

    def line(self, elapsed: float) -> str:
        """The bar ``elapsed`` seconds after the start."""
        full = round(_WIDTH * self.done / self.total)
        bar = "#" * full + "-" * (_WIDTH - full)
        here = self.done - self.before
        if self.done == self.total:
            ahead = f"{duration(elapsed)} altogether"
        elif here:
            ahead = f"{duration(elapsed / here * (self.total - self.done))} left"
        else:
            ahead = "..."
        return f"[{bar}] {self.done} of {self.total} points, {ahead}"

    def close(self) -> None:
        """Leave the line."""
        if self.shown and self.done > self.before:
            print(file=sys.stderr)

    def _print(self, line: str) -> None:
        print(f"\r{line}\x1b[K", end="", file=sys.stderr, flush=True)
