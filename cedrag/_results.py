"""What results have in common: equality and hash by value, read-only arrays, JSON and back."""

import dataclasses
import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any, ClassVar, Self, cast

import numpy as np

from ._checks import shown
from ._version import VERSION

__all__ = ["Record", "Provenance", "Result", "provenance_of"]

FORMAT = 1  # of the dictionaries; another meaning of what is in them is another number


class Record:
    """Base of frozen dataclasses: comparable, hashable, and a plain dictionary if need be.

    Arrays are copied and made read-only, dictionaries likewise.  Two records are equal if they are
    of one class and all compared fields have equal values; nan equals nan, so that what was
    written and read again is equal.

    Subclasses say ``@dataclass(frozen=True, eq=False)``.
    """

    _kinds: ClassVar[dict[str, type["Record"]]] = {}

    def __init_subclass__(cls, **options: Any) -> None:
        super().__init_subclass__(**options)
        if not cls.__name__.startswith("_"):
            Record._kinds[cls.__name__] = cls

    def __post_init__(self) -> None:
        for name, value in self.__dict__.items():
            if isinstance(value, np.ndarray):
                self.__dict__[name] = _read_only(value)
            elif isinstance(value, dict):
                self.__dict__[name] = MappingProxyType(dict(value))

    def _compared(self) -> tuple[Any, ...]:
        return tuple(_key(getattr(self, part.name)) for part in _parts(type(self)) if part.compare)

    def __eq__(self, other: object) -> bool:
        if type(other) is not type(self):
            return NotImplemented
        return self._compared() == other._compared()

    def __hash__(self) -> int:
        return hash((type(self), self._compared()))

    def __reduce__(self) -> tuple[Any, ...]:
        """For pickle and copy, which know neither mapping proxies nor read-only arrays."""
        return _rebuilt, (type(self), {k: _portable(v) for k, v in _values_of(self).items()})

    def to_dict(self) -> dict[str, Any]:
        """Everything in this record as strings, numbers, lists and dictionaries.

        ``json.dumps`` takes it; infinities and nan are kept as ``{"number": "inf"}``, without which
        JSON has no name for them.

        Returns
        -------
        dict
            "class", "format" (a number for the meaning of the rest), "version" of the package, and
            "values" of the fields.
        """
        return {
            "class": type(self).__name__,
            "format": FORMAT,
            "version": VERSION,
            "values": {name: _plain(value) for name, value in _values_of(self).items()},
        }

    @classmethod
    def from_dict(cls, stored: Mapping[str, Any]) -> Self:
        """Read what :meth:`to_dict` wrote.

        Parameters
        ----------
        stored : dict
            As from ``json.loads``.

        Returns
        -------
        Record
            Of the class that is named in ``stored``, which must be this class or one below it.

        Raises
        ------
        TypeError, ValueError
            If it is not such a dictionary, or of another class or an unknown format, or if its
            fields are not those of the class.
        """
        if not isinstance(stored, Mapping):
            raise TypeError(f"stored must be a dictionary made by to_dict (got {shown(stored)})")
        missing = [part for part in ("class", "format", "values") if part not in stored]
        if missing:
            raise ValueError(f"stored must have the key {missing[0]!r} (got {shown(stored)})")
        if stored["format"] != FORMAT or isinstance(stored["format"], bool):
            raise ValueError(
                f"stored must have format {FORMAT}, which cedrag {VERSION} reads "
                f"(got format {shown(stored['format'])} of version {shown(stored.get('version'))})"
            )
        kind = Record._kinds.get(stored["class"]) if isinstance(stored["class"], str) else None
        if kind is None or not issubclass(kind, cls):
            raise ValueError(f"stored must be a {cls.__name__} (got {shown(stored['class'])})")
        if not isinstance(stored["values"], Mapping):
            raise TypeError(
                f"values in stored must be a dictionary (got {shown(stored['values'])})"
            )
        names = {part.name for part in dataclasses.fields(kind) if part.init}  # type: ignore[arg-type]
        needed = {
            part.name
            for part in dataclasses.fields(kind)  # type: ignore[arg-type]
            if part.init
            and part.default is dataclasses.MISSING
            and part.default_factory is dataclasses.MISSING
        }
        given = set(stored["values"])
        if not needed <= given <= names:
            raise ValueError(
                f"values in stored must be the fields of {kind.__name__}: "
                f"missing {sorted(needed - given)}, unknown {sorted(given - names)} "
                f"(got {sorted(given)})"
            )
        values = {name: _restored(value) for name, value in stored["values"].items()}
        return kind(**values)


