"""Momentum quadrature over the plane, frozen for reuse, with an error estimate.

Polar coordinates about a point inside both Fermi seas; see ``cedrag.kernels.radial`` for the
rule along a ray and ``cedrag.kernels.mesh_builder`` for the one over the angle.  Both keep their
coarser companions, so that any later integrand evaluated on the frozen nodes carries its own
error estimate.
"""

import math
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..errors import ConvergenceError
from ..kernels.gauss_kronrod import gauss_kronrod
from ..kernels.mesh_builder import build_angular_panels, build_trapezoid
from ..kernels.mesh_sums import assemble, mesh_alpha, mesh_sums, mesh_values
from ..kernels.radial import NODES

__all__ = [
    "GAUSS_WEIGHTS",
    "KRONROD_NODES",
    "KRONROD_WEIGHTS",
    "RULE",
    "MomentumMesh",
    "build_mesh",
    "panel_step",
]

KRONROD_NODES, KRONROD_WEIGHTS, GAUSS_WEIGHTS = gauss_kronrod(7)
RULE = np.array([KRONROD_NODES, KRONROD_WEIGHTS, GAUSS_WEIGHTS / KRONROD_WEIGHTS])

_SAFETY = 4.0  # on errors measured at the design momenta, for the momenta between them
_MAX_PANELS = 150_000  # two million nodes: tens of milliseconds for each momentum


@dataclass(frozen=True)
class MomentumMesh:
    """Frozen nodes on the half plane k_y >= 0 that stand for the whole plane.

    Nodes lie in blocks of 15 nodes x 16 panels; the last block may be filled with zero weights.

    Attributes
    ----------
    kx, ky : ndarray, shape (blocks, 15, 16)
        Nodes in 1/l_u.
    weight : ndarray, shape (blocks, 15, 16)
        r dr/(2 pi)^2 Kronrod weights along the ray.
    ray_weights : ndarray, shape (3, blocks, 16)
        Angular weights of each panel's ray, in the rule and in its two coarser companions;
        the lower half plane is counted in.
    group : ndarray of int, shape (blocks, 16)
        Angular panel of each radial panel; all 0 for equally spaced rays.
    n_panels, n_rays, n_groups : int
    calibration : ndarray, shape (2, 2, 6)
        For the estimates along the rays and over the angle: four times the ratio of error to
        estimate of each component measured at the design momenta, at most 1, and the largest
        estimate there.
    tolerance : float
        What the measured errors were held to, relative to the scales.  Two rules may agree better
        by accident, so no smaller error is claimed.
    plane_nodes : tuple of ndarray, each of shape (blocks, 240)
        k_x, k_y and the weight of the whole plane, which make up the plain sums.

    Examples
    --------
    >>> import numpy as np
    >>> from cedrag import NATURAL
    >>> from cedrag.pairing.integrals import PairIntegrals
    >>> integrals = PairIntegrals(NATURAL, 0.9, 1e-8)
    >>> values, errors, sizes = integrals.evaluate(np.array([[0.2, 0.0]]))  # builds a mesh
    >>> bool(np.all(errors <= 1e-8 * sizes))
    True
    """

    kx: NDArray[np.float64]
    ky: NDArray[np.float64]
    weight: NDArray[np.float64]
    ray_weights: NDArray[np.float64]
    group: NDArray[np.int64]
    n_panels: int
    n_rays: int
    n_groups: int
    calibration: NDArray[np.float64]
    tolerance: float
    _radial: tuple[NDArray[np.float64], ...] = field(init=False, repr=False, compare=False)
    plane_nodes: tuple[NDArray[np.float64], ...] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        flat = len(self.kx), -1
        total = self.weight * self.ray_weights[0][:, None, :]
        nodes = tuple(a.reshape(flat) for a in (self.kx, self.ky, self.weight))
        object.__setattr__(self, "_radial", nodes)
        object.__setattr__(self, "plane_nodes", (*nodes[:2], total.reshape(flat)))

    @property
    def size(self) -> int:
        """Number of nodes."""
        return NODES * self.n_panels

    def sums(
        self, q: NDArray[np.float64], model: tuple[Any, ...]
    ) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.float64]]:
        """Integrals, error estimates and L1 norms at momenta (n, 2), each (n, 6)."""
        return mesh_sums(
            *self._radial, self.ray_weights, self.group, self.n_groups, self.calibration,
            RULE[2], q, *model,
        )  # fmt: skip

    def values(self, q: NDArray[np.float64], model: tuple[Any, ...]) -> NDArray[np.float64]:
        """The integrals alone, in little more than half the time."""
        return mesh_values(*self.plane_nodes, q, *model)

    def alpha(self, q: NDArray[np.float64], model: tuple[Any, ...]) -> NDArray[np.float64]:
        """The first of the integrals alone, (n,), in half that time again."""
        return mesh_alpha(*self.plane_nodes, q, *model)


