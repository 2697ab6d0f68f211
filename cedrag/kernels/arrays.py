"""Arrays of floats, made and filled: numba compiles numpy's functions anew for each way to call.

``target[:] = values`` brings more code than most kernels have: the text of the error for arrays of
different shapes is put together from strings.
"""

import numpy as np

from .cached import njit


@njit(cache=True)
def vector(n):
    """n numbers, not set."""
    return np.empty(n)


@njit(cache=True)
def matrix(n, m):
    """n x m numbers, not set."""
    return np.empty((n, m))


@njit(cache=True)
def filled(n, m, value):
    """n x m times the same number."""
    new = matrix(n, m)
    for i in range(n):
        for j in range(m):
            new[i, j] = value
    return new


@njit(cache=True)
def zeros(n):
    """n zeros."""
    new = vector(n)
    for i in range(n):
        new[i] = 0.0
    return new


@njit(cache=True)
def vector_of(values):
    """The numbers of a tuple."""
    new = vector(len(values))
    for i in range(len(values)):
        new[i] = values[i]
    return new


@njit(cache=True)
def put(values, target):
    """Write ``values`` into the first places of ``target``."""
    for i in range(len(values)):
        target[i] = values[i]


@njit(cache=True)
def add(scale, values, target):
    """Add ``scale`` times ``values`` to the first places of ``target``."""
    for i in range(len(values)):
        target[i] += scale * values[i]
