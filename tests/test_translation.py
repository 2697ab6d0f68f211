"""The paper's bilayers in SI: each number on a second way, scaling laws and symmetries."""

import math
import warnings

import numpy as np
import pytest
from scipy import constants, integrate

from cedrag import Bilayer, NoCondensateError, ValidityWarning
from cedrag.errors import AboveBKTWarning, NoPairingError
from cedrag.laboratory.translation import translate


def approx(expected, rel=1e-6, abs=0.0):
    """pytest.approx without its default abs = 1e-12, which would pass any small SI number."""
    return pytest.approx(expected, rel=rel, abs=abs)


READING_A = Bilayer.from_fermi_energies(
    fermi_energy_e=8.57, fermi_energy_h=6.00, rashba_e=0.956, zeeman_inplane=3.0,
    zeeman_outofplane=10.84,
)  # fmt: skip
NATURAL = Bilayer.from_fermi_energies(
    fermi_energy_e=11.6, fermi_energy_h=11.6, rashba_e=0.7, zeeman_inplane=3.0,
    zeeman_outofplane=10.0,
)  # fmt: skip
SAMPLE = {
    "critical_temperature": 10.0, "electron_mass": 0.2, "separation": 10e-9, "permittivity": 4.0,
}  # fmt: skip


def quiet(bilayer, **changes):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ValidityWarning)
        return translate(bilayer, **SAMPLE | changes)


@pytest.fixture(scope="module")
def paper():
    return quiet(READING_A, current_scale=2.0 * (2.0 * math.pi) ** 4)


@pytest.fixture(scope="module")
def natural():
    return quiet(NATURAL)


def test_published_currents_in_the_paper_s_units(paper):
    """98.4 and -94.8 J_u on 1 um: 0.98 mA, and a difference of 36 uA (the paper says about 10)."""
    assert paper.sheet_current_plus / paper.scales.sheet_current == approx(98.4, rel=0.02)
    assert paper.current_plus == approx(0.982e-3, rel=0.02)
    share = paper.current_difference / (paper.current_plus - paper.current_minus)
    assert share == approx(0.0186, abs=1e-4)


def test_wavelength_in_two_ways(natural):
    momentum = natural.condensate.q0[0] * math.sqrt(
        0.2 * constants.m_e * constants.k * 10.0
    )  # hbar/l_u = sqrt(m_e k_B T_c)
    assert natural.wavelength == approx(constants.h / momentum, rel=1e-12)
    assert natural.wavelength == approx(665e-9, abs=1e-9)


def test_gap_and_density_units(natural):
    assert natural.gap == approx(natural.condensate.gap * constants.k * 10.0, rel=1e-14)
    # parabolic holes: n = m E/(2 pi hbar^2), E from the bottom of the band with B included
    energy = (NATURAL.mu_h + math.hypot(3.0, 10.0)) * constants.k * 10.0
    parabola = 0.2 * constants.m_e * energy / (2.0 * math.pi * constants.hbar**2)
    assert natural.density_h == approx(parabola, rel=1e-4)


def test_magnetic_fields_follow_from_half_the_splitting(natural):
    splitting = 2.0 * 3.0 * constants.k * 10.0
    assert natural.field_inplane == approx(
        splitting / (2.0 * constants.value("Bohr magneton")), rel=1e-12
    )
    assert natural.field_outofplane / natural.field_inplane == approx(10.0 / 3.0)
    weak = quiet(NATURAL, g_factor=-0.445)
    assert weak.field_inplane * 0.445 == approx(natural.field_inplane * 2.0)


def test_fermi_wavevector_of_the_paper_is_the_average_radius():
    circles = NATURAL.replace(rashba_e=0.0)
    sample = quiet(circles)
    energy = circles.mu_e + math.hypot(3.0, 10.0)
    expected = math.sqrt(2.0 * energy) / sample.scales.length
    assert sample.fermi_wavevector == approx(expected, rel=1e-4)


def test_fermi_wavevector_against_radial_roots(natural):
    def radius(angle, layer):
        return NATURAL.radial_roots(layer, angle)[-1]

    total = sum(
        2.0 * integrate.quad(radius, 0.0, math.pi, args=(layer,), epsrel=1e-9)[0]
        for layer in ("e", "h")
    )
    expected = total / (4.0 * math.pi) / natural.scales.length
    assert natural.fermi_wavevector == approx(expected, rel=1e-4)


def test_distance_of_the_layers_in_units_of_the_carriers(natural):
    """k_F = 4.96/l_u with l_u = 21.0 nm, and d = 10 nm."""
    assert natural.fermi_separation == approx(4.96 * 10.0 / 21.0, rel=2e-3)


def test_an_empty_layer_has_no_fermi_wavevector(natural):
    from dataclasses import replace

    with pytest.raises(NoPairingError, match=r"one Fermi contour per layer \(got 0 in 'h'\)"):
        _ = replace(natural, bilayer=NATURAL.replace(mu_h=-20.0)).fermi_wavevector


def test_temperature_and_mass_scale_as_dimensions_demand(natural):
    hot = quiet(NATURAL, critical_temperature=40.0)
    assert hot.wavelength == approx(natural.wavelength / 2.0, rel=1e-12)
    assert hot.current_plus == approx(natural.current_plus * 8.0, rel=1e-12)
    heavy = quiet(NATURAL, electron_mass=0.8)
    assert heavy.current_plus == approx(natural.current_plus * 2.0, rel=1e-12)
    assert heavy.density_e == approx(natural.density_e * 4.0, rel=1e-12)


