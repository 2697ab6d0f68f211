"""Mean-field states over the plane of pair momenta: minima of F, and where oblique currents end.

Each state comes with J and d2F/dq2, so both searches are Newton's.  They walk on loose integrals,
and compute to the accuracy asked for only where they arrive.
"""

import math
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from ..errors import ConvergenceError
from .pair_states import PairState

__all__ = ["critical_state", "plane_minima"]

Floats = NDArray[np.float64]

_FLAT = 1e-6  # of D_xx: what D_yy may fall below zero by, on a ring of degenerate states
_SOFTEST = 1e-4  # of the stiffest curvature: what steps divide by at least
_STEP = 0.3  # of the spacing: first step of a descent
_ARRIVED = 1e-2  # of that: a loose descent is over
_LOOSE_GAIN, _GAIN = 1e-5, 1e-11  # of |F|: steps that promise less are not worth taking
_SAME = 0.03  # of the spacing: two loose descents have found one minimum
_FIRST, _LONGEST, _SHORTEST = 0.1, 0.5, 1e-4  # of the reach: steps along J x n = 0
_STRAIGHT = 0.9  # cosine of the angle that the curve may turn by in one step
_ALMOST = 0.03  # of the curvature: dI/ds small enough for steps on exact integrals
_MOST = 400


def plane_minima(theory: Any) -> list[PairState]:
    """Minima of F over the half plane q_y >= 0 with F < 0, lowest first.

    Parameters
    ----------
    theory : MeanField

    Returns
    -------
    list of PairState
        Completed; those on the mirror axis included where F rises off it too.

    Raises
    ------
    NoCondensateError
        If the normal state is lowest at all momenta tried.

    Examples
    --------
    >>> from cedrag import NATURAL
    >>> from cedrag.condensate.mean_field import MeanField
    >>> from cedrag.condensate.mean_field_plane import plane_minima
    >>> [round(state.q[0], 4) for state in plane_minima(MeanField(NATURAL, 0.9, spin="band"))]
    [0.1986]
    """
    on_axis = theory.branches.minima() if theory.mirror else []
    found = [state for state in on_axis if _rises_aside(theory, state)]
    isotropic = theory.mirror and theory.bilayer.is_isotropic  # the axis stands for all directions
    starts = [] if isotropic else theory.seeds
    starts = [start for start in starts if start[1] != 0.0 or not theory.mirror]
    starts += [
        (state.q[0], _STEP * theory.spacing) for state in on_axis if not _rises_aside(theory, state)
    ]
    loose: list[PairState] = []
    landed: list[float] = []
    for start in starts:
        for state in theory.states(*start, search=True):
            low = _descended(theory, state, loose, landed)
            if low is not None and not any(_same(theory, low, other) for other in loose):
                loose.append(low)
    for x in landed:
        for state in theory.branches.minima_from(x):
            if _rises_aside(theory, state) and not any(
                _same(theory, state, other, 1e-3) for other in found
            ):
                found.append(state)
    for state in loose:
        low = _settled(theory, state)
        if low is not None and not any(_same(theory, low, other, 1e-3) for other in found):
            found.append(theory.completed(low))
    below = [state for state in found if state.free_energy < 0.0]
    return sorted(below, key=lambda state: state.free_energy)


def _same(theory: Any, a: PairState, b: PairState, within: float = _SAME) -> bool:
    apart = math.hypot(a.q[0] - b.q[0], a.q[1] - b.q[1])
    return apart <= within * theory.spacing and abs(a.gap - b.gap) <= within * b.gap


def _rises_aside(theory: Any, state: PairState) -> bool:
    """Whether F does not fall off the axis."""
    flat = -_FLAT * state.stiffness[0]
    return theory.bilayer.is_isotropic or state.stiffness[2] > flat


def _newton(state: PairState) -> tuple[Floats, Floats]:
    """The step downhill to J = 0, and the curvatures of F."""
    values, vectors = np.linalg.eigh(_curvature(state))
    stiff = np.maximum(np.abs(values), _SOFTEST * np.abs(values).max())
    return -vectors @ ((vectors.T @ np.array(state.current)) / stiff), values


def _leads_to(theory: Any, state: PairState, low: PairState) -> bool:
    """Whether F between a state and a minimum is seen to be one parabola."""
    way = np.array(state.q) - np.array(low.q)
    pull = 0.5 * (_curvature(low) + _curvature(state)) @ way
    if math.hypot(*way) > 2.0 * theory.spacing:
        return False
    off = math.hypot(*(np.array(state.current) - pull))
    rise = 0.5 * float(np.array(state.current) @ way)
    return off <= 0.1 * math.hypot(*pull) and bool(
        abs(state.free_energy - low.free_energy - rise) <= 0.1 * abs(rise)
    )


