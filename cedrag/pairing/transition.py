"""Transition temperature of one sample: where the smallest alpha(T, q) over q vanishes."""

import warnings

import numpy as np

from .._checks import instance, positive_scalar
from ..bilayer import Bilayer
from ..condensate.ginzburg_landau import GinzburgLandau
from ..errors import NoPairingError, ValidityWarning
from .landscape import local_minima

__all__ = ["critical_temperature", "smallest_alpha"]


def smallest_alpha(bilayer, t, binding_energy, *, rtol=1e-8):
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
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ValidityWarning)  # said once by the caller's own theory
        theory = GinzburgLandau(bilayer, t, binding_energy=binding_energy, rtol=rtol)
    q = local_minima(theory._integrals, theory._seeds)[0]
    return float(theory.alpha(*q)), q


def critical_temperature(bilayer, binding_energy, *, rtol=1e-8):
    """Highest temperature (E_u) at which alpha(T, q) vanishes for some q: second-order T_c.

    Parameters
    ----------
    bilayer : Bilayer
        With carriers in both layers.
    binding_energy : float
        Two-body binding energy E_b in E_u (theory.md): the interaction of one sample, kept fixed.
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
    energies = [abs(bilayer.band_minimum(layer)[1]) for layer in ("e", "h")]
    top = 0.57 * np.sqrt(2.0 * max(energies) * binding_energy) + binding_energy
    from scipy import optimize

    ladder = 2.0 * top * 0.75 ** np.arange(22)

    def lowest(t):
        return smallest_alpha(bilayer, t, binding_energy, rtol=rtol)[0]

    above = ladder[0]
    for below in ladder[1:]:
        if lowest(below) < 0.0:
            return float(optimize.brentq(lowest, below, above, xtol=1e-12, rtol=1e-10))
        above = below
    raise NoPairingError(
        f"binding_energy must be large enough to pair across the mismatch of the contours "
        f"(got {binding_energy}): alpha > 0 down to T = {ladder[-1]:.3g} E_u"
    )
