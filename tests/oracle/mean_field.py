"""Mean-field theory of the electron-hole bilayer, derived a second time from its Hamiltonian.

Nothing here imports the package.  Units hbar = k_B = m_e = 1, measure d^2k/(2 pi)^2.

1. One layer, in its own particles (holes in hole operators), Pauli matrices:
   H_a(k) = k^2/2m_a - mu_a + lambda_a (k_x s_y - k_y s_x) + B s_y + J s_z.
   Level ``band`` replaces the matrix by its lower eigenvalue.
2. The contact attraction g, decoupled with the pair field Delta_{ss'} exp(i q.r), s the electron's
   and s' the hole's spin, leaves the matrix of (c_s, h^dag_s') at each k:
   K(k) = [[A, Delta], [Delta^dag, -C]],  A = H_e(k + q/2),  C = H_h(-k + q/2)^T.
3. Normal order of the hole operators adds Tr C, so with E_i the eigenvalues of K
   Omega = Tr(Delta^dag Delta)/g + Int {Tr C - T sum_i ln(1 + exp(-E_i/T))} - (same, Delta = 0).
4. 1/g = Int 1/(k^2/2m_r + E_b) = Int 1/(k^2/2m_r + 1) + (m_r/2 pi) ln(1/E_b).  The logarithm is
   called c below; T_c = 1 means c = -min_q (lowest eigenvalue of the quadratic form without it).
5. Derivatives, with P = f(K): dOmega = Tr(P dK) + Tr dC, and once more
   Omega_ab = sum_ij f[E_i, E_j] <i|K_a|j><j|K_b|i> + Tr(P K_ab) + Tr C_ab,
   where f[x, y] is the divided difference of the Fermi function.
6. Far out all of A and C is positive and far above T.  There the positive half of the spectrum is
   the graph (1, X) with X A + C X = Delta^dag - X Delta X, and the integrand is -Tr(Delta X): no
   large numbers cancel.  The radius runs to infinity as 1/k.
7. With q_y = 0 the mirror k_y -> -k_y conjugates K in a spin frame turned by pi/2 about z.  Delta
   is real there; ``EVEN`` lists its directions in the original frame, i EVEN the odd ones.
8. ``column``: for lambda_h = 0 the hole keeps its lower spin state, Delta is one column, K 3 x 3.
9. ``texture``: lower branches, Delta_s on them weighted with the overlap of the electron's spinor,
   s = (Delta^dag Delta - n.S)/2, n = b/|b|, S = Delta^dag sigma Delta, in closed form
   E = sqrt(x^2 + s); pairs far out keep half the weight, so half the vacuum term is subtracted.
   ``band-closed`` is the same closed form with s = |Delta|^2, a check of the matrices.
"""

from dataclasses import dataclass, replace

import numpy as np
from scipy.optimize import brentq, minimize_scalar
from scipy.special import expit

SIGMA = np.array([[[0, 1], [1, 0]], [[0, -1j], [1j, 0]], [[1, 0], [0, -1]]])
ONE = np.eye(2)
TURN = np.exp(-0.25j * np.pi * np.array([1, -1]))  # the spin frame of point 7


def _unit(shape, i, j, factor):
    matrix = np.zeros(shape, complex)
    matrix[i, j] = factor
    return matrix


_COLUMN = [_unit((2, 1), i, 0, TURN[i]) for i in range(2)]
EVEN = {
    "band": [np.ones((1, 1), complex)],
    "column": _COLUMN,
    "full": [_unit((2, 2), i, j, TURN[i] * TURN[j]) for i in range(2) for j in range(2)],
    "texture": _COLUMN,
    "band-closed": [np.ones((1, 1), complex)],
}


@dataclass(frozen=True)
class Sample:
    mu_e: float
    mu_h: float
    rashba_e: float
    rashba_h: float
    B: float
    J: float
    mass_h: float = 1.0

    @property
    def reduced(self):
        return self.mass_h / (1 + self.mass_h)


