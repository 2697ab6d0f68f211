"""What a q grid does to the critical currents, and the bound that no current exceeds."""

import math
import warnings

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.testing import assert_allclose

from cedrag import Bilayer, GinzburgLandau, ValidityWarning
from cedrag.paper.calibration import NATURAL, PAPER, PUBLISHED
from cedrag.paper.sampling import current_bound, sampled_diode, sampling_error

pytestmark = pytest.mark.filterwarnings("ignore::cedrag.errors.ValidityWarning")


@pytest.fixture(scope="module")
def natural():
    """(theory, diode) of the natural set."""
    theory = GinzburgLandau(NATURAL, PUBLISHED.t)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ValidityWarning)
        return theory, theory.diode()


# sampled against converged -----------------------------------------------------------------


def test_natural_set_converged_and_sampled(natural):
    """Converged eta is 2e-4; on a grid of 0.1 the same bilayer shows 14 times as much."""
    theory, exact = natural
    assert_allclose(exact.q0[0], 0.1986259876, atol=1e-9)
    assert_allclose(exact.efficiency, 1.90701502e-4, atol=1e-9)
    sampled = sampled_diode(theory, 0.1, exact=exact)
    assert_allclose(sampled.q0, 0.2, atol=1e-12)
    assert sampled.jc_plus < exact.jc_plus
    assert sampled.jc_minus > exact.jc_minus
    assert_allclose(sampled.efficiency, 0.0027338, atol=2e-6)


@pytest.mark.parametrize("step", [0.1, 0.05, 0.02])
def test_sampling_error_is_second_order(natural, step):
    """Over all grid origins |eta_sampled - eta| < bound; the leading formula is right to 15%."""
    theory, exact = natural
    worst = 0.0
    for offset in np.linspace(0.0, step, 9)[:-1]:
        sampled = sampled_diode(theory, step, offset, exact=exact)
        predicted, bound = sampling_error(theory, step, offset, exact=exact)
        error = sampled.efficiency - exact.efficiency
        worst = max(worst, abs(error) / bound)
        assert abs(error) <= 1.05 * bound
        assert abs(error - predicted) < 0.15 * bound
    assert worst > 0.4  # the bound is not idle


def test_sampling_error_vanishes_where_q0_meets_half_the_grid(natural):
    """q0 = n step/2 makes both maxima miss alike; a grid is periodic in its origin."""
    theory, exact = natural
    bound = sampling_error(theory, 0.1, exact=exact)[1]
    for half in (0, 1):
        at = sampled_diode(theory, 0.1, exact.q0[0] + 0.05 * half, exact=exact)
        assert abs(at.efficiency - exact.efficiency) < 0.08 * bound
    one, two = (sampled_diode(theory, 0.1, o, exact=exact) for o in (0.03, 0.13))
    assert_allclose(one.efficiency, two.efficiency, rtol=1e-9)


# the bound ---------------------------------------------------------------------------------

_number = st.floats(-3.0, 3.0)


@settings(max_examples=100)
@given(kx=_number, ky=_number, bx=_number, by=_number, rashba=_number, field=_number)
def test_a_boost_costs_no_more_than_the_bare_mass(kx, ky, bx, by, rashba, field):
    """xi(k + b) <= xi(k) + b.v(k) + b^2/2m: the step on which the bound rests."""
    bilayer = Bilayer(
        mu_e=1.0, mu_h=1.0, rashba_e=rashba, zeeman_inplane=field, zeeman_outofplane=0.7
    )
    vx, vy = bilayer.velocity("e", kx, ky)
    right = bilayer.xi_e(kx, ky) + bx * vx + by * vy + 0.5 * (bx**2 + by**2)
    assert bilayer.xi_e(kx + bx, ky + by) <= right + 1e-12 * (1.0 + abs(right))


def test_bound_of_a_parabolic_bilayer():
    """At low T and lambda = 0, n = m E_F/2 pi: J <= q n/(m_e + m_h) with unequal masses too."""
    bilayer = Bilayer(
        mu_e=6.0, mu_h=3.0, rashba_e=0.0, zeeman_inplane=0.0, zeeman_outofplane=4.0, mass_ratio=2.0
    )
    n_e, n_h = 10.0 / (2.0 * math.pi), 2.0 * 7.0 / (2.0 * math.pi)
    assert_allclose(current_bound(bilayer, 0.3, t=0.05), 0.3 / (1 / n_e + 2.0 / n_h), rtol=1e-6)


def test_no_critical_current_exceeds_the_bound_and_98_does(natural):
    theory, exact = natural
    q = np.linspace(exact.q0[0], exact.q_plus[0], 21)[1:]
    bounds = np.array([current_bound(NATURAL, p - exact.q0[0]) for p in q])
    assert np.all(theory.current(q)[0] < bounds)
    # even a pair momentum of 1/l_u, several times the critical one, does not carry 98.4 J_u
    assert 2.0 * current_bound(NATURAL, 1.0) < 98.4 / 20.0
    paper = GinzburgLandau(PAPER, PUBLISHED.t).diode()
    assert paper.jc_plus < current_bound(PAPER, paper.q_plus[0] - paper.q0[0])


def test_bad_input(natural):
    theory, exact = natural
    with pytest.raises(ValueError, match=r"step must be positive \(got 0"):
        sampled_diode(theory, 0.0, exact=exact)
    with pytest.raises(ValueError, match=r"step must leave three samples .*\(got 5"):
        sampled_diode(theory, 5.0, exact=exact)
    with pytest.raises(ValueError, match=r"momentum must be positive \(got -1"):
        current_bound(NATURAL, -1.0)


@pytest.mark.filterwarnings("ignore::cedrag.errors.ValidityWarning")
def test_samples_lie_on_the_axis_only():
    theory = GinzburgLandau(NATURAL)
    with pytest.raises(ValueError, match=r"exact must be a diode along x .* \(got angle 1.2"):
        sampled_diode(theory, 0.1, exact=theory.diode(1.2))
