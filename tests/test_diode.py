"""Critical currents: roots of dJ/dq, symmetry under reversal, oblique directions, warnings."""

import json
import math
from pathlib import Path

import numpy as np
import pytest

from cedrag import NATURAL, Bilayer, GinzburgLandau, UnstableQuarticWarning
from cedrag.diode import efficiency

REFERENCE = json.loads((Path(__file__).parent / "data" / "independent_reference.json").read_text())
pytestmark = pytest.mark.filterwarnings(
    "ignore::cedrag.errors.AboveBKTWarning", "ignore::cedrag.errors.NearTricriticalWarning"
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
    with pytest.warns(UnstableQuarticWarning):
        diode = GinzburgLandau(b, 0.6, rtol=1e-5).diode()
    assert diode.jc_plus == math.inf
    assert diode.jc_minus == -math.inf
    assert math.isnan(diode.efficiency)
    assert not diode.converged


def test_efficiency():
    assert efficiency(98.4, -94.8) == pytest.approx(3.6 / 193.2)
    assert efficiency(1.0, -1.0) == 0.0
    assert math.isnan(efficiency(math.inf, -1.0))


@pytest.mark.parametrize(("angle", "error"), [(math.nan, ValueError), ("0", TypeError)])
def test_refused_angle(angle, error):
    with pytest.raises(error, match="angle must be"):
        GinzburgLandau(NATURAL).diode(angle)
