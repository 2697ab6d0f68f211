"""Boundary checks: each raises an exception that names the argument, the rule and the value."""

import numbers

import numpy as np
from numpy.typing import ArrayLike, NDArray

#: What a function of numbers returns: a float for a number, an array for an array.
Floats = float | NDArray[np.float64]

__all__ = [
    "Floats",
    "real_scalar",
    "positive_scalar",
    "nonnegative_scalar",
    "real_array",
    "positive_integer",
]


def real_scalar(name: str, value: object) -> float:
    """Return ``value`` as float; TypeError if it is not a real number, ValueError if not finite."""
    if isinstance(value, np.ndarray) and value.ndim == 0:
        value = value[()]
    if isinstance(value, (bool, np.bool_)) or not isinstance(value, numbers.Real):
        raise TypeError(f"{name} must be a real number (got {value!r})")
    value = float(value)
    if not np.isfinite(value):
        raise ValueError(f"{name} must be finite (got {value})")
    return value


def positive_scalar(name: str, value: object) -> float:
    """Return ``value`` as float; ValueError unless it is finite and > 0."""
    value = real_scalar(name, value)
    if value <= 0.0:
        raise ValueError(f"{name} must be positive (got {value})")
    return value


def nonnegative_scalar(name: str, value: object) -> float:
    """Return ``value`` as float; ValueError unless it is finite and >= 0."""
    value = real_scalar(name, value)
    if value < 0.0:
        raise ValueError(f"{name} must not be negative (got {value})")
    return value


def positive_integer(name: str, value: object) -> int:
    """Return ``value`` as int; TypeError if it is not integral, ValueError unless >= 1."""
    if isinstance(value, (bool, np.bool_)) or not isinstance(value, numbers.Integral):
        raise TypeError(f"{name} must be an integer (got {value!r})")
    if value < 1:
        raise ValueError(f"{name} must be at least 1 (got {value})")
    return int(value)


def real_array(name: str, value: ArrayLike) -> NDArray[np.float64]:
    """Return ``value`` as float64 array; TypeError if not real, ValueError if not finite."""
    try:
        array = np.asarray(value)
    except ValueError as error:
        raise ValueError(
            f"{name} must be a rectangular array of real numbers (got {value!r})"
        ) from error
    if array.dtype.kind not in "iuf":
        raise TypeError(f"{name} must be real (got dtype {array.dtype})")
    array = array.astype(np.float64)
    if not np.all(np.isfinite(array)):
        bad = array[~np.isfinite(array)].ravel()[0]
        raise ValueError(f"{name} must be finite (got {bad})")
    return array
