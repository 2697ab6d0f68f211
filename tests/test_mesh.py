"""The quadrature rule, its nodes, and whether its error estimate is an error estimate."""

import numpy as np
import pytest

from cedrag.kernels.mesh_builder import angular_error, trapezoid_weights
from cedrag.kernels.radial import LANES, sharpen
from cedrag.pairing.integrals import PairIntegrals
from cedrag.pairing.mesh import GAUSS_WEIGHTS, KRONROD_NODES, KRONROD_WEIGHTS
from cedrag.paper.calibration import NATURAL, PAPER


def test_kronrod_rule_has_its_degree():
    for degree in range(0, 24, 2):
        exact = 2.0 / (degree + 1)
        assert KRONROD_WEIGHTS @ KRONROD_NODES**degree == pytest.approx(exact, rel=1e-14)
        if degree < 14:
            assert GAUSS_WEIGHTS @ KRONROD_NODES**degree == pytest.approx(exact, rel=1e-14)
    assert abs(GAUSS_WEIGHTS @ KRONROD_NODES**14 - 2.0 / 15) > 1e-4


def mesh_at(rtol, t=0.9, bilayer=PAPER):
    integrals = PairIntegrals(bilayer, t, rtol)
    integrals.values(np.array([[0.0, 0.0], [0.5, 0.0]]))
    return integrals.meshes[0][0]


@pytest.mark.parametrize("bilayer", [PAPER, NATURAL])
def test_nodes_integrate_what_is_known(bilayer):
    # Int d^2k/(2 pi)^2 of the square of a Lorentzian about (c, 0) is 1/(4 pi w^2)
    mesh, width = mesh_at(1e-10, bilayer=bilayer), 4.0
    kx, ky, weight = mesh.plane_nodes
    value = np.sum(weight / ((kx - 0.3) ** 2 + ky**2 + width**2) ** 2)
    assert value == pytest.approx(1.0 / (4.0 * np.pi * width**2), rel=1e-9)


def test_finer_tolerance_takes_more_nodes():
    sizes = [mesh_at(rtol, t=0.3).size for rtol in (1e-3, 1e-7, 1e-11)]
    assert sizes[0] < sizes[1] < sizes[2]


def test_few_nodes_are_enough():
    # an adaptive mesh in plain polar coordinates took 7,600
    assert mesh_at(1e-8).size < 2000


def test_values_are_the_sums_without_their_errors():
    integrals = PairIntegrals(PAPER, 0.9, 1e-8)
    q = np.array([[0.1, 0.0], [0.3, 0.2]])
    values = integrals.values(q)
    mesh = integrals.meshes[0][0]
    sums, _, norms = mesh.sums(q, integrals.model)
    np.testing.assert_allclose(values, sums, rtol=0, atol=1e-13 * norms.max())
    np.testing.assert_allclose(
        mesh.alpha(q, integrals.model), sums[:, 0], rtol=0, atol=1e-13 * norms[0, 0]
    )


def test_trapezoid_weights_count_the_mirror_image():
    theta = np.linspace(0.0, np.pi, 9)
    for n in (16, 8, 4):
        weight = trapezoid_weights(theta, n)
        assert np.count_nonzero(weight) == n // 2 + 1
        # full circle: cos^2 integrates to pi, and the rule is exact for it
        assert weight @ np.cos(theta) ** 2 == pytest.approx(np.pi, rel=1e-14)


@pytest.mark.parametrize("ratio", [0.5, 1e-2])
def test_angular_error_bounds_geometric_and_algebraic_convergence(ratio):
    algebraic = 1.0 + ratio ** np.arange(1, 4)  # each doubling gains one factor
    coarser, coarse, fine = algebraic
    assert angular_error(fine, coarse, coarser) >= 0.9 * (1.0 - ratio) * abs(fine - 1.0)
    geometric = 1.0 + ratio ** (2.0 ** np.arange(3))  # each doubling squares the error
    coarser, coarse, fine = geometric
    assert angular_error(fine, coarse, coarser) >= abs(fine - 1.0)
    assert angular_error(1.0, 1.5, 1.5) == 0.5


def test_sharpen_never_exceeds_the_difference():
    difference = 10.0 ** np.linspace(-18, 0, LANES)
    error = np.empty(LANES)
    sharpen(difference, np.zeros(LANES), np.ones(LANES), error)
    assert np.all(error <= difference)
    assert error[0] < 1e-3 * difference[0]
