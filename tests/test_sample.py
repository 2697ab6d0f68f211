"""One sample in SI units: what must hold for each number, whatever the material."""

import math

import numpy as np
import pytest
from scipy import constants, integrate, optimize

from cedrag import ConvergenceError, MeanField, sample
from cedrag.laboratory.circuit import ABOVE
from cedrag.laboratory.materials import materials
from cedrag.laboratory.sample import ANCHORS
from cedrag.laboratory.sample_numbers import Number

JANUS = {
    "density": "1e12 1/cm^2", "temperature": "6 K", "exchange": "10 meV", "field": "2 T",
    "exchange_inplane": "2 meV", "critical_temperature": "20 K",
}  # fmt: skip


@pytest.fixture(scope="module")
def janus():
    return sample("janus", **JANUS)


def test_numbers_of_the_mean_field(janus):
    """As a mean field ten times as accurate has them, and eta within its own error."""
    diode = MeanField(janus.bilayer, janus.t, spin="band", rtol=1e-6).diode()
    eta = janus["eta"]
    assert eta.low <= diode.efficiency <= eta.high
    assert 0.0 < eta.high - eta.low < 1e-5 * abs(eta.value)
    ampere = diode.jc_plus * janus.scales.sheet_current * 1e-6
    assert janus["I_c+"].value == pytest.approx(1e6 * ampere, rel=1e-6)
    assert janus["delta I"].value == pytest.approx(
        1e3 * (janus["I_c+"].value - abs(janus["I_c-"].value)), rel=1e-9
    )


def test_densities_are_those_asked_for(janus):
    found = janus.bilayer.density_e(1.0) * janus.scales.density
    assert found == pytest.approx(1e16, rel=1e-6)


def test_a_current_source_has_no_noise_unless_it_is_given(janus):
    quiet = sample("janus", **JANUS, noise=0.0)
    noisy = sample("janus", **JANUS, noise="1 uA")
    assert quiet["ramps"].value == janus["ramps"].value < noisy["ramps"].value


def test_zeeman_and_exchange_add_up(janus):
    inplane = janus.bilayer.zeeman_inplane * janus.scales.energy_meV
    zeeman = 1e3 * constants.value("Bohr magneton in eV/T") * 2.0
    assert inplane == pytest.approx(2.0 + zeeman, rel=1e-6)


def test_orbital_effect_of_the_field_and_none_of_exchange(janus):
    """The phases with either stacking differ by two windings; without a field by none."""
    q_orb = constants.e * 2.0 * 2e-9 / constants.hbar
    q = {name: 2e9 * math.pi / janus[f"wavelength{name}"].value
         for name in ("", ", electron above", ", hole above")}  # fmt: skip
    assert sorted([q[", electron above"], q[", hole above"]]) == pytest.approx(
        sorted([abs(q[""] - q_orb), abs(q[""] + q_orb)]), rel=1e-9
    )
    exchange = sample("janus", **JANUS | {"field": 0.0})
    assert exchange["wavelength, hole above"].value == exchange["wavelength"].value


def test_bound_and_bkt_temperature(janus):
    """11.1 K for 0.8e12 per cm^2 and pairs of one electron mass."""
    pair = 1.1
    assert janus["T_BKT bound"].value == pytest.approx(11.1 * 1.0 / 0.8 / pair, rel=3e-3)
    assert 0.0 < janus["T_BKT"].value <= janus["T_BKT bound"].value


def test_the_circuit_is_that_of_the_numbers(janus):
    # the law ends where the series over the branch does: both know J_c to ten times rtol = 1e-5
    ends = janus.circuit.law.current_plus
    assert ends == pytest.approx(1e-6 * janus["I_c+"].value, rel=1e-4)
    drive = 0.1 * janus.circuit.law.current_plus
    assert janus.circuit.zeta(drive) == janus["zeta at 0.1 I_c"].value
    low, high = janus.circuit.bracket(np.array([2.0, -2.0]) * janus.circuit.law.current_plus)
    assert np.all(low < high)


def test_exponent_band_and_ramps(janus):
    a = janus["exponent a"]
    assert a.low <= a.value <= a.high
    stiffness = MeanField(janus.bilayer, janus.t, spin="band", rtol=1e-6).condensate().stiffness
    D = math.sqrt(np.linalg.det(stiffness))
    assert a.value == pytest.approx(1.0 + math.pi * D / janus.t, rel=1e-3)
    assert janus["ramps"].value >= 1.0


