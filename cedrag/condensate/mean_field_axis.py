"""Mean-field states on the mirror axis: where F has minima, and where the current turns.

Each state comes with its own J and its own dJ/dq, so no series is needed.  A branch is walked once
from its minimum to either end, with errors as a search allows; where the current turns comes from
Hermite's cubic through neighbours, and only states there are computed to the accuracy asked for.
"""

import math
from itertools import pairwise
from typing import Any

from ..errors import ConvergenceError
from .pair_states import PairState
from .theory import AxisMinimum, Turning

__all__ = ["MeanFieldAxis", "MirrorAxis"]

_STEP = 0.3  # of sqrt(2 |F|/D), which is the window in q to leading order
_MOST = 400
_ENDED = 0.3  # of |Delta| at rest: there J falls as |Delta|^2
_SEEN = 0.02  # of a step: so close to its end a branch has been seen
_STRAIGHT = 0.3  # how far from a line 1/slope^2 may be next to a fold


class MeanFieldAxis:
    """The states of a theory on q_y = 0.

    Parameters
    ----------
    theory : MeanField
        Of a bilayer whose bands are even in k_y.

    Examples
    --------
    >>> from cedrag import NATURAL
    >>> from cedrag.condensate.mean_field import MeanField
    >>> from cedrag.condensate.mean_field_axis import MeanFieldAxis
    >>> axis = MeanFieldAxis(MeanField(NATURAL, 0.9, spin="band"))
    >>> round(axis.minima()[0].q[0], 6)
    0.198633
    """

    def __init__(self, theory: Any) -> None:
        self.theory = theory
        self._walks: dict[tuple[float, float], list[PairState]] = {}
        self._turns: dict[tuple[float, float], PairState] = {}
        self._minima: list[PairState] | None = None

    # following a branch ----------------------------------------------------------------

    def _step(self, state: PairState) -> float:
        rigidity = max(abs(state.stiffness[0]), 1e-300)
        return _STEP * math.sqrt(2.0 * max(abs(state.free_energy), 1e-300) / rigidity)

    def _next(self, states: list[PairState], step: float) -> PairState | None:
        """The state of the same branch at q + step; None if there is none."""
        state = states[-1]
        before = states[-2] if len(states) > 1 else None
        new = self.theory.state(state.q[0] + step, 0.0, near=state, before=before, search=True)
        if new is None:
            return None
        # the slopes' mean must agree with J at both ends
        jump = new.current[0] - state.current[0]
        foreseen = 0.5 * step * (new.stiffness[0] + state.stiffness[0])
        smooth = abs(jump - foreseen) <= 0.2 * abs(step) * max(
            abs(new.stiffness[0]), abs(state.stiffness[0])
        )
        return new if smooth or abs(step) < 1e-4 * self._least else None

    @property
    def _least(self) -> float:
        return float(self.theory.spacing)

    def branch(self, rest: PairState, sense: float) -> list[PairState]:
        """States from ``rest`` in one direction to where Delta has almost vanished, or they end."""
        key = rest.q[0], sense
        if key not in self._walks:
            self._walks[key] = self._walk(rest, sense)
        return self._walks[key]

    def _walk(self, rest: PairState, sense: float) -> list[PairState]:
        step, states = self._step(rest), [rest]
        for _ in range(_MOST):
            room = _room(states)
            if room < _SEEN * self._step(rest):
                return states
            step = min(step, 0.8 * room)
            new = self._next(states, sense * step)
            if new is None:
                step *= 0.5
                if step < 1e-4 * self._step(rest):
                    return states
                continue
            states.append(new)
            if new.gap < _ENDED * rest.gap:
                return states
            step = min(1.4 * step, self._step(rest))
        raise ConvergenceError(
            f"the branch from q = {rest.q[0]:.6g} does not end within {_MOST} states"
        )

    def _turn(self, a: PairState, b: PairState) -> PairState:
        """The state between a and b with dJ/dq = 0, close enough for J to be its extremum."""
        key = a.q[0], b.q[0]
        if key not in self._turns:
            self._turns[key] = self._sought_turn(a, b)
        return self._turns[key]

    def _sought_turn(self, a: PairState, b: PairState) -> PairState:
        lo, hi = sorted((a, b), key=lambda state: state.q[0])
        x, bend = _hermite_turn(lo, hi)
        near, last = (a if abs(x - a.q[0]) < abs(x - b.q[0]) else b), None
        for _ in range(60):
            new = self.theory.state(x, 0.0, near=near)
            if new is None:
                raise ConvergenceError(f"the branch is interrupted at q = {x:.6g}")
            f = new.stiffness[0]
            if last is not None and new.q[0] != last.q[0] and f != last.stiffness[0]:
                bend = (f - last.stiffness[0]) / (new.q[0] - last.q[0])
            step = -f / bend if bend != 0.0 else math.inf
            # J = J_c - (dJ/dq) step/2 next to the extremum
            if abs(0.5 * f * step) <= 1e-3 * self.theory.rtol * abs(new.current[0]):
                return new
            if abs(hi.q[0] - lo.q[0]) < 1e-13 * (1.0 + abs(x)):
                return new
            if (f < 0.0) == (lo.stiffness[0] < 0.0):
                lo = new
            else:
                hi = new
            near, last = new, new
            x = new.q[0] + step
            if not lo.q[0] < x < hi.q[0]:
                x = 0.5 * (lo.q[0] + hi.q[0])
        raise ConvergenceError(f"no root between q = {lo.q[0]:.6g} and {hi.q[0]:.6g}")

    def minimum(self, state: PairState) -> PairState | None:
        """The minimum of F that Newton steps on J = 0 lead to; None if the branch ends first.

        The first steps are as accurate as a search, the last as the theory.
        """
        longest, search, fine = self._step(state), True, False
        for _ in range(80):
            j, slope = state.current[0], state.stiffness[0]
            step = -j / abs(slope) if slope != 0.0 else -math.copysign(longest, j)
            step = math.copysign(min(abs(step), longest), step)
            near = math.sqrt(abs(state.free_energy * slope))
            if search:
                search = not (slope > 0.0 and abs(step) < 1e-2 * longest)
            elif fine and slope > 0.0 and abs(j) <= max(1e-13 * near, 1e-3 * state.current_error):
                return state
            if fine and abs(step) < 1e-14 * (1.0 + abs(state.q[0])):
                return state if slope > 0.0 else None
            new = self.theory.state(state.q[0] + step, 0.0, near=state, search=search)
            if new is None:
                return None
            state, fine = new, not search
        return None

    # what the searches ask for ---------------------------------------------------------

    def minima(self) -> list[PairState]:
        """Minima of F on the axis with F < 0, lowest first."""
        if self._minima is None:
            self._minima = self._found_minima()
        return self._minima

    def _found_minima(self) -> list[PairState]:
        found: list[PairState] = []
        for start in self.theory.seeds:
            if start[1] == 0.0:
                self._add_minima(start[0], found)
        return sorted(map(self.theory.completed, found), key=lambda state: state.free_energy)

    def _add_minima(self, x: float, found: list[PairState]) -> None:
        """Append to ``found`` the minima of F on the axis that states at x lead to."""
        for state in self.theory.states(x, search=True):
            low = self.minimum(state)
            if low is not None and all(
                abs(low.q[0] - other.q[0]) > 1e-6 * self._least
                or abs(low.gap - other.gap) > 1e-4 * low.gap
                for other in found
            ):
                found.append(low)

    def minima_from(self, x: float) -> list[PairState]:
        """Further minima of F on the axis, from a momentum that no seed led to."""
        known = self.minima()
        found = list(known)
        self._add_minima(x, found)
        new = [self.theory.completed(state) for state in found[len(known) :]]
        self._minima = sorted([*known, *new], key=lambda state: state.free_energy)
        return new

    def turning(self, state: PairState, sense: float) -> PairState:
        """The first state from a minimum in one direction where dJ/dq = 0: critical current."""
        states = self.branch(state, sense)
        for a, b in pairwise(states):
            if b.stiffness[0] <= 0.0:
                return self._turn(a, b)
        last = states[-1]
        fine = self.theory.state(last.q[0], 0.0, near=last)
        return last if fine is None else fine

    def extreme(self, sense: float) -> PairState | None:
        """The state with the largest (sense 1) or most negative current on the whole axis.

        None if the current turns nowhere before F = 0.
        """
        turns = [
            (a, b)
            for minimum in self.minima()
            for direction in (1.0, -1.0)
            for a, b in pairwise(self.branch(minimum, direction))
            if a.stiffness[0] * b.stiffness[0] < 0.0 and b.free_energy <= 0.0
        ]
        if not turns:
            return None
        highest = [_hermite_height(*pair, sense) for pair in turns]
        close = [pair for pair, top in zip(turns, highest, strict=True)
                 if top > max(highest) - 0.02 * abs(max(highest))]  # fmt: skip
        return max((self._turn(*pair) for pair in close), key=lambda new: new.current[0] * sense)


