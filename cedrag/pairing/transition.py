"""Transition temperature of one sample: where the smallest alpha(T, q) over q vanishes."""

from collections.abc import Callable
from functools import cache

import numpy as np
from numpy.typing import NDArray

from .._checks import instance, positive_scalar
from ..bilayer import Bilayer
from ..errors import ConvergenceError, NoPairingError
from .integrals import PairIntegrals
from .landscape import local_minima, rivals
from .pairing import Pairing

__all__ = ["critical_temperature", "smallest_alpha"]

_COARSE = 1e-4  # accuracy of the integrals while the transition is only being bracketed
_CLOSE = 0.1  # alpha over the mass: less may be below zero although the seeds say it is not
_SURE = 3e-3  # the same of the nets around the seeds
_RUNGS = 0.5, 0.75  # smallest and largest ratio of temperatures one after the other
_NETS = 0.8, 0.4, 0.2, 0.1, 0.05  # sizes in units of the spacing of the seeds
_EDGE = 0.5  # how far in that unit they may reach beyond the seeds
_SAME = 0.3  # of that spacing: descents from starts as close end at one minimum


def smallest_alpha(
    bilayer: Bilayer, t: float, binding_energy: float, *, rtol: float = 1e-8
) -> tuple[float, NDArray[np.float64]]:
    """Find the smallest alpha(T, q) over the q plane at fixed interaction, and where it lies.

    Parameters
    ----------
    bilayer : Bilayer
        With carriers in both layers.
    t : float
        Temperature in E_u.
    binding_energy : float
        Two-body binding energy E_b in E_u.
    rtol : float
        Accuracy of the momentum integrals.

    Returns
    -------
    alpha : float
        In 1/(E_u l_u^2); negative below T_c.
    q : ndarray, shape (2,)
        In 1/l_u.

    Examples
    --------
    >>> from cedrag import NATURAL
    >>> from cedrag.pairing.transition import smallest_alpha
    >>> alpha, q = smallest_alpha(NATURAL, 0.9, binding_energy=0.109572)
    >>> round(alpha, 4), q.round(4)
    (-0.0165, array([0.1987, 0.    ]))
    """
    pairing = Pairing(bilayer, t, binding_energy=binding_energy, rtol=rtol)
    q = pairing.minima[0]
    return float(pairing.lowest(q[None, :])[0]), q


def critical_temperature(bilayer: Bilayer, binding_energy: float, *, rtol: float = 1e-8) -> float:
    """Highest temperature (E_u) at which alpha(T, q) vanishes for some q: second-order T_c.

    Parameters
    ----------
    bilayer : Bilayer
        With carriers in both layers.
    binding_energy : float
        Two-body binding energy E_b in E_u: the interaction of one sample, kept fixed.
    rtol : float
        Accuracy of the momentum integrals.

    Returns
    -------
    float
        T_c in E_u.

    Raises
    ------
    NoPairingError
        If alpha > 0 for every q at all temperatures down to 1/200 of the matched estimate
        (e^gamma/pi) sqrt(2 E_F E_b): the mismatch of the contours is too large.
    TypeError, ValueError
        If an argument has the wrong type or range.

    Examples
    --------
    The same sample with fewer holes condenses at a lower temperature:

    >>> from cedrag import NATURAL, GinzburgLandau, critical_temperature
    >>> binding_energy = GinzburgLandau(NATURAL).binding_energy
    >>> round(critical_temperature(NATURAL, binding_energy), 6)
    1.0
    >>> round(critical_temperature(NATURAL.replace(mu_h=NATURAL.mu_h - 1.0), binding_energy), 3)
    0.846
    """
    instance("bilayer", bilayer, Bilayer)
    binding_energy = positive_scalar("binding_energy", binding_energy)
    rtol = positive_scalar("rtol", rtol)
    energies = [abs(bilayer.band_minimum(layer)[1]) for layer in ("e", "h")]
    top = 0.57 * np.sqrt(2.0 * max(energies) * binding_energy) + binding_energy
    if not np.isfinite(top * max(energies)):
        raise ValueError(f"binding_energy must be below 1e300 (got {binding_energy})")

    def at(t: float, accuracy: float) -> Pairing:
        return Pairing(bilayer, t, binding_energy=binding_energy, rtol=accuracy)

    coarse = max(rtol, _COARSE)
    below, above, candidates = _bracket(at, top, coarse)
    for _ in range(10):
        rough = _root(at, candidates, (below, above), coarse)
        found = _root(at, candidates, (rough * (1.0 - 1e-4), rough * (1.0 + 1e-4)), rtol)
        # another momentum may pair at a higher temperature still
        warmer = at(found * (1.0 + 1e-3), coarse)
        candidates = local_minima(warmer.form, warmer.seeds, _closer(warmer)[0])
        if float(warmer.lowest(candidates)[0]) >= 0.0:
            return found
        below = found
    raise ConvergenceError(f"T_c wanders between momenta near T = {found:.6g} E_u")


