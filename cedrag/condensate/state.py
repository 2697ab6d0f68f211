"""The equilibrium condensate: momentum, gap, stiffness, and whether vortices destroy it."""

import math
import warnings
from dataclasses import dataclass

import numpy as np

from .._checks import positive_scalar, provides, real_array, shown
from .._results import Result
from ..errors import (
    AboveBKTWarning,
    ConvergenceError,
    NearTricriticalWarning,
    NoCondensateError,
    SeveralMinimaWarning,
    UnstableQuarticWarning,
    warn,
)
from ..kernels.axis_states import (
    ALPHA,
    ASIDE,
    BETA,
    CURRENT,
    ODD_STENCIL,
    RIGIDITY,
    SLOPE,
    functions,
    rising_roots,
)
from ..pairing.landscape import local_minima, rivals
from .ginzburg_landau import current_density

__all__ = ["Condensate", "find_condensate", "hessian"]

_SMALL_MARGIN = 0.2  # of beta to its absolute integral; matched contours have 1

# central first-derivative weights of order 8, applied to the analytic current
_STENCIL = ((1, 4.0 / 5.0), (2, -1.0 / 5.0), (3, 4.0 / 105.0), (4, -1.0 / 280.0))


@dataclass(frozen=True, eq=False)
class Condensate(Result):
    """State that minimises F over the pair momentum: dF/dq = 0 at q0.

    Attributes
    ----------
    q0 : tuple of float
        (q_x, q_y) in 1/l_u.  Of a mirror pair, the member with q_y >= 0.
    gap : float
        |Delta(q0)| in E_u; inf, with UnstableQuarticWarning, if F has no minimum because beta
        reaches zero.
    free_energy : float
        F(q0) in E_u/l_u^2.
    stiffness : ndarray, shape (2, 2)
        D_ij = d^2F/dq_i dq_j at q0, in E_u.
    alpha, beta : float
        Coefficients at q0.
    t : float
        Temperature in E_u.
    other_minima : ndarray, shape (n, 2)
        Further local minima of F, in 1/l_u; mirror images are not listed.
    converged : bool
        The current at q0 vanishes within its error estimate.
    residual_current : float
        |J(q0)| in J_u, zero for an exact minimum.

    Examples
    --------
    >>> import warnings
    >>> from cedrag import NATURAL, AboveBKTWarning, GinzburgLandau
    >>> with warnings.catch_warnings(action="ignore", category=AboveBKTWarning):
    ...     state = GinzburgLandau(NATURAL).condensate()
    >>> round(state.q0[0], 4), round(state.gap, 3), round(state.wavelength, 1)
    (0.1986, 0.907, 31.6)
    >>> state.above_bkt  # what the warning says
    True
    """

    q0: tuple[float, float]
    gap: float
    free_energy: float
    stiffness: np.ndarray
    alpha: float
    beta: float
    t: float
    other_minima: np.ndarray
    converged: bool
    residual_current: float

    @property
    def wavelength(self):
        """2 pi/|q0| of the phase modulation in l_u (inf at q0 = 0)."""
        q = math.hypot(*self.q0)
        return math.inf if q == 0.0 else 2.0 * math.pi / q

    @property
    def phase_stiffness_temperature(self):
        """(pi/2) sqrt(det D) in E_u: the condensate is stable against vortices if t is below it."""
        (xx, xy), (_, yy) = self.stiffness.tolist()
        determinant = xx * yy - xy * xy
        return 0.5 * math.pi * math.sqrt(determinant) if determinant > 0.0 else 0.0

    @property
    def above_bkt(self):
        """Whether vortices unbind at this temperature (universal jump criterion, theory.md)."""
        return self.t > self.phase_stiffness_temperature


