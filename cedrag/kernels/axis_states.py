"""States on the mirror axis from Chebyshev series of alpha and beta: minima, windows, J_c.

``series`` (6, n) holds the coefficients of alpha, beta and their first and second q-derivatives on
[lo, hi].  With F = -alpha^2/(2 beta) where alpha < 0 and beta > 0,

    J     = -alpha alpha'/beta + alpha^2 beta'/(2 beta^2)
    dJ/dq = -(alpha'^2 + alpha alpha'')/beta + (4 alpha alpha' beta' + alpha^2 beta'')/(2 beta^2)
            - alpha^2 beta'^2/beta^3.
"""

import math

from .arrays import filled, matrix, vector
from .cached import njit
from .columns import ALPHA, BETA

CURRENT, RIGIDITY, SLOPE = 2, 3, 4  # rows of a table of samples, after ALPHA and BETA
N_ROWS = 6  # of a series

ASIDE = 0.02  # of the spacing of the seeds: steps across the axis
ODD_STENCIL = (3.0 / 2.0, -3.0 / 10.0, 1.0 / 30.0)  # derivative at 0 of an odd function, order 6


@njit(cache=True, error_model="numpy")
def current(alpha, beta, alpha_q, beta_q):
    """J = dF/dq of one direction from alpha, beta and their derivatives in it."""
    return (-alpha * alpha_q + alpha * alpha * beta_q / (2.0 * beta)) / beta


@njit(cache=True, error_model="numpy")
def functions(series, lo, hi, q):
    """alpha, beta, J, dJ/dq and alpha' at one momentum, by Clenshaw's recurrence.

    Where beta = 0, J and dJ/dq are infinite or nan, as searches for the zero of beta pass there.
    """
    n = series.shape[1]
    x = (2.0 * q - lo - hi) / (hi - lo)
    sums = filled(N_ROWS, 2, 0.0)
    value = vector(N_ROWS)
    for k in range(n - 1, 0, -1):
        for row in range(N_ROWS):
            now = 2.0 * x * sums[row, 0] - sums[row, 1] + series[row, k]
            sums[row, 1] = sums[row, 0]
            sums[row, 0] = now
    for row in range(N_ROWS):
        value[row] = x * sums[row, 0] - sums[row, 1] + series[row, 0]
    a, b, a1, b_1, a2, b_2 = value[0], value[1], value[2], value[3], value[4], value[5]
    rigidity = (
        -(a1 * a1 + a * a2) + (4.0 * a * a1 * b_1 + a * a * b_2) / (2.0 * b) - (a * b_1 / b) ** 2
    ) / b
    return a, b, current(a, b, a1, b_1), rigidity, a1


@njit(cache=True)
def sample(series, lo, hi, n):
    """n equally spaced momenta from lo to hi, and the table (5, n) of all functions there."""
    q, table = vector(n), matrix(5, n)
    for i in range(n):
        q[i] = lo + (hi - lo) * i / (n - 1.0)
        table[0, i], table[1, i], table[2, i], table[3, i], table[4, i] = functions(
            series, lo, hi, q[i]
        )
    return q, table


@njit(cache=True)
def root(series, lo, hi, row, left, right):
    """Zero of one function between ``left`` and ``right``, where its signs differ.

    False position, halving the value at an end that stays (the Illinois rule): its order is 1.44.
    """
    f_left, f_right = functions(series, lo, hi, left)[row], functions(series, lo, hi, right)[row]
    q, resolution = 0.5 * (left + right), 2e-16 * (abs(lo) + abs(hi))
    for _ in range(100):
        before = q
        q = 0.5 * (left + right)
        if f_right != f_left:
            secant = right - f_right * (right - left) / (f_right - f_left)
            if min(left, right) < secant < max(left, right):
                q = secant
        f = functions(series, lo, hi, q)[row]
        if f == 0.0 or abs(q - before) <= resolution or abs(right - left) <= resolution:
            break
        if (f < 0.0) != (f_right < 0.0):
            left, f_left = right, f_right
        else:
            f_left *= 0.5
        right, f_right = q, f
    return q


@njit(cache=True)
def rising_roots(series, lo, hi, q, table, row):
    """Where a sampled function passes zero upwards; only where alpha < 0 < beta if it is J."""
    found = vector(len(q))
    n = 0
    for i in range(len(q) - 1):
        ordered = True
        if row == CURRENT:
            for at in (i, i + 1):
                ordered = ordered and table[ALPHA, at] < 0.0 and table[BETA, at] > 0.0
        if ordered and table[row, i] < 0.0 <= table[row, i + 1]:
            found[n] = root(series, lo, hi, row, q[i], q[i + 1])
            n += 1
    return found[:n]


@njit(cache=True)
def branch_end(series, lo, hi, q0, sense, step):
    """Walk from the state at rest at ``q0`` along ``sense``.

    Returns the turning point of J (nan if there is none), the end of the window, and whether
    beta <= 0 ends it instead of alpha = 0.  The window is nan if it reaches beyond [lo, hi].
    """
    turning, q = math.nan, q0
    before = functions(series, lo, hi, q0)
    end = hi if sense > 0.0 else lo
    for _ in range(100_000):
        ahead = q + sense * step
        if (end - ahead) * sense < 0.0:
            if q == end:
                return turning, math.nan, False
            ahead = end
        now = functions(series, lo, hi, ahead)
        if now[BETA] <= 0.0:
            return turning, root(series, lo, hi, BETA, q, ahead), True
        if now[ALPHA] >= 0.0:
            edge = root(series, lo, hi, ALPHA, q, ahead)
            # J falls to zero at the edge, so it turns before it
            if math.isnan(turning):
                just_inside = q + (edge - q) * (1.0 - 1e-9)
                if functions(series, lo, hi, just_inside)[RIGIDITY] <= 0.0 < before[RIGIDITY]:
                    turning = root(series, lo, hi, RIGIDITY, q, just_inside)
            return turning, edge, False
        if math.isnan(turning) and now[RIGIDITY] <= 0.0 < before[RIGIDITY]:
            turning = root(series, lo, hi, RIGIDITY, q, ahead)
        q, before = ahead, now
    return turning, math.nan, False


@njit(cache=True)
def largest_current(series, lo, hi, q, table, sense):
    """Extreme sense * J over all samples with alpha < 0 < beta, polished: (q, J)."""
    best, top = -1, 0.0
    for i in range(len(q)):
        j = sense * table[CURRENT, i]
        if table[ALPHA, i] < 0.0 < table[BETA, i] and j > top:
            best, top = i, j
    if best < 0:
        return math.nan, 0.0
    left, right = max(best - 1, 0), min(best + 1, len(q) - 1)
    at = q[best]
    if (
        sense * table[RIGIDITY, left] > 0.0 > sense * table[RIGIDITY, right]
        and table[BETA, left] > 0.0
        and table[BETA, right] > 0.0
    ):
        at = root(series, lo, hi, RIGIDITY, q[left], q[right])
    return at, functions(series, lo, hi, at)[CURRENT]
