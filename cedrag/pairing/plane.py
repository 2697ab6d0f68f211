"""Maps over many pair momenta by interpolation, where that is spectrally accurate."""

import math
from functools import lru_cache
from typing import Any

import numpy as np
from numpy.polynomial import chebyshev
from numpy.typing import NDArray

from ..errors import ConvergenceError
from ..kernels.columns import MIRROR_SIGN

__all__ = ["MANY", "map_integrals"]

MANY = 1000  # momenta from which interpolation is tried
_BLOCK = 4096  # momenta per block, so that a map of any size takes little memory
_SPREAD = 3.0  # an interpolant repeats errors at its nodes by this factor at most (n < 100)


@lru_cache(maxsize=32)
def chebyshev_nodes(n: int) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Chebyshev nodes in (-1, 1), and the matrix from values there to coefficients."""
    x = chebyshev.chebpts1(n)
    transform: NDArray[Any] = 2.0 / n * chebyshev.chebvander(x, n - 1).T
    transform[0] *= 0.5
    return x, transform


def _count(width: float, strip: float, accuracy: float) -> int:
    """Nodes for an interval of ``width`` when the nearest poles lie ``strip`` aside."""
    if width == 0.0:
        return 1
    return max(8, math.ceil((math.log(1.0 / accuracy) + 8.0) / math.asinh(2.0 * strip / width)))


def map_integrals(
    integrals: Any, q: NDArray[np.float64], speed: float
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Values and errors, each (n, 6), at many momenta from a tensor product of Chebyshev series.

    Parameters
    ----------
    integrals : PairIntegrals
    q : ndarray, shape (n, 2)
        Momenta in 1/l_u.
    speed : float
        The faster Fermi velocity v: the integrals have poles 2 pi T/v beside real momenta.

    Returns
    -------
    values, errors : ndarray
        The error adds those of the integrals at the nodes to the last coefficients of the series.

    Raises
    ------
    ConvergenceError
        If a series does not reach the accuracy asked for, or needs more nodes than momenta.

    Examples
    --------
    >>> import numpy as np
    >>> from cedrag import NATURAL
    >>> from cedrag.pairing.integrals import PairIntegrals
    >>> from cedrag.pairing.plane import map_integrals
    >>> q = np.random.default_rng(0).uniform(-0.2, 0.6, (2000, 2))
    >>> values, errors = map_integrals(PairIntegrals(NATURAL, 0.9, 1e-8), q, 4.8)
    >>> values.shape, bool(errors.max() < 1e-8)
    ((2000, 6), True)
    """
    low, high = q.min(axis=0), q.max(axis=0)
    folded = low[1] < 0.0 < high[1]  # alpha and beta are even in q_y: half of the nodes
    if folded:
        high[1] = max(high[1], -low[1])
        low[1] = -high[1]
    strip = 2.0 * math.pi * integrals.temperature / speed
    shape = [_count(w, strip, 0.1 * integrals.rtol) for w in high - low]
    shape[1] += shape[1] % 2 if folded else 0
    if shape[0] * shape[1] > len(q) // 2:
        raise ConvergenceError(f"a map of {len(q)} momenta needs {shape} nodes")
    (x, to_x), (y, to_y) = map(chebyshev_nodes, shape)
    half, middle = 0.5 * (high - low), 0.5 * (high + low)
    rows = y[y > 0.0] if folded else y
    grid = np.stack(
        np.meshgrid(middle[0] + half[0] * x, middle[1] + half[1] * rows, indexing="ij"), axis=-1
    )
    table, error, scale = (
        a.reshape(shape[0], -1, 6) for a in integrals.evaluate(grid.reshape(-1, 2))
    )
    if folded:
        other = table * MIRROR_SIGN
        # chebpts1 ascends: negative ordinates first
        table = np.concatenate([other[:, ::-1], table], axis=1)
    coefficients = np.einsum("ax,xyc,by->abc", to_x, table, to_y, optimize=True)
    tail = np.zeros(6)
    for axis in (0, 1):
        if shape[axis] > 1:
            last = np.take(coefficients, [-2, -1], axis=axis)
            tail += np.abs(last).sum(axis=1 - axis).max(axis=0)
    if np.any(tail > 0.5 * integrals.rtol * scale.max(axis=(0, 1))):
        raise ConvergenceError(f"the series of a map end at {tail} with {shape} nodes")
    errors = np.broadcast_to(_SPREAD * error.max(axis=(0, 1)) + tail, (len(q), 6)).copy()
    values = np.empty((len(q), 6))
    flat = coefficients.reshape(shape[0], -1)
    for first in range(0, len(q), _BLOCK):
        z = (q[first : first + _BLOCK] - middle) / np.where(half > 0.0, half, 1.0)
        along = chebyshev.chebvander(z[:, 0], shape[0] - 1) @ flat
        across = chebyshev.chebvander(z[:, 1], shape[1] - 1)
        values[first : first + _BLOCK] = np.einsum(
            "nbc,nb->nc", along.reshape(len(z), shape[1], 6), across
        )
    return values, errors
