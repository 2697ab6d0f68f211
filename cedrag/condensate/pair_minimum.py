"""Omega at one pair momentum: its sums on meshes, their errors, and its minimum over Delta."""

import math
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from ..errors import ConvergenceError
from ..kernels.mean_field_band import CURRENT, N_STATE, OMEGA, RIGIDITY
from ..kernels.mean_field_mesh import CLASSES, lay_mesh
from ..pairing.mesh import RULE
from .pair_sums import Kernel, upper_triangle

__all__ = ["Functional", "Minimum", "Sums", "lowest_eigenvalue", "minimum"]

Floats = NDArray[np.float64]
Mesh = tuple[Floats, NDArray[np.int64]]

MOST_RAYS = 4096
_FINEST = 12.0  # of the panels
_SAFETY = 3.0  # on errors that a mesh tells of itself
_LOOSE = 30.0  # second derivatives may err by so much more than F and J


class Sums(NamedTuple):
    """All components at one Delta, (components,), and what their errors are told from.

    ``halved`` and ``quartered`` are the differences between N, N/2 and N/4 rays.

    Parameters
    ----------
    value, halved, quartered, around, along : ndarray, shape (components,)
        The sums; differences by the number of rays; errors around the circle and along the rays.

    Examples
    --------
    >>> import numpy as np
    >>> from cedrag.condensate.pair_minimum import Sums
    >>> Sums(*np.ones((1, 2)), *np.zeros((4, 2))).value
    array([1., 1.])
    """

    value: Floats
    halved: Floats
    quartered: Floats
    around: Floats
    along: Floats


