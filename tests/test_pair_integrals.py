"""Error estimates that bound the error, at 200 random and deliberately hard parameter sets."""

import numpy as np
import pytest

from cedrag import Bilayer, ConvergenceError, NoPairingError
from cedrag.pairing.integrals import PairIntegrals

HARD_SETS = 200


def random_case(rng, kind):
    """Five kinds of trouble: T = 0.01; blunt cones; |q| ~ k_F; touching contours; low T + cones."""
    T = (0.01, 10 ** rng.uniform(-2, 0), 1.0, 10 ** rng.uniform(-2, 0), 10 ** rng.uniform(-2, -1))[
        kind
    ]
    J = rng.uniform(0.01, 0.3) if kind in (1, 4) else rng.uniform(2, 12)
    fermi_e = rng.uniform(2, 15)
    mismatch = (rng.normal() * 0.3, rng.normal() * 0.01, 0.0, 1e-4, rng.normal() * 0.01)[kind]
    b = Bilayer.from_fermi_energies(
        fermi_energy_e=fermi_e,
        fermi_energy_h=max(fermi_e * (1 + mismatch), 0.5),
        rashba_e=rng.uniform(0.2, 2),
        rashba_h=rng.choice([0.0, rng.uniform(-1, 1)]),
        zeeman_inplane=rng.uniform(-4, 4),
        zeeman_outofplane=J,
        mass_ratio=rng.choice([1.0, rng.uniform(0.4, 3)]),
    )
    q = rng.normal(size=2) * rng.choice([0.05, 0.3, 1.0]) * np.sqrt(2 * fermi_e)
    if rng.random() < 0.5:
        q[1] = 0.0
    return b, T, q[None, :], 10 ** rng.uniform(-8, -4)


@pytest.mark.parametrize("chunk", range(4))
def test_estimate_bounds_the_error_and_rtol_is_met(chunk):
    rng = np.random.default_rng(2026 + chunk)
    for i in range(HARD_SETS // 4):
        b, T, q, rtol = random_case(rng, i % 5)
        value, error, scale = PairIntegrals(b, T, rtol).evaluate(q)
        rounding = PairIntegrals(b, T, rtol).rounding
        finer = PairIntegrals(b, T, max(1e-3 * rtol, 8 * rounding))
        fine, fine_error, _ = finer.evaluate(q)
        context = f"{b}, T={T}, q={q}, rtol={rtol}"
        assert np.all(np.abs(value - fine) <= error + fine_error), context
        assert np.all(error <= rtol * scale), context


@pytest.mark.parametrize("sign", [1.0, -1.0])
def test_estimate_holds_away_from_the_design(sign):
    # a mesh made for one momentum, a very symmetric one for a start, serves others near it
    rng = np.random.default_rng(7)
    for i in range(40):
        b, T, q, rtol = random_case(rng, (1, 2, 3)[i % 3])
        b = b.replace(rashba_h=sign * b.rashba_h)
        if i < 8:
            b, q = b.replace(rashba_e=0.0, rashba_h=0.0), np.zeros((1, 2))
        integrals = PairIntegrals(b, max(T, 0.05), rtol)
        integrals.evaluate(q)
        others = q + rng.uniform(-0.3, 0.3, (4, 2)) * np.sqrt(2.0 * max(T, 0.05))
        value, error, scale = integrals.evaluate(others)
        fine, fine_error, _ = PairIntegrals(b, max(T, 0.05), 1e-2 * rtol).evaluate(others)
        context = f"{b}, T={T}, q={q}, rtol={rtol}"
        assert np.all(np.abs(value - fine) <= error + fine_error), context
        assert np.all(error <= rtol * scale), context


def test_mirror_and_full_plane_agree():
    b = Bilayer(mu_e=-2.27, mu_h=-4.84, rashba_e=0.956, zeeman_inplane=3.0, zeeman_outofplane=10.84)
    on_axis = PairIntegrals(b, 0.3, 1e-10).evaluate(np.array([[0.4, 0.0]]))
    nearly = PairIntegrals(b, 0.3, 1e-10).evaluate(np.array([[0.4, 1e-13]]))
    np.testing.assert_allclose(on_axis[0], nearly[0], atol=3e-10 * on_axis[2].max())


def test_values_do_not_depend_on_company():
    b = Bilayer(mu_e=1.6, mu_h=1.6, rashba_e=0.7, zeeman_inplane=3.0, zeeman_outofplane=10.0)
    q = np.column_stack([np.linspace(-1.5, 2.0, 40), np.linspace(0.0, 1.0, 40)])
    together, error, _ = PairIntegrals(b, 0.4, 1e-9).evaluate(q)
    for i in (0, 13, 39):
        alone, alone_error, _ = PairIntegrals(b, 0.4, 1e-9).evaluate(q[i : i + 1])
        assert np.all(np.abs(together[i] - alone[0]) <= error[i] + alone_error[0])


def test_refuses_more_digits_than_rounding_leaves():
    b = Bilayer(mu_e=1e4, mu_h=1e4, rashba_e=0.0, zeeman_inplane=0.0, zeeman_outofplane=0.0)
    with pytest.raises(ConvergenceError, match="below the rounding error"):
        PairIntegrals(b, 1.0, 1e-12).evaluate(np.zeros((1, 2)))


@pytest.mark.parametrize("layer", ["e", "h"])
def test_empty_band_is_named(layer):
    b = Bilayer(mu_e=1.6, mu_h=1.6, rashba_e=0.7, zeeman_inplane=3.0, zeeman_outofplane=10.0)
    b = b.replace(**{f"mu_{layer}": -12.0})
    with pytest.raises(NoPairingError, match=rf"mu_{layer} must put the Fermi level .* empty"):
        PairIntegrals(b, 1.0, 1e-6).evaluate(np.zeros((1, 2)))
