"""Densities in, chemical potentials and T_c out: each on a second way."""

import dataclasses
import math

import pytest
from scipy import constants

from cedrag import Scales, critical_temperature
from cedrag.laboratory.model import (
    Layers,
    bilayer_at,
    critical_temperature_of,
    largest_critical_temperature,
    temperature_range,
)

MILLI_EV = 1e-3 * constants.e
LAYERS = Layers(
    electron_mass=0.2, hole_mass=0.4, density_e=5e15, density_h=4e15, rashba=0.0,
    inplane=0.5 * MILLI_EV, outofplane=3.0 * MILLI_EV, separation=5e-9, permittivity=4.0,
)  # fmt: skip
SPIN_ORBIT = dataclasses.replace(LAYERS, rashba=0.12 * constants.e * 1e-10)
SCALES = Scales(critical_temperature=15.0, electron_mass=0.2)


@pytest.mark.parametrize("layers", [LAYERS, SPIN_ORBIT])
def test_the_normal_state_at_tc_has_the_densities(layers):
    bilayer = bilayer_at(layers, SCALES)
    assert bilayer.density_e(1.0) * SCALES.density == pytest.approx(5e15, rel=1e-7)
    assert bilayer.density_h(1.0) * SCALES.density == pytest.approx(4e15, rel=1e-7)
    assert bilayer.mass_ratio == 2.0


def test_energies_are_those_of_the_laboratory():
    bilayer = bilayer_at(SPIN_ORBIT, SCALES)
    assert bilayer.zeeman_outofplane * SCALES.energy_meV == pytest.approx(3.0)
    assert bilayer.zeeman_inplane * SCALES.energy_meV == pytest.approx(0.5)
    electron_volt_angstrom = bilayer.rashba_e * SCALES.energy * SCALES.length / constants.e * 1e10
    assert electron_volt_angstrom == pytest.approx(0.12)


def test_critical_temperature_from_a_binding_energy():
    """Carried back: the bilayer at that T_c, with this E_b, has its transition at t = 1."""
    kelvin = critical_temperature_of(LAYERS, 0.3 * MILLI_EV)
    scales = Scales(critical_temperature=kelvin, electron_mass=0.2)
    bilayer = bilayer_at(LAYERS, scales)
    t = critical_temperature(bilayer, 0.3 / scales.energy_meV)
    assert t == pytest.approx(1.0, rel=1e-4)


def test_binding_energies_out_of_reach_are_named():
    with pytest.raises(ValueError, match="binding_energy must lie between"):
        critical_temperature_of(LAYERS, 500.0 * MILLI_EV)


def test_range_holds_weak_coupling_values():
    low, high = temperature_range(LAYERS)
    bare = LAYERS.exciton.binding_energy(5e-9)
    k_F_squared = 4.0 * math.pi * math.sqrt(5e15 * 4e15)
    kinetic = constants.hbar**2 * k_F_squared / (2.0 * LAYERS.exciton.reduced_mass)
    expected = math.exp(0.5772156649) / math.pi * math.sqrt(kinetic * bare) / constants.k
    assert high == pytest.approx(expected, rel=1e-9)
    assert low < 0.1 * high
    assert largest_critical_temperature(LAYERS) == pytest.approx(
        1.2 * LAYERS.fermi_energy("h") / constants.k
    )


@pytest.mark.parametrize("rashba", [0.7, -3.0])
@pytest.mark.parametrize("fermi_energy", [2.0, 40.0])
@pytest.mark.parametrize(("inplane", "outofplane"), [(3.0, -5.0), (2.0, 0.03), (0.0, 0.0)])
def test_the_potential_gives_the_density_of_the_adaptive_integral(
    rashba, fermi_energy, inplane, outofplane
):
    """Also next to a cone, whose tip no ray through the middle of the sea resolves."""
    scales = Scales(critical_temperature=10.0, electron_mass=0.5)
    layers = Layers(
        electron_mass=0.5, hole_mass=0.4, density_e=fermi_energy / (2 * math.pi) * scales.density,
        density_h=3e15, rashba=rashba * scales.energy * scales.length,
        inplane=inplane * scales.energy, outofplane=outofplane * scales.energy,
        separation=3e-9, permittivity=4.0,
    )  # fmt: skip
    bilayer = bilayer_at(layers, scales)
    assert bilayer.density_e(1.0) * scales.density == pytest.approx(layers.density_e, rel=2e-9)
