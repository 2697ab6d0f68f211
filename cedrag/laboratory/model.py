"""From densities, meV and tesla to the dimensionless bilayer: chemical potentials and T_c."""

import math
import warnings
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from scipy import constants

from .._checks import instance, positive_scalar
from .._results import Record
from ..bilayer import Bilayer
from ..condensate.mean_field import MeanField
from ..errors import ValidityWarning
from ..units import Scales
from .interaction import (
    binding_from_coupling,
    interaction_cutoff,
    pair_density_of_states,
    screened_coupling,
    weak_coupling_temperature,
)
from .two_body import ExcitonScales

__all__ = [
    "Layers",
    "bilayer_at",
    "critical_temperature_of",
    "has_sea",
    "largest_critical_temperature",
    "temperature_range",
]

_MOST_NODES = 4_000_000
_MOST = 1.2  # T_c over the smaller Fermi energy: at 1/ln 2 = 1.44 mu reaches the band
_SEA = 0.26  # mu(T_c) above the bottom of the band there, over T_c
_LEAST = 0.01  # of the largest T_c: below, the steps of q are too fine for the search of q*


@dataclass(frozen=True, kw_only=True)
class Layers(Record):
    """What a sample is made of, in SI units; densities are those of one flavour.

    Attributes
    ----------
    electron_mass, hole_mass : float
        In free electron masses.
    density_e, density_h : float
        1/m^2.
    rashba : float
        lambda_e, J m.
    inplane, outofplane : float
        B and J of eq (2), half of a splitting, J.
    separation : float
        m.
    permittivity : float

    Examples
    --------
    >>> from cedrag.laboratory.model import Layers
    >>> layers = Layers(
    ...     electron_mass=0.5, hole_mass=0.5, density_e=5e15, density_h=5e15, rashba=0.0,
    ...     inplane=0.0, outofplane=0.0, separation=3e-9, permittivity=4.0)

    >>> round(layers.fermi_energy("e") / 1.602176634e-22, 1)  # meV
    4.8
    """

    electron_mass: float
    hole_mass: float
    density_e: float
    density_h: float
    rashba: float
    inplane: float
    outofplane: float
    separation: float
    permittivity: float

    def fermi_energy(self, layer: str) -> float:
        """hbar^2 2 pi n/m in J, of a parabola with one flavour."""
        n, m = {
            "e": (self.density_e, self.electron_mass), "h": (self.density_h, self.hole_mass),
        }[layer]  # fmt: skip
        return 2.0 * math.pi * constants.hbar**2 * n / (m * constants.m_e)

    @property
    def smallest_fermi_energy(self) -> float:
        """The smaller one of both layers, J."""
        return min(self.fermi_energy("e"), self.fermi_energy("h"))

    @property
    def exciton(self) -> ExcitonScales:
        """Bohr radius and Rydberg of a pair."""
        return ExcitonScales(
            electron_mass=self.electron_mass, hole_mass=self.hole_mass,
            permittivity=self.permittivity,
        )  # fmt: skip


def bilayer_at(layers: Layers, scales: Scales) -> Bilayer:
    """Bilayer in units of T_c whose normal state at T_c has the densities of ``layers``.

    Parameters
    ----------
    layers : Layers
    scales : Scales
        With the T_c and the electron mass that make the units.

    Returns
    -------
    Bilayer

    Raises
    ------
    ValueError
        If no chemical potential above the bottom of a band does it: T_c is too high.

    Examples
    --------
    >>> from cedrag import Scales
    >>> from cedrag.laboratory.model import Layers, bilayer_at
    >>> layers = Layers(
    ...     electron_mass=0.5, hole_mass=0.5, density_e=5e15, density_h=5e15, rashba=0.0,
    ...     inplane=0.0, outofplane=0.0, separation=3e-9, permittivity=4.0)

    >>> bilayer = bilayer_at(layers, Scales(critical_temperature=10.0, electron_mass=0.5))
    >>> round(bilayer.mu_e, 1), bilayer.mass_ratio
    (5.6, 1.0)
    """
    instance("layers", layers, Layers)
    bilayer = Bilayer(
        mu_e=0.0, mu_h=0.0, rashba_e=layers.rashba / (scales.energy * scales.length),
        zeeman_inplane=layers.inplane / scales.energy,
        zeeman_outofplane=layers.outofplane / scales.energy,
        mass_ratio=layers.hole_mass / layers.electron_mass,
    )  # fmt: skip
    mu_e = _potential(bilayer, "e", layers.density_e / scales.density)
    mu_h = _potential(bilayer, "h", layers.density_h / scales.density)
    return bilayer.replace(mu_e=mu_e, mu_h=mu_h)


