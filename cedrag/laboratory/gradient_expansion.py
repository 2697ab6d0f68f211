r"""Quartic theory along a wire: its expansion in gradients, and the uniform states of that.

About the momentum q* of strongest pairing,

.. math::

    \alpha(q^* + k) = -|\alpha_0| + a_2 k^2 + a_3 k^3 + a_4 k^4, \qquad
    \beta(q^* + k) = b_0 + b_1 k,

with coefficients of the microscopic theory at level band. In units of xi = sqrt(a_2/|alpha_0|),
|alpha_0|/b_0 and alpha_0^2/b_0 the energy of psi(x) is the integral of

.. math::

    -|\psi|^2 + |\psi'|^2 + s_3 \mathrm{Im}(\psi'^* \psi'') + s_4 |\psi''|^2
    + \tfrac{1}{2} |\psi|^4 + \tfrac{1}{2} s_1 |\psi|^2 \mathrm{Im}(\psi^* \psi') ,

hermitian term by term.
"""

import math
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np

from .._checks import provides, real_scalar
from .._results import Result, provenance_of
from ..errors import NoCondensateError

__all__ = ["GradientExpansion", "gradient_expansion"]


@dataclass(frozen=True, eq=False, kw_only=True)
class GradientExpansion(Result):
    """Coefficients of the one-dimensional functional, in powers of E_u and l_u.

    Attributes
    ----------
    alpha : tuple of float
        (alpha_0, a_2, a_3, a_4) with alpha_0 < 0 and a_2 > 0.
    beta : tuple of float
        (b_0, b_1) with b_0 > 0.
    momentum : float
        q* in 1/l_u.
    fitted : float
        Largest deviation of the expansion from alpha(q) inside the critical momenta, over
        |alpha_0|: what the expansion leaves out.
    t : float
        T in E_u; nan if it was put together by hand.

    Raises
    ------
    ValueError
        If alpha_0 >= 0, a_2 <= 0 or b_0 <= 0.

    Examples
    --------
    >>> from cedrag.laboratory.gradient_expansion import GradientExpansion
    >>> even = GradientExpansion(alpha=(-2.0, 0.5, 0.0, 0.0), beta=(1.0, 0.0))
    >>> round(even.coherence_length, 3), round(even.jc_plus / (4.0 * 0.5), 4)  # 4/(3 sqrt 3)
    (0.5, 0.7698)
    """

    alpha: tuple[float, float, float, float]
    beta: tuple[float, float]
    momentum: float = 0.0
    fitted: float = 0.0
    t: float = math.nan

    def __post_init__(self) -> None:
        for name, size in (("alpha", 4), ("beta", 2)):
            values = tuple(real_scalar(name, value) for value in getattr(self, name))
            if len(values) != size:
                raise ValueError(f"{name} must have {size} coefficients (got {len(values)})")
            object.__setattr__(self, name, values)
        if self.alpha[0] >= 0.0 or self.alpha[1] <= 0.0:
            raise ValueError(f"alpha must begin with -|alpha_0|, a_2 > 0 (got {self.alpha})")
        if self.beta[0] <= 0.0:
            raise ValueError(f"beta must begin with b_0 > 0 (got {self.beta})")

    @property
    def coherence_length(self) -> float:
        """xi = sqrt(a_2/|alpha_0|) in l_u."""
        return math.sqrt(self.alpha[1] / -self.alpha[0])

    @property
    def energy(self) -> float:
        """alpha_0^2/b_0 in E_u/l_u^2, twice the condensation energy at q*."""
        return self.alpha[0] ** 2 / self.beta[0]

    @property
    def shape(self) -> tuple[float, float, float]:
        """(s_1, s_3, s_4): all that the scaled functional depends on; s_4 is kept stable.

        The quadratic form k^2 + s_3 k^3 + s_4 k^4 must not fall below 0 at large k, so s_4 is at
        least s_3^2/4.
        """
        xi, size = self.coherence_length, -self.alpha[0]
        s_1 = self.beta[1] / (self.beta[0] * xi)
        s_3, s_4 = self.alpha[2] / (size * xi**3), self.alpha[3] / (size * xi**4)
        return s_1, s_3, max(s_4, 0.25 * s_3 * s_3)

    @property
    def stabilised(self) -> bool:
        """Whether the microscopic a_4 was too small and was replaced, see :attr:`shape`."""
        xi, size = self.coherence_length, -self.alpha[0]
        return self.alpha[3] / (size * xi**4) < self.shape[2]

    @property
    def jc_plus(self) -> float:
        """J_c+ of this functional in J_u."""
        return UniformStates(*self.shape).critical(1.0)[1] * self.energy * self.coherence_length

    @property
    def jc_minus(self) -> float:
        """J_c- of this functional in J_u, negative."""
        return UniformStates(*self.shape).critical(-1.0)[1] * self.energy * self.coherence_length


