"""The clean two-branch Rashba superconductor at real energies, with no Matsubara sum.

Two helical branches l = +-1 with densities of states (1 + l delta)/2 feel the Doppler shifts
d = u_l cos(phi), u_l = v q/2 + l h (Delta << alpha k_F << E_F, N_0 = T_c(0) = 1, x = v q).
Start from d +- E, E = sqrt(xi^2 + Delta^2), and integrate over xi:
- at T = 0 and d = 0 the condensate gains Delta^2 (ln(Delta/Delta_0) - 1/2), Delta_0 = pi exp(-C);
- the quasiparticles give -2 T Int_0^inf ln[(1 + e^-(E+d)/T)(1 + e^-(E-d)/T)];
- the same of the normal state is subtracted: 2 T Int_0^inf (...) = pi^2 T^2/3 + d^2, exactly.
So Omega = Delta^2 (ln(Delta/Delta_0) - 1/2) + sum_l (1 + l delta)/2 w(Delta, u_l),
w = <pi^2 T^2/3 + d^2 - 2 Int_0^inf [L(E+d) + L(E-d)]>, L(y) = T ln(1 + e^-y/T),
0 = 2 ln(Delta/Delta_0) + sum_l (1 + l delta)/2 G(Delta, u_l),  G = 4 <Int [f(E+d) + f(E-d)]/(2E)>,
J = dOmega/dx = sum_l (1 + l delta)/2 K(Delta, u_l),  K = <cos(phi) (d + Int [f(E+d) - f(E-d)])>.
w, G and K at one T are functions of two numbers only, so one table serves all h and delta.
"""

import numpy as np
from scipy.interpolate import CubicSpline, RectBivariateSpline
from scipy.optimize import brentq, minimize_scalar
from scipy.special import expit

DELTA_0 = np.pi * np.exp(-np.euler_gamma)


def branch(delta, u, T, *, angles=240, points=12):
    """w, G, K of one branch at one (Delta, u)."""
    phi = (np.arange(angles) + 0.5) * np.pi / angles
    d = np.abs(u) * np.abs(np.cos(phi))
    # panels in xi: around the zero of E - |d|, of width T and the pair scale
    gauss, weight = np.polynomial.legendre.leggauss(points)
    edge = np.sqrt(np.maximum(d**2 - delta**2, 0))[:, None]
    steps = T * np.array([-32, -16, -8, -4, -2, 0, 2, 4, 8, 16, 40.0])
    edges = np.sort(np.concatenate([0 * edge, np.clip(edge + steps, 0, None)], 1), 1)
    # xi below Delta varies on the scale of Delta itself: split each panel there as well
    inner = np.minimum(delta * np.array([0.5, 1, 2]), 1e3)[None] + 0 * edge
    edges = np.sort(np.concatenate([edges, np.minimum(inner, edges[:, -1:])], 1), 1)
    size = np.diff(edges, axis=1)[:, :, None]
    xi = (edges[:, :-1, None] + size * (gauss + 1) / 2).reshape(angles, -1)
    w = (size * weight / 2).reshape(angles, -1)
    E = np.sqrt(xi**2 + delta**2)
    plus, minus = expit(-(E + d[:, None]) / T), expit(-(E - d[:, None]) / T)
    log = T * (np.logaddexp(0, -(E + d[:, None]) / T) + np.logaddexp(0, -(E - d[:, None]) / T))
    omega = np.mean(np.pi**2 * T**2 / 3 + d**2 - 2 * (w * log).sum(1))
    gap = np.mean(2 * (w * (plus + minus) / E).sum(1))
    current = np.mean(np.abs(np.cos(phi)) * (d + (w * (plus - minus)).sum(1)))
    return omega, gap, np.sign(u) * current


