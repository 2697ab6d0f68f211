"""The paper's dimensionless bilayers in SI units, for a T_c, a mass and a distance put in by hand.

Eq (2) with numbers in k_B T_c is what the paper publishes; :func:`translate` says what it would be
in a laboratory, at the level of the quartic theory, so that it can be held against the paper's own
micrometres and milliamperes. For a material, from its densities, see
:func:`~cedrag.laboratory.sample.sample`.
"""

import math
from dataclasses import dataclass, field
from functools import lru_cache

import numpy as np
from scipy import constants

from .._checks import instance, positive_scalar, real_scalar
from .._results import Result
from ..bilayer import Bilayer
from ..condensate.diode import Diode
from ..condensate.ginzburg_landau import GinzburgLandau
from ..condensate.state import Condensate
from ..errors import NoPairingError
from ..units import Measured, Scales, measured
from .interaction import (
    coupling_from_binding,
    interaction_cutoff,
    pair_density_of_states,
    printed_coupling,
    screened_coupling,
    sphere_coupling,
    weak_coupling_temperature,
)
from .two_body import ExcitonScales

__all__ = ["Translation", "translate"]


@dataclass(frozen=True, eq=False)
class Translation(Result):
    """A dimensionless bilayer in SI units; made by :func:`translate`.

    Attributes
    ----------
    scales : Scales
        E_u, l_u, J_u of the sample.
    bilayer : Bilayer
    condensate : Condensate
    diode : Diode
    binding_energy_required : float
        E_b that gives T_c in this bilayer, J (Ginzburg-Landau, alpha(T_c, q*) = 0).
    separation, width : float
        m.
    permittivity, g_factor : float
    current_scale : float
        Factor on all currents; 1 is eq (8) with the measure d^2k/(2 pi)^2.

    Examples
    --------
    >>> import warnings
    >>> from cedrag import NATURAL, AboveBKTWarning
    >>> from cedrag.laboratory.translation import translate
    >>> with warnings.catch_warnings(action="ignore", category=AboveBKTWarning):
    ...     made = translate(
    ...         NATURAL, critical_temperature="10 K", electron_mass=0.2, separation="10 nm",
    ...         permittivity=4.0)
    >>> round(made.wavelength * 1e9), round(made.field_inplane, 1)  # nm, tesla
    (665, 44.7)
    >>> made.above_bkt, round(made.stiffness_temperature, 2)  # K, against T = 9 K
    (True, 2.69)
    """

    scales: Scales
    bilayer: Bilayer
    condensate: Condensate = field(repr=False)
    diode: Diode = field(repr=False)
    binding_energy_required: float
    separation: float
    width: float
    permittivity: float
    g_factor: float
    current_scale: float

    # densities and lengths ---------------------------------------------------------------

    @property
    def density_e(self) -> float:
        """n_e at T, 1/m^2."""
        return _density(self.bilayer, "e", self.condensate.t) * self.scales.density

    @property
    def density_h(self) -> float:
        """n_h at T, 1/m^2."""
        return _density(self.bilayer, "h", self.condensate.t) * self.scales.density

    @property
    def fermi_wavevector(self) -> float:
        """k_F = (1/4 pi) sum_a Int dphi |k_a(phi)|, below eq (5), in 1/m."""
        return _average_radius(self.bilayer) / self.scales.length

    @property
    def fermi_separation(self) -> float:
        """k_F d."""
        return self.fermi_wavevector * self.separation

    @property
    def wavelength(self) -> float:
        """2 pi/|q0| of the condensate's phase, m; inf at q0 = 0."""
        return self.condensate.wavelength * self.scales.length

    @property
    def gap(self) -> float:
        """|Delta(q0)| in J."""
        return self.condensate.gap * self.scales.energy

    # currents ------------------------------------------------------------------------------

    def _sheet(self, current: float) -> float:
        return current * self.scales.sheet_current * self.current_scale

    @property
    def sheet_current_plus(self) -> float:
        """J_c+ in A/m."""
        return self._sheet(self.diode.jc_plus)

    @property
    def sheet_current_minus(self) -> float:
        """J_c- in A/m, negative."""
        return self._sheet(self.diode.jc_minus)

    @property
    def current_plus(self) -> float:
        """I_c+ = J_c+ w in A."""
        return self.sheet_current_plus * self.width

    @property
    def current_minus(self) -> float:
        """I_c- = J_c- w in A, negative."""
        return self.sheet_current_minus * self.width

    @property
    def current_difference(self) -> float:
        """delta I = |I_c+| - |I_c-| in A."""
        return abs(self.current_plus) - abs(self.current_minus)

    @property
    def drift_ratio(self) -> float:
        """Drift velocity J_c/(e n) at J_c+ over the Fermi velocity hbar k_F/m_e.

        Carriers cannot carry a current beyond about n e v_F: a value above 1 excludes the number.
        """
        drift = self.sheet_current_plus / (constants.e * min(self.density_e, self.density_h))
        mass = self.scales.electron_mass * constants.m_e
        return drift * mass / (constants.hbar * self.fermi_wavevector)

    # fields and temperatures -----------------------------------------------------------------

    def field(self, zeeman: float) -> float:
        """Magnetic field in T whose Zeeman energy g mu_B B_ext/2 is ``zeeman`` (E_u).

        Eq (2) has the term B sigma_y, so B is half the spin splitting.
        """
        energy = real_scalar("zeeman", zeeman) * self.scales.energy
        return 2.0 * energy / (abs(self.g_factor) * constants.value("Bohr magneton"))

    @property
    def field_inplane(self) -> float:
        """The field that B means, T."""
        return self.field(self.bilayer.zeeman_inplane)

    @property
    def field_outofplane(self) -> float:
        """The field that J would need without an exchange or valley field, T."""
        return self.field(self.bilayer.zeeman_outofplane)

    @property
    def temperature(self) -> float:
        """T in K."""
        return self.condensate.t * self.scales.critical_temperature

    @property
    def stiffness_temperature(self) -> float:
        """(pi/2) sqrt(det D(T))/k_B in K: below T, vortices unbind (BKT)."""
        return self.condensate.phase_stiffness_temperature * self.scales.critical_temperature

    @property
    def above_bkt(self) -> bool:
        """Whether T lies above T_BKT, so that the mean-field condensate has no stiffness."""
        return self.condensate.above_bkt

    # the interaction -------------------------------------------------------------------------

    @property
    def exciton(self) -> ExcitonScales:
        """Bohr radius and Rydberg of the pair in this dielectric."""
        mass = self.scales.electron_mass
        return ExcitonScales(
            electron_mass=mass,
            hole_mass=mass * self.bilayer.mass_ratio,
            permittivity=self.permittivity,
        )

    @property
    def binding_energy_bare(self) -> float:
        """E_b of one exciton in V = -e^2/(4 pi eps0 eps sqrt(r^2 + d^2)), J."""
        return self.exciton.binding_energy(self.separation)

    @property
    def critical_temperature_bare(self) -> float:
        """Weak-coupling T_c in K if the bare E_b were the interaction (no screening)."""
        kinetic = (constants.hbar * self.fermi_wavevector) ** 2 / (2.0 * self.exciton.reduced_mass)
        return weak_coupling_temperature(kinetic, self.binding_energy_bare) / constants.k

    @property
    def cutoff(self) -> float:
        """hbar^2/(2 m_r d^2) in J: beyond momentum 1/d the interaction decays as e^{-kd}."""
        return interaction_cutoff(self.exciton.reduced_mass, self.separation)

    @property
    def couplings(self) -> dict[str, float]:
        """N0 g as required at :attr:`cutoff`, of eq (5) (one d less), and screened: a dict."""
        N0 = pair_density_of_states(self.exciton.reduced_mass)
        geometry = (self.fermi_wavevector, self.separation, self.permittivity)
        mass = self.scales.electron_mass
        screened = screened_coupling(
            *geometry, electron_mass=mass, hole_mass=mass * self.bilayer.mass_ratio
        )
        return {
            "required": coupling_from_binding(self.binding_energy_required, self.cutoff),
            "eq5": N0 * sphere_coupling(*geometry),
            "screened": N0 * screened,
        }

    @property
    def printed_coupling(self) -> float:
        """g of eq (5) exactly as printed, J m (an area is missing a length)."""
        return printed_coupling(self.fermi_wavevector, self.separation, self.permittivity)


