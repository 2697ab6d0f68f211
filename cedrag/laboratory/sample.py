"""One sample in SI units: what follows, what was assumed, and what the theory leaves out."""

from dataclasses import dataclass

from scipy import constants

from .._checks import instance, positive_integer, shown
from .._results import Record
from ..bilayer import Bilayer
from ..drag.parabolic import drag_rate
from ..drag.parabolic_layer import ParabolicLayer
from ..units import Measured, Scales, measured
from .circuit import Circuit, NormalFluids
from .materials import Material, materials
from .model import (
    Layers,
    bilayer_at,
    critical_temperature_of,
    largest_critical_temperature,
    temperature_range,
)
from .sample_numbers import Making, Number
from .switching import RAMP_RATE

__all__ = ["ANCHORS", "Sample", "sample"]

#: What has been measured, to be read beside the numbers of a material: text and source.
ANCHORS = {
    "mose2_wse2": (
        ("drag ratio above 0.9 up to about 20 K at low exciton density", "arXiv:2309.14940"),
        ("perfect drag up to about 15 K with a finite counterflow resistance", "arXiv:2309.15357"),
    )
}
_MILLI_EV = 1e3 / constants.e
_DECISIVE = (
    "T_BKT", "J_c+", "J_c-", "eta", "wavelength", "wavelength, electron above",
    "wavelength, hole above", "plateau", "rounding", "delta I", "ramps",
)  # fmt: skip


@dataclass(frozen=True, eq=False, kw_only=True)
class Sample(Record):
    """One sample: made by :func:`sample`.

    Attributes
    ----------
    material : str
        Its key in the table.
    numbers : dict
        From name to :class:`Number`.
    assumed : tuple of str
        What neither the caller nor a measurement fixes.
    outside : tuple of str
        What the theory leaves out here, and its warnings.
    anchors : tuple of (str, str)
        Measurements on this material, each with its source.
    bilayer : Bilayer
        In units of T_c.
    scales : Scales
    t : float
        T/T_c.
    circuit : Circuit
        Both layers with their load: ``circuit.zeta(I)``.

    Examples
    --------
    >>> from cedrag import sample
    >>> found = sample("mose2_wse2", density="1e12 1/cm^2", separation="3 nm", temperature="2 K",
    ...                critical_temperature="10 K")
    >>> found["T_BKT"].unit, round(found.t, 3)
    ('K', 0.2)
    """

    material: str
    numbers: dict[str, Number]
    assumed: tuple[str, ...]
    outside: tuple[str, ...]
    anchors: tuple[tuple[str, str], ...]
    bilayer: Bilayer
    scales: Scales
    t: float
    circuit: Circuit

    def __getitem__(self, name: str) -> Number:
        """The number of that name."""
        if name not in self.numbers:
            raise KeyError(f"name must be one of {', '.join(self.numbers)} (got {shown(name)})")
        return self.numbers[name]

    @property
    def decisive(self) -> dict[str, Number]:
        """The numbers that decide whether an experiment would see a diode."""
        return {name: self.numbers[name] for name in _DECISIVE if name in self.numbers}


