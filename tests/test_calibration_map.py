"""The shipped map of the families: what every member shares, and some members recomputed."""

import pytest
from numpy.testing import assert_allclose

from cedrag import Bilayer
from cedrag.paper.calibration import PUBLISHED, PUBLISHED_SCALE, evaluate_calibration
from cedrag.paper.calibration_map import shipped_map

pytestmark = pytest.mark.filterwarnings("ignore::cedrag.errors.ValidityWarning")


def test_map_has_members_on_three_sheets_and_none_below_a_quarter():
    """Every one-branch member has q0 > 0.25; only the region with two branches has q0 = 0.22."""
    rows = shipped_map()["families"]
    by_region = {}
    for row in rows:
        assert_allclose(row["efficiency"], PUBLISHED.efficiency, atol=1e-6)
        by_region.setdefault(row["region"], []).append(row)
    assert set(by_region) == {"larger electron sea", "larger hole sea", "upper branch"}
    one_branch = [r["q0"] for r in rows if r["spin_margin"] > 0.0]
    assert len(one_branch) > 20
    assert min(one_branch) > 0.25
    assert min(r["q0"] for r in by_region["upper branch"]) < 0.22
    assert max(r["spin_margin"] for r in by_region["upper branch"]) < -30.0


def test_one_row_of_the_map_recomputed():
    rows = [r for r in shipped_map()["families"] if r["region"] == "larger hole sea"]
    row = rows[len(rows) // 2]
    member = evaluate_calibration(
        Bilayer.from_fermi_energies(
            fermi_energy_e=row["fermi_energy_e"], fermi_energy_h=row["fermi_energy_h"],
            rashba_e=row["rashba_e"], zeeman_inplane=3.0,
            zeeman_outofplane=row["zeeman_outofplane"],
        ),
        rtol=1e-6,
    )  # fmt: skip
    assert_allclose(member.q0, row["q0"], rtol=1e-5)
    assert_allclose(member.jc_plus * PUBLISHED_SCALE, 98.4, rtol=1e-4)


def test_many_scales_fit_about_as_well():
    """The factor is a hypothesis: factors from 2000 to 3600 change the misfit by less than 2.5."""
    rows = {round(r["scale"]): r["misfit"] for r in shipped_map()["scales"]}
    best = min(rows.values())
    near = [scale for scale, misfit in rows.items() if misfit < best + 2.5]
    assert min(near) <= 2000
    assert max(near) >= 3600
    assert rows[round(PUBLISHED_SCALE)] < best + 0.5