def find_condensate(theory):
    """Minimise the free energy of ``theory`` over the whole plane of pair momenta.

    Parameters
    ----------
    theory : GinzburgLandau or an object with its methods

    Returns
    -------
    Condensate

    Raises
    ------
    NoCondensateError
        If alpha(q) > 0 everywhere, as for t >= 1, or for a mismatch too large to pair.

    Warns
    -----
    SeveralMinimaWarning, UnstableQuarticWarning, NearTricriticalWarning, AboveBKTWarning

    Examples
    --------
    >>> import warnings
    >>> from cedrag import NATURAL, AboveBKTWarning, GinzburgLandau
    >>> from cedrag.condensate.state import find_condensate
    >>> with warnings.catch_warnings(action="ignore", category=AboveBKTWarning):
    ...     state = find_condensate(GinzburgLandau(NATURAL, t=0.5))
    >>> round(state.gap, 3), state.converged
    (1.351, True)
    """
    provides("theory", theory, "free_energy", "current", "current_error", "alpha", "beta")
    if theory.t >= 1.0 and theory._given_binding is None:
        raise NoCondensateError(
            f"t must be below 1 for a condensate to exist (got {theory.t}): T_c is at t = 1"
        )
    if theory._common is not None:
        return _describe_common(theory)
    spacing = theory._seeds.spacing
    minima = _axis_minima(theory)
    starts = rivals(theory._integrals, theory._seeds)
    aside = [start for start in starts if start[1] != 0.0]
    aside += [np.array([q[0], 0.3 * spacing]) for q, stable in minima if not stable]
    minima = [q for q, stable in minima if stable]
    if aside:
        minima = _with_minima_off_axis(theory, minima, aside)
    if not minima:
        strongest = local_minima(theory._integrals, theory._seeds)[0]
        alpha = float(theory.alpha(*strongest))
        if alpha >= 0.0:
            raise NoCondensateError(_why_normal(theory, strongest, alpha))
        return _first_order(theory, strongest)
    q0, others = minima[0], np.array(minima[1:]).reshape(-1, 2)
    if len(others) or q0[1] != 0.0:
        warn(
            f"F(q) has several minima (q0 = {tuple(np.round(q0, 6))}, "
            f"others {np.round(others, 6).tolist()}, mirror images in q_y apart): "
            "the sample may break up into domains",
            SeveralMinimaWarning,
        )
    return _describe(theory, q0, others, spacing)


def _axis_minima(theory):
    """Minima of F on q_y = 0, lowest first: (q, whether F rises off the axis too).

    Only those next to a minimum of alpha: where F falls again towards small beta, far from it,
    the quartic form is not to be trusted.
    """
    axis = theory._axis
    q, table = axis.samples()
    found = rising_roots(*axis.arguments, q, table, CURRENT)
    paired = rising_roots(*axis.arguments, q, table, SLOPE)
    found = np.unique([x for top in paired for x in _downhill(axis, found, top)])
    if not len(found):
        return []
    states = [functions(*axis.arguments, x) for x in found]
    h = ASIDE * theory._seeds.spacing
    across = theory._sampled_current(found, np.full(len(found), h))[1] / h
    energy = [-(state[ALPHA] ** 2) / (2.0 * state[BETA]) for state in states]
    # on a ring of degenerate states F is flat across the axis
    return [
        (np.array([found[i], 0.0]), across[i] > -1e-6 * states[i][RIGIDITY])
        for i in np.argsort(energy)
    ]


def _downhill(axis, minima, start):
    """The one of ``minima`` that F falls to from ``start`` on the axis, as a list; maybe none."""
    state = functions(*axis.arguments, start)
    if not state[ALPHA] < 0.0 < state[BETA]:
        return []
    here = minima[np.abs(minima - start) <= 1e-9 * (axis.hi - axis.lo)]
    if len(here):  # by symmetry: the sign of J is rounding
        return [here[0]]
    ahead = minima[minima <= start] if state[CURRENT] > 0.0 else minima[minima >= start]
    if not len(ahead):
        return []
    nearest = ahead[np.argmin(np.abs(ahead - start))]
    way = [functions(*axis.arguments, q) for q in np.linspace(start, nearest, 9)]
    return [nearest] if all(s[ALPHA] < 0.0 < s[BETA] for s in way) else []


def _with_minima_off_axis(theory, minima, starts):
    """``minima`` and those reached from ``starts``, lowest first."""
    spacing = theory._seeds.spacing
    try:
        strongest = local_minima(theory._integrals, theory._seeds, starts)
    except ConvergenceError:  # each start ended in a saddle on the axis
        return minima
    negative = theory.alpha(*strongest.T) < 0.0
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UnstableQuarticWarning)
        for q in _free_energy_minima(theory, strongest[negative], spacing):
            if all(np.hypot(*(q - other)) > 1e-3 * spacing for other in minima):
                minima = [*minima, q]
        return sorted(minima, key=lambda q: float(theory.free_energy(*q)))


