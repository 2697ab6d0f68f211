"""What coarse sums over k, or an energy shell, do to the quartic theory: artefacts, to be measured.

Both keep eqs (8) and (9) and change only the set of k that is summed.  At fine steps, or with a
wide shell, both come back to the converged currents.
"""

import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from .._checks import instance, positive_integer, positive_scalar, real_scalar
from .._results import Result
from ..bilayer import Bilayer
from ..condensate.diode import efficiency
from ..condensate.quartic import current_density
from ..errors import NoCondensateError
from ..kernels.mesh_sums import mesh_values

__all__ = ["ArtefactDiode", "grid_diode", "shell_diode"]

Floats = NDArray[np.float64]
#: alpha and beta at momenta on the axis, each of shape (n,), from (q, T).
Coefficients = Callable[[Floats, float], tuple[Floats, Floats]]

_BLOCK = 240  # nodes per block of the compiled sums
_SAMPLES = 161  # momenta at which alpha and beta are known; between them cubic splines
_RADII = 24
_FAR, _WALK = 12.0, 24  # outermost radius of a shell in 1/l_u, and steps of the way there
_NO_VACUUM = 1e300  # as E_ref: the term 1/(k^2/2m + E_ref) of alpha is left out


@dataclass(frozen=True, eq=False)
class ArtefactDiode(Result):
    """Quartic diode of sums that leave k out: an artefact, kept to be measured.

    Attributes
    ----------
    q0 : float
        Minimum of F on the q_x axis, in 1/l_u.
    jc_plus, jc_minus, efficiency : float
        Extrema of J = dF/dq where alpha < 0, next to q0, and their efficiency.

    Examples
    --------
    >>> from cedrag import NATURAL
    >>> from cedrag.paper.coarse_sums import grid_diode
    >>> coarse, fine = grid_diode(NATURAL, 1.0), grid_diode(NATURAL, 0.25)
    >>> abs(coarse.efficiency) > 10 * abs(fine.efficiency)
    True
    """

    q0: float
    jc_plus: float
    jc_minus: float
    efficiency: float


def grid_diode(
    bilayer: Bilayer, step: float, *, t: float = 0.9, offset: float = 0.0, reach: float = 20.0
) -> ArtefactDiode:
    """Diode of the quartic theory with sums over a square grid k = offset + n step.

    The interaction follows from alpha(T_c, q*) = 0 with the same sum, so that T_c = 1.

    Parameters
    ----------
    bilayer : Bilayer
    step : float
        Of the grid in k_x and k_y, 1/l_u.
    t : float
        T/T_c.
    offset, reach : float
        Of k_x (k_y = 0 lies on the grid), and the largest |k_x|, |k_y|; in 1/l_u.

    Returns
    -------
    ArtefactDiode

    Raises
    ------
    NoCondensateError
        If alpha > 0 everywhere, or beta < 0 where alpha is least.

    Examples
    --------
    A step of 0.25/l_u, half the thermal width of the contour, gives the converged currents:

    >>> import warnings
    >>> from cedrag import NATURAL, AboveBKTWarning, GinzburgLandau
    >>> from cedrag.paper.coarse_sums import grid_diode
    >>> with warnings.catch_warnings(action="ignore", category=AboveBKTWarning):
    ...     exact = GinzburgLandau(NATURAL).diode()
    >>> abs(grid_diode(NATURAL, 0.25).jc_plus / exact.jc_plus - 1) < 1e-3
    True
    """
    instance("bilayer", bilayer, Bilayer)
    step = positive_scalar("step", step, bare="1/l_u")
    reach = positive_scalar("reach", reach, bare="1/l_u")
    offset = real_scalar("offset", offset, bare="1/l_u")
    count = math.ceil(reach / step)
    along = offset + step * np.arange(-count, count + 1)
    across = step * np.arange(0, count + 1)
    kx, ky = np.meshgrid(along, across, indexing="ij")
    # the mirror k_y -> -k_y stands for the other half plane
    weight = np.where(ky == 0.0, 1.0, 2.0) * (step / (2.0 * math.pi)) ** 2
    blocks = [_blocks(values) for values in (kx, ky, weight)]
    bands = bilayer.band("e"), bilayer.band("h")

    def coefficients(q: Floats, T: float) -> tuple[Floats, Floats]:
        momenta = np.column_stack([q, np.zeros_like(q)])
        sums = mesh_values(*blocks, momenta, T, *bands, 1.0, bilayer.reduced_mass)
        return sums[:, 0], sums[:, 1]

    return _diode(coefficients, bilayer, t)


