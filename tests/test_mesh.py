"""The quadrature rule, and whether its error estimate is an error estimate."""

import numpy as np
import pytest

from cedrag.mesh import GAUSS_WEIGHTS, KRONROD_NODES, KRONROD_WEIGHTS, build_mesh, sharpen


def test_kronrod_rule_has_its_degree():
    for degree in range(0, 24, 2):
        exact = 2.0 / (degree + 1)
        assert KRONROD_WEIGHTS @ KRONROD_NODES**degree == pytest.approx(exact, rel=1e-14)
        if degree < 14:
            assert GAUSS_WEIGHTS @ KRONROD_NODES**degree == pytest.approx(exact, rel=1e-14)
    assert abs(GAUSS_WEIGHTS @ KRONROD_NODES**14 - 2.0 / 15) > 1e-4


class Smooth:
    """Off-centre Lorentzian squared: Int d^2k/(2 pi)^2 1/((k-c)^2 + w^2)^2 = 1/(4 pi w^2)."""

    rounding = 4e-15
    width, centre = 0.4, np.array([0.7, 0.0])

    def __init__(self, angular=False):
        self.refuse = angular

    def value(self, kx, ky):
        r2 = (kx - self.centre[0]) ** 2 + (ky - self.centre[1]) ** 2
        return 1.0 / (r2 + self.width**2) ** 2

    def panel_sums(self, kx, ky, weight):
        f = weight * self.value(kx, ky)
        ratio = GAUSS_WEIGHTS / KRONROD_WEIGHTS
        return f.sum(1)[:, None], (f * ratio).sum(1)[:, None], np.abs(f).sum(1)[:, None]

    def natural_scale(self, norms):
        return norms

    def unresolved_panels(self, kx, ky):
        return np.zeros(len(kx), bool)

    def unresolved_angles(self, kx, ky, panel_ray, order):
        # an integrand that distrusts equally spaced rays sends the mesh to angular panels
        return self.refuse and len(order) != 15


@pytest.mark.parametrize("symmetric", [True, False])
@pytest.mark.parametrize("angular", [True, False])
@pytest.mark.parametrize("rtol", [1e-4, 1e-8, 1e-11])
def test_integrates_to_the_tolerance_asked_for(symmetric, angular, rtol):
    integrand = Smooth(angular)
    mesh = build_mesh(
        integrand, origin=0.0, radius=3.0, outermost=3.0, symmetric=symmetric, rtol=rtol
    )
    per_ray = np.zeros(len(mesh.ray_fine))
    np.add.at(per_ray, mesh.panel_ray, (mesh.weight * integrand.value(mesh.kx, mesh.ky)).sum(1))
    exact = 1.0 / (4.0 * np.pi * integrand.width**2)
    assert mesh.ray_fine @ per_ray == pytest.approx(exact, rel=rtol)
    assert mesh.n_groups == (1 if not angular else mesh.n_groups)
    assert mesh.symmetric == symmetric
    assert np.all(np.diff(mesh.panel_ray) >= 0)


def test_finer_tolerance_takes_more_nodes():
    sizes = [
        build_mesh(Smooth(), origin=0.0, radius=3.0, outermost=3.0, symmetric=True, rtol=rtol).size
        for rtol in (1e-3, 1e-7, 1e-11)
    ]
    assert sizes[0] < sizes[1] < sizes[2]


def test_sharpen_never_exceeds_the_difference():
    difference = 10.0 ** np.linspace(-18, 0, 50)
    sharpened = sharpen(difference, np.ones(50))
    assert np.all(sharpened <= difference)
    assert sharpened[0] < 1e-3 * difference[0]
    assert sharpen(np.zeros(1), np.zeros(1)) == 0.0
