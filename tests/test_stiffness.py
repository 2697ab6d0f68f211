"""Differences of currents that are polynomials, where each stencil is exact up to its order."""

import numpy as np
import pytest

from cedrag.condensate.stiffness import differences, hessian

Q = np.array([0.3, -0.2])


class Currents:
    """A theory as far as ``hessian`` needs it."""

    def __init__(self, formula):
        self.formula = formula

    def current(self, x, y):
        return self.formula(x, y)


@pytest.mark.parametrize("short", [False, True])
def test_linear_currents_give_their_matrix(short):
    """J = D q with D = [[2, 7], [7, 3]]."""

    def current(x, y):
        return np.array([2.0 * x + 7.0 * y, 7.0 * x + 3.0 * y])

    found = differences(current, Q, 0.1, short=short)
    np.testing.assert_allclose(found, [[2.0, 7.0], [7.0, 3.0]], rtol=1e-13)


def test_rounding_of_the_mixed_derivative_is_shared():
    """dJ_y/dx = 1 and dJ_x/dy = 5 cannot belong to one F: what is given is their mean."""
    found = differences(lambda x, y: np.array([5.0 * y, x]), Q, 0.1)
    np.testing.assert_allclose(found, [[0.0, 3.0], [3.0, 0.0]], atol=1e-13)


@pytest.mark.parametrize(("short", "order"), [(True, 4), (False, 8)])
def test_exact_up_to_the_order_and_not_beyond(short, order):
    """J = ((x - a)^n, (y - b)^n): the slope n at x = a + 1, y = b + 1."""
    for n in range(1, order + 1):
        found = differences(
            lambda x, y, n=n: np.array([(x + 0.7) ** n, (y + 1.2) ** n]), Q, 0.25, short=short
        )
        np.testing.assert_allclose(found, n * np.eye(2), rtol=1e-11, atol=1e-11)
    n = order + 1
    odd = differences(lambda x, y: np.array([(x - 0.3) ** n, (y + 0.2) ** n]), Q, 0.25, short=short)
    assert np.all(np.abs(np.diag(odd)) > 1e-6)  # 0 if it were exact


def test_short_asks_for_half_of_the_currents():
    asked = []

    def current(x, y):
        asked.append(len(x))
        return np.array([x, y])

    differences(current, Q, 0.1)
    differences(current, Q, 0.1, short=True)
    assert asked == [16, 8]


def test_hessian_takes_the_step_it_is_given():
    """Of x^9 at 0 the order-8 stencil gives -9!/630 h^8 = -576 h^8 instead of 0."""
    theory = Currents(lambda x, y: np.array([x**9, 0.0 * y]))
    for step in (0.5, 0.25):
        assert hessian(theory, (0.0, 0.0), step)[0, 0] == pytest.approx(-576.0 * step**8, rel=1e-9)


def test_bad_input():
    theory = Currents(lambda x, y: np.array([x, y]))
    with pytest.raises(ValueError, match=r"q must be two numbers \(got shape \(3,\)\)"):
        hessian(theory, (0.0, 0.0, 0.0), 0.1)
    with pytest.raises(ValueError, match=r"step must be positive \(got 0"):
        hessian(theory, (0.0, 0.0), 0.0)
    with pytest.raises(TypeError, match="theory must be an object with current"):
        hessian(None, (0.0, 0.0), 0.1)
