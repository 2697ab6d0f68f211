"""What a sweep computes at one point, and at a block of points: numbers, status, reasons."""

import dataclasses
import hashlib
import inspect
import warnings
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from .. import errors
from .._checks import shown
from .._lazy import cached_property
from ..bilayer import Bilayer
from ..condensate.bkt import bkt_temperature
from ..condensate.mean_field import MeanField

__all__ = ["OBSERVABLES", "STATUS", "WARNINGS", "Block", "Blueprint", "compute"]

#: Meaning of the numbers in the status array.
STATUS = ("not computed", "computed", "failed", "worker died")
#: The warnings of the package, in the order of the bits of ``warned``.
WARNINGS = tuple(name for name in errors.__all__ if issubclass(getattr(errors, name), Warning))
PARAMETERS = tuple(field.name for field in dataclasses.fields(Bilayer))
FERMI_ENERGIES = ("fermi_energy_e", "fermi_energy_h")
REASON = 400  # characters of a reason that are kept


class _At:
    """A theory at one point; what several observables share is computed once."""

    def __init__(self, theory: Any, angle: float) -> None:
        self.theory, self._angle = theory, angle

    @cached_property
    def diode(self) -> Any:
        return self.theory.diode(self._angle)

    @cached_property
    def condensate(self) -> Any:
        return self.theory.condensate()

    def t_bkt(self) -> float:
        return bkt_temperature(self.theory.bilayer, theory=type(self.theory), **self.theory.options)


class Observable(NamedTuple):
    """A number with a name.

    Parameters
    ----------
    unit : str
        "1" for a pure number.
    meaning : str
    value : callable
        From a theory at one point to a float.

    Examples
    --------
    >>> from cedrag.sweeps.points import OBSERVABLES
    >>> OBSERVABLES["jc_plus"].unit
    'J_u'
    """

    unit: str
    meaning: str
    value: Callable[[_At], float]


#: What a sweep knows by name.
#:
#: :meta hide-value:
OBSERVABLES: dict[str, Observable] = {
    "efficiency": Observable("1", "diode efficiency eta", lambda at: at.diode.efficiency),
    "efficiency_branch": Observable(
        "1", "eta of the branch of q0", lambda at: at.diode.efficiency_branch
    ),
    "efficiency_global": Observable(
        "1", "eta from the extrema over all momenta", lambda at: at.diode.efficiency_global
    ),
    "jc_plus": Observable("J_u", "largest current", lambda at: at.diode.jc_plus),
    "jc_minus": Observable("J_u", "most negative current", lambda at: at.diode.jc_minus),
    "q0": Observable("1/l_u", "pair momentum q_x at rest", lambda at: at.condensate.q0[0]),
    "q0_y": Observable("1/l_u", "pair momentum q_y at rest", lambda at: at.condensate.q0[1]),
    "gap": Observable("E_u", "gap |Delta|", lambda at: at.condensate.gap),
    "free_energy": Observable("E_u/l_u^2", "F at q0", lambda at: at.condensate.free_energy),
    "stiffness_temperature": Observable(
        "E_u", "(pi/2) sqrt(det D) at t", lambda at: at.condensate.phase_stiffness_temperature
    ),
    "t_bkt": Observable("T_c", "temperature where vortices unbind", _At.t_bkt),
    "binding_energy": Observable("E_u", "E_b that gives T_c", lambda at: at.theory.binding_energy),
    "spin_gap_margin": Observable(
        "E_u", "distance to the upper branch", lambda at: at.theory.bilayer.spin_gap_margin()
    ),
}
_MEAN_FIELD_ONLY = {"t_bkt"}