def test_what_decides_is_all_there(janus):
    assert set(janus.decisive) == {
        "T_BKT", "J_c+", "J_c-", "eta", "wavelength", "wavelength, electron above",
        "wavelength, hole above", "plateau", "rounding", "delta I", "rectified", "ramps",
    }  # fmt: skip
    assert any("Janus" in line for line in janus.assumed)
    assert any("chemical potentials of the normal state" in line for line in janus.assumed)
    with pytest.raises(KeyError, match="name must be one of T_c"):
        _ = janus["wisdom"]


def test_a_warm_sample_has_friction_only():
    warm = sample("paper", density="3e11 1/cm^2", temperature="12 K", critical_temperature="10 K")
    assert any(line.startswith("no condensate") for line in warm.outside)
    assert any("pair fluctuations" in line for line in warm.outside)
    assert warm.circuit.zeta(1e-6) == pytest.approx(warm["zeta of friction"].value, rel=1e-12)
    assert "eta" not in warm.numbers


def test_flavours_share_the_density():
    one, two = (
        sample("paper", density="3e11 1/cm^2", temperature="12 K", critical_temperature="8 K",
               flavours=f)
        for f in (1, 2)
    )  # fmt: skip
    assert two["E_Fe"].value == pytest.approx(0.5 * one["E_Fe"].value)
    assert two["T_BKT bound"].value == pytest.approx(0.5 * one["T_BKT bound"].value)
    assert any("2 equal flavours" in line for line in two.assumed)


def test_without_tc_there_is_a_range():
    warm = sample("paper", density="3e11 1/cm^2", temperature="300 K")
    T_c = warm["T_c"]
    assert T_c.low < T_c.value <= T_c.high
    assert any("the material fixes it only between" in line for line in warm.assumed)


def test_both_limits_above_ic_bracket_each_number(janus):
    """The ends of the ranges are what the circuit gives with either limit, asked for anew."""
    circuit = janus.circuit
    minus, plus = circuit.critical_drives()
    found = [circuit.rectified_square(0.5 * (plus - minus), above=above) * 1e9 for above in ABOVE]
    number = janus["rectified"]
    assert number.value == found[0]
    assert (number.low, number.high) == (min(found), max(found))
    assert abs(found[1]) < 0.2 * abs(found[0])
    for name in ("plateau", "rounding"):
        assert janus[name].low < janus[name].high
    reached = [
        [abs(x) for x in (low, high)]
        for low, high in zip(*(circuit.zeta(1e-6 * janus["plateau"].high * np.array([1.0, -1.0]),
                                            above=above) for above in ABOVE), strict=True)
    ]  # fmt: skip
    assert max(map(max, reached)) == pytest.approx(0.9, abs=0.01)  # the latest of all four
    assert janus["ramps"].high == math.inf  # with saturation nothing switches


def test_a_range_of_tc_is_a_range_of_all_that_follows():
    """Each end as a sample with this T_c has it; nothing where there is no condensate."""
    mos = {"density": "1e12 1/cm^2", "separation": "3 nm", "temperature": "2 K", "field": "2 T"}
    free = sample("mose2_wse2", **mos)
    assert free["T_c"].low < 2.0 < free["T_c"].value
    top = min(free["T_c"].high, 1.2 * free["E_Fe"].value * 1e-3 * constants.e / constants.k)
    hot = sample("mose2_wse2", **mos, critical_temperature=top * (1.0 - 1e-12))
    for name in ("J_c+", "T_BKT", "gap", "plateau"):
        assert free[name].low == 0.0
        assert free[name].high == pytest.approx(hot[name].high, rel=1e-3)
    assert free["J_c-"].low == pytest.approx(-free["J_c+"].high, rel=1e-9)
    assert free["T_BKT"].high == free["T_BKT bound"].value == pytest.approx(11.1, abs=0.02)
    for name in ("eta", "delta I", "rectified"):  # no Rashba coupling, no diode at any T_c
        assert free[name].low == free[name].value == free[name].high == 0.0
    assert free["ramps"].low == math.inf
    assert any("in the ranges of all numbers" in line for line in free.assumed)