@dataclass(frozen=True, eq=False)
class Functional:
    """Omega(Delta) at one pair momentum.

    Attributes
    ----------
    kernel : Kernel
    q : ndarray, shape (2,)
        Pair momentum in 1/l_u.
    half : bool
        The upper half plane stands for all: what is odd in q_y vanishes.
    model : tuple
        (T, T_ref, e_band, h_band, E_ref, m_r).
    offset : float
        What 1/g adds to alpha beyond Int 1/(k^2/2m_r + E_ref).
    basis : ndarray, shape (n, 8)
        The unknowns: see :class:`cedrag.condensate.levels.SpinLevel`.
    geometry : tuple of float
        Origin of the rays on the axis, and the radius beyond which u = 1/k.

    Examples
    --------
    >>> from cedrag import NATURAL
    >>> from cedrag.condensate.pair_states import PairStates
    >>> PairStates(NATURAL, 0.9, "band", 1e-8).functional((0.2, 0.0)).basis.shape
    (1, 8)
    """

    kernel: Kernel
    q: Floats
    half: bool
    model: tuple[Any, ...]
    offset: float
    basis: Floats
    geometry: tuple[float, float]

    @property
    def upper(self) -> tuple[Any, Any]:
        """Indices of the upper triangle of the Hessian by Delta."""
        return upper_triangle(len(self.basis))

    def mesh(self, rays: int, fineness: float, square: float) -> Mesh:
        """Nodes laid for |Delta|^2 = ``square``, and the ends of the three classes of rays."""
        nodes, ends = lay_mesh(
            rays, self.half, *self.geometry, self.q, self.kernel.branches, self.model,
            float(square), fineness, RULE,
        )  # fmt: skip
        return nodes, ends

    def slopes(self, nodes: Floats, z: Floats) -> tuple[Floats, Floats]:
        """Gradient (n,) and Hessian (n, n) by Delta; stiff against the common phase."""
        n = len(z)
        out = np.empty((2, n + n * (n + 1) // 2))
        self.kernel.gap(
            nodes[0], nodes[1], nodes[2:], self.q[0], self.q[1], self.model, z, self.basis, out
        )
        hessian = self.unpacked(out[0, n:]) + 2.0 * self.offset * np.eye(n)
        return out[0, :n] + 2.0 * self.offset * z, self.phase_fixed(hessian, z)

    def form(self, rays: int, fineness: float) -> tuple[Floats, float]:
        """Half the Hessian at Delta = 0 (n, n), and its largest difference to half the rays."""
        nodes, ends = self.mesh(rays, fineness, 0.0)
        n = len(self.basis)
        out = np.empty((2, 2, n + n * (n + 1) // 2))
        tiny = np.full(n, 1e-9 / math.sqrt(n))
        for part, (first, last) in enumerate(((0, ends[1]), (ends[1], ends[2]))):
            self.kernel.gap(
                *_part(nodes, first, last), self.q[0], self.q[1], self.model, tiny, self.basis,
                out[part],
            )  # fmt: skip
        a, b = out[:, 0, n:]
        form = 0.5 * self.unpacked(a + b) + self.offset * np.eye(n)
        return form, 0.5 * float(np.abs(a - b).max())

    def unpacked(self, upper: Floats) -> Floats:
        """The symmetric matrix whose upper triangle stands row by row in ``upper``."""
        n = len(self.basis)
        out = np.empty((n, n))
        rows, columns = self.upper
        out[rows, columns] = upper
        out[columns, rows] = upper
        return out

    def phase_fixed(self, hessian: Floats, z: Floats) -> Floats:
        """The Hessian made stiff against the common phase of Delta, on which nothing depends.

        Where Delta is real by its basis that is no unknown, and nothing changes.
        """
        if len(z) == 1:
            return hessian
        parts = z @ self.basis
        turned = np.empty_like(parts)
        turned[0::2], turned[1::2] = -parts[1::2], parts[0::2]
        along = self.basis @ turned
        total = float(along @ along)
        if total == 0.0:
            return hessian
        stiff = max(float(np.abs(np.diag(hessian)).max()), 1e-300)
        return hessian + stiff / total * np.outer(along, along)

    def sums(self, mesh: Mesh, z: Floats) -> Sums:
        """All components at ``z`` with what N/2 and N/4 rays and the Gauss nodes make of them."""
        nodes, ends = mesh
        n = len(z)
        count = N_STATE + n + n * (n + 1) // 2 + 2 * n
        sums = np.empty((CLASSES, 2, count))
        first = 0
        for part, last in enumerate(ends.tolist()):
            self.kernel.state(
                *_part(nodes, first, last), self.q[0], self.q[1], self.model, z, self.basis,
                sums[part],
            )  # fmt: skip
            first = last
        if self.half:
            sums[:, :, [CURRENT + 1, RIGIDITY + 1]] = 0.0
            sums[:, :, count - n :] = 0.0
        a, b, d = sums[:, 0]
        value = a + b + d
        halved, before = np.abs(value - 2.0 * (a + b)), np.abs(2.0 * (a + b) - 4.0 * a)
        # geometric convergence
        around = np.where(before > halved, halved**2 / np.maximum(before, 1e-300), halved)
        along = np.abs(value - sums[:, 1].sum(axis=0))
        value[OMEGA] += self.offset * float(z @ z)
        value[N_STATE : N_STATE + n] += 2.0 * self.offset * z
        inner = N_STATE + n
        rows, columns = self.upper
        value[inner : inner + len(rows)][rows == columns] += 2.0 * self.offset
        return Sums(value, halved, before, around, along)

    def parts(self, value: Floats, z: Floats) -> tuple[Floats, Floats, Floats]:
        """Gradient (n,), Hessian (n, n) by Delta and mixed derivatives (2, n) among components."""
        n = len(z)
        inner, mixed = N_STATE + n, N_STATE + n + n * (n + 1) // 2
        hessian = self.phase_fixed(self.unpacked(value[inner:mixed]), z)
        return value[N_STATE:inner], hessian, value[mixed:].reshape(2, n)

    def scales(self, value: Floats, z: Floats, rtol: float) -> Floats:
        """Natural scale of each component: none is judged against a value that may vanish.

        Nor is more asked than rounding leaves: Omega is a difference of numbers n E_F, and close
        to Delta = 0 the curvature one of numbers N_0 = m_r/pi.
        """
        E_ref, m_r = self.model[4:]
        n = len(z)
        inner, mixed = N_STATE + n, N_STATE + n + n * (n + 1) // 2
        diagonal = np.diag(self.unpacked(value[inner:mixed]))
        curvature = max(1e-6 * m_r, float(np.abs(diagonal).max()))
        size = max(_norm(z), 1e-300)
        energy = 0.25 * curvature * size * size
        rigidity = max(abs(value[RIGIDITY]), abs(value[RIGIDITY + 2]), 1e-300)
        out = np.empty(len(value))
        out[OMEGA] = max(energy, 4e-15 * (abs(value[1]) + abs(value[2])) * E_ref / rtol)
        out[1:3] = np.abs(value[1:3]) + 1e-300
        out[CURRENT : CURRENT + 2] = math.sqrt(energy * rigidity)
        out[RIGIDITY : RIGIDITY + 3] = _LOOSE * rigidity
        out[N_STATE:inner] = curvature * size
        out[inner:mixed] = _LOOSE * curvature
        out[mixed:] = _LOOSE * math.sqrt(curvature * rigidity)
        return out

    def stiffness(self, value: Floats, z: Floats) -> tuple[Floats, Floats, bool]:
        """Total second derivative (xx, xy, yy) of min Omega by q, and d z/dq (2, n).

        Delta relaxes (Schur complement).  Also whether Omega is convex in Delta.
        """
        _, hessian, mixed = self.parts(value, z)
        drift = -_solved(hessian, mixed)
        relaxed = mixed @ drift.T
        relaxed = value[RIGIDITY : RIGIDITY + 3] + relaxed[[0, 0, 1], [0, 1, 1]]
        return relaxed, drift, lowest_eigenvalue(hessian) > 0.0


def _solved(hessian: Floats, rows: Floats) -> Floats:
    """hessian^-1 on each row; one unknown takes no LAPACK, whose calls cost more than a mesh."""
    if len(hessian) == 1:
        return rows / hessian[0, 0]
    return np.asarray(np.linalg.solve(hessian, rows.T).T, dtype=np.float64)


def lowest_eigenvalue(matrix: Floats) -> float:
    """Of a symmetric matrix.

    Parameters
    ----------
    matrix : ndarray, shape (n, n)

    Returns
    -------
    float

    Examples
    --------
    >>> import numpy as np
    >>> from cedrag.condensate.pair_minimum import lowest_eigenvalue
    >>> lowest_eigenvalue(np.array([[2.0]])), lowest_eigenvalue(np.diag([3.0, -1.0]))
    (2.0, -1.0)
    """
    return float(matrix[0, 0] if len(matrix) == 1 else np.linalg.eigvalsh(matrix)[0])


def _part(nodes: Floats, first: int, last: int) -> tuple[Floats, Floats, Floats]:
    """Momenta and weights of some nodes; a view of the weights would need kernels of its own."""
    weights = np.ascontiguousarray(nodes[2:, first:last])
    return nodes[0, first:last], nodes[1, first:last], weights


def _norm(z: Floats) -> float:
    return math.sqrt(float(z @ z))


def _newton(gradient: Floats, hessian: Floats) -> tuple[Floats, bool]:
    """The Newton step and whether the Hessian is positive; else a multiple of one makes it so."""
    if len(gradient) == 1:
        curved = float(hessian[0, 0])
        return gradient / (abs(curved) + 1e-300), curved > 0.0
    values, vectors = np.linalg.eigh(hessian)
    convex = bool(values[0] > 0.0)
    if not convex:
        values = values - values[0] + 1e-3 * max(float(np.abs(values).max()), 1e-300)
    return vectors @ ((vectors.T @ gradient) / values), convex


def _descend(
    f: Functional, nodes: Floats, z: Floats, tolerance: float, least: float
) -> Floats | None:
    """Newton with exact second derivatives towards the minimum next to ``z``.

    None if it ends in the normal state, or nowhere.
    """
    size = _norm(z)
    for _ in range(60):
        step, convex = _newton(*f.slopes(nodes, z))
        length, longest = _norm(step), 0.4 * _norm(z)
        if length > longest or not convex:
            if length == 0.0:
                return None
            step = step * (longest / length)
        z = z - step
        if convex and length < tolerance * _norm(z):
            return z
        if _norm(z) < max(least * size, 1e-7):
            return None
    return None


class Minimum(NamedTuple):
    """A minimum of Omega: Delta, all components, their errors, and the mesh that did.

    ``rays`` is where the next state of a branch may begin.

    Parameters
    ----------
    z : ndarray, shape (n,)
        The pair field, its real components.
    value, error : ndarray, shape (components,)
        Omega, its derivatives and the sums; their errors.
    rays : int
    fineness : float

    Examples
    --------
    >>> import numpy as np
    >>> from cedrag.condensate.pair_minimum import Minimum
    >>> Minimum(np.ones(1), np.ones(12), np.zeros(12), 16, 2.2).rays
    16
    """

    z: Floats
    value: Floats
    error: Floats
    rays: int
    fineness: float


def minimum(
    f: Functional,
    z: Floats,
    rays: int,
    fineness: float,
    rtol: float,
    *,
    least: float = 1e-4,
) -> Minimum | None:
    """The minimum of Omega next to ``z``, on a mesh fine enough for ``rtol``.

    Omega and J are corrected to first order for what is left of the gradient by Delta.

    Parameters
    ----------
    f : Functional
    z : ndarray, shape (n,)
        Where the descent starts, in E_u.
    rays : int
        To begin with, a multiple of 8.
    fineness : float
        rho + 1/rho of the panels to begin with.
    rtol : float
        Target for the errors relative to the natural scales.
    least : float
        A descent below this fraction of where it started ends in the normal state.

    Returns
    -------
    Minimum or None
        None if the descent ends in the normal state.

    Raises
    ------
    ConvergenceError
        If the mesh cannot be made fine enough.

    Examples
    --------
    >>> import numpy as np
    >>> from cedrag import NATURAL
    >>> from cedrag.condensate.pair_minimum import minimum
    >>> from cedrag.condensate.pair_states import PairStates
    >>> states = PairStates(NATURAL, 0.9, "band", 1e-6)
    >>> found = minimum(states.functional((0.2, 0.0)), np.array([1e-3]), 16, 2.2, 1e-6)
    >>> bool(abs(found.value[0]) > 1e6 * found.error[0])  # Omega
    True
    """
    enough = min(math.sqrt(0.1 * rtol), _LOOSE * rtol)
    tolerance = 0.03
    for _ in range(4):
        laid_for = _norm(z)
        mesh = f.mesh(rays, fineness, laid_for**2)
        lower = _descend(f, mesh[0], z, tolerance, least)
        if lower is None:
            return None
        z = lower
        if 0.6 * laid_for < _norm(z) < 1.6 * laid_for:
            break
    while True:
        for _ in range(8):
            sums = f.sums(mesh, z)
            gradient, hessian, mixed = f.parts(sums.value, z)
            step, convex = _newton(gradient, hessian)
            if convex and _norm(step) <= enough * _norm(z):
                break
            tolerance *= 0.1
            close = convex and _norm(step) < 0.1 * _norm(z)
            lower = z - step if close else _descend(f, mesh[0], z, tolerance, least)
            if lower is None:
                return None
            z = lower
        else:
            return None
        scale = f.scales(sums.value, z, rtol)
        # QUADPACK's estimate for the finer of two rules
        along = sums.along * np.minimum(1.0, np.sqrt(200.0 * sums.along / scale))
        worst_along, worst_around = (along / scale).max(), (sums.around / scale).max()
        if worst_along > 0.5 * rtol and fineness < _FINEST:
            fineness *= 1.3
        elif worst_around > 0.5 * rtol and rays < MOST_RAYS:
            rays *= 2
        elif max(worst_along, worst_around) > 0.5 * rtol:
            raise ConvergenceError(
                f"mean field at q = ({f.q[0]:.6g}, {f.q[1]:.6g}): not converged to rtol = "
                f"{rtol:.1e} with {rays} rays"
            )
        else:
            break
        z = z - step
        mesh = f.mesh(rays, fineness, _norm(z) ** 2)
    value, error = sums.value.copy(), sums.around + along
    value[OMEGA] -= 0.5 * float(gradient @ step)
    value[CURRENT : CURRENT + 2] -= mixed @ step
    drift = _solved(hessian, mixed)  # an error of Delta moves J as Delta moves with q
    error[CURRENT : CURRENT + 2] += np.abs(drift) @ error[N_STATE : N_STATE + len(z)]
    # what half of these rays would say of their error, if it falls geometrically
    fewer = float((sums.quartered / scale).max()) ** 1.5 <= 0.25 * rtol and rays >= 16
    return Minimum(z - step, value, _SAFETY * error, rays // 2 if fewer else rays, fineness)