def _room(states: list[PairState]) -> float:
    """About how far ahead a branch ends, inf if nowhere.

    |Delta|^2 vanishes on a parabola through the last states; at a fold its slope diverges as
    the inverse root of the distance.
    """
    if len(states) < 2:
        return math.inf
    before, last = states[-2:]
    h = abs(last.q[0] - before.q[0])
    sense = math.copysign(1.0, last.q[0] - before.q[0])
    slope, square = sense * _slope_of_square(last), last.gap**2
    bend = (before.gap**2 - square + slope * h) / (h * h)  # square + slope s + bend s^2
    root = slope * slope - 4.0 * bend * square
    ahead = -slope + math.sqrt(root) if root > 0.0 else 0.0
    vanishes = 2.0 * square / ahead if ahead > 0.0 else math.inf
    return min(vanishes, _fold(states[-3:], sense))


def _fold(states: list[PairState], sense: float) -> float:
    """The distance at which 1/(d|Delta|^2/dq)^2 falls to zero; inf unless it falls linearly."""
    slopes = [sense * _slope_of_square(state) for state in states]
    if len(states) < 3 or not slopes[2] < slopes[1] < slopes[0] < 0.0:
        return math.inf
    x = [sense * (state.q[0] - states[2].q[0]) for state in states]
    u = [slope**-2 for slope in slopes]
    fall = (u[1] - u[2]) / (x[2] - x[1])
    foreseen = u[1] - (u[0] - u[1]) / (x[1] - x[0]) * (x[2] - x[1])
    if abs(foreseen - u[2]) > _STRAIGHT * (u[1] - u[2]):
        return math.inf
    return u[2] / fall