class Superconductor:
    """One (T, h, delta): the pair field of lowest Omega and its current at each x = v q."""

    def __init__(self, T, h, delta, **options):
        self.T, self.h, self.delta, self.options = T, h, delta, options

    def total(self, Delta, x):
        """Omega, its gap equation (dOmega/dDelta)/Delta, and J."""
        parts = [
            (1 + sign * self.delta)
            / 2
            * np.array(branch(Delta, x / 2 + sign * self.h, self.T, **self.options))
            for sign in (1, -1)
        ]
        total = parts[0] + parts[1]
        total[0] += Delta**2 * (np.log(Delta / DELTA_0) - 0.5)
        total[1] += 2 * np.log(Delta / DELTA_0)
        return total

    def state(self, x, *, grid=14):
        """(Omega, Delta, J) of the global minimum over Delta; zeros where the metal wins."""
        trial = np.linspace(0.02, 1.01, grid) * DELTA_0
        g = np.array([self.total(D, x)[1] for D in trial])
        best = (0.0, 0.0, 0.0)
        for i in np.flatnonzero((g[:-1] < 0) & (g[1:] > 0)):
            D = brentq(lambda D: self.total(D, x)[1], trial[i], trial[i + 1], xtol=1e-11)
            omega, _, J = self.total(D, x)
            best = min(best, (omega, D, J))
        return best

    def extreme(self, sign, near, width=0.15):
        """Largest sign * J within ``width`` of ``near``."""
        found = minimize_scalar(
            lambda x: -sign * self.state(x)[2],
            bounds=(near - width, near + width),
            method="bounded",
            options={"xatol": 1e-5},
        )
        return found.x, -sign * found.fun


class Table:
    """w, G, K at one T on a grid of (Delta, u), and the extrema of J for many (h, delta)."""

    def __init__(self, T, *, largest_u=6.0, pairs=70, shifts=240, angles=120):
        self.T = T
        self.D = DELTA_0 * np.linspace(0.004, 1.0, pairs)
        u = np.linspace(0, largest_u, shifts)
        grid = np.array([[branch(D, x, T, angles=angles, points=8) for x in u] for D in self.D])
        self.parts = [RectBivariateSpline(self.D, u, grid[:, :, i]) for i in range(3)]
        self.largest_u = largest_u

    def curve(self, h, delta, x):
        """Omega, Delta and J at each x, by spline: good to about 1e-5, for searches."""
        fine = np.linspace(self.D[0], self.D[-1], 280)
        total = np.zeros((3, fine.size, x.size))
        for sign in (1, -1):
            u = x / 2 + sign * h
            order = np.argsort(np.abs(u))
            for i, part in enumerate(self.parts):
                value = part(fine, np.abs(u)[order])[:, np.argsort(order)]
                total[i] += (1 + sign * delta) / 2 * value * (np.sign(u) if i == 2 else 1)
        omega = total[0] + (fine**2 * (np.log(fine / DELTA_0) - 0.5))[:, None]
        best = omega.argmin(0)
        columns = np.arange(x.size)
        condensed = (omega[best, columns] < -1e-9) & (best > 0) & (best < fine.size - 1)
        J = np.empty(x.size)
        D = fine[best]
        for i in columns[condensed]:
            near = slice(max(best[i] - 4, 0), best[i] + 5)
            slope = total[1][near, i] + 2 * np.log(fine[near] / DELTA_0)
            if (np.diff(slope) > 0).all() and slope[0] < 0 < slope[-1]:
                D[i] = np.interp(0, slope, fine[near])
            J[i] = CubicSpline(fine[near], total[2][near, i])(D[i])
        return (
            np.where(condensed, omega[best, columns], 0),
            D * condensed,
            np.where(condensed, J, 0),
        )

    def efficiency(self, h, delta, *, points=240):
        x = np.linspace(-1, 1, points) * min(2 * (self.largest_u - h), 8.0)
        _, _, J = self.curve(h, delta, x)
        if not J.any():
            return 0.0, 0.0, 0.0
        top, low = J.max(), J.min()
        return (top + low) / (top - low), x[J.argmax()], x[J.argmin()]


def row(T, h, delta, near, **options):
    """J+, J- and eta from momenta near the two extrema."""
    s = Superconductor(T, h, delta, **options)
    (x_plus, plus), (x_minus, minus) = (s.extreme(a, x) for a, x in zip((1, -1), near, strict=True))
    return {
        "T": T, "h": h, "delta": delta, "x_plus": x_plus, "x_minus": x_minus,
        "jc_plus": plus, "jc_minus": minus, "efficiency": (plus + minus) / (plus - minus),
    }  # fmt: skip
