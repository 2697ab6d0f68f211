"""The scales k_B T_c, l_u and J_u that turn cedrag's numbers into laboratory ones.

Everything else in the package has hbar = k_B = 1, energies in E_u = k_B T_c, lengths in
l_u = hbar / sqrt(m_e k_B T_c), masses in m_e and sheet currents in J_u = e k_B T_c / (hbar l_u).
"""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol

from scipy import constants

from ._checks import positive_scalar, real_scalar, shown
from ._lazy import cached_property
from ._results import Record
from .errors import missing_library

__all__ = ["Measured", "Scales", "measured"]


class _Convertible(Protocol):
    """A quantity of pint, unyt or astropy, as far as it is used here."""

    def to(self, unit: str, /) -> Any: ...


#: A plain number in the unit that the argument names, or a value that carries its own.
Measured = float | str | _Convertible


def measured(name: str, value: Measured, unit: str, *, positive: bool = True) -> float:
    """Return a number in ``unit`` from one that may carry a unit of its own.

    Parameters
    ----------
    name : str
        Of the argument, for messages.
    value : float, str or quantity
        A plain number is in ``unit``; a quantity, or a string such as "10 K", is converted.
    unit : str
        As pint writes it.
    positive : bool
        Whether zero and negative numbers are refused.

    Returns
    -------
    float
        The magnitude in ``unit``.

    Raises
    ------
    TypeError, ValueError
        If it is not a finite real number, not positive, or has the wrong dimension.

    Examples
    --------
    >>> from cedrag.units import measured
    >>> measured("width", "2 um", "m"), measured("width", 3e-6, "m")
    (2e-06, 3e-06)
    """
    if isinstance(value, str):
        try:
            import pint  # pint costs half a second to import: only those who use it pay
        except ModuleNotFoundError as error:
            raise missing_library(error, "units") from None

        try:
            value = pint.get_application_registry().Quantity(value)
        except Exception as error:  # a parser has many ways to fail
            raise ValueError(
                f"{name} must be convertible to {unit} (got {shown(value)})"
            ) from error
    return (positive_scalar if positive else real_scalar)(name, value, unit=unit)


@dataclass(frozen=True, kw_only=True)
class Scales(Record):
    """Units of one sample, from its transition temperature and electron mass.

    Parameters
    ----------
    critical_temperature : float, str or pint.Quantity
        T_c; a plain number is in kelvin.
    electron_mass : float, str or pint.Quantity
        m_e; a plain number is in units of the free electron mass m_0.

    Raises
    ------
    ValueError, TypeError
        If either is not a positive finite real number or has the wrong dimension.

    Notes
    -----
    Constants from CODATA through scipy.

    Examples
    --------
    >>> from cedrag import Scales
    >>> scales = Scales(critical_temperature=10.0, electron_mass=0.2)
    >>> round(scales.energy_meV, 4), round(scales.length_nm, 1), round(scales.current_uA_per_um, 2)
    (0.8617, 21.0, 9.98)
    """

    critical_temperature: float
    electron_mass: float

    if TYPE_CHECKING:  # what is given may carry a unit; what is kept is a float

        def __init__(self, *, critical_temperature: Measured, electron_mass: Measured) -> None: ...

    def __post_init__(self) -> None:
        kelvin = measured("critical_temperature", self.critical_temperature, "K")
        mass = measured("electron_mass", self.electron_mass, "electron_mass")
        object.__setattr__(self, "critical_temperature", kelvin)
        object.__setattr__(self, "electron_mass", mass)

    @cached_property
    def energy(self) -> float:
        """E_u = k_B T_c in joule."""
        return constants.k * self.critical_temperature

    @cached_property
    def length(self) -> float:
        """l_u = hbar / sqrt(m_e k_B T_c) in metre."""
        return constants.hbar / (self.electron_mass * constants.m_e * self.energy) ** 0.5

    @cached_property
    def sheet_current(self) -> float:
        """J_u = e k_B T_c / (hbar l_u) in ampere per metre."""
        return constants.e * self.energy / (constants.hbar * self.length)

    @property
    def energy_meV(self) -> float:
        """E_u in meV."""
        return self.energy / constants.e * 1e3

    @property
    def length_nm(self) -> float:
        """l_u in nm."""
        return self.length * 1e9

    @property
    def current_uA_per_um(self) -> float:
        """J_u in microampere per micrometre of width (equal to A/m)."""
        return self.sheet_current

    @property
    def density(self) -> float:
        """1/l_u^2 in 1/m^2."""
        return self.length**-2

    @property
    def zeeman_tesla(self) -> float:
        """Field in tesla whose Zeeman energy mu_B B_ext (g = 2) equals E_u."""
        return self.energy / constants.value("Bohr magneton")
