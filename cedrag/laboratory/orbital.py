r"""The orbital effect of an in-plane magnetic field on the phase of the condensate.

An exciton is a dipole. With d the vector from its hole to its electron, of length d, its phase
winds by

.. math:: \mathbf{q}_{orb} = \frac{e}{\hbar} \, \mathbf{d} \times \mathbf{B}

at rest: the kinetic momentum of the pair is hbar (q - q_orb) (Balatsky, Joglekar and Littlewood
2004). Derivation: with the layers at z_e and z_h and A = B x r for B along y, A_x = B z, the charge
-e of the electron and +e of the hole, P = hbar q + e (A(z_e) - A(z_h)) = hbar q + e B d_z, so
q = -e B d_z/hbar along x, which is the x component of (e/hbar) d x B. It is a gauge shift: q0 moves
by it, critical currents and eta do not. An exchange field has no vector potential and no such
effect.
"""

import math

from scipy import constants

from .._checks import chosen, positive_scalar, real_scalar

__all__ = ["STACKINGS", "orbital_momentum", "wavelength"]

#: Which layer lies above, at larger z: the sign of d_z.
STACKINGS = {"electron above": 1.0, "hole above": -1.0}


def orbital_momentum(field: float, separation: float, *, stacking: str = "electron above") -> float:
    """q_orb along x for a field along y.

    Parameters
    ----------
    field : float
        B_y in T.
    separation : float
        d in m.
    stacking : {"electron above", "hole above"}
        Above is +z, so that x, y, z are right-handed.

    Returns
    -------
    float
        In 1/m: -e B d/hbar with the electrons above, the opposite with the holes above.

    Examples
    --------
    45 T and 10 nm wind the phase once every 9 nm:

    >>> from cedrag.laboratory.orbital import orbital_momentum, wavelength
    >>> round(wavelength(orbital_momentum(45.0, 10e-9)) * 1e9, 2)
    9.19
    """
    B = real_scalar("field", field, unit="T")
    d = positive_scalar("separation", separation, unit="m")
    chosen("stacking", stacking, STACKINGS)
    return -STACKINGS[stacking] * constants.e * B * d / constants.hbar


def wavelength(momentum: float) -> float:
    """2 pi/|q| in the unit of 1/q; inf at q = 0.

    Parameters
    ----------
    momentum : float
        q in 1/m.

    Returns
    -------
    float
        In m.

    Examples
    --------
    >>> from cedrag.laboratory.orbital import wavelength
    >>> wavelength(0.0)
    inf
    """
    q = abs(real_scalar("momentum", momentum, unit="1/m"))
    return 2.0 * math.pi / q if q > 0.0 else math.inf
