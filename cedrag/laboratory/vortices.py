r"""Vortices in a wide strip: the voltage of a superflow at T > 0.

All in E_u, l_u and J_u; :class:`Strip` translates. A vortex at distance y from one edge of a strip
of width w has the energy

.. math:: U(y) = \pi D \ln\left[\frac{2w}{\pi\xi} \sin\frac{\pi y}{w}\right] - 2\pi J y ,

its images and the force of the current on it. With x = 2 J w/(pi D) the top of the barrier is

.. math:: U = \pi D \left[\ln\frac{2w}{\pi\xi} - \tfrac{1}{2} \ln(1 + x^2) - x \,
              \mathrm{arccot}\, x\right],

and 2 pi J w more for a vortex that goes the other way. For x >> 1 it is
pi D [ln(D/(J xi)) - 1], half of the barrier of a vortex pair in the bulk, so that edge and bulk
give one law, V ~ I exp(-U/T) ~ I^a with a = 1 + pi D/T. For x << 1 the pairs are larger than the
strip and V is linear. Bardeen and Stephen's factor is left at 1: each vortex is a normal core.

Equations for thin strips: Kogan (1994), Bulaevskii et al. (2011); for the power law Ambegaokar,
Halperin, Nelson and Siggia (1980); above T_BKT Halperin and Nelson (1979).
"""

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import constants

from .._checks import (
    Floats,
    instance,
    nonnegative_scalar,
    positive_integer,
    positive_scalar,
    real_array,
)
from .._results import Record
from ..units import Scales
from .superflow import AcrossWidth, Superflow

__all__ = [
    "Strip",
    "core_energies",
    "crossing_barrier",
    "free_vortex_fraction",
    "renormalised_stiffness",
]

#: The unknown constant b of the correlation length above T_BKT, as a range about 1.
B_RANGE = (0.5, 2.0)


def crossing_barrier(
    stiffness: ArrayLike, current: ArrayLike, *, width: float, coherence_length: float
) -> Floats:
    """Top of the barrier for a vortex that the current J drives across a strip.

    Parameters
    ----------
    stiffness : float or array
        D in E_u, that of the state with this current.
    current : float or array
        |J| is taken, in J_u.
    width, coherence_length : float
        w and xi in l_u.

    Returns
    -------
    float or ndarray
        In E_u; 0 where the barrier is gone.

    Raises
    ------
    ValueError
        If the strip is not wider than the core: 2 w <= pi xi.

    Examples
    --------
    >>> from cedrag.laboratory.vortices import crossing_barrier
    >>> round(crossing_barrier(1.0, 0.0, width=100.0, coherence_length=1.0), 3)
    13.049
    """
    D = real_array("stiffness", stiffness, bare="E_u")
    J = np.abs(real_array("current", current, bare="J_u"))
    w = positive_scalar("width", width, bare="l_u")
    xi = positive_scalar("coherence_length", coherence_length, bare="l_u")
    if 2.0 * w <= math.pi * xi:
        raise ValueError(
            f"width must exceed pi/2 coherence lengths, {0.5 * math.pi * xi:.6g} (got {w}): a "
            "narrower wire has phase slips, see cedrag.laboratory.phase_slips"
        )
    D, J = np.broadcast_arrays(D, J)
    safe = np.where(D > 0.0, D, 1.0)
    x = 2.0 * J * w / (math.pi * safe)
    height = math.log(2.0 * w / (math.pi * xi)) - 0.5 * np.log1p(x * x) - x * (np.arctan2(1.0, x))
    barrier = np.where(D > 0.0, math.pi * safe * np.maximum(height, 0.0), 0.0)
    return float(barrier) if barrier.ndim == 0 else barrier


def core_energies(stiffness: float) -> tuple[float, float]:
    """Two estimates of the energy of a vortex core, E_u: pi D/4 and pi^2 D/2.

    The first is the lost condensation energy pi xi^2 |F|, the second that of the XY model on a
    square lattice. They span the range of the renormalised results.

    Parameters
    ----------
    stiffness : float
        D in E_u.

    Returns
    -------
    low, high : float

    Examples
    --------
    >>> from cedrag.laboratory.vortices import core_energies
    >>> [round(energy, 4) for energy in core_energies(1.0)]
    [0.7854, 4.9348]
    """
    D = positive_scalar("stiffness", stiffness)
    return 0.25 * math.pi * D, 0.5 * math.pi**2 * D


