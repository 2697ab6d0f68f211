"""What makes the efficiency: the odd parts of bands, overlaps and pair spin, one at a time.

Seen from the centre K of the electron contour, a theory whose ingredients are all even in
p = k - K has F(q) = F(2K - q), and no diode.  Here each ingredient is made even at will.
"""

import math
from collections.abc import Callable
from itertools import pairwise
from typing import NamedTuple

import numpy as np
from numpy.polynomial import Chebyshev
from numpy.typing import NDArray
from scipy.optimize import brentq

from .._checks import positive_scalar
from ..bilayer import Bilayer

__all__ = ["OddParts", "odd_parts"]

Floats = NDArray[np.float64]
Nodes = tuple[Floats, Floats, Floats]

_INGREDIENTS = ("band", "upper", "overlap")
_POINTS = 28  # Chebyshev nodes of F(q)
_RAYS, _RADIAL, _TAIL = 40, 26, 12


class OddParts(NamedTuple):
    """Efficiencies of level "full" with only some of its odd ingredients.

    Parameters
    ----------
    band : float
        Only the energy of the lower branch keeps its odd part; the pair's spin is held.
    upper : float
        Only the energy of the upper branch does.
    overlap : float
        Only the overlaps of the spinors do.
    held : float
        All three, the pair's spin still held at that of the contour's centre.
    rotation : float
        What the pair's spin adds when it may turn with q: ``total - held``.
    total : float
        Everything: the efficiency of level "full".
    projected : float
        The efficiency of level "band", for comparison.

    Examples
    --------
    >>> from cedrag.condensate.odd_parts import OddParts
    >>> OddParts(1.0, 0.0, -3.0, -2.0, 1.0, -1.0, 1.0).rotation
    1.0
    """

    band: float
    upper: float
    overlap: float
    held: float
    rotation: float
    total: float
    projected: float


def odd_parts(bilayer: Bilayer, t: float = 0.9) -> OddParts:
    r"""Take the mean-field efficiency apart by what is odd about the contour's centre.

    Electrons at K + p have the energies :math:`\xi_\mp` of both branches and a spin direction n;
    a pair of spin S weighs them with :math:`(1 \mp \mathbf n\cdot\hat{\mathbf S})/2`.  Each of
    the three is replaced by its part that is even in p, or kept.

    Parameters
    ----------
    bilayer : Bilayer
        With lambda_h = 0, lambda_e != 0, equal masses and one electron contour about K.
    t : float
        T/T_c, between 0.3 and 1.

    Returns
    -------
    OddParts
        Good to some 1e-7 at t = 0.9, to 1e-6 next to the tricritical point (``PAPER``).

    Raises
    ------
    TypeError, ValueError
        If an argument has the wrong type or range.

    Notes
    -----
    A plain calculation on one mesh, without the package's kernels; a test compares ``total`` and
    ``projected`` with :class:`~cedrag.condensate.mean_field.MeanField`.

    Examples
    --------
    >>> from cedrag import NATURAL
    >>> from cedrag.condensate.odd_parts import odd_parts
    >>> parts = odd_parts(NATURAL)
    >>> [round(1e4 * x, 2) for x in parts[:4]]
    [2.1, -0.43, -2.89, -1.22]
    """
    if not isinstance(bilayer, Bilayer):
        raise TypeError(f"bilayer must be a Bilayer (got {bilayer!r})")
    bilayer.needs_mirror("odd_parts")
    if bilayer.rashba_h != 0.0 or bilayer.rashba_e == 0.0:
        raise ValueError(
            "bilayer must have lambda_h = 0 and lambda_e != 0 "
            f"(got lambda_e = {bilayer.rashba_e}, lambda_h = {bilayer.rashba_h})"
        )
    if bilayer.mass_ratio != 1.0:
        raise ValueError(f"bilayer must have equal masses (got mass_ratio = {bilayer.mass_ratio})")
    t = positive_scalar("t", t)
    if not 0.3 <= t < 1.0:
        raise ValueError(f"t must lie between 0.3 and 1 (got {t})")

    def efficiency(odd: tuple[str, ...], *, turns: bool = False, upper: bool = True) -> float:
        return _efficiency(_Plain(bilayer, odd, turns, upper), t)

    band, other, overlap = (efficiency((name,)) for name in _INGREDIENTS)
    held = efficiency(_INGREDIENTS)
    total = efficiency(_INGREDIENTS, turns=True)
    projected = efficiency(("band",), upper=False)
    return OddParts(band, other, overlap, held, total - held, total, projected)


