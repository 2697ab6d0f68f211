"""Critical counterflow currents in both directions and the diode efficiency."""

import math
import warnings
from dataclasses import dataclass

import numpy as np
from numpy.polynomial import chebyshev
from scipy import optimize

from ._checks import real_scalar
from .errors import ConvergenceError, UnstableQuarticWarning
from .landscape import pairing_seeds
from .oblique import follow_current

__all__ = ["Diode", "find_diode", "efficiency"]


@dataclass(frozen=True)
class Diode:
    """Critical currents: the first roots of dJ/dq on either side of q0 (theory.md).

    Attributes
    ----------
    jc_plus, jc_minus : float
        Largest and most negative current on the stable branch that contains q0, in J_u;
        ``jc_minus < 0``.  Infinite where the branch runs into beta = 0.
    efficiency : float
        eta = (|J_c+| - |J_c-|)/(|J_c+| + |J_c-|); nan if a critical current is infinite.
    q_plus, q_minus : tuple of float
        Pair momenta of the two critical states, in 1/l_u.
    q0 : tuple of float
        Momentum of the equilibrium state, in 1/l_u.
    jc_plus_global, jc_minus_global, efficiency_global : float
        The same from the extrema over all momenta on the line with alpha < 0.
    window : tuple of float
        The interval of q - q0 along the current where alpha < 0, around q0, in 1/l_u; for an
        oblique current the interval between the critical states.
    beta_ratio : float
        Smallest beta between the critical states over beta at q0: small values mean that the
        quartic theory is near its limit.
    transversely_stable : bool
        Both critical states are minima of F - J.q also across the current.
    angle : float
        Direction of the current from the x axis, in radians.
    error : float
        Estimated error of the critical currents, in J_u.
    converged : bool
        Interpolation and integrals reached their targets.
    """

    jc_plus: float
    jc_minus: float
    efficiency: float
    q_plus: tuple[float, float]
    q_minus: tuple[float, float]
    q0: tuple[float, float]
    jc_plus_global: float
    jc_minus_global: float
    efficiency_global: float
    window: tuple[float, float]
    beta_ratio: float
    transversely_stable: bool
    angle: float
    error: float
    converged: bool


def efficiency(jc_plus, jc_minus):
    """eta = (|J_c+| - |J_c-|)/(|J_c+| + |J_c-|); nan if either is infinite."""
    plus, minus = abs(jc_plus), abs(jc_minus)
    if math.isinf(plus) or math.isinf(minus) or plus + minus == 0.0:
        return math.nan
    return (plus - minus) / (plus + minus)


def find_diode(theory, angle=0.0):
    """Critical currents of ``theory`` along the direction ``angle`` (radians from x).

    For the mirror axis (angle 0 or pi, q0 on the axis) the momentum stays on the axis and J_c are
    roots of dJ_x/dq_x.  In any other direction the state follows J(q) = I n from q0, and I_c is
    where it loses stability: det d^2F/dq^2 = 0 (see :func:`cedrag.oblique.follow_current`); the
    global values then equal those of the branch.

    Raises
    ------
    TypeError, ValueError
        If ``angle`` is not a finite real number.
    NoCondensateError
        If there is no condensate.
    ConvergenceError
        If the current could not be interpolated to the accuracy asked for.

    Warns
    -----
    UnstableQuarticWarning
        If beta reaches 0 on the branch before the current turns.
    ValidityWarning
        Those of :func:`cedrag.condensate.find_condensate`.
    """
    angle = real_scalar("angle", angle)
    state = theory.condensate()
    if not math.isfinite(state.gap):
        return _unstable(state, angle)
    cosine = math.cos(angle)
    if state.q0[1] == 0.0 and abs(abs(cosine) - 1.0) < 1e-15:
        return _along_axis(theory, state, angle, math.copysign(1.0, cosine))
    return _oblique(theory, state, angle)


def _unstable(state, angle):
    """No critical current: condensate() has said why."""
    return Diode(
        math.inf, -math.inf, math.nan, state.q0, state.q0, state.q0, math.inf, -math.inf, math.nan,
        (0.0, 0.0), 0.0, False, angle, math.inf, False,
    )  # fmt: skip


