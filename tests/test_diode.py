"""Critical currents: roots of dJ/dq, symmetry under reversal, oblique directions, warnings."""

import json
import math
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest

from cedrag import (
    NATURAL,
    Bilayer,
    BranchWarning,
    ConvergenceError,
    GinzburgLandau,
    UnstableQuarticWarning,
)
from cedrag.condensate.diode import efficiency, remarks_on_branches
from cedrag.pairing.axis import AxisSeries
from cedrag.pairing.landscape import pairing_seeds, rivals

REFERENCE = json.loads((Path(__file__).parent / "data" / "independent_reference.json").read_text())
pytestmark = pytest.mark.filterwarnings(
    "ignore::cedrag.errors.AboveBKTWarning",
    "ignore::cedrag.errors.LargeGapWarning",
    "ignore::cedrag.errors.NearTricriticalWarning",
)


@pytest.mark.parametrize("case", REFERENCE["diodes"], ids=lambda c: f"{c['name']}-{c['t']}")
def test_second_derivation_agrees(case):
    diode = GinzburgLandau(Bilayer(**case["bilayer"]), case["t"], rtol=1e-10).diode()
    assert diode.q0[0] == pytest.approx(case["q0"], abs=1e-9)
    assert diode.jc_plus == pytest.approx(case["jc_plus"], rel=1e-8)
    assert diode.jc_minus == pytest.approx(case["jc_minus"], rel=1e-8)
    assert diode.efficiency == pytest.approx(case["eta"], abs=1e-8)
    assert diode.converged
    assert diode.error < 1e-8


def test_critical_currents_are_stationary_and_extremal():
    theory = GinzburgLandau(NATURAL)
    diode = theory.diode()
    h = 1e-4
    for (q, _), j in ((diode.q_plus, diode.jc_plus), (diode.q_minus, diode.jc_minus)):
        around = theory.current(q + h * np.array([-1.0, 0.0, 1.0]))[0]
        assert abs(around[2] - around[0]) / (2 * h) < 1e-4 * abs(j)
        assert around[1] == pytest.approx(j, rel=1e-11)
    window = diode.q0[0] + np.linspace(*diode.window, 801)
    sampled = theory.current(window)[0]
    assert sampled.max() <= diode.jc_plus + 1e-12
    assert sampled.min() >= diode.jc_minus - 1e-12
    assert sampled.max() == pytest.approx(diode.jc_plus, rel=1e-4)
    assert diode.jc_plus_global == pytest.approx(diode.jc_plus, rel=1e-9)
    edges = diode.q0[0] + np.array(diode.window)
    np.testing.assert_allclose(theory.alpha(edges), 0.0, atol=1e-9)


def test_opposite_directions_exchange_the_currents():
    theory = GinzburgLandau(NATURAL)
    forth, back = theory.diode(), theory.diode(math.pi)
    assert back.jc_plus == pytest.approx(-forth.jc_minus, rel=1e-9)
    assert back.jc_minus == pytest.approx(-forth.jc_plus, rel=1e-9)
    assert back.efficiency == pytest.approx(-forth.efficiency, abs=1e-9)


def test_oblique_route_meets_the_axis():
    theory = GinzburgLandau(NATURAL)
    axis, tilted = theory.diode(), theory.diode(1e-7)
    assert tilted.jc_plus == pytest.approx(axis.jc_plus, rel=1e-9)
    assert tilted.efficiency == pytest.approx(axis.efficiency, abs=1e-9)


def test_no_diode_across_the_mirror_axis():
    theory = GinzburgLandau(NATURAL)
    diode = theory.diode(math.pi / 2)
    assert abs(diode.efficiency) < 1e-10
    assert diode.q_plus[0] == pytest.approx(diode.q_minus[0], abs=1e-8)
    j = theory.current(*diode.q_plus)
    assert abs(j[0]) < 1e-10 * abs(j[1])


def test_isotropic_bilayer_has_one_critical_current():
    theory = GinzburgLandau(NATURAL.replace(rashba_e=0.0))
    currents = [theory.diode(angle).jc_plus for angle in (0.0, 0.7, math.pi / 2)]
    np.testing.assert_allclose(currents, currents[0], rtol=1e-9)