@dataclass(frozen=True)
class Mesh:
    """Resolution: angles on the half circle, Gauss points per panel, panel width in T/v."""

    angles: int = 40
    points: int = 8
    width: float = 2.5

    def finer(self):
        return Mesh(int(self.angles * 1.4) + 1, self.points + 3, self.width * 0.8)


def _layer(s, which):
    return (1.0, s.mu_e, s.rashba_e) if which == "e" else (s.mass_h, s.mu_h, s.rashba_h)


def hamiltonian(s, which, k):
    """H_a(k), its two first and 2 x 2 second derivatives in k; k has shape (2, N)."""
    m, mu, lam = _layer(s, which)
    field = np.array([-lam * k[1], lam * k[0] + s.B, s.J + 0 * k[0]])
    H = ((k**2).sum(0) / (2 * m) - mu)[:, None, None] * ONE + np.einsum("an,aij->nij", field, SIGMA)
    d1 = (k / m)[:, :, None, None] * ONE + 0j
    d1[0] += lam * SIGMA[1]
    d1[1] -= lam * SIGMA[0]
    d2 = np.eye(2)[:, :, None, None, None] * (ONE / m) + np.zeros((2, 2, k.shape[1], 2, 2))
    return H, d1, d2


def branch(s, which, k, sign=-1):
    """One eigenvalue of H_a(k) with its derivatives, as 1 x 1 matrices."""
    m, mu, lam = _layer(s, which)
    b = np.array([lam * k[0] + s.B, lam * k[1]])
    n0 = np.maximum(np.sqrt((b**2).sum(0) + s.J**2), 1e-100)  # no field at all: no direction
    E = (k**2).sum(0) / (2 * m) - mu + sign * n0
    d1 = k / m + sign * lam * b / n0
    identity = np.eye(2)[:, :, None]
    d2 = identity / m + sign * lam**2 * (identity / n0 - (b / n0)[:, None] * (b / n0)[None] / n0)
    return E[:, None, None], d1[:, :, None, None], d2[:, :, :, None, None]


def blocks(s, level, k, q):
    """A, C and their derivatives in q (each q carries 1/2)."""
    ke, kh = k + q[:, None] / 2, -k + q[:, None] / 2
    if level == "full":
        A, (C, c1, c2) = hamiltonian(s, "e", ke), hamiltonian(s, "h", kh)
        C = (C.swapaxes(-1, -2), c1.swapaxes(-1, -2), c2)
    else:
        A = hamiltonian(s, "e", ke) if level == "column" else branch(s, "e", ke)
        C = branch(s, "h", kh)
    return (A[0], A[1] / 2, A[2] / 4), (C[0], C[1] / 2, C[2] / 4)


