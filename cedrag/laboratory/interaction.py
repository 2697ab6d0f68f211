r"""The interaction of eq (5) in SI units, against the one that a transition temperature needs.

A contact coupling g has no meaning without a cutoff: 1/g = Int_{k < K} 1/(k^2/2m_r + E_b) grows
with K.  So every g here is compared at one stated cutoff energy hbar^2 K^2/(2 m_r), and as the
number N0 g, N0 = m_r/(pi hbar^2): the density of states of one layer if both masses are equal.
"""

import math

import numpy as np
import scipy
from scipy import constants

from .._checks import positive_scalar

__all__ = [
    "pair_density_of_states",
    "printed_coupling",
    "sphere_coupling",
    "screened_coupling",
    "coupling_from_binding",
    "interaction_cutoff",
    "binding_from_coupling",
    "weak_coupling_temperature",
]

_E2 = constants.e**2 / (4.0 * math.pi * constants.epsilon_0)  # the Gaussian e^2, in J m


def pair_density_of_states(reduced_mass: float) -> float:
    """Density of states N0 = m_r/(pi hbar^2) of a pair.

    Parameters
    ----------
    reduced_mass : float
        m_r in kg.

    Returns
    -------
    float
        In 1/(J m^2).

    Examples
    --------
    >>> from cedrag.laboratory.interaction import pair_density_of_states
    >>> round(pair_density_of_states(0.1 * 9.109384e-31) * 1.602177e-19 * 1e-18, 3)  # 1/(eV nm^2)
    0.418
    """
    return positive_scalar("reduced_mass", reduced_mass, unit="kg") / (math.pi * constants.hbar**2)


def _eq5_factor(
    fermi_wavevector: float, separation: float, permittivity: float
) -> tuple[float, float]:
    k_F = positive_scalar("fermi_wavevector", fermi_wavevector, unit="1/m")
    d = positive_scalar("separation", separation, unit="m")
    eps = positive_scalar("permittivity", permittivity, unit="")
    return -math.pi * math.expm1(-2.0 * k_F * d) * _E2 / (eps * k_F**2), d


def printed_coupling(fermi_wavevector: float, separation: float, permittivity: float) -> float:
    """Coupling g as printed under eq (5): pi (1 - e^{-2 k_F d}) e^2/(eps k_F^2 d^2), in J m.

    e^2 is the Gaussian one (V = 2 pi e^2/(eps p) in eq 4), here e^2/(4 pi eps0).  The result is an
    energy times a length.  Eq (5) needs energy times area: see :func:`sphere_coupling`.

    Parameters
    ----------
    fermi_wavevector : float
        k_F in 1/m.
    separation : float
        d in m.
    permittivity : float
        Relative.

    Returns
    -------
    float
        In J m.

    Examples
    --------
    The printed formula is the dimensionally right one over d:

    >>> from cedrag.laboratory.interaction import printed_coupling, sphere_coupling
    >>> round(printed_coupling(5e8, 10e-9, 4.0) * 10e-9 / sphere_coupling(5e8, 10e-9, 4.0), 12)
    1.0
    """
    factor, d = _eq5_factor(fermi_wavevector, separation, permittivity)
    return factor / d**2


def sphere_coupling(fermi_wavevector: float, separation: float, permittivity: float) -> float:
    r"""Coupling pi (1 - e^{-2 k_F d}) e^2/(eps k_F^2 d), in J m^2: eq (5) with one power of d less.

    It is the l = 0 term of V(k - k'), eq (4), on a *sphere* of radius k_F, which is what
    spherical harmonics give:

    .. math:: \frac{1}{2} \int_0^\pi \sin\theta \, V(2 k_F \sin(\theta/2)) \, d\theta .

    Parameters
    ----------
    fermi_wavevector : float
        k_F in 1/m.
    separation : float
        d in m.
    permittivity : float
        Relative.

    Returns
    -------
    float
        In J m^2.

    Examples
    --------
    As the number N0 g:

    >>> from cedrag.laboratory.interaction import pair_density_of_states, sphere_coupling
    >>> N0 = pair_density_of_states(0.1 * 9.109384e-31)
    >>> round(N0 * sphere_coupling(5e8, 10e-9, 4.0), 3)
    0.189
    """
    factor, d = _eq5_factor(fermi_wavevector, separation, permittivity)
    return factor / d


