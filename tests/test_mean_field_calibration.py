"""The search for the published ratio in mean-field theory: its record, recomputed and replayed."""

import json
import math

import pytest
from numpy.testing import assert_allclose

from cedrag import NATURAL, PAPER, PUBLISHED, ConvergenceError
from cedrag.paper.calibration import contour_mismatch
from cedrag.paper.mean_field_calibration import (
    Q0_WINDOW,
    candidate,
    evaluate_candidate,
    is_member,
    match_ratio,
    search,
    shipped_search,
)

pytestmark = pytest.mark.filterwarnings("ignore::cedrag.errors.ValidityWarning")


def parameters_of(bilayer):
    splitting = math.hypot(bilayer.zeeman_inplane, bilayer.zeeman_outofplane)
    return (
        bilayer.fermi_energy_e,
        contour_mismatch(bilayer),
        bilayer.rashba_e / splitting,
        bilayer.zeeman_outofplane,
    )


@pytest.mark.parametrize("bilayer", [PAPER, NATURAL])
def test_the_unknowns_name_the_bilayer(bilayer):
    again = candidate(parameters_of(bilayer))
    assert_allclose(again.mu_e, bilayer.mu_e, atol=1e-12)
    assert_allclose(again.mu_h, bilayer.mu_h, atol=1e-6)
    assert_allclose(again.rashba_e, bilayer.rashba_e, atol=1e-12)


def test_paper_is_no_member_at_level_band():
    """The independent value of the efficiency there is 0.00886."""
    found = evaluate_candidate(parameters_of(PAPER), "band")
    assert_allclose(found.efficiency, 0.00886, atol=5e-6)
    assert not is_member(found)
    assert not found.coherent


@pytest.mark.parametrize("spin", ["band", "full"])
def test_a_member_of_the_record_recomputed(spin):
    shipped = shipped_search()[spin]["members"][-1]
    found = evaluate_candidate(shipped["parameters"], spin, rtol=1e-6)
    for name in ("q0", "efficiency", "jc_plus", "gap", "stiffness_temperature", "spin_margin"):
        assert_allclose(getattr(found, name), shipped[name], rtol=1e-5)
    assert is_member(found)
    assert abs(found.efficiency - PUBLISHED.efficiency) < 1e-4
    assert not found.coherent


@pytest.mark.parametrize("spin", ["band", "full"])
def test_what_the_chapter_says_of_the_record(spin):
    level = shipped_search()[spin]
    assert level["coherent"] == 0
    assert level["stiffest"]["stiffness_temperature"] < PUBLISHED.t
    assert level["evaluations"] >= len(level["points"])
    # all members lie beyond the tricritical mismatch h = 1.911 T_c
    assert min(abs(one["parameters"][1]) for one in level["members"]) > 1.911
    signs = {math.copysign(1.0, one["parameters"][1]) for one in level["members"]}
    assert signs == ({1.0, -1.0} if spin == "band" else {-1.0})
    near = [(h, eta) for h, q0, eta in level["points"] if Q0_WINDOW[0] <= q0 <= Q0_WINDOW[1]]
    assert max(abs(eta) for h, eta in near if abs(h) < 1.5) < 0.005


def test_a_match_starts_nearby_and_meets_both_numbers():
    found = match_ratio(12.0, 12.0, (2.06, 0.0686), "band")
    assert_allclose(found.efficiency, PUBLISHED.efficiency, atol=1e-7)
    assert_allclose(found.q0, 0.2, atol=1e-7)


def test_a_match_that_is_far_away_says_so():
    with pytest.raises(ConvergenceError, match="no bilayer with the published ratio and q0 = 5"):
        match_ratio(12.0, 12.0, (0.0, 0.0686), "band", q0=5.0)


def test_a_search_goes_on_from_its_record(tmp_path, monkeypatch):
    """Interrupted and started again, it finds the same and computes only what is missing."""
    import cedrag.paper.mean_field_calibration as module

    record = tmp_path / "band.jsonl"
    options = {"points": 4, "starts": 1, "evaluations": 6, "record": record}
    whole = search("band", **options)
    lines = record.read_text().splitlines()
    assert len(lines) >= len(set(whole)) > 0  # a start is seen twice and computed once
    record.write_text("\n".join(lines[:-2]) + "\n")
    computed = []
    evaluate = module.evaluate_candidate
    monkeypatch.setattr(
        module, "evaluate_candidate", lambda *a, **k: computed.append(a) or evaluate(*a, **k)
    )
    assert search("band", **options) == whole
    assert len(computed) == 2
    assert [json.loads(line)["key"] for line in record.read_text().splitlines()] == [
        json.loads(line)["key"] for line in lines
    ]


def test_bad_input():
    with pytest.raises(ValueError, match=r"parameters must be fermi_energy_e.* \(got 3 numbers\)"):
        candidate((1.0, 2.0, 3.0))
    with pytest.raises(TypeError, match="mismatch must be a real number"):
        candidate((1.0, "2", 3.0, 4.0))
    with pytest.raises(ValueError, match="spin must be one of"):
        evaluate_candidate((12.0, 0.0, 0.05, 10.0), "none")
