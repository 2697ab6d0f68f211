"""Kernels with all four spin states against plain matrices built from the Pauli matrices."""

from decimal import Decimal, localcontext

import numpy as np
import pytest

from cedrag import Bilayer
from cedrag.condensate.levels import column_level, full_level, other_column
from cedrag.condensate.pair_sums import COLUMN, TEXTURE
from cedrag.condensate.pair_sums import FULL as ALL_SPINS
from cedrag.kernels.occupation import fermi_slope, potential_change
from cedrag.kernels.spin_quadratic import fill_quadratic, quadratic_matrix
from cedrag.kernels.spin_response import spectrum

fill_gap, fill_state = ALL_SPINS.gap, ALL_SPINS.state
ONE = np.eye(2)
X, Y, Z = np.array([[0, 1], [1, 0]]), np.array([[0, -1j], [1j, 0]]), np.diag([1.0, -1.0])
PHASE = np.diag([1.0, 1j])  # from eq (2) to the basis in which the mirror is real
E_REF = 5.0
COLD, WARM = 0.2, 1.3


def hamiltonian(kx, ky, mass, mu, lam, B, J):
    """Eq (2), straight from the parameters."""
    kinetic = (kx * kx + ky * ky) / (2 * mass) - mu
    return kinetic * ONE + lam * (kx * Y - ky * X) + B * Y + J * Z


def matrices(b, k, q, delta):
    """K of theory with and without the pair field."""
    field = b.zeeman_inplane, b.zeeman_outofplane
    electron = hamiltonian(*(q / 2 + k), 1.0, b.mu_e, b.rashba_e, *field)
    hole = hamiltonian(*(q / 2 - k), b.mass_ratio, b.mu_h, b.rashba_h, *field)
    D = PHASE @ delta @ PHASE
    return [np.block([[electron, x], [x.conj().T, -hole.T]]) for x in (D, np.zeros((2, 2)))]


def potential(K, T):
    E = np.linalg.eigvalsh(K)
    return float(np.sum(np.minimum(E, 0.0) - T * np.log1p(np.exp(-np.abs(E) / T))))


def reduced(b):
    return b.mass_ratio / (1.0 + b.mass_ratio)


def plain_omega(b, k, q, delta, T, T_ref):
    paired, normal = matrices(b, k, q, delta)
    vacuum = np.sum(np.abs(delta) ** 2) / (k @ k / (2 * reduced(b)) + E_REF)
    return vacuum + potential(paired, T) - potential(normal, T_ref)