def _warn_beta_vanishes():
    warnings.warn(
        "beta reaches 0 on the branch before the current turns: the quartic theory has no "
        "critical current in that direction (first-order region)",
        UnstableQuarticWarning,
        stacklevel=6,
    )


def _along_axis(theory, state, angle, sign):
    q0 = state.q0[0]
    reach = _coherence_momentum(theory, state)
    lo, hi = (_window_edge(theory, q0, d * reach) for d in (-1.0, 1.0))
    blocked_lo, lo = _beta_limit(theory, q0, lo)
    blocked_hi, hi = _beta_limit(theory, q0, hi)
    current = _Interpolant(theory, lo, hi)
    right = current.first_turning_point(q0, hi)
    left = current.first_turning_point(q0, lo)
    if (right is None and blocked_hi) or (left is None and blocked_lo):
        _warn_beta_vanishes()
    q_right, j_right = _critical(theory, right, hi, math.inf)
    q_left, j_left = _critical(theory, left, lo, -math.inf)
    j_max, j_min = _global_extrema(theory, state, reach, j_right, j_left)
    if sign < 0.0:
        q_right, q_left = q_left, q_right
        j_right, j_left = -j_left, -j_right
        j_max, j_min = -j_min, -j_max
    betas = theory.beta(np.linspace(min(q_left, q_right), max(q_left, q_right), 33))
    beta_ratio = float(betas.min()) / state.beta
    error = max(float(theory.current_error(q, 0.0)[0]) for q in (q_left, q_right))
    return Diode(
        jc_plus=j_right,
        jc_minus=j_left,
        efficiency=efficiency(j_right, j_left),
        q_plus=(q_right, 0.0),
        q_minus=(q_left, 0.0),
        q0=state.q0,
        jc_plus_global=j_max,
        jc_minus_global=j_min,
        efficiency_global=efficiency(j_max, j_min),
        window=(lo - q0, hi - q0) if sign > 0.0 else (q0 - hi, q0 - lo),
        beta_ratio=beta_ratio,
        transversely_stable=_transversely_stable(theory, (q_left, q_right), reach),
        angle=angle,
        error=error,
        converged=current.converged and state.converged,
    )


def _oblique(theory, state, angle):
    reach = _coherence_momentum(theory, state)
    q_plus, j_plus = follow_current(theory, state.q0, angle, reach)
    q_minus, j_minus = follow_current(theory, state.q0, angle + math.pi, reach)
    if math.isinf(j_plus) or math.isinf(j_minus):
        _warn_beta_vanishes()
    line = np.array([math.cos(angle), math.sin(angle)])
    betas = theory.beta(*np.array([q_minus, state.q0, q_plus]).T)
    error = max(float(np.hypot(*theory.current_error(*q))) for q in (q_plus, q_minus))
    return Diode(
        jc_plus=j_plus,
        jc_minus=-j_minus,
        efficiency=efficiency(j_plus, j_minus),
        q_plus=tuple(map(float, q_plus)),
        q_minus=tuple(map(float, q_minus)),
        q0=state.q0,
        jc_plus_global=j_plus,
        jc_minus_global=-j_minus,
        efficiency_global=efficiency(j_plus, j_minus),
        window=tuple(sorted(float((q - state.q0) @ line) for q in (q_minus, q_plus))),
        beta_ratio=float(betas.min()) / state.beta,
        transversely_stable=True,  # det d^2F/dq^2 = 0 is the criterion itself
        angle=angle,
        error=error,
        converged=state.converged,
    )


def _coherence_momentum(theory, state):
    """sqrt(-alpha / (alpha''/2)) at q0: the half width of the window to leading order."""
    h = 1e-3 * math.sqrt(theory.t) / max(1.0, abs(theory.bilayer.rashba_e))
    slope, _ = theory.gradients(np.array([state.q0[0] + h, state.q0[0] - h]))
    curvature = (slope[0, 0] - slope[0, 1]) / (2.0 * h)
    return math.sqrt(max(-2.0 * state.alpha / curvature, 0.0)) if curvature > 0.0 else 10.0 * h