def test_reversed_field_exchanges_the_critical_currents(natural):
    mirrored = quiet(NATURAL.replace(zeeman_inplane=-3.0))
    assert mirrored.current_plus == approx(-natural.current_minus, rel=1e-8)
    assert mirrored.current_minus == approx(-natural.current_plus, rel=1e-8)
    assert mirrored.current_difference == approx(-natural.current_difference, rel=1e-4)


def test_current_scale_and_width_multiply_currents_only(natural):
    scaled = quiet(NATURAL, current_scale=3.0, width=2e-6)
    assert scaled.current_minus == approx(6.0 * natural.current_minus, rel=1e-14)
    assert scaled.drift_ratio == approx(3.0 * natural.drift_ratio, rel=1e-14)
    assert scaled.wavelength == natural.wavelength
    assert scaled.gap == natural.gap


def test_published_scale_needs_carriers_faster_than_the_fermi_velocity(paper, natural):
    assert natural.drift_ratio < 0.01
    assert paper.drift_ratio > 10.0


def test_superfluid_drift_stays_below_the_landau_velocity(natural):
    """J_c <= n Delta/k_F (pair breaking at T = 0): a bound that the GL current respects."""
    mass = 0.2 * constants.m_e
    fermi_velocity = constants.hbar * natural.fermi_wavevector / mass
    landau = natural.gap / (constants.hbar * natural.fermi_wavevector)
    assert natural.drift_ratio < landau / fermi_velocity


def test_the_paper_s_temperature_lies_above_its_bkt_temperature():
    with pytest.warns(AboveBKTWarning):
        sample = translate(NATURAL, **SAMPLE)
    assert sample.above_bkt
    assert sample.stiffness_temperature < sample.temperature == approx(9.0)


def test_required_binding_is_near_its_weak_coupling_value(natural):
    """T_c = (e^gamma/pi) sqrt(W E_b) for circles; Rashba coupling lowers the need for attraction.

    It flattens the lower branch (1/m falls by about lambda^2/J = 5%), and the density of states
    stands in the exponent.
    """
    circles = quiet(NATURAL.replace(rashba_e=0.0))
    for sample, tolerance in ((circles, 0.02), (natural, 0.25)):
        k_F = sample.fermi_wavevector * sample.scales.length
        weak = (math.pi / math.exp(np.euler_gamma)) ** 2 / k_F**2 * sample.scales.energy
        assert sample.binding_energy_required == approx(weak, rel=tolerance)
    assert natural.binding_energy_required < circles.binding_energy_required


def test_couplings_at_the_stated_cutoff(natural):
    couplings = natural.couplings
    assert natural.cutoff == approx(
        (constants.hbar / 10e-9) ** 2 / (0.2 * constants.m_e), rel=1e-12
    )
    ratio = natural.cutoff / natural.binding_energy_required
    assert couplings["required"] == approx(2.0 / math.log(1.0 + ratio), rel=1e-12)
    assert couplings["screened"] < couplings["required"] < couplings["eq5"]
    density_of_states = 0.2 * constants.m_e / (2.0 * math.pi * constants.hbar**2)
    assert couplings["eq5"] == approx(
        density_of_states * natural.printed_coupling * 10e-9, rel=1e-12
    )


def test_bare_binding_exceeds_the_required_one_by_far(natural):
    assert natural.binding_energy_bare > 100.0 * natural.binding_energy_required
    assert natural.critical_temperature_bare > 10.0 * 10.0


def test_strings_and_quantities_mean_the_same_as_numbers(natural):
    import pint

    length = pint.get_application_registry().Quantity(100.0, "angstrom")
    worded = quiet(
        NATURAL, critical_temperature="10 K", electron_mass="0.2 electron_mass",
        separation=length, width="0.001 mm",
    )  # fmt: skip
    assert worded.current_plus == approx(natural.current_plus, rel=1e-12)
    assert worded.binding_energy_bare == approx(natural.binding_energy_bare, rel=1e-9)


@pytest.mark.parametrize(
    ("change", "error", "message"),
    [
        ({"critical_temperature": -1.0}, ValueError, "critical_temperature must be positive"),
        ({"critical_temperature": "10 m"}, ValueError, "critical_temperature must be convertible"),
        ({"electron_mass": 0.0}, ValueError, "electron_mass must be positive"),
        ({"separation": -1e-9}, ValueError, "separation must be positive"),
        ({"separation": "3 K"}, ValueError, "separation must be convertible to m"),
        ({"permittivity": 0.0}, ValueError, "permittivity must be positive"),
        ({"width": float("inf")}, ValueError, "width must be finite"),
        ({"g_factor": 0.0}, ValueError, r"g_factor must not be zero \(got 0.0\)"),
        ({"g_factor": 1j}, TypeError, "g_factor must be a real number"),
        ({"current_scale": 0.0}, ValueError, "current_scale must be positive"),
        ({"t": 1.2}, NoCondensateError, "t must be below 1"),
        ({"t": 0.0}, ValueError, "t must be positive"),
    ],
)
def test_bad_input_names_argument_rule_and_value(change, error, message):
    with pytest.raises(error, match=message):
        quiet(NATURAL, **change)


def test_wrong_objects_are_refused():
    with pytest.raises(TypeError, match="bilayer must be a Bilayer"):
        translate("graphene", **SAMPLE)