def shell_diode(
    bilayer: Bilayer, energy: float, *, t: float = 0.9, rays: int = 256
) -> ArtefactDiode:
    """Diode of the quartic theory with k restricted to a shell |xi_e|, |xi_h| < energy.

    Both members of the pair, xi_e(k + q/2) and xi_h(-k + q/2), must lie in the shell, as in the
    textbook form of BCS theory.

    Parameters
    ----------
    bilayer : Bilayer
    energy : float
        Half the width of the shell in E_u, smaller than both Fermi energies.
    t : float
        T/T_c.
    rays : int
        Rays of the integral over the angle.

    Returns
    -------
    ArtefactDiode

    Raises
    ------
    ValueError
        If the shell reaches the bottom of a band.
    NoCondensateError
        As :func:`grid_diode`.

    Examples
    --------
    >>> from cedrag import NATURAL
    >>> from cedrag.paper.coarse_sums import shell_diode
    >>> round(shell_diode(NATURAL, 4.0).q0, 2)
    0.2
    """
    instance("bilayer", bilayer, Bilayer)
    energy = positive_scalar("energy", energy)
    rays = positive_integer("rays", rays)
    depth = -max(bilayer.band_minimum(layer)[1] for layer in ("e", "h"))
    if energy >= depth:
        raise ValueError(f"energy must be below {depth:.4g}, the bottom of a band (got {energy})")
    q = _momenta(bilayer)
    angle = math.pi * (np.arange(rays) + 0.5) / rays  # the upper half plane, where k_y > 0
    cos, sin, half = np.cos(angle), np.sin(angle), 0.5 * q[:, None]

    def electron(r: Floats) -> Floats:
        return bilayer.xi_e(r * cos + half, r * sin)

    def hole(r: Floats) -> Floats:
        return bilayer.xi_h(half - r * cos, -r * sin)

    inner = np.maximum(*(_radius(xi, -energy, half, cos) for xi in (electron, hole)))
    outer = np.minimum(*(_radius(xi, energy, half, cos) for xi in (electron, hole)))
    width = np.maximum(0.5 * (outer - inner), 0.0)
    nodes, weights = np.polynomial.legendre.leggauss(_RADII)
    r = (0.5 * (outer + inner))[..., None] + width[..., None] * nodes
    area = width[..., None] * weights * r / (2.0 * math.pi * rays)  # both half planes
    kx, ky = r * cos[:, None], r * sin[:, None]
    bands = bilayer.band("e"), bilayer.band("h")

    def coefficients(q: Floats, T: float) -> tuple[Floats, Floats]:
        rows = [
            mesh_values(
                *map(_blocks, (kx[i], ky[i], area[i])), np.array([[momentum, 0.0]]), T, *bands,
                _NO_VACUUM, bilayer.reduced_mass,
            )[0]
            for i, momentum in enumerate(q)
        ]  # fmt: skip
        return np.array(rows)[:, 0], np.array(rows)[:, 1]

    return _diode(coefficients, bilayer, t)


def _radius(energy_of: Callable[[Floats], Floats], level: float, *like: Floats) -> Floats:
    """Outermost radius at which a band crosses a level, on every ray and at every q."""
    r = np.broadcast_arrays(*like)[0]
    low, high = np.zeros(r.shape), np.full(r.shape, _FAR)
    for radius in np.linspace(0.0, _FAR, _WALK, endpoint=False):
        low = np.where(energy_of(np.full(r.shape, radius)) < level, radius, low)
    high = low + _FAR / _WALK
    for _ in range(40):
        middle = 0.5 * (low + high)
        below = energy_of(middle) < level
        low, high = np.where(below, middle, low), np.where(below, high, middle)
    return 0.5 * (low + high)


def _blocks(values: Floats) -> Floats:
    """Values in blocks of ``_BLOCK`` nodes; zeros, of weight zero, fill the last."""
    flat = values.ravel()
    padded = np.zeros(-(-len(flat) // _BLOCK) * _BLOCK)
    padded[: len(flat)] = flat
    return padded.reshape(-1, _BLOCK)


def _diode(coefficients: Coefficients, bilayer: Bilayer, t: float) -> ArtefactDiode:
    """Extrema of J = dF/dq, with splines of alpha and beta between a fine set of q."""
    from scipy import interpolate, optimize

    t = positive_scalar("t", t)
    q = _momenta(bilayer)
    at_transition = interpolate.CubicSpline(q, coefficients(q, 1.0)[0])
    turning = at_transition(at_transition.derivative().roots(extrapolate=False))
    strongest = float(min(turning, default=math.inf))
    alpha, beta = coefficients(q, t)
    alpha = alpha - strongest
    middle = int(np.argmin(alpha))
    if alpha[middle] >= 0.0 or beta[middle] <= 0.0:
        raise NoCondensateError("alpha > 0 or beta < 0 with this sum over k: no condensate")
    inside = (alpha < 0.0) & (beta > 0.0)
    left, right = middle, middle
    while left > 0 and inside[left - 1]:
        left -= 1
    while right < len(q) - 1 and inside[right + 1]:
        right += 1
    a, b = interpolate.CubicSpline(q, alpha), interpolate.CubicSpline(q, beta)
    slope_a, slope_b = a.derivative(), b.derivative()

    def F(x: ArrayLike) -> Floats:
        return -(a(x) ** 2) / (2.0 * b(x))

    def J(x: ArrayLike) -> Floats:
        return current_density(a(x), b(x), slope_a(x), slope_b(x))

    fine = np.linspace(q[left], q[right], 2001)

    def extreme(function: Callable[[float], float], values: Floats) -> float:
        i = int(np.argmin(values))
        bracket = (fine[max(i - 1, 0)], fine[min(i + 1, len(fine) - 1)])
        return float(
            optimize.minimize_scalar(function, bounds=bracket, method="bounded",
                                     options={"xatol": 1e-10}).x
        )  # fmt: skip

    q0 = extreme(lambda x: float(F(x)), F(fine))
    plus = float(J(extreme(lambda x: -float(J(x)), -J(fine))))
    minus = float(J(extreme(lambda x: float(J(x)), J(fine))))
    return ArtefactDiode(q0, plus, minus, efficiency(plus, minus))


def _momenta(bilayer: Bilayer) -> Floats:
    """Momenta q_x about the shift of the contours, a few thermal momenta T/v to either side."""
    radius = math.sqrt(2.0 * max(bilayer.fermi_energy_e, bilayer.fermi_energy_h))
    splitting = math.hypot(bilayer.zeeman_inplane, bilayer.zeeman_outofplane)
    centre = bilayer.rashba_e * bilayer.zeeman_inplane / splitting
    return centre + np.linspace(-4.0, 4.0, _SAMPLES) / radius
