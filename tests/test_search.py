"""The search for large efficiencies: bounds, determinism, and what a candidate has to survive."""

import dataclasses
import importlib.util
import re
import warnings

import pytest

from cedrag import (
    NATURAL,
    Bilayer,
    ConvergenceError,
    MeanField,
    Scales,
    ValidityWarning,
    bkt_temperature,
)
from cedrag._results import Record
from cedrag.sweeps import search
from cedrag.sweeps.candidates import examine
from cedrag.sweeps.confirmation import confirm
from cedrag.sweeps.search import BOUNDS, laboratory_bounds, largest_efficiency

SMALL = {
    "fermi_energy_e": (9.0, 12.0), "fermi_energy_h": (9.0, 12.0), "rashba_e": (0.5, 1.0),
    "rashba_h": (-0.1, 0.1), "zeeman_inplane": (2.0, 4.0), "zeeman_outofplane": (9.0, 11.0),
    "mass_ratio": (0.9, 1.1), "t": (0.4, 0.6),
}  # fmt: skip


@pytest.fixture(scope="module")
def natural():
    return examine(NATURAL, 0.5, spin="band")


def test_a_candidate_is_the_diode_of_the_mean_field(natural):
    theory = MeanField(NATURAL, 0.5, spin="band", rtol=1e-5)
    diode, state = theory.diode(), theory.condensate()
    assert natural.efficiency == diode.efficiency
    assert natural.stiffness_temperature == pytest.approx(state.phase_stiffness_temperature)
    assert natural.margin == NATURAL.spin_gap_margin()
    assert natural.second_well == 0.0
    assert Record.from_dict(natural.to_dict()) == natural


def test_softness_is_one_where_alpha_is_a_parabola():
    # near T_c, without field and coupling, alpha ~ q^2 - w^2 and beta is constant
    plain = Bilayer(mu_e=10.0, mu_h=10.0, rashba_e=0.0, zeeman_inplane=0.0, zeeman_outofplane=1e-3)
    assert examine(plain, 0.99, spin="band").softness == pytest.approx(1.0, abs=0.02)


def test_the_smallest_of_three_efficiencies_counts(natural):
    def value(*etas):
        names = ("efficiency", "efficiency_branch", "efficiency_global")
        return dataclasses.replace(natural, **dict(zip(names, etas, strict=True))).robust_efficiency

    assert value(-0.4, -0.4, -0.3) == 0.3
    assert value(0.9, 0.9, -0.2) == 0.0  # the branch alone


def test_what_counts_is_coherent_and_complete(natural):
    assert natural.counts
    assert not dataclasses.replace(natural, margin=-1.0).counts
    assert dataclasses.replace(natural, margin=-1.0, spin="full").counts
    assert not dataclasses.replace(natural, t=2.0).counts


@pytest.mark.parametrize("method", ["evolution", "simplex", "cma"])
def test_a_search_stays_in_its_box_and_repeats_itself(method):
    if method == "cma" and importlib.util.find_spec("cma") is None:
        pytest.skip("cma is not installed")
    arguments = {"spin": "band", "method": method, "evaluations": 10, "rtol": 1e-3}
    found = largest_efficiency(SMALL, **arguments, seed=3)
    assert found
    for one in found:
        assert one.counts
        place = {name: getattr(one.bilayer, name) for name in SMALL if name != "t"} | {"t": one.t}
        for name, (low, high) in SMALL.items():
            assert low - 1e-9 <= place[name] <= high + 1e-9
    assert len(found) <= 10
    gains = [one.robust_efficiency for one in found]
    assert gains == sorted(gains, reverse=True)
    assert largest_efficiency(SMALL, **arguments, seed=3) == found


def test_what_is_held_does_not_vary():
    box = SMALL | {"rashba_h": 0.0, "t": 0.5}
    found = largest_efficiency(box, spin="band", method="simplex", evaluations=12, rtol=1e-3)
    assert found
    assert {(one.bilayer.rashba_h, one.t) for one in found} == {(0.0, 0.5)}
    assert len({one.bilayer.rashba_e for one in found}) > 1


def test_no_more_bilayers_are_looked_at_than_asked(monkeypatch):
    looked = []

    def counted(theory):
        looked.append(theory)
        raise ConvergenceError("none")

    monkeypatch.setattr(search, "stiffness_limit", counted)
    for method in ("evolution", "simplex"):
        looked.clear()
        assert largest_efficiency(method=method, evaluations=7, spin="full") == ()
        assert len(looked) == 7


def test_a_search_finds_the_corner_where_the_coupling_is_largest():
    # eta grows with lambda and B here, so the best of many lies above the middle of the box
    found = largest_efficiency(
        SMALL, spin="band", method="simplex", evaluations=40, rtol=1e-3, seed=0
    )
    middle = examine(NATURAL, 0.5, spin="band").robust_efficiency
    assert found[0].robust_efficiency > 2.0 * middle


def test_a_coherent_second_order_state_is_confirmed(natural):
    found = confirm(natural)
    assert found.holds
    assert found.order == 2
    assert found.t_transition == 1.0
    assert found.t_bkt == pytest.approx(bkt_temperature(NATURAL, spin="band"), abs=1e-5)
    assert found.lowest_aside < 1.0
    assert abs(found.change) < 1e-7


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"efficiency": 0.1}, "on a finer mesh"),
        ({"t": 0.8}, r"T_BKT = 0\.734 lies below t = 0\.800"),
    ],
)
def test_a_wrong_candidate_meets_an_objection(natural, change, said):
    found = confirm(dataclasses.replace(natural, **change))
    assert not found.holds
    assert any(re.search(said, text) for text in found.objections)


def test_a_filled_upper_branch_is_an_objection():
    filled = NATURAL.replace(mu_e=12.0, mu_h=12.0)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ValidityWarning)
        found = confirm(examine(filled, 0.5, spin="band"), rtol=1e-6)
    assert any("upper branch is filled" in text for text in found.objections)


def test_bounds_of_a_laboratory():
    scales = Scales(critical_temperature=10.0, electron_mass=0.2)
    box = laboratory_bounds(scales, rashba=400.0, zeeman=10.0, fermi_energy=30.0)
    assert box["zeeman_inplane"][1] * scales.energy_meV == pytest.approx(10.0)
    assert box["fermi_energy_h"][1] * scales.energy_meV == pytest.approx(30.0)
    # lambda k is an energy: at k = 1/nm and 400 meV Angstrom, 40 meV
    k = scales.length_nm
    assert box["rashba_e"][1] * k * scales.energy_meV == pytest.approx(40.0)
    assert box["rashba_h"] == (-box["rashba_e"][1], box["rashba_e"][1])
    assert set(box) == set(BOUNDS)


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ({"bounds": {"lambda": (0.0, 1.0)}}, "bounds must be one of"),
        ({"bounds": {"t": (0.9, 0.1)}}, "bounds of t must rise"),
        ({"bounds": dict.fromkeys(BOUNDS, 0.5)}, "bounds must leave something to vary"),
        ({"spin": "texture"}, "spin must be one of"),
        ({"method": "annealing"}, "method must be one of"),
        ({"evaluations": 0}, "evaluations must be at least 1"),
    ],
)
def test_bad_input_is_named(arguments, said):
    with pytest.raises(ValueError, match=said):
        largest_efficiency(**arguments)


def test_a_start_outside_the_box_is_refused(natural):
    with pytest.raises(ValueError, match="start must lie inside the bounds"):
        largest_efficiency({"t": (0.6, 0.8)}, start=natural, evaluations=1)