# Neither depends on the sample: sliders that change T_c or m_e would pay for them at every move.


@lru_cache(maxsize=128)
def _density(bilayer: Bilayer, layer: str, t: float) -> float:
    """n_a(t) in 1/l_u^2."""
    return bilayer.density_e(t) if layer == "e" else bilayer.density_h(t)


@lru_cache(maxsize=128)
def _average_radius(bilayer: Bilayer) -> float:
    """(1/4 pi) sum over both layers of Int |k| dphi along the Fermi contour, in 1/l_u."""
    total = 0.0
    for layer in ("e", "h"):
        sheets = bilayer.fermi_contour(layer, 720)
        if len(sheets) != 1:
            raise NoPairingError(
                f"k_F of eq (5) needs one Fermi contour per layer (got {len(sheets)} in {layer!r})"
            )
        x, y = sheets[0].T
        turn = np.angle((np.roll(x + 1j * y, -1)) / (x + 1j * y))
        radius = np.hypot(x, y)
        total += abs(float(np.sum(turn * 0.5 * (radius + np.roll(radius, -1)))))
    return total / (4.0 * math.pi)


def translate(
    bilayer: Bilayer,
    *,
    critical_temperature: Measured,
    electron_mass: Measured,
    separation: Measured,
    permittivity: float,
    width: Measured = 1e-6,
    t: float = 0.9,
    g_factor: float = 2.0,
    current_scale: float = 1.0,
) -> Translation:
    """Put a dimensionless bilayer into SI units.

    Parameters
    ----------
    bilayer : Bilayer
        In units of T_c and m_e.
    critical_temperature : float, str or pint.Quantity
        Mean-field T_c; a plain number is in K.
    electron_mass : float, str or pint.Quantity
        A plain number is in free electron masses.
    separation : float, str or pint.Quantity
        Layer distance; a plain number is in m.
    permittivity : float
        Relative.
    width : float, str or pint.Quantity
        Width of the sample; a plain number is in m.
    t : float
        T/T_c < 1.
    g_factor : float
        Not zero; the sign does not matter.
    current_scale : float
        Named factor on the currents, such as ``calibration.PUBLISHED_SCALE``.

    Returns
    -------
    Translation
        Everything in SI units.

    Raises
    ------
    TypeError, ValueError
        For a number that is not real, finite and positive, or has the wrong dimension.
    NoCondensateError
        For t >= 1.

    Warns
    -----
    AboveBKTWarning
        And the other warnings of the condensate and the diode.

    Examples
    --------
    >>> import warnings
    >>> from cedrag import NATURAL, AboveBKTWarning
    >>> from cedrag.laboratory.translation import translate
    >>> with warnings.catch_warnings(action="ignore", category=AboveBKTWarning):
    ...     made = translate(
    ...         NATURAL, critical_temperature="10 K", electron_mass=0.2, separation="10 nm",
    ...         permittivity=4.0, width="1 um")
    >>> round(made.current_plus * 1e9, 1)  # nanoampere
    272.7
    """
    instance("bilayer", bilayer, Bilayer)
    scales = Scales(critical_temperature=critical_temperature, electron_mass=electron_mass)
    separation = measured("separation", separation, "m")
    width = measured("width", width, "m")
    permittivity = positive_scalar("permittivity", permittivity, unit="")
    current_scale = positive_scalar("current_scale", current_scale)
    if real_scalar("g_factor", g_factor) == 0.0:
        raise ValueError(f"g_factor must not be zero (got {g_factor})")
    theory = GinzburgLandau(bilayer, t)
    return Translation(
        scales=scales, bilayer=bilayer, condensate=theory.condensate(), diode=theory.diode(),
        binding_energy_required=theory.binding_energy * scales.energy, separation=separation,
        width=width, permittivity=permittivity, g_factor=float(g_factor),
        current_scale=current_scale,
    )  # fmt: skip
