"""The six pair integrals over a frozen mesh, with or without their error estimates.

Nodes lie in blocks of 15 x 16: the nodes of 16 panels side by side.  They cover the half plane
k_y >= 0; the other half is the mirror image, with the signs of ``columns.MIRROR_SIGN``.
"""

import numpy as np

from .arrays import filled, matrix, vector, zeros
from .cached import njit
from .columns import ALPHA, MIRROR_SIGN, N_COMPONENTS, ODD
from .mesh_builder import angular_error, calibrated
from .pair import fill_block, integrands
from .radial import LANES, NODES, lane_sums, panel_nodes, sharpen


@njit(cache=True, nogil=True)
def assemble(panels, theta, origin, rule):
    """kx, ky, weight in blocks (blocks, 15, 16), and the ray of each lane (blocks, 16).

    Lanes beyond the last panel repeat it with weight zero.
    """
    n = len(panels)
    blocks = (n + LANES - 1) // LANES
    kx, ky, weight = (
        np.empty((blocks, NODES, LANES)),
        np.empty((blocks, NODES, LANES)),
        np.empty((blocks, NODES, LANES)),
    )
    ray = np.empty((blocks, LANES), np.int64)
    column = matrix(3, NODES)
    for p in range(blocks * LANES):
        panel = panels[min(p, n - 1)]
        b, lane = p // LANES, p % LANES
        ray[b, lane] = int(panel[0])
        panel_nodes(panel, theta[ray[b, lane]], origin, rule, column[0], column[1], column[2])
        for i in range(NODES):
            kx[b, i, lane], ky[b, i, lane] = column[0, i], column[1, i]
            weight[b, i, lane] = column[2, i] if p < n else 0.0
    return kx, ky, weight, ray


@njit(cache=True, error_model="numpy", fastmath={"contract", "reassoc"})
def _dot(a, b):
    total = 0.0
    for i in range(len(a)):
        total += a[i] * b[i]
    return total


@njit(cache=True, error_model="numpy", fastmath={"contract", "reassoc"})
def _dot_and_norm(a, b):
    total = absolute = 0.0
    for i in range(len(a)):
        term = a[i] * b[i]
        total += term
        absolute += abs(term)
    return total, absolute


@njit(cache=True, error_model="numpy", nogil=True)
def mesh_values(kx, ky, weight, q, T, e_band, h_band, E_ref, m_r):
    """The six integrals at each momentum, (len(q), 6), without errors.

    ``kx, ky, weight`` (blocks, 240); ``weight`` includes that of the ray.
    """
    value = filled(len(q), N_COMPONENTS, 0.0)
    f = matrix(N_COMPONENTS, NODES * LANES)
    for j in range(len(q)):
        images = 1 if q[j, 1] == 0.0 else 2
        for image in range(images):
            qy = q[j, 1] if image == 0 else -q[j, 1]
            for b in range(len(kx)):
                fill_block(
                    kx[b], ky[b], q[j, 0], qy, T, e_band, h_band, E_ref, m_r,
                    f[0], f[1], f[2], f[3], f[4], f[5],
                )  # fmt: skip
                for c in range(N_COMPONENTS):
                    share = 1.0 if image == 0 else MIRROR_SIGN[c]
                    value[j, c] += share / images * _dot(weight[b], f[c])
        if images == 1:
            for c in ODD:
                value[j, c] = 0.0
    return value


@njit(cache=True, error_model="numpy", nogil=True)
def axis_values(kx, ky, weight, q, T, e_band, h_band, E_ref, m_r):
    """The six integrals and their L1 norms at momenta on the axis, each (len(q), 6)."""
    value, norm = filled(len(q), N_COMPONENTS, 0.0), filled(len(q), N_COMPONENTS, 0.0)
    f = matrix(N_COMPONENTS, NODES * LANES)
    for j in range(len(q)):
        for b in range(len(kx)):
            fill_block(
                kx[b], ky[b], q[j, 0], 0.0, T, e_band, h_band, E_ref, m_r,
                f[0], f[1], f[2], f[3], f[4], f[5],
            )  # fmt: skip
            for c in range(N_COMPONENTS):
                total, absolute = _dot_and_norm(weight[b], f[c])
                value[j, c] += total
                norm[j, c] += absolute
        for c in ODD:
            value[j, c] = 0.0
    return value, norm


