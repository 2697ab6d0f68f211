"""Loop kernels: the frequency rules, the fields' derivatives, and Omega of a single node."""

import numpy as np
import pytest
from mpmath import mp

from cedrag import NATURAL, Bilayer
from cedrag.kernels.frequencies import SIZES, frequency_tables, thermal_frequencies
from cedrag.kernels.loop_sums import BAND, SPINS, TEXTURE, field_sums

CHIRAL = Bilayer(
    mu_e=2.0, mu_h=0.5, rashba_e=1.3, rashba_h=-0.4, zeeman_inplane=3.0, zeeman_outofplane=9.0,
    mass_ratio=1.6,
)  # fmt: skip
Q, FIELD = np.array([0.3, 0.2]), np.array([[0.3 + 0.1j, 0.2 - 0.4j], [-0.5 + 0.2j, 0.1 + 0.6j]])


def loops(bilayer, level, k, q=Q, field=FIELD, t=0.5):
    model = (t, t, bilayer.band("e"), bilayer.band("h"), 1.0, bilayer.reduced_mass)
    kx, ky = np.array([float(k[0])]), np.array([float(k[1])])
    return field_sums(
        level, kx, ky, np.ones((1, 1)), q[0], q[1], model, field[None], *frequency_tables()
    )[0, 0]


@pytest.mark.parametrize("n", SIZES[:8])
def test_frequencies_replace_the_matsubara_sum(n):
    z, weight = thermal_frequencies(int(n))
    x = np.linspace(0.1, 0.9 * 0.24 * n**2, 40)[:, None]
    # T = 1: 2 sum 1/(w^2 + x^2) = tanh(x/2)/(2x)
    found = 2.0 * (weight / (z**2 + x**2)).sum(axis=1)
    np.testing.assert_allclose(found, (np.tanh(0.5 * x) / (2.0 * x))[:, 0], rtol=1e-11)
    assert z.min() == pytest.approx(np.pi, rel=1e-12)


@pytest.mark.parametrize("k", [(1.1, 0.4), (3.0, -2.0), (40.0, 15.0)])
@pytest.mark.parametrize("level", [BAND, SPINS, TEXTURE])
def test_slopes_are_derivatives(level, k):
    bilayer = CHIRAL if level == SPINS else CHIRAL.replace(rashba_h=0.0)
    here, h = loops(bilayer, level, k), 1e-3
    at, weight = h * np.array([-2, -1, 1, 2]), np.array([1, -8, 8, -1]) / (12 * h)
    for first in (0, 11):
        for axis in (0, 1):
            moved = [loops(bilayer, level, k, Q + s * np.eye(2)[axis])[first] for s in at]
            scale = abs(here[first])
            assert here[first + 1 + axis] == pytest.approx(weight @ moved, abs=1e-8 * scale)
        if level == BAND:
            continue
        turn = np.array([[0.4 - 0.2j, 0.7j], [0.1, -0.3 + 0.5j]])
        moved = [loops(bilayer, level, k, field=FIELD + s * turn)[first] for s in at]
        parts = here[first + 3 : first + 11]
        force = (parts[0::2] + 1j * parts[1::2]).reshape(2, 2)
        foreseen = 2.0 * float((force.conj() * turn).sum().real)
        assert foreseen == pytest.approx(weight @ moved, rel=1e-7)


def omega(bilayer, k, y, t=0.5):
    """-T sum ln(1 + exp(-E/T)) of the Bogoliubov matrix with sqrt(y) FIELD, in many digits."""

    def layer(kx, ky, m, mu, lam):
        x, y, z = lam * kx + bilayer.zeeman_inplane, lam * ky, bilayer.zeeman_outofplane
        return ((kx**2 + ky**2) / (2 * m) - mu) * np.eye(2) + np.array(
            [[z, x - 1j * y], [x + 1j * y, -z]]
        )

    b = bilayer
    e = layer(0.5 * Q[0] + k[0], 0.5 * Q[1] + k[1], 1.0, b.mu_e, b.rashba_e)
    h = layer(0.5 * Q[0] - k[0], 0.5 * Q[1] - k[1], b.mass_ratio, b.mu_h, b.rashba_h)
    field = mp.sqrt(y) * mp.matrix(FIELD.tolist())
    K = mp.zeros(4)
    K[:2, :2], K[2:, 2:] = mp.matrix(e.tolist()), mp.matrix((-h.T).tolist())
    K[:2, 2:], K[2:, :2] = field, field.H
    return -t * sum(mp.log1p(mp.exp(-E / t)) for E in mp.eighe(K, eigvals_only=True))


@pytest.mark.parametrize(
    ("bilayer", "k"),
    [
        (CHIRAL, (1.1, 0.4)),
        (CHIRAL, (4.2, 1.0)),
        (NATURAL, (4.9, 0.3)),
        # all four levels of a layer pair meet
        (Bilayer(mu_e=1.0, mu_h=1.0, rashba_e=0.0, zeeman_inplane=0.0, zeeman_outofplane=0.0),
         (1.3, 0.5)),
    ],
)  # fmt: skip
def test_omega_of_one_node_is_expanded(bilayer, k):
    found = loops(bilayer, SPINS, k)
    with mp.workdps(60):
        fourth, sixth = (
            float(mp.diff(lambda y: omega(bilayer, k, y), 0, n, direction=1, h=mp.mpf("1e-13")))
            for n in (2, 3)
        )
    assert fourth / 2.0 == pytest.approx(found[0], rel=1e-9, abs=1e-14)
    assert sixth / 6.0 == pytest.approx(found[11], rel=1e-8, abs=1e-14)