def _window_edge(theory, q0, step):
    """The root of alpha nearest to q0 in the direction of ``step``."""
    samples = 0.125 * step * np.arange(1, 17)
    start = q0
    for _ in range(60):
        q = start + samples
        outside = np.flatnonzero(theory.alpha(q) >= 0.0)
        if outside.size:
            outer = q[outside[0]]
            inner = q[outside[0] - 1] if outside[0] else start
            return optimize.brentq(lambda x: float(theory.alpha(x)), inner, outer, xtol=1e-13)
        start = q[-1]
    raise ConvergenceError(f"alpha stays negative from q = {q0:.6g} to {start:.6g}")


def _beta_limit(theory, q0, edge):
    """(True, q) with the q next to q0 where beta = 0 if there is one before ``edge``."""
    q = np.linspace(q0, edge, 65)
    negative = np.flatnonzero(theory.beta(q) <= 0.0)
    if not negative.size:
        return False, edge
    i = negative[0]
    root = optimize.brentq(lambda x: float(theory.beta(x)), q[i - 1], q[i], xtol=1e-13)
    return True, q0 + (root - q0) * (1.0 - 1e-3)


class _Interpolant:
    """Chebyshev series of J_x on [lo, hi], used only to locate the roots of dJ/dq."""

    def __init__(self, theory, lo, hi, tolerance=1e-9):
        self.lo, self.hi = lo, hi
        n = 24
        while True:
            x = np.cos(np.pi * (np.arange(n) + 0.5) / n)
            values = theory.current(self._momentum(x))[0]
            series = chebyshev.chebfit(x, values, n - 1) if n <= 64 else _series(values)
            tail = np.abs(series[-3:]).max() / np.abs(series).max()
            if tail < tolerance or n >= 768:
                break
            n *= 2
        self.converged = bool(tail < 1e-6)
        self.slope = chebyshev.chebder(series)
        self.samples = 4 * n

    def _momentum(self, x):
        return 0.5 * (self.lo + self.hi) + 0.5 * (self.hi - self.lo) * x

    def _coordinate(self, q):
        return (2.0 * q - self.lo - self.hi) / (self.hi - self.lo)

    def first_turning_point(self, start, end):
        """The root of dJ/dq nearest to ``start`` on the way to ``end``; None if there is none."""
        x = np.linspace(self._coordinate(start), self._coordinate(end), self.samples)
        slope = chebyshev.chebval(x, self.slope)
        negative = np.flatnonzero(slope <= 0.0)
        if not negative.size or negative[0] == 0:
            return None
        i = negative[0]
        root = optimize.brentq(
            lambda s: chebyshev.chebval(s, self.slope), x[i - 1], x[i], xtol=1e-14
        )
        return float(self._momentum(root))


def _series(values):
    from scipy.fft import dct

    series = dct(values, type=2) / len(values)
    series[0] *= 0.5
    return series


def _critical(theory, turning, edge, limit):
    """Momentum and current of the critical state; the current is evaluated, not interpolated."""
    if turning is None:
        return edge, limit
    return turning, float(theory.current(turning)[0])


def _global_extrema(theory, state, reach, j_plus, j_minus):
    """Extrema of J_x over all q_x with alpha < 0, polished by golden section."""
    seeds = pairing_seeds(theory.bilayer, theory.t).points
    lo = min(seeds[:, 0].min(), state.q0[0]) - 3.0 * reach
    hi = max(seeds[:, 0].max(), state.q0[0]) + 3.0 * reach
    q = np.linspace(lo, hi, int(np.clip(12 * (hi - lo) / reach, 97, 2000)))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UnstableQuarticWarning)
        j = theory.current(q)[0]
        finite = np.where(np.isfinite(j), j, 0.0)
        best = []
        for sense, branch in ((1.0, j_plus), (-1.0, j_minus)):
            i = int(np.argmax(sense * finite))
            fit = optimize.minimize_scalar(
                lambda x, s=sense: -s * float(theory.current(x)[0]),
                bounds=(q[max(i - 1, 0)], q[min(i + 1, len(q) - 1)]),
                method="bounded",
                options={"xatol": 1e-7 * reach},
            )
            best.append(sense * max(-float(fit.fun), sense * branch))
    return best[0], best[1]


def _transversely_stable(theory, momenta, reach):
    """d J_y/d q_y > 0 at each critical state."""
    h = 1e-3 * reach
    return all(float(theory.current(q, h)[1]) > 0.0 for q in momenta)
