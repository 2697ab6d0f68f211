r"""Switching currents of a ramp: where the superflow gives way, and how often one has to look.

The current rises at a constant rate r from zero. At each instant the state escapes with the rate
Gamma(I) = Omega exp[-U(I)/k_B T], so that

.. math::

    P(I) = \frac{\Gamma(I)}{r} \exp\left[-\frac{1}{r} \int_0^I \Gamma(I') dI'\right]

(Fulton and Dunkleberger 1974). That an escape ends the superflow is an assumption: where one
vortex or one phase slip costs little, the current flows on with a voltage and nothing switches.

The asymmetry is seen at z sigma after N ramps in each direction, with means m and variances s^2 of
the switching currents,

.. math:: N = z^2 \frac{s_+^2 + s_-^2}{(m_+ - m_-)^2} .
"""

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import constants

from .._checks import Floats, nonnegative_scalar, positive_integer, positive_scalar, provides
from .._results import Record

__all__ = [
    "Switching",
    "SwitchingPair",
    "ramps_needed",
    "retrapping_current",
    "switching_currents",
    "switching_distribution",
]

RAMP_RATE = 1e-6  # A/s
_OVERDAMPED = 0.8382  # quality factor below which a junction has no hysteresis


@dataclass(frozen=True, eq=False, kw_only=True)
class Switching(Record):
    """Distribution of the switching current in one direction.

    Attributes
    ----------
    current : ndarray, shape (n,)
        |I| in A, from 0 to I_c.
    density : ndarray, shape (n,)
        P in 1/A; what is left at I_c switches there and is not in it.
    mean, deviation : float
        Of the whole distribution, A.
    switched : float
        Part that switches below I_c.
    critical : float
        |I_c| in A.

    Examples
    --------
    >>> from cedrag.laboratory.switching import switching_distribution
    >>> found = switching_distribution(
    ...     lambda I: 100.0 * (1.0 - I / 1e-6) ** 1.5, 1e-6, attempt_rate=1e11)
    >>> round(found.mean / found.critical, 3), found.critical
    (0.642, 1e-06)
    """

    current: NDArray[np.float64]
    density: NDArray[np.float64]
    mean: float
    deviation: float
    switched: float
    critical: float


@dataclass(frozen=True, eq=False, kw_only=True)
class SwitchingPair(Record):
    """Both directions, and what an experiment needs.

    Attributes
    ----------
    plus, minus : Switching
    efficiency : float
        (m_+ - m_-)/(m_+ + m_-) of the mean switching currents.
    ramps : float
        Per direction, to see a difference at the chosen significance; inf if there is none.
    significance : float
        In standard deviations.

    Examples
    --------
    >>> from cedrag.laboratory.switching import SwitchingPair, ramps_needed, switching_distribution
    >>> plus, minus = (
    ...     switching_distribution(
    ...         lambda I, I_c=I_c: 100.0 * (1.0 - I / I_c) ** 1.5, I_c, attempt_rate=1e11)
    ...     for I_c in (1.02e-6, 0.98e-6))

    >>> pair = SwitchingPair(
    ...     plus=plus, minus=minus, efficiency=0.02, ramps=ramps_needed(plus, minus),
    ...     significance=3.0)
    >>> pair.plus.mean > pair.minus.mean
    True
    """

    plus: Switching
    minus: Switching
    efficiency: float
    ramps: float
    significance: float


