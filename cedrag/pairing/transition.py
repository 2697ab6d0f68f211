"""Transition temperature of one sample: where the smallest alpha(T, q) over q vanishes."""

from collections.abc import Callable
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from .._checks import instance, positive_scalar
from ..bilayer import Bilayer
from ..errors import ConvergenceError, NoPairingError
from .landscape import local_minima
from .pairing import Pairing

__all__ = ["critical_temperature", "smallest_alpha"]

_COARSE = 1e-4  # accuracy of the integrals while the transition is only being bracketed
_CLOSE = 0.1  # alpha over the mass: less may be below zero although a scan says it is not


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
    ladder = 2.0 * top * 0.75 ** np.arange(22)

    def at(t: float, accuracy: float) -> Pairing:
        return Pairing(bilayer, t, binding_energy=binding_energy, rtol=accuracy)

    coarse = max(rtol, _COARSE)
    for bracket in pairwise(ladder):
        above, below = bracket
        pairing = at(below, coarse)
        scanned = pairing.form.scan(pairing.seeds.points) + pairing.offset[0]
        # seeds may lie far apart and a scan is rough, so close calls are looked into
        if scanned.min() < _CLOSE * bilayer.reduced_mass and pairing.lowest(pairing.minima)[0] < 0:
            break
    else:
        raise NoPairingError(
            f"binding_energy must be large enough to pair across the mismatch of the contours "
            f"(got {binding_energy}): alpha > 0 down to T = {ladder[-1]:.3g} E_u"
        )
    candidates = pairing.minima
    for _ in range(10):
        rough = _root(at, candidates, (below, above), coarse)
        found = _root(at, candidates, (rough * (1.0 - 1e-4), rough * (1.0 + 1e-4)), rtol)
        # another momentum may pair at a higher temperature still
        warmer = at(found * (1.0 + 1e-3), coarse)
        if float(warmer.lowest(warmer.minima)[0]) >= 0.0:
            return found
        below, candidates = found, warmer.minima
    raise ConvergenceError(f"T_c wanders between momenta near T = {found:.6g} E_u")


def _root(
    at: Callable[[float, float], Pairing],
    candidates: NDArray[np.float64],
    bracket: tuple[float, float],
    rtol: float,
) -> float:
    """Where the smallest alpha next to ``candidates`` vanishes; ``at(t, rtol)`` is a Pairing."""
    from scipy import optimize

    def alpha(t: float) -> float:
        pairing = at(t, rtol)
        return float(pairing.lowest(local_minima(pairing.form, pairing.seeds, candidates)[:1])[0])

    lo, hi = bracket
    width = hi / lo
    while alpha(lo) >= 0.0:
        lo /= width
    while alpha(hi) < 0.0:
        hi *= width
    return float(optimize.brentq(alpha, lo, hi, xtol=1e-12, rtol=max(1e-10, 0.01 * rtol)))
