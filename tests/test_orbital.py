"""The orbital winding: its size, its sign on a second way, and its limits."""

import math

import numpy as np
import pytest
from scipy import constants

from cedrag.laboratory.orbital import orbital_momentum, wavelength


def test_45_tesla_and_10_nm_wind_every_9_nm():
    assert wavelength(orbital_momentum(45.0, 10e-9)) == pytest.approx(9.19e-9, rel=1e-3)
    flux_quantum = constants.h / constants.e  # one winding per h/e between the layers
    assert wavelength(orbital_momentum(45.0, 10e-9)) * 45.0 * 10e-9 == pytest.approx(flux_quantum)


@pytest.mark.parametrize(("stacking", "z"), [("electron above", 1.0), ("hole above", -1.0)])
def test_sign_is_that_of_the_cross_product(stacking, z):
    d, B = np.array([0.0, 0.0, z * 3e-9]), np.array([0.0, 2.0, 0.0])
    expected = constants.e / constants.hbar * np.cross(d, B)
    assert orbital_momentum(2.0, 3e-9, stacking=stacking) == pytest.approx(expected[0], rel=1e-12)


def test_sign_from_the_canonical_momenta():
    """At rest each particle has p = charge times A(z): q hbar = p_e + p_h with A_x = B_y z."""
    z_e, z_h, B = 5e-9, 2e-9, 2.0
    canonical = -constants.e * B * z_e + constants.e * B * z_h
    assert orbital_momentum(B, 3e-9) == pytest.approx(canonical / constants.hbar, rel=1e-12)


def test_no_field_no_winding():
    assert orbital_momentum(0.0, 3e-9) == 0.0
    assert wavelength(0.0) == math.inf
    assert orbital_momentum(-2.0, 3e-9) == -orbital_momentum(2.0, 3e-9)


def test_bad_input_is_named():
    with pytest.raises(ValueError, match="stacking must be one of"):
        orbital_momentum(1.0, 1e-9, stacking="up")
    with pytest.raises(ValueError, match="separation must be positive"):
        orbital_momentum(1.0, 0.0)
