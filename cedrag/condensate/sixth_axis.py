"""States of the sixth-order theory on the mirror axis, from series of alpha, beta and c."""

from itertools import pairwise
from typing import Any

import numpy as np
from numpy.polynomial import chebyshev
from numpy.typing import NDArray

from ..errors import ConvergenceError
from ..kernels.columns import ALPHA, BETA, N_COMPONENTS
from ..pairing.axis import AxisSeries
from ..pairing.landscape import rivals
from .expanded_pairing import ExpandedPairing
from .pair_expansion import SIXTH, SIXTH_X
from .quartic_axis import whole_window
from .sixth_order import SixthCoefficients, sixth_minimum
from .theory import AxisMinimum, Theory, Turning

__all__ = ["SixthAxis"]

Floats = NDArray[np.float64]

_ASIDE = 1e-3  # of the window: step across the axis
_SAMPLES = 4  # for each coefficient of the series


class SixthAxis:
    """States on q_y = 0 between the momenta where alpha changes sign, and a margin.

    Parameters
    ----------
    theory : Theory
        Gives energies and currents with errors.
    pairing : ExpandedPairing

    Raises
    ------
    ConvergenceError
        If the coefficients cannot be interpolated.

    Examples
    --------
    >>> from cedrag import NATURAL, GinzburgLandau
    >>> axis = GinzburgLandau(NATURAL, 0.95, order=6).axis()
    >>> round(axis.minima()[0].q, 3), axis.alone
    (0.199, True)
    """

    def __init__(self, theory: Theory, pairing: ExpandedPairing) -> None:
        self._theory, self._pairing = theory, pairing
        series = whole_window(pairing)
        self._lo, self._hi = series.lo, series.hi

        def sixth(q: Floats) -> Floats:
            columns = pairing.sample_all(q)
            out = columns[:, :N_COMPONENTS].copy()
            out[:, BETA], out[:, BETA + 3 :] = columns[:, SIXTH], columns[:, SIXTH_X:]
            return out

        n = series.coefficients.shape[1]
        with np.errstate(invalid="ignore"):
            other = AxisSeries(sixth, self._lo, self._hi, max(series.tail, 1e-9), first=n)
        # alpha, beta, c and their first and second derivatives
        self._series = [
            [series.coefficients[ALPHA + row], series.coefficients[BETA + row],
             other.coefficients[BETA + row]] for row in (0, 2, 4)
        ]  # fmt: skip
        count = _SAMPLES * other.coefficients.shape[1] + 1
        self._q = np.linspace(self._lo, self._hi, count)
        self._table = self._states(self._q)
        self.alone = not np.any(rivals(pairing.form, pairing.seeds)[:, 1])

    def _states(self, q: Any) -> tuple[Any, Any, Any, Any]:
        """F, J, dJ/dq and whether there is a state, at momenta ``q``."""
        x = (2.0 * np.asarray(q) - self._lo - self._hi) / (self._hi - self._lo)
        (a, b, c), (a1, b1, c1), (a2, b2, c2) = (
            [chebyshev.chebval(x, part) for part in row] for row in self._series
        )
        state = sixth_minimum(SixthCoefficients(a, b, a1, b1, c, c1))
        y = state.square
        turned = a1 + y * (b1 + y * c1)  # d2F/dq dy
        stiff = np.where(state.exists, b + 2.0 * c * y, np.inf)
        slope = y * (a2 + y * (b2 / 2.0 + y * c2 / 3.0)) - turned**2 / stiff
        return state.free_energy, state.current, slope, state.exists

    def _root(self, row: int, left: float, right: float) -> float:
        from scipy import optimize

        return float(
            optimize.brentq(lambda q: float(self._states(q)[row]), left, right, xtol=1e-13)
        )

    def lowest_sample(self) -> tuple[float, float]:
        """(F, q) of the lowest sample."""
        energy = self._table[0]
        lowest = int(np.argmin(energy))
        return float(energy[lowest]), float(self._q[lowest])

    def minima(self) -> list[AxisMinimum]:
        """Minima of F along the axis with F < 0, lowest first."""
        energy, current, _, exists = self._table
        found = []
        for i, j in pairwise(range(len(self._q))):
            if exists[i] and exists[j] and current[i] < 0.0 <= current[j] and energy[j] < 0.0:
                found.append(self._minimum(self._root(1, self._q[i], self._q[j])))
        return sorted(found, key=lambda minimum: minimum.free_energy)

    def _minimum(self, q: float) -> AxisMinimum:
        step = 2.0 * _ASIDE * (self._hi - self._lo)
        aside = self._theory.current(q, step, search=True)[1]
        return AxisMinimum(
            q, float(self._theory.free_energy(q)), float(self._states(q)[2]), float(aside) / step
        )

    def turning(self, q0: float, sense: float) -> Turning:
        """The first turning point of J on one side of the state at rest ``q0``."""
        ahead = self._q[(self._q - q0) * sense > 0.0][:: 1 if sense > 0.0 else -1]
        before = q0
        for q in ahead:
            _, _, slope, exists = self._states(q)
            if exists and slope > 0.0:
                before = float(q)
                continue
            end = float(q) if exists else self._last(before, float(q))
            turn = self._root(2, before, end) if float(self._states(end)[2]) <= 0.0 else end
            return self._turning(turn, q0, sense)
        raise ConvergenceError(f"the current does not turn between q = {q0:.6g} and {before:.6g}")

    def _last(self, inside: float, outside: float) -> float:
        """The last momentum with a state."""
        for _ in range(60):
            middle = 0.5 * (inside + outside)
            inside, outside = (middle, outside) if self._states(middle)[3] else (inside, middle)
        return inside

    def _turning(self, turn: float, q0: float, sense: float) -> Turning:
        current = float(self._theory.current(turn)[0])
        error = float(self._theory.current_error(turn)[0])
        step = _ASIDE * (self._hi - self._lo)
        aside = float(self._theory.current(turn, step, search=True)[1])
        beyond = [q for q in self._q if (q - turn) * sense > 0.0 and not self._states(q)[3]]
        edge = min(beyond, key=lambda q: abs(q - turn)) if beyond else np.nan
        between = np.linspace(q0, turn, 17)
        x = (2.0 * between - self._lo - self._hi) / (self._hi - self._lo)
        beta = chebyshev.chebval(x, self._series[0][1])
        missed = abs(float(self._states(turn)[1]) - current)
        if missed > 1e-5 * abs(current) + 100.0 * error:
            raise ConvergenceError(
                f"the series along the axis misses the current at q = {turn:.6g} by {missed:.1e}"
            )
        return Turning(turn, current, error, float(edge), float(beta.min() / beta[0]), aside > 0.0)

    def extreme(self, sense: float) -> float:
        """The largest or most negative current of states below the normal one."""
        energy, current, _, exists = self._table
        reach = np.where(exists & (energy <= 0.0), sense * current, -np.inf)
        best = int(np.argmax(reach))
        left, right = self._q[max(best - 1, 0)], self._q[min(best + 1, len(self._q) - 1)]
        slopes = [sense * float(self._states(q)[2]) for q in (left, right)]
        both = self._states(left)[3] and self._states(right)[3]
        at = self._root(2, left, right) if both and slopes[0] > 0.0 > slopes[1] else self._q[best]
        return float(self._states(at)[1])
