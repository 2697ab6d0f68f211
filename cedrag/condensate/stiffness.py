"""Phase stiffness: the curvature of F in the pair momentum, by differences of analytic currents."""

from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import ArrayLike, NDArray

from .._checks import positive_scalar, provides, real_array
from .theory import Theory

__all__ = ["differences", "hessian"]

Floats = NDArray[np.float64]

# central first-derivative weights of order 8 and 4
_STENCIL = ((1, 4.0 / 5.0), (2, -1.0 / 5.0), (3, 4.0 / 105.0), (4, -1.0 / 280.0))
_SHORT = ((1, 2.0 / 3.0), (2, -1.0 / 12.0))


def hessian(theory: Theory, q: Sequence[float], step: float) -> Floats:
    """Stiffness D_ij = dJ_i/dq_j at q from order-8 differences of analytic currents.

    Parameters
    ----------
    theory : Theory
        Gives ``current``.
    q : sequence of two floats
        In 1/l_u.
    step : float
        Of the differences, in 1/l_u.

    Returns
    -------
    ndarray, shape (2, 2)
        In E_u.

    Raises
    ------
    TypeError, ValueError
        If ``theory`` has no currents, ``q`` is not two numbers or ``step`` is not positive.

    Examples
    --------
    At q0 the condensate is stiffer along x than across:

    >>> from cedrag import NATURAL, GinzburgLandau
    >>> from cedrag.condensate.stiffness import hessian
    >>> hessian(GinzburgLandau(NATURAL), (0.1986, 0.0), step=0.005).round(4) + 0.0
    array([[0.1714, 0.    ],
           [0.    , 0.1705]])
    """
    provides("theory", theory, "current")
    point, step = real_array("q", q, bare="1/l_u"), positive_scalar("step", step, bare="1/l_u")
    if point.shape != (2,):
        raise ValueError(f"q must be two numbers (got shape {point.shape})")
    return differences(theory.current, point, step)


def differences(
    current: Callable[[ArrayLike, ArrayLike], Floats],
    q: Floats,
    step: float,
    *,
    short: bool = False,
) -> Floats:
    """Curvature of F from differences of any current, analytic in q.

    Parameters
    ----------
    current : callable
        ``current(qx, qy)`` returns J of shape (2, n).
    q : ndarray, shape (2,)
        In 1/l_u.
    step : float
        In 1/l_u.
    short : bool
        Order 4 instead of 8, for searches.

    Returns
    -------
    ndarray, shape (2, 2)

    Examples
    --------
    >>> import numpy as np
    >>> from cedrag.condensate.stiffness import differences
    >>> differences(lambda x, y: np.array([2.0 * x, 3.0 * y]), np.zeros(2), 0.1).round(9) + 0.0
    array([[2., 0.],
           [0., 3.]])
    """
    stencil = _SHORT if short else _STENCIL
    offsets = np.array([[m * step, 0.0] for m, _ in stencil])
    points = np.concatenate([offsets, -offsets, offsets[:, ::-1], -offsets[:, ::-1]]) + q
    j = current(points[:, 0], points[:, 1]).reshape(2, 4, len(stencil))
    weights = np.array([w for _, w in stencil]) / step
    d_x = (j[:, 0] - j[:, 1]) @ weights
    d_y = (j[:, 2] - j[:, 3]) @ weights
    mixed = 0.5 * (d_x[1] + d_y[0])
    return np.array([[d_x[0], mixed], [mixed, d_y[1]]])
