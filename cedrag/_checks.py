"""Boundary checks: each raises an exception that names the argument, the rule and the value.

A value may carry a unit (pint, unyt, astropy).  Where the argument has an SI unit it is converted
by its own ``to``; where the argument is a plain number in the model's units it is refused.
"""

import math
import numbers
from collections.abc import Collection
from typing import Any, TypeVar

import numpy as np
from numpy.typing import ArrayLike, NDArray

#: What a function of numbers returns: a float for a number, an array for an array.
Floats = float | NDArray[np.float64]
_Object = TypeVar("_Object")

__all__ = [
    "Floats",
    "shown",
    "real_scalar",
    "positive_scalar",
    "nonnegative_scalar",
    "positive_integer",
    "real_array",
    "positive_array",
    "chosen",
    "instance",
    "provides",
]

_LONGEST = 200  # characters of a value in a message


def shown(value: object) -> str:
    """``repr(value)`` for a message: on one line, cut short if it is long, whatever it is."""
    try:
        text = " ".join(repr(value).split())
    except Exception:  # integers of 5000 digits, objects that cannot print themselves
        return f"an object of type {type(value).__name__}"
    return text if len(text) <= _LONGEST else f"{text[:_LONGEST]}..."


def _unit_of(value: object) -> object:
    """The unit that ``value`` carries, or None."""
    if not hasattr(value, "to"):
        return None
    unit = getattr(value, "units", None)
    return getattr(value, "unit", None) if unit is None else unit


def _plain_number(name: str, value: Any, unit: str | None, bare: str | None) -> Any:
    """The magnitude of a quantity in ``unit``; refused if the argument takes plain numbers."""
    if unit is None:
        inside = f" in {bare}" if bare else ""
        raise TypeError(
            f"{name} must be a plain number{inside}, without a unit (got {shown(value)})"
        )
    try:
        converted = value.to(unit or ("dimensionless" if hasattr(value, "units") else ""))
    except Exception as error:  # each library has its own for a wrong dimension
        wanted = unit or "a plain number"
        raise ValueError(f"{name} must be convertible to {wanted} (got {shown(value)})") from error
    return converted.magnitude if hasattr(converted, "magnitude") else converted.value


def _stripped(name: str, value: Any, unit: str | None, bare: str | None) -> Any:
    """``value`` without unit and without mask, in ``unit``; also inside lists and tuples."""
    if isinstance(value, (list, tuple)):
        return [_stripped(name, item, unit, bare) for item in value]
    if isinstance(value, numbers.Real):
        return value
    if _unit_of(value) is not None:
        value = _plain_number(name, value, unit, bare)
    if isinstance(value, np.ma.MaskedArray):
        if np.ma.getmaskarray(value).any():
            raise ValueError(f"{name} must not have masked elements (got {shown(value)})")
        value = value.data
    return value


def real_scalar(
    name: str,
    value: object,
    *,
    unit: str | None = None,
    bare: str | None = None,
    finite: bool = True,
) -> float:
    """Return ``value`` as float; TypeError if it is not a real number, ValueError if not finite.

    With ``finite=False`` infinities pass, nan never does.

    A quantity is converted to ``unit`` ("" for a ratio); ``bare`` names the model's unit.
    """
    if type(value) is not float:
        given = value
        value = _stripped(name, value, unit, bare)
        if isinstance(value, np.ndarray) and value.ndim == 0:
            value = value[()]
        if isinstance(value, (bool, np.bool_)) or not isinstance(value, numbers.Real):
            raise TypeError(f"{name} must be a real number (got {shown(given)})")
        try:
            value = float(value)
        except OverflowError:
            raise ValueError(f"{name} must be finite, below 1.8e308 (got {shown(given)})") from None
    if not math.isfinite(value) and (finite or value != value):
        raise ValueError(f"{name} must be {'finite' if finite else 'a number'} (got {value})")
    return value


def positive_scalar(
    name: str, value: object, *, unit: str | None = None, bare: str | None = None
) -> float:
    """Return ``value`` as float; ValueError unless it is finite and > 0."""
    value = real_scalar(name, value, unit=unit, bare=bare)
    if value <= 0.0:
        raise ValueError(f"{name} must be positive (got {value})")
    return value


