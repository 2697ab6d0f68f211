r"""The branch of the superflow between its critical currents: J(q), stiffness and coherence length.

.. math:: D_{xx} = \frac{dJ_x}{dq_x}, \qquad
          D_{yy} = \lim_{q_y \to 0} \frac{J_y(q_x, q_y)}{q_y}, \qquad
          \xi = \sqrt{\frac{D_{xx}(q_0)}{4 |F(q_0)|}} .

Vortices feel D = sqrt(D_xx D_yy). xi is that of Ginzburg-Landau theory, where
F(q) = F(q_0) [1 - xi^2 (q - q_0)^2]^2; at lower temperatures the same line defines it.
"""

import math
import warnings
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from .._checks import Floats, positive_integer, provides, real_array
from .._results import Result, provenance_of
from ..condensate.diode import Diode
from ..condensate.mean_field import MeanField
from ..errors import NoCondensateError, ValidityWarning
from ..units import Scales

__all__ = ["Superflow", "find_superflow"]

_ASIDE = 0.02  # of the width of the branch: q_y at which J_y is taken
_ACROSS = 4.0  # rtol to which a mean field finds D_yy
_TABLE = 401


@dataclass(frozen=True, eq=False)
class Superflow(Result):
    """States that carry a current along x, at one temperature.

    Attributes
    ----------
    t : float
        Temperature in E_u.
    momentum, current : ndarray, shape (n,)
        q_x in 1/l_u and J_x in J_u, from one critical state to the other; J rises.
    along, across : ndarray, shape (n,)
        D_xx and D_yy in E_u; D_xx vanishes at both ends.
    q0 : float
        Momentum at rest, 1/l_u.
    free_energy : float
        F(q0) in E_u/l_u^2.
    coherence_length : float
        xi in l_u.
    error : float
        Estimated relative error of J and D_yy, from the last terms of their series.

    Examples
    --------
    >>> from cedrag import NATURAL, MeanField
    >>> from cedrag.laboratory.superflow import find_superflow
    >>> flow = find_superflow(MeanField(NATURAL, 0.5, spin="band"))
    >>> round(float(flow.stiffness(0.0)), 3), round(flow.coherence_length, 2)
    (0.79, 1.23)
    >>> round(float(flow.exponent(0.0)), 2)  # V ~ I^a
    5.96
    """

    t: float
    momentum: NDArray[np.float64]
    current: NDArray[np.float64]
    along: NDArray[np.float64]
    across: NDArray[np.float64]
    q0: float
    free_energy: float
    coherence_length: float
    error: float

    @property
    def jc_plus(self) -> float:
        """J_c+ in J_u."""
        return float(self.current[-1])

    @property
    def jc_minus(self) -> float:
        """J_c- in J_u, negative."""
        return float(self.current[0])

    def momentum_at(self, current: ArrayLike) -> Floats:
        """q_x(J); beyond J_c the momentum of the critical state."""
        J = real_array("current", current, bare="J_u")
        found = np.interp(J, self.current, self.momentum)
        return float(found) if np.ndim(found) == 0 else found

    def stiffness(self, current: ArrayLike) -> Floats:
        """D(J) = sqrt(D_xx D_yy) in E_u; 0 at the critical currents and beyond."""
        q = self.momentum_at(current)
        squared = np.interp(q, self.momentum, self.along * self.across)
        D = np.sqrt(np.maximum(squared, 0.0))
        return float(D) if np.ndim(D) == 0 else D

    def exponent(self, current: ArrayLike) -> Floats:
        """a = 1 + pi D(J)/T of V ~ I^a below T_BKT; 3 at T_BKT and J = 0."""
        return 1.0 + math.pi * self.stiffness(current) / self.t


class AcrossWidth:
    """Critical currents in ampere of what has a ``flow``, its ``scales`` and a ``width``.

    Examples
    --------
    >>> from types import SimpleNamespace
    >>> from cedrag import Scales
    >>> from cedrag.laboratory.superflow import AcrossWidth
    >>> class Ribbon(AcrossWidth):
    ...     flow = SimpleNamespace(jc_plus=0.02, jc_minus=-0.02)
    ...     scales = Scales(critical_temperature=10.0, electron_mass=0.2)
    ...     width = 1e-6
    >>> round(1e9 * Ribbon().current_plus)  # nA
    200
    """

    flow: Superflow
    scales: Scales
    width: float

    @property
    def ampere(self) -> float:
        """The current in A where the flow has J_u."""
        return self.scales.sheet_current * self.width

    @property
    def current_plus(self) -> float:
        """I_c+ in A: that of the mean field."""
        return self.flow.jc_plus * self.ampere

    @property
    def current_minus(self) -> float:
        """I_c- in A, negative."""
        return self.flow.jc_minus * self.ampere


