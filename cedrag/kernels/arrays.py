"""New arrays of floats: numba compiles numpy's own functions anew for each way to write a call."""

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
