"""Adaptive momentum quadrature over the plane, frozen for reuse, with an error estimate.

Polar coordinates about a point inside both Fermi seas.  Along each ray: Gauss-Kronrod (7, 15)
panels in r, bisected until each is accurate, and one panel family in u = 1/r that carries the
integral to infinity.  Over the angle: the trapezoidal rule, which converges geometrically for
periodic analytic functions, doubled until it has converged; where it does not (crossing contours
at low temperature) Gauss-Kronrod panels in the angle.  Both rules keep their coarser companion,
so that any later integrand evaluated on the frozen nodes carries its own error estimate.
"""

from dataclasses import dataclass, field

import numpy as np

from .errors import ConvergenceError

__all__ = ["KRONROD_NODES", "KRONROD_WEIGHTS", "GAUSS_WEIGHTS", "MomentumMesh", "build_mesh"]

_X = (
    0.991455371120812639206854697526329,
    0.949107912342758524526189684047851,
    0.864864423359769072789712788640926,
    0.741531185599394439863864773280788,
    0.586087235467691130294144838258730,
    0.405845151377397166906606412076961,
    0.207784955007898467600689403773245,
)
_WK = (
    0.022935322010529224963732008058970,
    0.063092092629978553290700663189204,
    0.104790010322250183839876322541518,
    0.140653259715525918745189590510238,
    0.169004726639267902826583426598550,
    0.190350578064785409913256402421014,
    0.204432940075298892414161999234649,
)
_WG = (
    0.0,
    0.129484966168869693270611432679082,
    0.0,
    0.279705391489276667901467771423780,
    0.0,
    0.381830050505118944950369775488975,
    0.0,
)
KRONROD_NODES = np.array([*(-x for x in _X), 0.0, *reversed(_X)])
KRONROD_WEIGHTS = np.array([*_WK, 0.209482141084727828012999174891714, *reversed(_WK)])
GAUSS_WEIGHTS = np.array([*_WG, 0.417959183673469387755102040816327, *reversed(_WG)])

_MAX_PANELS = 150_000  # two million nodes: tens of milliseconds for each momentum
_MAX_DEPTH = 60
_MAX_TRAPEZOID = 256


@dataclass(frozen=True)
class MomentumMesh:
    """Frozen nodes: ``sum(weight * f(kx, ky))`` is Int d^2k/(2 pi)^2 f.

    Attributes
    ----------
    kx, ky : ndarray, shape (panels, 15)
        Nodes in 1/l_u.
    weight : ndarray, shape (panels, 15)
        r dr/(2 pi)^2 Kronrod weights along the ray; the angular weight is in ``ray_fine``.
    panel_ray : ndarray of int, shape (panels,)
        The ray that each panel belongs to, ascending.
    ray_fine, ray_coarse : ndarray, shape (rays,)
        Angular weights of the rule and of its coarser companion.
    ray_group : ndarray of int, shape (rays,)
        Angular panel of each ray; fine and coarse sums are compared group by group.
    symmetric : bool
        Only the half plane k_y >= 0 is covered: for integrands even in k_y.
    """

    kx: np.ndarray
    ky: np.ndarray
    weight: np.ndarray
    panel_ray: np.ndarray
    ray_fine: np.ndarray
    ray_coarse: np.ndarray
    ray_group: np.ndarray
    symmetric: bool
    n_groups: int = field(init=False)

    def __post_init__(self):
        object.__setattr__(self, "n_groups", int(self.ray_group.max()) + 1)

    @property
    def size(self):
        """Number of nodes."""
        return self.kx.size


def sharpen(difference, magnitude):
    """Error of the finer rule from its difference to the coarser one.

    QUADPACK's experience: the finer rule of a pair is better than their difference by the
    power 3/2 of the relative difference, once that is small.  Never above the difference itself.
    """
    relative = np.divide(
        difference, magnitude, out=np.zeros_like(difference), where=magnitude > 0.0
    )
    return np.minimum(difference, magnitude * (200.0 * relative) ** 1.5)


