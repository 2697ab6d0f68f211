"""No false state: what independent runs found wrong, each as a test."""

import math
import warnings

import numpy as np
import pytest
from random_sets import random_set

from cedrag import (
    NATURAL,
    Bilayer,
    GinzburgLandau,
    LowerStateWarning,
    SeveralMinimaWarning,
    critical_temperature,
)
from cedrag.condensate.oblique import follow_current
from cedrag.pairing.axis import AxisSeries
from cedrag.pairing.landscape import SeedGrid, local_minima
from cedrag.paper.calibration import PAPER

quiet = pytest.mark.filterwarnings("ignore::cedrag.errors.ValidityWarning")

# weak coupling, small fields: the minimum lies on a ring where F varies by a part in 10^5
SOFT_RING = Bilayer(
    mu_e=1.6, mu_h=1.6, rashba_e=0.05, zeeman_inplane=0.5, zeeman_outofplane=3.2
)  # fmt: skip
OFF_AXIS = Bilayer(
    mu_e=47.332157042736945, mu_h=48.92231466610376, rashba_e=-1.021609701005447,
    rashba_h=-1.18083102425013, zeeman_inplane=-7.526741919580582,
    zeeman_outofplane=33.10810375281767, mass_ratio=1.1730836996392746,
)  # fmt: skip


@quiet
@pytest.mark.parametrize("t", [0.9, 0.4, 0.3])
@pytest.mark.parametrize(
    "change",
    [
        {"rashba_e": 0.0},
        {"zeeman_inplane": 0.0},
        {"rashba_h": -NATURAL.rashba_e},
    ],
    ids=["no coupling", "no field", "footnote"],
)
def test_an_efficiency_that_symmetry_forbids_is_zero(change, t):
    diode = GinzburgLandau(NATURAL.replace(**change), t).diode()
    assert diode.efficiency == 0.0
    assert diode.efficiency_global == 0.0
    assert diode.jc_plus >= diode.jc_plus_branch


def test_a_ring_of_minima_counts_as_several():
    theory = GinzburgLandau(NATURAL.replace(rashba_e=0.0), 0.4)
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        diode = theory.diode()
    assert SeveralMinimaWarning in {w.category for w in caught}
    assert abs(diode.efficiency_branch) > 0.1  # one branch alone looks like a diode


@quiet
@pytest.mark.parametrize("angle", [0.3, 2.0, -1.2])
def test_without_a_direction_all_angles_are_alike(angle):
    theory = GinzburgLandau(NATURAL.replace(rashba_e=0.0), 0.4)
    along, turned = theory.diode(), theory.diode(angle)
    assert turned.jc_plus == along.jc_plus
    n = np.array([math.cos(angle), math.sin(angle)])
    np.testing.assert_allclose(turned.q_plus, along.q_plus[0] * n, atol=1e-12)


@quiet
def test_a_lower_state_elsewhere_is_told():
    theory = GinzburgLandau(NATURAL, 0.3)
    with pytest.warns(LowerStateWarning, match=r"F\(q0\) = -0.1285 .* F is -0.1456 at q = \(0.6"):
        state = theory.condensate()
    assert state.q0[0] == pytest.approx(0.199, abs=1e-3)
    assert float(theory.free_energy(0.64)) < state.free_energy


@quiet
def test_a_lower_state_off_the_axis_is_told():
    """Pairing is strongest on the axis, and no seed lies where beta makes F lower."""
    bilayer, t = random_set(29)
    theory = GinzburgLandau(bilayer, t, rtol=1e-6)
    with pytest.warns(LowerStateWarning):
        state = theory.condensate()
    assert float(theory.free_energy(-0.2, 0.3)) < state.free_energy


