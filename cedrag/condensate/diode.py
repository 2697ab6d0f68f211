"""Critical counterflow currents in both directions and the diode efficiency."""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from .._checks import provides, real_scalar
from .._results import Result, provenance_of
from ..errors import BranchWarning, warn
from .oblique import follow_current
from .state import Condensate, find_condensate
from .theory import Theory, WithStates

__all__ = ["Diode", "find_diode", "efficiency"]

_DEGENERATE = 1e-6  # of |F|: by which the free energies of degenerate minima may differ


@dataclass(frozen=True, eq=False)
class Diode(Result):
    """Critical currents: the first roots of dJ/dq on either side of q0.

    Attributes
    ----------
    jc_plus, jc_minus : float
        Largest and most negative current on the stable branch that contains q0, in J_u;
        ``jc_minus < 0``.  With degenerate minima of F, such as +-q0 or a ring, the extrema over
        their branches.  Infinite where a branch runs into beta = 0.
    efficiency : float
        eta = (|J_c+| - |J_c-|)/(|J_c+| + |J_c-|); nan if a critical current is infinite.
    q_plus, q_minus : tuple of float
        Pair momenta of the two critical states of the branch of q0, in 1/l_u.
    q0 : tuple of float
        Momentum of the equilibrium state, in 1/l_u.
    jc_plus_branch, jc_minus_branch, efficiency_branch : float
        The same of the one branch of q0.
    jc_plus_global, jc_minus_global, efficiency_global : float
        The same from the extrema over all momenta on the line with alpha < 0.
    window : tuple of float
        The interval of q - q0 along the current where alpha < 0, around q0, in 1/l_u; for an
        oblique current the interval between the critical states.
    beta_ratio : float
        Smallest beta between the critical states over beta at q0: small values mean that the
        quartic theory is near its limit; nan in theories without beta, and for oblique currents.
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
    ['AboveBKTWarning', 'LargeGapWarning', 'NearTricriticalWarning']
    """

    jc_plus: float
    jc_minus: float
    efficiency: float
    q_plus: tuple[float, float]
    q_minus: tuple[float, float]
    q0: tuple[float, float]
    jc_plus_branch: float
    jc_minus_branch: float
    efficiency_branch: float
    jc_plus_global: float
    jc_minus_global: float
    efficiency_global: float
    window: tuple[float, float]
    beta_ratio: float
    transversely_stable: bool
    angle: float
    error: float
    converged: bool


def efficiency(jc_plus: float, jc_minus: float) -> float:
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


def remarks_on_branches(diode: Diode, larger: float) -> Iterator[tuple[str, type[BranchWarning]]]:
    """What to say where another branch than that of q0 carries more, by the fraction ``larger``."""
    gained = diode.jc_plus_global / diode.jc_plus, diode.jc_minus_global / diode.jc_minus
    if max(gained) > 1.0 + larger:
        yield (
            f"the largest currents over all momenta, {diode.jc_plus_global:.4g} and "
            f"{diode.jc_minus_global:.4g} J_u, belong to other branches than that of q0",
            BranchWarning,
        )