def test_first_order_region_gives_infinities_and_a_warning():
    b = NATURAL.replace(mu_e=-2.27, mu_h=-4.84, rashba_e=0.956, zeeman_outofplane=10.84)
    with pytest.warns(UnstableQuarticWarning) as caught:
        diode = GinzburgLandau(b, 0.6, rtol=1e-5).diode()
    assert {w.filename for w in caught if w.category is UnstableQuarticWarning} == {__file__}
    assert diode.jc_plus == math.inf
    assert diode.jc_minus == -math.inf
    assert math.isnan(diode.efficiency)
    assert not diode.converged


def test_efficiency():
    assert efficiency(98.4, -94.8) == pytest.approx(3.6 / 193.2)
    assert efficiency(1.0, -1.0) == 0.0
    assert efficiency(2.0, -1.0) == pytest.approx(1.0 / 3.0, rel=1e-15)
    assert efficiency(1.0, 0.0) == 1.0
    for none in ((math.inf, -1.0), (1.0, -math.inf), (0.0, 0.0)):
        assert math.isnan(efficiency(*none))


@pytest.mark.parametrize(("plus", "minus"), [(2.04, -1.0), (2.0, -1.02)])
def test_another_branch_that_carries_two_per_cent_more_is_told(plus, minus):
    diode = SimpleNamespace(jc_plus=2.0, jc_minus=-1.0, jc_plus_global=plus, jc_minus_global=minus)
    ((text, category),) = remarks_on_branches(diode, 0.019)
    assert category is BranchWarning
    assert f"{plus:.4g} and {minus:.4g} J_u" in text
    assert not list(remarks_on_branches(diode, 0.021))


@pytest.mark.parametrize(("angle", "error"), [(math.nan, ValueError), ("0", TypeError)])
def test_refused_angle(angle, error):
    with pytest.raises(error, match="angle must be"):
        GinzburgLandau(NATURAL).diode(angle)


# Unequal Fermi seas with a ring of soft FFLO momenta, more than a hundred T/v across
WIDE_RING = Bilayer(
    mu_e=18.009, mu_h=21.31, rashba_e=0.86245, zeeman_inplane=3.2411, zeeman_outofplane=12.1015,
    mass_ratio=2.4028,
)  # fmt: skip


@pytest.mark.filterwarnings("ignore::cedrag.errors.ValidityWarning")
def test_few_searches_start_from_a_wide_pair_ring():
    theory = GinzburgLandau(WIDE_RING, 0.6)
    seeds = pairing_seeds(WIDE_RING, 0.6)
    assert np.ptp(seeds.points[:, 0]) > 50.0 * seeds.spacing
    assert len(rivals(theory.pairing.form, seeds)) < 20  # each seed, with its neighbours overlooked


@pytest.mark.filterwarnings("ignore::cedrag.errors.ValidityWarning")
def test_currents_on_a_wide_pair_ring_are_the_largest_nearby():
    theory = GinzburgLandau(WIDE_RING, 0.6)
    diode = theory.diode()
    for q, j, sense in (
        (diode.q_plus, diode.jc_plus, 1.0),
        (diode.q_minus, diode.jc_minus, -1.0),
    ):
        assert theory.current(*q)[0] == pytest.approx(j, rel=1e-9, abs=0.0)
        beside = q[0] + 1e-3 * np.array([-2.0, -1.0, 1.0, 2.0])  # J falls by 1e-5 or more
        assert np.all(sense * (j - theory.current(beside)[0]) > 10.0 * diode.error)
    assert theory.condensate().residual_current < 1e-9


@pytest.mark.filterwarnings("ignore::cedrag.errors.ValidityWarning")
def test_series_that_misses_the_current_is_refused(monkeypatch):
    def wrong_by_a_thousandth(*args):
        series = AxisSeries(*args)
        series.coefficients[1] *= 1.001  # beta
        return series

    monkeypatch.setattr("cedrag.condensate.quartic_axis.AxisSeries", wrong_by_a_thousandth)
    with pytest.raises(ConvergenceError, match="series along the axis"):
        GinzburgLandau(NATURAL, 0.45).diode()


@pytest.mark.parametrize("angle", [0.7, -2.1])
def test_without_a_field_the_critical_momenta_lie_along_the_current(angle):
    diode = GinzburgLandau(NATURAL.replace(zeeman_inplane=0.0), 0.9).diode(angle)
    n = np.array([np.cos(angle), np.sin(angle)])
    for q, sense in ((diode.q_plus, 1.0), (diode.q_minus, -1.0)):
        assert np.array(q) == pytest.approx(sense * np.hypot(*q) * n, abs=1e-12)
    assert np.hypot(*diode.q_plus) > 0.1
