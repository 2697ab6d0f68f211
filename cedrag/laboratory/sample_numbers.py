"""The numbers of a sample as they come up: each with its unit, its range and what was assumed."""

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
    real_array,
)
from .._results import Record
from ..condensate.bkt import bkt_temperature
from ..condensate.diode import Diode
from ..condensate.ginzburg_landau import GinzburgLandau
from ..condensate.mean_field import MeanField
from ..condensate.state import Condensate
from ..errors import ConvergenceError, NoCondensateError, NoPairingError, ValidityWarning
from ..units import Scales
from .circuit import ABOVE, Circuit, NoDissipation, NormalFluids, VoltageLaw
from .gradient_expansion import gradient_expansion
from .model import (
    Layers,
    bilayer_at,
)
from .orbital import STACKINGS, orbital_momentum, wavelength
from .superflow import Superflow, find_superflow
from .switching import SwitchingPair, switching_currents
from .vortices import (
    B_RANGE,
    Strip,
    core_energies,
    free_vortex_fraction,
    renormalised_stiffness,
)
from .wire import Wire, barrier_table

__all__ = ["Flavours", "Number"]

MILLI_EV = 1e3 / constants.e
_COLD = 0.05  # T/T_c below which the condensate is that at 0.05
_VANISHING = (
    "gap", "T_BKT", "J_c+", "J_c-", "n_s", "I_c+", "I_c-", "delta I", "plateau", "rectified",
    "switching current",
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


@dataclass(frozen=True, kw_only=True)
class Setting:
    """The instruments: ohm, A/s, 1/s, A and T."""

    load: float
    contacts: float
    ramp_rate: float
    attempt_rate: float | None
    noise: float
    field: float


class Making:
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
        numbers["E_Fe"] = Number(layers.fermi_energy("e") * MILLI_EV, "meV", note="per flavour")
        numbers["E_Fh"] = Number(layers.fermi_energy("h") * MILLI_EV, "meV", note="per flavour")
        bare = layers.exciton.binding_energy(layers.separation)
        numbers["E_b bare"] = Number(bare * MILLI_EV, "meV", note="one exciton, unscreened")
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

    def transport(self, fluids: NormalFluids, setting: Setting) -> None:
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

    def widen(self, others: Sequence["Making"], *, normal: bool) -> None:
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
