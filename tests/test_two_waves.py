"""One wave against two: gamma of a second derivation, its limit, and who wins."""

import json
import warnings
from pathlib import Path

import numpy as np
import pytest

from cedrag import (
    NATURAL,
    Bilayer,
    GinzburgLandau,
    LarkinOvchinnikovWarning,
    OccupiedUpperBranchWarning,
    larkin_ovchinnikov,
)
from cedrag.condensate.two_waves import wave_coupling

REFERENCE = json.loads((Path(__file__).parent / "data" / "mean_field_reference.json").read_text())


def reference_theory(point, binding_energy=1.0):
    s = point["sample"]
    bilayer = Bilayer(
        mu_e=s["mu_e"], mu_h=s["mu_h"], rashba_e=s["rashba_e"], zeeman_inplane=s["B"],
        zeeman_outofplane=s["J"],
    )  # fmt: skip
    with warnings.catch_warnings():  # without fields both branches are one
        warnings.simplefilter("ignore", OccupiedUpperBranchWarning)
        return GinzburgLandau(bilayer, point["T"], binding_energy=binding_energy)


@pytest.mark.parametrize("point", REFERENCE["two_waves"], ids=lambda p: f"{p['T']}-{p['q2']}")
def test_second_derivation(point):
    q1, q2 = (np.array(point[q], dtype=float) for q in ("q1", "q2"))
    gamma, error = wave_coupling(reference_theory(point), q1, q2)
    assert gamma == pytest.approx(point["gamma"], abs=3e-7)
    assert error < 1e-6


@pytest.mark.parametrize("spin", ["band", "full"])
def test_two_equal_waves_are_one(spin):
    theory, q = GinzburgLandau(NATURAL, 0.9, spin=spin), np.array([0.25, 0.1])
    gamma, _ = wave_coupling(theory, q, q)
    assert gamma == pytest.approx(2.0 * float(theory.beta(*q)), rel=1e-6)


def test_mismatch_prefers_two_waves():
    point = REFERENCE["two_waves"][0]
    theory = reference_theory(point)
    with pytest.warns(LarkinOvchinnikovWarning, match="not the ground state"):
        pair = larkin_ovchinnikov(theory, point["q1"])
    assert pair.q2 == (-0.55, 0.0)
    assert pair.state == "Larkin-Ovchinnikov"
    # two equal waves: F = -alpha^2/(beta + gamma)
    assert pair.both == pytest.approx(-(pair.alpha[0] ** 2) / (pair.beta[0] + pair.gamma), rel=1e-6)
    assert pair.both < min(pair.single)


def test_matched_contours_prefer_one_wave():
    with warnings.catch_warnings():
        warnings.simplefilter("error", LarkinOvchinnikovWarning)
        pair = larkin_ovchinnikov(GinzburgLandau(NATURAL), (0.2, 0.0), (0.1, 0.0))
    assert pair.state == "Fulde-Ferrell"
    assert pair.gamma > (pair.beta[0] * pair.beta[1]) ** 0.5
    assert pair.both == min(pair.single)


def test_bad_arguments():
    with pytest.raises(ValueError, match="q1 must be two numbers"):
        larkin_ovchinnikov(GinzburgLandau(NATURAL), 0.2)
    with pytest.raises(ValueError, match="of order 4"):
        larkin_ovchinnikov(GinzburgLandau(NATURAL, order=6), (0.2, 0.0))