def renormalised_stiffness(
    stiffness: float, t: float, *, size: float, core_energy: float, steps: int = 400
) -> float:
    r"""Stiffness that is left at distances of ``size`` coherence lengths, in E_u.

    .. math:: \frac{d K^{-1}}{dl} = 4\pi^3 y^2, \qquad \frac{dy}{dl} = (2 - \pi K) y,
              \qquad K = D/T,

    from l = 0, y = exp(-E_core/T), to l = ln(size) (Kosterlitz 1974).

    Parameters
    ----------
    stiffness : float
        Mean-field D in E_u.
    t : float
        T in E_u.
    size : float
        Distance over xi, at least 1; inf is cut at e^60.
    core_energy : float
        In E_u, see :func:`core_energies`.
    steps : int
        Of the Runge-Kutta rule.

    Returns
    -------
    float
        0 where vortices unbind before ``size``.

    Examples
    --------
    >>> from cedrag.laboratory.vortices import renormalised_stiffness
    >>> round(renormalised_stiffness(1.0, 0.5, size=1e4, core_energy=2.0), 4)
    0.9903
    >>> renormalised_stiffness(1.0, 2.0, size=1e4, core_energy=2.0)
    0.0
    """
    D, t = positive_scalar("stiffness", stiffness), positive_scalar("t", t)
    if not (size >= 1.0):
        raise ValueError(f"size must be at least 1 (got {size})")
    y = math.exp(-nonnegative_scalar("core_energy", core_energy) / t)
    h = min(math.log(size), 60.0) / positive_integer("steps", steps)
    u = t / D

    def slope(u: float, y: float) -> tuple[float, float]:
        return 4.0 * math.pi**3 * y * y, (2.0 - math.pi / u) * y

    for _ in range(steps):
        a = slope(u, y)
        b = slope(u + 0.5 * h * a[0], y + 0.5 * h * a[1])
        c = slope(u + 0.5 * h * b[0], y + 0.5 * h * b[1])
        d = slope(u + h * c[0], y + h * c[1])
        u += h / 6.0 * (a[0] + 2.0 * b[0] + 2.0 * c[0] + d[0])
        y += h / 6.0 * (a[1] + 2.0 * b[1] + 2.0 * c[1] + d[1])
        if y > 1.0:  # beyond the reach of the flow: a free vortex in every core area
            return 0.0
    return t / u


def free_vortex_fraction(t: float, *, t_bkt: float, t_c: float = 1.0, b: float = 1.0) -> float:
    r"""Area fraction (xi/xi_+)^2 of free vortex cores: 0 below T_BKT, of order 1 at T_c.

    .. math:: \frac{\xi_+}{\xi} = \frac{1}{\sqrt b} \sinh\sqrt{\frac{b (T_c - T_{BKT})}
              {T - T_{BKT}}}

    (Halperin and Nelson 1979), at most 1. The constant b of order 1 is not known:
    ``B_RANGE`` is taken as its range.

    Parameters
    ----------
    t, t_bkt, t_c : float
        In one unit; t_bkt < t_c.
    b : float

    Returns
    -------
    float

    Examples
    --------
    >>> from cedrag.laboratory.vortices import free_vortex_fraction
    >>> free_vortex_fraction(0.7, t_bkt=0.73), round(free_vortex_fraction(0.8, t_bkt=0.73), 3)
    (0.0, 0.082)
    """
    t, t_bkt = positive_scalar("t", t), positive_scalar("t_bkt", t_bkt)
    if positive_scalar("t_c", t_c) <= t_bkt:
        raise ValueError(f"t_c must exceed t_bkt = {t_bkt} (got {t_c})")
    if t <= t_bkt:
        return 0.0
    root = math.sqrt(positive_scalar("b", b) * (t_c - t_bkt) / (t - t_bkt))
    return min(1.0, b / math.sinh(root) ** 2) if root < 300.0 else 0.0