def nonnegative_scalar(
    name: str, value: object, *, unit: str | None = None, bare: str | None = None
) -> float:
    """Return ``value`` as float; ValueError unless it is finite and >= 0."""
    value = real_scalar(name, value, unit=unit, bare=bare)
    if value < 0.0:
        raise ValueError(f"{name} must not be negative (got {value})")
    return value


def positive_integer(name: str, value: object, *, largest: int = 10**9) -> int:
    """Return ``value`` as int; TypeError if it is not integral, ValueError unless >= 1."""
    if isinstance(value, (bool, np.bool_)) or not isinstance(value, numbers.Integral):
        raise TypeError(f"{name} must be an integer (got {shown(value)})")
    if int(value) < 1:
        raise ValueError(f"{name} must be at least 1 (got {shown(value)})")
    if int(value) > largest:
        raise ValueError(f"{name} must be at most {largest} (got {shown(value)})")
    return int(value)


def real_array(
    name: str, value: ArrayLike, *, unit: str | None = None, bare: str | None = None
) -> NDArray[np.float64]:
    """Return ``value`` as float64 array; TypeError if not real, ValueError if not finite.

    A quantity is converted to ``unit`` ("" for a ratio); ``bare`` names the model's unit.
    """
    try:
        array = np.asarray(_stripped(name, value, unit, bare))
    except ValueError as error:
        if str(error).startswith(f"{name} must"):
            raise
        raise ValueError(
            f"{name} must be a rectangular array of real numbers (got {shown(value)})"
        ) from error
    if array.dtype == object and all(
        isinstance(x, numbers.Real) and not isinstance(x, (bool, np.bool_)) for x in array.flat
    ):
        try:
            array = array.astype(np.float64)  # fractions, and integers beyond 64 bits
        except OverflowError:
            raise ValueError(f"{name} must be finite, below 1.8e308 (got {shown(value)})") from None
    if array.dtype.kind not in "iuf":
        raise TypeError(f"{name} must be real (got dtype {array.dtype}: {shown(value)})")
    with np.errstate(over="ignore"):  # of longer floats: refused in the next line
        array = array.astype(np.float64)
    if not np.all(np.isfinite(array)):
        bad = array[~np.isfinite(array)].ravel()[0]
        raise ValueError(f"{name} must be finite (got {bad})")
    return array


def positive_array(
    name: str, value: ArrayLike, *, unit: str | None = None, bare: str | None = None
) -> NDArray[np.float64]:
    """Return ``value`` as float64 array; ValueError unless all of it is finite and > 0."""
    array = real_array(name, value, unit=unit, bare=bare)
    if np.any(array <= 0.0):
        raise ValueError(f"{name} must be positive (got {array[array <= 0.0].ravel()[0]})")
    return array


def chosen(name: str, value: object, choices: Collection[str]) -> str:
    """Return ``value`` if it is one of ``choices``, else raise ValueError; it may be anything."""
    if not isinstance(value, str) or value not in choices:
        listed = ", ".join(map(repr, choices))
        raise ValueError(f"{name} must be one of {listed} (got {shown(value)})")
    return value


def instance(name: str, value: object, kind: type[_Object]) -> _Object:
    """Return ``value`` if it is a ``kind``, else raise TypeError."""
    if not isinstance(value, kind):
        article = "an" if kind.__name__[0] in "AEIOU" else "a"
        raise TypeError(f"{name} must be {article} {kind.__name__} (got {shown(value)})")
    return value


def provides(name: str, value: Any, *attributes: str) -> Any:
    """Return ``value`` if its class has all ``attributes``, else raise TypeError.

    For arguments that stand for an interface, such as a theory: its class decides, so that no
    property is computed by asking.
    """
    missing = [part for part in attributes if not hasattr(type(value), part)]
    if missing or isinstance(value, type):
        raise TypeError(
            f"{name} must be an object with {', '.join(missing or attributes)} (got {shown(value)})"
        )
    return value
