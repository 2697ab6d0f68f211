"""Vortices in a wide strip: barriers, the power law, its renormalisation, free vortices."""

import math

import numpy as np
import pytest
from scipy import optimize

from cedrag import NATURAL, MeanField, Scales, bkt_temperature
from cedrag.laboratory.superflow import find_superflow
from cedrag.laboratory.vortices import (
    Strip,
    core_energies,
    crossing_barrier,
    free_vortex_fraction,
    renormalised_stiffness,
)

SCALES = Scales(critical_temperature=10.0, electron_mass=0.2)


@pytest.fixture(scope="module")
def flow():
    return find_superflow(MeanField(NATURAL, 0.5, spin="band"))


def strip(branch, **changes):
    given = {"flow": branch, "scales": SCALES, "width": 1e-5, "normal_resistance": 100.0}
    return Strip(**given | changes)


@pytest.mark.parametrize("J", [0.0, 1e-3, 0.02, 0.15])
def test_barrier_is_the_highest_point_of_the_energy(J):
    D, w, xi = 0.8, 60.0, 1.3

    def energy(y):
        return math.pi * D * math.log(2 * w / (math.pi * xi) * math.sin(math.pi * y / w)) - (
            2.0 * math.pi * J * y
        )

    top = -optimize.minimize_scalar(
        lambda y: -energy(y), bounds=(1e-6, w - 1e-6), method="bounded", options={"xatol": 1e-9}
    ).fun
    assert crossing_barrier(D, J, width=w, coherence_length=xi) == pytest.approx(top, rel=1e-9)


def test_edge_and_bulk_give_one_law():
    """Far above J = D/w the barrier is half that of a pair, pi D [ln(D/(J xi)) - 1]."""
    D, J, xi = 0.8, 0.01, 1.3
    half_pair = 0.5 * -optimize.minimize_scalar(
        lambda r: -(2 * math.pi * D * math.log(r / xi) - 2 * math.pi * J * r),
        bounds=(1.0, 1e3), method="bounded", options={"xatol": 1e-9},
    ).fun  # fmt: skip
    assert half_pair == pytest.approx(math.pi * D * (math.log(D / (J * xi)) - 1.0), rel=1e-9)
    wide = crossing_barrier(D, J, width=1e6, coherence_length=xi)
    assert wide == pytest.approx(half_pair, rel=1e-6)


def test_exponent_is_3_at_the_bkt_temperature():
    t = bkt_temperature(NATURAL, spin="band")
    assert find_superflow(MeanField(NATURAL, t, spin="band")).exponent(0.0) == pytest.approx(
        3.0, rel=1e-4
    )


def test_slope_of_the_voltage_is_the_exponent(flow):
    """d ln V/d ln I in a very wide strip, at currents so small that D does not change."""
    law = strip(flow, width=1.0)
    I = 1e-4 * law.current_plus  # noqa: E741
    slope = math.log(law.voltage(1.01 * I) / law.voltage(I)) / math.log(1.01)
    assert slope == pytest.approx(flow.exponent(0.0), rel=1e-3)


def test_a_finite_strip_is_ohmic_at_small_currents(flow):
    law = strip(flow)
    small = 1e-9 * law.current_plus
    assert law.voltage(2 * small) == pytest.approx(2 * law.voltage(small), rel=1e-4)
    power = (math.pi / (2.0 * law.width_over_core)) ** (flow.exponent(0.0) - 1.0)
    assert law.voltage(small) / (100.0 * small) == pytest.approx(power, rel=1e-3)


def test_detailed_balance(flow):
    law = strip(flow, width=2e-7)
    I = np.array([0.0, 0.1, -0.2]) * law.current_plus  # noqa: E741
    forth, back = law.crossing_rates(I, attempt_rate=1e11)
    work = 2.0 * math.pi * 1.054571817e-34 * np.abs(I) / 1.602176634e-19  # (hbar/e) 2 pi I, J
    assert np.log(forth / back) == pytest.approx(work / (1.380649e-23 * 5.0), rel=1e-6)


