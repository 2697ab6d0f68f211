"""The momentum integrals behind alpha and beta, at any pair momenta, to a stated accuracy."""

from functools import cached_property

import numpy as np

from .errors import ConvergenceError, NoPairingError
from .kernels.pair import N_COMPONENTS, mesh_sums, panel_sums
from .kernels.resolution import ray_features, unresolved_angles, unresolved_panels
from .mesh import GAUSS_WEIGHTS, KRONROD_WEIGHTS, build_mesh

__all__ = ["PairIntegrals", "fermi_interval"]

_GAUSS_RATIO = GAUSS_WEIGHTS / KRONROD_WEIGHTS
_Y_GRADIENTS = [3, 5]  # components that are odd in q_y
_SHARE = 6  # design momenta per mesh at most


def fermi_interval(bilayer, layer):
    """The outermost crossings (k_lo, k_hi) of the Fermi contour with the axis k_y = 0, in 1/l_u.

    Raises
    ------
    NoPairingError
        If the layer holds no carriers: there is no Fermi sea to pair.
    """
    bottom, floor = bilayer.band_minimum(layer)
    if floor >= 0.0:
        raise NoPairingError(
            f"mu_{layer} must put the Fermi level above the bottom of the {layer} band, "
            f"{floor + getattr(bilayer, 'mu_' + layer):.6g} "
            f"(got mu_{layer} = {getattr(bilayer, 'mu_' + layer)}): the band is empty"
        )
    right = bottom + bilayer._radial_roots(layer, 0.0, bottom)
    left = bottom - bilayer._radial_roots(layer, np.pi, bottom)
    return float(left.min(initial=bottom)), float(right.max(initial=bottom))


