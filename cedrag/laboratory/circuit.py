r"""Both layers as two-fluid conductors in a circuit: the drag ratio for any load.

Driven layer 1 and passive layer 2, electric currents and voltage drops along the same direction.
Pairs carry +I_s in layer 1 and -I_s in layer 2. Normal fluids carry the rest:

.. math::

    V_1 &= R_1 (I - I_s) + R_D (I_2 + I_s), \\
    V_2 &= R_D (I - I_s) + R_2 (I_2 + I_s) = -R_L I_2, \\
    V_1 - V_2 &= V_s(I_s) .

A pair feels the difference of the two voltages. The matrix of R is symmetric (Onsager) and
positive. All but the last line is linear in I and I_s, so the two fluids are one battery with an
inner resistance, V_s = a I - r I_s. The law of the superflow meets this line in one point.

zeta = I_2/I is -1 where nothing is lost: V_s = 0 and R_L = 0, so that V_1 = V_2 = 0 and no normal
current flows. A load leaves V_1 = V_2 = V. With R_p the resistance of the normal fluids in
parallel, R_p = (R_1 R_2 - R_D^2)/(R_1 + R_2 - 2 R_D), it follows that zeta = -1/(1 + R_L/R_p).
"""

import math
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import constants

from .._checks import (
    Floats,
    chosen,
    instance,
    nonnegative_scalar,
    positive_scalar,
    provides,
    real_array,
    real_scalar,
)
from .._results import Record

__all__ = [
    "ABOVE",
    "Circuit",
    "NoDissipation",
    "NormalFluids",
    "Operation",
    "Resistances",
    "VoltageLaw",
]

#: What the pairs do above I_c: they are gone, or they go on carrying I_c.
ABOVE = ("collapse", "saturation")
_BISECTIONS = 60  # of an interval: down to rounding


class VoltageLaw(Protocol):
    """Voltage of the superflow, V, as a rising function of the pair current, A.

    Examples
    --------
    Whatever has these three members serves as one:

    >>> from cedrag.laboratory.circuit import NoDissipation
    >>> law = NoDissipation(current_plus=2e-6, current_minus=-1e-6)
    >>> law.current_plus, law.current_minus, float(law.voltage(1e-6))
    (2e-06, -1e-06, 0.0)
    """

    @property
    def current_plus(self) -> float:
        """I_c+ >= 0, A."""

    @property
    def current_minus(self) -> float:
        """I_c- <= 0, A."""

    def voltage(self, current: ArrayLike) -> Floats:
        """V_s between the critical currents, in V."""


@dataclass(frozen=True, kw_only=True)
class NoDissipation(Record):
    """A superflow without voltage between its critical currents: the limit of T -> 0.

    Parameters
    ----------
    current_plus, current_minus : float
        I_c+ >= 0 and I_c- <= 0, A.

    Raises
    ------
    TypeError, ValueError
        If a number is not finite or has the wrong sign.

    Examples
    --------
    >>> from cedrag.laboratory.circuit import NoDissipation
    >>> NoDissipation(current_plus=2e-6, current_minus=-1e-6).voltage([0.0, 1e-6])
    array([0., 0.])
    """

    current_plus: float
    current_minus: float

    def __post_init__(self) -> None:
        plus = nonnegative_scalar("current_plus", self.current_plus, unit="A")
        minus = real_scalar("current_minus", self.current_minus, unit="A")
        if minus > 0.0:
            raise ValueError(f"current_minus must not be positive (got {minus})")
        object.__setattr__(self, "current_plus", plus)
        object.__setattr__(self, "current_minus", minus)

    def voltage(self, current: ArrayLike) -> Floats:
        """0 V for every current."""
        return 0.0 * real_array("current", current, unit="A")