class _RadialPanels:
    """Panels of many rays, bisected together: level by level, as arrays."""

    def __init__(self, integrand, origin, radius, outermost):
        self.integrand, self.origin, self.radius = integrand, origin, radius
        # the band changes its form up to r ~ outermost: grade the tail that far
        steps = max(0, int(np.ceil(np.log(outermost / radius) / np.log(4.0))))
        self.tail_edges = np.append(0.0, 0.25 ** np.arange(steps, -1, -1.0) / radius)

    def initial(self, n_rays):
        """lo, hi, tail and ray of the panels that refinement starts from."""
        inner = np.linspace(0.0, self.radius, 5)
        lo = np.append(inner[:-1], self.tail_edges[:-1])
        hi = np.append(inner[1:], self.tail_edges[1:])
        tail = np.arange(len(lo)) >= 4
        ray = np.repeat(np.arange(n_rays), len(lo))
        return np.tile(lo, n_rays), np.tile(hi, n_rays), np.tile(tail, n_rays), ray

    def nodes(self, theta, lo, hi, tail):
        """kx, ky, weight of panels [lo, hi] in r, or in u = 1/r where ``tail``."""
        half = 0.5 * (hi - lo)[:, None]
        outward = np.where(tail, -1.0, 1.0)[:, None]  # u falls as r grows
        s = 0.5 * (hi + lo)[:, None] + outward * half * KRONROD_NODES
        r = np.where(tail[:, None], 1.0 / s, s)
        jacobian = np.where(tail[:, None], r**3, r)  # r dr, with dr = r^2 du in the tail
        weight = half * KRONROD_WEIGHTS * jacobian / (2.0 * np.pi) ** 2
        return (
            self.origin + r * np.cos(theta)[:, None],
            r * np.sin(theta)[:, None],
            weight,
        )

    def refine(self, theta, tolerance):
        """Bisect until each panel's error is below ``tolerance`` (per component).

        Returns the node arrays, the index into ``theta`` of each panel, and per ray the
        integrals and the integrals of absolute values.
        """
        n = len(theta)
        lo, hi, tail, ray = self.initial(n)
        done, count = [], 0
        for _ in range(_MAX_DEPTH):
            kx, ky, weight = self.nodes(theta[ray], lo, hi, tail)
            fine, coarse, magnitude = self.integrand.panel_sums(kx, ky, weight)
            error = sharpen(np.abs(fine - coarse), magnitude)
            good = np.all(
                error <= np.maximum(tolerance, self.integrand.rounding * magnitude), axis=1
            )
            good &= ~self.integrand.unresolved_panels(kx, ky)
            r = np.hypot(kx[:, 7] - self.origin, ky[:, 7])
            done.append(
                (ray[good], r[good], kx[good], ky[good], weight[good], fine[good], magnitude[good])
            )
            count += int(good.sum())
            if good.all():
                return self._collect(done, n)
            bad = ~good
            count_bad = int(bad.sum())
            if count + 2 * count_bad > _MAX_PANELS:
                break
            mid = 0.5 * (lo[bad] + hi[bad])
            lo, hi = np.concatenate([lo[bad], mid]), np.concatenate([mid, hi[bad]])
            tail, ray = np.tile(tail[bad], 2), np.tile(ray[bad], 2)
        raise ConvergenceError(
            f"momentum mesh: radial panels not converged with {count} panels; "
            "ask for a larger rtol or a higher temperature"
        )

    @staticmethod
    def _collect(done, n):
        parts = (np.concatenate(part) for part in zip(*done, strict=True))
        ray, r, kx, ky, weight, fine, magnitude = parts
        order = np.lexsort((r, ray))
        ray = ray[order]
        sums, sizes = np.zeros((n, fine.shape[1])), np.zeros((n, fine.shape[1]))
        np.add.at(sums, ray, fine[order])
        np.add.at(sizes, ray, magnitude[order])
        return kx[order], ky[order], weight[order], ray, sums, sizes


