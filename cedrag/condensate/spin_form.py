"""The quadratic form of a pair field with spin, as the searches for strong pairing ask for it."""

import math
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..bilayer import Bilayer
from ..errors import ConvergenceError
from ..kernels.mean_field_mesh import lay_mesh
from ..kernels.spin_quadratic import QUADRATIC_COLUMNS, fill_quadratic, quadratic_matrix
from ..pairing.integrals import PairIntegrals
from ..pairing.mesh import RULE
from ..pairing.pairing import lowest_eigenpair
from .levels import column_level
from .pair_minimum import Functional
from .pair_sums import TEXTURE

__all__ = ["SpinForm", "TextureForm", "ray_fineness", "ray_geometry"]

Floats = NDArray[np.float64]
Matrices = NDArray[np.complex128]

_FIRST_RAYS, _MOST_RAYS = 16, 4096
_SEARCH, _COARSE = 1e-8, 1e-3  # q* is located to the root of it
# of sigma_a x sigma_b those with one sigma_y are odd in k_y
_ODD = np.array([(a == 2) != (b == 2) for a in range(4) for b in range(4)])


def ray_geometry(contours: Any, q: Any) -> tuple[float, float]:
    """Origin of the rays on the axis and the radius that contains both contours.

    Parameters
    ----------
    contours : pair of tuples
        Outermost crossings with the axis, electrons first, in 1/l_u.
    q : sequence of two floats

    Returns
    -------
    tuple of float
        In 1/l_u.

    Examples
    --------
    >>> from cedrag.condensate.spin_form import ray_geometry
    >>> ray_geometry(((-1.0, 1.0), (-1.0, 1.0)), (0.0, 0.0))
    (0.0, 1.5)
    """
    (e_lo, e_hi), (h_lo, h_hi) = contours
    origin = 0.25 * ((e_lo + e_hi) - (h_lo + h_hi))
    size = 0.5 * max(e_hi - e_lo, h_hi - h_lo)
    return origin, 1.5 * (size + 0.5 * math.hypot(*q))


def ray_fineness(rtol: float) -> float:
    """rho + 1/rho of the panels for an error of the order of rtol; an estimate.

    Parameters
    ----------
    rtol : float

    Returns
    -------
    float

    Examples
    --------
    >>> from cedrag.condensate.spin_form import ray_fineness
    >>> round(ray_fineness(1e-6), 2)
    2.4
    """
    rho = float((10.0 / rtol) ** (1.0 / 26.0))
    return rho + 1.0 / rho