@dataclass(frozen=True, kw_only=True)
class Resistances(Record):
    """The normal fluids of both layers: the symmetric matrix of their resistances.

    Parameters
    ----------
    driven, passive : float
        R_1 and R_2, ohm.
    drag : float
        R_D = V_2/I_1 with the passive layer open, ohm; positive for an electron and a hole layer.

    Raises
    ------
    TypeError, ValueError
        If a number is not finite, or if the matrix would generate power: R_D^2 >= R_1 R_2.

    Examples
    --------
    >>> from cedrag.laboratory.circuit import Resistances
    >>> round(Resistances(driven=100.0, passive=100.0, drag=2.0).parallel, 6)
    51.0
    """

    driven: float
    passive: float
    drag: float

    def __post_init__(self) -> None:
        for name in ("driven", "passive"):
            object.__setattr__(self, name, positive_scalar(name, getattr(self, name), unit="ohm"))
        drag = real_scalar("drag", self.drag, unit="ohm")
        if drag * drag >= self.driven * self.passive:
            raise ValueError(
                "drag must be smaller than sqrt(driven passive) = "
                f"{math.sqrt(self.driven * self.passive):.6g} (got {drag})"
            )
        object.__setattr__(self, "drag", drag)

    @property
    def parallel(self) -> float:
        """R_p: both fluids side by side at one voltage, ohm."""
        determinant = self.driven * self.passive - self.drag**2
        return determinant / (self.driven + self.passive - 2.0 * self.drag)

    @property
    def counterflow(self) -> float:
        """R_1 + R_2 - 2 R_D: what a counterflow of normal carriers meets, ohm."""
        return self.driven + self.passive - 2.0 * self.drag


@dataclass(frozen=True, kw_only=True)
class NormalFluids(Record):
    r"""Carriers of both layers, of which n_s are paired.

    .. math::

        R_a = \frac{l}{w e^2} \left[\frac{m_a}{(n_a - n_s) \tau_a}
              + \frac{\Gamma}{n_a^2}\right], \qquad
        R_D = \frac{l}{w e^2} \frac{\Gamma}{n_1 n_2} .

    Gamma is the force per area and velocity between the layers without pairs. With pairs it is
    taken in proportion to both normal densities, so that R_D stays: an assumption. Friction
    between pairs and normal carriers is left out.

    Parameters
    ----------
    density_driven, density_passive : float
        n_1 and n_2, 1/m^2.
    mass_driven, mass_passive : float
        m_1 and m_2, kg.
    time_driven, time_passive : float
        tau_1 and tau_2 against the lattice, s.
    momentum_transfer : float
        Gamma, kg/(m^2 s), as ``force_coefficient`` of :class:`cedrag.drag.parabolic.DragRate`.
    length, width : float
        l and w, m.

    Raises
    ------
    TypeError, ValueError
        If an argument is not positive and finite; Gamma may be 0.

    Examples
    --------
    >>> from cedrag.laboratory.circuit import NormalFluids
    >>> fluids = NormalFluids(
    ...     density_driven=1e15, density_passive=1e15, mass_driven=1e-31, mass_passive=1e-31,
    ...     time_driven=1e-12, time_passive=1e-12, momentum_transfer=1e-6, length=5e-6, width=1e-6)
    >>> without, half = fluids.resistances(0.0), fluids.resistances(0.5e15)
    >>> round(without.drag / without.passive, 4), round(half.drag / half.passive, 4)
    (0.0099, 0.005)
    """

    density_driven: float
    density_passive: float
    mass_driven: float
    mass_passive: float
    time_driven: float
    time_passive: float
    momentum_transfer: float
    length: float
    width: float

    def __post_init__(self) -> None:
        units = {"density": "1/m^2", "mass": "kg", "time": "s", "length": "m", "width": "m"}
        for name, value in self.__dict__.items():
            unit = units.get(name.split("_")[0])
            check = nonnegative_scalar if name == "momentum_transfer" else positive_scalar
            object.__setattr__(self, name, check(name, value, unit=unit))

    def resistances(self, superfluid_density: float = 0.0) -> Resistances:
        """R_1, R_2 and R_D with n_s = ``superfluid_density`` (1/m^2) carriers paired."""
        paired = nonnegative_scalar("superfluid_density", superfluid_density, unit="1/m^2")
        smallest = min(self.density_driven, self.density_passive)
        if paired >= smallest:
            raise ValueError(
                f"superfluid_density must be below both densities, {smallest:.6g} "
                f"(got {paired:.6g})"
            )
        scale = self.length / (self.width * constants.e**2)
        n_1, n_2 = self.density_driven, self.density_passive
        lattice_1 = self.mass_driven / ((n_1 - paired) * self.time_driven)
        lattice_2 = self.mass_passive / ((n_2 - paired) * self.time_passive)
        transfer = self.momentum_transfer
        return Resistances(
            driven=scale * (lattice_1 + transfer / n_1**2),
            passive=scale * (lattice_2 + transfer / n_2**2),
            drag=scale * transfer / (n_1 * n_2),
        )


