"""The saddle of a phase slip: known barriers, symmetries, and a second way to the derivative."""

import math
import warnings

import numpy as np
import pytest

from cedrag import NATURAL, PAPER, GinzburgLandau, NoCondensateError, ValidityWarning
from cedrag.laboratory.gradient_expansion import GradientExpansion, gradient_expansion
from cedrag.laboratory.phase_slips import find_saddle, langer_ambegaokar

EVEN = GradientExpansion(alpha=(-2.0, 0.5, 0.0, 0.0), beta=(1.5, 0.0))
ODD = GradientExpansion(alpha=(-1.0, 1.0, 0.2, 0.3), beta=(1.0, -0.15))


@pytest.mark.parametrize("k", [0.0, 0.1, 0.3, 0.5, 0.57])
def test_even_functional_has_the_barrier_of_langer_and_ambegaokar(k):
    unit = EVEN.energy * EVEN.coherence_length
    for sign in (1.0, -1.0):
        saddle = find_saddle(EVEN, sign * 2.0 * k * (1.0 - k * k) * unit)
        assert saddle.barrier == pytest.approx(langer_ambegaokar(k) * unit, rel=1e-7)


def test_barrier_without_current_is_8_sqrt_2_over_3_condensation_energies():
    condensation = 0.5 * EVEN.energy
    expected = 8.0 * math.sqrt(2.0) / 3.0 * condensation * EVEN.coherence_length
    assert find_saddle(EVEN, 0.0).barrier == pytest.approx(expected, rel=1e-10)


@pytest.mark.parametrize("edge", ["jc_plus", "jc_minus"])
def test_barrier_vanishes_at_both_critical_currents(edge):
    """As (1 - J/J_c)^(5/4)."""
    limit = getattr(ODD, edge)
    near, nearer = (find_saddle(ODD, (1.0 - e) * limit).barrier for e in (1e-3, 1e-4))
    assert nearer < 1e-4 * find_saddle(ODD, 0.0).barrier
    assert math.log10(near / nearer) == pytest.approx(1.25, abs=0.01)


def test_the_slope_of_the_barrier_is_the_change_of_phase():
    """dF/dJ from differences against the phase of the state: J enters by the source alone."""
    J, h = 0.3 * ODD.jc_plus, 1e-4
    left, middle, right = (find_saddle(ODD, J + d) for d in (-h, 0.0, h))
    slope = (right.barrier - left.barrier) / (2.0 * h)
    assert -2.0 * math.pi < slope < 0.0
    turned = 2.0 * np.angle(middle.state[-1] / (1j * np.sign(middle.state[0].imag)))
    # a uniform state with slightly other J has another momentum, at the same end of the wire
    assert slope == pytest.approx(-turned, rel=1e-6)


def test_detailed_balance():
    for J in (0.0, 0.2, -0.3):
        saddle = find_saddle(ODD, J)
        back = saddle.barrier_back - saddle.barrier
        assert back == pytest.approx(2.0 * math.pi * abs(J), abs=1e-14)
    forth, back = find_saddle(ODD, 1e-7).barrier, find_saddle(ODD, -1e-7).barrier
    assert forth == pytest.approx(back, rel=1e-6)  # at rest both ways are the same


def test_it_is_a_saddle_and_both_directions_differ():
    plus, minus = find_saddle(ODD, 0.4), find_saddle(ODD, -0.4)
    assert plus.unstable_modes == minus.unstable_modes == 1
    assert max(plus.residual, minus.residual) < 1e-9
    assert abs(plus.barrier / minus.barrier - 1.0) > 0.01


def test_mirror_image_exchanges_the_directions():
    image = GradientExpansion(alpha=(-1.0, 1.0, -0.2, 0.3), beta=(1.0, 0.15))
    assert image.jc_plus == pytest.approx(-ODD.jc_minus, rel=1e-12)
    assert find_saddle(image, -0.3).barrier == pytest.approx(
        find_saddle(ODD, 0.3).barrier, rel=1e-8
    )


def test_critical_current_against_the_uniform_free_energy():
    k = np.linspace(-1.0, 1.0, 200001)
    F = -0.5 * (-1.0 + k**2 + 0.2 * k**3 + 0.3 * k**4) ** 2 / (1.0 - 0.15 * k)
    J = np.gradient(F, k)
    inner = np.abs(k) < 0.7
    assert ODD.jc_plus == pytest.approx(J[inner].max(), rel=1e-6)
    assert ODD.jc_minus == pytest.approx(J[inner].min(), rel=1e-6)


def test_coefficients_of_the_microscopic_theory():
    """Differences of alpha and beta at q*, and J_c near T_c where the gradients suffice."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ValidityWarning)
        theory = GinzburgLandau(NATURAL, 0.99)
        found = gradient_expansion(theory)
        diode = theory.diode()
    q, h = found.momentum, 0.02
    a = theory.alpha(q + h * np.arange(-2, 3))
    assert found.alpha[0] == pytest.approx(a[2], rel=1e-8)
    assert found.alpha[1] == pytest.approx((16 * (a[1] + a[3]) - a[0] - a[4] - 30 * a[2])
                                           / (24 * h * h), rel=1e-5)  # fmt: skip
    assert found.beta[0] == pytest.approx(float(theory.beta(q)), rel=1e-9)
    assert found.jc_plus == pytest.approx(diode.jc_plus, rel=5e-3)
    assert found.t == 0.99
    assert found.fitted < 1e-3


def test_a_negative_quartic_gradient_is_replaced_and_said():
    natural = gradient_expansion(GinzburgLandau(NATURAL, 0.9))
    assert natural.alpha[3] < 0.0
    assert natural.stabilised
    assert natural.shape[2] == pytest.approx(0.25 * natural.shape[1] ** 2)
    assert not ODD.stabilised


def test_no_expansion_where_alpha_is_positive():
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ValidityWarning)
        with pytest.raises(NoCondensateError, match="negative minimum"):
            gradient_expansion(GinzburgLandau(PAPER, 0.3))


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: GradientExpansion(alpha=(1.0, 1.0, 0.0, 0.0), beta=(1.0, 0.0)), "alpha must"),
        (lambda: GradientExpansion(alpha=(-1.0, 1.0, 0.0), beta=(1.0, 0.0)), "4 coefficients"),
        (lambda: GradientExpansion(alpha=(-1.0, 1.0, 0.0, 0.0), beta=(0.0, 0.0)), "beta must"),
        (lambda: find_saddle(EVEN, 1.01 * EVEN.jc_plus), "current must lie between"),
        (lambda: find_saddle(3, 0.0), "expansion must be a GradientExpansion"),
        (lambda: langer_ambegaokar(0.6), "k must not exceed"),
    ],
)
def test_bad_input_is_named(call, message):
    with pytest.raises((TypeError, ValueError), match=message):
        call()
