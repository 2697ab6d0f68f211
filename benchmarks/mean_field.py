"""Mean-field diodes and T_BKT as a user waits for them, and the same diode in plain numpy.

numpy is given the package's meshes and is told where to look: what is compared is the way from
nodes to the two critical currents.
"""

from functools import cache

import numpy as np
from scipy.optimize import brentq, minimize_scalar, root
from scipy.special import expit
from timing import Measured, once, repeat

from cedrag import NATURAL, PAPER, MeanField, bkt_temperature

SETS = {
    "NATURAL": NATURAL,
    "PAPER": PAPER,
    "both coupled": NATURAL.replace(rashba_h=0.5 * NATURAL.rashba_e),  # 4 x 4
}
RTOL = 1e-6
FINENESS = 2.4  # of the panels, as the package begins with
FAR = 2e4  # k^2 beyond which Delta is a perturbation
CURRENT_TOLERANCE = 1e-5  # of J_c, which two accuracies or two ways must share


@cache
def _interaction(name, spin):
    return MeanField(SETS[name], 0.9, spin=spin).binding_energy


def _theory(name, spin, t, rtol=RTOL):
    energy = _interaction(name, spin)
    return MeanField(SETS[name], t, spin=spin, binding_energy=energy, rtol=rtol)


@cache
def _found(name, spin, t):
    return _theory(name, spin, t).diode()


def diode(name, spin, t):
    """One diode() of a new theory whose interaction is known, warm."""
    first, seconds, got = repeat(lambda: _theory(name, spin, t).diode(), at_most=20, budget=1.5)
    tight = _theory(name, spin, t, rtol=1e-9).diode()
    difference = max(
        abs(got.jc_plus / tight.jc_plus - 1.0), abs(got.jc_minus / tight.jc_minus - 1.0)
    )
    return Measured(
        seconds, difference, CURRENT_TOLERANCE, "rtol 1e-9, J_c", first=first,
        values={"efficiency": got.efficiency},
    )  # fmt: skip


def vortex_unbinding(spin):
    """A whole T_BKT of NATURAL."""
    _, seconds, got = repeat(
        lambda: bkt_temperature(NATURAL, spin=spin, rtol=RTOL), at_most=5, budget=2.0
    )
    tight = bkt_temperature(NATURAL, spin=spin, rtol=1e-8)
    return Measured(seconds, abs(got / tight - 1.0), 1e-5, "rtol 1e-8", values={"t_bkt": got})


