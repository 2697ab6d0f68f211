"""One sample in SI units: what follows, what was assumed, and what the theory leaves out."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

from scipy import constants

from .._checks import (
    chosen,
    instance,
    nonnegative_scalar,
    positive_integer,
    real_scalar,
    shown,
)
from .._results import Record
from ..bilayer import Bilayer
from ..drag.parabolic import drag_rate
from ..drag.parabolic_layer import ParabolicLayer
from ..units import Measured, Scales, measured
from .circuit import Circuit, NormalFluids
from .materials import Material, materials
from .model import (
    Layers,
    critical_temperature_of,
    has_sea,
    largest_critical_temperature,
    temperature_range,
)
from .sample_numbers import MILLI_EV, Making, Number, Setting
from .switching import RAMP_RATE

__all__ = ["ANCHORS", "Sample", "sample"]

#: What has been measured, to be read beside the numbers of a material: text and source.
ANCHORS = {
    "mose2_wse2": (
        ("drag ratio above 0.9 up to about 20 K at low exciton density", "arXiv:2309.14940"),
        ("perfect drag up to about 15 K with a finite counterflow resistance", "arXiv:2309.15357"),
    ),
    "gaas": (("drag resistivity that rises again on cooling, 20 nm barrier", "arXiv:0810.5579"),),
    "bilayer_graphene": (
        ("anomalous drag below about 10 K, of thermoelectric origin", "arXiv:1603.00757"),
        ("superfluid up to above 4 K, between Landau levels of a strong field", "arXiv:1608.05846"),
    ),
}

_ACCURACIES = (1e-5, 1e-4, 1e-3)  # of the mean field, the next where one cannot be reached
_LEAST = 1e-3  # T_c over the smaller Fermi energy: below, no mesh sees the Fermi edge
_DENSITIES = 1e10, 1e20  # 1/m^2: less is no layer, more is more than one carrier per atom
_DECISIVE = (
    "T_BKT", "J_c+", "J_c-", "eta", "wavelength", "wavelength, electron above",
    "wavelength, hole above", "plateau", "rounding", "delta I", "rectified", "ramps",
)  # fmt: skip


@dataclass(frozen=True, eq=False, kw_only=True)
class Sample(Record):
    """One sample: made by :func:`sample`.

    Attributes
    ----------
    material : str
        Its key in the table.
    numbers : dict
        From name to :class:`~cedrag.laboratory.sample_numbers.Number`.
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
    g_factor: float | None = None,
    width: Measured = 1e-6,
    length: Measured = 5e-6,
    load: Measured = 0.0,
    contacts: Measured = 0.0,
    electron_mobility: Measured | None = None,
    ramp_rate: Measured = RAMP_RATE,
    attempt_rate: Measured | None = None,
    noise: Measured = 0.0,
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
    g_factor : float, optional
        By default the material's.
    width, length : float, str or quantity
        Of the channel, m.
    load, contacts : float, str or quantity
        In the passive loop, and of both contacts of either layer in series, ohm.
    electron_mobility : float, str or quantity, optional
        m^2/(V s); by default that of the holes.
    ramp_rate, attempt_rate, noise : float, str or quantity
        A/s, 1/s and A, see :mod:`cedrag.laboratory.switching`; k_B T/hbar attempts by default.

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

    With neither T_c nor E_b all numbers have ranges: those at the ends of the range of T_c that
    the theory serves. What the pairs do above I_c is not known either: a number that depends on
    it is that of collapse, and its range reaches to that of saturation.

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

    def own(column: str) -> None:
        """What the caller gives is not assumed."""
        assumed[:] = [line for line in assumed if not line.startswith(f"{column}: ")]

    count = positive_integer("flavours", flavours, largest=100)
    if count == 1:
        assumed.append("one flavour holds all carriers of a layer")
    else:
        assumed.append(f"{count} equal flavours per layer condense side by side, unlocked")
    n_e = _density("density", density)
    n_h = n_e if hole_density is None else _density("hole_density", hole_density)
    kelvin = measured("temperature", temperature, "K")
    d = entry.separation.value * 1e-9
    if separation is not None:
        d = measured("separation", separation, "m")
        own("separation")
    tesla = measured("field", field, "T", positive=False)
    inplane = measured("exchange_inplane", exchange_inplane, "meV", positive=False)
    coupling, g = entry.rashba.value, entry.g_factor.value
    if rashba is not None:
        coupling = measured("rashba", rashba, "eV * angstrom", positive=False)
        own("rashba")
    if g_factor is not None:
        g = real_scalar("g_factor", g_factor)
        own("g_factor")
    zeeman = 0.5 * g * constants.value("Bohr magneton") * tesla
    layers = Layers(
        electron_mass=entry.electron_mass.value, hole_mass=entry.hole_mass.value,
        density_e=n_e / count, density_h=n_h / count, rashba=coupling * constants.e * 1e-10,
        inplane=zeeman + inplane / MILLI_EV,
        outofplane=measured("exchange", exchange, "meV", positive=False) / MILLI_EV,
        separation=d, permittivity=entry.permittivity.value,
    )  # fmt: skip
    setting = Setting(
        load=math.inf if load == math.inf else measured("load", load, "ohm", positive=False),
        contacts=measured("contacts", contacts, "ohm", positive=False),
        ramp_rate=measured("ramp_rate", ramp_rate, "A/s"),
        attempt_rate=None if attempt_rate is None else measured("attempt_rate", attempt_rate, "Hz"),
        noise=nonnegative_scalar("noise", measured("noise", noise, "A", positive=False)),
        field=tesla,
    )
    chosen("spin", spin, ("band", "full"))
    fluids = _fluids(entry, layers, count, kelvin, electron_mobility, length, width, assumed)
    T_c = _critical_temperature(layers, critical_temperature, binding_energy, spin, assumed)
    assumed.append("chemical potentials of the normal state at T_c, kept at T")

    def at(critical: float, accuracies: Sequence[float] = _ACCURACIES) -> Making:
        made = Making(layers, critical, kelvin, spin, count, accuracies)
        made.scales_and_bounds()
        made.state()
        made.winding(setting.field)
        made.transport(fluids, setting)
        return made

    made = at(T_c.value)
    made.numbers = {"T_c": T_c, "T": Number(kelvin, "K")} | made.numbers
    if T_c.low < T_c.high:
        top = largest_critical_temperature(layers)
        low, high = max(T_c.low, _LEAST * top), max(min(T_c.high, top), T_c.value)
        ends = [at(end, _ACCURACIES[1:]) for end in (low, high) if end > kelvin]
        made.widen(ends, normal=T_c.low <= kelvin)
        assumed.append(f"T_c between {T_c.low:.3g} and {high:.3g} K in the ranges of all numbers")
    return Sample(
        material=entry.key, numbers=made.numbers, assumed=tuple(assumed + made.assumed),
        outside=tuple(dict.fromkeys(made.outside)), anchors=ANCHORS.get(entry.key, ()),
        bilayer=made.bilayer, scales=made.scales, t=made.t, circuit=made.circuit,
    )  # fmt: skip


