"""The second derivation of the mean field is guarded itself: frozen rows, symmetries, BCS."""

import json
import sys
from pathlib import Path

import numpy as np
import pytest

HERE = Path(__file__).parent
REFERENCE = json.loads((HERE / "data" / "mean_field_reference.json").read_text())


@pytest.fixture(scope="module")
def oracle():
    sys.path.insert(0, str(HERE / "oracle"))
    import mean_field

    yield mean_field
    sys.path.remove(str(HERE / "oracle"))


@pytest.mark.parametrize("point", REFERENCE["points"], ids=lambda p: p["level"])
def test_fixed_delta_is_frozen(oracle, point):
    s, q = oracle.Sample(**point["sample"]), np.array(point["q"])
    k = np.array(point["integrand"]["k"]).T
    Delta = np.array(point["delta_real"]) + 1j * np.array(point["delta_imag"])
    (A, _, _), (C, _, _) = oracle.blocks(s, point["level"], k, q)
    omega, _, Peh, *_ = oracle.occupation(A, C, Delta, point["T"])
    assert omega == pytest.approx(point["integrand"]["omega"], rel=1e-11, abs=1e-12)
    assert 2 * Peh.real == pytest.approx(
        np.array(point["integrand"]["d_omega_d_delta_real"]), abs=1e-12
    )


def test_a_row_of_the_table(oracle):
    row = next(r for r in REFERENCE["rows"] if r["level"] == "band" and r["t"] == 0.9)
    o = oracle.Oracle(oracle.Sample(**row["sample"]), "band", oracle.Mesh(28, 8))
    found = o.equilibrium(0.9)
    assert found.q[0] == pytest.approx(row["values"]["q0"], abs=1e-6)
    assert found.v[0] == pytest.approx(row["values"]["gap"], abs=1e-6)
    assert found.omega == pytest.approx(row["values"]["free_energy"], abs=1e-8)


def at(oracle, s, level, q, v, T=0.7):
    return oracle.evaluate(s, level, (q, 0.0), v, T, 0.1, oracle.Mesh(24, 7))


def test_symmetries_of_the_matrices(oracle):
    s, v = oracle.CHIRAL, np.array([0.4, 0.7, -0.3, 1.1])
    here = at(oracle, s, "full", 0.3, v)
    # B, lambda -> -B, -lambda turns both spins by pi about z: s_uu and s_dd change sign
    turned = oracle.replace(s, B=-s.B, rashba_e=-s.rashba_e, rashba_h=-s.rashba_h)
    assert at(oracle, turned, "full", 0.3, v * [-1, 1, 1, -1]).omega == pytest.approx(
        here.omega, abs=1e-9
    )
    # k -> -k: lambda -> -lambda, q -> -q
    back = oracle.replace(s, rashba_e=-s.rashba_e, rashba_h=-s.rashba_h)
    other = at(oracle, back, "full", -0.3, v)
    assert other.omega == pytest.approx(here.omega, abs=1e-9)
    assert other.gradient[4] == pytest.approx(-here.gradient[4], abs=1e-9)


def test_closed_form_equals_the_matrix(oracle):
    a, b = (at(oracle, oracle.CHIRAL, level, 0.3, [1.2]) for level in ("band", "band-closed"))
    assert a.omega == pytest.approx(b.omega, abs=1e-11)
    assert a.gradient[:2] == pytest.approx(b.gradient[:2], abs=1e-11)


def test_bcs_gap(oracle):
    """Delta(.5 T_c)/T_c = 1.687827 in the weak-coupling limit; E_F/T_c = 60 is close to it."""
    s = oracle.Sample(60.0, 60.0, 0.0, 0.0, 0.0, 0.0)
    o = oracle.Oracle(s, "band", oracle.Mesh(4, 10))
    assert o.relax(0.0, 0.5, [1.5]).v[0] == pytest.approx(1.687827, rel=1e-3)


@pytest.mark.parametrize("row", REFERENCE["rashba_superconductor"][1:3])
def test_rashba_superconductor(oracle, row):
    import rashba_superconductor as rs

    s = rs.Superconductor(row["T"], row["h"], row["delta"], angles=100, points=8)
    for end in ("plus", "minus"):
        assert s.state(row[f"x_{end}"])[2] == pytest.approx(row[f"jc_{end}"], abs=1e-8)


def test_two_equal_waves_are_twice_beta(oracle):
    import two_waves

    point = REFERENCE["two_waves"][0]
    s = oracle.Sample(**point["sample"])
    same = two_waves.gamma(s, point["q1"], point["q1"], point["T"], angles=16)
    assert same[0] == pytest.approx(same[1], rel=1e-12)
    found = two_waves.gamma(s, point["q1"], point["q2"], point["T"], width=0.3)
    assert found == pytest.approx([point["gamma"], point["two_beta"]], abs=1e-6)