def _parts(kind: type[Record]) -> tuple[dataclasses.Field[Any], ...]:
    return dataclasses.fields(cast(Any, kind))  # each subclass is a dataclass


def _values_of(record: Record) -> dict[str, Any]:
    return {part.name: getattr(record, part.name) for part in _parts(type(record))}


def _read_only(array: np.ndarray) -> np.ndarray:
    """``array`` itself if nobody can write to it, else a copy of that kind."""
    if array.flags.writeable or array.base is not None:
        array = array.copy()
        array.flags.writeable = False
    return array


def _rebuilt(kind: type[Record], values: dict[str, Any]) -> Record:
    return kind(**values)


def _portable(value: Any) -> Any:
    return dict(value) if isinstance(value, Mapping) else value


def _key(value: Any) -> Any:
    """Something hashable that is equal for equal values, nan included."""
    if isinstance(value, np.ndarray):
        return "array", value.shape, tuple(map(_key, value.ravel().tolist()))
    if isinstance(value, float) and value != value:
        return "nan"
    if isinstance(value, (tuple, list)):
        return tuple(map(_key, value))
    if isinstance(value, Mapping):
        return frozenset((name, _key(part)) for name, part in value.items())
    return value


def _plain(value: Any) -> Any:
    """``value`` in what JSON knows; :func:`_restored` is the inverse."""
    if isinstance(value, np.generic):
        value = value.item()
    if value is None or isinstance(value, (bool, int, str)):
        return value
    if isinstance(value, float):
        return value if math.isfinite(value) else {"number": repr(value)}
    if isinstance(value, complex):
        return {"complex": [_plain(value.real), _plain(value.imag)]}
    if isinstance(value, np.ndarray):
        numbers = [_plain(x) for x in value.ravel().tolist()]
        return {"array": numbers, "shape": list(value.shape), "dtype": value.dtype.name}
    if isinstance(value, (tuple, list)):
        return [_plain(part) for part in value]
    if isinstance(value, Mapping):
        return {"dict": [[name, _plain(part)] for name, part in value.items()]}
    if isinstance(value, Record):
        return value.to_dict()
    raise TypeError(f"a field of a result must be numbers, text or records (got {shown(value)})")


def _restored(value: Any) -> Any:
    if isinstance(value, list):
        return tuple(map(_restored, value))
    if not isinstance(value, Mapping):
        return value
    try:
        if "number" in value:
            return float(value["number"])
        if "complex" in value:
            return complex(*map(_restored, value["complex"]))
        if "array" in value:
            numbers = [_restored(x) for x in value["array"]]
            return np.array(numbers, dtype=value["dtype"]).reshape(value["shape"])
        if "dict" in value:
            return {name: _restored(part) for name, part in value["dict"]}
    except (KeyError, TypeError, ValueError) as error:
        raise ValueError(
            f"stored must hold values as to_dict writes them (got {shown(value)})"
        ) from error
    return Record.from_dict(value)


@dataclass(frozen=True, eq=False)
class Provenance(Record):
    """Where a result comes from: the theory and all that it was given.

    Attributes
    ----------
    level : str
        The theory, such as "GinzburgLandau".
    bilayer : Record
        The parameters of the model.
    t : float
        Temperature in E_u.
    options : dict
        What else the theory was given, such as rtol, spin or binding_energy; None is its default.
    version : str
        Of the package that computed.
    """

    level: str
    bilayer: Record
    t: float
    options: Mapping[str, Any]
    version: str = VERSION


@dataclass(frozen=True, eq=False)
class Result(Record):
    """A :class:`Record` that knows where it comes from, which does not count for equality.

    Attributes
    ----------
    provenance : Provenance or None
        The theory that made it; None for a result that was put together by hand.
    """

    provenance: Provenance | None = field(default=None, compare=False, repr=False, kw_only=True)


def provenance_of(theory: Any) -> Provenance:
    """Where the results of ``theory`` come from.

    A theory may say ``options``, a dictionary of what it was given beside bilayer and t; without
    it, its rtol is taken.
    """
    options = getattr(theory, "options", None)
    if options is None:
        options = {"rtol": getattr(theory, "rtol", None)}
    level = getattr(theory, "level", type(theory).__name__)
    return Provenance(level, theory.bilayer, theory.t, options)
