"""Maps by interpolation against the integrals themselves."""

import numpy as np
import pytest

from cedrag import NATURAL, PAPER
from cedrag.errors import ConvergenceError
from cedrag.pairing.integrals import PairIntegrals
from cedrag.pairing.plane import map_integrals


@pytest.mark.parametrize(("bilayer", "t"), [(PAPER, 0.9), (NATURAL, 0.9), (NATURAL, 0.5)])
@pytest.mark.parametrize("box", [((-0.3, -0.5), (0.7, 0.5)), ((0.0, 0.2), (0.5, 0.6))])
def test_interpolated_values_are_within_their_errors(bilayer, t, box):
    q = np.random.default_rng(5).uniform(*box, (4000, 2))
    integrals = PairIntegrals(bilayer, t, 1e-8)
    values, errors = map_integrals(integrals, q, 4.8)
    some = q[::133]
    want, own, scale = PairIntegrals(bilayer, t, 1e-10).evaluate(some)
    assert np.all(np.abs(values[::133] - want) <= errors[::133] + own)
    assert np.all(errors[::133] < 1e-7 * scale)


def test_a_line_needs_one_row_of_nodes():
    q = np.column_stack([np.linspace(-0.4, 0.8, 1500), np.zeros(1500)])
    values, errors = map_integrals(PairIntegrals(PAPER, 0.9, 1e-8), q, 4.8)
    want = PairIntegrals(PAPER, 0.9, 1e-9).evaluate(q[::250])[0]
    assert np.all(np.abs(values[::250] - want) <= errors[::250] + 1e-12)


def test_too_wide_a_box_is_refused():
    q = np.random.default_rng(1).uniform(-40.0, 40.0, (1000, 2))
    with pytest.raises(ConvergenceError, match="nodes"):
        map_integrals(PairIntegrals(PAPER, 0.9, 1e-8), q, 4.8)
