"""The inverse problem: the shipped fit, other starts and seeds, and what has no solution."""

import subprocess
import sys

import pytest
from numpy.testing import assert_allclose

from cedrag import PAPER, ConvergenceError
from cedrag.paper.calibration import evaluate_calibration
from cedrag.paper.calibration_fit import match_currents, shipped_record, solve_calibration

# validity warnings (T_BKT far below 0.9) belong to these parameters and are tested elsewhere
pytestmark = pytest.mark.filterwarnings("ignore::cedrag.errors.ValidityWarning")


@pytest.fixture(scope="module")
def paper():
    return evaluate_calibration(PAPER)


def test_shipped_record_agrees_with_a_fresh_evaluation(paper):
    record = shipped_record()
    for name, value in record["bilayer"].items():
        assert_allclose(getattr(PAPER, name), value, rtol=0, atol=1e-7)
    for name in ("scale", "jc_plus", "jc_minus", "efficiency", "q0", "beta_ratio", "misfit"):
        assert_allclose(getattr(paper, name), record[name], rtol=1e-6)
    for name, value in record["residuals"].items():
        assert_allclose(paper.residuals[name], value, atol=1e-6)


@pytest.mark.parametrize("start", [(1.63, 0.092)])
def test_a_perturbed_start_returns_to_the_shipped_set(start):
    bilayer, _ = match_currents(
        PAPER.fermi_energy_e, PAPER.zeeman_outofplane, start=start, rtol=1e-4
    )
    assert_allclose(bilayer.fermi_energy_h, PAPER.fermi_energy_h, atol=1e-5)
    assert_allclose(bilayer.rashba_e, PAPER.rashba_e, atol=1e-5)


def test_another_seed_finds_the_same_family(paper):
    """A short search from another seed: exact currents, and no better by the rule than PAPER."""
    found = solve_calibration(seed=7, starts=1, evaluations=3)
    assert abs(found.residuals["jc_plus"]) < 1e-6
    assert abs(found.residuals["jc_minus"]) < 1e-6
    assert paper.misfit - 1e-3 < found.misfit < paper.misfit + 3.0


def test_importing_solves_nothing():
    script = (
        "import scipy.optimize as o\n"
        "o.root = o.minimize = None\n"
        "import cedrag.paper.calibration_fit, cedrag.paper.calibration_map\n"
        "print('imported')\n"
    )
    run = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=False
    )
    assert run.stdout.strip() == "imported", run.stderr


def test_bad_input():
    with pytest.raises(ValueError, match=r"starts must be at least 1 \(got 0"):
        solve_calibration(starts=0)
    with pytest.raises(TypeError, match="fermi_energy_e must be a real number"):
        match_currents("11", 10.0)
    with pytest.raises(ConvergenceError, match="no bilayer with the published currents"):
        match_currents(11.0, 10.0, start=(6.0, 0.02))