def panel_step(rtol: float) -> float:
    """Length in u on which 15 nodes reach ``rtol`` for poles at +-i pi/2 of the third order.

    The error of the 15-node Kronrod rule falls as rho^-23, rho the ellipse through the poles.

    Parameters
    ----------
    rtol : float

    Returns
    -------
    float

    Examples
    --------
    >>> from cedrag.pairing.mesh import panel_step
    >>> panel_step(1e-4) > panel_step(1e-8) > 1.0
    True
    """
    rho = (1e5 / rtol) ** (1.0 / 23.0)
    return math.pi / math.sinh(math.log(rho))


def build_mesh(
    momenta: NDArray[np.float64],
    model: tuple[Any, ...],
    *,
    origin: float,
    radius: float,
    tail: NDArray[np.float64],
    rtol: float,
    rounding: float,
    slope: float,
) -> MomentumMesh:
    """Build a mesh on which the pair integrands at ``momenta`` are integrated to ``rtol``.

    Parameters
    ----------
    momenta : ndarray, shape (n, 2)
        Design momenta; others get error estimates of their own.
    model : tuple
        Temperature, both bands, E_ref and reduced mass, as the kernels take them.
    origin : float
        k_x of the polar origin (on the mirror axis k_y = 0).
    radius : float
        Where the radial variable changes to 1/r; beyond all contours.
    tail : ndarray
        Edges of the panels in 1/r beyond it, from 0 to 1, in units of 1/radius.
    rtol : float
        Target for error / scale of each component.
    rounding : float
        Relative rounding error of the integrands: no panel is asked for more.
    slope : float
        Least scale of the gradients over that of the values.

    Returns
    -------
    MomentumMesh

    Raises
    ------
    ConvergenceError
        If the target needs more panels than the memory limit allows.

    Examples
    --------
    :class:`cedrag.pairing.integrals.PairIntegrals` builds its meshes with it:

    >>> import numpy as np
    >>> from cedrag import NATURAL
    >>> from cedrag.pairing.integrals import PairIntegrals
    >>> loose, tight = (
    ...     PairIntegrals(NATURAL, 0.9, rtol).evaluate(np.array([[0.2, 0.0]]))
    ...     for rtol in (1e-5, 1e-9))
    >>> bool(np.all(np.abs(loose[0] - tight[0]) <= 1e-5 * loose[2]))
    True
    """
    off_axis = np.flatnonzero(momenta[:, 1])
    image = np.arange(len(momenta))[:, None] * np.ones(2, np.int64)
    image[off_axis, 1] = len(momenta) + np.arange(len(off_axis))
    q = np.concatenate([momenta, momenta[off_axis] * (1.0, -1.0)])
    geometry = radius, tail / radius, panel_step(rtol), 1e-3 * model[3], rounding, _MAX_PANELS
    rtol = rtol / _SAFETY
    panels, theta, weights, scale, calibration, status = build_trapezoid(
        origin, q, image, model, RULE, geometry, rtol, slope
    )
    group = np.zeros(len(theta), np.int64)
    if status == 0:
        panels, theta, weights, scale, calibration, status = build_angular_panels(
            origin, q, image, model, RULE, geometry, rtol, slope, scale
        )
        group = np.arange(len(theta)) // NODES
    if status != 1:
        raise ConvergenceError(
            f"momentum mesh: not converged with {_MAX_PANELS} panels; "
            "ask for a larger rtol or a higher temperature"
        )
    calibration[:, 0] = np.minimum(1.0, _SAFETY * calibration[:, 0])
    kx, ky, weight, ray = assemble(panels, theta, origin, RULE)
    return MomentumMesh(
        kx=kx,
        ky=ky,
        weight=weight,
        ray_weights=np.ascontiguousarray(weights[:, ray]),  # one kernel for all meshes
        group=group[ray],
        n_panels=len(panels),
        n_rays=len(theta),
        n_groups=int(group[-1]) + 1,
        calibration=calibration,
        tolerance=rtol,
    )