def build_mesh(integrand, *, origin, radius, outermost, symmetric, rtol):
    """Build a mesh on which ``integrand`` is integrated to ``rtol`` of each component's scale.

    Parameters
    ----------
    integrand : object with a number and four methods
        ``rounding`` is the relative rounding error of the integrand: no panel is asked for more.
        ``panel_sums(kx, ky, weight)`` with (panels, 15) arrays returns three (panels, C) arrays:
        the Kronrod sum, the Gauss sum and the Kronrod sum of absolute values of C integrands.
        ``natural_scale(l1_norms)`` turns C norms into the scales that ``rtol`` refers to.
        ``unresolved_panels(kx, ky)`` marks panels whose nodes step over a sharp feature.
        ``unresolved_angles(kx, ky, panel_ray, order)`` says whether neighbouring rays do.
    origin : float
        k_x of the polar origin (on the mirror axis k_y = 0).
    radius : float
        Where the radial variable changes from r to 1/r; beyond all contours.
    outermost : float
        Radius up to which the integrand has structure (capped only by the memory limit).
    symmetric : bool
        Integrands even in k_y: half of the plane is enough.
    rtol : float
        Target for error / scale of each component.

    Returns
    -------
    MomentumMesh

    Raises
    ------
    ConvergenceError
        If the target needs more panels than the memory limit allows.
    """
    panels = _RadialPanels(integrand, origin, radius, outermost)
    span = np.pi if symmetric else 2.0 * np.pi
    fold = 2.0 if symmetric else 1.0
    pilot = (np.arange(12) + 0.5) * span / 12
    *_, sizes = panels.refine(pilot, np.inf)
    budget = _Budget(rtol, integrand.natural_scale)
    budget.learn(sizes.sum(axis=0) * fold * span / 12)
    mesh = _trapezoid(panels, symmetric, budget)
    return _angular_panels(panels, span, fold, budget) if mesh is None else mesh


class _Budget:
    """Tolerances per component: half of the error for the rays, half for the angle."""

    def __init__(self, rtol, natural_scale):
        self.rtol, self.natural_scale, self.scale = rtol, natural_scale, 0.0

    def learn(self, l1_norms):
        """Raise the scales to what finer meshes have seen: narrow features escape the pilot."""
        self.scale = np.maximum(self.scale, self.natural_scale(l1_norms))

    @property
    def angle(self):
        return 0.5 * self.rtol * self.scale

    @property
    def panel(self):
        """Per radial panel; a ray has some ten of them."""
        return 0.5 * self.rtol * self.scale / (2.0 * np.pi) / 10.0


def _trapezoid(panels, symmetric, budget):
    """Double the number of equally spaced rays until converged; None if that is not efficient."""
    n = 16
    parts, thetas, previous = [], [], None
    while n <= _MAX_TRAPEZOID:
        count = n // 2 + 1 if symmetric else n
        index = np.arange(count)
        if previous is not None:
            index = index[1::2]
        theta = 2.0 * np.pi * index / n
        parts.append(panels.refine(theta, budget.panel))
        thetas.append(theta)
        angles = np.concatenate(thetas)
        sums = np.concatenate([part[4] for part in parts])
        fine = _trapezoid_weights(angles, n, symmetric)
        budget.learn(fine @ np.concatenate([part[5] for part in parts]))
        coarse = np.zeros_like(fine)
        if previous is not None:
            coarse[: previous.size] = previous
            # the plain difference: a conical band crossing converges only algebraically
            if np.all(np.abs(fine @ sums - coarse @ sums) <= budget.angle):
                mesh = _assemble(parts, fine, coarse, np.zeros(len(fine), np.int64), symmetric)
                order = np.argsort(angles)
                if not symmetric:
                    order = np.append(order, order[:2])
                if not panels.integrand.unresolved_angles(mesh.kx, mesh.ky, mesh.panel_ray, order):
                    return mesh
        previous = fine
        n *= 2
    return None


