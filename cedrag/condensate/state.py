"""The equilibrium condensate: momentum, gap, stiffness, and whether vortices destroy it."""

import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from .._checks import provides
from .._results import Result, provenance_of
from ..errors import AboveBKTWarning, ConvergenceError, SeveralMinimaWarning, warn
from .stiffness import differences
from .theory import Search, Theory, Well, WithStates

__all__ = ["Condensate", "find_condensate"]

_STENCIL = 0.02  # of the spacing: step of differences
_FLAT = 1e-6  # of the stiffest curvature: on a ring of degenerate states F is flat along it
_SOFTEST = 1e-7  # of the stiffest curvature: what Newton steps divide by at least
_LOOSE = 1e-4  # accuracy of integrals on the first way down
_GAIN = 1e-10  # of |F|: a step that promises less is not worth taking
_SMALLEST = 1e-12  # share of a step: F does not fall within the accuracy of its integrals
_LONGEST = 0.3  # of the spacing: first step of a descent


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
    margin : float
        1 where the theory is safe, 0 at its own limit (see the theory's ``margin``).
    t : float
        Temperature in E_u.
    other_minima : ndarray, shape (n, 2)
        Further local minima of F, in 1/l_u, lowest first; mirror images are not listed.
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
    stiffness: NDArray[np.float64]
    margin: float
    t: float
    other_minima: NDArray[np.float64]
    converged: bool
    residual_current: float

    @property
    def wavelength(self) -> float:
        """2 pi/|q0| of the phase modulation in l_u (inf at q0 = 0)."""
        q = math.hypot(*self.q0)
        return math.inf if q == 0.0 else 2.0 * math.pi / q

    @property
    def phase_stiffness_temperature(self) -> float:
        """(pi/2) sqrt(det D) in E_u: the condensate is stable against vortices if t is below it."""
        (xx, xy), (_, yy) = self.stiffness.tolist()
        determinant = xx * yy - xy * xy
        return 0.5 * math.pi * math.sqrt(determinant) if determinant > 0.0 else 0.0

    @property
    def above_bkt(self) -> bool:
        """Whether vortices unbind at this temperature (universal jump criterion)."""
        return self.t > self.phase_stiffness_temperature


def find_condensate(theory: Theory) -> Condensate:
    """Minimise the free energy of ``theory`` over the whole plane of pair momenta.

    Minima on the mirror axis come from the theory's own axis.  Unless nothing off the axis
    competes, F is also descended from the momenta where pairing is strongest.  The lowest minimum
    is the condensate.

    Parameters
    ----------
    theory : Theory
        Such as GinzburgLandau or MeanField.

    Returns
    -------
    Condensate

    Raises
    ------
    TypeError
        If ``theory`` is none.
    NoCondensateError
        If no momentum pairs, as for t >= 1, or for a mismatch too large.
    ConvergenceError
        If there is pairing but no minimum was found.

    Warns
    -----
    SeveralMinimaWarning, AboveBKTWarning
        And what the theory itself remarks.

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
    provides("theory", theory, "free_energy", "current", "current_error", "starts", "axis")
    wells = _wells(theory)
    if not wells:
        state = _unbounded(theory)
    else:
        state = _describe(theory, wells)
        reversed_too = theory.bilayer.is_reversible and (
            math.hypot(*state.q0) > 1e-6 * theory.spacing
        )
        mirrored = theory.bilayer.has_mirror and state.q0[1] != 0.0
        if len(wells) > 1 or mirrored or reversed_too:
            warn(
                f"F(q) has several minima (q0 = {tuple(np.round(state.q0, 6).tolist())}, others "
                f"{np.round(state.other_minima, 6).tolist()}, images by symmetry apart): "
                "the sample may break up into domains",
                SeveralMinimaWarning,
            )
    for message, category in theory.remarks(state):
        warn(message, category)
    if wells and state.above_bkt:
        warn(
            f"t = {state.t:.4g} is above (pi/2) sqrt(det D) = "
            f"{state.phase_stiffness_temperature:.4g}: vortices unbind and the mean-field "
            "condensate has no phase stiffness here (BKT)",
            AboveBKTWarning,
        )
    return state


def _wells(theory: Theory) -> list[Well]:
    """All minima of F that were found, lowest first."""
    if isinstance(theory, WithStates):
        return theory.wells()
    axis = theory.axis()
    wells, aside = [], []
    for q, energy, along, across in axis.minima() if axis else ():
        if across > -_FLAT * along or theory.bilayer.is_isotropic:
            wells.append(Well(np.array([q, 0.0]), energy, np.diag([along, across])))
        else:  # a saddle: F falls off the axis
            aside.append(np.array([q, _LONGEST * theory.spacing]))
    if not (axis and axis.alone and wells):
        aside += [start for start in theory.starts() if axis is None or start[1] != 0.0]
    for start in aside:
        well = _descend(theory, start)
        if well and all(np.hypot(*(well.q - w.q)) > 1e-3 * theory.spacing for w in wells):
            wells.append(well)
    if not wells and axis and not aside:  # pairing is strongest on the axis, but no minimum there
        off_axis = np.array([0.0, _LONGEST * theory.spacing])
        wells = [w for start in theory.starts() if (w := _descend(theory, start + off_axis))]
    return sorted(wells, key=lambda well: well.free_energy)


def _downhill(theory: Theory, q: NDArray[np.float64], search: Search) -> NDArray[np.float64] | None:
    """The minimum of F below ``q`` by damped Newton steps; None where F has no lower bound."""
    spacing = theory.spacing

    def energy(q: NDArray[np.float64]) -> float:
        return float(theory.free_energy(*q, search=search))

    def current(qx: ArrayLike, qy: ArrayLike) -> NDArray[np.float64]:
        return theory.current(qx, qy, search=search)

    enough = _GAIN if search is True else max(_GAIN, 1e-4 * search)
    F, nudges, longest = energy(q), 0, _LONGEST
    for _ in range(100):
        J = current(*q)
        H = _curvature(current, q, _STENCIL * spacing)
        if not (np.all(np.isfinite(H)) and np.all(np.isfinite(J)) and F < 0.0):
            return None
        eigenvalues, vectors = np.linalg.eigh(H)
        stiffest = np.abs(eigenvalues).max()
        step = -vectors @ ((vectors.T @ J) / np.maximum(np.abs(eigenvalues), _SOFTEST * stiffest))
        F = energy(q)  # by the same series as F at the next momentum
        whole = np.hypot(*step)
        step *= min(1.0, longest * spacing / max(whole, 1e-300))
        share = 1.0
        while (F_new := energy(q + share * step)) > F + 1e-9 * abs(F) and share > _SMALLEST:
            share *= 0.5
        step *= share
        if share < 1.0:
            longest = max(_LONGEST, 0.5 * longest)
        elif whole > longest * spacing:  # along a soft ring: how far a straight step may go
            longest *= 1.5
        gained = 0.5 * abs(float(J @ step))
        q, F = q + step, F_new
        if np.hypot(*step) < 1e-9 * spacing or gained < enough * abs(F):
            if eigenvalues[0] > -_FLAT * stiffest:
                break
            nudges += 1
            if nudges > 3:
                return None
            q = q + 0.1 * spacing * vectors[:, 0]
            F = energy(q)
    else:
        return None
    if theory.bilayer.has_mirror:
        q = np.array([q[0], abs(q[1]) if abs(q[1]) > 1e-5 * spacing else 0.0])
    return q


def _curvature(
    current: Callable[..., NDArray[np.float64]],
    q: NDArray[np.float64],
    step: float,
    short: bool = True,
) -> NDArray[np.float64]:
    """Differences with a step that stays within the ordered region, narrow near T_c."""
    for _ in range(3):
        H = differences(current, q, step, short=short)
        if np.all(np.isfinite(H)):
            break
        step /= 8.0
    return H


def _descend(theory: Theory, start: NDArray[np.float64]) -> Well | None:
    """The well below ``start`` with J = 0 to the accuracy of the theory's own currents."""
    loose = _downhill(theory, start, _LOOSE)
    q = _downhill(theory, start if loose is None else loose, True)
    if q is None:
        return None

    def current(qx: ArrayLike, qy: ArrayLike) -> NDArray[np.float64]:
        return theory.current(qx, qy, search=True)

    H = _curvature(current, q, _STENCIL * theory.spacing, short=False)
    eigenvalues, vectors = np.linalg.eigh(H)
    floor = 1e-4 * np.abs(eigenvalues).max()  # rounding must not move q along a ring
    for _ in range(2):
        J = theory.current(*q)
        step = vectors @ ((vectors.T @ J) / np.maximum(np.abs(eigenvalues), floor))
        q = q - (step if q[1] != 0.0 else step * [1.0, 0.0])
    return Well(q, float(theory.free_energy(*q)), H)


def _describe(theory: Theory, wells: list[Well]) -> Condensate:
    q0, free_energy, stiffness = wells[0]
    residual = math.hypot(*theory.current(*q0).tolist())
    limit = math.hypot(*theory.current_error(*q0).tolist())
    return Condensate(
        q0=(float(q0[0]), float(q0[1])),
        gap=float(theory.gap(*q0)),
        free_energy=free_energy,
        stiffness=stiffness,
        margin=float(theory.margin(*q0)),
        t=theory.t,
        other_minima=np.array([well.q for well in wells[1:]]).reshape(-1, 2),
        converged=bool(residual <= limit + 2e-10 * abs(free_energy) / theory.spacing),
        residual_current=residual,
        provenance=provenance_of(theory),
    )


def _unbounded(theory: Theory) -> Condensate:
    """The state where F has no lower bound over the momentum: its numbers are infinite."""
    q = theory.starts()[0]
    coarse, fine = theory.spacing * np.linspace(-6.0, 6.0, 25), np.linspace(-6.0, 6.0, 601)
    qx, qy = (axis.ravel() for axis in np.meshgrid(q[0] + coarse, q[1] + coarse))
    qx = np.append(qx, q[0] + theory.spacing * fine)  # beta may be negative in a narrow strip
    qy = np.append(qy, np.full(len(fine), q[1]))
    if not np.any(np.isneginf(theory.free_energy(qx, qy, search=_LOOSE))):
        raise ConvergenceError(f"no minimum of F was found near q = ({q[0]:.6g}, {q[1]:.6g})")
    return Condensate(
        q0=(float(q[0]), float(q[1])),
        gap=math.inf,
        free_energy=-math.inf,
        stiffness=np.full((2, 2), math.inf),
        margin=0.0,
        t=theory.t,
        other_minima=np.zeros((0, 2)),
        converged=False,
        residual_current=math.inf,
        provenance=provenance_of(theory),
    )
