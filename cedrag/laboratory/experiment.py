"""From T_c, m_e, d and epsilon to what the ammeter reads: laboratory estimates in SI units.

Everything before this module is dimensionless or, for drag, SI.  Here the two meet.  Results are
plain SI floats; :func:`quantities` attaches pint units for those who want them.
"""

import math
from typing import Any

from scipy import constants

from .._checks import instance, positive_scalar, real_scalar
from ..bilayer import Bilayer
from ..condensate.ginzburg_landau import GinzburgLandau
from ..errors import missing_library
from ..units import Measured, Scales, measured
from .estimate import Estimate
from .materials import Material

__all__ = ["Estimate", "estimate", "estimate_material", "matched_masses", "quantities"]


def estimate(
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
) -> Estimate:
    """Turn a dimensionless bilayer into a sample.

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
    Estimate
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
    >>> from cedrag.laboratory.experiment import estimate
    >>> with warnings.catch_warnings(action="ignore", category=AboveBKTWarning):
    ...     sample = estimate(
    ...         NATURAL, critical_temperature="10 K", electron_mass=0.2, separation="10 nm",
    ...         permittivity=4.0, width="1 um")
    >>> round(sample.current_plus * 1e9, 1)  # nanoampere
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
    return Estimate(
        scales=scales,
        bilayer=bilayer,
        condensate=theory.condensate(),
        diode=theory.diode(),
        binding_energy_required=theory.binding_energy * scales.energy,
        separation=separation,
        width=width,
        permittivity=permittivity,
        g_factor=float(g_factor),
        current_scale=current_scale,
    )


def matched_masses(bilayer: Bilayer, mass_ratio: float) -> Bilayer:
    """Give the bilayer another hole mass at the same hole Fermi wavevector (rashba_h = 0).

    E_Fh = hbar^2 k_F^2/(2 m_h) is divided by the ratio of the masses.

    Parameters
    ----------
    bilayer : Bilayer
        With rashba_h = 0.
    mass_ratio : float
        The new m_h/m_e.

    Returns
    -------
    Bilayer
        A copy with new ``mass_ratio`` and ``mu_h``.

    Examples
    --------
    >>> from cedrag import NATURAL
    >>> from cedrag.laboratory.experiment import matched_masses
    >>> heavy = matched_masses(NATURAL, mass_ratio=2.0)
    >>> round(heavy.density_h(0.0) / NATURAL.density_h(0.0), 9)
    1.0
    """
    instance("bilayer", bilayer, Bilayer)
    ratio = positive_scalar("mass_ratio", mass_ratio) / bilayer.mass_ratio
    shift = math.hypot(bilayer.zeeman_inplane, bilayer.zeeman_outofplane)
    return bilayer.replace(
        mass_ratio=ratio * bilayer.mass_ratio, mu_h=(bilayer.mu_h + shift) / ratio - shift
    )


def estimate_material(
    material: Material, bilayer: Bilayer, *, critical_temperature: Measured, **options: Any
) -> Estimate:
    """Turn a dimensionless bilayer into a sample with the numbers of a table entry.

    Masses, permittivity, separation and g factor are the material's.  The dimensionless bilayer is
    kept, with the material's mass ratio at the same Fermi wavevectors (:func:`matched_masses`).

    Parameters
    ----------
    material : Material
        From :func:`cedrag.laboratory.materials.materials`.
    bilayer : Bilayer
        In units of T_c and m_e.
    critical_temperature : float, str or pint.Quantity
        As in :func:`estimate`.
    **options
        t, width and current_scale of :func:`estimate`.

    Returns
    -------
    Estimate
        Everything in SI units.

    Examples
    --------
    >>> import warnings
    >>> from cedrag import NATURAL, ValidityWarning
    >>> from cedrag.laboratory.experiment import estimate_material
    >>> from cedrag.laboratory.materials import materials
    >>> with warnings.catch_warnings(action="ignore", category=ValidityWarning):
    ...     sample = estimate_material(materials()["paper"], NATURAL, critical_temperature="10 K")
    >>> round(sample.current_plus * 1e9, 1)  # nanoampere in 1 micrometre
    272.7
    """
    instance("material", material, Material)
    instance("bilayer", bilayer, Bilayer)
    return estimate(
        matched_masses(bilayer, material.mass_ratio),
        critical_temperature=critical_temperature,
        electron_mass=material.electron_mass.value,
        separation=material.separation.value * 1e-9,
        permittivity=material.permittivity.value,
        g_factor=material.g_factor.value,
        **options,
    )


def quantities(sample: Estimate) -> dict[str, Any]:
    """Attach pint units to the headline numbers of a sample.

    Parameters
    ----------
    sample : Estimate
        From :func:`estimate`.

    Returns
    -------
    dict
        From name to pint.Quantity.

    Examples
    --------
    >>> import warnings
    >>> from cedrag import NATURAL, AboveBKTWarning
    >>> from cedrag.laboratory.experiment import estimate, quantities
    >>> with warnings.catch_warnings(action="ignore", category=AboveBKTWarning):
    ...     sample = estimate(
    ...         NATURAL, critical_temperature="10 K", electron_mass=0.2, separation="10 nm",
    ...         permittivity=4.0)
    >>> print(f"{quantities(sample)['B field']:.1f~P}")
    44.7 T
    """
    try:
        import pint  # pint costs half a second to import: only those who use it pay
    except ModuleNotFoundError as error:
        raise missing_library(error, "units") from None

    instance("sample", sample, Estimate)
    Q = pint.get_application_registry().Quantity
    milli_eV = 1e3 / constants.e
    return {
        "E_u": Q(sample.scales.energy_meV, "meV"),
        "l_u": Q(sample.scales.length, "m").to("nm"),
        "J_u": Q(sample.scales.sheet_current, "A/m").to("uA/um"),
        "n_e": Q(sample.density_e, "1/m^2").to("1/cm^2"),
        "n_h": Q(sample.density_h, "1/m^2").to("1/cm^2"),
        "wavelength": Q(sample.wavelength, "m").to("nm"),
        "gap": Q(sample.gap * milli_eV, "meV"),
        "I_c+": Q(sample.current_plus, "A").to("uA"),
        "I_c-": Q(sample.current_minus, "A").to("uA"),
        "delta I": Q(sample.current_difference, "A").to("uA"),
        "B field": Q(sample.field_inplane, "T"),
        "J field": Q(sample.field_outofplane, "T"),
        "stiffness temperature": Q(sample.stiffness_temperature, "K"),
        "E_b required": Q(sample.binding_energy_required * milli_eV, "meV"),
        "E_b bare": Q(sample.binding_energy_bare * milli_eV, "meV"),
    }
