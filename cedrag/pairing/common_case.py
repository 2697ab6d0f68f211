"""The common case of a diode in one compiled call: states on the axis and their integrals."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ..kernels.axis_diode import DONE, axis_diode
from .integrals import PairIntegrals
from .landscape import SeedGrid
from .mesh import RULE, panel_step

__all__ = ["AxisStates", "common_case"]

_LOOSEST = 1e-8  # accuracy for which meshes are laid


@dataclass(frozen=True)
class AxisStates:
    """States on q_y = 0 of a bilayer that is simple enough for :func:`common_case`.

    Attributes
    ----------
    pairing_momentum, q0, q_plus, q_minus : float
        Momenta q_x in 1/l_u.
    window : tuple of float
        Where alpha < 0, in 1/l_u.
    extremes : tuple of float
        Largest and most negative current on the axis, in J_u.
    stiffness : tuple of float
        D_xx and D_yy at q0 in E_u.
    transversely_stable : bool
        J_y > 0 just off the axis at both critical states.
    smallest_beta : float
        Between the critical states.
    values, errors, scales : ndarray, shape (4, 6)
        As those of ``PairIntegrals.evaluate``: q* at T_c, then q0, q_plus and q_minus at t.

    Examples
    --------
    See :func:`common_case`:

    >>> from cedrag.pairing.common_case import AxisStates
    >>> "q0" in AxisStates.__dataclass_fields__
    True
    """

    pairing_momentum: float
    q0: float
    q_plus: float
    q_minus: float
    window: tuple[float, float]
    extremes: tuple[float, float]
    stiffness: tuple[float, float]
    transversely_stable: bool
    smallest_beta: float
    values: NDArray[np.float64]
    errors: NDArray[np.float64]
    scales: NDArray[np.float64]


def common_case(integrals: PairIntegrals, seeds: SeedGrid) -> AxisStates | None:
    """The states on the axis, or None where the case is not common or not accurate enough.

    Each integral is computed on two meshes of different fineness, neither adapted.  The finer one
    gives the value.  The largest difference among the four states, relative to the scale, is taken
    as the error of all.

    Parameters
    ----------
    integrals : PairIntegrals
        At T_c/2 <= T < T_c, in units of T_c.
    seeds : SeedGrid

    Returns
    -------
    AxisStates or None

    Examples
    --------
    >>> from cedrag import NATURAL
    >>> from cedrag.pairing.common_case import common_case
    >>> from cedrag.pairing.landscape import pairing_seeds
    >>> from cedrag.pairing.integrals import PairIntegrals
    >>> states = common_case(PairIntegrals(NATURAL, 0.9, 1e-8), pairing_seeds(NATURAL, 0.9))
    >>> round(states.q0, 5)
    0.19863
    """
    origin, size, thermal, energy = integrals.geometry
    b, rtol = integrals.bilayer, integrals.rtol
    geometry = origin, size, thermal, integrals.tail_edges(size + 3.0 * thermal)
    centres = np.array([0.5 * sum(ends) for ends in integrals.contours])
    fine = min(rtol, _LOOSEST)  # a millisecond anyway, and smooth in the parameters
    step = panel_step(30.0 * fine)  # three to five digits better than its own bound says
    status, states, window, extremes, curvatures, smallest_beta, tables = axis_diode(
        seeds.points, seeds.spacing, seeds.apart, seeds.speed, centres, geometry,
        integrals.temperature, b.band("e"), b.band("h"), energy,
        b.reduced_mass, fine, (step, 0.75 * step), RULE,
    )  # fmt: skip
    if status != DONE:
        return None
    rough, values, norms = tables
    scales = integrals.natural_scale(norms)
    relative = (np.abs(values - rough) / scales).max(axis=0) + integrals.rounding
    if relative.max() > rtol:
        return None
    pairing_momentum, q0, q_plus, q_minus = map(float, states)
    return AxisStates(
        pairing_momentum=pairing_momentum,
        q0=q0,
        q_plus=q_plus,
        q_minus=q_minus,
        window=(float(window[0]), float(window[1])),
        extremes=(float(extremes[0]), float(extremes[1])),
        stiffness=(float(curvatures[0]), float(curvatures[1])),
        transversely_stable=bool(curvatures[2] > 0.0 and curvatures[3] > 0.0),
        smallest_beta=float(smallest_beta),
        values=values,
        errors=relative * scales,
        scales=scales,
    )
