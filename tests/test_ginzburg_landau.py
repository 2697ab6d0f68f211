"""GinzburgLandau against an independent derivation, its own derivatives and its limits."""

import json
import math
import warnings
from pathlib import Path

import numpy as np
import pytest

from cedrag import (
    Bilayer,
    GinzburgLandau,
    OccupiedUpperBranchWarning,
    UnstableQuarticWarning,
)

# Written by a second derivation (plain numpy, own closed forms and own quadrature), before and
# without sight of this package's kernels; convergence_error is between its two meshes.
REFERENCE = json.loads((Path(__file__).parent / "data" / "independent_reference.json").read_text())
READING_A = Bilayer.from_fermi_energies(
    fermi_energy_e=8.57,
    fermi_energy_h=6.00,
    rashba_e=0.956,
    zeeman_inplane=3.0,
    zeeman_outofplane=10.84,
)


@pytest.mark.parametrize("point", REFERENCE["points"], ids=lambda p: f"{p['name']}-{p['q']}")
def test_second_derivation_agrees(point):
    theory = GinzburgLandau(Bilayer(**point["bilayer"]), point["t"], rtol=1e-10)
    q = point["q"]
    grad_alpha, grad_beta = theory.gradients(*q)
    assert theory.binding_energy == pytest.approx(point["binding_energy"], rel=1e-9)
    scale = abs(point["grad_alpha"][0]) + abs(point["grad_alpha"][1])
    assert theory.alpha(*q) == pytest.approx(point["alpha"], rel=1e-8, abs=1e-11)
    assert theory.beta(*q) == pytest.approx(point["beta"], rel=1e-9, abs=1e-11)
    np.testing.assert_allclose(grad_alpha, point["grad_alpha"], atol=1e-9 * scale)
    np.testing.assert_allclose(grad_beta, point["grad_beta"], rtol=1e-7, atol=1e-9)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UnstableQuarticWarning)
        current = theory.current(*q)
    if np.all(np.isfinite(current)) and np.any(current != 0.0):
        np.testing.assert_allclose(current, point["current"], rtol=1e-6, atol=1e-10)


def test_gradients_and_current_are_derivatives():
    theory = GinzburgLandau(READING_A, rtol=1e-10)
    h, weights = 1e-3, np.array([1, -8, 8, -1]) / 12.0
    for qx, qy in ((0.3, 0.0), (0.35, 0.1)):
        grad_alpha, grad_beta = theory.gradients(qx, qy)
        current = theory.current(qx, qy)
        for axis in (0, 1):
            step = h * np.array([-2, -1, 1, 2])
            at = (qx + step, qy) if axis == 0 else (qx, qy + step)
            assert weights @ theory.alpha(*at) / h == pytest.approx(grad_alpha[axis], abs=1e-10)
            assert weights @ theory.beta(*at) / h == pytest.approx(grad_beta[axis], abs=1e-9)
            slope = weights @ theory.free_energy(*at) / h
            assert slope == pytest.approx(current[axis], abs=1e-8)


def test_minimum_over_the_gap():
    theory = GinzburgLandau(READING_A)
    alpha, beta = float(theory.alpha(0.3)), float(theory.beta(0.3))
    gap = float(theory.gap(0.3))
    trial = gap * np.linspace(0.5, 1.5, 2001)
    values = alpha * trial**2 + 0.5 * beta * trial**4
    assert theory.free_energy(0.3) == pytest.approx(values.min(), rel=1e-6)
    assert trial[values.argmin()] == pytest.approx(gap, rel=1e-3)


def test_interaction_is_the_same_whichever_way_it_is_named():
    by_temperature = GinzburgLandau(READING_A, 0.9)
    by_binding = GinzburgLandau(READING_A, 0.9, binding_energy=by_temperature.binding_energy)
    q = np.linspace(0.0, 0.6, 5)
    np.testing.assert_allclose(by_binding.alpha(q), by_temperature.alpha(q), atol=1e-12)
    at_critical = GinzburgLandau(READING_A, 1.0)
    assert abs(float(at_critical.alpha(*at_critical.pairing_momentum))) < 1e-11