@dataclass(frozen=True)
class Blueprint:
    """All that is computed at each point of a sweep; goes to the workers.

    Attributes
    ----------
    observable : tuple of str or callable
        Names from :data:`OBSERVABLES`, or a function of (bilayer, t).
    bilayer : Bilayer
    t : float
    theory : class
        Called as ``theory(bilayer, t, **options)``.
    options : dict
    dims : tuple of str
        What the axes change, in their order.
    keep : {"mu", "fermi_energy"}
        What stays where an axis changes J.

    Examples
    --------
    >>> import warnings
    >>> from cedrag import NATURAL, GinzburgLandau, ValidityWarning
    >>> from cedrag.sweeps.points import Blueprint
    >>> plan = Blueprint(("q0",), NATURAL, 0.9, GinzburgLandau, {}, ("t",), "mu")
    >>> with warnings.catch_warnings(action="ignore", category=ValidityWarning):
    ...     round(plan.at((0.8,))["q0"], 3)
    0.199
    """

    observable: tuple[str, ...] | Callable[..., Any]
    bilayer: Bilayer
    t: float
    theory: type
    options: Mapping[str, Any]
    dims: tuple[str, ...]
    keep: str

    def __post_init__(self) -> None:
        for name in self.dims:
            if name not in self.axes_known():
                raise ValueError(
                    f"axes must be among {', '.join(self.axes_known())} (got {shown(name)})"
                )
        if callable(self.observable):
            return
        for name in self.observable:
            if name not in OBSERVABLES:
                raise ValueError(
                    f"observable must be a function or among {', '.join(OBSERVABLES)} "
                    f"(got {shown(name)})"
                )
            if name in _MEAN_FIELD_ONLY and not issubclass(self.theory, MeanField):
                raise ValueError(f"base must be a MeanField for {name} (got {self.theory})")

    def axes_known(self) -> tuple[str, ...]:
        """What may stand on an axis."""
        known = (*PARAMETERS, *FERMI_ENERGIES, "t")
        if not callable(self.observable):
            return (*known, "angle", "binding_energy", "rtol")
        return known + tuple(
            name
            for name, part in inspect.signature(self.observable).parameters.items()
            if part.kind is part.KEYWORD_ONLY
        )

    def at(self, point: Sequence[float]) -> dict[str, float]:
        """The observables at one point, its coordinates in the order of ``dims``."""
        values = dict(zip(self.dims, point, strict=True))
        t = values.pop("t", self.t)
        bilayer = self._bilayer(values)
        rest = {name: value for name, value in values.items() if name in self.axes_known()}
        if callable(self.observable):
            found = self.observable(bilayer, t, **rest)
            if not isinstance(found, Mapping):
                found = {_name_of(self.observable): found}
            return {str(name): float(value) for name, value in found.items()}
        angle = rest.pop("angle", 0.0)
        here = _At(self.theory(bilayer, t, **{**self.options, **rest}), angle)
        return {name: float(OBSERVABLES[name].value(here)) for name in self.observable}

    def _bilayer(self, values: dict[str, float]) -> Bilayer:
        """The bilayer at one point; takes what belongs to it out of ``values``."""
        changes = {name: values.pop(name) for name in PARAMETERS if name in values}
        bilayer = self.bilayer.replace(**changes)
        J = abs(bilayer.zeeman_outofplane)
        moved = J - abs(self.bilayer.zeeman_outofplane) if self.keep == "fermi_energy" else 0.0
        potentials = {}
        for mu, energy in zip(("mu_e", "mu_h"), FERMI_ENERGIES, strict=True):
            if energy in values:
                potentials[mu] = values.pop(energy) - J
            elif mu not in changes and moved != 0.0:
                potentials[mu] = getattr(bilayer, mu) - moved
        return bilayer.replace(**potentials) if potentials else bilayer

    def identity(self) -> dict[str, Any]:
        """What makes the numbers what they are, in what JSON knows."""
        observable: Any = (
            _function_identity(self.observable)
            if callable(self.observable)
            else list(self.observable)
        )
        options = {name: value for name, value in self.options.items() if value is not None}
        return {
            "observable": observable,
            "bilayer": {name: getattr(self.bilayer, name) for name in PARAMETERS},
            "t": self.t,
            "theory": self.theory.__name__,
            "options": dict(sorted(options.items())),
            "axes": list(self.dims),
            "keep": self.keep,
        }


