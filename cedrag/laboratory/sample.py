"""One sample in SI units: what follows, what was assumed, and what the theory leaves out."""

import math
import warnings
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import ArrayLike
from scipy import constants

from .._checks import (
    Floats,
    chosen,
    instance,
    nonnegative_scalar,
    positive_integer,
    real_array,
    real_scalar,
    shown,
)
from .._results import Record
from ..bilayer import Bilayer
from ..condensate.bkt import bkt_temperature
from ..condensate.diode import Diode
from ..condensate.ginzburg_landau import GinzburgLandau
from ..condensate.mean_field import MeanField
from ..condensate.state import Condensate
from ..drag.parabolic import drag_rate
from ..drag.parabolic_layer import ParabolicLayer
from ..errors import ConvergenceError, NoCondensateError, NoPairingError, ValidityWarning
from ..units import Measured, Scales, measured
from .circuit import ABOVE, Circuit, NoDissipation, NormalFluids, VoltageLaw
from .materials import Material, materials
from .model import (
    Layers,
    bilayer_at,
    critical_temperature_of,
    has_sea,
    largest_critical_temperature,
    temperature_range,
)
from .orbital import STACKINGS, orbital_momentum, wavelength
from .phase_slips import gradient_expansion
from .superflow import Superflow, find_superflow
from .switching import RAMP_RATE, SwitchingPair, switching_currents
from .vortices import (
    B_RANGE,
    Strip,
    core_energies,
    free_vortex_fraction,
    renormalised_stiffness,
)
from .wire import Wire, barrier_table

__all__ = ["ANCHORS", "Flavours", "Number", "Sample", "sample"]

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
_MILLI_EV = 1e3 / constants.e
_ACCURACIES = (1e-5, 1e-4, 1e-3)  # of the mean field, the next where one cannot be reached
_LEAST = 1e-3  # T_c over the smaller Fermi energy: below, no mesh sees the Fermi edge
_COLD = 0.05  # T/T_c below which the condensate is that at 0.05
_DENSITIES = 1e10, 1e20  # 1/m^2: less is no layer, more is more than one carrier per atom
_VANISHING = (
    "gap", "T_BKT", "J_c+", "J_c-", "n_s", "I_c+", "I_c-", "delta I", "plateau", "rectified",
    "switching current",
)  # fmt: skip
_DECISIVE = (
    "T_BKT", "J_c+", "J_c-", "eta", "wavelength", "wavelength, electron above",
    "wavelength, hole above", "plateau", "rounding", "delta I", "rectified", "ramps",
)  # fmt: skip


@dataclass(frozen=True)
class Number(Record):
    """A value with its unit, and a range where theory or material do not fix it.

    Attributes
    ----------
    value : float
    unit : str
    low, high : float
        Ends of the range; both equal to ``value`` for a point.
    note : str
        Level of theory, or what the range means.

    Examples
    --------
    >>> from cedrag.laboratory.sample import Number
    >>> point = Number(2.0, "K")
    >>> point.low, point.high
    (2.0, 2.0)
    """

    value: float
    unit: str
    low: float = math.nan
    high: float = math.nan
    note: str = ""

    def __post_init__(self) -> None:
        for name in ("low", "high"):
            if math.isnan(getattr(self, name)):
                object.__setattr__(self, name, self.value)


@dataclass(frozen=True, eq=False, kw_only=True)
class Flavours(Record):
    """The law of equal flavours side by side: each carries its share of the current.

    Attributes
    ----------
    law : VoltageLaw
        Of one flavour.
    count : int

    Examples
    --------
    >>> from cedrag.laboratory.circuit import NoDissipation
    >>> from cedrag.laboratory.sample import Flavours
    >>> both = Flavours(law=NoDissipation(current_plus=2e-6, current_minus=-1e-6), count=2)
    >>> both.current_plus, float(both.voltage(3e-6))
    (4e-06, 0.0)
    """

    law: Any
    count: int

    @property
    def current_plus(self) -> float:
        """I_c+ of all flavours, A."""
        return self.count * float(self.law.current_plus)

    @property
    def current_minus(self) -> float:
        """I_c- of all flavours, A."""
        return self.count * float(self.law.current_minus)

    def voltage(self, current: ArrayLike) -> Floats:
        """V_s of each of them at its share."""
        share = real_array("current", current, unit="A") / self.count
        voltage: Floats = self.law.voltage(share)
        return voltage

    def barrier(self, current: ArrayLike) -> Floats:
        """Barrier over k_B T of one flavour at its share."""
        barrier: Floats = self.law.barrier(real_array("current", current, unit="A") / self.count)
        return barrier


