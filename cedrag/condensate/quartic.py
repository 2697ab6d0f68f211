"""The quartic functional F = alpha |Delta|^2 + beta |Delta|^4/2 at its minimum over |Delta|."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

__all__ = ["Coefficients", "current_density", "current_uncertainty"]

Floats = NDArray[np.float64]


class Coefficients(NamedTuple):
    """alpha, beta and their gradients at some momenta, or the errors of these four.

    Attributes
    ----------
    alpha, beta : ndarray
        In 1/(E_u l_u^2) and 1/(E_u^3 l_u^2).
    grad_alpha, grad_beta : ndarray
        d/dq of both; the leading axis of 2 is that of q.

    Examples
    --------
    >>> from cedrag.condensate.quartic import Coefficients
    >>> Coefficients(-0.1, 0.2, [0.1, 0.0], [0.0, 0.0]).beta
    0.2
    """

    alpha: Floats
    beta: Floats
    grad_alpha: Floats
    grad_beta: Floats


def current_density(alpha: Floats, beta: Floats, grad_alpha: Floats, grad_beta: Floats) -> Floats:
    r"""Counterflow current of the quartic theory where alpha < 0 < beta.

    .. math:: J = \frac{dF}{dq} = -\frac{\alpha\alpha'}{\beta} + \frac{\alpha^2\beta'}{2\beta^2},
        \qquad F = -\frac{\alpha^2}{2\beta}

    Parameters
    ----------
    alpha, beta, grad_alpha, grad_beta : float or ndarray
        As in :class:`Coefficients`; they broadcast.

    Returns
    -------
    ndarray
        In J_u.

    Examples
    --------
    >>> from cedrag.condensate.quartic import current_density
    >>> round(current_density(-0.1, 0.2, 0.3, 0.4), 6)
    0.2
    """
    return -alpha * grad_alpha / beta + alpha**2 * grad_beta / (2.0 * beta**2)


def current_uncertainty(coefficients: Coefficients, errors: Coefficients) -> Floats:
    """First-order propagation of the errors of the four integrals to J.

    Parameters
    ----------
    coefficients, errors : Coefficients

    Returns
    -------
    ndarray
        In J_u, shape of the gradients.

    Examples
    --------
    >>> from cedrag.condensate.quartic import Coefficients, current_uncertainty
    >>> point = Coefficients(-0.1, 0.2, 0.3, 0.4)
    >>> round(current_uncertainty(point, Coefficients(0.0, 0.0, 1e-3, 0.0)), 12)
    0.0005
    """
    a, b, ga, gb = coefficients
    da, db, dga, dgb = errors
    by_alpha = abs(-ga / b + a * gb / b**2) * da
    by_beta = abs(a * ga / b**2 - a**2 * gb / b**3) * db
    return by_alpha + by_beta + abs(a / b) * dga + a**2 / (2.0 * b**2) * dgb
