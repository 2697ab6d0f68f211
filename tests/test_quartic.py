"""The error of the current follows from the errors of the integrals, term by term."""

import numpy as np
import pytest

from cedrag.condensate.quartic import Coefficients, current_density, current_uncertainty

INTEGRALS = np.array([-0.31, 0.047, 0.83, -0.29])  # alpha, beta, and their gradients
STEP = 1e-6


@pytest.mark.parametrize("which", range(4))
def test_each_error_moves_the_current_as_estimated(which):
    errors = np.zeros(4)
    errors[which] = STEP
    moved = abs(current_density(*(INTEGRALS + errors)) - current_density(*(INTEGRALS - errors)))
    assert current_uncertainty(Coefficients(*INTEGRALS), Coefficients(*errors)) == pytest.approx(
        0.5 * moved, rel=1e-7, abs=0.0
    )


def test_the_errors_add_up_to_the_worst_case():
    errors = np.array([1e-6, 3e-7, 2e-6, 4e-6])
    signs = np.array(np.meshgrid(*[[-1.0, 1.0]] * 4)).reshape(4, -1)
    moved = current_density(*(INTEGRALS[:, None] + errors[:, None] * signs))
    worst = np.abs(moved - current_density(*INTEGRALS)).max()
    assert current_uncertainty(Coefficients(*INTEGRALS), Coefficients(*errors)) == pytest.approx(
        worst, rel=1e-4, abs=0.0
    )