def nodes(s, level, q, T, scale, mesh):
    """Polar nodes k (2, N) and weights of the core, and of the tail: d^2k/(2 pi)^2 included."""
    both = {"full": ("e", "h"), "column": ("e",)}.get(level, ())
    bands = [("e", -1), ("h", -1)] + [(a, 1) for a in both]
    half = q[1] == 0
    theta = (np.arange(mesh.angles) + 0.5) * np.pi / mesh.angles
    theta = theta if half else np.concatenate([theta, theta + np.pi])

    def energies(r, t):
        k = np.array([r * np.cos(t), r * np.sin(t)])
        shift = {"e": k + q[:, None] / 2, "h": -k + q[:, None] / 2}
        values = [branch(s, a, shift[a], sign) for a, sign in bands]
        direction = np.array([np.cos(t), np.sin(t)])
        signs = [1 if a == "e" else -1 for a, _ in bands]
        slopes = [
            g * (v[1][:, :, 0, 0] * direction).sum(0) for g, v in zip(signs, values, strict=True)
        ]
        return np.array([v[0][:, 0, 0] for v in values]), np.array(slopes)

    R = 2.0
    while energies(np.full(theta.size, R), theta)[0].min() < 40 * T + 8 * scale:
        R *= 1.15
    gauss, weight = np.polynomial.legendre.leggauss(mesh.points)
    gauss, weight = (gauss + 1) / 2, weight / 2
    grid = np.linspace(0, R, 300)
    core, core_w = [], []
    for t in theta:
        E, slope = energies(grid, np.full(grid.size, t))
        roots = []
        for i, row in enumerate(E):
            for j in np.flatnonzero(row[1:] * row[:-1] < 0):
                root = brentq(
                    lambda r, i=i, t=t: energies(np.array([r]), np.array([t]))[0][i, 0],
                    *grid[j : j + 2],
                )
                roots.append((root, max(abs(slope[i, j]), 0.3 * np.sqrt(T))))
        at = np.array([r for r, _ in roots] or [0.0])
        v = np.array([v for _, v in roots] or [np.sqrt(T)])
        reach, width = 1.2 * scale / v, mesh.width * T / v
        edges = [0.0]
        while edges[-1] < R:
            r = edges[-1]
            away = np.maximum(np.abs(r - at) - reach, 0)
            new = r + min((width + 0.4 * away).min(), R / 7)
            ahead = at[(at > r + 1e-9) & (at < new * (1 + 1e-9))]
            edges.append(ahead.min() if ahead.size else new)
        edges = np.array(edges)
        edges[-1] = R
        size = np.diff(edges)
        r = (edges[:-1, None] + size[:, None] * gauss).ravel()
        core.append(r * np.array([[np.cos(t)], [np.sin(t)]]))
        core_w.append(r * (size[:, None] * weight).ravel())
    u, w = np.polynomial.legendre.leggauss(mesh.points + 2)
    u, w = (u + 1) / (2 * R), w / (2 * R)
    tail = np.concatenate([np.array([[np.cos(t)], [np.sin(t)]]) / u for t in theta], 1)
    tail_w = np.tile(w / u**3, theta.size)
    measure = (2 if half else 1) * np.pi / mesh.angles / (2 * np.pi) ** 2
    return (np.concatenate(core, 1), np.concatenate(core_w) * measure), (tail, tail_w * measure)


def divided_difference(E, T):
    """f[E_i, E_j] of the Fermi function, smooth where two levels meet."""
    a, b = E[:, :, None], E[:, None, :]
    f, mid = expit(-E / T), expit(-(a + b) / (2 * T))
    near = np.abs(a - b) < 1e-3 * T
    slope = -mid * (1 - mid) / T
    third = slope * (1 - 6 * mid * (1 - mid)) / T**2
    with np.errstate(divide="ignore", invalid="ignore"):
        far = (f[:, :, None] - f[:, None, :]) / (a - b)
    return np.where(near, slope + third * (a - b) ** 2 / 24, far)


def trace(M, N):
    return np.einsum("...ij,...ji->...", M, N).real


def softplus(E, T):
    """T ln(1 + exp(-E/T))."""
    return T * np.logaddexp(0, -E / T)


def occupation(A, C, Delta, T):
    """Integrand of Omega; P_ee, P_eh and 1 - P_hh; levels and states of K."""
    n = A.shape[1]
    D = np.broadcast_to(Delta, (len(A), *Delta.shape))
    K = np.concatenate(
        [np.concatenate([A, D], 2), np.concatenate([D.conj().swapaxes(1, 2), -C], 2)], 1
    )
    E, V = np.linalg.eigh(K)
    P = (V * expit(-E / T)[:, None, :]) @ V.conj().swapaxes(1, 2)
    total = np.trace(C, axis1=1, axis2=2).real
    omega = total - softplus(E, T).sum(1)
    omega += sum(softplus(np.linalg.eigvalsh(M), T).sum(1) for M in (A, C))
    return omega, P[:, :n, :n], P[:, :n, n:], np.eye(len(C[0])) - P[:, n:, n:], E, V