@dataclass(frozen=True, kw_only=True)
class _Setting:
    """The instruments: ohm, A/s, 1/s, A and T."""

    load: float
    contacts: float
    ramp_rate: float
    attempt_rate: float | None
    noise: float
    field: float


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
        inplane=zeeman + inplane / _MILLI_EV,
        outofplane=measured("exchange", exchange, "meV", positive=False) / _MILLI_EV,
        separation=d, permittivity=entry.permittivity.value,
    )  # fmt: skip
    setting = _Setting(
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

    def at(critical: float, accuracies: Sequence[float] = _ACCURACIES) -> _Making:
        made = _Making(layers, critical, kelvin, spin, count, accuracies)
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
        energy = measured("binding_energy", binding, "meV") / _MILLI_EV
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


class _Making:
    """Numbers, assumptions and limits as they come up."""

    circuit: Circuit

    def __init__(
        self, layers: Layers, critical: float, kelvin: float, spin: str, count: int,
        accuracies: Sequence[float],
    ) -> None:  # fmt: skip
        self.layers, self.kelvin, self.spin, self.count = layers, kelvin, spin, count
        self.scales = Scales(critical_temperature=critical, electron_mass=layers.electron_mass)
        self.bilayer = bilayer_at(layers, self.scales)
        self.t, self.accuracies, self.rtol = kelvin / critical, accuracies, accuracies[0]
        self.normal = False
        self.numbers: dict[str, Number] = {}
        self.assumed: list[str] = []
        self.outside: list[str] = ["disorder, heating, and interactions within a layer"]
        self.theory: MeanField | None = None
        self.flow: Superflow | None = None
        self.t_bkt = 0.0

    def scales_and_bounds(self) -> None:
        """What needs no condensate."""
        layers, numbers = self.layers, self.numbers
        numbers["E_Fe"] = Number(layers.fermi_energy("e") * _MILLI_EV, "meV", note="per flavour")
        numbers["E_Fh"] = Number(layers.fermi_energy("h") * _MILLI_EV, "meV", note="per flavour")
        bare = layers.exciton.binding_energy(layers.separation)
        numbers["E_b bare"] = Number(bare * _MILLI_EV, "meV", note="one exciton, unscreened")
        total = (layers.electron_mass + layers.hole_mass) * constants.m_e
        density = min(layers.density_e, layers.density_h)
        bound = 0.5 * math.pi * constants.hbar**2 * density / (total * constants.k)
        numbers["T_BKT bound"] = Number(bound, "K", note="all of one flavour superfluid")
        if bare > 2.0 * layers.smallest_fermi_energy:
            self.outside.append(
                "the bare exciton is bound by more than the Fermi energies: the BEC side, where "
                "T_c is a temperature of pair formation and fixed chemical potentials do not hold"
            )

    def state(self) -> None:
        """The condensate, its currents, and T_BKT."""
        numbers, scales = self.numbers, self.scales
        try:
            state, diode = self._solve()
        except (NoCondensateError, NoPairingError) as error:
            self.outside.append(f"no condensate: {error}")
            self.normal = True
            return
        except ConvergenceError as error:
            self.outside.append(f"the mean field was not found, which says nothing: {error}")
            return
        assert self.theory is not None
        level = f"mean field, {self.spin}"
        T_c = scales.critical_temperature
        numbers["E_b"] = Number(
            self.theory.binding_energy * scales.energy_meV, "meV", note="that T_c needs"
        )
        numbers["gap"] = Number(state.gap * scales.energy_meV, "meV", note=level)
        sheet = self.count * scales.sheet_current
        found, bound = self.t_bkt * T_c, numbers["T_BKT bound"].value
        if found > bound:
            self.outside.append(
                f"at fixed chemical potentials T_BKT is {found:.4g} K; "
                f"the density allows {bound:.4g} K"
            )
        numbers["T_BKT"] = Number(min(found, bound), "K", note=f"{level}, not renormalised")
        numbers["J_c+"] = Number(diode.jc_plus * sheet, "A/m", note=level)
        numbers["J_c-"] = Number(diode.jc_minus * sheet, "A/m", note=level)
        eta, known = diode.efficiency, 2.0 * diode.error / (diode.jc_plus - diode.jc_minus)
        if eta == 0.0:  # by symmetry
            known = 0.0
        numbers["eta"] = Number(eta, "", eta - known, eta + known, level)
        self.q0 = state.q0[0] / scales.length
        if self.t > self.t_bkt:
            self.outside.append(
                "T lies above T_BKT: the currents are those of the mean field, and a voltage "
                "appears at any current"
            )

    def _solve(self) -> tuple[Condensate, Diode]:
        """Mean field, state, diode, T_BKT and branch at the best accuracy that can be reached."""
        t = max(self.t, _COLD)
        for rtol in self.accuracies:
            with warnings.catch_warnings(record=True) as caught:
                warnings.simplefilter("always")
                try:
                    theory = MeanField(self.bilayer, t, spin=self.spin, rtol=rtol)
                    state, diode = theory.condensate(), theory.diode()
                    self.t_bkt = bkt_temperature(self.bilayer, spin=self.spin, rtol=rtol)
                    if math.isfinite(diode.efficiency) and diode.q0[1] == 0.0:
                        self.flow = find_superflow(theory, points=32, diode=diode)
                    break
                except ConvergenceError:
                    if rtol == self.accuracies[-1]:
                        raise
        self.theory = theory
        if self.flow is not None and t > self.t:
            self.flow = replace(self.flow, t=self.t)
            self.outside.append(f"states that condense at {_COLD} T_c stand for those at T")
        self.outside += [" ".join(str(w.message).split()) for w in caught]
        self.rtol = rtol
        if rtol > self.accuracies[0]:
            self.outside.append(f"integrals of the mean field known to {rtol:.0e} only")
        if self.flow is None:
            self.outside.append(
                "no circuit: the condensate has no finite critical current, or lies off the axis"
            )
        return state, diode

    def winding(self, tesla: float) -> None:
        """The phase at rest, without and with the orbital effect."""
        q = self.q0 if self.theory is not None else 0.0
        if self.theory is not None:
            self.numbers["wavelength"] = Number(
                wavelength(q) * 1e9, "nm", note="spin-orbit coupling alone"
            )
        for stacking in STACKINGS:
            shift = orbital_momentum(tesla, self.layers.separation, stacking=stacking)
            self.numbers[f"wavelength, {stacking}"] = Number(
                wavelength(q + shift) * 1e9, "nm", note="with the orbital effect of the field"
            )

    def transport(self, fluids: NormalFluids, setting: _Setting) -> None:
        """Circuit, plateau and switching."""
        numbers, normal = self.numbers, fluids.resistances()
        loop = {"load": setting.load, "contact_passive": setting.contacts}
        numbers["zeta of friction"] = Number(
            -normal.drag / (normal.passive + sum(loop.values())), "",
            note="eq (10), RPA, all carriers normal",
        )  # fmt: skip
        if 0.8 < self.t < 1.5:
            self.outside.append("pair fluctuations beside T_c, which enhance the drag")
        law: Flavours | None = None
        if self.flow is not None:
            try:
                law = self._law(fluids, normal.counterflow)
            except (NoCondensateError, NoPairingError, ConvergenceError) as error:
                self.outside.append(f"no circuit: no law of phase slips ({error})")
        if self.flow is None or law is None:
            none = NoDissipation(current_plus=0.0, current_minus=0.0)
            self.circuit = Circuit(
                below=normal, above=normal, law=none, contact_driven=setting.contacts, **loop
            )
            return
        below = fluids.resistances(self._paired(fluids))
        self.circuit = Circuit(
            below=below, above=normal, law=law, contact_driven=setting.contacts, **loop
        )
        for sign in ("+", "-"):
            sheet = numbers[f"J_c{sign}"].value
            numbers[f"I_c{sign}"] = Number(sheet * fluids.width * 1e6, "uA", note="mean field")
        difference = numbers["J_c+"].value + numbers["J_c-"].value
        numbers["delta I"] = Number(difference * fluids.width * 1e9, "nA", note="I_c+ - |I_c-|")
        core = self.flow.coherence_length * self.scales.length
        numbers["w/xi"] = Number(fluids.width / core, "", note="channel over core")
        self._plateau(law)
        self._rectified()
        found = switching_currents(
            law, temperature=self.kelvin, ramp_rate=setting.ramp_rate,
            attempt_rate=setting.attempt_rate, noise=setting.noise,
        )  # fmt: skip
        numbers["switching current"] = Number(
            found.plus.mean * 1e6, "uA", note="mean, if the first escape ends the superflow"
        )
        numbers["ramps"] = self._ramps(found)

    def _ramps(self, found: SwitchingPair) -> Number:
        """Ramps per direction at 3 sigma: from the numerical error on, to saturation."""
        assert self.flow is not None
        ramps = fewest = found.ramps if self.numbers["eta"].value != 0.0 else math.inf
        if ramps < math.inf:
            known = 2.0 * self.flow.error + 10.0 * self.rtol  # of the asymmetry, as measured
            seen = abs(found.efficiency)
            fewest = max(1.0, ramps * (seen / (seen + known)) ** 2)
            if seen < known:
                self.outside.append(
                    f"the switching currents differ by less than the numerical error, {known:.0e} "
                    "of them: only the lower end of the number of ramps is known"
                )
        return Number(
            ramps, "", fewest, math.inf,
            "per direction, 3 sigma, if the first escape ends the superflow; else nothing switches",
        )  # fmt: skip

    def _law(self, fluids: NormalFluids, resistance: float) -> Flavours:
        """Vortices in a strip, phase slips in a wire."""
        assert self.flow is not None
        core = self.flow.coherence_length * self.scales.length
        one = resistance * self.count
        law: VoltageLaw
        if fluids.width > 0.5 * math.pi * core:
            free = 0.0
            if self.t_bkt < self.t < 1.0:
                free = free_vortex_fraction(self.t, t_bkt=self.t_bkt)
                ends = [free_vortex_fraction(self.t, t_bkt=self.t_bkt, b=b) for b in B_RANGE]
                self.numbers["free vortices"] = Number(
                    free, "", min(ends), max(ends), "area fraction; the constant b is not known"
                )
            law = Strip(
                flow=self.flow, scales=self.scales, width=fluids.width, normal_resistance=one,
                free_fraction=free,
            )  # fmt: skip
            self._exponent(law)
            self.assumed.append("each vortex core resists as the normal counterflow does")
        else:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore", ValidityWarning)
                cold = max(self.t, _COLD)
                table = barrier_table(gradient_expansion(GinzburgLandau(self.bilayer, cold)))
            wire = Wire(
                table=table, flow=self.flow, scales=self.scales, width=fluids.width,
                length=fluids.length, normal_resistance=one,
            )  # fmt: skip
            low, high = wire.attempt_rates
            self.numbers["attempt rate"] = Number(high, "1/s", low, high, "of phase slips")
            self.assumed.append("barriers of the quartic functional, rescaled to J_c of mean field")
            law = wire
        return Flavours(law=law, count=self.count)

    def _exponent(self, strip: Strip) -> None:
        """a = 1 + pi D/T with the Kosterlitz-Thouless flow as its band."""
        assert self.flow is not None
        D = float(np.asarray(self.flow.stiffness(0.0)))
        left = [
            renormalised_stiffness(D, self.t, size=strip.width_over_core, core_energy=core)
            for core in core_energies(D)
        ]
        a = [1.0 + math.pi * stiffness / self.t for stiffness in (D, *left)]
        self.numbers["exponent a"] = Number(
            a[0], "", min(a), max(a), "V ~ I^a; mean field, renormalised with either core energy"
        )

    def _paired(self, fluids: NormalFluids) -> float:
        """n_s = (m_e + m_h) D/hbar^2 of all flavours, 1/m^2."""
        assert self.flow is not None
        D = float(np.asarray(self.flow.stiffness(0.0))) * self.scales.energy
        total = fluids.mass_driven + fluids.mass_passive
        paired = self.count * D * total / constants.hbar**2
        most = 0.999 * min(fluids.density_driven, fluids.density_passive)
        self.numbers["n_s"] = Number(paired * 1e-4, "1/cm^2", note="from the stiffness")
        if paired > most:
            self.outside.append(
                "n_s from the stiffness reaches the density: 0.1 % of the carriers are taken as "
                "normal in the circuit"
            )
        return min(paired, most)

    def _plateau(self, law: Flavours) -> None:
        """Where zeta leaves -1: currents at which it is -0.9 and -0.5, in both limits above I_c."""
        fraction = np.concatenate([np.linspace(0.005, 1.2, 240), np.geomspace(1.2, 30.0, 160)[1:]])
        limits = law.current_plus, law.current_minus
        deep, round_off = [], []
        for above in ABOVE:
            for limit in limits:
                zeta = np.asarray(self.circuit.zeta(limit * fraction, above=above))
                near, half = (1e6 * abs(limit) * _reach(fraction, zeta, x) for x in (-0.9, -0.5))
                deep.append(near)
                round_off.append(half - near if half < math.inf else math.inf)
        small = float(np.asarray(self.circuit.zeta(0.1 * limits[0])))
        self.numbers["zeta at 0.1 I_c"] = Number(small, "")
        self.numbers["plateau"] = Number(
            min(deep), "uA", min(deep), max(deep),
            "zeta < -0.9 up to here; range of both directions and of both limits above I_c",
        )  # fmt: skip
        self.numbers["rounding"] = Number(
            round_off[0], "uA", min(round_off), max(round_off),
            "from zeta = -0.9 to -0.5: collapse, forwards; range as that of the plateau",
        )  # fmt: skip

    def _rectified(self) -> None:
        """Mean drag of a square wave between the two critical drive currents."""
        minus, plus = self.circuit.critical_drives()
        collapse = saturation = 0.0
        eta = self.numbers["eta"]
        if eta.value != 0.0 and max(plus, -minus) < math.inf:
            collapse, saturation = (
                1e9 * float(np.asarray(self.circuit.rectified_square(amplitude, above=above)))
                for amplitude in (0.5 * (plus - minus),)
                for above in ABOVE
            )
        ends = [collapse, saturation]
        if eta.low <= 0.0 <= eta.high:  # the sign is not known
            ends += [-collapse, -saturation]
        self.numbers["rectified"] = Number(
            collapse, "nA", min(ends), max(ends),
            "mean drag of a square wave in the one-way window: collapse, to saturation",
        )  # fmt: skip

    def widen(self, others: Sequence["_Making"], *, normal: bool) -> None:
        """Ranges over T_c: ``others`` at its ends, ``normal`` if there is no condensate at one.

        The number of ramps needs more digits than ``others`` have.
        """
        for name in dict.fromkeys(name for made in (self, *others) for name in made.numbers):
            found = [made.numbers[name] for made in (self, *others) if name in made.numbers]
            missing = name not in self.numbers
            if name in ("T_c", "T", "ramps") or (
                missing and not (self.normal and name in _VANISHING)
            ):
                continue
            normal = normal or any(made.normal for made in (self, *others))
            zero = [0.0] if name in _VANISHING and normal else []
            first = self.numbers.get(name, replace(found[0], value=0.0))
            low = min([n.low for n in found] + zero)
            self.numbers[name] = replace(first, low=low, high=max([n.high for n in found] + zero))


def _reach(fraction: Any, zeta: Any, level: float) -> float:
    """First fraction of I_c at which zeta rises above ``level``: 0 if at once, inf if never."""
    above = np.flatnonzero(zeta > level)
    if len(above) == 0:
        return math.inf
    i = int(above[0])
    if i == 0:
        return 0.0
    step = (level - zeta[i - 1]) / (zeta[i] - zeta[i - 1])
    return float(fraction[i - 1] + step * (fraction[i] - fraction[i - 1]))