class _Plain:
    """Omega(u, theta; q) about the centre K, on a fixed mesh around the hole's contour."""

    def __init__(self, bilayer: Bilayer, odd: tuple[str, ...], turns: bool, upper: bool) -> None:
        _, self.mu, self.lam, self.B, self.J = bilayer.band("e")
        self.level_h = bilayer.mu_h + math.hypot(self.B, self.J)
        self.odd, self.turns, self.upper = odd, turns, upper
        self.K, self.radius = self._contour()
        self.theta = math.atan2(-self.B - self.lam * self.K, -self.J)  # against n(K)

    def _contour(self) -> tuple[float, float]:
        def xi(k: float) -> float:
            return float(self._electron(np.array(k), np.array(0.0))[0])

        reach = abs(self.mu) + abs(self.B) + abs(self.J)  # xi_e >= k^2/2 - |lam| k - reach
        far = abs(self.lam) + math.sqrt(self.lam**2 + 2.0 * reach) + 0.1
        if xi(0.0) >= 0.0:
            raise ValueError(
                "bilayer must have one electron contour around k = 0 (got xi_e(0) >= 0)"
            )
        left, right = brentq(xi, -far, 0.0), brentq(xi, 0.0, far)
        return 0.5 * (left + right), 0.5 * (right - left)

    def _electron(self, kx: Floats, ky: Floats) -> tuple[Floats, Floats, Floats, Floats]:
        """Lower and upper energy, n_y and n_z."""
        ny, nx = self.lam * kx + self.B, self.lam * ky
        size = np.sqrt(nx**2 + ny**2 + self.J**2)
        kinetic = 0.5 * (kx**2 + ky**2) - self.mu
        return kinetic - size, kinetic + size, ny / size, self.J / size

    def mesh(self, t: float) -> Nodes:
        """Momenta and weights: half the circle, panels that follow the Matsubara poles."""
        width, far = math.pi * t / self.radius, 3.0 * self.radius
        x, wx = np.polynomial.legendre.leggauss(_RADIAL)
        ends = (math.asinh(-self.radius / width), 0.0, math.asinh((far - self.radius) / width))
        pieces = []
        for lo, hi in pairwise(ends):
            v, w = 0.5 * (hi - lo) * x + 0.5 * (hi + lo), 0.5 * (hi - lo) * wx
            pieces.append((self.radius + width * np.sinh(v), w * width * np.cosh(v)))
        y, wy = np.polynomial.legendre.leggauss(_TAIL)
        v = 0.5 * (1.0 + y) / far
        pieces.append((1.0 / v, 0.5 * wy / far / v**2))
        r, w = (np.concatenate(part) for part in zip(*pieces, strict=True))
        phi = math.pi * (np.arange(_RAYS) + 0.5) / _RAYS
        weight = np.outer(w * r, np.full(_RAYS, 2.0 * math.pi / _RAYS)) / (4.0 * math.pi**2)
        return np.outer(r, np.cos(phi)), np.outer(r, np.sin(phi)), weight

    def fields(self, q: float, nodes: Nodes) -> tuple[Floats, ...]:
        """Energies e, E, h, overlap directions, weight and vacuum term at pair momentum K + q."""
        x, y, weight = nodes
        here = self._electron(self.K + x + 0.5 * q, y)
        there = self._electron(self.K - x - 0.5 * q, -y)
        names = ("band", "upper", "overlap", "overlap")
        e, E, ny, nz = (
            a if name in self.odd else 0.5 * (a + b)
            for a, b, name in zip(here, there, names, strict=True)
        )
        h = 0.5 * ((0.5 * q - x) ** 2 + y**2) - self.level_h
        return e, E, h, ny, nz, weight, 1.0 / (x**2 + y**2 + self.radius**2)