def far_occupation(A, C, Delta):
    """The same at T = 0 where A, C > 0, from the graph X of point 6."""
    n, m = A.shape[1], C.shape[1]
    D = Delta.conj().T
    L = np.einsum("nij,kl->nikjl", C, np.eye(n)) + np.einsum("ij,nlk->nikjl", np.eye(m), A)
    L = L.reshape(len(A), n * m, n * m)
    X = np.zeros((len(A), m, n), complex)
    for _ in range(12):
        X = np.linalg.solve(L, (D - X @ Delta @ X).reshape(len(A), -1, 1)).reshape(X.shape)
    Xd = X.conj().swapaxes(1, 2)
    W = np.linalg.inv(np.eye(n) + Xd @ X)
    return -trace(Delta, X), W @ Xd @ X, -W @ Xd, X @ W @ Xd


@dataclass
class State:
    """Omega with its gradient and Hessian in (v, q_x, q_y); v the coefficients of EVEN + odd."""

    omega: float
    gradient: np.ndarray
    hessian: np.ndarray
    density_e: float
    density_h: float
    lowest: float  # smallest |E| on the mesh
    q: np.ndarray = None
    v: np.ndarray = None


def directions(level, odd=False):
    return EVEN[level] + ([1j * M for M in EVEN[level]] if odd else [])


def evaluate(s, level, q, v, T, c, mesh, *, odd=False, chunk=6000):
    """State at fixed Delta = sum_a v_a Lambda_a; ``odd`` adds the directions i EVEN."""
    q, v = np.asarray(q, float), np.asarray(v, float)
    if level in ("texture", "band-closed"):
        return _closed(s, level, q, v, T, c, mesh)
    basis = directions(level, odd)
    Delta = sum(a * M for a, M in zip(v, basis, strict=True))
    p, (n, m) = len(v), Delta.shape
    core, tail = nodes(s, level, q, T, np.linalg.norm(Delta), mesh)
    K_v = np.zeros((p, n + m, n + m), complex)
    for K_a, M in zip(K_v, basis, strict=True):
        K_a[:n, n:], K_a[n:, :n] = M, M.conj().T
    g, H, omega, ne, nh, low, vacuum = (
        np.zeros(p + 2),
        np.zeros((p + 2, p + 2)),
        0.0,
        0.0,
        0.0,
        np.inf,
        0.0,
    )
    for (k_all, w_all), far in ((core, False), (tail, True)):
        for start in range(0, w_all.size, chunk):
            k, w = k_all[:, start : start + chunk], w_all[start : start + chunk]
            (A, A1, A2), (C, C1, C2) = blocks(s, level, k, q)
            value, Pee, Peh, Nh, E, V = occupation(A, C, Delta, T)
            f2 = divided_difference(E, T)
            if far:
                value, Pee, Peh, Nh = far_occupation(A, C, Delta)
            low = min(low, np.abs(E).min())
            omega += w @ value
            ne, nh = ne + w @ trace(Pee, ONE[:n, :n]), nh + w @ trace(Nh, ONE[:m, :m])
            vacuum += w @ (1 / ((k**2).sum(0) / (2 * s.reduced) + 1))
            g[:p] += [2 * w @ trace(Peh, M.conj().T) for M in basis]
            g[p:] += (trace(Pee, A1) + trace(Nh, C1)) @ w
            H[p:, p:] += (trace(Pee, A2) + trace(Nh, C2)) @ w
            K_a = np.zeros((p + 2, w.size, n + m, n + m), complex)
            K_a[:p] = K_v[:, None]
            K_a[p:, :, :n, :n], K_a[p:, :, n:, n:] = A1, -C1
            M_a = V.conj().swapaxes(1, 2) @ K_a @ V
            flat = M_a.reshape(p + 2, -1)
            H += ((M_a * (w[:, None, None] * f2)).reshape(p + 2, -1) @ flat.conj().T).real
    if q[1] == 0:  # the other half of the circle
        g[-1] = 0.0
    return State(*_add_coupling(omega, g, H, v, c + vacuum), ne, nh, low, q, v)


def _add_coupling(omega, g, H, v, c):
    p = len(v)
    omega, g[:p], H[:p, :p] = omega + c * v @ v, g[:p] + 2 * c * v, H[:p, :p] + 2 * c * np.eye(p)
    return omega, g, H


