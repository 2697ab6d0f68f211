"""alpha and beta by finite differences of a grand potential that pyqula's lattice model gives.

A square lattice with two layers and hoppings to the fourth neighbour along the axes, so that both
bands are parabolas up to the eighth order in the lattice constant.  The pair momentum twists the
hoppings, Delta couples the layers.  Without Rashba coupling: on a lattice the projection on the
lower spin branch has no counterpart.  alpha itself depends on the lattice's cut-off, its change
with temperature hardly, and beta as the fourth power of the lattice constant: that is what remains
of the difference.
"""

import importlib.util

import numpy as np
from timing import Measured, once, repeat

from cedrag import Bilayer, GinzburgLandau

MODEL = Bilayer.from_fermi_energies(
    fermi_energy_e=1.5, fermi_energy_h=1.2, rashba_e=0.0, zeeman_inplane=0.0,
    zeeman_outofplane=20.0, mass_ratio=1.5,
)  # fmt: skip
FERMI, MASS = (1.5, 1.2), (1.0, 1.5)
Q, TEMPERATURES = 0.5, (1.0, 0.8)
SPACING, MESH = 0.2, 80  # lattice constant in l_u, momenta per direction
DELTAS = 0.25 * np.arange(5)
_STENCIL = np.array([205 / 72, -8 / 5, 1 / 5, -8 / 315, 1 / 560])  # -d^2/dx^2 to eighth order


def installed():
    """Whether pyqula can be imported."""
    return importlib.util.find_spec("pyqula") is not None


def _hopping(delta):
    """Matrix element between two places; z tells the layers apart."""

    def element(here, there):
        step = np.asarray(there) - np.asarray(here)
        x, y = np.rint(step[:2]).astype(int)
        if abs(step[2]) > 0.5:
            return delta if x == y == 0 else 0.0
        layer = round(here[2])
        sign = (1.0, -1.0)[layer]  # the hole layer holds electrons of its valence band
        kinetic = sign / (2.0 * MASS[layer] * SPACING**2)
        if x == y == 0:
            return 2.0 * kinetic * _STENCIL[0] - sign * FERMI[layer]
        if (x and y) or abs(x + y) >= len(_STENCIL):
            return 0.0
        return kinetic * _STENCIL[abs(x + y)] * np.exp(0.5j * sign * Q * SPACING * x)

    return element


def _levels(delta):
    """Energies (momenta, 2) of the lattice model."""
    from pyqula import geometry

    g = geometry.square_lattice()
    g.x, g.y, g.z = np.zeros(2), np.zeros(2), np.array([0.0, 1.0])
    g.has_sublattice = False
    g.xyz2r()
    h = g.get_hamiltonian(tij=_hopping(delta), has_spin=False, is_multicell=True, cutoff=4)
    bloch = h.get_hk_gen()
    k = np.arange(MESH) / MESH
    return np.array([np.linalg.eigvalsh(bloch([x, y, 0.0])) for x in k for y in k])


def by_differences():
    """[alpha(1) - alpha(0.8), beta(1), beta(0.8)] from Omega at a few Delta."""
    levels = [_levels(delta) for delta in DELTAS]
    powers = DELTAS[1:, None] ** (2 * np.arange(1, len(DELTAS)))
    found = []
    for T in TEMPERATURES:
        omega = np.array([-T * np.logaddexp(0.0, -e / T).sum() for e in levels])
        omega /= (MESH * SPACING) ** 2
        found.append(np.linalg.solve(powers, omega[1:] - omega[0])[:2] * (1.0, 2.0))
    (alpha, beta), (alpha_cold, beta_cold) = found
    return np.array([alpha - alpha_cold, beta, beta_cold])


def by_cedrag():
    """The same from the closed Matsubara sums."""
    warm, cold = (GinzburgLandau(MODEL, T, binding_energy=1.0) for T in TEMPERATURES)
    return np.array([warm.alpha(Q) - cold.alpha(Q), warm.beta(Q), cold.beta(Q)], dtype=float)


def cedrag_values():
    """cedrag's time for the three numbers, warm."""
    first, seconds, got = repeat(by_cedrag, budget=1.0)
    if not installed():
        tight = [GinzburgLandau(MODEL, T, binding_energy=1.0, rtol=1e-10) for T in TEMPERATURES]
        want = tight[0].alpha(Q) - tight[1].alpha(Q)
        return Measured(seconds, abs(got[0] / want - 1.0), 1e-7, "rtol 1e-10", first=first)
    difference = float(np.abs(got / by_differences() - 1.0).max())
    return Measured(seconds, difference, 1e-3, "pyqula", first=first)


def pyqula_values():
    """pyqula's time for the three numbers; None where it is not installed."""
    if not installed():
        return None
    seconds, got = once(by_differences)
    difference = float(np.abs(got / by_cedrag() - 1.0).max())
    note = f"{MESH} x {MESH} momenta, {len(DELTAS)} values of Delta"
    return Measured([seconds], difference, 1e-3, "cedrag", note=note)