def _descended(
    theory: Any, state: PairState, known: list[PairState], landed: list[float]
) -> PairState | None:
    """Downhill on loose integrals; None if the way ends in the normal state or on the axis.

    Where it ends on the axis is added to ``landed``.  Also None where it is seen to lead to one of
    the ``known`` minima.
    """
    longest = _STEP * theory.spacing
    for _ in range(80):
        if any(_leads_to(theory, state, low) for low in known):
            return None
        step, values = _newton(state)
        length = math.hypot(*step)
        gained = 0.5 * abs(float(np.array(state.current) @ step))
        if values[0] > -_FLAT * values[1] and (
            length < _ARRIVED * _STEP * theory.spacing
            or gained < _LOOSE_GAIN * abs(state.free_energy)
        ):
            return state
        if length > longest:
            step, length = step * (longest / length), longest
        if length < 1e-6 * theory.spacing:
            return None
        x, y = state.q[0] + step[0], state.q[1] + step[1]
        if theory.mirror and y < 1e-3 * theory.spacing:
            landed.append(float(x))
            return None
        new = theory.state(float(x), float(y), near=state, search=True)
        if new is None:
            return None
        if new.free_energy > state.free_energy + 1e-3 * abs(state.free_energy):
            longest = 0.3 * length
            continue
        longest *= 1.5 if length == longest else 1.0
        state = new
    return None


def _settled(theory: Any, state: PairState) -> PairState | None:
    """The minimum of F next to a loose one, with J = 0 within the errors of the theory."""
    x, y = state.q
    if theory.bilayer.has_mirror and not theory.mirror and y < 0.0:
        near = theory.state(x, -y)  # of a mirror pair, the member above the axis
    else:
        near = theory.state(x, y, near=state)
    for tried in range(40):
        if near is None:
            return None
        if theory.bilayer.has_mirror and 0.0 < abs(near.q[1]) < 1e-5 * theory.spacing:
            near = theory.state(near.q[0], 0.0, near=near)
            continue
        size = math.hypot(*near.current)
        step, values = _newton(near)
        gained = 0.5 * abs(float(np.array(near.current) @ step))
        if values[0] > -_FLAT * values[1] and (
            size <= 1e-3 * near.current_error
            or math.hypot(*step) < 1e-11 * theory.spacing
            or (tried > 8 and gained < _GAIN * abs(near.free_energy))  # along a soft ring
        ):
            return near
        step *= min(1.0, 0.5 * theory.spacing / max(math.hypot(*step), 1e-300))
        x, y = near.q[0] + float(step[0]), near.q[1] + float(step[1])
        if theory.mirror and y < 1e-3 * theory.spacing:
            return None
        near = theory.state(x, y, near=near)
    return None


def _curvature(state: PairState) -> Floats:
    xx, xy, yy = state.stiffness
    return np.array([[xx, xy], [xy, yy]])


class _Point(NamedTuple):
    """A state on the curve J x n = 0; ``rise`` = dI/ds along the tangent."""

    state: PairState
    tangent: Floats
    rise: float
    back: Floats  # the way onto the curve


def critical_state(theory: Any, rest: PairState, angle: float) -> tuple[PairState, float]:
    """Where a current that grows in the direction ``angle`` from a state at rest loses stability.

    As :func:`cedrag.condensate.oblique.follow_current`: the state moves along J(q) = I n while
    det d2F/dq2 > 0.  Here each state continues the one before, with its own J and d2F/dq2.  Mirror
    images that a current along the axis brings together go on as one state on the axis.

    Parameters
    ----------
    theory : MeanField
    rest : PairState
        A minimum of F.
    angle : float
        Direction of the current from the x axis, in radians.

    Returns
    -------
    state : PairState
        The critical state, or the last of a branch that ends before.
    current : float
        I_c in J_u.

    Raises
    ------
    ConvergenceError
        If the curve does not end.

    Examples
    --------
    Across the field of the sample:

    >>> import math
    >>> from cedrag import NATURAL
    >>> from cedrag.condensate.mean_field import MeanField
    >>> from cedrag.condensate.mean_field_plane import critical_state
    >>> theory = MeanField(NATURAL, 0.5, spin="band", rtol=1e-6)
    >>> round(critical_state(theory, theory.minima[0], math.pi / 2.0)[1], 4)
    0.2868
    """
    n = np.array([math.cos(angle), math.sin(angle)])
    values, vectors = np.linalg.eigh(_curvature(rest))
    reach = 2.0 * math.sqrt(abs(rest.free_energy) / values[1])
    # where F is flat, as along a ring, the softest direction comes first
    ahead = vectors @ ((vectors.T @ n) / np.maximum(values, 1e-7 * values[1]))
    here, length = _point(rest, n, ahead), _FIRST * reach
    along = theory.mirror and abs(n[1]) < 1e-15 and rest.q[1] != 0.0
    for _ in range(_MOST):
        new = _next(theory, here, n, length)
        if new is None:
            length *= 0.5
            if length < _SHORTEST * reach:
                last = theory.state(*here.state.q, near=here.state) or here.state
                return last, float(np.array(last.current) @ n)
            continue
        if along and new.state.q[1] * here.state.q[1] <= 0.0:
            return _on_axis(theory, new, float(n[0]))
        if new.rise <= 0.0:
            return _turned(theory, here, new, n)
        here, length = new, min(1.4 * length, _LONGEST * reach)
    raise ConvergenceError(
        f"no critical state found along n = {tuple(np.round(n, 6).tolist())} from "
        f"q0 = {tuple(np.round(rest.q, 6).tolist())}"
    )