def _closed(s, level, q, v, T, c, mesh):
    """Two levels d +- E, E = sqrt(x^2 + s): value and gradient; the Hessian by differences."""
    scale = np.linalg.norm(v)
    k, w = (np.concatenate(x, -1) for x in zip(*nodes(s, level, q, T, scale, mesh), strict=True))
    vacuum = w @ (1 / ((k**2).sum(0) / (2 * s.reduced) + 1)) / (2 if level == "texture" else 1)
    p = len(v)

    def gradient(y):
        v, q = y[:p], y[p:]
        (e, e1, _), (h, h1, _) = blocks(s, "band", k, q)
        e, h, e1, h1 = e[:, 0, 0], h[:, 0, 0], e1[:, :, 0, 0], h1[:, :, 0, 0]
        Delta = sum(a * M for a, M in zip(v, EVEN[level], strict=True))[:, 0]
        P, P1 = np.ones((k.shape[1], 1, 1)), np.zeros((2, 1, 1, 1))
        if level == "texture":
            ke = k + q[:, None] / 2
            b = np.array([-s.rashba_e * ke[1], s.rashba_e * ke[0] + s.B, s.J + 0 * ke[0]])
            size = np.sqrt((b**2).sum(0))
            b1 = s.rashba_e * np.array([[0, 1, 0], [-1, 0, 0]])[:, :, None] / 2
            n1 = (b1 - b / size * (b1 * b / size).sum(1)[:, None]) / size
            P = (ONE - np.einsum("an,aij->nij", b / size, SIGMA)) / 2
            P1 = -np.einsum("xan,aij->xnij", n1, SIGMA) / 2
        weight = (P @ Delta @ Delta.conj()).real
        weight1 = (P1 @ Delta @ Delta.conj()).real
        x, d = (e + h) / 2, (e - h) / 2
        E = np.sqrt(x**2 + weight)
        plus, minus = expit(-(E + d) / T), expit(-(E - d) / T)
        loss = np.where(x > 0, weight / np.where(x > 0, E + x, 1), E - x)  # E - x
        normal = softplus(e, T) + softplus(h, T)
        value = -loss - softplus(E + d, T) - softplus(E - d, T) + normal
        u2, v2 = 1 - loss / (2 * E), loss / (2 * E)
        Pee, Nh = u2 * plus + v2 * (1 - minus), u2 * minus + v2 * (1 - plus)
        by_weight = -(1 - plus - minus) / (2 * E)
        g_v = [w @ (2 * by_weight * (M[:, 0].conj() @ (P @ Delta).T).real) for M in EVEN[level]]
        g_q = (Pee * e1 + Nh * h1 + by_weight * weight1) @ w
        return w @ value, np.concatenate([g_v, g_q]), w @ Pee, w @ Nh, (np.abs(E - np.abs(d))).min()

    y, step = np.concatenate([v, q]), 2e-3
    omega, g, ne, nh, low = gradient(y)
    g[-1] *= q[1] != 0
    H = np.zeros((p + 2, p + 2))
    for i, delta in enumerate(step * np.eye(p + 2)[: p + 1 + (q[1] != 0)]):
        near, far = (gradient(y + a * delta)[1] - gradient(y - a * delta)[1] for a in (1, 2))
        H[i] = (8 * near - far) / (12 * step)
    return State(*_add_coupling(omega, g, H, v, c + vacuum), ne, nh, low, q, v)


