"""Scales: the three numbers that the chapter on the model prints, and what is refused."""

import pint
import pytest

from cedrag import Scales


def test_scales_of_the_paper():
    scales = Scales(critical_temperature=10.0, electron_mass=0.2)
    assert scales.energy_meV == pytest.approx(0.8617, abs=5e-5)
    assert scales.length_nm == pytest.approx(21.0, abs=0.05)
    assert scales.current_uA_per_um == pytest.approx(9.98, abs=0.005)


def test_sheet_current_is_charge_times_energy_over_hbar_length():
    # e^2/h = 3.874e-5 S independently fixes e/hbar
    scales = Scales(critical_temperature=4.2, electron_mass=0.067)
    conductance = 3.8740458e-5 * 2 * 3.141592653589793  # e^2/hbar
    expected = conductance * (scales.energy / 1.602176634e-19) / scales.length
    assert scales.sheet_current == pytest.approx(expected, rel=1e-6)


def test_quantities_and_strings_are_converted():
    plain = Scales(critical_temperature=10.0, electron_mass=0.2)
    quantity = pint.get_application_registry().Quantity(10_000.0, "mK")
    assert Scales(critical_temperature=quantity, electron_mass=0.2) == plain
    assert Scales(critical_temperature="10 K", electron_mass="0.2 electron_mass") == plain


@pytest.mark.parametrize("value", [0.0, -1.0, float("nan"), float("inf")])
def test_refuses_impossible_temperatures(value):
    with pytest.raises(ValueError, match="critical_temperature must be"):
        Scales(critical_temperature=value, electron_mass=0.2)


def test_refuses_wrong_dimension_and_type():
    with pytest.raises(ValueError, match=r"critical_temperature must be convertible to K \(got"):
        Scales(critical_temperature="10 meter", electron_mass=0.2)
    with pytest.raises(TypeError, match="electron_mass must be a real number"):
        Scales(critical_temperature=10.0, electron_mass=0.2j)
