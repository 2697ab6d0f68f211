"""The temperature below which vortices stay bound."""

import math
import warnings
from typing import Any

from ..bilayer import Bilayer
from ..errors import NoCondensateError, ValidityWarning
from .mean_field import MeanField

__all__ = ["bkt_temperature"]

_COLDEST = 0.02


def bkt_temperature(bilayer: Bilayer, *, theory: type = MeanField, **options: Any) -> float:
    r"""Berezinskii-Kosterlitz-Thouless temperature of the mean-field stiffness.

    .. math:: T = \frac{\pi}{2} \sqrt{\det D(T)}

    with D the total second derivative of min F by the pair momentum (theory of the universal jump;
    the stiffness is not renormalised).

    Parameters
    ----------
    bilayer : Bilayer
    theory : class
        :class:`cedrag.condensate.mean_field.MeanField`, or a class that is called in the same way
        and has ``minima`` with ``stiffness``.
    **options
        ``spin``, ``binding_energy``, ``rtol`` as the theory takes them.

    Returns
    -------
    float
        T_BKT/T_c; with ``binding_energy`` given, in E_u.

    Raises
    ------
    NoCondensateError
        If there is no phase stiffness at any temperature down to T_c/50.

    Examples
    --------
    >>> from cedrag import NATURAL
    >>> from cedrag.condensate.bkt import bkt_temperature
    >>> round(bkt_temperature(NATURAL, spin="band"), 6)
    0.734363
    """
    from scipy import optimize

    options = {"rtol": 1e-7, **options}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ValidityWarning)
        top = 1.0
        if options.get("binding_energy") is None:
            options["binding_energy"] = theory(bilayer, 1.0, **options).binding_energy
        else:
            while _excess(theory, bilayer, top, options) > 0.0:
                top *= 2.0
        coldest = _COLDEST * top
        bottom = 0.7 * top  # from above: low temperatures cost more
        while _excess(theory, bilayer, bottom, options) <= 0.0:
            top, bottom = bottom, 0.7 * bottom
            if bottom < coldest:
                raise NoCondensateError(
                    f"no phase stiffness at t = {top:.3g} or above: vortices are never bound"
                )
        return float(
            optimize.brentq(
                lambda t: _excess(theory, bilayer, t, options), bottom, top, xtol=1e-9, rtol=1e-9
            )
        )


def _excess(theory: type, bilayer: Bilayer, t: float, options: dict[str, Any]) -> float:
    """(pi/2) sqrt(det D) - t; -t in the normal state."""
    try:
        state = theory(bilayer, t, **options).minima[0]
    except NoCondensateError:
        return -t
    xx, xy, yy = state.stiffness
    return 0.5 * math.pi * math.sqrt(max(xx * yy - xy * xy, 0.0)) - t