def test_numbers_carry_their_units_and_strings_mean_the_same():
    plain = {
        "density": 3e15, "temperature": 6.0, "critical_temperature": 10.0, "separation": 1e-8,
        "exchange": 8.6, "rashba": 0.127, "width": 2e-6, "length": 1e-5, "load": 3.0,
        "contacts": 2.0, "ramp_rate": 2e-6, "attempt_rate": 1e11, "noise": 1e-9, "field": 1.0,
        "exchange_inplane": 2.6, "electron_mobility": 100.0,
    }  # fmt: skip
    worded = {
        "density": "3e11 1/cm^2", "temperature": "6000 mK", "critical_temperature": "10 K",
        "separation": "100 angstrom", "exchange": "0.0086 eV", "rashba": "12.7 meV * nm",
        "width": "2000 nm", "length": "0.01 mm", "load": "0.003 kohm", "contacts": "2 ohm",
        "ramp_rate": "2 uA/s", "attempt_rate": "100 GHz", "noise": "1 nA", "field": "1000 mT",
        "exchange_inplane": "2600 ueV", "electron_mobility": "1e6 cm^2/(V*s)",
    }  # fmt: skip
    one, two = sample("paper", **plain), sample("paper", **worded)
    for name, number in one.numbers.items():
        if name != "ramps":  # a difference of twelve digits
            assert two[name].value == pytest.approx(number.value, rel=1e-6, abs=1e-12), name
    assert one.circuit.contact_driven == one.circuit.contact_passive == 2.0
    open_loop = sample("paper", **plain | {"load": math.inf})
    assert open_loop.circuit.zeta(1e-6) == 0.0 == open_loop["plateau"].high
    given = [line.split(":")[0] for line in one.assumed]
    assert not {"separation", "rashba"} & set(given)
    assert "g_factor" in given
    assert not any(line.startswith("g_factor") for line in
                   sample("paper", **plain | {"g_factor": 2.0}).assumed)  # fmt: skip


class Impatient(MeanField):
    """Gives up where an integral is wanted to 1e-5."""

    def condensate(self):
        if self.rtol < 0.9e-4:
            raise ConvergenceError("not converged")
        return super().condensate()


GAAS = {"density": "5e10 1/cm^2", "temperature": "0.3 K", "field": "2 T",
        "critical_temperature": "4 K"}  # fmt: skip


def test_a_mean_field_that_is_hard_to_find_is_found_less_accurately(monkeypatch):
    sharp = sample("gaas", **GAAS)
    monkeypatch.setattr("cedrag.laboratory.sample_numbers.MeanField", Impatient)
    rough = sample("gaas", **GAAS)
    known = "integrals of the mean field known to 1e-04 only"
    assert known in rough.outside
    assert known not in sharp.outside
    assert rough["J_c+"].value == pytest.approx(sharp["J_c+"].value, rel=1e-3)
    assert rough["ramps"].low < sharp["ramps"].low < sharp["ramps"].value
    numerical = "the switching currents differ by less than the numerical error"
    assert any(line.startswith(numerical) for line in rough.outside)


def test_a_mean_field_that_is_not_found_is_no_statement(monkeypatch):
    """Not the same as no condensate: no zero may follow from it."""
    monkeypatch.setattr("cedrag.laboratory.sample._ACCURACIES", (1e-5, 1e-5))
    monkeypatch.setattr("cedrag.laboratory.sample_numbers.MeanField", Impatient)
    lost = sample("gaas", **GAAS)
    assert any(line.startswith("the mean field was not found") for line in lost.outside)
    assert not any(line.startswith("no condensate") for line in lost.outside)
    free = sample("gaas", **{k: v for k, v in GAAS.items() if k != "critical_temperature"})
    assert not {"J_c+", "T_BKT", "I_c+"} & (set(lost.numbers) | set(free.numbers))


def test_far_below_tc_the_condensate_is_that_of_a_twentieth():
    """The thermal energy of vortices is the true one, so that the exponent goes on to grow."""
    given = GAAS | {"critical_temperature": "4 K"}
    here, cold = (sample("gaas", **given | {"temperature": T}) for T in ("0.2 K", "0.02 K"))
    frozen = "states that condense at 0.05 T_c stand for those at T"
    assert frozen in cold.outside
    assert frozen not in here.outside
    for name in ("J_c+", "J_c-", "eta", "gap", "n_s"):
        assert cold[name].value == here[name].value, name
    grown = (cold["exponent a"].value - 1.0) / (here["exponent a"].value - 1.0)
    assert grown == pytest.approx(10.0, rel=1e-9)
    assert cold["switching current"].value > 1.5 * here["switching current"].value


