"""What a mean field keeps of the spin: the unknowns of the pair field, and where it may stop."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ..bilayer import Bilayer
from ..kernels.spin_bands import lower_hole_spinor

__all__ = ["SpinLevel", "column_level", "full_level", "other_column"]

_ON_AXIS, _ALL = slice(0, None, 2), slice(None)


@dataclass(frozen=True, eq=False)
class SpinLevel:
    """A choice of unknowns in the pair field Delta_ss' of all four spin states.

    Attributes
    ----------
    name : str
        "full" or "column".
    basis : ndarray, shape (n, 8)
        Row a holds (Re, Im) of Delta_00, 01, 10, 11 for the unknown z_a = 1.  The spin basis is
        that of eq (2) with the second component times i, so that the mirror is complex
        conjugation.

    Examples
    --------
    >>> from cedrag.condensate.levels import full_level
    >>> full_level(on_axis=True).pair_field([1.0, 0.0, 0.0, 2.0]).real
    array([[1., 0.],
           [0., 2.]])
    """

    name: str
    basis: NDArray[np.float64]

    @property
    def unknowns(self) -> int:
        """How many real numbers the pair field has."""
        return len(self.basis)

    def pair_field(self, z: NDArray[np.float64]) -> NDArray[np.complex128]:
        """Delta, shape (2, 2), in E_u, from the unknowns ``z`` of shape (n,) in E_u."""
        parts = np.asarray(z) @ self.basis
        return (parts[0::2] + 1j * parts[1::2]).reshape(2, 2)


def full_level(*, on_axis: bool) -> SpinLevel:
    """All of Delta: 4 real unknowns on the mirror axis, 8 off it (one is the common phase).

    Parameters
    ----------
    on_axis : bool
        Whether q_y = 0 and the state keeps the mirror, so that Delta is real.

    Returns
    -------
    SpinLevel

    Examples
    --------
    >>> from cedrag.condensate.levels import full_level
    >>> full_level(on_axis=True).unknowns, full_level(on_axis=False).unknowns
    (4, 8)
    """
    return SpinLevel("full", np.eye(8)[_ON_AXIS if on_axis else _ALL].copy())


def column_level(bilayer: Bilayer, *, on_axis: bool) -> SpinLevel:
    """One column, on the lower branch of holes without Rashba coupling: 2 or 4 real unknowns.

    A stationary subspace, and the minimum only while the other column is stable:
    see :func:`other_column`.

    Parameters
    ----------
    bilayer : Bilayer
        With ``rashba_h = 0``.
    on_axis : bool
        Whether q_y = 0 and the state keeps the mirror.

    Returns
    -------
    SpinLevel

    Raises
    ------
    ValueError
        If the holes have a Rashba coupling: their spinor then turns with k.

    Examples
    --------
    >>> from cedrag import NATURAL
    >>> from cedrag.condensate.levels import column_level
    >>> column_level(NATURAL, on_axis=True).pair_field([1.0, 0.0]).real.round(3)
    array([[-0.145,  0.989],
           [ 0.   ,  0.   ]])
    """
    return SpinLevel("column", _column(_hole_spinor(bilayer), on_axis))


def other_column(bilayer: Bilayer, *, on_axis: bool) -> NDArray[np.float64]:
    """Rows to append to the basis of :func:`column_level`: pairs with the hole's upper branch.

    With their unknowns zero, the block of d2Omega/dz dz that belongs to them decides: the state of
    one column is a minimum only if its lowest eigenvalue is positive.

    Parameters
    ----------
    bilayer : Bilayer
        With ``rashba_h = 0``.
    on_axis : bool
        As for the level itself; for the odd block of a state on the axis take False.

    Returns
    -------
    ndarray, shape (2, 8) or (4, 8)

    Raises
    ------
    ValueError
        If the holes have a Rashba coupling.

    Examples
    --------
    >>> from cedrag import NATURAL
    >>> from cedrag.condensate.levels import column_level, other_column
    >>> rows = other_column(NATURAL, on_axis=True)
    >>> bool(abs(rows @ column_level(NATURAL, on_axis=True).basis.T).max() < 1e-15)
    True
    """
    lower = _hole_spinor(bilayer)
    return _column((lower[1], -lower[0]), on_axis)


def _hole_spinor(bilayer: Bilayer) -> tuple[float, float]:
    if bilayer.rashba_h != 0.0:
        raise ValueError(f"rashba_h must be 0 for a pair field of one column "
                         f"(got {bilayer.rashba_h})")  # fmt: skip
    spinor: tuple[float, float] = lower_hole_spinor(bilayer.band("h"))
    return spinor


def _column(spinor: tuple[float, float], on_axis: bool) -> NDArray[np.float64]:
    basis = np.zeros((4, 8))
    for s in range(2):
        for part in range(2):
            for hole in range(2):
                basis[2 * s + part, 2 * (2 * s + hole) + part] = spinor[hole]
    return basis[_ON_AXIS if on_axis else _ALL].copy()