def sample(
    material: Material | str,
    *,
    density: Measured,
    temperature: Measured,
    separation: Measured | None = None,
    field: Measured = 0.0,
    exchange: Measured = 0.0,
    exchange_inplane: Measured = 0.0,
    rashba: Measured | None = None,
    hole_density: Measured | None = None,
    flavours: int = 1,
    critical_temperature: Measured | None = None,
    binding_energy: Measured | None = None,
    spin: str = "band",
    width: Measured = 1e-6,
    length: Measured = 5e-6,
    load: float = 0.0,
    electron_mobility: Measured | None = None,
    ramp_rate: float = RAMP_RATE,
    attempt_rate: float | None = None,
) -> Sample:
    """Everything about one sample that the theory can say, in laboratory units.

    Parameters
    ----------
    material : Material or str
        Or its key in :func:`cedrag.laboratory.materials.materials`.
    density : float, str or quantity
        Carriers per layer, all flavours, 1/m^2; "1e12 1/cm^2".
    temperature : float, str or quantity
        K.
    separation : float, str or quantity, optional
        Distance of the layers, m; by default the material's.
    field : float, str or quantity
        In-plane magnetic field along y, T: its Zeeman energy g mu_B B/2 and its orbital effect.
    exchange, exchange_inplane : float, str or quantity
        J and a further B of eq (2), half of a splitting, meV. They have no orbital effect.
    rashba : float, str or quantity, optional
        lambda_e in eV angstrom; by default the material's.
    hole_density : float, str or quantity, optional
        By default that of the electrons.
    flavours : int
        Equal, independent spins and valleys of each layer among which the density is shared.
    critical_temperature : float, str or quantity, optional
        Mean-field T_c, K.
    binding_energy : float, str or quantity, optional
        E_b in meV, from which T_c is computed. With neither, T_c is a range.
    spin : {"band", "full"}
        Level of theory.
    width, length : float, str or quantity
        Of the channel, m.
    load : float
        In the passive loop, ohm.
    electron_mobility : float, str or quantity, optional
        m^2/(V s); by default that of the holes.
    ramp_rate, attempt_rate : float
        A/s and 1/s, see :mod:`cedrag.laboratory.switching`; k_B T/hbar by default.

    Returns
    -------
    Sample

    Raises
    ------
    TypeError, ValueError
        For bad input, by name.

    Notes
    -----
    Chemical potentials follow from the densities for the normal state at T_c and are then kept,
    so that the density of the condensed state differs.

    Examples
    --------
    >>> from cedrag import sample
    >>> found = sample("mose2_wse2", density="1e12 1/cm^2", separation="3 nm", temperature="2 K",
    ...                field="2 T", critical_temperature="20 K")
    >>> print(f"{found['T_BKT'].value:.1f} K of at most {found['T_BKT bound'].value:.1f} K")
    9.8 K of at most 11.1 K
    """
    entry = _material(material)
    assumed = [f"{column}: {cell.assumed}" for column, cell in entry.entries() if cell.assumed]
    count = positive_integer("flavours", flavours, largest=100)
    if count == 1:
        assumed.append("one flavour holds all carriers of a layer")
    else:
        assumed.append(f"{count} equal flavours per layer condense side by side, unlocked")
    n_e = measured("density", density, "1/m^2")
    n_h = n_e if hole_density is None else measured("hole_density", hole_density, "1/m^2")
    kelvin = measured("temperature", temperature, "K")
    d = entry.separation.value * 1e-9
    if separation is not None:
        d = measured("separation", separation, "m")
        assumed = [line for line in assumed if not line.startswith("separation")]
    tesla = measured("field", field, "T", positive=False)
    inplane = measured("exchange_inplane", exchange_inplane, "meV", positive=False)
    coupling = entry.rashba.value
    if rashba is not None:
        coupling = measured("rashba", rashba, "eV * angstrom", positive=False)
        assumed = [line for line in assumed if not line.startswith("rashba")]
    zeeman = 0.5 * entry.g_factor.value * constants.value("Bohr magneton") * tesla
    layers = Layers(
        electron_mass=entry.electron_mass.value, hole_mass=entry.hole_mass.value,
        density_e=n_e / count, density_h=n_h / count, rashba=coupling * constants.e * 1e-10,
        inplane=zeeman + inplane / _MILLI_EV,
        outofplane=measured("exchange", exchange, "meV", positive=False) / _MILLI_EV,
        separation=d, permittivity=entry.permittivity.value,
    )  # fmt: skip
    T_c = _critical_temperature(layers, critical_temperature, binding_energy, spin, assumed)
    scales = Scales(critical_temperature=T_c.value, electron_mass=layers.electron_mass)
    bilayer = bilayer_at(layers, scales)
    made = Making(layers, scales, bilayer, kelvin / T_c.value, spin, count)
    made.assumed += assumed
    made.assumed.append("chemical potentials of the normal state at T_c, kept at T")
    made.numbers["T_c"] = T_c
    made.numbers["T"] = Number(kelvin, "K")
    made.scales_and_bounds()
    made.state()
    made.winding(tesla)
    fluids = _fluids(entry, layers, count, kelvin, electron_mobility, length, width, made.assumed)
    circuit = made.transport(fluids, load, ramp_rate, attempt_rate, kelvin)
    return Sample(
        material=entry.key, numbers=made.numbers, assumed=tuple(made.assumed),
        outside=tuple(dict.fromkeys(made.outside)), anchors=ANCHORS.get(entry.key, ()),
        bilayer=bilayer, scales=scales, t=made.t, circuit=circuit,
    )  # fmt: skip