def _trapezoid_weights(angles, n, symmetric):
    weight = np.full(angles.size, 2.0 * np.pi / n)
    if symmetric:
        weight[(angles > 1e-9) & (angles < np.pi - 1e-9)] *= 2.0
    return weight


def _angular_panels(panels, span, fold, budget):
    """Gauss-Kronrod panels in the angle, bisected where the ray integral is not smooth."""
    edges = np.linspace(0.0, span, 5 if fold == 2.0 else 9)
    lo, hi = edges[:-1], edges[1:]
    parts, fines, coarses, groups, n_groups, total_panels = [], [], [], [], 0, 0
    accepted = 0.0
    for _ in range(_MAX_DEPTH):
        half = 0.5 * (hi - lo)
        theta = (0.5 * (hi + lo))[:, None] + half[:, None] * KRONROD_NODES
        kx, ky, weight, ray, sums, sizes = panels.refine(theta.ravel(), budget.panel)
        total_panels += len(ray)
        if total_panels > _MAX_PANELS:
            break
        per_angle = sums.reshape(len(lo), 15, -1)
        fine_w = fold * half[:, None] * KRONROD_WEIGHTS
        coarse_w = fold * half[:, None] * GAUSS_WEIGHTS
        fine = np.einsum("pi,pic->pc", fine_w, per_angle)
        coarse = np.einsum("pi,pic->pc", coarse_w, per_angle)
        magnitude = np.einsum("pi,pic->pc", fine_w, sizes.reshape(len(lo), 15, -1))
        budget.learn(accepted + magnitude.sum(axis=0))
        error = np.abs(fine - coarse)
        good = np.all(
            error <= np.maximum(budget.angle / 20.0, panels.integrand.rounding * magnitude), axis=1
        )
        for i in np.flatnonzero(good):
            mine = slice(*np.searchsorted(ray, [15 * i, 15 * i + 15]))
            good[i] = not panels.integrand.unresolved_angles(
                kx[mine], ky[mine], ray[mine] - 15 * i, np.arange(15)
            )
        accepted = accepted + magnitude[good].sum(axis=0)
        keep_ray = np.repeat(good, 15)
        keep = keep_ray[ray]
        renumber = np.cumsum(keep_ray) - 1
        parts.append((kx[keep], ky[keep], weight[keep], renumber[ray[keep]], sums[keep_ray]))
        fines.append(fine_w[good].ravel())
        coarses.append(coarse_w[good].ravel())
        groups.append(n_groups + np.repeat(np.arange(int(good.sum())), 15))
        n_groups += int(good.sum())
        if good.all():
            return _assemble(
                parts,
                np.concatenate(fines),
                np.concatenate(coarses),
                np.concatenate(groups),
                fold == 2.0,
            )
        mid = 0.5 * (lo[~good] + hi[~good])
        lo, hi = np.concatenate([lo[~good], mid]), np.concatenate([mid, hi[~good]])
    raise ConvergenceError(
        f"momentum mesh: angular panels not converged with {total_panels} panels; "
        "ask for a larger rtol or a higher temperature"
    )


def _assemble(parts, fine, coarse, group, symmetric):
    offset, rays = 0, []
    for part in parts:
        rays.append(part[3] + offset)
        offset += len(part[4])
    return MomentumMesh(
        kx=np.concatenate([part[0] for part in parts]),
        ky=np.concatenate([part[1] for part in parts]),
        weight=np.concatenate([part[2] for part in parts]),
        panel_ray=np.concatenate(rays),
        ray_fine=fine,
        ray_coarse=coarse,
        ray_group=group,
        symmetric=symmetric,
    )