def state(b, k, q, z, basis, T, T_ref, fill_state=fill_state):
    """Omega, densities, gradient and Hessian by (z, q) at one k."""
    n = len(basis)
    out = np.empty((2, 8 + n + n * (n + 1) // 2 + 2 * n))
    model = (T, T_ref, b.band("e"), b.band("h"), E_REF, reduced(b))
    fill_state(np.array([k[0]]), np.array([k[1]]), np.ones((2, 1)), *q, model, z, basis, out)
    row = out[0]
    inner = 8 + n + n * (n + 1) // 2
    H = np.zeros((n + 2, n + 2))
    H[np.triu_indices(n)] = row[8 + n : inner]
    H[:n, n], H[:n, n + 1] = row[inner : inner + n], row[inner + n :]
    H[n, n], H[n, n + 1], H[n + 1, n + 1] = row[5:8]
    H = np.triu(H) + np.triu(H, 1).T
    return row[0], row[1:3], np.concatenate([row[8 : 8 + n], row[3:5]]), H


def draw(rng, *, rashba_h=True):
    B, J = rng.normal(size=2) * 3
    b = Bilayer(
        mu_e=rng.normal() * 2, mu_h=rng.normal() * 2, rashba_e=rng.normal(),
        rashba_h=rng.normal() if rashba_h else 0.0, zeeman_inplane=B, zeeman_outofplane=J,
        mass_ratio=rng.uniform(0.5, 2.0),
    )  # fmt: skip
    return b, rng.normal(size=2) * 3, rng.normal(size=2)


def slope(function, y, step=2e-3):
    """Central differences of sixth order."""
    rows = []
    for d in step * np.eye(len(y)):
        odd = [function(y + m * d) - function(y - m * d) for m in (1, 2, 3)]
        rows.append((45 * odd[0] - 9 * odd[1] + odd[2]) / (60 * step))
    return np.array(rows)


FULL = full_level(on_axis=False).basis


def field_of(z):
    return full_level(on_axis=False).pair_field(z)


@pytest.mark.parametrize("seed", range(12))
def test_omega_and_all_first_and_second_derivatives(seed):
    rng = np.random.default_rng(seed)
    b, k, q = draw(rng)
    z = rng.normal(size=8) * 10 ** rng.uniform(-2, 0.5)
    T, T_ref = 10 ** rng.uniform(-0.5, 0.5), 1.7

    def omega(y):
        return plain_omega(b, k, y[8:], field_of(y[:8]), T, T_ref)

    def gradient(y):
        return state(b, k, y[8:], y[:8], FULL, T, T_ref)[2]

    y = np.concatenate([z, q])
    value, _, first, second = state(b, k, q, z, FULL, T, T_ref)
    assert value == pytest.approx(omega(y), rel=1e-13, abs=1e-13)
    assert first == pytest.approx(slope(omega, y), rel=1e-9, abs=1e-9)
    assert second == pytest.approx(slope(gradient, y), rel=1e-9, abs=1e-9)


@pytest.mark.parametrize("scale", [1e-6, 1e-2, 1.0, 30.0])
def test_levels_of_the_matrix_also_where_they_meet(scale):
    rng = np.random.default_rng(3)
    empty = Bilayer(mu_e=1.0, mu_h=1.0, rashba_e=0.0, zeeman_inplane=0.0, zeeman_outofplane=0.0)
    for b, k, q in [draw(rng) for _ in range(50)] + [(empty, np.array([2**0.5, 0]), np.zeros(2))]:
        delta = field_of(scale * rng.normal(size=8))
        bands = b.band("e"), b.band("h")
        E = spectrum(np.array([k[0]]), np.array([k[1]]), *q, *bands, delta)[:, 0]
        exact = np.linalg.eigvalsh(matrices(b, k, q, delta)[0])
        assert np.sort(E) == pytest.approx(exact, abs=3e-15 * (1 + np.abs(exact).max()) * 4)


def test_far_out_nothing_cancels():
    """At k = 1e5 Omega is -|Delta|^4 and smaller against |Delta|^2/k^2: the shifts are exact."""
    b = Bilayer(mu_e=1.0, mu_h=1.0, rashba_e=0.0, zeeman_inplane=0.0, zeeman_outofplane=0.0)
    k = 1e5
    _, density, first, _ = state(b, np.array([k, 0.0]), np.zeros(2), np.eye(8)[0], FULL, 0.9, 1.0)
    x = k * k / 2 - 1.0
    E = np.hypot(x, 1.0)
    assert density == pytest.approx(0.5 / (E * (E + x)) * np.ones(2), rel=1e-12, abs=0.0)
    exact = 2.0 / (k * k + E_REF) - 1.0 / E
    assert first[0] == pytest.approx(exact, rel=1e-4, abs=1e-25)
    assert np.abs(first[8:]).max() < 1e-22


def test_without_spin_orbit_coupling_it_is_the_band_theory_with_any_field():
    b = Bilayer(mu_e=1.0, mu_h=1.4, rashba_e=0.0, zeeman_inplane=30.0, zeeman_outofplane=40.0)
    lower = column_level(b, on_axis=True).basis
    k, q = np.array([1.0, 2.0]), np.array([0.3, -0.2])
    spin = np.array([-np.sin(0.5 * np.arctan2(30.0, 40.0)), np.cos(0.5 * np.arctan2(30.0, 40.0))])
    value, *_ = state(b, k, q, 1.3 * spin, lower, 0.9, 0.9)
    e, h = float(b.xi_e(*(k + q / 2))), float(b.xi_h(*(q / 2 - k)))
    x, d = (e + h) / 2, (e - h) / 2
    E = np.hypot(x, 1.3)
    band = sum(-0.9 * np.log1p(np.exp(-u / 0.9)) for u in (E + d, E - d))
    band -= sum(-0.9 * np.log1p(np.exp(-u / 0.9)) for u in (abs(x) + d, abs(x) - d))
    assert value == pytest.approx(1.69 / (k @ k + E_REF) + abs(x) - E + band, rel=1e-11, abs=1e-12)


@pytest.mark.parametrize("seed", range(6))
def test_quadratic_form_is_half_the_second_derivative_at_zero(seed):
    b, k, q = draw(np.random.default_rng(seed))
    bands = b.band("e"), b.band("h")

    def coefficients(momentum):
        out = np.empty((48, 1))
        fill_quadratic(
            np.array([k[0]]), np.array([k[1]]), *momentum, WARM, *bands, E_REF, reduced(b), out
        )
        return out[:, 0]

    c = coefficients(q)
    A = quadratic_matrix(c[:16])
    assert np.abs(A - A.conj().T).max() == 0.0
    H = state(b, k, q, np.zeros(8), FULL, WARM, WARM)[3][:8, :8]
    parts = np.empty((8, 8))
    parts[0::2, 0::2], parts[1::2, 1::2] = A.real, A.real
    parts[0::2, 1::2], parts[1::2, 0::2] = -A.imag, A.imag
    assert 2.0 * parts == pytest.approx(H, rel=1e-12, abs=1e-13)
    numeric = slope(lambda momentum: coefficients(momentum)[:16], q)
    assert c[16:].reshape(2, 16) == pytest.approx(numeric, rel=1e-9, abs=1e-10)


@pytest.mark.parametrize("seed", range(4))
def test_symmetries(seed):
    rng = np.random.default_rng(seed)
    b, k, q = draw(rng)
    z = rng.normal(size=8)
    value, _, first, second = state(b, k, q, z, FULL, COLD, WARM)
    # the mirror k_y -> -k_y conjugates the pair field
    conjugate = np.array([1.0, -1.0] * 4)
    flip = np.array([1.0, -1.0])
    signs = np.concatenate([conjugate, flip])
    mirrored = state(b, flip * k, flip * q, conjugate * z, FULL, COLD, WARM)
    assert mirrored[0] == pytest.approx(value, rel=1e-12, abs=1e-12)
    assert mirrored[2] == pytest.approx(signs * first, rel=1e-10, abs=1e-11)
    assert mirrored[3] == pytest.approx(np.outer(signs, signs) * second, rel=1e-9, abs=1e-10)
    # a turn by pi about z: B -> -B with k -> -k and q -> -q
    turned = field_of(z) * np.array([[1.0, -1.0], [-1.0, 1.0]])
    back = np.stack([turned.real, turned.imag], axis=-1).ravel()
    other = state(b.replace(zeeman_inplane=-b.zeeman_inplane), -k, -q, back, FULL, COLD, WARM)
    assert other[0] == pytest.approx(value, rel=1e-12, abs=1e-12)
    assert other[2][8:] == pytest.approx(-first[8:], rel=1e-10, abs=1e-11)


def test_one_column_is_stationary_and_the_other_column_decides():
    """Summed over a plain mesh: the slope into the other column vanishes at each k."""
    rng = np.random.default_rng(8)
    b, k, q = draw(rng, rashba_h=False)
    level, rows = column_level(b, on_axis=False), other_column(b, on_axis=False)
    basis = np.vstack([level.basis, rows])
    z = np.concatenate([rng.normal(size=4), np.zeros(4)])
    first, second = state(b, k, q, z, basis, COLD, WARM)[2:]
    assert np.abs(first[4:8]).max() < 1e-14
    assert np.abs(second[:4, 4:8]).max() < 1e-13
    alone = state(b, k, q, z[:4], level.basis, COLD, WARM)
    assert alone[3][:4, :4] == pytest.approx(second[:4, :4], rel=1e-12, abs=1e-13)


@pytest.mark.parametrize("seed", range(4))
def test_one_column_is_a_block_of_all_spins(seed):
    """3 x 3 and real against 4 x 4: but for holes of the other branch, which pairs do not touch."""
    rng = np.random.default_rng(seed)
    b, k, q = draw(rng, rashba_h=False)
    level = column_level(b, on_axis=False)
    z = rng.normal(size=4) * 10 ** rng.uniform(-3, 0.5)
    whole, column = (
        state(b, k, q, z, level.basis, COLD, COLD, fill) for fill in (ALL_SPINS.state, COLUMN.state)
    )
    assert column[0] == pytest.approx(whole[0], rel=1e-12, abs=1e-14)
    assert column[1][0] == pytest.approx(whole[1][0], rel=1e-12)
    assert column[2] == pytest.approx(whole[2], rel=1e-11, abs=1e-13)
    assert column[3] == pytest.approx(whole[3], rel=1e-10, abs=1e-12)


@pytest.mark.parametrize("seed", range(4))
def test_texture_derivatives(seed):
    rng = np.random.default_rng(seed)
    b, k, q = draw(rng, rashba_h=False)
    basis = column_level(b, on_axis=False).basis

    def at(y):
        return state(b, k, y[4:], y[:4], basis, 0.7, WARM, TEXTURE.state)

    y = np.concatenate([rng.normal(size=4), q])
    _, _, first, second = at(y)
    assert first == pytest.approx(slope(lambda p: at(p)[0], y), rel=1e-8, abs=1e-9)
    assert second == pytest.approx(slope(lambda p: at(p)[2], y), rel=1e-8, abs=1e-9)


def test_gap_and_state_agree_and_weights_are_used():
    rng = np.random.default_rng(2)
    b, _, q = draw(rng)
    k, weight, z = rng.normal(size=(2, 37)), rng.uniform(size=(2, 37)), rng.normal(size=4)
    basis = full_level(on_axis=True).basis
    model = (COLD, WARM, b.band("e"), b.band("h"), E_REF, reduced(b))
    whole, gap, part = np.empty((2, 30)), np.empty((2, 14)), np.empty((2, 30))
    fill_state(*k, weight, *q, model, z, basis, whole)
    fill_gap(*k, weight, *q, model, z, basis, gap)
    assert gap == pytest.approx(whole[:, 8:22], rel=1e-13)
    total = np.zeros((2, 30))
    for i in range(37):
        one = slice(i, i + 1)
        fill_state(k[0, one], k[1, one], weight[:, one], *q, model, z, basis, part)
        total += part
    assert total == pytest.approx(whole, rel=1e-11, abs=1e-12)


def test_a_column_needs_holes_without_rashba_coupling():
    b = Bilayer(mu_e=1, mu_h=1, rashba_e=1, rashba_h=0.5, zeeman_inplane=1, zeeman_outofplane=1)
    with pytest.raises(ValueError, match=r"rashba_h must be 0 .*\(got 0.5\)"):
        column_level(b, on_axis=True)


def logarithm(E, shift=0.0):
    """ln(1 + exp(-E - shift)) to 1,200 digits, enough for exp(-2400) beside 1."""
    with localcontext() as context:
        context.prec = 1200
        return (1 + (-Decimal(E) - Decimal(shift)).exp()).ln()


def test_single_levels_at_any_temperature():
    for E in (-900.0, -2.0, -1e-9, 0.0, 1e-9, 3.0, 900.0):
        for shift in (-1500.0, -3.0, -1e-7, 0.0, 1e-7, 3.0, 1500.0):
            exact = logarithm(E) - logarithm(E, shift)
            assert potential_change(E, shift, 1.0) == pytest.approx(
                float(exact), rel=1e-13, abs=1e-30
            )
    for E in (-3.0, 0.0, 2.0):
        exact = -0.25 / 0.7 / np.cosh(E / 1.4) ** 2
        assert fermi_slope(E, E, 0.7) == pytest.approx(exact, rel=1e-14)
        assert fermi_slope(E, E + 1e-5, 0.7) == pytest.approx(exact, rel=2e-5)
        below, above = fermi_slope(E, E + 0.6999, 0.7), fermi_slope(E, E + 0.7001, 0.7)
        assert above == pytest.approx(below, rel=2e-4)
