"""The condensate under a current in any in-plane direction, followed to where it breaks down."""

import math
import warnings

import numpy as np
import scipy

from .._checks import positive_scalar, provides, real_array, real_scalar, shown
from ..errors import ConvergenceError, UnstableQuarticWarning
from .state import hessian

__all__ = ["follow_current"]


class _UnstableError(Exception):
    """The path has reached beta <= 0."""


def follow_current(theory, q0, angle, reach):
    """Follow J(q) = I n from equilibrium to the critical current in the direction ``angle``.

    A current source fixes J and lets the momentum adjust: the state minimises F - q.J.  It moves
    along the curve on which J has no component across n, and is stable while the Hessian of F is
    positive definite; along the curve dI/ds = n.H.tau changes sign where det H = 0.

    Parameters
    ----------
    theory : GinzburgLandau or an object with its methods
    q0 : sequence of two floats
        Equilibrium momentum in 1/l_u.
    angle : float
        Direction of n from the x axis, radians.
    reach : float
        Half width of the window alpha < 0, which sets the step, in 1/l_u.

    Returns
    -------
    q : ndarray, shape (2,)
        Critical momentum in 1/l_u.
    current : float
        Critical current I_c > 0 in J_u; inf if the state runs into beta = 0 first.

    Raises
    ------
    ConvergenceError
        If no critical state is found within the window.

    Examples
    --------
    Across the field the mirror makes both directions equal:

    >>> import math
    >>> from cedrag import NATURAL, GinzburgLandau
    >>> from cedrag.condensate.oblique import follow_current
    >>> theory = GinzburgLandau(NATURAL)
    >>> up, down = (
    ...     follow_current(theory, (0.198626, 0.0), side * math.pi / 2, reach=0.38)[1]
    ...     for side in (1, -1))
    >>> round(up, 3), abs(up - down) < 1e-8
    (0.027, True)
    """
    provides("theory", theory, "alpha", "current")
    start = real_array("q0", q0, bare="1/l_u")
    if start.shape != (2,):
        raise ValueError(f"q0 must be two numbers (got {shown(q0)})")
    angle = real_scalar("angle", angle)
    reach = positive_scalar("reach", reach, bare="1/l_u")
    n = np.array([math.cos(angle), math.sin(angle)])
    across = np.array([-n[1], n[0]])
    stencil = 0.01 * reach

    def state(q):
        """Put q on the curve, and return it with the Hessian there."""
        for _ in range(12):
            h = hessian(theory, q, stencil)
            if not np.all(np.isfinite(h)):
                raise _UnstableError
            slope = h @ across
            off = float(theory.current(*q) @ across)
            step = off * slope / (slope @ slope)
            q = q - step
            if np.hypot(*step) < 1e-11 * reach:
                break
        return q, h

    def tangent_and_slope(h, previous):
        slope = h @ across
        tau = np.array([slope[1], -slope[0]]) / np.hypot(*slope)
        if tau @ previous < 0.0:
            tau = -tau
        return tau, float(n @ h @ tau)

    q = start
    h = hessian(theory, q, stencil)
    tau, _ = tangent_and_slope(h, np.linalg.solve(h, n))
    length = 0.08 * reach
    for _ in range(100):
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore", UnstableQuarticWarning)
                new_q, new_h = state(q + length * tau)
        except _UnstableError:
            return q, math.inf
        if float(theory.alpha(*new_q)) >= 0.0:
            length *= 0.5
            if length < 1e-6 * reach:
                break
            continue
        new_tau, new_slope = tangent_and_slope(new_h, tau)
        if new_slope <= 0.0:

            def turning(s, q=q, tau=tau):
                return tangent_and_slope(state(q + s * tau)[1], tau)[1]

            s = scipy.optimize.brentq(turning, 0.0, length, xtol=1e-10 * reach)
            q_critical, _ = state(q + s * tau)
            return q_critical, float(theory.current(*q_critical) @ n)
        q, tau = new_q, new_tau
    raise ConvergenceError(
        f"no critical state found along angle = {angle:.6g} from q0 = {tuple(np.round(q0, 6))}"
    )
