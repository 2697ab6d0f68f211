"""The numbers of one sample as they come up, with what is assumed and what is left out."""

import math
import warnings
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike
from scipy import constants

from .._checks import Floats, real_array
from .._results import Record
from ..bilayer import Bilayer
from ..condensate.bkt import bkt_temperature
from ..condensate.ginzburg_landau import GinzburgLandau
from ..condensate.mean_field import MeanField
from ..errors import ConvergenceError, NoCondensateError, NoPairingError, ValidityWarning
from ..units import Scales
from .circuit import Circuit, NoDissipation, NormalFluids, VoltageLaw
from .gradient_expansion import gradient_expansion
from .model import Layers
from .orbital import STACKINGS, orbital_momentum, wavelength
from .superflow import Superflow, find_superflow
from .switching import switching_currents
from .vortices import (
    B_RANGE,
    Strip,
    core_energies,
    free_vortex_fraction,
    renormalised_stiffness,
)
from .wire import Wire, barrier_table

__all__ = ["Flavours", "Number"]

_MILLI_EV = 1e3 / constants.e
_RTOL = 1e-6  # of the mean field: parameters are known to percents


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
    >>> from cedrag.laboratory.sample_numbers import Number
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
    >>> from cedrag.laboratory.sample_numbers import Flavours
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


class Making:
    """Numbers, assumptions and limits as they come up.

    Parameters
    ----------
    layers : Layers
    scales : Scales
    bilayer : Bilayer
    t : float
        T/T_c.
    spin : {"band", "full"}
    count : int
        Flavours.

    Examples
    --------
    >>> from cedrag import Scales
    >>> from cedrag.laboratory.model import bilayer_at
    >>> from cedrag.laboratory.sample_numbers import Making
    >>> from cedrag.laboratory.model import Layers
    >>> layers = Layers(
    ...     electron_mass=0.5, hole_mass=0.5, density_e=5e15, density_h=5e15, rashba=0.0,
    ...     inplane=0.0, outofplane=0.0, separation=3e-9, permittivity=4.0)
    >>> scales = Scales(critical_temperature=10.0, electron_mass=0.5)
    >>> made = Making(layers, scales, bilayer_at(layers, scales), 0.5, "band", 1)
    >>> made.scales_and_bounds()
    >>> round(made.numbers["T_BKT bound"].value, 1)
    6.9
    """

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
