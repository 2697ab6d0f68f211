"""Critical counterflow currents in both directions and the diode efficiency."""

import math
from dataclasses import dataclass

import numpy as np
from numpy.polynomial import chebyshev

from .._checks import provides, real_scalar
from .._results import Result
from ..errors import ConvergenceError, UnstableQuarticWarning, warn
from ..kernels.axis_states import BETA, CURRENT, branch_end, functions, largest_current
from .ginzburg_landau import current_density, current_uncertainty
from .oblique import follow_current

__all__ = ["Diode", "find_diode", "efficiency"]


@dataclass(frozen=True, eq=False)
class Diode(Result):
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

    Examples
    --------
    >>> import warnings
    >>> from cedrag import PAPER, GinzburgLandau, ValidityWarning
    >>> with warnings.catch_warnings(record=True) as caught:
    ...     warnings.simplefilter("always", ValidityWarning)
    ...     diode = GinzburgLandau(PAPER).diode()
    >>> round(diode.jc_plus, 5), round(diode.jc_minus, 5), round(diode.efficiency, 4)
    (0.03157, -0.03041, 0.0186)
    >>> sorted({warning.category.__name__ for warning in caught})  # how far to trust them
    ['AboveBKTWarning', 'NearTricriticalWarning']
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
    r"""Diode efficiency eta of two critical currents.

    .. math:: \eta = \frac{|J_{c+}| - |J_{c-}|}{|J_{c+}| + |J_{c-}|}

    Parameters
    ----------
    jc_plus, jc_minus : float
        In the same unit.

    Returns
    -------
    float
        Between -1 and 1; nan if either is infinite or both are 0.

    Examples
    --------
    The published currents:

    >>> from cedrag.condensate.diode import efficiency
    >>> round(efficiency(98.4, -94.8), 4)
    0.0186
    """
    plus, minus = (
        abs(real_scalar(name, j, finite=False))
        for name, j in (("jc_plus", jc_plus), ("jc_minus", jc_minus))
    )
    if math.isinf(plus) or math.isinf(minus) or plus + minus == 0.0:
        return math.nan
    return (plus - minus) / (plus + minus)


def find_diode(theory, angle=0.0):
    """Critical currents of ``theory`` along one direction.

    For the mirror axis (angle 0 or pi, q0 on the axis) the momentum stays on the axis and J_c are
    roots of dJ_x/dq_x.  In any other direction the state follows J(q) = I n from q0, and I_c is
    where it loses stability: det d^2F/dq^2 = 0 (see
    :func:`cedrag.condensate.oblique.follow_current`); the global values then equal those of the
    branch.

    Parameters
    ----------
    theory : GinzburgLandau or an object with its methods
        Below T_c.
    angle : float
        Direction of the current from the x axis, in radians.

    Returns
    -------
    Diode
        Currents in J_u, momenta in 1/l_u.

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
        Those of :func:`cedrag.condensate.state.find_condensate`.

    Examples
    --------
    >>> import math
    >>> import warnings
    >>> from cedrag import NATURAL, AboveBKTWarning, GinzburgLandau
    >>> from cedrag.condensate.diode import find_diode
    >>> theory = GinzburgLandau(NATURAL)
    >>> with warnings.catch_warnings(action="ignore", category=AboveBKTWarning):
    ...     forth, back = find_diode(theory), find_diode(theory, angle=math.pi)
    >>> abs(forth.efficiency + back.efficiency) < 1e-7  # turned round, the diode is the other way
    True
    """
    angle = real_scalar("angle", angle)
    provides("theory", theory, "condensate", "current", "current_error", "beta", "gradients")
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
    warn(
        "beta reaches 0 on the branch before the current turns: the quartic theory has no "
        "critical current in that direction (first-order region)",
        UnstableQuarticWarning,
    )


