"""A parabolic layer in SI units and its density response at finite temperature."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import constants

from .._checks import instance, positive_array, positive_integer, positive_scalar, real_array
from .._results import Record
from ..kernels.polarisability import degeneracy_parameter, response_map, response_table
from ..units import Scales

__all__ = ["ParabolicLayer", "polarisability", "spin_polarised_layers"]


@dataclass(frozen=True, kw_only=True)
class ParabolicLayer(Record):
    """Two-dimensional carriers with the band hbar^2 k^2/(2 mass).

    Parameters
    ----------
    density : float
        Carriers per area, all flavours together, 1/m^2.
    mass : float
        Effective mass, kg.
    degeneracy : int
        Number of equal flavours (spin times valley): 2 in GaAs, 1 if spin polarised.

    Raises
    ------
    TypeError, ValueError
        If density or mass is not a positive finite number, or degeneracy not an integer >= 1.

    Examples
    --------
    Electrons in GaAs at 2e11 per cm^2:

    >>> from cedrag import ParabolicLayer
    >>> layer = ParabolicLayer(density=2e15, mass=0.067 * 9.1094e-31, degeneracy=2)
    >>> round(float(layer.fermi_wavevector) * 1e-9, 4), round(float(layer.fermi_temperature), 1)
    (0.1121, 82.9)
    """

    density: float
    mass: float
    degeneracy: int

    def __post_init__(self) -> None:
        object.__setattr__(self, "density", positive_scalar("density", self.density, unit="1/m**2"))
        object.__setattr__(self, "mass", positive_scalar("mass", self.mass, unit="kg"))
        object.__setattr__(self, "degeneracy", positive_integer("degeneracy", self.degeneracy))

    @property
    def fermi_wavevector(self) -> float:
        """k_F = sqrt(4 pi n/g), 1/m."""
        return np.sqrt(4.0 * np.pi * self.density / self.degeneracy)

    @property
    def fermi_energy(self) -> float:
        """E_F = hbar^2 k_F^2/(2m), J."""
        return (constants.hbar * self.fermi_wavevector) ** 2 / (2.0 * self.mass)

    @property
    def fermi_temperature(self) -> float:
        """E_F/k_B, K."""
        return self.fermi_energy / constants.k

    def compressibility(self, temperature: float) -> float:
        """dn/dmu = (g m/2 pi hbar^2)(1 - exp(-T_F/T)), 1/(J m^2); the Thomas-Fermi response."""
        temperature = positive_scalar("temperature", temperature, unit="K")
        flat = self.degeneracy * self.mass / (2.0 * np.pi * constants.hbar**2)
        return -flat * np.expm1(-self.fermi_temperature / temperature)

    def scaled(self, temperature: float, length: float) -> tuple[float, float, float, Any]:
        """(m, eta, g, table) with hbar = k_B T = 1 and lengths in ``length``."""
        thermal = constants.k * temperature
        eta = degeneracy_parameter(self.fermi_energy / thermal)
        mass = self.mass * thermal * length**2 / constants.hbar**2
        return mass, eta, float(self.degeneracy), response_table(eta)


def polarisability(
    layer: ParabolicLayer,
    wavevector: ArrayLike,
    angular_frequency: ArrayLike,
    *,
    temperature: float,
) -> NDArray[np.complex128]:
    """Density response Pi = -chi of one layer at finite temperature, 1/(J m^2).

    Parameters
    ----------
    layer : ParabolicLayer
    wavevector : float or array
        q > 0, 1/m.
    angular_frequency : float or array
        Real, any sign, rad/s; broadcast against ``wavevector``.
    temperature : float
        K.

    Returns
    -------
    complex ndarray
        Re Pi(q -> 0, 0) = dn/dmu; Im Pi has the sign of the frequency. Relative error about 1e-12
        of dn/dmu k_F/q.

    Examples
    --------
    The static response at long wavelength is dn/dmu; at finite frequency it absorbs.

    >>> from cedrag import ParabolicLayer
    >>> from cedrag.drag.parabolic import polarisability
    >>> layer = ParabolicLayer(density=2e15, mass=0.067 * 9.1094e-31, degeneracy=2)
    >>> response = polarisability(layer, 1e7, [0.0, 1e12], temperature=2.0)
    >>> (response / layer.compressibility(2.0)).round(3)
    array([1.+0.j   , 1.+0.605j])
    """
    instance("layer", layer, ParabolicLayer)
    temperature = positive_scalar("temperature", temperature, unit="K")
    q, w = np.broadcast_arrays(
        positive_array("wavevector", wavevector, unit="1/m"),
        real_array("angular_frequency", angular_frequency, unit="rad/s"),
    )
    thermal = constants.k * temperature
    length = constants.hbar / np.sqrt(layer.mass * thermal)
    out = np.empty(q.size, dtype=complex)
    scaled_w = (w * (constants.hbar / thermal)).ravel()
    response_map((q * length).ravel(), scaled_w, *layer.scaled(temperature, length), out)
    return out.reshape(q.shape) / (thermal * length**2)


def spin_polarised_layers(
    scales: Scales, density_e: float, density_h: float, mass_ratio: float
) -> tuple[ParabolicLayer, ParabolicLayer]:
    """Parabolic layers with the masses of a sample, m_e and m_e times ``mass_ratio``.

    Parameters
    ----------
    scales : Scales
        Holds m_e.
    density_e, density_h : float
        Carriers per area in SI, 1/m^2; one flavour each.
    mass_ratio : float
        m_h/m_e.

    Returns
    -------
    driven, passive : ParabolicLayer
        The electrons and the holes.

    Examples
    --------
    >>> from cedrag import Scales
    >>> from cedrag.drag.parabolic_layer import spin_polarised_layers
    >>> scales = Scales(critical_temperature=10.0, electron_mass=0.2)
    >>> driven, passive = spin_polarised_layers(scales, 2e15, 1e15, mass_ratio=2.5)
    >>> round(passive.mass / driven.mass, 9), passive.density, passive.degeneracy
    (2.5, 1000000000000000.0, 1)
    """
    mass = scales.electron_mass * constants.m_e
    return (
        ParabolicLayer(density=density_e, mass=mass, degeneracy=1),
        ParabolicLayer(density=density_h, mass=mass * mass_ratio, degeneracy=1),
    )