class SpinForm:
    """The form A(q) on (Delta_00, Delta_01, Delta_10, Delta_11), with all four spin states.

    See :class:`cedrag.pairing.landscape.QuadraticForm`: the lowest eigenvalue counts, and its
    gradient is that of the form by Hellmann and Feynman.

    Parameters
    ----------
    bilayer : Bilayer
    t : float
        Temperature in E_u.
    rtol : float
        Target for the error of A, of the density of states m_r/pi.

    Examples
    --------
    >>> from cedrag import NATURAL
    >>> from cedrag.condensate.spin_form import SpinForm
    >>> value, gradient = SpinForm(NATURAL, 1.0, 1e-6).lowest([[0.2, 0.0]])
    >>> value.shape, gradient.shape
    ((1,), (1, 2))
    """

    def __init__(self, bilayer: Bilayer, t: float, rtol: float) -> None:
        self.bilayer, self.t, self.rtol = bilayer, float(t), rtol
        self._integrals = PairIntegrals(bilayer, t, rtol)

    @property
    def reference_energy(self) -> float:
        """E_ref of the subtracted term |Delta|^2/(k^2/2m_r + E_ref)."""
        return self._integrals.reference_energy

    @property
    def scale(self) -> float:
        """The density of states m_r/pi, in which errors are measured."""
        return self.bilayer.reduced_mass / math.pi

    def lowest(self, q: Any, rtol: float | None = None) -> tuple[Floats, Floats]:
        """Value (n,) and gradient (n, 2) at momenta (n, 2), for searches."""
        matrices, gradients, _ = self._at(
            q, max(self.rtol, _SEARCH * 1e-2) if rtol is None else rtol
        )
        value, _, slope = lowest_eigenpair(matrices, gradients)
        return value, slope

    def lowest_with_error(self, q: Any) -> tuple[Floats, Floats]:
        """Value and error estimate, each (n,)."""
        matrices, _, errors = self._at(q, self.rtol)
        return np.asarray(np.linalg.eigvalsh(matrices)[:, 0], dtype=np.float64), errors

    def scan(self, q: Any) -> Floats:
        """Value to about a per cent, (n,)."""
        matrices, _, _ = self._at(q, _COARSE)
        return np.ascontiguousarray(np.linalg.eigvalsh(matrices)[:, 0], dtype=np.float64)

    def _at(self, q: Any, rtol: float) -> tuple[Matrices, Matrices, Floats]:
        found = [self.matrix(x, rtol) for x in np.asarray(q, dtype=np.float64).reshape(-1, 2)]
        return (
            np.array([m for m, _, _ in found]),
            np.array([g for _, g, _ in found]),
            np.array([e for _, _, e in found]),
        )

    def matrix(self, q: Floats, rtol: float) -> tuple[Matrices, Matrices, float]:
        """A (4, 4), its gradient (2, 4, 4) and the error of its elements at one momentum."""
        b, half = self.bilayer, bool(q[1] == 0.0)
        model = self.t, self.t, b.band("e"), b.band("h"), self.reference_energy, b.reduced_mass
        geometry = ray_geometry(self._integrals.contours, q)
        rays = _FIRST_RAYS
        while True:
            nodes, ends = lay_mesh(
                rays, half, *geometry, q, 2, model, 0.0, ray_fineness(rtol), RULE
            )
            out = np.empty((QUADRATIC_COLUMNS, nodes.shape[1]))
            fill_quadratic(nodes[0], nodes[1], q[0], q[1], self.t, *model[2:4], *model[4:], out)
            fine = out @ nodes[2]
            coarse = 2.0 * (out[:, : ends[1]] @ nodes[2, : ends[1]])
            if half:
                for sums in (fine, coarse):
                    sums[:32][np.tile(_ODD, 2)] = 0.0
                    sums[32:] = 0.0  # A is real, so its eigenvector sees no odd gradient
            error = float(np.abs(fine - coarse)[:16].max())
            # geometric convergence: the finer error is the square of the coarser, in this unit
            if error <= math.sqrt(0.1 * rtol) * self.scale:
                break
            if rays >= _MOST_RAYS:
                raise ConvergenceError(
                    f"quadratic form at q = ({q[0]:.6g}, {q[1]:.6g}) needs more than {rays} rays"
                )
            rays *= 2
        matrices = [quadratic_matrix(c) for c in fine.reshape(3, 16)]
        along = float(np.abs(out[:16] @ (nodes[2] - nodes[3])).max())
        along *= min(1.0, math.sqrt(200.0 * along / self.scale))
        return matrices[0], np.array(matrices[1:]), error * error / self.scale + along


class TextureForm(SpinForm):
    """The form of level texture: (Re, Im) of both spins of the electron.

    Parameters
    ----------
    bilayer : Bilayer
        With ``rashba_h = 0`` and ``rashba_e`` not 0.
    t, rtol : float
        As for :class:`SpinForm`.

    Examples
    --------
    >>> from cedrag import NATURAL
    >>> from cedrag.condensate.spin_form import TextureForm
    >>> TextureForm(NATURAL, 1.0, 1e-6).lowest([[0.2, 0.0]])[0].shape
    (1,)
    """

    def matrix(self, q: Floats, rtol: float) -> tuple[Matrices, Matrices, float]:
        """A and its gradient from Omega next to Delta = 0."""
        b, half = self.bilayer, bool(q[1] == 0.0)
        f = Functional(
            TEXTURE, q, half,
            (self.t, self.t, b.band("e"), b.band("h"), self.reference_energy, b.reduced_mass), 0.0,
            column_level(b, on_axis=half).basis, ray_geometry(self._integrals.contours, q),
        )  # fmt: skip
        n, rays, tiny = len(f.basis), _FIRST_RAYS, 1e-9
        while True:
            mesh = f.mesh(rays, ray_fineness(rtol), 0.0)
            form: Floats = np.empty((n, n))
            gradient: Floats = np.empty((2, n, n))
            error = 0.0
            for a, z in enumerate(tiny * np.eye(n)):
                sums = f.sums(mesh, z)
                inner, mixed = 8 + n, 8 + n + n * (n + 1) // 2
                form = 0.5 * f.unpacked(sums.value[inner:mixed])
                gradient[:, a] = sums.value[mixed:].reshape(2, n) / (2.0 * tiny)
                error = float(sums.halved[inner:mixed].max())
            if error <= math.sqrt(0.1 * rtol) * self.scale or rays >= _MOST_RAYS:
                break
            rays *= 2
        if half:  # the imaginary parts see the same form
            form = np.asarray(np.kron(form, np.eye(2)), dtype=np.float64)
            gradient = np.asarray(np.kron(gradient, np.eye(2)), dtype=np.float64)
        error = error * error / self.scale
        return form.astype(np.complex128), gradient.astype(np.complex128), error
