"""Coarse sums over k and energy shells come back to the converged currents, and differ before."""

import numpy as np
import pytest
from numpy.testing import assert_allclose

from cedrag import Bilayer, GinzburgLandau, NoCondensateError
from cedrag.paper.calibration import NATURAL, PAPER
from cedrag.paper.coarse_sums import grid_diode, shell_diode

pytestmark = pytest.mark.filterwarnings("ignore::cedrag.errors.ValidityWarning")


@pytest.fixture(scope="module")
def natural():
    return GinzburgLandau(NATURAL, 0.9).diode()


def test_a_fine_grid_gives_the_converged_currents(natural):
    fine = grid_diode(NATURAL, 0.3)
    assert_allclose(fine.q0, natural.q0[0], rtol=5e-4)  # the tail beyond |k| = 20 is missing
    assert_allclose([fine.jc_plus, fine.jc_minus], [natural.jc_plus, natural.jc_minus], rtol=5e-4)
    assert abs(fine.efficiency - natural.efficiency) < 3e-5


def test_what_a_fine_grid_lacks_is_the_tail(natural):
    """Twice the reach leaves a quarter of the error: the integrand falls as k^-4."""
    errors = [
        grid_diode(NATURAL, 0.3, reach=reach).jc_plus / natural.jc_plus - 1.0
        for reach in (10.0, 20.0)
    ]
    assert 2.5 < errors[0] / errors[1] < 6.0


def test_near_the_tricritical_point_the_tail_is_what_a_grid_lacks():
    """beta of PAPER is the small rest of a sum: not a finer step helps, but a longer reach."""
    coarse, fine, longer = (
        grid_diode(PAPER, step, reach=reach).efficiency / 0.0186335 - 1.0
        for step, reach in ((0.3, 16.0), (0.2, 16.0), (0.2, 24.0))
    )
    assert abs(fine - coarse) < 2e-3
    assert 1.8 < fine / longer < 2.7  # (24/16)^2


def test_a_coarse_grid_does_not(natural):
    found = [grid_diode(NATURAL, step).efficiency for step in (0.7, 0.8, 1.0)]
    assert np.abs(found).min() > 4.0 * natural.efficiency
    assert np.abs(found).max() < 0.02


def test_a_grid_without_its_inversion_rectifies_nothing_at_zero_field():
    """B = 0 on a grid that is symmetric: eta = 0 by k -> -k, however coarse."""
    assert abs(grid_diode(NATURAL.replace(zeeman_inplane=0.0), 0.9).efficiency) < 1e-9


def test_reversing_the_field_reverses_the_efficiency():
    forth, back = (
        grid_diode(NATURAL.replace(zeeman_inplane=B), 0.8).efficiency for B in (3.0, -3.0)
    )
    assert_allclose(forth, -back, rtol=1e-6)


def test_a_shell_on_parabolas_does_not_rectify():
    circles = Bilayer(mu_e=1.6, mu_h=1.6, rashba_e=0.0, zeeman_inplane=0.0, zeeman_outofplane=10.0)
    found = shell_diode(circles, 4.0)
    assert abs(found.efficiency) < 1e-9
    assert abs(found.q0) < 1e-9


def test_a_shell_keeps_q0_and_grows_towards_the_converged_gap(natural):
    """The shell cuts pairs off with q; a wider one cuts less."""
    narrow, wide = (shell_diode(NATURAL, energy) for energy in (2.0, 8.0))
    for found in (narrow, wide):
        assert_allclose(found.q0, natural.q0[0], atol=2e-3)
    assert narrow.jc_plus > wide.jc_plus > natural.jc_plus
    assert_allclose(shell_diode(NATURAL, 4.0, rays=512).jc_plus,
                    shell_diode(NATURAL, 4.0).jc_plus, rtol=2e-3)  # fmt: skip


def test_bad_input():
    with pytest.raises(ValueError, match=r"step must be positive \(got 0"):
        grid_diode(NATURAL, 0.0)
    with pytest.raises(ValueError, match=r"energy must be below .* \(got 15"):
        shell_diode(NATURAL, 15.0)
    with pytest.raises(NoCondensateError, match="no condensate"):
        grid_diode(NATURAL, 0.3, t=1.5)
