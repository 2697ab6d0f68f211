"""Transition temperature of one sample: where the smallest alpha(T, q) over q vanishes."""

import numpy as np
from numpy.typing import NDArray

from .._checks import instance, positive_scalar
from ..bilayer import Bilayer
from ..errors import NoPairingError
from .pairing import Pairing

__all__ = ["critical_temperature", "smallest_alpha"]

_COARSE = 1e-4  # accuracy of the integrals while the transition is only being bracketed


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
    ladder = 2.0 * top * 0.75 ** np.arange(22)

    def lowest(t: float, accuracy: float) -> float:
        return smallest_alpha(bilayer, t, binding_energy, rtol=accuracy)[0]

    from scipy import optimize

    above = ladder[0]
    for below in ladder[1:]:
        if lowest(below, max(rtol, _COARSE)) < 0.0:
            break
        above = below
    else:
        raise NoPairingError(
            f"binding_energy must be large enough to pair across the mismatch of the contours "
            f"(got {binding_energy}): alpha > 0 down to T = {ladder[-1]:.3g} E_u"
        )
    near = optimize.brentq(lowest, below, above, args=(max(rtol, _COARSE),), rtol=1e-5)
    lo, hi = near, near
    while lowest(lo, rtol) >= 0.0:
        lo *= 1.0 - 1e-3
    while lowest(hi, rtol) < 0.0:
        hi *= 1.0 + 1e-3
    return float(optimize.brentq(lowest, lo, hi, args=(rtol,), xtol=1e-12, rtol=1e-10))
