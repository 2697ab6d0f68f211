"""One sample in SI units: what must hold for each number, whatever the material."""

import math

import numpy as np
import pytest
from scipy import constants

from cedrag import MeanField, sample
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
    diode = MeanField(janus.bilayer, janus.t, spin="band", rtol=1e-6).diode()
    assert janus["eta"].value == diode.efficiency
    ampere = diode.jc_plus * janus.scales.sheet_current * 1e-6
    assert janus["I_c+"].value == pytest.approx(1e6 * ampere, rel=1e-6)
    assert janus["delta I"].value == pytest.approx(
        1e3 * (janus["I_c+"].value - abs(janus["I_c-"].value)), rel=1e-9
    )


def test_densities_are_those_asked_for(janus):
    found = janus.bilayer.density_e(1.0) * janus.scales.density
    assert found == pytest.approx(1e16, rel=1e-6)


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
    # the law ends where the series over the branch does: both know J_c to ten times rtol = 1e-6
    ends = janus.circuit.law.current_plus
    assert ends == pytest.approx(1e-6 * janus["I_c+"].value, rel=1e-5)
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
        "wavelength, hole above", "plateau", "rounding", "delta I", "ramps",
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
    ],
)
def test_bad_input_is_named(changes, message):
    given = {"material": "paper", "density": "3e11 1/cm^2", "temperature": "4 K"} | changes
    with pytest.raises((TypeError, ValueError), match=message):
        sample(given.pop("material"), **given)