class PlainNumpy:
    """Omega(Delta, q) and its derivatives as matrices at the nodes of a package's mesh.

    The electron has one state ("band") or two ("full", lambda_h = 0), the hole one.
    """

    def __init__(self, name, spin, t):
        self.bilayer, self.t = SETS[name], t
        self.states = _theory(name, spin, t).pair_states
        half = 0.5 * np.arctan2(self.bilayer.zeeman_inplane, self.bilayer.zeeman_outofplane)
        # the mirror makes both components of Delta real up to this
        self.turn = np.array([1.0] if spin == "band" else [1.0, 1.0j])
        # the electrons that pair are about those of the lower branch at k = 0
        lower = [1.0] if spin == "band" else [np.sin(half), -np.cos(half)]
        self.field = np.array(lower)

    def _electron(self, kx, ky):
        """Matrix and its derivative by k_x, (nodes, n, n)."""
        b = self.bilayer
        kinetic = 0.5 * (kx * kx + ky * ky) - b.mu_e
        x, y, z = -b.rashba_e * ky, b.rashba_e * kx + b.zeeman_inplane, b.zeeman_outofplane
        if len(self.field) == 1:
            norm = np.sqrt(x * x + y * y + z * z)
            lower, slope = kinetic - norm, kx - b.rashba_e * y / norm
            return lower[:, None, None], slope[:, None, None]
        sigma_y = np.array([[0.0, -1.0j], [1.0j, 0.0]])
        H = kinetic[:, None, None] * np.eye(2) + y[:, None, None] * sigma_y
        H = H + x[:, None, None] * np.array([[0.0, 1.0], [1.0, 0.0]])
        H = H + z * np.array([[1.0, 0.0], [0.0, -1.0]])
        return H, kx[:, None, None] * np.eye(2) + b.rashba_e * sigma_y

    def _hole(self, kx, ky):
        b = self.bilayer
        y = b.rashba_h * kx + b.zeeman_inplane
        norm = np.sqrt((b.rashba_h * ky) ** 2 + y * y + b.zeeman_outofplane**2)
        energy = (kx * kx + ky * ky) / (2.0 * b.mass_ratio) - b.mu_h - norm
        return energy, kx / b.mass_ratio - b.rashba_h * y / norm

    def omega(self, field, q, nodes, offset, E_ref):
        """Omega less normal, its gradient by the field, and dOmega/dq_x."""
        kx, ky, weight = nodes[:3]
        vacuum = 1.0 / ((kx * kx + ky * ky) / (2.0 * self.bilayer.reduced_mass) + E_ref)
        stiff = weight @ vacuum + offset
        far = kx * kx + ky * ky > FAR
        value, gradient, flow = stiff * (field @ field), 2.0 * stiff * field, 0.0
        for part, sums in ((~far, self._levels), (far, self._far)):
            found = sums(field, q, kx[part], ky[part])
            value, gradient, flow = (
                total + weight[part] @ new
                for total, new in zip((value, gradient, flow), found, strict=True)
            )
        return value, gradient, flow

    def _levels(self, field, q, kx, ky):
        A, slope_e = self._electron(kx + 0.5 * q, ky)
        C, slope_h = self._hole(0.5 * q - kx, -ky)
        n = len(field)
        K = np.zeros((len(kx), n + 1, n + 1), A.dtype)
        K[:, :n, :n] = A
        K[:, n, n] = -C
        values, current, by_field = [], [], None
        for scale in (1.0, 0.0):
            K[:, :n, n] = scale * self.turn * field
            K[:, n, :n] = K[:, :n, n].conj()
            E, vectors = np.linalg.eigh(K)
            P = np.einsum("aik,ak,ajk->aij", vectors, expit(-E / self.t), vectors.conj())
            values.append(C - self.t * np.logaddexp(0.0, -E / self.t).sum(axis=1))
            flow = np.einsum("aij,aji->a", P[:, :n, :n], slope_e).real
            current.append(0.5 * (flow + slope_h * (1.0 - P[:, n, n].real)))
            if by_field is None:
                by_field = 2.0 * (P[:, :n, n] * self.turn.conj()).real
        return values[0] - values[1], by_field, current[0] - current[1]

    def _far(self, field, q, kx, ky):
        """Second order in the field: far out the levels' differences would cancel."""
        A, slope_e = self._electron(kx + 0.5 * q, ky)
        C, slope_h = self._hole(0.5 * q - kx, -ky)
        identity, d = np.eye(len(field)), self.turn * field
        pair = A + C[:, None, None] * identity
        slope = 0.5 * (slope_e + slope_h[:, None, None] * identity)
        x = np.linalg.solve(pair, np.broadcast_to(d[:, None], (len(kx), len(d), 1)))[:, :, 0]
        flow = np.einsum("ai,aij,aj->a", x.conj(), slope, x).real
        return -(x @ d.conj()).real, -2.0 * (x * self.turn.conj()).real, flow

    def current(self, q):
        """J at the minimum over the field, on a mesh laid for the field before and one for it."""
        f = self.states.functional((q, 0.0))
        rays = 2 * self.states.rays_at((q, 0.0), RTOL)
        for _ in range(2):
            nodes, _ = f.mesh(rays, FINENESS, self.field @ self.field)
            arguments = (q, nodes, f.offset, f.model[4])
            self.field = root(
                lambda d, arguments=arguments: self.omega(d, *arguments)[1], self.field, tol=1e-7
            ).x
        return self.omega(self.field, *arguments)[2]

    def diode(self, near):
        """(J_c+, J_c-), looked for next to the momenta of a known diode."""
        q0 = near.q0[0]
        reach = 0.2 * (near.q_plus[0] - near.q_minus[0])
        q0 = brentq(self.current, q0 - 0.5 * reach, q0 + 0.5 * reach, xtol=1e-6)
        found = []
        for sense, q in ((1.0, near.q_plus[0]), (-1.0, near.q_minus[0])):
            best = minimize_scalar(
                lambda x, sense=sense: -sense * self.current(x), bounds=(q - reach, q + reach),
                method="bounded", options={"xatol": 1e-5},
            )  # fmt: skip
            found.append(-sense * best.fun)
        return np.array(found)


def numpy_diode(name, spin, t):
    """The same two critical currents from matrices in numpy and searches in scipy."""
    near = _found(name, spin, t)
    plain = PlainNumpy(name, spin, t)
    seconds, (plus, minus) = once(lambda: plain.diode(near))
    difference = max(abs(plus / near.jc_plus - 1.0), abs(minus / near.jc_minus - 1.0))
    return Measured(
        [seconds], difference, CURRENT_TOLERANCE, "cedrag, J_c",
        note="told where to look, on the package's meshes",
    )  # fmt: skip