def _material(material: Material | str) -> Material:
    if isinstance(material, str):
        table = materials()
        if material not in table:
            raise ValueError(f"material must be one of {', '.join(table)} (got {shown(material)})")
        return table[material]
    return instance("material", material, Material)


def _critical_temperature(
    layers: Layers, given: Measured | None, binding: Measured | None, spin: str, assumed: list[str]
) -> Number:
    """T_c as given, from E_b, or as a range with a stated choice inside."""
    if given is not None:
        if binding is not None:
            raise ValueError("critical_temperature must not be given beside binding_energy")
        kelvin = measured("critical_temperature", given, "K")
        if kelvin > (top := largest_critical_temperature(layers)):
            raise ValueError(
                f"critical_temperature must be at most {top:.4g} K, 1.2 Fermi energies of the "
                f"thinner layer, or no Fermi sea is left at T_c (got {kelvin:.4g})"
            )
        return Number(kelvin, "K", note="given")
    if binding is not None:
        energy = measured("binding_energy", binding, "meV") / _MILLI_EV
        kelvin = critical_temperature_of(layers, energy, spin=spin)
        return Number(kelvin, "K", note="from E_b, mean field")
    low, high = temperature_range(layers)
    kelvin = min(high, 0.5 * layers.smallest_fermi_energy / constants.k)
    assumed.append(
        f"T_c = {kelvin:.3g} K, the smaller of the weak-coupling value of the bare exciton and "
        "half of the smaller Fermi energy: the material fixes it only between "
        f"{low:.3g} and {high:.3g} K"
    )
    return Number(kelvin, "K", low, high, "screened to bare interaction, weak coupling")


def _fluids(
    entry: Material, layers: Layers, count: int, kelvin: float, mobility: Measured | None,
    length: Measured, width: Measured, assumed: list[str],
) -> NormalFluids:  # fmt: skip
    """All carriers as two parabolic layers with friction."""
    mass_e, mass_h = (m * constants.m_e for m in (layers.electron_mass, layers.hole_mass))
    if mobility is None:
        value = entry.hole_mobility.value
        assumed.append("electron mobility: that of the holes")
    else:
        value = measured("electron_mobility", mobility, "m^2/(V*s)")
    n_e, n_h = count * layers.density_e, count * layers.density_h
    rate = drag_rate(
        ParabolicLayer(density=n_e, mass=mass_e, degeneracy=count),
        ParabolicLayer(density=n_h, mass=mass_h, degeneracy=count),
        separation=layers.separation, permittivity=layers.permittivity, temperature=kelvin,
    )  # fmt: skip
    return NormalFluids(
        density_driven=n_e, density_passive=n_h, mass_driven=mass_e, mass_passive=mass_h,
        time_driven=value * mass_e / constants.e, time_passive=entry.scattering_time,
        momentum_transfer=float(rate.force_coefficient),
        length=measured("length", length, "m"), width=measured("width", width, "m"),
    )  # fmt: skip
