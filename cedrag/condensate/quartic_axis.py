"""States of the quartic theory on the mirror axis: from the compiled search, or from series."""

import math

import numpy as np
from numpy.polynomial import chebyshev
from numpy.typing import NDArray

from ..errors import ConvergenceError
from ..kernels.axis_states import (
    ASIDE,
    CURRENT,
    ODD_STENCIL,
    RIGIDITY,
    SLOPE,
    branch_end,
    functions,
    largest_current,
    rising_roots,
)
from ..kernels.columns import ALPHA, BETA
from ..pairing.axis import AxisSeries
from ..pairing.common_case import AxisStates
from ..pairing.landscape import rivals
from ..pairing.pairing import Pairing
from .theory import AxisMinimum, Theory, Turning

__all__ = ["CompiledAxis", "SeriesAxis", "whole_window"]

_WIDE = 20.0  # spacings of the seeds: on more a series is first laid loosely
_PER_SPACING = 3.0  # nodes of that series
_LOOSE = 1e-4  # accuracy of its integrals


class CompiledAxis:
    """What the compiled search of the common case has left.

    Parameters
    ----------
    theory : Theory
        Gives the currents of the states, with errors.
    states : AxisStates

    Examples
    --------
    >>> from cedrag import NATURAL, GinzburgLandau
    >>> from cedrag.condensate.quartic_axis import CompiledAxis
    >>> isinstance(GinzburgLandau(NATURAL).axis(), CompiledAxis)
    True
    """

    alone = True

    def __init__(self, theory: Theory, states: AxisStates) -> None:
        self._theory, self._states = theory, states

    def minima(self) -> list[AxisMinimum]:
        """The only minimum of F."""
        s = self._states
        return [AxisMinimum(s.q0, float(self._theory.free_energy(s.q0)), *s.stiffness)]

    def turning(self, q0: float, sense: float) -> Turning:
        """The critical state on one side."""
        s, side = self._states, 1 if sense > 0.0 else 0
        q = (s.q_minus, s.q_plus)[side]
        return Turning(
            q,
            float(self._theory.current(q)[0]),
            float(self._theory.current_error(q)[0]),
            s.window[side],
            s.smallest_beta / float(s.values[1, BETA]),
            s.transversely_stable,
        )

    def extreme(self, sense: float) -> float:
        """The largest or most negative current on the axis."""
        return self._states.extremes[0 if sense > 0.0 else 1]


class SeriesAxis:
    """States from Chebyshev series of alpha and beta over all momenta with alpha < 0.

    Parameters
    ----------
    theory : Theory
        Gives currents with errors, and those beside the axis.
    pairing : Pairing

    Raises
    ------
    ConvergenceError
        If alpha stays negative, or cannot be interpolated.

    Examples
    --------
    >>> from cedrag import NATURAL, GinzburgLandau
    >>> from cedrag.condensate.quartic_axis import SeriesAxis
    >>> axis = GinzburgLandau(NATURAL, t=0.4).axis()
    >>> isinstance(axis, SeriesAxis), axis.alone
    (True, True)
    """

    def __init__(self, theory: Theory, pairing: Pairing) -> None:
        self._theory, self._pairing = theory, pairing
        self._series = whole_window(pairing)
        self._momenta, self._table = self._series.samples()
        self.alone = not np.any(rivals(pairing.form, pairing.seeds)[:, 1])

    @property
    def window(self) -> tuple[float, float]:
        """The first and the last momentum with alpha < 0; all, if it is so nowhere."""
        first, last = self._series.negative_alpha()
        return (first, last) if first < last else (self._series.lo, self._series.hi)

    def lowest_sample(self) -> tuple[float, float]:
        """(F, q) of the lowest sample: -inf where beta <= 0 although alpha < 0."""
        alpha, beta = self._table[ALPHA], self._table[BETA]
        ordered = alpha < 0.0
        safe = np.where(beta > 0.0, beta, np.inf)
        energy = np.where(ordered & (beta <= 0.0), -np.inf, -(alpha**2) / (2.0 * safe))
        energy = np.where(ordered, energy, 0.0)
        lowest = int(np.argmin(energy))
        return float(energy[lowest]), float(self._momenta[lowest])

    def minima(self) -> list[AxisMinimum]:
        """Minima of F along the axis next to a minimum of alpha, lowest first.

        Where F falls again towards small beta, far from strong pairing, the quartic form is not to
        be trusted: such minima are left out, and the theory remarks that F is lower there.
        """
        found = rising_roots(*self._series.arguments, self._momenta, self._table, CURRENT)
        paired = rising_roots(*self._series.arguments, self._momenta, self._table, SLOPE)
        found = np.unique([q for top in paired for q in self._downhill(found, top)])
        return sorted(map(self._minimum, found), key=lambda minimum: minimum.free_energy)

    def _minimum(self, q: float) -> AxisMinimum:
        along = functions(*self._series.arguments, q)[RIGIDITY]
        if self._series.loose:
            for _ in range(3):
                q -= float(self._theory.current(q)[0]) / along
        energy = float(self._theory.free_energy(q))
        # near T_c the window is narrower than the spacing: half of it is sqrt(4 |F|/D)
        step = min(2.0 * ASIDE * self._pairing.spacing, 0.2 * math.sqrt(abs(energy) / along))
        h = step * np.array([1.0, 2.0, 3.0])
        aside = self._theory.current(np.full(3, q), h, search=True)[1]
        return AxisMinimum(float(q), energy, float(along), float(aside @ ODD_STENCIL) / step)

    def _downhill(self, minima: NDArray[np.float64], start: float) -> list[float]:
        """The one of ``minima`` that F falls to from ``start``, as a list; maybe none."""
        arguments = self._series.arguments
        state = functions(*arguments, start)
        if not state[ALPHA] < 0.0 < state[BETA]:
            return []
        here = minima[np.abs(minima - start) <= 1e-9 * (self._series.hi - self._series.lo)]
        if len(here):  # by symmetry: the sign of J is rounding
            return [here[0]]
        ahead = minima[minima <= start] if state[CURRENT] > 0.0 else minima[minima >= start]
        if not len(ahead):
            return []
        nearest = ahead[np.argmin(np.abs(ahead - start))]
        way = [functions(*arguments, q) for q in np.linspace(start, nearest, 9)]
        return [nearest] if all(s[ALPHA] < 0.0 < s[BETA] for s in way) else []

    def turning(self, q0: float, sense: float) -> Turning:
        """The first turning point of J on one side of the state at rest ``q0``."""
        arguments = self._series.arguments
        step = self._momenta[1] - self._momenta[0]
        turn, edge, blocked = branch_end(*arguments, q0, sense, step)
        if math.isnan(turn):
            if blocked or math.isnan(edge):
                return Turning(edge, sense * math.inf, math.inf, edge, 0.0, False)
            raise ConvergenceError(f"the current does not turn between q = {q0:.6g} and {edge:.6g}")
        if self._series.loose:
            turn = self._polished(turn, edge - q0)
        current = float(self._theory.current(turn)[0])
        error = float(self._theory.current_error(turn)[0])
        missed = abs(functions(*arguments, turn)[CURRENT] - current)
        if missed > max(100.0 * error, 1e3 * self._series.tail * abs(current)):
            raise ConvergenceError(
                f"the series along the axis misses the current at q = {turn:.6g} by {missed:.1e}, "
                f"more than 100 times its error {error:.1e}"
            )
        error += missed if self._series.loose else 0.0
        between = self._series.coordinate(np.linspace(q0, turn, 17))
        beta = chebyshev.chebval(between, self._series.coefficients[BETA])
        aside = self._theory.current(turn, 1e-3 * abs(edge - q0), search=True)[1]
        weakest = float(beta.min() / beta[0])
        return Turning(float(turn), current, error, float(edge), weakest, bool(aside > 0.0))

    def _polished(self, turn: float, width: float) -> float:
        """The vertex of the parabola through three currents around a turning point."""
        h = 1e-3 * abs(width)
        before, here, after = self._theory.current(turn + h * np.array([-1.0, 0.0, 1.0]))[0]
        bend = before - 2.0 * here + after
        shift = 0.5 * (before - after) / bend if bend != 0.0 else 0.0
        return turn + h * min(1.0, max(-1.0, shift))

    def extreme(self, sense: float) -> float:
        """The largest or most negative current on the whole axis."""
        return float(largest_current(*self._series.arguments, self._momenta, self._table, sense)[1])


