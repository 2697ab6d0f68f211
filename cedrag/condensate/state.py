"""The equilibrium condensate: momentum, gap, stiffness, and whether vortices destroy it."""

import math
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from .._checks import provides
from .._results import Result, provenance_of
from ..errors import AboveBKTWarning, ConvergenceError, SeveralMinimaWarning, warn
from ..pairing.integrals import fermi_interval
from .stiffness import differences
from .theory import Search, Theory, Well, WithStates

__all__ = ["Condensate", "downhill", "find_condensate"]

_STENCIL = 0.02  # of the spacing: step of differences
_SHORT = 0.002  # the same on the way: along a ring the third derivatives are large
_FLAT = 1e-6  # of the stiffest curvature: on a ring of degenerate states F is flat along it
_SOFTEST = 1e-7  # of the stiffest curvature: what Newton steps divide by at least
_ROUNDING = 1e-6  # of the spacing: closer to its image a minimum is its own image
_LOOSE = 1e-4  # accuracy of integrals on the first way down
_ROUGH = 1e-2  # where a sign is looked for
_GAIN = 1e-10  # of |F|: a step that promises less is not worth taking
_SMALLEST = 1e-12  # share of a step: F does not fall within the accuracy of its integrals
_LONGEST = 0.3  # of the spacing: first step of a descent
_SAME = 0.1  # of the spacing: between loose ends of two descents into one well


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
    >>> from cedrag import NATURAL, GinzburgLandau, ValidityWarning
    >>> from cedrag.condensate.state import find_condensate
    >>> with warnings.catch_warnings(action="ignore", category=ValidityWarning):
    ...     state = find_condensate(GinzburgLandau(NATURAL, t=0.5))
    >>> round(state.gap, 3), state.converged
    (1.351, True)
    """
    provides("theory", theory, "free_energy", "current", "current_error", "starts", "axis")
    wells = _wells(theory)
    if theory.bilayer.is_reversible:  # a well that is its own image lies at 0, not next to it
        wells = [
            well._replace(q=np.zeros(2)) if np.hypot(*well.q) < _ROUNDING * theory.spacing else well
            for well in wells
        ]
    if not wells:
        state = _unbounded(theory)
    else:
        state = _describe(theory, wells)
        reversed_too = theory.bilayer.is_reversible and (
            math.hypot(*state.q0) > _ROUNDING * theory.spacing
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
    wells += _off_axis(theory, aside, wells)
    if not wells and axis and not aside and not theory.bilayer.is_isotropic:
        # pairing is strongest on the axis, but no minimum there
        off_axis = np.array([0.0, _LONGEST * theory.spacing])
        wells = _off_axis(theory, [start + off_axis for start in theory.starts()], [])
    return sorted(wells, key=lambda well: well.free_energy)


def _off_axis(theory: Theory, starts: list[NDArray[np.float64]], known: list[Well]) -> list[Well]:
    """The minima of F below ``starts`` that are not among ``known``."""
    spacing = theory.spacing
    ends: list[NDArray[np.float64]] = []
    for start in starts:
        q = downhill(theory, start, _LOOSE)
        q = start if q is None else q
        if all(np.hypot(*(q - end)) > _SAME * spacing for end in ends):
            ends.append(q)
    found: list[Well] = []
    for end in ends:
        well = _descend(theory, end)
        if well and all(np.hypot(*(well.q - w.q)) > 1e-3 * spacing for w in known + found):
            found.append(well)
    return found


def downhill(theory: Theory, start: ArrayLike, search: Search) -> NDArray[np.float64] | None:
    """The minimum of F below a momentum, by damped Newton steps around the ring of strong pairing.

    A valley along the ring is straight in polar coordinates about its centre, the sum of the
    centres of both contours.

    Parameters
    ----------
    theory : Theory
    start : array_like, shape (2,)
        In 1/l_u.
    search : bool or float
        Accuracy of the integrals, as the theory takes it.

    Returns
    -------
    ndarray, shape (2,), or None
        With q_y >= 0 if the bilayer has a mirror; None where F has no lower bound.

    Examples
    --------
    >>> from cedrag import NATURAL, GinzburgLandau
    >>> from cedrag.condensate.state import downhill
    >>> downhill(GinzburgLandau(NATURAL), (0.3, 0.1), True).round(4)
    array([0.1986, 0.    ])
    """
    spacing = theory.spacing
    centre = 0.0
    if theory.bilayer.has_mirror:
        centre = sum(0.5 * sum(fermi_interval(theory.bilayer, layer)) for layer in ("e", "h"))
    enough = _GAIN if search is True else max(_GAIN, 1e-4 * search)
    q = np.array(start, dtype=np.float64)
    nudges, longest = 0, _LONGEST
    for _ in range(100):
        J, H = _slope_and_curvature(theory, q, search)
        if not (np.all(np.isfinite(H)) and np.all(np.isfinite(J))):
            return None
        frame, J, H = _around(q - [centre, 0.0], J, H, spacing)
        eigenvalues, vectors = np.linalg.eigh(H)
        stiffest = np.abs(eigenvalues).max()
        step = -vectors @ ((vectors.T @ J) / np.maximum(np.abs(eigenvalues), _SOFTEST * stiffest))
        whole = np.hypot(*step)
        step *= min(1.0, longest * spacing / max(whole, 1e-300))
        share = 1.0
        while True:
            # towards a pole F falls as 1/distance, and Newton's steps only halve that
            ahead, further = (frame.moved(q, n * share * step) for n in (1.0, 3.0))
            F, F_new, beyond = _energies(theory, np.array([q, ahead, further]), search)
            if not F < 0.0 or (np.isneginf(beyond) and step @ H @ step < 0.0):
                return None
            if F_new <= F + 1e-9 * abs(F) or share <= _SMALLEST:
                break
            share *= 0.5
        step *= share
        if share < 1.0:
            longest = max(_LONGEST, 0.5 * longest)
        elif whole > longest * spacing:  # along a soft ring: how far a straight step may go
            longest *= 1.5
        q = ahead
        if np.hypot(*step) < 1e-9 * spacing or 0.5 * abs(float(J @ step)) < enough * abs(F_new):
            if eigenvalues[0] > -_FLAT * stiffest:
                break
            nudges += 1
            if nudges > 3:
                return None
            q = frame.moved(q, 0.1 * spacing * vectors[:, 0])
    else:
        return None
    if theory.bilayer.has_mirror:
        q = np.array([q[0], abs(q[1]) if abs(q[1]) > 1e-5 * spacing else 0.0])
    return q


def _energies(theory: Theory, momenta: NDArray[np.float64], search: Search) -> list[float]:
    """F at momenta (n, 2): by the same nodes where they are close, so that small falls count."""
    if np.hypot(*(momenta[-1] - momenta[0])) < theory.spacing:
        energies: list[float] = theory.free_energy(*momenta.T, search=search).tolist()
        return energies
    return [float(theory.free_energy(*q, search=search)) for q in momenta]


class _Frame(NamedTuple):
    """Directions away from a centre and around it; ``turn`` is 1/radius, or 0 close to it."""

    radial: NDArray[np.float64]
    turn: float

    def moved(self, q: NDArray[np.float64], step: NDArray[np.float64]) -> NDArray[np.float64]:
        """The momentum a step (outwards, around) away."""
        out, around = float(step[0]), float(step[1])
        across = np.array([-self.radial[1], self.radial[0]])
        if self.turn == 0.0:
            return q + out * self.radial + around * across
        radius, angle = 1.0 / self.turn, around * self.turn
        return (
            q
            + ((radius + out) * math.cos(angle) - radius) * self.radial
            + (radius + out) * math.sin(angle) * across
        )


def _around(
    q: NDArray[np.float64], J: NDArray[np.float64], H: NDArray[np.float64], spacing: float
) -> tuple[_Frame, NDArray[np.float64], NDArray[np.float64]]:
    """The frame of polar coordinates at ``q`` from their centre; slope and curvature in it."""
    radius = float(np.hypot(*q))
    if radius < 2.0 * spacing:
        return _Frame(np.array([1.0, 0.0]), 0.0), J, H
    frame = _Frame(q / radius, 1.0 / radius)
    turned = np.array([frame.radial, [-frame.radial[1], frame.radial[0]]])
    J, H = turned @ J, turned @ H @ turned.T
    return frame, J, H + frame.turn * np.array([[0.0, J[1]], [J[1], -J[0]]])


def _slope_and_curvature(
    theory: Theory, q: NDArray[np.float64], search: Search
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """J and d^2F/dq^2 to the accuracy of a search, from one call.

    Where it meets the normal state, close to T_c, the step is shortened.
    """
    step = _SHORT * theory.spacing
    for _ in range(3):
        points = q + step * np.array([[0, 0], [1, 0], [-1, 0], [0, 1], [0, -1]])
        J = theory.current(*points.T, search=search)
        H = 0.5 * np.column_stack([J[:, 1] - J[:, 2], J[:, 3] - J[:, 4]]) / step
        if np.all(np.isfinite(H)):
            break
        step /= 8.0
    return J[:, 0], 0.5 * (H + H.T)


def _descend(theory: Theory, q: NDArray[np.float64]) -> Well | None:
    """The well at the end of a loose descent, with J = 0 to the accuracy of the theory's own."""
    lower = downhill(theory, q, True)
    if lower is None:
        return None
    q, H = lower, _curvature(theory, lower)
    eigenvalues, vectors = np.linalg.eigh(H)
    floor = 1e-4 * np.abs(eigenvalues).max()  # rounding must not move q along a ring
    for _ in range(2):
        J = theory.current(*q)
        step = vectors @ ((vectors.T @ J) / np.maximum(np.abs(eigenvalues), floor))
        q = q - (step if q[1] != 0.0 else step * [1.0, 0.0])
    return Well(q, float(theory.free_energy(*q)), H)


def _curvature(theory: Theory, q: NDArray[np.float64]) -> NDArray[np.float64]:
    """Differences with a step that stays within the ordered region, narrow near T_c."""

    def current(qx: ArrayLike, qy: ArrayLike) -> NDArray[np.float64]:
        return theory.current(qx, qy, search=True)

    step = _STENCIL * theory.spacing
    for _ in range(3):
        H = differences(current, q, step)
        if np.all(np.isfinite(H)):
            break
        step /= 8.0
    return H


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
    plane = np.meshgrid(q[0] + coarse, q[1] + coarse)
    line = q[0] + theory.spacing * fine, q[1]  # beta may be negative in a narrow strip
    for momenta in (line, plane):
        if np.any(np.isneginf(theory.free_energy(*momenta, search=_ROUGH))):
            break
    else:
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