@quiet
@pytest.mark.parametrize("t", [0.2, 0.15])
def test_no_saddle_on_a_soft_ring(t):
    theory = GinzburgLandau(SOFT_RING, t, rtol=1e-7)
    state = theory.condensate()
    assert np.linalg.eigvalsh(state.stiffness)[0] > -1e-6 * state.stiffness.max()
    radius = math.hypot(*state.q0)
    ring = radius * np.exp(1j * np.linspace(0.0, 2.0 * np.pi, 73))
    energy = theory.free_energy(ring.real, ring.imag, search=True)
    assert state.free_energy <= energy.min() * (1.0 - 1e-6)
    assert math.isfinite(theory.diode().efficiency)


@quiet
def test_an_oblique_state_is_followed_to_its_critical_currents():
    theory = GinzburgLandau(OFF_AXIS, 0.8266705662896364)
    diode = theory.diode()
    assert diode.q0[1] > 0.1
    for q, current in ((diode.q_plus, diode.jc_plus), (diode.q_minus, diode.jc_minus)):
        j = theory.current(*q)
        assert abs(j[1]) < 1e-6 * abs(j[0])
        assert j[0] == pytest.approx(current, rel=1e-6, abs=0.0)


@quiet
def test_a_critical_state_where_corrections_are_slow_is_found():
    """The curve meets its mirror image on the axis, where corrections halve the distance only.

    From there it goes on along the axis, where the current rises to its extremum.
    """
    theory = GinzburgLandau(OFF_AXIS.replace(zeeman_inplane=-7.0), 0.8)
    state = theory.condensate()
    q, current = follow_current(theory, state.q0, np.pi, theory.spacing)
    assert q == pytest.approx([-1.098099, 0.0], abs=1e-5)
    aside = theory.current(q[0] + np.array([-2e-3, 2e-3]), 0.0)[0]
    assert np.all(np.abs(aside) < current)
    assert theory.current(*q) == pytest.approx([-current, 0.0], abs=1e-6 * current)


@quiet
def test_zero_of_beta_at_the_end_of_a_branch():
    bilayer = NATURAL.replace(mass_ratio=2.5, mu_h=NATURAL.mu_h - 4.0)
    diode = GinzburgLandau(bilayer, 0.9).diode()
    assert math.isfinite(diode.jc_plus)


def test_transition_of_weak_pairing():
    assert critical_temperature(PAPER, 0.11, rtol=1e-6) == pytest.approx(0.0758773, rel=1e-4)


class Parabola:
    """(q_x - 1)^2 + q_y^2, and at which q_x and accuracy it was asked."""

    def __init__(self):
        self.asked = []

    def lowest(self, q, rtol=None):
        self.asked += [(x, rtol) for x in q[:, 0]]
        distance = q - [1.0, 0.0]
        return (distance**2).sum(axis=1), 2.0 * distance


def test_far_seeds_walk_on_loose_meshes_and_each_way_once():
    form, starts = Parabola(), np.array([[0.0, 0.0], [-0.5, 0.0]])
    seeds = SeedGrid(starts, spacing=0.02, speed=5.0, apart=0.5)
    assert local_minima(form, seeds, starts) == pytest.approx(np.array([[1.0, 0.0]]), abs=1e-12)
    between = [rtol for x, rtol in form.asked if 0.1 < x < 0.9]
    assert None not in between
    steps = 0.8 / (0.8 * seeds.spacing)
    assert 9 * (steps - 2) <= len(between) <= 9 * (steps + 3)


def test_a_series_that_cannot_converge_says_so_early():
    asked = []

    def cone(q):  # alpha is not analytic where two cones of the bands meet
        asked.append(len(q))
        return np.repeat(1.0 + np.abs(q[:, :1]) ** 3, 6, axis=1)

    series = AxisSeries(cone, -1.0, 1.3, 1e-9)
    assert series.loose
    assert max(asked) < 768 // 4  # of the nodes that it might take
    smooth = AxisSeries(lambda q: np.repeat(1.0 / (0.02 + q[:, :1] ** 2), 6, axis=1), -1, 1, 1e-9)
    assert not smooth.loose
