r"""F = alpha D^2 + beta D^4/2 + c D^6/3 at its minimum over D = |Delta|.

The minimum next to D = 0 on the side of the quartic theory: with y = D^2 and
s = sqrt(beta^2 - 4 alpha c),

.. math:: y = \frac{s - \beta}{2c} = \frac{-2\alpha}{\beta + s}, \qquad
    J = \alpha' y + \tfrac12\beta' y^2 + \tfrac13 c' y^3 .

For c < 0, as in the BCS limit, it is metastable: F falls again at large D, where the expansion
means nothing.  There is none where beta <= 0 or s^2 < 0.  For c > 0 it is the global one, also
where beta < 0 and the transition is first order.
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

__all__ = ["SixthCoefficients", "SixthMinimum", "sixth_minimum", "sixth_uncertainty"]

Floats = NDArray[np.float64]


class SixthCoefficients(NamedTuple):
    """alpha, beta, c and their gradients at some momenta, or the errors of these.

    Attributes
    ----------
    alpha, beta, grad_alpha, grad_beta : ndarray
        As in :class:`cedrag.condensate.quartic.Coefficients`.
    sixth : ndarray
        c in 1/(E_u^5 l_u^2).
    grad_sixth : ndarray
        dc/dq; the leading axis of 2 is that of q.

    Examples
    --------
    >>> from cedrag.condensate.sixth_order import SixthCoefficients
    >>> SixthCoefficients(-0.1, 0.2, 0.0, 0.0, -0.05, 0.0).sixth
    -0.05
    """

    alpha: Floats
    beta: Floats
    grad_alpha: Floats
    grad_beta: Floats
    sixth: Floats
    grad_sixth: Floats


class SixthMinimum(NamedTuple):
    """The minimum at some momenta.

    Attributes
    ----------
    square : ndarray
        |Delta|^2 in E_u^2, 0 where there is no minimum.
    free_energy : ndarray
        In E_u/l_u^2; positive where the state lies above the normal one.
    current : ndarray
        dF/dq in J_u.
    exists, unstable : ndarray of bool
        Whether there is a minimum at |Delta| > 0; whether alpha < 0 and there is none.

    Examples
    --------
    >>> import numpy as np
    >>> from cedrag.condensate.sixth_order import SixthCoefficients, sixth_minimum
    >>> point = SixthCoefficients(*(np.array(x) for x in (-0.1, 0.2, 0.3, 0.0, -0.05, 0.0)))
    >>> round(float(sixth_minimum(point).square), 4)  # 0.5 without c
    0.5858
    """

    square: Floats
    free_energy: Floats
    current: Floats
    exists: NDArray[np.bool_]
    unstable: NDArray[np.bool_]


def sixth_minimum(point: SixthCoefficients) -> SixthMinimum:
    """The minimum of F over |Delta|, its energy and its current.

    Parameters
    ----------
    point : SixthCoefficients

    Returns
    -------
    SixthMinimum

    Examples
    --------
    First order: alpha > 0, yet F < 0 at finite |Delta|:

    >>> import numpy as np
    >>> from cedrag.condensate.sixth_order import SixthCoefficients, sixth_minimum
    >>> point = SixthCoefficients(*(np.array(x) for x in (0.1, -1.0, 0.0, 0.0, 1.0, 0.0)))
    >>> bool(sixth_minimum(point).free_energy < 0.0)
    True
    """
    alpha, beta, grad_alpha, grad_beta, c, grad_c = point
    # c = -inf marks a second component that condenses: no minimum
    finite = np.isfinite(c)
    c = np.where(finite, c, 0.0)
    square = beta**2 - 4.0 * alpha * c
    s = np.sqrt(np.maximum(square, 0.0))
    upward = beta > 0.0
    with np.errstate(divide="ignore", invalid="ignore"):
        y = np.where(upward, -2.0 * alpha / (beta + s), (s - beta) / (2.0 * c))
    exists = finite & (square > 0.0) & np.where(upward, alpha < 0.0, c > 0.0) & (y > 0.0)
    y = np.where(exists, y, 0.0)
    energy = y * (alpha + y * (beta / 2.0 + y * c / 3.0))
    current = y * (grad_alpha + y * (grad_beta / 2.0 + y * grad_c / 3.0))
    return SixthMinimum(y, energy, current, exists, (alpha < 0.0) & ~exists)


def sixth_uncertainty(point: SixthCoefficients, errors: SixthCoefficients) -> Floats:
    """First-order propagation of the errors of the coefficients to J.

    Parameters
    ----------
    point, errors : SixthCoefficients

    Returns
    -------
    ndarray
        In J_u, shape of the gradients.

    Examples
    --------
    >>> import numpy as np
    >>> from cedrag.condensate.sixth_order import SixthCoefficients, sixth_uncertainty
    >>> point = SixthCoefficients(*(np.array(x) for x in (-0.1, 0.2, 0.3, 0.0, 0.0, 0.0)))
    >>> error = SixthCoefficients(*(np.array(x) for x in (0.0, 0.0, 1e-3, 0.0, 0.0, 0.0)))
    >>> round(float(sixth_uncertainty(point, error)), 12)
    0.0005
    """
    _, beta, grad_alpha, grad_beta, c, grad_c = point
    state = sixth_minimum(point)
    y = state.square
    # at the minimum dF/dy = 0: y moves by -(d alpha + y d beta + y^2 d c)/F''
    stiff = np.where(state.exists, np.abs(beta + 2.0 * c * y), np.inf)
    moved = (errors.alpha + y * errors.beta + y**2 * errors.sixth) / stiff
    slope = np.abs(grad_alpha + y * grad_beta + y**2 * grad_c)
    direct = y * (errors.grad_alpha + y * (errors.grad_beta / 2.0 + y * errors.grad_sixth / 3.0))
    return slope * moved + direct