def _along_axis(theory, state, angle, sign):
    find = _searched if theory._common is None else _compiled
    q_right, q_left, j_right, j_left, rest = find(theory, state)
    lo, hi = rest.pop("window")
    j_max, j_min = rest.pop("extremes")
    q0 = state.q0[0]
    if sign < 0.0:
        q_right, q_left = q_left, q_right
        j_right, j_left = -j_left, -j_right
        j_max, j_min = -j_min, -j_max
    return Diode(
        jc_plus=j_right,
        jc_minus=j_left,
        efficiency=efficiency(j_right, j_left),
        q_plus=(float(q_right), 0.0),
        q_minus=(float(q_left), 0.0),
        q0=state.q0,
        jc_plus_global=j_max,
        jc_minus_global=j_min,
        efficiency_global=efficiency(j_max, j_min),
        window=(lo - q0, hi - q0) if sign > 0.0 else (q0 - hi, q0 - lo),
        angle=angle,
        converged=state.converged,
        **rest,
    )


def _compiled(theory, state):
    """Momenta and currents of both critical states from the compiled search, and the rest."""
    common, (offset, offset_error) = theory._common, theory._offset
    states = []
    for value, error in zip(common.values[2:].tolist(), common.errors[2:].tolist(), strict=True):
        alpha, beta, grad_alpha, _, grad_beta, _ = value
        integrals = alpha + offset, beta, grad_alpha, grad_beta
        errors = error[0] + offset_error, error[1], error[2], error[4]
        states.append((current_density(*integrals), current_uncertainty(*integrals, *errors)))
    (j_right, error_right), (j_left, error_left) = states
    return (
        common.q_plus,
        common.q_minus,
        j_right,
        j_left,
        {
            "window": common.window,
            "extremes": (max(common.extremes[0], j_right), min(common.extremes[1], j_left)),
            "beta_ratio": common.smallest_beta / state.beta,
            "transversely_stable": common.transversely_stable,
            "error": max(error_right, error_left),
        },
    )


def _searched(theory, state):
    """As :func:`_compiled`, from the series along the axis."""
    axis, q0 = theory._axis, state.q0[0]
    q, table = axis.samples()
    step = q[1] - q[0]
    right, hi, blocked_hi = branch_end(*axis.arguments, q0, 1.0, step)
    left, lo, blocked_lo = branch_end(*axis.arguments, q0, -1.0, step)
    if (math.isnan(right) and blocked_hi) or (math.isnan(left) and blocked_lo):
        _warn_beta_vanishes()
    q_right, q_left = (edge if math.isnan(at) else at for at, edge in ((right, hi), (left, lo)))
    ends = np.array([q_right, q_left])
    j_right, j_left = (float(j) for j in theory.current(ends)[0])
    error = float(theory.current_error(ends)[0].max())
    for turn, j in ((right, j_right), (left, j_left)):
        # what decided where the current turns, against what is known about it there
        if not math.isnan(turn) and (
            abs(functions(*axis.arguments, turn)[CURRENT] - j) > 100.0 * error
        ):
            raise ConvergenceError(
                f"the series along the axis misses the current at q = {turn:.6g} by more than "
                f"100 times its error {error:.1e}"
            )
    if math.isnan(right):
        j_right = math.inf
    if math.isnan(left):
        j_left = -math.inf
    extremes = [largest_current(*axis.arguments, q, table, sense)[1] for sense in (1.0, -1.0)]
    across = theory._sampled_current(ends, np.full(2, 1e-3 * (hi - lo)))[1]
    between = np.linspace(min(q_left, q_right), max(q_left, q_right), 33)
    beta = chebyshev.chebval(axis.coordinate(between), axis.coefficients[BETA])
    return (
        q_right,
        q_left,
        j_right,
        j_left,
        {
            "window": (lo, hi),
            "extremes": (max(extremes[0], j_right), min(extremes[1], j_left)),
            "beta_ratio": float(beta.min()) / state.beta,
            "transversely_stable": bool(np.all(across > 0.0)),
            "error": error,
        },
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