def _efficiency(theory: _Plain, t: float) -> float:
    offset = -_lowest(lambda q: _alpha(theory, q, 1.0), 0.3 / theory.radius)
    nodes = theory.mesh(t)
    half = _window(theory, t, offset)
    q = half * np.cos(math.pi * (np.arange(_POINTS) + 0.5) / _POINTS)
    energy = [_state(theory, x, t, offset, nodes) for x in q]
    current = Chebyshev.fit(q, energy, _POINTS - 1, domain=[-half, half]).deriv()
    turns = [z.real for z in current.deriv().roots() if abs(z.imag) < 1e-9 and abs(z.real) < half]
    extrema = current(np.array(turns))
    plus, minus = extrema.max(), -extrema.min()
    return float((plus - minus) / (plus + minus))


def _lowest(f: Callable[[float], float], h: float) -> float:
    """The minimum of a smooth f near 0, by the vertex of a parabola, repeated."""
    x = 0.0
    for _ in range(20):
        a, b, c = f(x - h), f(x), f(x + h)
        step = 0.5 * h * (a - c) / (a - 2.0 * b + c)
        x += min(max(step, -h), h)
        if abs(step) < 1e-3 * h:
            break
    return f(x)


def _window(theory: _Plain, t: float, offset: float) -> float:
    """Nine tenths of the momentum at which pairing ends."""
    nodes, q = theory.mesh(t), 0.0
    while q < 4.0 and _alpha(theory, q, t, nodes) + offset < 0.0:
        q += 0.1 / theory.radius
    if q == 0.0:
        raise ValueError(f"t must leave a condensate at the centre of the contour (got {t})")
    return 0.9 * q


def _pairing(a: Floats, h: Floats, t: float) -> Floats:
    """(1 - f(a) - f(h))/(a + h)."""
    sum_ = a + h
    near = np.abs(sum_) < 1e-7
    value = 0.5 * (np.tanh(0.5 * a / t) + np.tanh(0.5 * h / t)) / np.where(near, 1.0, sum_)
    return np.where(near, 0.25 / (t * np.cosh(0.5 * np.minimum(np.abs(a), 60.0) / t) ** 2), value)


def _alpha(theory: _Plain, q: float, t: float, nodes: Nodes | None = None) -> float:
    """alpha without 1/g: its lowest value over the pair's spin, or that of the held spin."""
    e, E, h, ny, nz, w, vacuum = theory.fields(q, theory.mesh(t) if nodes is None else nodes)
    low = _pairing(e, h, t)
    if not theory.upper:
        return float(np.sum(w * (vacuum - low)))
    high = _pairing(E, h, t)
    mean = np.sum(w * (vacuum - 0.5 * (low + high)))
    y, z = (0.5 * np.sum(w * (low - high) * n) for n in (ny, nz))
    if theory.turns:
        return float(mean - math.hypot(y, z))
    return float(mean + y * math.sin(theory.theta) + z * math.cos(theory.theta))


def _state(theory: _Plain, q: float, t: float, offset: float, nodes: Nodes) -> float:
    """min Omega over the gap, and over the pair's spin if it may turn."""
    fields = theory.fields(q, nodes)
    if not theory.upper:
        return _minimum(lambda u: _band(fields, u, t, offset))
    if not theory.turns:
        return _minimum(lambda u: _full(fields, u, theory.theta, t, offset))
    e, E, h, ny, nz, w, _ = fields
    split = w * (_pairing(e, h, t) - _pairing(E, h, t))
    angle = math.atan2(-np.sum(split * ny), -np.sum(split * nz))  # of alpha; the state's is close

    def at(theta: float) -> float:
        return _minimum(lambda u: _full(fields, u, theta, t, offset))

    h_ = 0.01
    a, b, c = at(angle - h_), at(angle), at(angle + h_)
    return b - 0.125 * (a - c) ** 2 / (a - 2.0 * b + c)


def _minimum(slopes: Callable[[float], tuple[float, float, float]]) -> float:
    """Newton for the smallest Omega over u = |Delta|^2, from value, slope and curvature."""
    u = 0.5
    for _ in range(60):
        value, first, second = slopes(u)
        step = -first / second if second > 0.0 else math.copysign(0.5 * u, -first)
        step = min(max(step, -0.8 * u), 3.0 * u)
        if abs(step) < 1e-5 * u:
            return value + 0.5 * first * step
        u += step
        if u < 1e-10:
            return 0.0
    raise ArithmeticError(f"the gap did not settle (last |Delta|^2 = {u})")