@lru_cache(maxsize=64)
def _potential(bilayer: Bilayer, layer: str, density: float) -> float:
    """mu with n(T_c) = ``density``: both in the units of T_c."""
    from scipy import optimize

    mass = bilayer.band(layer).mass
    field = math.hypot(bilayer.zeeman_inplane, bilayer.zeeman_outofplane)
    fermi = 2.0 * math.pi * density / mass
    free = fermi + math.log(-math.expm1(-fermi)) - field  # without Rashba coupling exact
    if layer == "h" or bilayer.rashba_e == 0.0:
        return free

    step = 0.1 + bilayer.rashba_e**2
    filled = _electron_density(bilayer, fermi + step)

    def excess(mu: float) -> float:
        return filled(mu) / density - 1.0

    low, high = free - step, free + step
    while excess(low) > 0.0:
        low -= step
    while excess(high) < 0.0:
        high += step
    return float(optimize.brentq(excess, low, high, xtol=1e-8, rtol=1e-9))


def _electron_density(bilayer: Bilayer, fermi: float) -> Callable[[float], float]:
    """n_e(mu) at T_c, for Fermi energies up to ``fermi``: nodes once, as a search asks often.

    Rays begin at the cone if it holds electrons: along them its sharp tip is smooth.
    """
    from scipy import special

    mass, _, rashba, B, J = bilayer.band("e")
    highest = fermi + 45.0 + math.hypot(B, J)  # in units of T_c above the bottom of a parabola
    cone = -B / rashba if abs(B) < abs(rashba) * math.sqrt(2.0 * mass * highest) else 0.0
    ring = mass * abs(rashba)
    end = abs(cone) + ring + math.sqrt(ring**2 + 2.0 * mass * highest)
    # a thermal step of the Fermi edge is 1/v wide
    panels = math.ceil(0.5 * end * (end / mass + abs(rashba))) + 4
    turning = (abs(cone) + math.sqrt(2.0 * mass * fermi)) * abs(cone) / mass
    rays = 48 + math.ceil(4.0 * abs(rashba) * math.sqrt(2.0 * mass * fermi) + 6.0 * turning)
    if 12 * panels * rays > _MOST_NODES:  # so cold that the adaptive integral is the faster
        return lambda mu: bilayer.replace(mu_e=mu).density_e(1.0)
    sharp = abs(J / rashba) * 2.0 ** np.arange(-2, 40)
    edges = np.concatenate([np.linspace(0.0, end, panels + 1), sharp[sharp < end / panels]])
    edges = np.unique(edges)
    x, w = np.polynomial.legendre.leggauss(12)
    width = np.diff(edges)[:, None]
    r = (edges[:-1, None] + 0.5 * width * (1.0 + x)).ravel()
    weight = (0.5 * width * w).ravel() * r
    angle = math.pi * (np.arange(rays) + 0.5) / rays  # half the plane, by the mirror
    kx, ky = cone + r[:, None] * np.cos(angle), r[:, None] * np.sin(angle)
    split = np.sqrt((rashba * kx + B) ** 2 + (rashba * ky) ** 2 + J * J)
    energy = (kx * kx + ky * ky) / (2.0 * mass) - split

    def density(mu: float) -> float:
        return float(weight @ special.expit(mu - energy).sum(axis=1)) / (2.0 * math.pi * rays)

    return density


def largest_critical_temperature(layers: Layers) -> float:
    """Highest T_c in K that the theory serves: above, the normal state at T_c is not degenerate.

    1.2 Fermi energies of a parabola, where mu lies 0.26 T_c above the bottom of the band; as far
    with Rashba coupling, whose ring has more states at its bottom.

    Parameters
    ----------
    layers : Layers

    Returns
    -------
    float

    Examples
    --------
    >>> from cedrag.laboratory.model import Layers, largest_critical_temperature
    >>> layers = Layers(
    ...     electron_mass=0.5, hole_mass=0.5, density_e=5e15, density_h=5e15, rashba=0.0,
    ...     inplane=0.0, outofplane=0.0, separation=3e-9, permittivity=4.0)

    >>> round(largest_critical_temperature(layers))
    67
    """
    low = high = _MOST * layers.smallest_fermi_energy / constants.k
    while not has_sea(layers, low):
        low, high = 0.9 * low, low
    for _ in range(0 if low == high else 14):
        middle = 0.5 * (low + high)
        low, high = (middle, high) if has_sea(layers, middle) else (low, middle)
    return low