def switching_distribution(
    barrier: Callable[[NDArray[np.float64]], Floats], critical: float, *, attempt_rate: float,
    ramp_rate: float = RAMP_RATE, noise: float = 0.0, points: int = 4001,
) -> Switching:  # fmt: skip
    """Distribution of the switching current for a ramp from zero.

    Parameters
    ----------
    barrier : callable
        U/(k_B T) of |I| in A.
    critical : float
        |I_c| in A, where the barrier ends.
    attempt_rate : float
        Omega in 1/s.
    ramp_rate : float
        dI/dt in A/s.
    noise : float
        Standard deviation that the instrument adds to each reading, A.
    points : int
        Of the grid, evenly spaced, and finer towards small currents and towards I_c.

    Returns
    -------
    Switching

    Examples
    --------
    A constant rate gives an exponential distribution of mean r/Gamma:

    >>> import numpy as np
    >>> from cedrag.laboratory.switching import switching_distribution
    >>> found = switching_distribution(
    ...     lambda I: np.full_like(I, 10.0), 1e-6, attempt_rate=1e3 * np.exp(10.0), ramp_rate=1e-6)
    >>> round(found.mean * 1e9, 4), round(found.switched, 6)
    (1.0, 1.0)
    """
    if not callable(barrier):
        raise TypeError(f"barrier must be a function of the current (got {barrier!r})")
    limit = positive_scalar("critical", critical, unit="A")
    omega = positive_scalar("attempt_rate", attempt_rate, unit="1/s")
    ramp = positive_scalar("ramp_rate", ramp_rate, unit="A/s")
    extra = nonnegative_scalar("noise", noise, unit="A")
    n = positive_integer("points", points, largest=10**7) + 4
    near = np.geomspace(1e-12, 0.01, n // 4), 1.0 - np.geomspace(1e-9, 0.1, n // 4)
    I = limit * np.unique(np.concatenate([np.linspace(0.0, 1.0, n), *near]))  # noqa: E741
    log_rate = math.log(omega) - np.asarray(barrier(I), dtype=np.float64)
    rate = np.exp(np.minimum(log_rate, 700.0)) / ramp
    step = np.diff(I)
    # exponential between the nodes: exact for a barrier that is linear there
    change = np.diff(np.log(np.maximum(rate, 1e-300)))
    small = np.abs(change) < 1e-8
    slope = np.where(small, 1.0, change)
    share = np.where(small, 0.5 * (rate[1:] + rate[:-1]), np.diff(rate) / slope)
    passed = np.concatenate([[0.0], np.cumsum(share * step)])
    survival = np.exp(-np.minimum(passed, 745.0))
    # m = Int S dI and <I^2> = Int 2 I S dI, with the rest at I_c
    mean, square = _moments(I, survival, passed)
    variance = max(square - mean * mean, 0.0) + extra * extra
    return Switching(
        current=I, density=rate * survival, mean=mean, deviation=math.sqrt(variance),
        switched=float(1.0 - survival[-1]), critical=limit,
    )  # fmt: skip


def _moments(
    I: NDArray[np.float64],  # noqa: E741 - as in the equation
    survival: NDArray[np.float64],
    passed: NDArray[np.float64],
) -> tuple[float, float]:
    """<I> and <I^2> with a survival that is exponential between the nodes."""
    h, fall = np.diff(I), np.diff(passed)
    flat = fall < 1e-6
    safe = np.where(flat, 1.0, fall)
    whole = np.where(flat, 1.0 - 0.5 * fall, -np.expm1(-safe) / safe)  # of S over h S_0
    first = np.where(flat, 0.5 - fall / 3.0, (1.0 - np.exp(-safe) * (1.0 + safe)) / safe**2)
    weight = survival[:-1] * h
    mean = float(np.sum(weight * whole))
    return mean, float(np.sum(2.0 * weight * (I[:-1] * whole + h * first)))


def ramps_needed(plus: Switching, minus: Switching, significance: float = 3.0) -> float:
    """Ramps per direction after which the mean currents differ by ``significance`` sigma.

    Parameters
    ----------
    plus, minus : Switching
    significance : float
        In standard deviations of the difference of the two means.

    Returns
    -------
    float
        At least 1; inf if the means are equal.

    Examples
    --------
    >>> from cedrag.laboratory.switching import ramps_needed, switching_distribution
    >>> plus, minus = (
    ...     switching_distribution(
    ...         lambda I, I_c=I_c: 100.0 * (1.0 - I / I_c) ** 1.5, I_c, attempt_rate=1e11)
    ...     for I_c in (1.02e-6, 0.98e-6))

    >>> round(ramps_needed(plus, minus), 2), ramps_needed(plus, plus)
    (5.5, inf)
    """
    z = positive_scalar("significance", significance)
    difference = plus.mean - minus.mean
    # means that agree to rounding differ by nothing
    if abs(difference) <= 1e-12 * (plus.mean + minus.mean):
        return math.inf
    variance = plus.deviation**2 + minus.deviation**2
    return max(1.0, z * z * variance / difference**2)


def switching_currents(
    law: Any, *, temperature: float, attempt_rate: float | None = None,
    ramp_rate: float = RAMP_RATE, noise: float = 0.0, significance: float = 3.0,
) -> SwitchingPair:  # fmt: skip
    """Switching currents of a strip or a wire in both directions.

    Parameters
    ----------
    law : Strip or Wire
        Anything with ``barrier``, ``current_plus`` and ``current_minus``.
    temperature : float
        K, for the attempt rate.
    attempt_rate : float, optional
        1/s; by default k_B T/hbar.
    ramp_rate, noise : float
        A/s and A, see :func:`switching_distribution`.
    significance : float

    Returns
    -------
    SwitchingPair

    Examples
    --------
    >>> from cedrag.laboratory.switching import switching_currents
    >>> class Law:
    ...     current_plus, current_minus = 1e-6, -1e-6
    ...     def barrier(self, current):
    ...         return 100.0 * (1.0 - abs(current) / 1e-6)
    >>> switching_currents(Law(), temperature=2.0).ramps  # nothing to see
    inf
    """
    law = provides("law", law, "barrier")
    kelvin = positive_scalar("temperature", temperature, unit="K")
    omega = constants.k * kelvin / constants.hbar if attempt_rate is None else attempt_rate

    def direction(sign: float, limit: float) -> Switching:
        return switching_distribution(
            lambda current: law.barrier(sign * current), abs(limit), attempt_rate=omega,
            ramp_rate=ramp_rate, noise=noise,
        )  # fmt: skip

    plus, minus = direction(1.0, law.current_plus), direction(-1.0, law.current_minus)
    return SwitchingPair(
        plus=plus, minus=minus, significance=significance,
        efficiency=(plus.mean - minus.mean) / (plus.mean + minus.mean),
        ramps=ramps_needed(plus, minus, significance),
    )  # fmt: skip


def retrapping_current(critical: float, quality: float) -> float:
    """Current at which an underdamped superflow is caught again, A: 4 I_c/(pi Q).

    Pairs as in a junction of quality factor Q (Stewart and McCumber), in the limit of large Q and
    never above I_c.

    Parameters
    ----------
    critical : float
        I_c, A.
    quality : float
        Q. Nothing in the theory of the layers fixes it.

    Returns
    -------
    float
        nan for Q < 0.84: without hysteresis there is no such current.

    Examples
    --------
    >>> from cedrag.laboratory.switching import retrapping_current
    >>> round(retrapping_current(1e-6, 10.0) * 1e9, 1), retrapping_current(1e-6, 0.5)
    (127.3, nan)
    """
    limit = positive_scalar("critical", critical, unit="A")
    Q = positive_scalar("quality", quality)
    return math.nan if Q < _OVERDAMPED else limit * min(1.0, 4.0 / (math.pi * Q))