def test_no_barrier_at_the_critical_currents_and_full_resistance_there(flow):
    law = strip(flow)
    for edge in (law.current_plus, law.current_minus):
        assert law.barrier(edge) == pytest.approx(0.0, abs=1e-9)
        assert law.voltage(edge) == pytest.approx(100.0 * edge, rel=1e-9)


def test_voltage_rises_and_depends_on_the_direction(flow):
    law = strip(flow)
    I = np.linspace(law.current_minus, law.current_plus, 400)  # noqa: E741
    assert np.all(np.diff(law.voltage(I)) > 0.0)
    J = 0.5 * law.current_plus
    assert abs(law.voltage(-J)) > law.voltage(J) * 1.002
    even = strip(find_superflow(MeanField(NATURAL.replace(rashba_e=0.0), 0.5, spin="band")))
    assert -even.voltage(-J) == pytest.approx(even.voltage(J), rel=1e-6)


def test_the_flow_keeps_its_invariant():
    """y^2 - (2u - pi ln u)/(2 pi^3), u = T/D: eliminates l from the two equations."""
    D, t, core = 1.0, 0.7, 2.0

    def invariant(y2, u):
        return y2 - (2.0 * u - math.pi * math.log(u)) / (2.0 * math.pi**3)

    start = invariant(math.exp(-2.0 * core / t), t / D)
    left = renormalised_stiffness(D, t, size=math.inf, core_energy=core, steps=4000)
    assert invariant(0.0, t / left) == pytest.approx(start, rel=1e-6)
    assert 2.0 * t / math.pi < left < D


def test_renormalised_exponent_jumps_from_3():
    """On the separatrix the invariant is that of y = 0, pi K = 2: there a falls from 3 to 1."""

    def excess(t):
        y2 = math.exp(-4.0 / t)
        u = t
        return (
            y2
            - (2.0 * u - math.pi * math.log(u)) / (2.0 * math.pi**3)
            + (math.pi - math.pi * math.log(0.5 * math.pi)) / (2.0 * math.pi**3)
        )

    transition = optimize.brentq(excess, 0.5, 1.4)
    below, above = (
        renormalised_stiffness(1.0, f * transition, size=math.inf, core_energy=2.0, steps=4000)
        for f in (0.9999, 1.05)
    )
    assert 3.0 < 1.0 + math.pi * below / (0.9999 * transition) < 3.2
    assert above == 0.0
    assert transition < 0.5 * math.pi


def test_core_energies_bracket():
    low, high = core_energies(0.8)
    assert 0.0 < low < high
    weak, strong = (renormalised_stiffness(0.8, 0.5, size=1e3, core_energy=e) for e in (low, high))
    assert weak < strong < 0.8


def test_free_vortices_begin_at_bkt_and_fill_everything_at_tc():
    t_bkt = 0.73
    assert free_vortex_fraction(t_bkt, t_bkt=t_bkt) == 0.0
    near = [free_vortex_fraction(t, t_bkt=t_bkt) for t in (0.731, 0.75, 0.8, 0.9, 1.0)]
    assert np.all(np.diff(near) > 0.0)
    assert near[0] < 1e-6
    assert near[-1] == pytest.approx(1.0 / math.sinh(1.0) ** 2)
    wide, narrow = (free_vortex_fraction(0.8, t_bkt=t_bkt, b=b) for b in (0.5, 2.0))
    assert narrow < near[2] < wide
    with pytest.raises(ValueError, match="t_c must exceed t_bkt"):
        free_vortex_fraction(0.8, t_bkt=1.2)


def test_free_vortices_make_the_strip_ohmic(flow):
    law = strip(flow, free_fraction=0.1)
    small = 1e-9 * law.current_plus
    assert law.voltage(small) == pytest.approx(10.0 * small, rel=1e-2)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"width": 1e-9}, "width must exceed pi/2 coherence lengths"),
        ({"free_fraction": 1.5}, "free_fraction must not exceed 1"),
        ({"flow": 3}, "flow must be a Superflow"),
        ({"normal_resistance": 0.0}, "normal_resistance must be positive"),
    ],
)
def test_bad_input_is_named(flow, changes, message):
    with pytest.raises((TypeError, ValueError), match=message):
        strip(flow, **changes)