def has_sea(layers: Layers, critical_temperature: float) -> bool:
    """Whether a Fermi sea is left at this T_c, see :func:`largest_critical_temperature`.

    Parameters
    ----------
    layers : Layers
    critical_temperature : float
        K.

    Returns
    -------
    bool

    Examples
    --------
    >>> from cedrag.laboratory.model import Layers, has_sea
    >>> layers = Layers(
    ...     electron_mass=0.5, hole_mass=0.5, density_e=5e15, density_h=5e15, rashba=0.0,
    ...     inplane=0.0, outofplane=0.0, separation=3e-9, permittivity=4.0)

    >>> has_sea(layers, 60.0), has_sea(layers, 70.0)
    (True, False)
    """
    parabola = _MOST * layers.smallest_fermi_energy / constants.k
    if critical_temperature > parabola * (1.0 + 1e-12):
        return False
    if layers.rashba == 0.0:
        return True
    scales = Scales(critical_temperature=critical_temperature, electron_mass=layers.electron_mass)
    return bilayer_at(layers, scales).band_minimum("e")[1] < -_SEA


def critical_temperature_of(layers: Layers, binding_energy: float, *, spin: str = "band") -> float:
    """T_c in K of a sample whose excitons are bound by E_b.

    The chemical potentials belong to the normal state at T_c, so both are found together.

    Parameters
    ----------
    layers : Layers
    binding_energy : float
        E_b in J.
    spin : {"band", "full"}

    Returns
    -------
    float

    Raises
    ------
    ValueError
        If E_b is so large that pairs form above degeneracy (the BEC side), or so small that T_c
        is below 1/100 of its largest value.

    Examples
    --------
    >>> from cedrag.laboratory.model import Layers, critical_temperature_of
    >>> layers = Layers(
    ...     electron_mass=0.5, hole_mass=0.5, density_e=5e15, density_h=5e15, rashba=0.0,
    ...     inplane=0.0, outofplane=0.0, separation=3e-9, permittivity=4.0)

    >>> 5.0 < critical_temperature_of(layers, 1e-23) < 30.0
    True
    """
    from scipy import optimize

    wanted = positive_scalar("binding_energy", binding_energy, unit="J")
    top = largest_critical_temperature(layers)

    def required(kelvin: float) -> float:
        scales = Scales(critical_temperature=kelvin, electron_mass=layers.electron_mass)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", ValidityWarning)
            theory = MeanField(bilayer_at(layers, scales), 0.9, spin=spin, rtol=1e-5)
            return theory.binding_energy * scales.energy

    low, high = required(_LEAST * top), required(top)
    if not low < wanted < high:
        milli = 1e3 / constants.e
        raise ValueError(
            f"binding_energy must lie between {low * milli:.4g} and {high * milli:.4g} meV (got "
            f"{wanted * milli:.4g}): with more the pairs form above degeneracy (BEC), where the "
            "theory has no Fermi sea to begin with; then give critical_temperature"
        )
    found = optimize.brentq(
        lambda x: math.log(required(math.exp(x)) / wanted),
        math.log(_LEAST * top), math.log(top), xtol=1e-5,
    )  # fmt: skip
    return math.exp(found)


def temperature_range(layers: Layers) -> tuple[float, float]:
    """Weak-coupling T_c in K from the screened and from the bare interaction: lower and upper end.

    Nothing between them is fixed by the material: screening by carriers that pair is weaker than
    that of the normal state.

    Parameters
    ----------
    layers : Layers

    Returns
    -------
    low, high : float
        K.

    Examples
    --------
    >>> from cedrag.laboratory.model import Layers, temperature_range
    >>> layers = Layers(
    ...     electron_mass=0.5, hole_mass=0.5, density_e=5e15, density_h=5e15, rashba=0.0,
    ...     inplane=0.0, outofplane=0.0, separation=3e-9, permittivity=4.0)

    >>> low, high = temperature_range(layers)
    >>> 0.0 < low < high
    True
    """
    k_F = math.sqrt(4.0 * math.pi * math.sqrt(layers.density_e * layers.density_h))
    exciton = layers.exciton
    kinetic = (constants.hbar * k_F) ** 2 / (2.0 * exciton.reduced_mass)
    cutoff = interaction_cutoff(exciton.reduced_mass, layers.separation)
    screened = pair_density_of_states(exciton.reduced_mass) * screened_coupling(
        k_F, layers.separation, layers.permittivity,
        electron_mass=layers.electron_mass, hole_mass=layers.hole_mass,
    )  # fmt: skip
    low, high = (
        weak_coupling_temperature(kinetic, energy) / constants.k
        for energy in (
            binding_from_coupling(screened, cutoff), exciton.binding_energy(layers.separation),
        )
    )  # fmt: skip
    return low, high