def _log_occupation(x: Floats, t: float) -> Floats:
    return np.logaddexp(0.0, -x / t)


def _fermi(x: Floats, t: float) -> Floats:
    return 0.5 * (1.0 - np.tanh(0.5 * x / t))


def _band(
    fields: tuple[Floats, ...], u: float, t: float, offset: float
) -> tuple[float, float, float]:
    e, _, h, _, _, w, vacuum = fields
    x, d = 0.5 * (e + h), 0.5 * (e - h)
    E = np.sqrt(x**2 + u)
    sink = np.where(x > 0.0, -u / (x + E), x - E)
    value = u * vacuum + sink - t * (_log_occupation(E + d, t) + _log_occupation(E - d, t))
    value += t * (_log_occupation(e, t) + _log_occupation(h, t))
    filled = 0.5 * (np.tanh(0.5 * (E + d) / t) + np.tanh(0.5 * (E - d) / t))
    spread = sum(
        1.0 / np.cosh(np.minimum(0.5 * np.abs(E + s * d) / t, 300.0)) ** 2 for s in (1, -1)
    )
    second = 0.25 * (filled / E - 0.25 * spread / t) / E**2
    return (
        offset * u + float(np.sum(w * value)),
        offset + float(np.sum(w * (vacuum - 0.5 * filled / E))),
        float(np.sum(w * second)),
    )


def _full(
    fields: tuple[Floats, ...], u: float, theta: float, t: float, offset: float
) -> tuple[float, float, float]:
    """Omega and its two derivatives in u, from the roots of the 3 x 3 secular equation."""
    e, E, h, ny, nz, w, vacuum = fields
    c = ny * math.sin(theta) + nz * math.cos(theta)
    p, m = 0.5 * (1.0 - c), 0.5 * (1.0 + c)
    roots = _roots(e, E, h, u * p, u * m)
    first, second = np.zeros_like(e), np.zeros_like(e)
    for i in range(3):
        z, (a, b) = roots[i], (roots[j] for j in range(3) if j != i)
        slope = (z - a) * (z - b)
        bend = 2.0 * (3.0 * z - e - E + h)
        rise = (p * (z - E) + m * (z - e)) / slope  # dz/du
        f = _fermi(z, t)
        first += f * rise
        second += -f * (1.0 - f) / t * rise**2 - f * rise * (bend * rise - 2.0 * (p + m)) / slope
    far = np.minimum(e, h) > 30.0 * t
    near = h - t * sum(_log_occupation(z, t) for z in roots)
    near = near + t * (_log_occupation(e, t) + _log_occupation(E, t) + _log_occupation(h, t))
    deep = np.zeros_like(e)
    for _ in range(8):  # z + h of the lowest root, where every energy is positive
        deep = np.where(far, u * p / (deep - h - e) + u * m / (deep - h - E), 0.0)
    value = u * vacuum + np.where(far, deep, near)
    return (
        offset * u + float(np.sum(w * value)),
        offset + float(np.sum(w * (vacuum + first))),
        float(np.sum(w * second)),
    )


def _roots(e: Floats, E: Floats, h: Floats, P: Floats, M: Floats) -> list[Floats]:
    """Roots of (z - e)(z - E)(z + h) - P (z - E) - M (z - e), polished by a step of Newton."""
    shift = (e + E - h) / 3.0
    x, y, v = e - shift, E - shift, -h - shift
    p = 0.5 * (x**2 + y**2 + v**2) + P + M
    r = x * y * v - P * y - M * x
    size = 2.0 * np.sqrt(p / 3.0)
    angle = np.arccos(np.clip(4.0 * r / size**3, -1.0, 1.0)) / 3.0
    roots = [shift + size * np.cos(angle + 2.0 * math.pi * k / 3.0) for k in (1, -1, 0)]
    polished = []
    for z in roots:
        f = (z - e) * (z - E) * (z + h) - P * (z - E) - M * (z - e)
        s = (z - E) * (z + h) + (z - e) * (z + h) + (z - e) * (z - E) - P - M
        polished.append(z - np.where(np.abs(s) > 1e-3 * p, f / np.where(s == 0.0, 1.0, s), 0.0))
    return polished
