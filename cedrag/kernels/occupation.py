"""The Fermi function and the grand potential of single levels, accurate to rounding.

A level E contributes -T ln(1 + exp(-E/T)) to Omega.  Pairing moves it from E0 to E0 + shift, and
only the difference counts: it is computed without subtracting two large numbers.
"""

import math

from .cached import njit
from .exponential import VECTOR, chebyshev_polynomial, exp_neg, horner, power_series

_FARTHEST = 700.0  # exp(-700) is still a normal number
_NEAR = 1.0  # below it exp(x) - 1 has its own polynomial
_CLOSE = 0.5  # two levels this close (in 2T) share the series of sinh(x)/x

# (1 - exp(-x))/x and artanh(s)/s as functions of s^2; u in [-1/2, 1] has s^2 <= 1/9
_DECAY = chebyshev_polynomial(
    lambda x: power_series(x, lambda n: (-1.0) ** n / math.factorial(n + 1)), 12, (0.0, _NEAR)
)
_ARTANH = chebyshev_polynomial(
    lambda z: power_series(z, lambda n: 1.0 / (2 * n + 1), 40), 10, (0.0, 1.0 / 9.0)
)
_SINHC = chebyshev_polynomial(
    lambda z: power_series(z, lambda n: 1.0 / math.factorial(2 * n + 1)), 5, (0.0, _CLOSE**2)
)


@njit(**VECTOR)
def fermi(E, T):
    """f(E) and 1 - f(E), each with full relative accuracy."""
    small = exp_neg(min(abs(E) / T, _FARTHEST))
    most = 1.0 / (1.0 + small)
    least = small * most
    return (least, most) if E > 0.0 else (most, least)


@njit(**VECTOR)
def _log1p(u):
    """ln(1 + u) for -1/2 <= u <= 1."""
    s = u / (2.0 + u)
    return 2.0 * s * horner(_ARTANH, s * s)


@njit(**VECTOR)
def level(E, T):
    """f(E), -T f'(E) and the grand potential -T ln(1 + exp(-E/T))."""
    small = exp_neg(min(abs(E) / T, _FARTHEST))
    most = 1.0 / (1.0 + small)
    f = (small if E > 0.0 else 1.0) * most
    return f, small * most * most, min(E, 0.0) - T * _log1p(small)


@njit(**VECTOR)
def _exp_minus_one(x):
    """exp(-x) - 1 for x >= 0."""
    near = -x * horner(_DECAY, min(x, _NEAR))
    return near if x < _NEAR else exp_neg(min(x, _FARTHEST)) - 1.0


@njit(**VECTOR)
def potential_change(E0, shift, T):
    """-T ln(1 + exp(-(E0 + shift)/T)) + T ln(1 + exp(-E0/T)) to the accuracy of ``shift``.

    With y = |E|/T, -ln(1 + exp(-E/T)) = min(E, 0)/T - ln(1 + exp(-y)), and the logarithms differ by
    ln(1 + f(y) (exp(-d) - 1)) for the smaller y and the distance d of both.
    """
    before, moved = E0 / T, shift / T
    after = before + moved
    same = before * after >= 0.0
    y0, y1 = abs(before), abs(after)
    distance = abs(moved) if same else abs(y1 - y0)
    least = exp_neg(min(y0, y1, _FARTHEST))
    thermal = _log1p(least / (1.0 + least) * _exp_minus_one(distance))
    crossing = after if after < 0.0 else -before
    cold = (moved if after + before < 0.0 else 0.0) if same else crossing
    return T * (cold - (thermal if y1 >= y0 else -thermal))


@njit(**VECTOR)
def thermal_potential(E, T):
    """-T ln(1 + exp(-|E|/T)): the part of -T ln(1 + exp(-E/T)) that depends on T."""
    return -T * _log1p(exp_neg(min(abs(E) / T, _FARTHEST)))


@njit(**VECTOR)
def divided_difference(E1, f1, g1, mixed1, E2, f2, g2, mixed2, T):
    """(f(E1) - f(E2))/(E1 - E2), and f' where the levels meet; g = 1 - f, mixed = sqrt(f g).

    f(E1) - f(E2) = -2 sinh((E1 - E2)/2T) sqrt(f1 g1 f2 g2).
    """
    half = (E1 - E2) * (0.5 / T)
    close = abs(half) < _CLOSE
    square = min(half * half, _CLOSE * _CLOSE)
    near = -horner(_SINHC, square) * mixed1 * mixed2 / T
    difference = f1 - f2 if E1 + E2 > 0.0 else g2 - g1
    return near if close else difference / (1.0 if close else E1 - E2)


@njit(**VECTOR)
def fermi_slope(E1, E2, T):
    """The same from the levels alone."""
    f1, g1 = fermi(E1, T)
    f2, g2 = fermi(E2, T)
    return divided_difference(E1, f1, g1, math.sqrt(f1 * g1), E2, f2, g2, math.sqrt(f2 * g2), T)
