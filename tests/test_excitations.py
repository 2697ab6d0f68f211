"""Bogoliubov levels: BCS by hand, the same levels from two descriptions, Landau's criterion."""

import math

import numpy as np
import pytest

from cedrag import NATURAL, Bilayer, MeanField
from cedrag.condensate.excitations import levels


def test_bcs_excitation_falls_with_the_superflow():
    """min |E| = |Delta| - v q/2 of one circular contour; beyond that the count of levels varies."""
    energy = 400.0
    bilayer = Bilayer.from_fermi_energies(
        fermi_energy_e=energy, fermi_energy_h=energy, rashba_e=0.0, zeeman_inplane=0.0,
        zeeman_outofplane=2.0 * energy,
    )  # fmt: skip
    theory = MeanField(bilayer, 0.2, spin="band", rtol=1e-6)
    v = math.sqrt(2.0 * energy)
    for vq in (0.0, 1.0, 2.5):
        state = theory.state(vq / v)
        found = theory.excitations(state)
        assert found.smallest == pytest.approx(state.gap - 0.5 * vq, rel=2e-3)
        assert not found.gapless
        assert math.hypot(*found.at) == pytest.approx(v, rel=0.05)


def test_a_current_beyond_landau_leaves_a_fermi_surface():
    theory = MeanField(NATURAL, 0.1, spin="band", rtol=1e-6)
    rest = theory.minima[0]
    branch = theory.branches.branch(rest, 1.0)
    assert not theory.excitations(rest).gapless
    last = theory.excitations(branch[-1])
    assert last.gapless
    assert last.smallest == 0.0


@pytest.mark.parametrize("spin", ["full", "texture"])
def test_levels_from_the_matrix(spin):
    """Against K written down here, from eq (2) in its own spin basis."""
    theory = MeanField(NATURAL, 0.9, spin=spin, rtol=1e-6)
    state = theory.state(0.3)
    k = np.random.default_rng(4).normal(size=(2, 5)) * 2.0
    E = levels(theory.pair_states, state, k)
    turn = np.diag([1.0, 1j])
    field = turn @ theory.pair_field(state) @ turn
    Y, X, Z = np.array([[0, -1j], [1j, 0]]), np.array([[0, 1], [1, 0]]), np.diag([1.0, -1.0])
    b = NATURAL
    for i in range(5):
        p = k[:, i] + [0.15, 0.0]
        h = [0.15, 0.0] - k[:, i]
        spin_field = b.zeeman_inplane * Y + b.zeeman_outofplane * Z
        electron = (p @ p / 2 - b.mu_e) * np.eye(2) + b.rashba_e * (p[0] * Y - p[1] * X)
        hole = (h @ h / 2 / b.mass_ratio - b.mu_h) * np.eye(2)
        electron, hole = electron + spin_field, hole + spin_field
        K = np.block([[electron, field], [field.conj().T, -hole.T]])
        if spin == "full":
            assert E[i] == pytest.approx(np.linalg.eigvalsh(K), abs=1e-12)
            continue
        # both lower branches, coupled by the element of the pair field between them
        _, u = np.linalg.eigh(electron)
        _, w = np.linalg.eigh(-hole.T)
        P = np.zeros((4, 2), complex)
        P[:2, 0], P[2:, 1] = u[:, 0], w[:, 1]
        assert E[i] == pytest.approx(np.linalg.eigvalsh(P.conj().T @ K @ P), abs=1e-10)


def test_pair_field_and_spin():
    theory = MeanField(NATURAL, 0.9, rtol=1e-6)
    state = theory.minima[0]
    field, S = theory.pair_field(state), theory.spin_of_pairs(state)
    assert np.linalg.norm(field) == pytest.approx(state.gap, rel=1e-12)
    assert np.abs(field.imag).max() == 0.0
    # one column: |S| = Delta^dag Delta, and against b, for the lower branch
    assert np.linalg.norm(S) == pytest.approx(state.gap**2, rel=1e-12)
    assert S[1] == 0.0
    assert S[2] < 0.0
    with pytest.raises(ValueError, match=r"spin must be 'full' or 'texture' .*got 'band'"):
        MeanField(NATURAL, 0.9, spin="band").pair_field(state)
