"""The expansion of F: BCS constants, its own derivatives, limits, and mean field at small Delta."""

import math
import warnings

import numpy as np
import pytest

from cedrag import NATURAL, AboveBKTWarning, Bilayer, GinzburgLandau
from cedrag.condensate.pair_expansion import PairExpansion

# 7 zeta(3)/(8 pi^2) and -93 zeta(5)/(128 pi^4)
BETA_BCS, SIXTH_BCS = 0.106569599704, -0.00773431734245
MATCHED = Bilayer(mu_e=100.0, mu_h=100.0, rashba_e=0.0, zeeman_inplane=0.0, zeeman_outofplane=50.0)
AT = np.array([0.1, 0.2])


def test_bcs_constants():
    found, _ = PairExpansion(MATCHED, 1.0, "band").coefficients(np.zeros(2), 0.0, 6)
    density = 1.0 / (2.0 * math.pi)
    assert found[1] / density == pytest.approx(BETA_BCS, rel=1e-4)
    assert found[6] / density == pytest.approx(SIXTH_BCS, rel=1e-4)


def test_band_equals_the_closed_kernel():
    theory = GinzburgLandau(NATURAL, 0.9)
    found, _ = PairExpansion(NATURAL, 0.9, "band").coefficients(AT, 0.0, 4)
    _, slope = theory.gradients(*AT)
    assert found[1] == pytest.approx(float(theory.beta(*AT)), rel=1e-9)
    np.testing.assert_allclose(found[4:6], slope, rtol=1e-8)


@pytest.mark.parametrize("spin", ["full", "texture"])
def test_gradients_are_derivatives(spin):
    expansion, h = PairExpansion(NATURAL, 0.9, spin), 1e-3
    here, _ = expansion.coefficients(AT, 0.6, 6)
    weight = np.array([1, -8, 8, -1]) / (12 * h)
    for axis in (0, 1):
        steps = h * np.array([-2, -1, 1, 2])
        moved = [expansion.coefficients(AT + s * np.eye(2)[axis], 0.6, 6)[0] for s in steps]
        slope = weight @ np.array(moved)
        for value, first in ((0, 2), (1, 4), (6, 7)):
            assert here[first + axis] == pytest.approx(slope[value], rel=1e-7)


def test_without_rashba_coupling_full_is_band():
    plain = NATURAL.replace(rashba_e=0.0)
    band, full = (
        PairExpansion(plain, 0.9, s).coefficients(AT, 0.6, 6)[0] for s in ("band", "full")
    )
    np.testing.assert_allclose(full[[1, 4, 5, 6, 7, 8]], band[[1, 4, 5, 6, 7, 8]], rtol=1e-8)


def test_half_the_plane_stands_for_all():
    expansion = PairExpansion(NATURAL, 0.9, "full")
    on, aside = (expansion.coefficients(np.array([0.3, y]), 0.6, 6)[0] for y in (0.0, 1e-7))
    np.testing.assert_allclose(on, aside, atol=1e-7)
    assert np.all(on[[3, 5, 8]] == 0.0)


def test_with_all_of_the_spin_the_diode_turns_round():
    # mean field has eta = 2.1e-4 at level band and -3.1e-5 at level full, and q0 = 0.20049
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", AboveBKTWarning)
        band = GinzburgLandau(NATURAL, 0.9).diode()
        full = GinzburgLandau(NATURAL, 0.9, spin="full", rtol=1e-6).diode()
    assert full.q0[0] == pytest.approx(0.20049, abs=5e-5)
    assert -1e-4 < full.efficiency < -1e-5 < 1e-4 < band.efficiency