def _name_of(function: Callable[..., Any]) -> str:
    name = getattr(function, "__name__", "value")
    return name if name.isidentifier() else "value"  # a lambda has none


def _function_identity(function: Callable[..., Any]) -> str:
    """Its name and a digest of its text: another function is another sweep."""
    try:
        text = inspect.getsource(function)
    except (OSError, TypeError):
        code = getattr(function, "__code__", None)
        text = repr(function) if code is None else repr((code.co_code, code.co_consts))
    return f"{_name_of(function)} {hashlib.sha256(text.encode()).hexdigest()[:16]}"


class Block(NamedTuple):
    """The results at a block of points, all of one shape.

    Parameters
    ----------
    values : dict of ndarray
    status : ndarray of int8
        See :data:`STATUS`.
    warned : ndarray of int32
        One bit for each of :data:`WARNINGS`.
    reason : ndarray of object
        Why a point failed; empty if it did not.

    Examples
    --------
    >>> from cedrag.sweeps.points import Block
    >>> Block.lost(("efficiency",), (2,), "killed").status.tolist()
    [3, 3]
    """

    values: dict[str, NDArray[np.float64]]
    status: NDArray[np.int8]
    warned: NDArray[np.int32]
    reason: NDArray[Any]

    @classmethod
    def lost(cls, names: Sequence[str], shape: tuple[int, ...], reason: str) -> "Block":
        """A block whose worker died."""
        block = _empty(names, shape)
        block.status[...] = STATUS.index("worker died")
        block.reason[...] = reason[:REASON]
        return block


def _empty(names: Sequence[str], shape: tuple[int, ...]) -> Block:
    return Block(
        {name: np.full(shape, np.nan) for name in names},
        np.zeros(shape, np.int8), np.zeros(shape, np.int32), np.full(shape, "", dtype=object),
    )  # fmt: skip


def compute(blueprint: Blueprint, names: Sequence[str], axes: Sequence[NDArray[Any]]) -> Block:
    """Compute a block; each point on its own, so that no number depends on its neighbours.

    Parameters
    ----------
    blueprint : Blueprint
    names : sequence of str
        What each point must give.
    axes : sequence of ndarray
        Coordinates along each dimension of the block.

    Returns
    -------
    Block

    Examples
    --------
    >>> import numpy as np
    >>> from cedrag import NATURAL, GinzburgLandau
    >>> from cedrag.sweeps.points import Blueprint, compute
    >>> plan = Blueprint(("q0",), NATURAL, 0.9, GinzburgLandau, {}, ("t",), "mu")
    >>> block = compute(plan, ("q0",), (np.array([0.9, 1.1]),))
    >>> block.status.tolist(), block.reason[1][:28]
    ([1, 2], 'NoCondensateError: t must be')
    """
    block = _empty(names, tuple(len(axis) for axis in axes))
    for index in np.ndindex(block.status.shape):
        point = [float(axis[i]) for axis, i in zip(axes, index, strict=True)]
        with warnings.catch_warnings(record=True) as caught:
            warnings.simplefilter("always")
            try:
                found = blueprint.at(point)
                if found.keys() != set(names):
                    raise ValueError(
                        f"observable must give {sorted(names)} at every point (got {sorted(found)})"
                    )
            except Exception as error:  # whatever it is, the other points do not depend on it
                text = " ".join(str(error).split())
                block.reason[index] = f"{type(error).__name__}: {text}"[:REASON]
                block.status[index] = STATUS.index("failed")
                continue
        for name in names:
            block.values[name][index] = found[name]
        block.status[index] = STATUS.index("computed")
        block.warned[index] = _bits(caught)
    return block


def _bits(caught: Sequence[warnings.WarningMessage]) -> int:
    """One bit for each kind of warning of the package among ``caught``."""
    kinds = {warning.category.__name__ for warning in caught}
    return sum(1 << bit for bit, name in enumerate(WARNINGS) if name in kinds)