def _slope_of_square(state: PairState) -> float:
    """d|Delta|^2/dq_x."""
    return 2.0 * sum(a * b for a, b in zip(state.field, state.drift[0], strict=True))


def _hermite_turn(lo: PairState, hi: PairState) -> tuple[float, float]:
    """Where dJ/dq of Hermite's cubic through J and dJ/dq vanishes, and d2J/dq2 there."""
    h = hi.q[0] - lo.q[0]
    jump, a, b = (hi.current[0] - lo.current[0]) / h, lo.stiffness[0], hi.stiffness[0]
    # dJ/dq = a + 2 c s + 3 d s^2 with s = (q - lo)/h
    c, d = 3.0 * jump - 2.0 * a - b, a + b - 2.0 * jump
    s = a / (a - b)
    for _ in range(20):
        s -= (a + 2.0 * c * s + 3.0 * d * s * s) / ((2.0 * c + 6.0 * d * s) or 1e-300)
    if not 0.0 < s < 1.0:
        s = a / (a - b)
        return lo.q[0] + s * h, (b - a) / h
    return lo.q[0] + s * h, (2.0 * c + 6.0 * d * s) / h


def _hermite_height(a: PairState, b: PairState, sense: float) -> float:
    """About the extremum of sense J between two states whose slopes differ in sign."""
    lo, hi = sorted((a, b), key=lambda state: state.q[0])
    x, _ = _hermite_turn(lo, hi)
    near = a if abs(x - a.q[0]) < abs(x - b.q[0]) else b
    step = x - near.q[0]
    return sense * (near.current[0] + 0.5 * near.stiffness[0] * step)  # dJ/dq falls to 0 on the way


