"""What a level of spin adds up over the nodes of a mesh, in the unknowns of its pair field."""

import math
from collections.abc import Callable
from functools import cache
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from ..kernels import mean_field_band
from ..kernels.column_response import column_sums
from ..kernels.spin_response import response_sums
from ..kernels.texture_response import texture_sums

__all__ = ["BAND", "COLUMN", "FULL", "TEXTURE", "Kernel", "upper_triangle"]

Floats = NDArray[np.float64]


class Kernel(NamedTuple):
    """Two functions as ``kernels.mean_field_band`` states them, with the basis before ``out``.

    ``gap(kx, ky, weight, qx, qy, model, z, basis, out)`` sets the derivatives by Delta, ``state``
    all components; ``branches`` says how many spin branches have nodes of their own.

    Parameters
    ----------
    gap, state : callable
        ``(kx, ky, weight, qx, qy, model, z, basis, out)``, compiled.
    branches : int

    Examples
    --------
    >>> from cedrag.condensate.pair_sums import BAND
    >>> BAND.branches
    1
    """

    gap: Callable[..., None]
    state: Callable[..., None]
    branches: int


@cache
def upper_triangle(n: int) -> tuple[Any, Any]:
    """Rows and columns of the upper triangle, row by row.

    Parameters
    ----------
    n : int

    Returns
    -------
    rows, columns : ndarray of int, shape (n (n + 1)/2,)

    Examples
    --------
    >>> from cedrag.condensate.pair_sums import upper_triangle
    >>> [index.tolist() for index in upper_triangle(2)]
    [[0, 0, 1], [0, 1, 1]]
    """
    rows, columns = np.triu_indices(n)
    return rows, columns


@cache
def _onto_lower_holes(B: float, J: float) -> Floats:
    """(8, 4): what the (Re, Im) of Delta_ss' are on the lower branch of holes without a texture."""
    half = 0.5 * math.atan2(B, J)
    out = np.zeros((8, 4))
    for s in range(2):
        for part in range(2):
            out[4 * s + part, 2 * s + part] = -math.sin(half)
            out[4 * s + 2 + part, 2 * s + part] = math.cos(half)
    return out


def _column(sums: Callable[..., None], moving: bool) -> Callable[..., None]:
    """``gap`` or (``moving``) ``state`` of a pair field of one column, from its six directions."""

    def fill(
        kx: Floats, ky: Floats, weight: Floats, qx: float, qy: float, model: tuple[Any, ...],
        z: Floats, basis: Floats, out: Floats,
    ) -> None:  # fmt: skip
        rows = basis @ _onto_lower_holes(*model[3][3:])
        d = (z @ rows).tolist()
        used = np.ones(6, np.bool_)
        used[:4] = (rows != 0.0).any(axis=0)
        used[4:] = moving
        first, second = np.zeros((2, 9)), np.zeros((2, 21))
        sums(
            kx, ky, weight, float(qx), float(qy), model, complex(d[0], d[1]), complex(d[2], d[3]),
            used, first, second,
        )  # fmt: skip
        _assemble(first[:, 1:5], first[:, [0, 5, 6, 7, 8]], second, rows, out, moving)

    return fill


def _all_spins(moving: bool) -> Callable[..., None]:
    """The same for all of Delta, from its ten directions."""

    def fill(
        kx: Floats, ky: Floats, weight: Floats, qx: float, qy: float, model: tuple[Any, ...],
        z: Floats, basis: Floats, out: Floats,
    ) -> None:  # fmt: skip
        parts = z @ basis
        used = np.ones(10, np.bool_)
        used[:8] = (basis != 0.0).any(axis=0)
        used[8:] = moving
        first, second = np.empty((2, 13)), np.empty((2, 55))
        delta = (parts[0::2] + 1j * parts[1::2]).reshape(2, 2)
        response_sums(kx, ky, weight, float(qx), float(qy), model, delta, used, first, second)
        _assemble(first[:, 1:9], first[:, [0, 11, 12, 9, 10]], second, basis, out, moving)

    return fill


def _assemble(
    slopes: Floats, rest: Floats, second: Floats, rows: Floats, out: Floats, moving: bool
) -> None:
    """Components from derivatives in all directions: the unknowns are the ``rows`` (n, m)."""
    n, m = rows.shape
    hessian = np.zeros((2, m + 2, m + 2))
    a, b = upper_triangle(m + 2)
    hessian[:, a, b] = second
    hessian[:, b, a] = second
    by_z = (rows @ hessian[:, :m, :m] @ rows.T)[:, *upper_triangle(n)]
    if not moving:
        out[:, :n], out[:, n:] = slopes @ rows.T, by_z
        return
    inner = 8 + n + n * (n + 1) // 2
    out[:, :5] = rest
    out[:, 5:8] = hessian[:, [m, m, m + 1], [m, m + 1, m + 1]]
    out[:, 8 : 8 + n] = slopes @ rows.T
    out[:, 8 + n : inner] = by_z
    out[:, inner:] = (hessian[:, m:, :m] @ rows.T).reshape(2, -1)


def _without_basis(fill: Callable[..., None]) -> Callable[..., None]:
    def one_unknown(*arguments: Any) -> None:
        *before, _, out = arguments
        fill(*before, out)

    return one_unknown


BAND = Kernel(
    _without_basis(mean_field_band.fill_gap), _without_basis(mean_field_band.fill_state), 1
)
TEXTURE = Kernel(_column(texture_sums, False), _column(texture_sums, True), 1)
COLUMN = Kernel(_column(column_sums, False), _column(column_sums, True), 2)
FULL = Kernel(_all_spins(False), _all_spins(True), 2)