class PairIntegrals:
    """Integrals of the pair kernels of one bilayer at one temperature.

    Parameters
    ----------
    bilayer : Bilayer
    temperature : float
        T in E_u, positive.
    rtol : float
        Target: error estimate over L1 norm of each of the six integrals.

    Notes
    -----
    Meshes are adapted to a few momenta at a time and kept.  Every value carries the error
    estimate of the mesh it came from; a momentum that no kept mesh serves well enough gets
    one of its own, so a value is never returned above the target.
    """

    def __init__(self, bilayer, temperature, rtol):
        self.bilayer, self.temperature, self.rtol = bilayer, temperature, rtol
        self._meshes = []

    @cached_property
    def _geometry(self):
        """Polar origin, outer radius and reference energy, all from the Fermi contours."""
        e_lo, e_hi = fermi_interval(self.bilayer, "e")
        h_lo, h_hi = fermi_interval(self.bilayer, "h")
        origin = 0.25 * ((e_lo + e_hi) - (h_lo + h_hi))
        size = 0.5 * max(e_hi - e_lo, h_hi - h_lo)
        thermal = np.sqrt(2.0 * max(1.0, self.bilayer.mass_ratio) * self.temperature)
        return origin, size, thermal, size**2 / (2.0 * self.bilayer.reduced_mass)

    @property
    def reference_energy(self):
        """E_ref of the subtracted integrand 1/(k^2/2m_r + E_ref); any positive number would do."""
        return self._geometry[3]

    @property
    def rounding(self):
        """Relative rounding error of the integrals: energies of order E_ref are divided by T."""
        return 4e-15 + 2e-15 * self.reference_energy / self.temperature

    @property
    def _model(self):
        b = self.bilayer
        return (
            float(self.temperature),
            b.band_parameters("e"),
            b.band_parameters("h"),
            self.reference_energy,
            b.reduced_mass,
        )

    def evaluate(self, q, rtol=None):
        """Return values, error estimates and scales (L1 norms), each (n, 6), for q of shape (n, 2).

        Columns: A(q) = Int [1/(k^2/2m_r + E_ref) - w/2T], beta, dA/dq_x, dA/dq_y, dbeta/dq_x,
        dbeta/dq_y.  alpha = A(q) - A at T_c, or plus the closed form for a given binding energy.
        """
        rtol = self.rtol if rtol is None else rtol
        if rtol < 4.0 * self.rounding:
            raise ConvergenceError(
                f"rtol = {rtol:.1e} is below the rounding error {self.rounding:.1e} of the pair "
                f"integrals at T/E_F = {self.temperature / self.reference_energy:.1e}"
            )
        q = np.ascontiguousarray(q, dtype=np.float64)
        value, error, size = (np.zeros((len(q), N_COMPONENTS)) for _ in range(3))
        on_axis = q[:, 1] == 0.0
        for axis in (True, False):
            todo = np.flatnonzero(on_axis == axis)
            if todo.size:
                self._evaluate_group(q, todo, axis, rtol, value, error, size)
        return value, error, size

    def _evaluate_group(self, q, todo, symmetric, rtol, value, error, size):
        for mesh, low, high in self._meshes:
            inside = np.all((q[todo] >= low) & (q[todo] <= high), axis=1)
            if mesh.symmetric == symmetric and inside.any():
                missed = self._fill(mesh, q, todo[inside], rtol, value, error, size)
                todo = np.union1d(todo[~inside], missed)
        share = _SHARE
        while todo.size:
            design = q[todo[np.unique(np.linspace(0, todo.size - 1, share).astype(int))]]
            mesh = self._build(design, symmetric, rtol)
            left = self._fill(mesh, q, todo, rtol, value, error, size)
            if left.size < todo.size:
                self._meshes.insert(0, (mesh, *self._territory(design)))
            elif share == 1:
                worst = (error[todo] / size[todo]).max()
                raise ConvergenceError(
                    f"pair integrals at q = {q[todo[0]]} reached {worst:.1e}, not rtol = {rtol:.1e}"
                )
            share = max(1, share // 2) if left.size > todo.size // 2 else share
            todo = left

    def _territory(self, design):
        """Box of momenta that a mesh is tried for: its design, padded by a thermal length."""
        pad = 0.3 * self._geometry[2]
        return design.min(axis=0) - pad, design.max(axis=0) + pad

    def _fill(self, mesh, q, todo, rtol, value, error, size):
        """Evaluate on ``mesh``; return the indices whose estimate misses the target."""
        if not todo.size:
            return todo
        # in portions of about a second, so that Ctrl-C is heard
        portion = max(1, 40_000_000 // mesh.size)
        parts = [
            mesh_sums(
                mesh.kx, mesh.ky, mesh.weight, _GAUSS_RATIO, mesh.panel_ray, mesh.ray_fine,
                mesh.ray_coarse, mesh.ray_group, mesh.n_groups,
                q[todo[first : first + portion]], *self._model,
            )
            for first in range(0, todo.size, portion)
        ]  # fmt: skip
        v, e, s = (np.concatenate(columns) for columns in zip(*parts, strict=True))
        e += self.rounding * s
        if mesh.symmetric:
            v[:, _Y_GRADIENTS] = 0.0
            e[:, _Y_GRADIENTS] = 0.0
        s = _natural_scale(s, *self._model[:4])
        value[todo], error[todo], size[todo] = v, e, s
        return todo[np.any(e > rtol * s, axis=1)]

    def _build(self, design, symmetric, rtol):
        origin, size, thermal, _ = self._geometry
        radius = size + 0.5 * np.abs(design).max() + 3.0 * thermal
        b = self.bilayer
        field = np.hypot(b.zeeman_inplane, b.zeeman_outofplane)
        farthest = 1e6 * radius  # a coupling that matters only beyond it does not matter
        couplings = [abs(lam) for lam in (b.rashba_e, b.rashba_h)]
        turns = [field / lam for lam in couplings if farthest * lam > field]
        return build_mesh(
            _DesignIntegrand(self._model, design, symmetric, origin, self.rounding),
            origin=origin,
            radius=radius,
            outermost=max([radius, *turns]),
            symmetric=symmetric,
            rtol=0.3 * rtol,
        )


def _natural_scale(l1_norms, temperature, e_band, h_band, energy):
    """L1 norms (..., 6), the gradients' not below 1/20 of the values' times v/4T.

    Where a gradient vanishes by symmetry its own norm is rounding error, and no accuracy can be
    asked relative to that.
    """
    slope = 0.05 * np.sqrt(2.0 * energy / min(e_band[0], h_band[0])) / (4.0 * temperature)
    scale = l1_norms.copy()
    scale[..., 2:4] = np.maximum(scale[..., 2:4], slope * scale[..., :1])
    scale[..., 4:6] = np.maximum(scale[..., 4:6], slope * scale[..., 1:2])
    return scale


class _DesignIntegrand:
    """The pair integrands at a few design momenta, as :func:`cedrag.mesh.build_mesh` wants them."""

    def __init__(self, model, design, symmetric, origin, rounding):
        self.rounding = rounding
        self.model, self.design, self.symmetric, self.origin = model, design, symmetric, origin
        self.temperature, self.e_band, self.h_band, self.energy = self.scales = model[:4]

    def panel_sums(self, kx, ky, weight):
        parts = panel_sums(kx, ky, weight, _GAUSS_RATIO, self.design, *self.model)
        if self.symmetric:
            for part in parts:
                part[:, _Y_GRADIENTS] = 0.0
        return [part.reshape(-1, len(kx)).T for part in parts]

    def natural_scale(self, l1_norms):
        return _natural_scale(l1_norms.reshape(-1, N_COMPONENTS), *self.scales).ravel()

    def unresolved_panels(self, kx, ky):
        return unresolved_panels(
            kx, ky, self.design, self.temperature, self.e_band, self.h_band, 1e-3 * self.energy
        )

    def unresolved_angles(self, kx, ky, panel_ray, order):
        n_rays = panel_ray[-1] + 1
        start = np.searchsorted(panel_ray, np.arange(n_rays + 1)) * kx.shape[1]
        counts, crossings, lobes = ray_features(
            kx.ravel(), ky.ravel(), start, self.design, self.e_band, self.h_band
        )
        if unresolved_angles(counts[order], crossings[order], lobes[order], self.temperature):
            return True
        first = start[:-1]
        angles = np.arctan2(ky.ravel()[first], kx.ravel()[first] - self.origin)[order]
        return any(self._rays_step_over_cone(np.unwrap(angles), q) for q in self.design)

    def _rays_step_over_cone(self, angles, q):
        """Whether the rays on both sides of a conical point are farther apart than it is blunt."""
        for sign, (_, _, lam, B, J) in ((1.0, self.e_band), (-1.0, self.h_band)):
            if abs(B) >= 1e8 * abs(lam):  # the cone is out of reach, or there is none
                continue
            x, y = sign * (-B / lam - 0.5 * q[0]) - self.origin, -sign * 0.5 * q[1]
            distance, angle = np.hypot(x, y), np.arctan2(y, x)
            near = angle + 2.0 * np.pi * np.round((angles.mean() - angle) / (2.0 * np.pi))
            if not angles[0] - 1e-9 <= near <= angles[-1] + 1e-9:
                continue
            i = int(np.clip(np.searchsorted(angles, near), 1, len(angles) - 1))
            gap = abs(lam) * distance * (angles[i] - angles[i - 1])
            if gap > 2.0 * max(abs(J), 2e-3 * self.energy):
                return True
        return False