@njit(cache=True, error_model="numpy", nogil=True)
def _fill_alpha(kx, ky, qx, qy, T, e_band, h_band, E_ref, m_r, f):
    """alpha's integrand alone: what belongs to the other five is never computed."""
    for i in range(len(kx)):
        f[i] = integrands(kx[i], ky[i], qx, qy, T, e_band, h_band, E_ref, m_r)[ALPHA]


@njit(cache=True, error_model="numpy", nogil=True)
def mesh_alpha(kx, ky, weight, q, T, e_band, h_band, E_ref, m_r):
    """alpha's integral at each momentum, (len(q),): for searches.  Arguments as mesh_values."""
    value = zeros(len(q))
    f = vector(NODES * LANES)
    for j in range(len(q)):
        images = 1 if q[j, 1] == 0.0 else 2
        for image in range(images):
            qy = q[j, 1] if image == 0 else -q[j, 1]
            for b in range(len(kx)):
                _fill_alpha(kx[b], ky[b], q[j, 0], qy, T, e_band, h_band, E_ref, m_r, f)
                value[j] += _dot(weight[b], f) / images
    return value


@njit(cache=True, error_model="numpy", nogil=True)
def mesh_sums(kx, ky, weight, ray_weights, group, n_groups, calibration, gauss_ratio, q, T, e_band,
              h_band, E_ref, m_r):  # fmt: skip
    """The six integrals at each momentum, error estimates and L1 norms, each (len(q), 6).

    ``kx, ky, weight`` (blocks, 240), the weight is radial; ``ray_weights`` (3, blocks, 16) are
    those of the rule over the angle and its two coarser companions; ``group`` (blocks, 16) numbers
    angular panels;
    ``calibration`` (2, 2, 6) corrects the estimates along the rays and over the angle.
    """
    value = np.zeros((len(q), N_COMPONENTS))
    error = np.zeros_like(value)
    norm = np.zeros_like(value)
    f = np.empty((N_COMPONENTS, NODES * LANES))
    fine, coarse, size, radial = np.empty((4, LANES))
    levels = np.empty((n_groups, N_COMPONENTS, 3))
    for j in range(len(q)):
        images = 1 if q[j, 1] == 0.0 else 2
        levels[:] = 0.0
        for image in range(images):
            qy = q[j, 1] if image == 0 else -q[j, 1]
            for b in range(len(kx)):
                fill_block(
                    kx[b], ky[b], q[j, 0], qy, T, e_band, h_band, E_ref, m_r,
                    f[0], f[1], f[2], f[3], f[4], f[5],
                )  # fmt: skip
                for c in range(N_COMPONENTS):
                    share = (1.0 if image == 0 else MIRROR_SIGN[c]) / images
                    lane_sums(f[c], weight[b], gauss_ratio, fine, coarse, size)
                    sharpen(fine, coarse, size, radial)
                    error[j, c] += _dot(ray_weights[0, b], radial) / images
                    norm[j, c] += _dot(ray_weights[0, b], size) / images
                    if n_groups == 1:
                        for level in range(3):
                            levels[0, c, level] += share * _dot(ray_weights[level, b], fine)
                    else:
                        for lane in range(LANES):
                            for level in range(3):
                                levels[group[b, lane], c, level] += (
                                    share * ray_weights[level, b, lane] * fine[lane]
                                )
        for c in range(N_COMPONENTS):
            angular = 0.0
            for g in range(n_groups):
                value[j, c] += levels[g, c, 0]
                angular += angular_error(levels[g, c, 0], levels[g, c, 1], levels[g, c, 2])
            error[j, c] = calibrated(error[j, c], calibration[0], c)
            error[j, c] += calibrated(angular, calibration[1], c)
        if images == 1:
            for c in ODD:
                value[j, c] = error[j, c] = 0.0
    return value, error, norm
