"""Binding of one interlayer exciton: two methods, and the limits known in closed form."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import constants

from cedrag.laboratory.two_body import ExcitonScales, binding_shooting, binding_variational


def approx(expected, rel=1e-6, abs=0.0):
    """pytest.approx without its default abs = 1e-12, which would pass any small SI number."""
    return pytest.approx(expected, rel=rel, abs=abs)


def test_without_separation_the_binding_is_that_of_the_planar_hydrogen_atom():
    assert binding_variational(0.0) == approx(4.0, rel=1e-6)
    assert binding_shooting(0.0) == approx(4.0, rel=1e-9)


@settings(max_examples=15)
@given(st.floats(-2.0, 3.0))
def test_the_two_methods_agree_and_the_variational_one_is_a_lower_bound(exponent):
    distance = 10.0**exponent
    variational, shooting = binding_variational(distance), binding_shooting(distance)
    assert variational == approx(shooting, rel=5e-7)
    assert variational <= shooting * (1.0 + 1e-9)


@pytest.mark.parametrize("distance", [1e3, 1e4, 1e5])
def test_far_layers_bind_like_an_oscillator(distance):
    """V = -2/D + x^2/D^3, ground state 2 D^(-3/2); the anharmonic rest is of order D^-2."""
    oscillator = 2.0 / distance - 2.0 * distance**-1.5
    assert abs(binding_variational(distance) - oscillator) < 2.0 * distance**-2


def test_more_functions_bind_more():
    few, many = (binding_variational(3.0, n) for n in (12, 24))
    assert few < many < binding_shooting(3.0) * (1.0 + 1e-9)


def test_scales_are_those_of_hydrogen_for_unit_reduced_mass():
    hydrogen = ExcitonScales(electron_mass=2.0, hole_mass=2.0, permittivity=1.0)
    assert hydrogen.bohr_radius == approx(constants.value("Bohr radius"), rel=1e-9)
    rydberg = constants.value("Rydberg constant times hc in J")
    assert hydrogen.rydberg == approx(rydberg, rel=1e-9)
    assert hydrogen.binding_energy(0.0) == approx(4.0 * rydberg, rel=1e-6)


def test_permittivity_and_mass_scale_the_problem():
    vacuum = ExcitonScales(electron_mass=1.0, hole_mass=1.0, permittivity=1.0)
    solid = ExcitonScales(electron_mass=0.2, hole_mass=0.2, permittivity=4.0)
    ratio = solid.bohr_radius / vacuum.bohr_radius
    assert ratio == approx(20.0)
    scaled = vacuum.binding_energy(5e-10) * 0.2 / 16.0
    assert solid.binding_energy(5e-10 * ratio) == approx(scaled, rel=1e-12)


@pytest.mark.parametrize(
    ("argument", "value", "error"),
    [
        ("electron_mass", 0.0, ValueError),
        ("hole_mass", -1.0, ValueError),
        ("permittivity", float("nan"), ValueError),
        ("permittivity", "4", TypeError),
    ],
)
def test_bad_input_names_the_argument(argument, value, error):
    good = {"electron_mass": 0.2, "hole_mass": 0.2, "permittivity": 4.0}
    with pytest.raises(error, match=argument):
        ExcitonScales(**good | {argument: value})


@pytest.mark.parametrize("method", [binding_variational, binding_shooting])
def test_negative_distance_is_refused(method):
    with pytest.raises(ValueError, match=r"distance must not be negative \(got -1\.0\)"):
        method(-1.0)