def test_shapes_broadcast():
    theory = GinzburgLandau(READING_A, rtol=1e-5)
    qx, qy = np.linspace(0, 0.4, 3)[:, None], np.linspace(-0.2, 0.2, 4)
    assert theory.alpha(qx, qy).shape == theory.beta(qx, qy).shape == (3, 4)
    assert theory.current(qx, qy).shape == (2, 3, 4)
    assert theory.free_energy(0.2).shape == ()


def test_normal_state_carries_nothing():
    theory = GinzburgLandau(READING_A)
    assert theory.alpha(3.0) > 0.0
    assert theory.free_energy(3.0) == theory.gap(3.0) == 0.0
    assert np.all(theory.current(3.0) == 0.0)


def test_error_estimates_are_small_and_positive():
    theory = GinzburgLandau(READING_A, rtol=1e-6)
    fine = GinzburgLandau(READING_A, rtol=1e-11)
    q = np.linspace(0.0, 0.5, 6)
    d_alpha, d_beta, *_ = theory.errors(q)
    assert np.all(d_alpha > 0.0)
    assert np.all(np.abs(theory.alpha(q) - fine.alpha(q)) <= d_alpha)
    assert np.all(np.abs(theory.beta(q) - fine.beta(q)) <= d_beta)
    assert np.all(theory.current_error(q)[0] > 0.0)


def test_unstable_region_is_named():
    theory = GinzburgLandau(READING_A, 0.6, rtol=1e-5)
    with pytest.warns(UnstableQuarticWarning, match="beta <= 0 where alpha < 0"):
        free_energy = theory.free_energy(0.0)
    assert free_energy == -math.inf
    with pytest.warns(UnstableQuarticWarning):
        assert theory.gap(0.0) == math.inf


def test_occupied_upper_branch_is_named():
    with pytest.warns(OccupiedUpperBranchWarning, match="upper spin branch"):
        GinzburgLandau(READING_A.replace(mu_e=30.0))


@pytest.mark.parametrize(
    ("arguments", "error", "rule"),
    [
        ({"t": 0.0}, ValueError, r"t must be positive \(got 0.0\)"),
        ({"t": -0.5}, ValueError, r"t must be positive \(got -0.5\)"),
        ({"t": math.nan}, ValueError, r"t must be finite \(got nan\)"),
        ({"t": "0.9"}, TypeError, r"t must be a real number \(got '0.9'\)"),
        ({"rtol": 0.0}, ValueError, r"rtol must be positive \(got 0.0\)"),
        ({"rtol": 0.5}, ValueError, r"rtol must lie between 1e-12 and 1e-2 \(got 0.5\)"),
        ({"binding_energy": 0.0}, ValueError, r"binding_energy must be positive \(got 0.0\)"),
        ({"binding_energy": math.inf}, ValueError, r"binding_energy must be finite \(got inf\)"),
    ],
)
def test_refused_arguments(arguments, error, rule):
    with pytest.raises(error, match=rule):
        GinzburgLandau(READING_A, **arguments)


def test_refused_momenta_and_bilayers():
    theory = GinzburgLandau(READING_A)
    with pytest.raises(TypeError, match="bilayer must be a Bilayer"):
        GinzburgLandau({"mu_e": 1.0})
    with pytest.raises(TypeError, match="qx must be real"):
        theory.alpha(np.array([0.1 + 0.2j]))
    with pytest.raises(ValueError, match=r"qy must be finite \(got nan\)"):
        theory.current(0.1, math.nan)
    with pytest.raises(
        ValueError, match=r"qx and qy must broadcast .* \(got shapes \(3,\), \(4,\)\)"
    ):
        theory.alpha(np.zeros(3), np.zeros(4))
    with pytest.raises(ValueError, match="qx must be a rectangular array"):
        theory.alpha([[0.1], [0.1, 0.2]])