def _density(name: str, value: Measured) -> float:
    """1/m^2, of a layer of matter."""
    density = measured(name, value, "1/m^2")
    low, high = _DENSITIES
    if not low <= density <= high:
        raise ValueError(f"{name} must lie between {low:g} and {high:g} 1/m^2 (got {density:g})")
    return density


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
        if not has_sea(layers, kelvin):
            top = largest_critical_temperature(layers)
            raise ValueError(
                f"critical_temperature must be at most {top:.4g} K, about 1.2 Fermi energies of "
                f"the thinner layer, or no Fermi sea is left at T_c (got {kelvin:.4g})"
            )
        least = _LEAST * layers.smallest_fermi_energy / constants.k
        if kelvin < least:
            raise ValueError(
                f"critical_temperature must be at least {least:.4g} K, a thousandth of the Fermi "
                f"energy of the thinner layer (got {kelvin:.4g})"
            )
        return Number(kelvin, "K", note="given")
    if binding is not None:
        energy = measured("binding_energy", binding, "meV") / MILLI_EV
        kelvin = critical_temperature_of(layers, energy, spin=spin)
        return Number(kelvin, "K", note="from E_b, mean field")
    low, high = temperature_range(layers)
    top = largest_critical_temperature(layers)
    half = 0.5 * layers.smallest_fermi_energy / constants.k
    kelvin = max(min(high, half, 0.99 * top), _LEAST * top)
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