def _bracket(
    at: Callable[[float, float], Pairing], top: float, rtol: float
) -> tuple[float, float, NDArray[np.float64]]:
    """Temperatures below and above the transition, and where pairing is strong at the lower one.

    ``top`` is the transition temperature of matched contours.
    """
    bottom = 2.0 * top * 0.75**21
    below, share = 2.0 * top, 0.0
    while True:
        if below <= bottom:
            raise NoPairingError(
                f"binding_energy must be large enough to pair across the mismatch of the contours "
                f"(got {at(bottom, rtol).given_binding}): alpha > 0 down to T = {bottom:.3g} E_u"
            )
        # between matched contours alpha falls by m_r/(2 pi) while T falls by e: twice that at most
        fall = np.clip(np.exp(-np.pi * share), *_RUNGS)
        above, below = below, max(bottom, below * fall)
        pairing = at(below, rtol)
        candidates, estimate = _closer(pairing, _CLOSE)
        share = estimate / pairing.bilayer.reduced_mass
        if share < -_SURE:
            return below, above, candidates
        if share < _SURE:
            candidates = local_minima(pairing.form, pairing.seeds, candidates)
            if pairing.lowest(candidates)[0] < 0.0:
                return below, above, candidates


def _closer(pairing: Pairing, close: float = np.inf) -> tuple[NDArray[np.float64], float]:
    """Where to descend from, (n, 2), and an estimate of the smallest alpha.

    From the rivals among the seeds, which may lie far apart, downhill on nets that shrink; but no
    closer than the seeds where alpha over the reduced mass is ``close`` or more.  Momenta at which
    alpha is surely positive are left out, except the lowest.
    """
    form, seeds = pairing.form, pairing.seeds
    scanned = form.scan(seeds.points)
    estimate = float(scanned.min()) + pairing.offset[0]
    if estimate >= close * pairing.bilayer.reduced_mass:
        return seeds.points[[scanned.argmin()]], estimate
    starts = rivals(form, seeds)
    net = np.stack(np.meshgrid(*2 * [np.linspace(-1.0, 1.0, 5)]), axis=-1).reshape(-1, 2)
    x, y = seeds.points.T  # one mesh was made for these and a little more
    corner = np.array([x.max(), y.max()]) + _EDGE * seeds.spacing
    opposite = np.array([x.min(), -y.max()]) - _EDGE * seeds.spacing
    for size in _NETS:
        around = np.clip(starts[:, None] + size * seeds.spacing * net, opposite, corner)
        values = form.scan(around.reshape(-1, 2)).reshape(len(starts), -1)
        starts = around[np.arange(len(starts)), values.argmin(axis=1)]
        starts[:, 1] = np.abs(starts[:, 1])  # by the mirror
    lowest = values.min(axis=1)
    estimate = float(lowest.min()) + pairing.offset[0]
    doubtful = np.sum(lowest + pairing.offset[0] < _SURE * pairing.bilayer.reduced_mass)
    apart: list[NDArray[np.float64]] = []
    for start in starts[lowest.argsort()][: max(1, doubtful)]:
        if all(np.hypot(*(start - other)) > _SAME * seeds.spacing for other in apart):
            apart.append(start)
    return np.array(apart), estimate


def _root(
    at: Callable[[float, float], Pairing],
    candidates: NDArray[np.float64],
    bracket: tuple[float, float],
    rtol: float,
) -> float:
    """Where the smallest alpha next to ``candidates`` vanishes; ``at(t, rtol)`` is a Pairing."""
    from scipy import optimize

    lo, hi = bracket
    width = hi / lo
    cold = at(lo, rtol)

    @cache
    def alpha(t: float) -> float:
        nonlocal cold
        if t < cold.t:
            cold = at(t, rtol)
        # the meshes of the lowest temperature serve all
        form = PairIntegrals(cold.bilayer, t, rtol, colder=cold.integrals)
        q = local_minima(form, cold.seeds, candidates)[:1]
        return float(form.lowest(q)[0][0]) + cold.offset[0]

    while alpha(lo) >= 0.0:
        lo /= width
    while alpha(hi) < 0.0:
        hi *= width
    return float(optimize.brentq(alpha, lo, hi, xtol=1e-12, rtol=max(1e-10, 0.01 * rtol)))
