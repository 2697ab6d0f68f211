r"""A wire narrower than the vortices: the voltage of its phase slips, in SI units.

.. math::

    V = \frac{h}{e} \, \Omega
        \left(e^{-\Delta F/k_B T} - e^{-(\Delta F + 2\pi\hbar I/e)/k_B T}\right) ,

with the barrier of :mod:`cedrag.laboratory.phase_slips`. That functional is quartic. Its barrier
is kept as a function of I/I_c; currents and energies are scaled by the ratio of the mean-field
J_c to its own, in each direction, which keeps detailed balance. At rest, where both barriers are
one, the rescaled ones differ by as much as the two ratios do: the error of the procedure.

The attempt rate of McCumber and Halperin (1970) is for a dirty superconductor near T_c,

.. math:: \Omega = \frac{l}{\xi} \sqrt{\frac{\Delta F}{k_B T}} \, \frac{8 k_B (T_c - T)}{\pi\hbar} .

Nobody has done it for two clean layers. The other estimate is (l/xi) k_B T/hbar.
"""

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import constants

from .._checks import Floats, instance, positive_scalar, real_array
from .._lazy import cached_property
from .._results import Record
from ..units import Scales
from .gradient_expansion import GradientExpansion
from .phase_slips import find_saddle
from .superflow import AcrossWidth, Superflow

__all__ = ["WIDEST", "BarrierTable", "Wire", "barrier_table"]

#: Width over xi up to which the phase is taken to slip as a whole.
WIDEST = 0.5 * math.pi
_FRACTIONS = tuple(1.0 - (1.0 - 0.075 * i) ** 2 for i in range(13))  # 0 to 0.99


@dataclass(frozen=True, eq=False, kw_only=True)
class BarrierTable(Record):
    """Barriers of one functional over the fraction of its critical current.

    Attributes
    ----------
    fraction : ndarray, shape (n,)
        |J|/|J_c| of the direction.
    forward, backward : ndarray, shape (n,)
        Barrier over |J_c| (1 - |J|/|J_c|)^(5/4), for positive and negative current: a smooth
        function, in hbar.
    jc_plus, jc_minus : float
        Critical currents of the functional in J_u.

    Examples
    --------
    >>> from cedrag.laboratory.gradient_expansion import GradientExpansion
    >>> from cedrag.laboratory.wire import barrier_table
    >>> even = GradientExpansion(alpha=(-1.0, 1.0, 0.0, 0.0), beta=(1.0, 0.0))
    >>> table = barrier_table(even)

    >>> float(table.over_critical(1.0)), table.jc_plus == -table.jc_minus
    (0.0, True)
    """

    fraction: NDArray[np.float64]
    forward: NDArray[np.float64]
    backward: NDArray[np.float64]
    jc_plus: float
    jc_minus: float

    @cached_property
    def _splines(self) -> tuple[Any, Any]:
        """Of both directions in sqrt(1 - f), as Langer and Ambegaokar's barrier is a series."""
        from scipy.interpolate import CubicSpline

        root = np.sqrt(1.0 - self.fraction[::-1])
        return CubicSpline(root, self.forward[::-1]), CubicSpline(root, self.backward[::-1])

    def over_critical(self, fraction: ArrayLike) -> NDArray[np.float64]:
        """Barrier per width over |J_c| at J/J_c = ``fraction``; negative for negative current."""
        f = real_array("fraction", fraction)
        size = np.minimum(np.abs(f), 1.0)
        forth, back = (spline(np.sqrt(1.0 - size)) for spline in self._splines)
        smooth = np.where(f >= 0.0, forth, back)
        return smooth * (1.0 - size) ** 1.25


def barrier_table(expansion: GradientExpansion) -> BarrierTable:
    """Find the saddle at thirteen currents in each direction.

    Parameters
    ----------
    expansion : GradientExpansion

    Returns
    -------
    BarrierTable

    Examples
    --------
    >>> from cedrag.laboratory.gradient_expansion import GradientExpansion
    >>> from cedrag.laboratory.wire import barrier_table
    >>> even = GradientExpansion(alpha=(-1.0, 1.0, 0.0, 0.0), beta=(1.0, 0.0))
    >>> table = barrier_table(even)
    >>> round(float(table.over_critical(0.0)), 4)  # 4 sqrt(2)/3 over 4/(3 sqrt 3)
    2.4495
    """
    instance("expansion", expansion, GradientExpansion)
    fraction = np.array(_FRACTIONS)
    plus, minus = expansion.jc_plus, expansion.jc_minus
    forward, backward = (
        np.array([find_saddle(expansion, f * J_c).barrier for f in fraction])
        / (abs(J_c) * (1.0 - fraction) ** 1.25)
        for J_c in (plus, minus)
    )
    # at rest the barrier of decreasing phase equals that of increasing phase
    backward[0] = find_saddle(expansion, 0.0).barrier / abs(minus)
    return BarrierTable(
        fraction=fraction, forward=forward, backward=backward, jc_plus=plus, jc_minus=minus
    )


