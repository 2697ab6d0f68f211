"""The branch between the critical currents, against its own theory and Ginzburg-Landau forms."""

import math
import warnings

import numpy as np
import pytest

from cedrag import NATURAL, GinzburgLandau, MeanField, NoCondensateError, ValidityWarning
from cedrag.laboratory.superflow import find_superflow


@pytest.fixture(scope="module")
def theory():
    return MeanField(NATURAL, 0.5, spin="band")


@pytest.fixture(scope="module")
def flow(theory):
    return find_superflow(theory)


def test_its_ends_are_the_critical_currents(flow, theory):
    diode = theory.diode()
    assert flow.jc_plus == pytest.approx(diode.jc_plus, rel=1e-8)
    assert flow.jc_minus == pytest.approx(diode.jc_minus, rel=1e-8)
    assert flow.stiffness([flow.jc_minus, flow.jc_plus]) == pytest.approx([0.0, 0.0], abs=2e-3)
    assert flow.error < 1e-7


def test_at_rest_it_has_the_stiffness_of_the_condensate(flow, theory):
    expected = math.sqrt(np.linalg.det(theory.condensate().stiffness))
    assert flow.stiffness(0.0) == pytest.approx(expected, rel=1e-4)
    assert flow.momentum_at(0.0) == pytest.approx(flow.q0, abs=1e-5)


def test_currents_between_the_nodes(flow, theory):
    q = np.array([-0.21, 0.05, 0.37, 0.61])
    assert np.interp(q, flow.momentum, flow.current) == pytest.approx(
        theory.current(q)[0], abs=3e-6
    )


def test_coherence_length_is_that_of_the_depairing_current():
    """Close to T_c the Ginzburg-Landau relation J_c = 2 D/(3 sqrt 3 xi)."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ValidityWarning)
        flow = find_superflow(GinzburgLandau(NATURAL.replace(rashba_e=0.0), 0.99))
    D = flow.along[len(flow.along) // 2]
    expected = 2.0 * D / (3.0 * math.sqrt(3.0) * flow.coherence_length)
    assert flow.jc_plus == pytest.approx(expected, rel=5e-3)


def test_reversed_field_reverses_the_branch(flow):
    back = find_superflow(MeanField(NATURAL.replace(zeeman_inplane=-3.0), 0.5, spin="band"))
    J = np.array([-0.2, 0.0, 0.1, 0.25])
    assert back.stiffness(-J) == pytest.approx(flow.stiffness(J), rel=1e-5)


def test_without_a_condensate_there_is_no_branch():
    with pytest.raises(NoCondensateError, match="t must be below 1"):
        find_superflow(MeanField(NATURAL, 1.1, spin="band"))
    with pytest.raises(ValueError, match="points must be at least 8"):
        find_superflow(MeanField(NATURAL, 0.5, spin="band"), points=4)
    with pytest.raises(TypeError, match="theory must be an object with current"):
        find_superflow(3)
