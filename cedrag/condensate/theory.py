"""What the searches know of a theory: they stand below all theories and use only this."""

from typing import Any, NamedTuple, Protocol, runtime_checkable

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ..bilayer import Bilayer

__all__ = ["Axis", "AxisMinimum", "Search", "Theory", "Turning", "Well", "WithStates"]

Floats = NDArray[np.float64]
Search = bool | float
Remark = tuple[str, type[Warning]]


class AxisMinimum(NamedTuple):
    """A minimum of F along the mirror axis.

    Attributes
    ----------
    q : float
        q_x in 1/l_u.
    free_energy : float
        In E_u/l_u^2.
    along, across : float
        D_xx and D_yy in E_u; the state is a minimum over the plane if ``across`` >= 0.

    Examples
    --------
    >>> from cedrag.condensate.theory import AxisMinimum
    >>> AxisMinimum(q=0.2, free_energy=-0.1, along=0.2, across=0.1).q
    0.2
    """

    q: float
    free_energy: float
    along: float
    across: float


class Turning(NamedTuple):
    """Where the current stops rising on one side of a state at rest.

    Attributes
    ----------
    q : float
        q_x in 1/l_u of the critical state, or of the end of the window.
    current, error : float
        J there and its error estimate in J_u; infinite if the branch runs to the theory's limit.
    edge : float
        Where the condensate ends on this side, in 1/l_u.
    weakest : float
        Smallest beta between the two states over that at rest; nan in theories without beta.
    rises_aside : bool
        Whether J turns the critical state back that is moved off the axis.

    Examples
    --------
    >>> from cedrag.condensate.theory import Turning
    >>> turn = Turning(
    ...     q=0.4, current=0.03, error=1e-10, edge=0.6, weakest=1.0, rises_aside=True)
    >>> turn.current
    0.03
    """

    q: float
    current: float
    error: float
    edge: float
    weakest: float
    rises_aside: bool


class Well(NamedTuple):
    """A minimum of F over the plane of momenta.

    Attributes
    ----------
    q : ndarray, shape (2,)
        In 1/l_u.
    free_energy : float
        In E_u/l_u^2.
    stiffness : ndarray, shape (2, 2)
        d^2F/dq_i dq_j in E_u.

    Examples
    --------
    >>> import numpy as np
    >>> from cedrag.condensate.theory import Well
    >>> Well(np.array([0.2, 0.0]), -0.1, np.eye(2)).free_energy
    -0.1
    """

    q: Floats
    free_energy: float
    stiffness: Floats


class Axis(Protocol):
    """States of a theory on the mirror axis q_y = 0.

    Examples
    --------
    >>> from cedrag import NATURAL, GinzburgLandau
    >>> axis = GinzburgLandau(NATURAL).axis()
    >>> round(axis.minima()[0].q, 4), axis.alone
    (0.1986, True)
    """

    alone: bool  # nothing off the axis competes

    def minima(self) -> list[AxisMinimum]:
        """Minima of F along the axis, lowest first."""

    def turning(self, q0: float, sense: float) -> Turning:
        """The first turning point of J from the state at rest ``q0`` in one sense."""

    def extreme(self, sense: float) -> float:
        """The largest (sense 1) or most negative (-1) current on the whole axis."""


class Theory(Protocol):
    """A free energy F(q) of the condensate, minimised over the pair field.

    Momenta in 1/l_u, currents in J_u.  ``search=True`` asks for values as a search needs them: no
    error estimates and no warnings.  A number is the relative accuracy that will do.

    Examples
    --------
    >>> from cedrag import NATURAL, GinzburgLandau
    >>> round(float(GinzburgLandau(NATURAL).free_energy(0.2, search=True)), 5)
    -0.00679
    """

    bilayer: Bilayer
    t: float

    @property
    def spacing(self) -> float:
        """The length in momentum on which pairing varies."""

    def free_energy(self, qx: ArrayLike, qy: ArrayLike = 0.0, *, search: Search = False) -> Floats:
        """F(q) in E_u/l_u^2: 0 in the normal state, -inf where the theory has no lower bound."""

    def current(self, qx: ArrayLike, qy: ArrayLike = 0.0, *, search: Search = False) -> Floats:
        """J = dF/dq, shape (2, ...)."""

    def current_error(self, qx: ArrayLike, qy: ArrayLike = 0.0) -> Floats:
        """Error estimate of J, shape (2, ...)."""

    def gap(self, qx: ArrayLike, qy: ArrayLike = 0.0) -> Floats:
        """|Delta| in E_u."""

    def margin(self, qx: ArrayLike, qy: ArrayLike = 0.0) -> Floats:
        """1 where the theory is safe, 0 at its own limit."""

    def starts(self) -> Floats:
        """Momenta (n, 2) to descend from; NoCondensateError with the reason if there is none."""

    def axis(self) -> Axis | None:
        """States on the mirror axis; None for a theory without a mirror."""

    def remarks(self, result: Any) -> list[Remark]:
        """What to warn of with a Condensate or Diode of this theory: (message, category)."""


@runtime_checkable
class WithStates(Protocol):
    """A theory whose states know their own d2F/dq2, and which needs no differences to search.

    Examples
    --------
    >>> from cedrag import NATURAL, GinzburgLandau, MeanField
    >>> from cedrag.condensate.theory import WithStates
    >>> [isinstance(theory(NATURAL), WithStates) for theory in (GinzburgLandau, MeanField)]
    [False, True]
    """

    def wells(self) -> list[Well]:
        """Minima of F over the plane, lowest first; of a mirror pair the one with q_y >= 0."""

    def critical(self, q0: tuple[float, float], angle: float) -> tuple[tuple[float, float], float]:
        """Where J(q) = I n, followed from the minimum at q0, ends: q in 1/l_u and I in J_u."""