def _on_axis(theory: Any, near: _Point, sense: float) -> tuple[PairState, float]:
    """The critical state on the mirror axis, where two mirror images have met.

    There D_yy = 0 in passing: the state goes on along the axis, on which the current still rises.
    """
    met = theory.state(near.state.q[0], 0.0, search=True)
    if met is None:
        raise ConvergenceError(f"no state on the axis at q = {near.state.q[0]:.6g}")
    if met.stiffness[0] <= 0.0:  # the images have met behind the turning point
        last = theory.state(*met.q)
        return last, sense * last.current[0]
    last = theory.completed_aside(theory.branches.turning(met, sense))
    return last, sense * last.current[0]


def _point(state: PairState, n: Floats, ahead: Floats) -> _Point:
    """The state with the tangent of its curve, turned like ``ahead``."""
    H, J = _curvature(state), np.array(state.current)
    across = np.array([-n[1], n[0]])
    s = H @ across
    size = max(math.hypot(*s), 1e-300)
    tangent = np.array([s[1], -s[0]]) / size
    if tangent @ ahead < 0.0:
        tangent = -tangent
    return _Point(state, tangent, float(n @ H @ tangent), -float(J @ across) * s / size**2)


def _next(theory: Any, here: _Point, n: Floats, length: float) -> _Point | None:
    """The point about ``length`` ahead on the same branch; None if there is none so far away."""
    start = np.array(here.state.q)
    q, near = start + length * here.tangent, here.state
    for _ in range(8):
        state = theory.state(float(q[0]), float(q[1]), near=near, search=True)
        if state is None:
            return None
        new = _point(state, n, here.tangent)
        off = math.hypot(*new.back)
        if off > 0.5 * length:
            return None
        if off <= 1e-2 * length:
            break
        q, near = q + new.back, state
    else:
        return None
    if new.tangent @ here.tangent < _STRAIGHT:
        return None
    # the slopes' mean must agree with J at both ends
    moved, H0, H1 = np.array(state.q) - start, _curvature(here.state), _curvature(state)
    jump = np.array(state.current) - np.array(here.state.current) - 0.5 * (H0 + H1) @ moved
    steep = max(np.abs(H0).max(), np.abs(H1).max())
    return new if math.hypot(*jump) <= 0.2 * length * steep else None


def _turned(theory: Any, a: _Point, b: _Point, n: Floats) -> tuple[PairState, float]:
    """The critical state between two points, close enough for I to be its maximum."""
    here = b
    for _ in range(40):  # on loose integrals, until I is seen to be almost flat
        way = np.array(b.state.q) - np.array(a.state.q)
        length = math.hypot(*way)
        bend = (b.rise - a.rise) / length
        if abs(here.rise) <= _ALMOST * np.abs(_curvature(here.state)).max():
            break
        share = min(max(a.rise / (a.rise - b.rise), 0.15), 0.85)
        new = None
        while new is None and share > 1e-3:
            new = _next(theory, a, n, share * length)
            share *= 0.5
        if new is None:
            raise ConvergenceError(
                f"the branch is interrupted at q = {tuple(np.round(a.state.q, 6).tolist())}"
            )
        a, b, here = (a, new, new) if new.rise <= 0.0 else (new, b, new)
    near, last = here.state, None
    q, step = np.array(near.q), np.zeros(2)
    for _ in range(40):
        q = q + step * min(1.0, length / max(math.hypot(*step), 1e-300))
        state = theory.state(float(q[0]), float(q[1]), near=near)
        if state is None:
            raise ConvergenceError(
                f"the branch is interrupted at q = {tuple(np.round(q, 6).tolist())}"
            )
        here, near = _point(state, n, way), state
        if last is not None:
            moved = float((q - last[0]) @ here.tangent)
            if moved != 0.0 and (here.rise - last[1]) / moved < 0.0:
                bend = (here.rise - last[1]) / moved
        last = q, here.rise
        # I is stationary along the curve, and corrected to first order across it
        current = float(n @ (np.array(state.current) + _curvature(state) @ here.back))
        lacking = here.rise**2 / (2.0 * abs(bend)) + abs(bend) * float(here.back @ here.back)
        if lacking <= 1e-3 * theory.rtol * abs(current):
            return state, current
        step = here.back - here.rise / bend * here.tangent
    raise ConvergenceError(f"no critical state near q = {tuple(np.round(q, 6).tolist())}")
