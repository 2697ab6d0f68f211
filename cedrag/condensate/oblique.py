"""The condensate under a current in any in-plane direction, followed to where it breaks down."""

import math
from collections.abc import Callable, Sequence
from functools import cache
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from .._checks import positive_scalar, provides, real_array, real_scalar, shown
from ..errors import ConvergenceError
from .stiffness import differences
from .theory import Search, Theory

__all__ = ["follow_current"]

_FIRST, _LONGEST, _SHORTEST = 0.05, 0.3, 1e-7  # steps in units of the reach
_STRAIGHT = 0.9  # cosine of the angle that the curve may turn by in one step
_MOST = 400
_CHORDS, _PATIENT = 20, 80  # corrections across the curve, on the way and at its end
_LOOSE = 1e-4  # accuracy of integrals on the way
_NEAR = 1e-3  # of the last step: how close to the end of the loose curve to look for the exact one
_AT_END = 1e-8  # of the length along the curve, in units of the reach
_EXACT, _PASSING = 1e-9, 1e-6  # the same of the distance from it: at its end, on the way


class _Point(NamedTuple):
    """A state on the curve J x n = 0."""

    q: NDArray[np.float64]
    tangent: NDArray[np.float64]
    rise: float  # dI/ds = det H/|H m|


def follow_current(
    theory: Theory, q0: Sequence[float], angle: float, reach: float
) -> tuple[NDArray[np.float64], float]:
    """Follow J(q) = I n from equilibrium to the critical current in the direction ``angle``.

    A current source fixes J and lets the momentum adjust: the state minimises F - q.J.  It moves
    along the curve on which J has no component across n, and is stable while the Hessian of F is
    positive definite: with s = H.m, m across n, and the tangent tau across s, dI/ds = det H/|s|.
    Steps adapt to how the curve bends: on a soft ring of momenta it runs along the ring first.
    Mirror images that a current along the axis brings together go on as one state on the axis.

    Parameters
    ----------
    theory : Theory
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
    provides("theory", theory, "free_energy", "current")
    start = real_array("q0", q0, bare="1/l_u")
    if start.shape != (2,):
        raise ValueError(f"q0 must be two numbers (got {shown(q0)})")
    angle = real_scalar("angle", angle)
    reach = positive_scalar("reach", reach, bare="1/l_u")
    scale = min(reach, theory.spacing)
    exact = _Curve(theory, angle, scale, True)
    try:
        return _followed(_Curve(theory, angle, scale, _LOOSE), exact, start)
    except ConvergenceError:  # too soft for that accuracy
        return _followed(exact, exact, start)


def _followed(
    curve: "_Curve", exact: "_Curve", start: NDArray[np.float64]
) -> tuple[NDArray[np.float64], float]:
    """Follow ``curve`` to its end; ``exact`` finds the critical state there."""
    H = curve.curvature(start)
    if not np.all(np.isfinite(H)):
        raise ConvergenceError(f"no currents around q0 = {tuple(np.round(start, 6).tolist())}")
    # dq = H^-1 n dI; where F is flat, as along a ring, the softest direction comes first
    eigenvalues, vectors = np.linalg.eigh(H)
    along = (vectors.T @ curve.n) / np.maximum(eigenvalues, 1e-7 * eigenvalues[1])
    here: Any = curve.point(start, vectors @ along / np.hypot(*along))
    if here is None:
        raise ConvergenceError(f"F is flat around q0 = {tuple(np.round(start, 6).tolist())}")
    length = _FIRST * curve.scale
    meets = curve.theory.bilayer.has_mirror and start[1] != 0.0 and abs(curve.n[1]) < 1e-15
    for _ in range(_MOST):
        ahead = curve.step(here, length)
        if ahead is None:
            length *= 0.5
            if length >= _SHORTEST * curve.scale:
                continue
            if curve.at_the_limit(here, 4.0 * length):
                return here.q, math.inf
            break
        if meets and ahead.q[1] * here.q[1] <= 0.0:
            return exact.on_axis(float(ahead.q[0]))
        if ahead.rise <= 0.0:
            if curve is exact:
                s = exact.turning(here, 0.0, length, _AT_END * curve.scale)
            else:
                s = curve.turning(here, 0.0, length, 0.1 * _NEAR * length)
                s = exact.turning_near(here, s, length)
            last: Any = exact.step(here, s, between=True)
            return last.q, float(exact.theory.current(*last.q) @ curve.n)
        here, length = ahead, min(1.4 * length, _LONGEST * curve.scale)
    raise ConvergenceError(
        f"no critical state found along n = {tuple(np.round(curve.n, 6).tolist())} from "
        f"q0 = {tuple(np.round(start, 6).tolist())}"
    )


class _Curve:
    """The momenta at which the current of ``theory`` has no component across n."""

    def __init__(self, theory: Theory, angle: float, scale: float, search: Search) -> None:
        self.theory, self.scale, self.search = theory, scale, search
        self.n = np.array([math.cos(angle), math.sin(angle)])
        self.across = np.array([-self.n[1], self.n[0]])

    def current(self, qx: ArrayLike, qy: ArrayLike) -> NDArray[np.float64]:
        return self.theory.current(qx, qy, search=self.search)

    def curvature(self, q: NDArray[np.float64]) -> NDArray[np.float64]:
        return differences(self.current, q, 0.01 * self.scale, short=True)

    def point(self, q: NDArray[np.float64], previous: NDArray[np.float64]) -> _Point | None:
        """The state at ``q``, its tangent turned like ``previous``; None where F is unstable."""
        H = self.curvature(q)
        if not np.all(np.isfinite(H)):
            return None
        s = H @ self.across
        size = np.hypot(*s)
        if size == 0.0:
            return None
        tangent = np.array([s[1], -s[0]]) / size
        if tangent @ previous < 0.0:
            tangent = -tangent
        return _Point(q, tangent, float(self.n @ H @ tangent))

    def step(self, here: _Point, length: float, between: bool = False) -> _Point | None:
        """The point about ``length`` ahead; None if the curve ends, or bends too much.

        ``between``: it is known to go on, and only to be found again.
        """
        q = here.q + length * here.tangent
        for i in range(_PATIENT if between else _CHORDS):
            if i % 3 == 0:  # the way back is short against how H changes
                s = self.curvature(q) @ self.across
                s /= max(float(s @ s), 1e-300)
            back = float(self.current(*q) @ self.across) * s
            if not np.all(np.isfinite(back)) or (not between and np.hypot(*back) > 0.5 * length):
                return None
            q = q - back
            if np.hypot(*back) < (_EXACT if between else _PASSING) * self.scale:
                break
        else:
            return None
        ahead = self.point(q, here.tangent)
        if ahead is None or between:
            return ahead
        if abs(ahead.tangent @ here.tangent) < _STRAIGHT:
            return None
        if float(self.theory.free_energy(*q, search=self.search)) >= 0.0:
            return None
        return ahead

    def rise(self, here: _Point, s: float) -> float:
        """dI/ds at the length ``s`` ahead."""
        ahead = self.step(here, s, between=True)
        if ahead is None:
            raise ConvergenceError(f"the curve of states breaks off near q = {here.q}")
        return ahead.rise

    def turning_near(self, here: _Point, s: float, length: float) -> float:
        """The length ahead, close to ``s``, at which the current no longer rises."""
        rise = cache(lambda s: self.rise(here, s))
        half = _NEAR * length
        while half < length:
            lo, hi = max(0.0, s - half), s + half
            if rise(lo) > 0.0 >= rise(hi):
                return _root(rise, lo, hi, _AT_END * self.scale)
            half *= 8.0
        raise ConvergenceError(f"no critical state near q = {here.q}")

    def turning(self, here: _Point, lo: float, hi: float, tolerance: float) -> float:
        """The length ahead, between ``lo`` and ``hi``, at which the current no longer rises."""
        rise = cache(lambda s: self.rise(here, s))
        if not rise(lo) > 0.0 >= rise(hi):  # softer than the integrals
            raise ConvergenceError(f"no critical state near q = {here.q}")
        return _root(rise, lo, hi, tolerance)

    def on_axis(self, x: float) -> tuple[NDArray[np.float64], float]:
        """The critical state on the mirror axis beyond x, where two mirror images have met.

        D_yy = 0 there in passing; along the axis the current still rises.
        """
        from scipy import optimize

        def stiff(x: float) -> float:
            return float(self.curvature(np.array([x, 0.0]))[0, 0])

        step = math.copysign(_LONGEST * self.scale, self.n[0])
        for _ in range(_MOST):
            ahead = stiff(x + step)
            if ahead <= 0.0:
                break
            if math.isfinite(ahead):
                x += step
            else:
                step *= 0.5
        else:
            raise ConvergenceError(f"no critical state on the axis next to q = {x:.6g}")
        if stiff(x) > 0.0:
            x = float(optimize.brentq(stiff, x, x + step, xtol=1e-8 * self.scale))
        q = np.array([x, 0.0])
        return q, float(self.theory.current(*q) @ self.n)

    def at_the_limit(self, here: _Point, length: float) -> bool:
        """Whether F has no lower bound, or no state, just ahead although it is ordered here."""
        ahead = here.q + length * here.tangent * np.linspace(0.2, 50.0, 40)[:, None]
        energy = self.theory.free_energy(*ahead.T, search=self.search)
        return bool(np.any(np.isneginf(energy)))


def _root(rise: Callable[[float], float], lo: float, hi: float, tolerance: float) -> float:
    from scipy import optimize

    return float(optimize.brentq(rise, lo, hi, xtol=tolerance))
