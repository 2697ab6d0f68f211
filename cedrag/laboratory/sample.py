"""One sample in SI units: what follows, what was assumed, and what the theory leaves out."""

import math
import warnings
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike
from scipy import constants

from .._checks import Floats, instance, positive_integer, real_array, shown
from .._results import Record
from ..bilayer import Bilayer
from ..condensate.bkt import bkt_temperature
from ..condensate.ginzburg_landau import GinzburgLandau
from ..condensate.mean_field import MeanField
from ..drag.parabolic import drag_rate
from ..drag.parabolic_layer import ParabolicLayer
from ..errors import ConvergenceError, NoCondensateError, NoPairingError, ValidityWarning
from ..units import Measured, Scales, measured
from .circuit import Circuit, NoDissipation, NormalFluids, VoltageLaw
from .materials import Material, materials
from .model import (
    Layers,
    bilayer_at,
    critical_temperature_of,
    largest_critical_temperature,
    temperature_range,
)
from .orbital import STACKINGS, orbital_momentum, wavelength
from .phase_slips import gradient_expansion
from .superflow import Superflow, find_superflow
from .switching import RAMP_RATE, switching_currents
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
    )
}
_MILLI_EV = 1e3 / constants.e
_RTOL = 1e-6  # of the mean field: parameters are known to percents
_DECISIVE = (
    "T_BKT", "J_c+", "J_c-", "eta", "wavelength", "wavelength, electron above",
    "wavelength, hole above", "plateau", "rounding", "delta I", "ramps",
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
    made = _Making(layers, scales, bilayer, kelvin / T_c.value, spin, count)
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


class _Making:
    """Numbers, assumptions and limits as they come up."""

    def __init__(
        self, layers: Layers, scales: Scales, bilayer: Bilayer, t: float, spin: str, count: int
    ) -> None:
        self.layers, self.scales, self.bilayer, self.t = layers, scales, bilayer, t
        self.spin, self.count = spin, count
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
        with warnings.catch_warnings(record=True) as caught:
            warnings.simplefilter("always")
            try:
                self.theory = MeanField(self.bilayer, self.t, spin=self.spin, rtol=_RTOL)
                state, diode = self.theory.condensate(), self.theory.diode()
                self.t_bkt = bkt_temperature(self.bilayer, spin=self.spin, rtol=_RTOL)
            except (NoCondensateError, NoPairingError, ConvergenceError) as error:
                self.theory = None
                self.outside.append(f"no condensate: {error}")
        self.outside += [" ".join(str(w.message).split()) for w in caught]
        if self.theory is None:
            return
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
        numbers["eta"] = Number(diode.efficiency, "", note=level)
        self.q0 = state.q0[0] / scales.length
        if self.t > self.t_bkt:
            self.outside.append(
                "T lies above T_BKT: the currents are those of the mean field, and a voltage "
                "appears at any current"
            )
        try:
            self.flow = find_superflow(self.theory, points=16, diode=diode)
        except (NoCondensateError, ConvergenceError, ValueError) as error:
            self.outside.append(f"no branch of the superflow: {error}")

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

    def transport(
        self, fluids: NormalFluids, load: float, ramp_rate: float, attempt_rate: float | None,
        kelvin: float,
    ) -> Circuit:  # fmt: skip
        """Circuit, plateau and switching."""
        normal = fluids.resistances()
        self.numbers["zeta of friction"] = Number(
            -normal.drag / (normal.passive + load), "", note="eq (10), RPA, all carriers normal"
        )
        if 0.8 < self.t < 1.5:
            self.outside.append("pair fluctuations beside T_c, which enhance the drag")
        if self.theory is None or self.flow is None:
            none = NoDissipation(current_plus=0.0, current_minus=0.0)
            return Circuit(below=normal, above=normal, law=none, load=load)
        law = self._law(fluids, normal.counterflow)
        below = fluids.resistances(self._paired(fluids))
        circuit = Circuit(below=below, above=normal, law=law, load=load)
        width = fluids.width
        plus, minus = law.current_plus, law.current_minus
        for sign in ("+", "-"):
            sheet = self.numbers[f"J_c{sign}"].value
            self.numbers[f"I_c{sign}"] = Number(sheet * width * 1e6, "uA", note="mean field")
        difference = self.numbers["J_c+"].value + self.numbers["J_c-"].value
        self.numbers["delta I"] = Number(difference * width * 1e9, "nA", note="I_c+ - |I_c-|")
        self.numbers["w/xi"] = Number(
            width / (self.flow.coherence_length * self.scales.length), "", note="channel over core"
        )
        self._plateau(circuit, plus, minus)
        found = switching_currents(
            law, temperature=kelvin, ramp_rate=ramp_rate, attempt_rate=attempt_rate
        )
        self.numbers["switching current"] = Number(
            found.plus.mean * 1e6, "uA", note="mean, if the first escape ends the superflow"
        )
        self.numbers["ramps"] = Number(
            found.ramps, "", note="per direction, 3 sigma, if the first escape ends the superflow"
        )
        return circuit

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
                table = barrier_table(gradient_expansion(GinzburgLandau(self.bilayer, self.t)))
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

    def _plateau(self, circuit: Circuit, plus: float, minus: float) -> None:
        """Where zeta leaves -1: currents at which it is -0.9 and -0.5."""
        fraction = np.linspace(0.005, 1.5, 300)
        deep, half = [], []
        for limit in (plus, minus):
            zeta = np.asarray(circuit.zeta(limit * fraction))
            deep.append(abs(limit) * _reach(fraction, zeta, -0.9))
            half.append(abs(limit) * _reach(fraction, zeta, -0.5))
        self.numbers["zeta at 0.1 I_c"] = Number(float(np.asarray(circuit.zeta(0.1 * plus))), "")
        self.numbers["plateau"] = Number(
            min(deep) * 1e6, "uA", min(deep) * 1e6, max(deep) * 1e6,
            "zeta < -0.9 up to here; the range is that of both directions",
        )  # fmt: skip
        self.numbers["rounding"] = Number(
            (half[0] - deep[0]) * 1e6, "uA", note="from zeta = -0.9 to -0.5, forwards"
        )


def _reach(fraction: Any, zeta: Any, level: float) -> float:
    """First fraction of I_c at which zeta rises above ``level``; 0 if it never lies below."""
    above = np.flatnonzero(zeta > level)
    if len(above) == 0:
        return float(fraction[-1])
    i = int(above[0])
    if i == 0:
        return 0.0
    step = (level - zeta[i - 1]) / (zeta[i] - zeta[i - 1])
    return float(fraction[i - 1] + step * (fraction[i] - fraction[i - 1]))