def _why_normal(theory, q, alpha):
    return (
        f"no condensate at t = {theory.t}: the smallest alpha is {alpha:.4g} > 0, at q = "
        f"({q[0]:.4g}, {q[1]:.4g}); the mismatch of the Fermi contours is too large for this "
        "interaction, or the temperature too high"
    )


def _free_energy_minima(theory, starts, spacing):
    """Minima of F reached from ``starts`` by Newton steps on J = 0; maybe none."""
    found = []
    for start in starts:
        q = _newton(theory, start.copy(), spacing)
        if q is not None and all(np.hypot(*(q - other)) > 1e-3 * spacing for other in found):
            found.append(q)
    return found


def _newton(theory, q, spacing):
    """The minimum of F next to ``q``; None where F falls without bound towards beta = 0."""
    on_axis = q[1] == 0.0
    for _ in range(40):
        current = theory._sampled_current(*q[:, None])[:, 0]
        slope = _differences(theory._sampled_current, q, 0.02 * spacing)
        if not (np.all(np.isfinite(slope)) and np.all(np.isfinite(current))):
            return None
        eigenvalues, vectors = np.linalg.eigh(slope)
        stiffest = np.abs(eigenvalues).max()
        # around a ring of degenerate states F is flat: stay instead of following rounding noise
        step = -vectors @ ((vectors.T @ current) / np.maximum(np.abs(eigenvalues), 1e-4 * stiffest))
        step *= min(1.0, 0.3 * spacing / max(np.hypot(*step), 1e-300))
        if on_axis:
            step[1] = 0.0
        q = q + step
        if np.hypot(*step) < 1e-12 * (spacing + np.hypot(*q)):
            break
    stable = eigenvalues[0] > -1e-8 * stiffest
    return q if stable and np.hypot(*step) < 1e-8 * spacing else None


def _first_order(theory, q):
    """The state where the quartic form has no minimum over the momentum: numbers are infinite."""
    grid = np.linspace(-1.5, 1.5, 25)
    qx, qy = np.meshgrid(q[0] + grid, np.unique(np.abs(q[1] + grid)))
    points = np.column_stack([qx.ravel(), qy.ravel()])
    alpha, beta = theory._sample(points, max(theory.rtol, 1e-4)).T[:2]  # their signs
    if not np.any((alpha < 0.0) & (beta <= 0.0)):
        raise ConvergenceError(f"no minimum of F was found near q = ({q[0]:.6g}, {q[1]:.6g})")
    warn(
        f"F(q) falls without bound towards beta = 0 (beta = {float(theory.beta(*q)):.4g} at the "
        f"smallest alpha, q = ({q[0]:.4g}, {q[1]:.4g})): the transition is first order or the "
        "sixth-order term decides, and the quartic theory gives no condensate",
        UnstableQuarticWarning,
    )
    return Condensate(
        q0=(float(q[0]), float(q[1])),
        gap=math.inf,
        free_energy=-math.inf,
        stiffness=np.full((2, 2), math.inf),
        alpha=float(theory.alpha(*q)),
        beta=float(theory.beta(*q)),
        t=theory.t,
        other_minima=np.zeros((0, 2)),
        converged=False,
        residual_current=math.inf,
    )


def hessian(theory, q, step):
    """Stiffness D_ij = dJ_i/dq_j at q from order-8 differences of analytic currents.

    Parameters
    ----------
    theory : GinzburgLandau or an object with its methods
        Gives ``current``.
    q : sequence of two floats
        In 1/l_u.
    step : float
        Of the differences, in 1/l_u.

    Returns
    -------
    ndarray, shape (2, 2)
        In E_u.

    Examples
    --------
    At q0 the condensate is stiffer along x than across:

    >>> from cedrag import NATURAL, GinzburgLandau
    >>> from cedrag.condensate.state import hessian
    >>> hessian(GinzburgLandau(NATURAL), (0.1986, 0.0), step=0.005).round(4) + 0.0
    array([[0.1714, 0.    ],
           [0.    , 0.1705]])
    """
    provides("theory", theory, "current")
    momentum = real_array("q", q, bare="1/l_u")
    if momentum.shape != (2,):
        raise ValueError(f"q must be two numbers (got {shown(q)})")
    step = positive_scalar("step", step, bare="1/l_u")
    return _differences(theory.current, momentum, step)


