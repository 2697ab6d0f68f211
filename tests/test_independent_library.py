"""Mean field against an independent library: bodge diagonalises the same condensate in real space.

A torus of L x L points allows L^2 momenta.  Hoppings to all points carry the continuum bands at
these momenta exactly, so the lattice has no error of its own, and both sums run over the same
momenta: what is compared is the physics of pairing, spin and pair momentum.
"""

import itertools
import math

import numpy as np
import pytest
from bodge import CubicLattice, Hamiltonian

from cedrag import Bilayer
from cedrag.condensate.pair_states import PairStates
from cedrag.kernels.mean_field_band import OMEGA

SIZE, SPACING = 6, 0.7
T = 0.6
CHIRAL = Bilayer(
    mu_e=1.6, mu_h=1.1, rashba_e=0.9, rashba_h=-0.5, zeeman_inplane=0.8, zeeman_outofplane=1.3,
    mass_ratio=1.4,
)  # fmt: skip
PAULI = np.array([[[0, 1], [1, 0]], [[0, -1j], [1j, 0]], [[1, 0], [0, -1]]])
PLACES = list(itertools.product(range(SIZE), range(SIZE)))
UNIT = 2.0 * np.pi / (SIZE * SPACING)


class Torus(CubicLattice):
    """Two layers; every place is bound to every other."""

    def bonds(self):
        yield from itertools.combinations(self.sites(), 2)

    def edges(self):
        yield from ()


def hamiltonian(bilayer, layer, p):
    """Eq (2) of one layer in its own particles."""
    mass, mu, rashba = (
        (1.0, bilayer.mu_e, bilayer.rashba_e)
        if layer == 0
        else (bilayer.mass_ratio, bilayer.mu_h, bilayer.rashba_h)
    )
    field = (
        -rashba * p[1],
        rashba * p[0] + bilayer.zeeman_inplane,
        bilayer.zeeman_outofplane,
    )
    return (p @ p / (2.0 * mass) - mu) * np.eye(2) + np.einsum("a,aij->ij", field, PAULI)


def lower_branch(bilayer, layer, p):
    return np.linalg.eigvalsh(hamiltonian(bilayer, layer, p))[0] * np.eye(2)


def momenta(winding):
    """Electrons' momenta, and the pairs' momentum q."""
    q = UNIT * np.array(winding)
    return UNIT * (np.array(PLACES) - SIZE // 2), q


def library(bilayer, matrix, Delta, winding):
    """Free energy of the torus over its area, less that at Delta = 0."""
    p, q = momenta(winding)
    place = SPACING * np.array(PLACES)
    hopping = []
    for layer, of in ((0, p), (1, q - p)):
        H = np.array([matrix(bilayer, layer, x) for x in of])
        phase = np.exp(1j * place @ of.T)
        hopping.append(np.einsum("rp,pij->rij", phase, H) / len(p))
    energy = []
    for D in (Delta, 0.0 * Delta):
        system = Hamiltonian(Torus((SIZE, SIZE, 2)))
        with system as (H, pair):
            for layer in (0, 1):
                for a, b in itertools.product(PLACES, repeat=2):
                    apart = PLACES.index(((a[0] - b[0]) % SIZE, (a[1] - b[1]) % SIZE))
                    H[(*a, layer), (*b, layer)] = hopping[layer][apart]
            for r, a in zip(place, PLACES, strict=True):
                turned = D * np.exp(1j * q @ r)
                pair[(*a, 0), (*a, 1)] = turned
                pair[(*a, 1), (*a, 0)] = -turned.T
        energy.append(system.free_energy(T))
    return (energy[0] - energy[1]) / (SIZE * SPACING) ** 2


def package(bilayer, spin, Delta, winding):
    """The sum over the same momenta by the kernels."""
    p, q = momenta(winding)
    states = PairStates(bilayer, T, spin, 1e-8)
    f = states.functional(q, half=False)
    turn = np.exp(0.25j * np.pi * np.array([1, -1]))  # the kernels' second spin component times i
    turned = (turn[:, None] * Delta * turn).ravel()
    parts = np.stack([turned.real, turned.imag], -1).ravel()
    z = f.basis @ parts if spin == "full" else np.array([abs(Delta[0, 0])])
    k = p - 0.5 * q
    weight = np.full((2, len(p)), 1.0 / (SIZE * SPACING) ** 2)
    out = np.empty((2, 8 + len(z) + len(z) * (len(z) + 1) // 2 + 2 * len(z)))
    f.kernel.state(
        np.ascontiguousarray(k[:, 0]), np.ascontiguousarray(k[:, 1]), weight, *q.tolist(),
        f.model, z, f.basis, out,
    )  # fmt: skip
    E_ref, m_r = f.model[4:]
    vacuum = float(np.sum(weight[0] / ((k**2).sum(1) / (2.0 * m_r) + E_ref)))
    return out[0, OMEGA] - vacuum * float(z @ z)


@pytest.mark.parametrize("winding", [(0, 0), (1, 0), (1, -1)])
def test_all_spin_states(winding):
    Delta = np.array([[0.3 - 0.2j, 0.5 + 0.1j], [-0.4 + 0.3j, 0.9 - 0.6j]])
    there = library(CHIRAL, hamiltonian, Delta, winding)
    here = package(CHIRAL, "full", Delta, winding)
    assert here == pytest.approx(there, rel=1e-11)
    assert there < -0.1  # a condensate that is not small


@pytest.mark.parametrize("winding", [(0, 0), (1, 0)])
def test_lower_branches(winding):
    """Two equal copies in the two spin places of the library."""
    Delta = 1.2 * np.eye(2)
    there = library(CHIRAL, lower_branch, Delta, winding)
    here = package(CHIRAL, "band", Delta, winding)
    assert 2.0 * here == pytest.approx(there, rel=1e-11)
    assert math.isfinite(there)