def whole_window(pairing: Pairing) -> AxisSeries:
    """Series over all momenta on q_y = 0 where alpha < 0, and a margin.

    Parameters
    ----------
    pairing : Pairing

    Returns
    -------
    AxisSeries

    Raises
    ------
    ConvergenceError
        If alpha stays negative, or cannot be interpolated.

    Examples
    --------
    >>> from cedrag import NATURAL
    >>> from cedrag.condensate.quartic_axis import whole_window
    >>> from cedrag.pairing.pairing import Pairing
    >>> series = whole_window(Pairing(NATURAL, 0.9))
    >>> bool(series.lo < 0.2 < series.hi)
    True
    """
    seeds = pairing.seeds
    reach = 4.0 * math.sqrt(max(0.02, 1.0 - pairing.t)) / seeds.speed
    lo, hi = seeds.on_axis
    lo, hi = lo - reach, hi + reach
    tolerance = max(0.1 * pairing.rtol, 100.0 * pairing.integrals.rounding)
    if hi - lo > _WIDE * seeds.spacing:
        lo, hi = _narrowed(pairing, lo, hi)
    for turn in range(40):
        series = AxisSeries(pairing.sample, lo, hi, tolerance)
        first, last = series.negative_alpha()
        if not first < last:
            return series
        margin = 0.1 * (last - first)
        if first - lo >= 0.0 and hi - last >= 0.0 and last - first > 0.3 * (hi - lo):
            return series
        # beyond the window of contours far apart nodes cost most: little by little
        further = min(0.5 * (hi - lo), min(8.0, 2.0 ** (turn + 1)) * seeds.spacing)
        lo, hi = (
            first - margin if first >= lo else lo - further,
            last + margin if last <= hi else hi + further,
        )
    raise ConvergenceError(f"alpha stays negative from q = {lo:.6g} to {hi:.6g}")


def _narrowed(pairing: Pairing, lo: float, hi: float) -> tuple[float, float]:
    """Where alpha < 0 and a margin, if that is a small part of [lo, hi]; from a loose series."""
    nodes = min(600, int(_PER_SPACING * (hi - lo) / pairing.spacing))
    series = AxisSeries(lambda q: pairing.sample(q, _LOOSE), lo, hi, 10.0 * _LOOSE, nodes)
    first, last = series.negative_alpha()
    margin = 0.1 * (last - first)
    if 0.0 < last - first <= 0.3 * (hi - lo):  # what lies beyond an end the tight series finds
        return first - margin, last + margin
    return lo, hi