def find_diode(theory: Theory, angle: float = 0.0) -> Diode:
    """Critical currents of ``theory`` along one direction.

    For the mirror axis (angle 0 or pi, q0 on the axis) the momentum stays on the axis and J_c are
    roots of dJ_x/dq_x.  In any other direction the state follows J(q) = I n from q0, and I_c is
    where it loses stability: det d^2F/dq^2 = 0 (see
    :func:`cedrag.condensate.oblique.follow_current`); the global values then equal those of the
    branches.

    Where F has degenerate minima, the current of each is looked at, and the larger one counts.  A
    symmetry that maps q to -q makes the efficiency zero, not only small: both currents are then
    extrema over the same states.

    Parameters
    ----------
    theory : Theory
        Such as GinzburgLandau or MeanField, below T_c.
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
        If a critical state was not found to the accuracy asked for.

    Warns
    -----
    ValidityWarning
        Those of :func:`cedrag.condensate.state.find_condensate`, and what the theory remarks.

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
    provides("theory", theory, "free_energy", "current", "current_error", "starts", "axis")
    angle = real_scalar("angle", angle)
    state = find_condensate(theory)
    if not math.isfinite(state.gap):
        return _unstable(theory, state, angle)
    diode = _compared(theory, state, angle)
    for message, category in theory.remarks(diode):
        warn(message, category)
    return diode


def _unstable(theory: Theory, state: Condensate, angle: float) -> Diode:
    """No critical current: find_condensate() has said why."""
    none = math.inf, -math.inf, math.nan
    return Diode(
        *none, state.q0, state.q0, state.q0, *none, *none, (0.0, 0.0), 0.0, False, angle, math.inf,
        False, provenance=provenance_of(theory),
    )  # fmt: skip


class _Critical(NamedTuple):
    """A critical state: see :class:`cedrag.condensate.theory.Turning`."""

    q: Sequence[float] | NDArray[np.float64]
    current: float  # along the direction
    error: float
    edge: float  # from q0, along the direction
    weakest: float
    stable: bool


class _Branches:
    """Critical states of one minimum of F by direction; mirror images are computed once."""

    def __init__(
        self, theory: Theory, q0: tuple[float, float], stiffness: NDArray[np.float64]
    ) -> None:
        self.theory, self.q0, self._stiffness = theory, q0, stiffness
        self.axis = theory.axis() if q0[1] == 0.0 else None
        self._known: dict[float, _Critical] = {}

    @property
    def reach(self) -> float:
        """Half the width of the window to leading order."""
        stiffest = float(np.linalg.eigvalsh(self._stiffness)[-1])
        return 2.0 * math.sqrt(abs(float(self.theory.free_energy(*self.q0))) / stiffest)

    def turning(self, angle: float) -> _Critical:
        """Where the current in the direction ``angle`` is largest."""
        angle = math.remainder(angle, 2.0 * math.pi)
        if self.q0[1] == 0.0 and self.theory.bilayer.has_mirror:
            angle = abs(angle)
        key = round(angle, 12)
        if key not in self._known:
            self._known[key] = self._turning(angle)
        return self._known[key]

    def _turning(self, angle: float) -> _Critical:
        if self.axis is not None and abs(math.sin(angle)) < 1e-15:
            sense = math.copysign(1.0, math.cos(angle))
            turn = self.axis.turning(self.q0[0], sense)
            edge, current = (turn.edge - self.q0[0]) * sense, sense * turn.current
            return _Critical(
                (turn.q, 0.0), current, turn.error, edge, turn.weakest, turn.rises_aside
            )
        q, current = (
            self.theory.critical(self.q0, angle)
            if isinstance(self.theory, WithStates)
            else follow_current(self.theory, self.q0, angle, self.reach)
        )
        error = math.hypot(*self.theory.current_error(*q).tolist())
        n = np.array([math.cos(angle), math.sin(angle)])
        # det d^2F/dq^2 = 0 is the criterion itself, so it is stable across the current too
        return _Critical(q, current, error, float((q - np.array(self.q0)) @ n), math.nan, True)


def _compared(theory: Theory, state: Condensate, angle: float) -> Diode:
    """The Diode of the branch of q0 and of all minima that are degenerate with it."""
    bilayer, q0 = theory.bilayer, state.q0
    wells = [_Branches(theory, q0, state.stiffness)]
    for q in state.other_minima:
        if abs(float(theory.free_energy(*q)) / state.free_energy - 1.0) < _DEGENERATE:
            wells.append(_Branches(theory, tuple(q.tolist()), state.stiffness))
    direction = 0.0 if bilayer.is_isotropic else angle  # no direction is distinguished
    forward = [direction]
    if bilayer.has_mirror and q0[1] != 0.0:
        forward += [-direction]
    if bilayer.is_reversible:
        forward += [math.pi + other for other in forward]
    forth, back = (wells[0].turning(direction + turn) for turn in (0.0, math.pi))
    jc_plus = max(well.turning(a).current for well in wells for a in forward)
    jc_minus = -max(well.turning(a + math.pi).current for well in wells for a in forward)
    largest, lowest = _extremes(theory, wells, direction, jc_plus, jc_minus)
    return Diode(
        jc_plus=jc_plus,
        jc_minus=jc_minus,
        efficiency=efficiency(jc_plus, jc_minus),
        q_plus=_turned(forth.q, angle - direction),
        q_minus=_turned(back.q, angle - direction),
        q0=_turned(q0, angle - direction),
        jc_plus_branch=forth.current,
        jc_minus_branch=-back.current,
        efficiency_branch=efficiency(forth.current, back.current),
        jc_plus_global=largest,
        jc_minus_global=lowest,
        efficiency_global=efficiency(largest, lowest),
        window=(-back.edge, forth.edge),
        beta_ratio=min(forth.weakest, back.weakest),
        transversely_stable=forth.stable and back.stable,
        angle=angle,
        error=max(forth.error, back.error),
        converged=state.converged,
        provenance=provenance_of(theory),
    )


def _extremes(
    theory: Theory, wells: list[_Branches], direction: float, jc_plus: float, jc_minus: float
) -> tuple[float, float]:
    """Currents over all momenta on the line of the axis; elsewhere those of the branches."""
    axis = theory.axis()
    if axis is None or abs(math.sin(direction)) >= 1e-15:
        return jc_plus, jc_minus
    sense = math.copysign(1.0, math.cos(direction))
    largest = max(jc_plus, sense * axis.extreme(sense))
    lowest = min(jc_minus, sense * axis.extreme(-sense))
    if theory.bilayer.is_reversible:
        largest = max(largest, -lowest)
        lowest = -largest
    return largest, lowest


def _turned(q: Sequence[float] | NDArray[np.float64], angle: float) -> tuple[float, float]:
    """The momentum ``q`` turned by an angle, as two numbers."""
    x, y = float(q[0]), float(q[1])
    if angle == 0.0:
        return x, y
    c, s = math.cos(angle), math.sin(angle)
    return c * x - s * y, s * x + c * y