@dataclass(frozen=True, eq=False, kw_only=True)
class Operation(Record):
    """State of the circuit at given drive currents; arrays of one shape, in A and V.

    Attributes
    ----------
    drive, pair, passive : ndarray
        I, I_s and I_2.
    voltage_driven, voltage_passive : ndarray
        V_1 and V_2 along the channel, without contacts.
    superfluid : ndarray of bool
        The pair current lies between the critical currents.
    normal_power : ndarray
        Heat of the normal fluids, W.

    Examples
    --------
    >>> from cedrag.laboratory.circuit import Circuit, NoDissipation, Resistances
    >>> normal = Resistances(driven=100.0, passive=100.0, drag=2.0)
    >>> law = NoDissipation(current_plus=2e-6, current_minus=-1.5e-6)
    >>> state = Circuit(below=normal, above=normal, law=law).operate([1e-6, 2.5e-6])
    >>> state.superfluid.tolist(), state.zeta.round(3).tolist()
    ([True, False], [-1.0, -0.02])
    """

    drive: NDArray[np.float64]
    pair: NDArray[np.float64]
    passive: NDArray[np.float64]
    voltage_driven: NDArray[np.float64]
    voltage_passive: NDArray[np.float64]
    superfluid: NDArray[np.bool_]
    normal_power: NDArray[np.float64]

    @property
    def pair_voltage(self) -> NDArray[np.float64]:
        """V_1 - V_2, what drives the pairs."""
        return self.voltage_driven - self.voltage_passive

    @property
    def zeta(self) -> NDArray[np.float64]:
        """I_2/I; nan at I = 0, where it is a limit."""
        with np.errstate(invalid="ignore", divide="ignore"):
            return self.passive / self.drive