def find_superflow(theory: Any, *, points: int = 40, diode: Diode | None = None) -> Superflow:
    """Follow the branch of the equilibrium state on the mirror axis to both critical currents.

    Parameters
    ----------
    theory : MeanField or GinzburgLandau
        At one temperature, with q0 on the axis q_y = 0.
    points : int
        Chebyshev nodes of the series of J and D_yy; at least 8. The difference of the two
        directions is small: at t = 0.1 it takes 32 nodes to know the sign of what a ramp sees.
    diode : Diode, optional
        That of ``theory``, if it is known.

    Returns
    -------
    Superflow

    Raises
    ------
    TypeError, ValueError
        If ``theory`` is none, or its state lies off the axis.
    NoCondensateError
        If there is no condensate, or it has no finite critical current.

    Examples
    --------
    The direction decides how far the stiffness has fallen:

    >>> from cedrag import NATURAL, MeanField
    >>> from cedrag.laboratory.superflow import find_superflow
    >>> flow = find_superflow(MeanField(NATURAL, 0.5, spin="band"))
    >>> bool(flow.stiffness(0.25) > flow.stiffness(-0.25))
    True
    """
    provides("theory", theory, "current", "free_energy", "diode")
    if positive_integer("points", points, largest=400) < 8:
        raise ValueError(f"points must be at least 8 (got {points})")
    if diode is None:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", ValidityWarning)  # its caller's matter
            diode = theory.diode()
    if not math.isfinite(diode.efficiency):
        raise NoCondensateError(f"no finite critical current at t = {theory.t}")
    q0, aside = diode.q0
    if aside != 0.0:
        raise ValueError(f"theory must have its state on the axis q_y = 0 (got q0 = {diode.q0})")
    free_energy = float(theory.free_energy(q0))
    low, high = diode.q_minus[0], diode.q_plus[0]
    node = np.cos(math.pi * (np.arange(points) + 0.5) / points)
    q = 0.5 * (low + high) + 0.5 * (high - low) * node
    current, sideways = _along_branch(theory, q, _ASIDE * (high - low))
    series = np.polynomial.Chebyshev.fit(q, current, points - 1, domain=(low, high))
    if theory.bilayer.is_isotropic and q0 == 0.0:
        sideways = current / q  # J points along q: exact for all q_y
    across = np.polynomial.Chebyshev.fit(q, sideways, points - 1, domain=(low, high))
    table = np.linspace(low, high, _TABLE)
    current, along = series(table), np.maximum(series.deriv()(table), 0.0)
    current = np.maximum.accumulate(current)
    at_rest = float(series.deriv()(q0))
    return Superflow(
        t=theory.t,
        momentum=table,
        current=current,
        along=along,
        across=across(table),
        q0=q0,
        free_energy=free_energy,
        coherence_length=math.sqrt(at_rest / (4.0 * abs(free_energy))),
        error=max(map(_tail, (series, across))),
        provenance=provenance_of(theory),
    )


def _tail(series: np.polynomial.Chebyshev) -> float:
    """The last two coefficients over the largest."""
    size = np.abs(series.coef)
    return float(size[-2:].max() / size.max())


def _along_branch(
    theory: Any, q: NDArray[np.float64], aside: float
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """J_x and D_yy at momenta on the axis."""
    if isinstance(theory, MeanField):  # knows the second derivatives
        states = [theory.state(x) for x in q.tolist()]
        full = [state and theory.completed_aside(state, within=_ACROSS) for state in states]
        return (
            np.array([state.current[0] if state else 0.0 for state in full]),
            np.array([state.stiffness[2] if state else 0.0 for state in full]),
        )
    # J_y is odd in q_y, so two steps leave an error of the fourth order
    near, far = (theory.current(q, step)[1] / step for step in (aside, 2.0 * aside))
    return theory.current(q)[0], (4.0 * near - far) / 3.0
