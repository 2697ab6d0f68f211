"""Zeros, period and size of eta(B), for curves that are known and for each explanation."""

import math

import numpy as np
import pytest
from numpy.testing import assert_allclose

from cedrag.paper.explanations import (
    FIELDS,
    ROUND_SETS,
    converged_efficiencies,
    grid_efficiencies,
    oscillation,
    round_set,
    sampled_efficiencies,
)


def test_a_sine_has_its_zeros_and_its_period():
    B = np.linspace(0.05, 9.0, 500)
    found = oscillation(B, 0.02 * np.sin(2.0 * np.pi * B / 1.7))
    assert found.zeros == int(2 * 9.0 / 1.7)
    assert_allclose(found.period, 1.7, rtol=1e-4)
    assert_allclose(found.at_three, 0.02 * math.sin(2.0 * math.pi * 3.0 / 1.7), rtol=2e-3)


def test_one_zero_has_no_period():
    found = oscillation([1.0, 2.0, 3.0], [-0.01, -0.01, 0.03])
    assert (found.zeros, found.largest, found.at_three) == (1, 0.03, 0.03)
    assert math.isnan(found.period)


def test_fields_must_ascend():
    with pytest.raises(ValueError, match="fields must ascend"):
        oscillation([1.0, 3.0, 2.0], [0.0, 0.0, 0.0])


def test_only_sums_that_are_not_converged_oscillate():
    assert 3.0 in FIELDS
    fields = FIELDS[::3]
    assert oscillation(fields, converged_efficiencies(fields=fields)).zeros == 0
    assert oscillation(fields, grid_efficiencies(0.7, fields=fields)).zeros == 2
    assert oscillation(FIELDS, sampled_efficiencies(0.1)).zeros >= 8


def test_the_round_sets_on_the_grid():
    """All give q0 = 0.2 there, eight have an |eta| of 1.5 to 2.2 %, five of them positive."""
    found = [round_set(*numbers) for numbers in ROUND_SETS]
    assert len(found) == 30
    assert all(abs(one.sampled_q0 - 0.2) < 1e-9 for one in found)
    hits = [one.sampled_efficiency for one in found if one.like_published]
    assert (len(hits), sum(eta > 0 for eta in hits)) == (8, 5)
    assert max(abs(one.efficiency) for one in found) < 1e-3
    periods = [one.period for one in found]
    assert 1.4 < min(periods) < max(periods) < 2.0