@dataclass(frozen=True, eq=False, kw_only=True)
class Strip(AcrossWidth, Record):
    """Law V_s(I_s) of a strip that is wide against the coherence length, in SI units.

    Parameters
    ----------
    flow : Superflow
        Of the mean field at the temperature of the sample.
    scales : Scales
    width : float
        m.
    normal_resistance : float
        Of the counterflow without pairs, ohm: ``Resistances.counterflow`` with all carriers.
    free_fraction : float
        See :func:`free_vortex_fraction`; 0 below T_BKT.
    stiffness_factor : float
        On D(J), such as renormalised over mean-field stiffness; 1 is the mean field.

    Raises
    ------
    TypeError, ValueError
        For an argument of the wrong type or range, or a strip narrower than pi xi/2.

    Examples
    --------
    >>> from cedrag import NATURAL, MeanField, Scales
    >>> from cedrag.laboratory.superflow import find_superflow
    >>> from cedrag.laboratory.vortices import Strip
    >>> strip = Strip(
    ...     flow=find_superflow(MeanField(NATURAL, 0.5, spin="band")), width=1e-6,
    ...     scales=Scales(critical_temperature=10.0, electron_mass=0.2), normal_resistance=100.0)
    >>> half = 0.5 * strip.current_plus
    >>> round(float(strip.voltage(half) / (100.0 * half)), 4)  # of the normal voltage
    0.1345
    """

    flow: Superflow
    scales: Scales
    width: float
    normal_resistance: float
    free_fraction: float = 0.0
    stiffness_factor: float = 1.0

    def __post_init__(self) -> None:
        instance("flow", self.flow, Superflow)
        instance("scales", self.scales, Scales)
        for name, unit in (("width", "m"), ("normal_resistance", "ohm")):
            object.__setattr__(self, name, positive_scalar(name, getattr(self, name), unit=unit))
        fraction = nonnegative_scalar("free_fraction", self.free_fraction)
        if fraction > 1.0:
            raise ValueError(f"free_fraction must not exceed 1 (got {fraction})")
        nonnegative_scalar("stiffness_factor", self.stiffness_factor)
        self.barrier(0.0)

    @property
    def width_over_core(self) -> float:
        """w/xi."""
        return self.width / (self.flow.coherence_length * self.scales.length)

    def barrier(self, current: ArrayLike) -> Floats:
        """Barrier U for a vortex that goes with the force, over k_B T; 0 at I_c and beyond."""
        J = real_array("current", current, unit="A") / self.ampere
        D = self.stiffness_factor * np.asarray(self.flow.stiffness(J))
        return np.asarray(
            crossing_barrier(
                D, J, width=self.width / self.scales.length,
                coherence_length=self.flow.coherence_length,
            )
        )[()] / self.flow.t  # fmt: skip

    def work(self, current: ArrayLike) -> Floats:
        """2 pi hbar |J| w over k_B T: what one crossing takes from the superflow."""
        J = np.abs(real_array("current", current, unit="A")) / self.ampere
        return (2.0 * math.pi * J * self.width / self.scales.length / self.flow.t)[()]

    def crossing_rates(
        self, current: ArrayLike, *, attempt_rate: float
    ) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Crossings per second with the force and against it; their ratio is exp(-work)."""
        forth = positive_scalar("attempt_rate", attempt_rate, unit="1/s") * np.exp(
            -np.asarray(self.barrier(current))
        )
        return forth, forth * np.exp(-np.asarray(self.work(current)))

    def voltage(self, current: ArrayLike) -> Floats:
        """V_s in V: R_n I times the part of the area that vortex cores take, at most all of it."""
        I = real_array("current", current, unit="A")  # noqa: E741 - as in the equation
        share = np.minimum(1.0, self.free_fraction + np.exp(-np.asarray(self.barrier(I))))
        return (self.normal_resistance * I * share)[()]

    @property
    def josephson(self) -> float:
        """h/e in V s: the voltage of one phase slip of 2 pi per second."""
        return constants.h / constants.e
