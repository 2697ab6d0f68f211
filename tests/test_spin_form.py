"""The quadratic form with spin: two algorithms, its gradient, its error."""

import numpy as np
import pytest

from cedrag import NATURAL, PAPER
from cedrag.condensate.pair_states import PairStates
from cedrag.condensate.spin_form import SpinForm, TextureForm


@pytest.mark.parametrize("bilayer", [NATURAL, PAPER])
@pytest.mark.parametrize("q", [(0.2, 0.0), (0.4, 0.3)])
def test_it_is_the_curvature_of_omega_at_zero(bilayer, q):
    """Closed Matsubara sums against eigenvectors next to Delta = 0, each on its own mesh."""
    value, error = SpinForm(bilayer, 0.8, 1e-9).lowest_with_error([q])
    other = PairStates(bilayer, 0.8, "full", 1e-9).alpha(q)
    assert value[0] == pytest.approx(other, abs=1e-9)
    assert 0.0 <= error[0] < 1e-8


@pytest.mark.parametrize("kind", [SpinForm, TextureForm])
def test_gradient(kind):
    form, h = kind(NATURAL, 0.9, 1e-10), 1e-3
    q = np.array([0.35, 0.15])
    _, gradient = form.lowest([q])
    for i, step in enumerate(h * np.eye(2)):
        f = form.lowest(q + np.outer([-2.0, -1.0, 1.0, 2.0], step))[0]
        assert gradient[0, i] == pytest.approx(
            (f[0] - 8 * f[1] + 8 * f[2] - f[3]) / (12 * h), abs=1e-8
        )
    assert form.lowest([[0.35, 0.0]])[1][0, 1] == 0.0  # the mirror


def test_scan_is_close():
    form = SpinForm(NATURAL, 0.9, 1e-9)
    assert form.scan([[0.2, 0.0]]) == pytest.approx(form.lowest([[0.2, 0.0]])[0], rel=1e-3)
