"""alpha and beta along the mirror axis q_y = 0 as Chebyshev series, from which all roots come."""

from collections.abc import Callable
from functools import lru_cache
from typing import Any

import numpy as np
from numpy.polynomial import chebyshev
from numpy.typing import NDArray

from ..errors import ConvergenceError
from ..kernels.axis_states import SLOPE, functions, rising_roots, sample
from ..kernels.columns import ALONG, ALPHA
from .plane import chebyshev_nodes

__all__ = ["AxisSeries"]

_FIRST, _MOST = 24, 768
_LOOSEST = 1e-4  # a series that ends there still shows where to look closer


@lru_cache(maxsize=32)
def _nodes_and_transforms(
    n: int,
) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.float64]]:
    """Chebyshev nodes in (-1, 1), and the matrices from values there to the coefficients of the
    function and of its derivative."""
    x, transform = chebyshev_nodes(n)
    slope = np.zeros((n, n))
    slope[:-1] = chebyshev.chebder(transform, axis=0)
    return x, transform, slope


def _needed(before: tuple[int, float], now: tuple[int, float], tolerance: float) -> float:
    """Nodes for ``tolerance`` if the tail goes on as between two series, each (nodes, tail)."""
    (n_before, tail_before), (n, tail) = before, now
    if n_before == 0:  # the first series says nothing about that
        return n
    rate = float(np.log(tail / tail_before)) / (n - n_before)
    return n + float(np.log(tolerance / tail)) / rate if rate < 0.0 else np.inf


class AxisSeries:
    """Chebyshev series of alpha, beta and their derivatives on [lo, hi].

    Parameters
    ----------
    values : callable
        ``values(q)`` for q of shape (n, 2) returns the six integrals (n, 6).
    lo, hi : float
        Interval of q_x in 1/l_u.
    tolerance : float
        Largest of the last coefficients over the largest of all, for each function.  A series that
        would miss it with 768 nodes but reaches 1e-4 is ``loose``: good to find roots, not for
        values.
    first : int
        Nodes to begin with.

    Raises
    ------
    ConvergenceError
        If 768 nodes do not reach 1e-4.

    Examples
    --------
    >>> from cedrag import NATURAL
    >>> from cedrag.pairing.axis import AxisSeries
    >>> from cedrag.pairing.integrals import PairIntegrals
    >>> series = AxisSeries(PairIntegrals(NATURAL, 0.9, 1e-8).values, -0.2, 0.6, 1e-8)
    >>> series.coefficients.shape[1] < 40  # nodes for eight digits
    True
    """

    def __init__(
        self,
        values: Callable[[NDArray[np.float64]], NDArray[np.float64]],
        lo: float,
        hi: float,
        tolerance: float,
        first: int = _FIRST,
    ) -> None:
        self.lo, self.hi = lo, hi
        n, earlier = first, (0, 1.0)
        while True:
            x, transform, slope = _nodes_and_transforms(n)
            q = np.zeros((n, 2))
            q[:, 0] = 0.5 * (lo + hi) + 0.5 * (hi - lo) * x
            table = values(q)[:, ALONG]
            coefficients = (transform @ table).T
            size = np.abs(coefficients)
            tail = size[:, -3:].max(axis=1) / size.max(axis=1)
            if tail.max() <= tolerance:
                break
            if tail.max() <= _LOOSEST and _needed(earlier, (n, tail.max()), tolerance) > _MOST:
                break  # a cone in the bands: alpha(q) is not analytic
            if n >= _MOST:
                raise ConvergenceError(
                    f"Chebyshev series on [{lo:.6g}, {hi:.6g}]: its last coefficients are "
                    f"{tail.max():.2e} of the largest with {n} nodes, but {tolerance:.2e} was "
                    "asked for"
                )
            # the tail falls geometrically: jump to where it will be low enough
            rate = np.log(min(tail.max(), 0.5)) / n
            earlier = n, float(tail.max())
            n = int(np.clip(np.log(0.3 * tolerance) / rate, 1.25 * n, 3.0 * n))
        self.tail = float(tail.max())
        self.loose = self.tail > tolerance
        self.coefficients = np.empty((6, n))
        self.coefficients[:4] = coefficients
        self.coefficients[4:] = (slope @ table[:, 2:]).T * (2.0 / (hi - lo))

    @property
    def arguments(self) -> tuple[NDArray[np.float64], float, float]:
        """(series, lo, hi) as the functions of ``cedrag.kernels.axis_states`` take them."""
        return self.coefficients, self.lo, self.hi

    def coordinate(self, q: Any) -> Any:
        """q on the interval's own scale from -1 to 1."""
        return (2.0 * q - self.lo - self.hi) / (self.hi - self.lo)

    def samples(self) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Equally spaced momenta, four for each coefficient, and all functions there."""
        return sample(*self.arguments, 4 * self.coefficients.shape[1] + 1)

    def negative_alpha(self) -> tuple[float, float]:
        """Where alpha < 0: (first, last) momentum; beyond [lo, hi] if it is so at an end.

        (inf, -inf) if alpha > 0 everywhere.
        """
        q, table = self.samples()
        alpha, step = table[ALPHA], q[1] - q[0]
        first, last = np.inf, -np.inf
        inside = np.flatnonzero(alpha < 0.0)
        if inside.size:
            first, last = q[inside[0]] - step, q[inside[-1]] + step
        for x in rising_roots(*self.arguments, q, table, SLOPE):  # a well between two samples
            a = functions(*self.arguments, x)[ALPHA]
            bend = (
                functions(*self.arguments, x + 1e-3 * step)[SLOPE]
                - functions(*self.arguments, x - 1e-3 * step)[SLOPE]
            ) / (2e-3 * step)
            if a < 0.0 < bend:
                half = min(1.2 * np.sqrt(-2.0 * a / bend), step)
                first, last = min(first, x - half), max(last, x + half)
        return first, last