@dataclass(frozen=True, eq=False, kw_only=True)
class Circuit(Record):
    """Two layers, a law of the superflow, a load in the passive loop, and contacts.

    Parameters
    ----------
    below : Resistances
        Normal fluids beside the condensate.
    above : Resistances
        All carriers, after the pairs are gone.
    law : VoltageLaw
        V_s(I_s), such as :class:`NoDissipation`.
    load : float
        In the passive loop, ohm: 0 is a short circuit, inf an open one.
    contact_driven, contact_passive : float
        Both contacts of a layer in series, ohm. That of the passive layer adds to the load.
        That of the driven layer costs voltage of the source and does not change zeta.

    Raises
    ------
    TypeError, ValueError
        For an argument of the wrong type or a negative resistance.

    Examples
    --------
    A load as large as the normal fluids in parallel halves the drag:

    >>> from cedrag.laboratory.circuit import Circuit, NoDissipation, Resistances
    >>> normal = Resistances(driven=100.0, passive=100.0, drag=2.0)
    >>> law = NoDissipation(current_plus=2e-6, current_minus=-1.5e-6)
    >>> short = Circuit(below=normal, above=normal, law=law)
    >>> loaded = Circuit(below=normal, above=normal, law=law, load=normal.parallel)
    >>> short.zeta([1e-6, -1.8e-6]).round(3), loaded.zeta(1e-6)
    (array([-1.  , -0.02]), -0.5)
    """

    below: Resistances
    above: Resistances
    law: VoltageLaw
    load: float = 0.0
    contact_driven: float = 0.0
    contact_passive: float = 0.0

    def __post_init__(self) -> None:
        instance("below", self.below, Resistances)
        instance("above", self.above, Resistances)
        provides("law", self.law, "voltage")
        load = real_scalar("load", self.load, unit="ohm", finite=False)
        if load < 0.0:
            raise ValueError(f"load must not be negative (got {load})")
        object.__setattr__(self, "load", load)
        for name in ("contact_driven", "contact_passive"):
            value = nonnegative_scalar(name, getattr(self, name), unit="ohm")
            object.__setattr__(self, name, value)

    @property
    def _loop(self) -> float:
        """All that the passive loop adds to its layer, ohm."""
        return self.load + self.contact_passive

    def battery(self, normal: Resistances) -> tuple[float, float]:
        """(a, r): the normal fluids offer the pairs the voltage a I - r I_s, both in ohm."""
        R_1, R_2, R_D = normal.driven, normal.passive, normal.drag
        conductance = 1.0 / (R_2 + self._loop)
        a = R_1 - R_D + (R_2 - R_D) * R_D * conductance
        r = normal.counterflow - (R_2 - R_D) ** 2 * conductance
        return a, r

    def operate(self, drive_current: ArrayLike, *, above: str = "collapse") -> Operation:
        """State at each drive current.

        Parameters
        ----------
        drive_current : array
            I in A, any shape.
        above : {"collapse", "saturation"}
            What the pairs do where the circuit asks them for more than I_c: they are gone and all
            carriers are normal, or they carry I_c on.

        Returns
        -------
        Operation
        """
        chosen("above", above, ABOVE)
        drive = real_array("drive_current", drive_current, unit="A")
        a, r = self.battery(self.below)
        low, high = self.law.current_minus, self.law.current_plus
        if low == high == 0.0:
            return self._state(drive, np.zeros_like(drive), np.zeros(drive.shape, np.bool_), True)
        over = a * drive - r * high > np.asarray(self.law.voltage(high))
        under = a * drive - r * low < np.asarray(self.law.voltage(low))
        pair = self._meet(a * drive, r, low, high)
        pair = np.where(over, high, np.where(under, low, pair))
        return self._state(drive, pair, ~(over | under), above == "collapse")

    def _meet(
        self, offered: NDArray[np.float64], r: float, low: float, high: float
    ) -> NDArray[np.float64]:
        """I_s with V_s(I_s) = offered - r I_s by bisection: V_s rises, the line falls."""
        lower, upper = np.full_like(offered, low), np.full_like(offered, high)
        for _ in range(_BISECTIONS):
            middle = 0.5 * (lower + upper)
            short = self.law.voltage(middle) < offered - r * middle
            lower, upper = np.where(short, middle, lower), np.where(short, upper, middle)
        return 0.5 * (lower + upper)

    def _state(
        self,
        drive: NDArray[np.float64],
        pair: NDArray[np.float64],
        superfluid: NDArray[np.bool_],
        collapse: bool,
    ) -> Operation:
        """Currents and voltages that follow from the pair current."""
        gone = ~superfluid & collapse
        pair = np.where(gone, 0.0, pair)
        R_1, R_2, R_D = (
            np.where(gone, getattr(self.above, name), getattr(self.below, name))
            for name in ("driven", "passive", "drag")
        )
        passive = -(R_D * drive + (R_2 - R_D) * pair) / (R_2 + self._loop)
        normal_1, normal_2 = drive - pair, passive + pair
        voltage_1 = R_1 * normal_1 + R_D * normal_2
        voltage_2 = R_D * normal_1 + R_2 * normal_2
        heat = normal_1 * voltage_1 + normal_2 * voltage_2
        return Operation(
            drive=drive, pair=pair, passive=passive, voltage_driven=voltage_1,
            voltage_passive=voltage_2, superfluid=superfluid, normal_power=heat,
        )  # fmt: skip

    def zeta(self, drive_current: ArrayLike, *, above: str = "collapse") -> Floats:
        """zeta = I_2/I at ``drive_current`` (A, any shape), see :meth:`operate`; nan at I = 0."""
        zeta = self.operate(drive_current, above=above).zeta
        return float(zeta) if zeta.ndim == 0 else zeta

    def critical_drives(self) -> tuple[float, float]:
        """(I_-, I_+) in A: the drive currents at which the pairs reach I_c- and I_c+.

        They exceed I_c where normal carriers take a part, and are infinite where the pairs never
        reach it. In a short circuit without losses they are the critical currents.
        """
        a, r = self.battery(self.below)
        ends = self.law.current_minus, self.law.current_plus
        if a <= 0.0:
            return -math.inf, math.inf
        low, high = ((float(np.asarray(self.law.voltage(end))) + r * end) / a for end in ends)
        return low, high

    def bracket(self, drive_current: ArrayLike) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """(lower, upper) zeta of both limits above I_c; equal where the pairs hold."""
        both = [self.operate(drive_current, above=above).zeta for above in ABOVE]
        return np.minimum(*both), np.maximum(*both)

    def rectified_square(self, amplitude: ArrayLike, *, above: str = "collapse") -> Floats:
        r"""Mean of I_2 over a period of a square wave +-I, A; ``amplitude`` >= 0, A, any shape.

        In a short circuit without losses and for little friction it is half of the amplitude in
        the one-way window if the pairs collapse, and at most (I_c+ - |I_c-|)/2 if they saturate.
        """
        drive = real_array("amplitude", amplitude, unit="A")
        if np.any(drive < 0.0):
            raise ValueError(f"amplitude must not be negative (got {drive.min()})")
        mean = 0.5 * sum(self.operate(s * drive, above=above).passive for s in (1.0, -1.0))
        return float(mean) if np.ndim(mean) == 0 else mean

    def source_voltage(self, operation: Operation) -> NDArray[np.float64]:
        """Voltage of the source: V_1 and the contacts of the driven layer, V."""
        return operation.voltage_driven + self.contact_driven * operation.drive