@dataclass(frozen=True, eq=False, kw_only=True)
class Wire(AcrossWidth, Record):
    """Law V_s(I_s) of a wire with phase slips.

    Parameters
    ----------
    table : BarrierTable
        From :func:`barrier_table`.
    flow : Superflow
        Of the mean field at the same temperature: its J_c and xi.
    scales : Scales
    width, length : float
        m; the width at most :data:`WIDEST` xi.
    normal_resistance : float
        Of the counterflow without pairs, ohm: the voltage does not exceed it.
    attempt_rate : float, optional
        1/s; by default that of McCumber and Halperin.

    Raises
    ------
    TypeError, ValueError
        For an argument of the wrong type or range, or a wire that is too wide.

    Examples
    --------
    >>> from cedrag import NATURAL, GinzburgLandau, MeanField, Scales
    >>> from cedrag.laboratory.gradient_expansion import gradient_expansion
    >>> from cedrag.laboratory.superflow import find_superflow
    >>> from cedrag.laboratory.wire import Wire, barrier_table
    >>> wire = Wire(
    ...     table=barrier_table(gradient_expansion(GinzburgLandau(NATURAL, 0.6))),
    ...     flow=find_superflow(MeanField(NATURAL, 0.6, rtol=1e-6)),
    ...     scales=Scales(critical_temperature=10.0, electron_mass=0.2),
    ...     width=10e-9, length=1e-6, normal_resistance=100.0)
    >>> bool(wire.barrier(0.9 * wire.current_plus) < wire.barrier(0.1 * wire.current_plus))
    True
    """

    table: BarrierTable
    flow: Superflow
    scales: Scales
    width: float
    length: float
    normal_resistance: float
    attempt_rate: float | None = None

    def __post_init__(self) -> None:
        instance("table", self.table, BarrierTable)
        instance("flow", self.flow, Superflow)
        instance("scales", self.scales, Scales)
        for name, unit in (("width", "m"), ("length", "m"), ("normal_resistance", "ohm")):
            object.__setattr__(self, name, positive_scalar(name, getattr(self, name), unit=unit))
        if self.attempt_rate is not None:
            positive_scalar("attempt_rate", self.attempt_rate, unit="1/s")
        widest = WIDEST * self.core
        if self.width > widest:
            raise ValueError(
                f"width must be at most pi/2 coherence lengths, {widest:.6g} m (got {self.width}): "
                "a wider strip has vortices, see cedrag.laboratory.vortices"
            )

    @property
    def core(self) -> float:
        """xi in m."""
        return self.flow.coherence_length * self.scales.length

    def barrier(self, current: ArrayLike) -> Floats:
        """Barrier of the slip that the current drives, over k_B T; 0 at I_c and beyond."""
        I = real_array("current", current, unit="A")  # noqa: E741 - as in the equation
        limit = np.where(I >= 0.0, self.current_plus, self.current_minus)
        fraction = I / np.abs(limit)
        critical = np.where(I >= 0.0, self.flow.jc_plus, -self.flow.jc_minus)
        per_width = self.table.over_critical(fraction) * critical
        return (per_width * self.width / self.scales.length / self.flow.t)[()]

    def work(self, current: ArrayLike) -> Floats:
        """2 pi hbar |I|/e over k_B T: what one slip takes from the superflow."""
        I = np.abs(real_array("current", current, unit="A"))  # noqa: E741
        thermal = self.flow.t * self.scales.energy
        return (constants.h * I / constants.e / thermal)[()]

    @cached_property
    def attempt_rates(self) -> tuple[float, float]:
        """Both estimates in 1/s, lower one first: their ratio is the uncertainty of the rate."""
        cores = self.length / self.core
        thermal = self.scales.energy / constants.hbar
        t = self.flow.t
        growth = 8.0 / math.pi * max(1.0 - t, 0.0) * math.sqrt(float(np.asarray(self.barrier(0.0))))
        low, high = sorted((cores * thermal * t, cores * thermal * growth))
        return low, high

    def slip_rates(self, current: ArrayLike) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Slips per second with the current and against it; their ratio is exp(-work)."""
        t = self.flow.t
        barrier = np.asarray(self.barrier(current))
        if self.attempt_rate is None:
            growth = 8.0 / math.pi * max(1.0 - t, 0.0) * self.scales.energy / constants.hbar
            attempts = self.length / self.core * np.sqrt(barrier) * growth
        else:
            attempts = np.full_like(barrier, self.attempt_rate)
        forth = attempts * np.exp(-barrier)
        return forth, forth * np.exp(-np.asarray(self.work(current)))

    def voltage(self, current: ArrayLike) -> Floats:
        """V_s in V, at most that of the normal counterflow."""
        I = real_array("current", current, unit="A")  # noqa: E741
        forth, back = self.slip_rates(I)
        slips = constants.h / constants.e * (forth - back)
        normal = self.normal_resistance * np.abs(I)
        # the attempt rate of McCumber and Halperin falls to 0 at I_c: the voltage does not
        inside = (self.current_plus > I) & (self.current_minus < I)
        size = np.where(inside, np.minimum(slips, normal), normal)
        return (np.sign(I) * size)[()]