class MirrorAxis:
    """What the searches ask of the axis q_y = 0: see :class:`cedrag.condensate.theory.Axis`.

    Parameters
    ----------
    theory : MeanField
        Whose states keep the mirror.

    Attributes
    ----------
    alone : bool
        Whether no minimum of F was found off the axis.
    branches : MeanFieldAxis
        The states themselves.

    Examples
    --------
    >>> from cedrag import NATURAL
    >>> from cedrag.condensate.mean_field import MeanField
    >>> axis = MeanField(NATURAL, 0.9, spin="band").axis()
    >>> round(axis.minima()[0].q, 6), round(axis.turning(axis.minima()[0].q, 1.0).current, 5)
    (0.198633, 0.02855)
    """

    def __init__(self, theory: Any) -> None:
        self._theory = theory
        self.branches: MeanFieldAxis = theory.branches
        self._states = [state for state in theory.minima if state.q[1] == 0.0]
        self.alone = len(self._states) == len(theory.minima)
        self._critical: dict[float, PairState | None] = {}

    def minima(self) -> list[AxisMinimum]:
        """Minima of F over the plane that lie on the axis, lowest first."""
        return [
            AxisMinimum(s.q[0], s.free_energy, s.stiffness[0], s.stiffness[2]) for s in self._states
        ]

    def turning(self, q0: float, sense: float) -> Turning:
        """Where J stops rising on one side of the state at rest ``q0``, or where its branch ends.

        There is no beta: ``weakest`` is nan.
        """
        rest = min(self._states, key=lambda state: abs(state.q[0] - q0))
        critical = self._theory.completed_aside(self.branches.turning(rest, sense))
        return Turning(
            q=critical.q[0],
            current=critical.current[0],
            error=critical.current_error,
            edge=self._edge(rest, sense),
            weakest=math.nan,
            rises_aside=critical.stiffness[2] > 0.0,
        )

    def extreme(self, sense: float) -> float:
        """The largest or most negative current on the whole axis; 0 if it turns nowhere."""
        key = math.copysign(1.0, sense)
        if key not in self._critical:
            self._critical[key] = self.branches.extreme(key)
        critical = self._critical[key]
        return 0.0 if critical is None else critical.current[0]

    def _edge(self, rest: PairState, sense: float) -> float:
        """Where the branch ends: by alpha = 0 if Delta vanishes there, else its last momentum."""
        states = self.branches.branch(rest, sense)
        if len(states) < 2:
            return rest.q[0]
        before, last = states[-2:]
        if last.gap >= _ENDED * rest.gap:  # a jump
            room = _room(states)
            return last.q[0] + sense * (room if math.isfinite(room) else 0.0)
        # |Delta|^2 is linear in q next to a continuous end
        fall = (before.gap**2 - last.gap**2) / (last.q[0] - before.q[0])
        ahead = last.q[0] + 1.5 * last.gap**2 / fall
        from scipy import optimize

        def alpha(q: float) -> float:
            return float(self._theory.alpha_of_branch(q, last.rays))

        if not alpha(last.q[0]) < 0.0 < alpha(ahead):
            return math.nan
        return float(optimize.brentq(alpha, last.q[0], ahead, xtol=0.1 * self._theory.rtol))
