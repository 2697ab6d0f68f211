"""Switching statistics: closed forms, sampled ramps, and the number of ramps."""

import math

import numpy as np
import pytest
from scipy import special

from cedrag.laboratory.switching import (
    Switching,
    ramps_needed,
    retrapping_current,
    switching_currents,
    switching_distribution,
)


class Law:
    """A barrier that is linear in the current, with edges of its own."""

    def __init__(self, plus, minus, height=60.0):
        self.current_plus, self.current_minus, self.height = plus, -minus, height

    def barrier(self, current):
        I = np.asarray(current)  # noqa: E741
        edge = np.where(I >= 0.0, self.current_plus, -self.current_minus)
        return self.height * (1.0 - np.abs(I) / edge)


def test_linear_barrier_is_a_gumbel_distribution():
    """Hazard ~ e^{bI}: with z = A/(b r) small, <bI> = -ln z - gamma, variance pi^2/6 over b^2."""
    height, limit, ramp, omega = 60.0, 1e-6, 1e-6, 1e11
    b = height / limit
    z = omega * math.exp(-height) / (b * ramp)
    found = switching_distribution(
        Law(limit, limit).barrier, limit, attempt_rate=omega, ramp_rate=ramp
    )
    mean = special.exp1(z) * math.exp(z) / b
    assert found.mean == pytest.approx(mean, rel=1e-6)
    assert found.deviation == pytest.approx(math.pi / math.sqrt(6.0) / b, rel=1e-4)
    assert np.trapezoid(found.density, found.current) == pytest.approx(1.0, abs=1e-4)


def test_sampled_ramps_agree():
    """Invert the hazard for random numbers: a second way to mean and deviation."""
    law = Law(1e-6, 1e-6, 40.0)
    found = switching_distribution(law.barrier, 1e-6, attempt_rate=1e11)
    b = 40.0 / 1e-6
    hazard = 1e11 * math.exp(-40.0) / (b * 1e-6)
    I = np.log1p(np.random.default_rng(7).exponential(size=200_000) / hazard) / b  # noqa: E741
    assert np.all(I < 1e-6)
    assert found.mean == pytest.approx(I.mean(), abs=4.0 * I.std() / 447.0)
    assert found.deviation == pytest.approx(I.std(), rel=0.01)


def test_without_escape_it_switches_at_the_critical_current():
    found = switching_distribution(
        lambda I: np.where(I < 1e-6, 1e4, 0.0),  # noqa: E741
        1e-6, attempt_rate=1e11,
    )  # fmt: skip
    assert found.mean == pytest.approx(1e-6, rel=1e-6)
    assert found.deviation < 1e-10


def test_the_number_of_ramps_is_what_sampling_needs():
    pair = switching_currents(Law(1.0e-6, 0.98e-6), temperature=5.0)
    assert pair.efficiency > 0.0
    error = math.sqrt((pair.plus.deviation**2 + pair.minus.deviation**2) / pair.ramps)
    assert pair.plus.mean - pair.minus.mean == pytest.approx(3.0 * error, rel=1e-12)
    five = switching_currents(Law(1.0e-6, 0.98e-6), temperature=5.0, significance=5.0)
    assert five.ramps == pytest.approx(pair.ramps * 25.0 / 9.0)


def test_even_law_needs_infinitely_many():
    assert switching_currents(Law(1e-6, 1e-6), temperature=5.0).ramps == math.inf


def test_faster_ramps_switch_later_and_noise_widens():
    slow, fast = (
        switching_distribution(Law(1e-6, 1e-6).barrier, 1e-6, attempt_rate=1e11, ramp_rate=r)
        for r in (1e-6, 1e-4)
    )
    assert fast.mean > slow.mean
    noisy = switching_distribution(Law(1e-6, 1e-6).barrier, 1e-6, attempt_rate=1e11, noise=1e-7)
    assert noisy.deviation == pytest.approx(math.hypot(slow.deviation, 1e-7), rel=1e-9)
    assert noisy.mean == slow.mean


def test_attempt_rate_is_thermal_by_default():
    law = Law(1e-6, 1e-6)
    given = switching_currents(
        law, temperature=5.0, attempt_rate=5.0 * 1.380649e-23 / 1.054571817e-34
    )
    assert switching_currents(law, temperature=5.0).plus.mean == pytest.approx(given.plus.mean)


def test_at_least_one_ramp():
    sharp = {
        "current": np.zeros(1),
        "density": np.zeros(1),
        "deviation": 0.0,
        "switched": 1.0,
        "critical": 1.0,
    }
    assert ramps_needed(Switching(mean=1.0, **sharp), Switching(mean=0.9, **sharp)) == 1.0


def test_retrapping_needs_inertia():
    assert math.isnan(retrapping_current(1e-6, 0.5))
    assert retrapping_current(1e-6, 1.0) == 1e-6
    assert retrapping_current(1e-6, 40.0) == pytest.approx(1e-6 / (10.0 * math.pi))


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: switching_distribution(3, 1e-6, attempt_rate=1.0), "barrier must be a function"),
        (lambda: switching_distribution(abs, 0.0, attempt_rate=1.0), "critical must be positive"),
        (lambda: switching_currents(3, temperature=1.0), "law must be an object with barrier"),
        (lambda: switching_currents(Law(1.0, 1.0), temperature=0.0), "temperature must be"),
        (lambda: retrapping_current(1.0, 0.0), "quality must be positive"),
    ],
)
def test_bad_input_is_named(call, message):
    with pytest.raises((TypeError, ValueError), match=message):
        call()