def screened_coupling(
    fermi_wavevector: float, separation: float, permittivity: float, *,
    electron_mass: float, hole_mass: float,
) -> float:  # fmt: skip
    r"""Average over the Fermi *circle* of the statically screened interaction, in J m^2.

    .. math::

        U(q) = \frac{V(q) \, e^{-qd}}{(1 + s_e/q)(1 + s_h/q) - (s_e s_h/q^2) \, e^{-2qd}} ,

    with the Thomas-Fermi wavevectors s_a = m_a e^2/(4 pi eps0 eps hbar^2) of spin-polarised layers.
    Without screening this average diverges at small angles.

    Parameters
    ----------
    fermi_wavevector : float
        1/m.
    separation : float
        m.
    permittivity : float
        Relative.
    electron_mass, hole_mass : float
        In units of the free electron mass.

    Returns
    -------
    float
        In J m^2.

    Examples
    --------
    Screening takes away nearly all of the coupling of eq (5):

    >>> from cedrag.laboratory.interaction import screened_coupling, sphere_coupling
    >>> screened = screened_coupling(5e8, 10e-9, 4.0, electron_mass=0.2, hole_mass=0.2)
    >>> round(screened / sphere_coupling(5e8, 10e-9, 4.0), 4)
    0.0325
    """
    k_F = positive_scalar("fermi_wavevector", fermi_wavevector, unit="1/m")
    d = positive_scalar("separation", separation, unit="m")
    eps = positive_scalar("permittivity", permittivity, unit="")
    s_e, s_h = (
        positive_scalar(name, mass) * constants.m_e * _E2 / (eps * constants.hbar**2)
        for name, mass in (("electron_mass", electron_mass), ("hole_mass", hole_mass))
    )

    def interaction(angle: float) -> float:
        q = 2.0 * k_F * math.sin(0.5 * angle)
        bare = 2.0 * math.pi * _E2 / eps * math.exp(-q * d)
        # q times the bracket, without the cancellation of s_e s_h/q at small q
        screening = q + s_e + s_h - s_e * s_h * _expm1_over(q, 2.0 * d)
        return bare / screening

    value, _ = scipy.integrate.quad(interaction, 0.0, math.pi, epsrel=1e-10, limit=200)
    return value / math.pi


def _expm1_over(q: float, length: float) -> float:
    """(e^{-q length} - 1)/q, finite at q = 0."""
    return -length if q * length < 1e-12 else math.expm1(-q * length) / q


def interaction_cutoff(reduced_mass: float, separation: float) -> float:
    """Cutoff hbar^2/(2 m_r d^2) of the interaction of two layers, J.

    Beyond the momentum 1/d eq (4) decays as e^{-kd}.

    Parameters
    ----------
    reduced_mass : float
        m_r, kg.
    separation : float
        d, m.

    Returns
    -------
    float

    Examples
    --------
    >>> from scipy import constants
    >>> from cedrag.laboratory.interaction import interaction_cutoff
    >>> energy = interaction_cutoff(0.1 * constants.m_e, 10e-9)
    >>> round(energy / constants.e * 1e3, 2)  # meV
    3.81
    """
    reduced_mass = positive_scalar("reduced_mass", reduced_mass, unit="kg")
    separation = positive_scalar("separation", separation, unit="m")
    return constants.hbar**2 / (2.0 * reduced_mass * separation**2)


def coupling_from_binding(binding_energy: float, cutoff: float) -> float:
    """Coupling N0 g = 2/ln(1 + cutoff/E_b) that binds a pair by E_b.

    Parameters
    ----------
    binding_energy, cutoff : float
        E_b and hbar^2 K^2/(2 m_r) in the same unit.

    Returns
    -------
    float
        N0 g, a number.

    Examples
    --------
    >>> from cedrag.laboratory.interaction import coupling_from_binding
    >>> round(coupling_from_binding(1.0, cutoff=100.0), 4)
    0.4334
    """
    ratio = positive_scalar("cutoff", cutoff) / positive_scalar("binding_energy", binding_energy)
    return 2.0 / math.log1p(ratio)


def binding_from_coupling(coupling: float, cutoff: float) -> float:
    """Binding energy E_b = cutoff/(e^{2/N0 g} - 1), the inverse of :func:`coupling_from_binding`.

    Parameters
    ----------
    coupling : float
        N0 g.
    cutoff : float
        hbar^2 K^2/(2 m_r), any unit.

    Returns
    -------
    float
        E_b in the unit of ``cutoff``.

    Examples
    --------
    >>> from cedrag.laboratory.interaction import binding_from_coupling
    >>> round(binding_from_coupling(0.5, cutoff=100.0), 4)
    1.8657
    """
    exponent = 2.0 / positive_scalar("coupling", coupling)
    cutoff = positive_scalar("cutoff", cutoff)
    return cutoff * math.exp(-exponent) / -math.expm1(-exponent)


def weak_coupling_temperature(pair_fermi_energy: float, binding_energy: float) -> float:
    r"""Transition temperature of matched parabolas in weak coupling, T_c << W.

    .. math:: k_B T_c = (e^\gamma/\pi) \sqrt{W E_b}, \qquad W = E_{Fe} + E_{Fh} .

    Parameters
    ----------
    pair_fermi_energy, binding_energy : float
        W and E_b in the same unit.

    Returns
    -------
    float
        k_B T_c in that unit.

    Examples
    --------
    >>> from cedrag.laboratory.interaction import weak_coupling_temperature
    >>> round(weak_coupling_temperature(20.0, 0.2), 4)
    1.1339
    """
    W = positive_scalar("pair_fermi_energy", pair_fermi_energy)
    E_b = positive_scalar("binding_energy", binding_energy)
    return math.exp(np.euler_gamma) / math.pi * math.sqrt(W * E_b)