class Oracle:
    """One sample at one level: coupling, minimum over Delta, branch of currents."""

    def __init__(self, s, level, mesh=None, *, binding_energy=None, span=3.0):
        self.s, self.level, self.mesh = s, level, mesh or Mesh()
        self.n = len(EVEN[level])
        self.q_star = None
        if binding_energy is None:
            self.c = 0.0
            coarse = np.linspace(-span, span, 25)
            best = coarse[np.argmin([self.alpha(q, 1.0) for q in coarse])]
            found = minimize_scalar(
                lambda q: self.alpha(q, 1.0),
                bounds=(best - span / 12, best + span / 12),
                method="bounded",
                options={"xatol": 1e-6},
            )
            self.q_star, self.c = found.x, -found.fun
            self.binding_energy = np.exp(-2 * np.pi * self.c / s.reduced)
        else:
            self.binding_energy = binding_energy
            self.c = s.reduced / (2 * np.pi) * np.log(1 / binding_energy)

    def at(self, q, v, T, **options):
        return evaluate(self.s, self.level, (q, 0.0), v, T, self.c, self.mesh, **options)

    def quadratic_form(self, q, T):
        return (
            self.at(q, np.full(self.n, 1e-6 if "-" in self.level else 0.0), T).hessian[
                : self.n, : self.n
            ]
            / 2
        )

    def alpha(self, q, T):
        return np.linalg.eigvalsh(self.quadratic_form(q, T))[0]

    def relax(self, q, T, v, *, tolerance=1e-11):
        """Newton in v with |eigenvalues| of the Hessian and a limited step: a minimum."""
        v, state, step = np.asarray(v, float), None, 0.0
        for _ in range(60):
            new = self.at(q, v, T)
            if (
                state is not None
                and new.omega > state.omega + 1e-10
                and np.linalg.norm(step) > 1e-6
            ):
                step = step / 3
                v = state.v + step
                continue
            state = new
            g, H = state.gradient[: self.n], state.hessian[: self.n, : self.n]
            values, vectors = np.linalg.eigh(H)
            step = -vectors @ (vectors.T @ g / np.maximum(np.abs(values), 1e-5))
            size = np.linalg.norm(step)
            if np.linalg.norm(g) < tolerance or size < 1e-10:
                return state
            step *= min(1, (0.3 * np.linalg.norm(v) + 0.2) / size)
            v = v + step
        raise RuntimeError(f"no minimum at q = {q}, v = {v}, gradient {g}")

    def stiffness(self, state):
        """d2 min Omega / dq_x^2: the pair field follows."""
        H, n = state.hessian, self.n
        return H[n, n] - H[n, :n] @ np.linalg.solve(H[:n, :n], H[:n, n])

    def equilibrium(self, T, *, q=None, v=None):
        """The minimum of F over q_x, by Newton from the best q."""
        q = self.q_star if q is None else q
        if v is None:
            v = 1.5 * np.linalg.eigh(self.quadratic_form(q, T))[1][:, 0]
        for _ in range(30):
            state = self.relax(q, T, v)
            v, J, D = state.v, state.gradient[self.n], self.stiffness(state)
            if abs(J) < 1e-11:
                return state
            q = q + np.clip(-J / abs(D), -0.2, 0.2)
        raise RuntimeError("no equilibrium")

    def critical(self, state, T, sign):
        """J where its slope vanishes on the branch that starts at ``state``."""
        step = sign * 0.3 * np.sqrt(2 * abs(state.omega) / abs(self.stiffness(state)))
        here = state
        while True:
            there = self.relax(here.q[0] + step, T, here.v)
            if np.linalg.norm(there.v) < 1e-4:
                step /= 2
                continue
            if self.stiffness(there) < 0:
                break
            here = there
        memo = {}

        def slope(q):
            memo["state"] = self.relax(q, T, here.v)
            return self.stiffness(memo["state"])

        q = brentq(slope, here.q[0], there.q[0], xtol=1e-5, rtol=1e-10)
        return self.relax(q, T, memo["state"].v)

    def transverse(self, state, T):
        """D_yy: the odd components of Delta follow q_y; the phase is a zero mode."""
        n = self.n
        H = self.at(state.q[0], np.r_[state.v, np.zeros(n)], T, odd=True).hessian
        odd, y = slice(n, 2 * n), 2 * n + 1
        values, vectors = np.linalg.eigh(H[odd, odd])
        keep = np.abs(values) > 1e-7
        return H[y, y] - np.sum((vectors.T @ H[odd, y])[keep] ** 2 / values[keep])

    def relax_aside(self, q, T, v, *, tolerance=1e-11):
        """The same off the axis: real and imaginary parts of Delta, the common phase held."""
        n, v = self.n, np.asarray(v, float)
        for _ in range(40):
            state = evaluate(self.s, self.level, q, v, T, self.c, self.mesh, odd=True)
            g, H = state.gradient[: 2 * n], state.hessian[: 2 * n, : 2 * n].copy()
            turn = np.r_[-v[n:], v[:n]] / np.linalg.norm(v)
            H += np.outer(turn, turn)
            step = -np.linalg.solve(H, g)
            if np.linalg.norm(g) < tolerance or np.linalg.norm(step) < 1e-10:
                break
            v = v + step * min(1, 0.3 * np.linalg.norm(v) / np.linalg.norm(step))
        else:
            raise RuntimeError(f"no minimum at q = {q}")
        mixed = state.hessian[2 * n :, : 2 * n]
        D = state.hessian[2 * n :, 2 * n :] - mixed @ np.linalg.solve(H, mixed.T)
        return state, state.gradient[2 * n :], D

    def oblique(self, T, angle, rest):
        """(q_c, I_c) along one direction: J x n = 0 and det D = 0, by Newton's method on both."""
        n = np.array([np.cos(angle), np.sin(angle)])
        memo = {"v": np.r_[rest.v, np.zeros(self.n)]}

        def both(q):
            state, J, D = self.relax_aside(q, T, memo["v"])
            memo["v"] = state.v
            return np.array([J[0] * n[1] - J[1] * n[0], np.linalg.det(D)]), J

        q = np.array([rest.q[0], 0.0])
        F, D = abs(rest.omega), self.relax_aside(q, T, memo["v"])[2]
        q = q + np.sqrt(2 * F / 3) / np.sqrt(n @ D @ n) * n  # where |Delta|^2 falls linearly in q^2
        value, J = both(q)
        for _ in range(12):
            slope = np.array([(both(q + h)[0] - value) / 1e-4 for h in 1e-4 * np.eye(2)]).T
            q = q - np.linalg.solve(slope, value)
            value, J = both(q)
            if np.abs(value).max() < 1e-9:
                return q, float(J @ n)
        raise RuntimeError("no critical state")

    def row(self, T, *, q=None, v=None, transverse=True):
        """Everything of the table at one temperature."""
        state = self.equilibrium(T, q=q, v=v)
        plus, minus = (self.critical(state, T, sign) for sign in (1, -1))
        J = [x.gradient[self.n] for x in (plus, minus)]
        out = {
            "q0": state.q[0],
            "gap": np.linalg.norm(state.v),
            "free_energy": state.omega,
            "jc_plus": J[0],
            "jc_minus": J[1],
            "q_plus": plus.q[0],
            "q_minus": minus.q[0],
            "efficiency": (J[0] + J[1]) / (J[0] - J[1]),
            "stiffness_xx": self.stiffness(state),
            "density_e": state.density_e,
            "density_h": state.density_h,
            "lowest_level": state.lowest,
            "binding_energy": self.binding_energy,
            "v": state.v.tolist(),
        }
        if transverse and self.level not in ("texture", "band-closed"):
            out["stiffness_yy"] = self.transverse(state, T)
        return {key: value if key == "v" else float(value) for key, value in out.items()}


NATURAL = Sample(1.6, 1.6, 0.7, 0.0, 3.0, 10.0)
PAPER = Sample(11.3 - 10.5, 8.98938221917 - 10.5, 0.974477645929, 0.0, 3.0, 10.5)
WIDE = Sample(-1.5, -1.0, 1.8, 0.0, 3.0, 8.0)
CHIRAL = Sample(2.0, 0.5, 1.3, -0.4, 3.0, 9.0, 1.6)
SMALL_J = Sample(1.6, 1.6, 0.7, 0.0, 0.2, 0.3)


def finer(oracle):
    """The same sample and level on a denser mesh."""
    return Oracle(oracle.s, oracle.level, oracle.mesh.finer())


__all__ = ["Mesh", "Oracle", "Sample", "evaluate", "finer", "replace"]