def test_a_ring_of_states_at_the_bottom_lowers_the_largest_tc():
    """Strong Rashba coupling: 1.2 Fermi energies of the parabola leave no Fermi sea."""
    strong = {"density": "2e11 1/cm^2", "temperature": "1 K", "rashba": 0.2}
    with pytest.raises(ValueError, match="critical_temperature must be at most") as caught:
        sample("janus", **strong, critical_temperature="11 K")
    most = float(str(caught.value).split("at most ")[1].split(" K")[0])
    m = materials()["janus"].electron_mass.value * constants.m_e
    slope = 0.2e-10 * constants.e  # J m
    k_0 = m * slope / constants.hbar**2

    def density(kelvin):
        """Of the lower branch, a ring of radius k_0, with mu 0.26 T above its bottom."""

        def filled(k):
            energy = (constants.hbar * (k - k_0)) ** 2 / (2.0 * m * constants.k * kelvin)
            return k / (2.0 * math.pi) / (1.0 + math.exp(min(energy - 0.26, 700.0)))

        width = math.sqrt(80.0 * m * constants.k * kelvin) / constants.hbar
        return integrate.quad(filled, max(0.0, k_0 - width), k_0 + width, points=[k_0])[0]

    by_hand = optimize.brentq(lambda kelvin: density(kelvin) - 2e15, 0.5, 11.0)
    assert most == pytest.approx(by_hand, rel=1e-3)


def test_round_trip(janus):
    stored = janus["T_c"].to_dict()
    assert Number.from_dict(stored) == janus["T_c"]


def test_anchors_have_sources():
    assert set(ANCHORS) <= set(materials())
    for lines in ANCHORS.values():
        assert all(source.startswith("arXiv:") for _, source in lines)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"material": "unobtainium"}, "material must be one of paper"),
        ({"material": 3}, "material must be a Material"),
        ({"density": "-1 1/cm^2"}, "density must be positive"),
        ({"density": "1 K"}, "density must be convertible to 1/m\\^2"),
        ({"temperature": 0.0}, "temperature must be positive"),
        ({"field": "1 meV"}, "field must be convertible to T"),
        ({"flavours": 0}, "flavours must be at least 1"),
        ({"critical_temperature": "1000 K"}, "critical_temperature must be at most"),
        ({"critical_temperature": "5 K", "binding_energy": 1.0}, "must not be given beside"),
        ({"spin": "none", "critical_temperature": "5 K"}, "spin must be one of"),
        ({"load": -1.0, "critical_temperature": "5 K", "temperature": "6 K"}, "load must not be"),
        ({"load": "3 K"}, "load must be convertible to ohm"),
        ({"contacts": -1.0, "critical_temperature": "5 K", "temperature": "6 K"}, "contact_"),
        ({"ramp_rate": "1 A"}, "ramp_rate must be convertible to A/s"),
        ({"attempt_rate": 0.0}, "attempt_rate must be positive"),
        ({"noise": "1 s"}, "noise must be convertible to A"),
        ({"noise": -1e-9}, "noise must not be negative"),
        ({"density": "1e30 1/cm^2"}, "density must lie between 1e\\+10 and 1e\\+20 1/m\\^2"),
        ({"hole_density": "1 1/cm^2"}, "hole_density must lie between"),
        ({"critical_temperature": "1 mK"}, "critical_temperature must be at least"),
        ({"g_factor": "two"}, "g_factor must be a real number"),
        ({"rashba": "1 eV"}, "rashba must be convertible to"),
        ({"electron_mobility": -1.0, "critical_temperature": "5 K"}, "electron_mobility must be"),
    ],
)
def test_bad_input_is_named(changes, message):
    given = {"material": "paper", "density": "3e11 1/cm^2", "temperature": "4 K"} | changes
    with pytest.raises((TypeError, ValueError), match=message):
        sample(given.pop("material"), **given)