class UniformStates(NamedTuple):
    """Uniform states of the scaled functional: F(k) = -A^2/(2B).

    Parameters
    ----------
    s_1, s_3, s_4 : float
        Scaled coefficients: the slope of beta, and of the third and fourth power in alpha.

    Examples
    --------
    >>> from cedrag.laboratory.gradient_expansion import UniformStates
    >>> k, J = UniformStates(0.0, 0.0, 0.0).critical(1.0)  # 1/sqrt(3), 4/(3 sqrt 3)
    >>> round(k, 6), round(J, 6)
    (0.57735, 0.7698)
    """

    s_1: float
    s_3: float
    s_4: float

    def polynomials(self, k: float) -> tuple[float, float, float, float]:
        """A and its three derivatives."""
        _, s_3, s_4 = self
        return (
            -1.0 + k * k + s_3 * k**3 + s_4 * k**4,
            2.0 * k + 3.0 * s_3 * k * k + 4.0 * s_4 * k**3,
            2.0 + 6.0 * s_3 * k + 12.0 * s_4 * k * k,
            6.0 * s_3 + 24.0 * s_4 * k,
        )

    def current(self, k: float) -> float:
        """dF/dk."""
        A, A_1, _, _ = self.polynomials(k)
        B = 1.0 + self.s_1 * k
        return -A * A_1 / B + 0.5 * A * A * self.s_1 / (B * B)

    def stiffness(self, k: float) -> float:
        """d^2F/dk^2."""
        A, A_1, A_2, _ = self.polynomials(k)
        B, b = 1.0 + self.s_1 * k, self.s_1
        return -(A_1**2 + A * A_2) / B + 2.0 * A * A_1 * b / B**2 - A * A * b * b / B**3

    def critical(self, sense: float) -> tuple[float, float]:
        """(k, J) where the current stops to rise in the direction ``sense``."""
        from scipy import optimize

        step, k = 0.01 * sense, 0.0
        while self.stiffness(k) > 0.0:
            k += step
            if abs(k) > 3.0 or self.polynomials(k)[0] >= 0.0 or 1.0 + self.s_1 * k <= 0.0:
                raise NoCondensateError(
                    "the gradient expansion has no critical current in this direction "
                    f"(s_1, s_3, s_4 = {tuple(self)})"
                )
        k = float(optimize.brentq(self.stiffness, k - step, k, xtol=1e-14))
        return k, self.current(k)

    def momentum(self, J: float) -> float:
        """The stable state with current J."""
        from scipy import optimize

        low, high = self.critical(-1.0)[0], self.critical(1.0)[0]
        return float(optimize.brentq(lambda k: self.current(k) - J, low, high, xtol=1e-15))


def gradient_expansion(theory: Any, *, points: int = 33) -> GradientExpansion:
    """Expand alpha and beta of the quartic theory about q* on the mirror axis.

    Derivatives of alpha at its minimum and of beta there, from Chebyshev series over the critical
    momenta of the even functional.

    Parameters
    ----------
    theory : GinzburgLandau
        Below T_c, level band.
    points : int
        Nodes of the series.

    Returns
    -------
    GradientExpansion

    Raises
    ------
    NoCondensateError
        If alpha is positive, or beta not, at q*.

    Examples
    --------
    >>> from cedrag import NATURAL, GinzburgLandau
    >>> from cedrag.laboratory.gradient_expansion import gradient_expansion
    >>> found = gradient_expansion(GinzburgLandau(NATURAL, 0.9))
    >>> round(found.momentum, 3), round(found.coherence_length, 2), found.fitted < 0.02
    (0.199, 2.7, True)
    """
    provides("theory", theory, "alpha", "beta", "pairing_momentum")
    q = float(theory.pairing_momentum[0])
    step = 1e-3
    a0, left, right = (float(theory.alpha(q + x)) for x in (0.0, -step, step))
    if a0 >= 0.0 or left + right <= 2.0 * a0:
        raise NoCondensateError(f"alpha must have a negative minimum at q* (got {a0:.6g})")
    reach = math.sqrt(-a0 * step * step / (left + right - 2.0 * a0) * 2.0)
    node = np.cos(math.pi * (np.arange(points) + 0.5) / points)
    window = (q - 0.8 * reach, q + 0.8 * reach)
    x = q + 0.8 * reach * node
    alpha = np.polynomial.Chebyshev.fit(x, theory.alpha(x), points // 2, domain=window)
    beta = np.polynomial.Chebyshev.fit(x, theory.beta(x), points // 2, domain=window)
    q -= float(alpha.deriv()(q) / alpha.deriv(2)(q))
    a_2, a_3, a_4 = (float(alpha.deriv(n)(q)) / math.factorial(n) for n in (2, 3, 4))
    coefficients = (float(alpha(q)), a_2, a_3, a_4)
    k = np.linspace(-1.0, 1.0, 101) * math.sqrt(-coefficients[0] / (3.0 * coefficients[1]))
    cut = np.polyval([*coefficients[:0:-1], 0.0, coefficients[0]], k)
    return GradientExpansion(
        alpha=coefficients,
        beta=(float(beta(q)), float(beta.deriv()(q))),
        momentum=q,
        fitted=float(np.abs(cut - alpha(q + k)).max() / -coefficients[0]),
        t=theory.t,
        provenance=provenance_of(theory),
    )