def _differences(current, q, step):
    offsets = np.array([[m * step, 0.0] for m, _ in _STENCIL])
    points = np.concatenate([offsets, -offsets, offsets[:, ::-1], -offsets[:, ::-1]]) + q
    j = current(points[:, 0], points[:, 1]).reshape(2, 4, len(_STENCIL))
    weights = np.array([w for _, w in _STENCIL]) / step
    d_x = (j[:, 0] - j[:, 1]) @ weights
    d_y = (j[:, 2] - j[:, 3]) @ weights
    mixed = 0.5 * (d_x[1] + d_y[0])
    return np.array([[d_x[0], mixed], [mixed, d_y[1]]])


def _stiffness(theory, q0, spacing):
    """D_ij at q0; on the axis from the series along it and J_y beside it, which is odd in q_y."""
    if q0[1] != 0.0:
        return hessian(theory, q0, 0.02 * spacing)
    h = 2.0 * ASIDE * spacing * np.array([1.0, 2.0, 3.0])
    across = theory._sampled_current(np.full(3, q0[0]), h)[1] @ np.array(ODD_STENCIL) / h[0]
    along = functions(*theory._axis.arguments, q0[0])[RIGIDITY]
    return np.array([[along, 0.0], [0.0, across]])


def _describe_common(theory):
    """The only minimum, on the axis, from what the compiled search has left."""
    common, (offset, _) = theory._common, theory._offset
    value, error = common.values[1].tolist(), common.errors[1].tolist()
    alpha, beta = value[0] + offset, value[1]
    residual = abs(current_density(alpha, beta, value[2], value[4]))
    limit = abs(alpha / beta) * error[2] + alpha**2 / (2.0 * beta**2) * error[4]
    state = _state(
        theory, (common.q0, 0.0), alpha, beta, residual, limit,
        np.diag(common.stiffness), np.zeros((0, 2)),
    )  # fmt: skip
    return _warned(state, beta / float(common.scales[1, 1]))


def _describe(theory, q0, others, spacing):
    (alpha, beta, grad_alpha, grad_beta), _ = theory._evaluate(*q0)
    alpha, beta = float(alpha), float(beta)
    residual = float(np.hypot(*current_density(alpha, beta, grad_alpha, grad_beta)))
    limit = float(np.hypot(*theory.current_error(*q0)))
    stiffness = _stiffness(theory, q0, spacing)
    state = _state(theory, q0, alpha, beta, residual, limit, stiffness, others)
    return _warned(state, float(theory.beta_margin(*q0)))


def _state(theory, q0, alpha, beta, residual, limit, stiffness, others):
    """The Condensate at ``q0``; converged if its ``residual`` current is within ``limit``."""
    return Condensate(
        q0=(float(q0[0]), float(q0[1])),
        gap=math.sqrt(-alpha / beta),
        free_energy=-(alpha**2) / (2.0 * beta),
        stiffness=stiffness,
        alpha=alpha,
        beta=beta,
        t=theory.t,
        other_minima=others,
        converged=bool(residual <= limit + 1e-10 * alpha**2 / beta / theory._seeds.spacing),
        residual_current=residual,
    )


def _warned(state, margin):
    """``state``, after saying where the theory is near its limits; ``margin`` is beta's."""
    if margin < _SMALL_MARGIN:
        warn(
            f"beta(q0) is {margin:.2f} of its absolute integral: contributions of both signs "
            "nearly cancel, as at the tricritical point, and the sixth-order term that the "
            "quartic theory leaves out is not small",
            NearTricriticalWarning,
        )
    if state.above_bkt:
        warn(
            f"t = {state.t:.4g} is above (pi/2) sqrt(det D) = "
            f"{state.phase_stiffness_temperature:.4g}: vortices unbind and the mean-field "
            "condensate has no phase stiffness here (BKT)",
            AboveBKTWarning,
        )
    return state
