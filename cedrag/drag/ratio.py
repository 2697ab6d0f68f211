r"""The drag ratio of eq (10), and the friction of one layer by another: the one home of both.

A driven layer e with mean momentum p_e per carrier hands the passive layer h a momentum per area
and time Gamma p_e/m_e, Gamma the coefficient of momentum transfer. Per carrier of h that is
p_e/tau_D^I, and by the third law h returns p_h/tau_D^II:

.. math::

    \frac{1}{\tau_D^I} = \frac{\Gamma}{n_h m_e}, \qquad
    \frac{1}{\tau_D^{II}} = \frac{\Gamma}{n_h m_h}, \qquad
    0 = \frac{p_e}{\tau_D^I} - \frac{p_h}{\tau_D^{II}} - \frac{p_h}{\tau_2} .

Masses are those of transport, 1/m_ex = <d^2 xi_e/dk_x^2>; a parabolic layer has its own. A band
that is not parabolic has two coefficients, see :mod:`cedrag.drag.boltzmann`, and the same balance.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from .._checks import Floats, chosen, nonnegative_scalar, positive_array, positive_scalar, shown
from ..errors import UnrealisticScatteringWarning, warn

__all__ = ["CARRIER_SIGN", "Friction", "drag_ratio", "drag_times", "friction"]

#: Sign of E_2/j_1, and of -zeta: a hole layer is dragged along, its current runs backwards.
CARRIER_SIGN = {"electron-hole": 1.0, "electron-electron": -1.0}


def drag_times(
    momentum_transfer: float, *, density_h: float, mass_e: float, mass_h: float
) -> tuple[float, float]:
    """Drag times tau_D^I = n_h m_e/Gamma and tau_D^II = n_h m_h/Gamma.

    Parameters
    ----------
    momentum_transfer : float
        Gamma >= 0, force per area on the passive layer for unit velocity of the driven one.
    density_h : float
        Carriers per area of the passive layer.
    mass_e, mass_h : float
        Transport masses of the driven and of the passive layer.

    Returns
    -------
    forth, back : float
        tau_D^I and tau_D^II in the unit of n m/Gamma; with SI arguments, s. Both are inf where
        nothing is transferred.

    Raises
    ------
    TypeError, ValueError
        If a density or a mass is not positive and finite, or Gamma is negative.

    Examples
    --------
    A heavy passive layer returns the momentum of its carriers more slowly:

    >>> from cedrag.drag.ratio import drag_times
    >>> drag_times(2.0, density_h=3.0, mass_e=1.0, mass_h=4.0)
    (1.5, 6.0)
    """
    density_h = positive_scalar("density_h", density_h)
    masses = positive_scalar("mass_e", mass_e), positive_scalar("mass_h", mass_h)
    momentum_transfer = nonnegative_scalar("momentum_transfer", momentum_transfer)
    if momentum_transfer == 0.0:
        return np.inf, np.inf
    forth, back = (float(density_h * mass / momentum_transfer) for mass in masses)
    return forth, back


@dataclass(frozen=True)
class Friction:
    """What one layer does to the other outside the plateau.

    Attributes
    ----------
    drag_time : float
        tau_D^I: a passive carrier gains p_e/tau_D^I per unit time.
    drag_time_back : float
        tau_D^II = tau_D^I m_h/m_e: it returns p_h/tau_D^II.
    ratio : float
        zeta of eq (10).

    Examples
    --------
    >>> from cedrag.drag.ratio import friction
    >>> friction(
    ...     2.0, scattering_time=2.0, density_e=6.0, density_h=3.0, mass_e=1.0, mass_h=4.0)
    Friction(drag_time=1.5, drag_time_back=6.0, ratio=-0.125)
    """

    drag_time: float
    drag_time_back: float
    ratio: float


def friction(
    momentum_transfer: float,
    *,
    scattering_time: float,
    density_e: float,
    density_h: float,
    mass_e: float,
    mass_h: float,
) -> Friction:
    """Drag times and eq (10) of two layers with one coefficient Gamma, as parabolic layers have.

    Parameters
    ----------
    momentum_transfer : float
        Gamma > 0, as in :func:`drag_times`; of :func:`cedrag.drag.parabolic.drag_rate` its
        ``force_coefficient``.
    scattering_time : float
        tau_2 of the passive layer.
    density_e, density_h : float
        Carriers per area of the driven and of the passive layer.
    mass_e, mass_h : float
        Their transport masses.

    Returns
    -------
    Friction
        Both drag times and zeta.

    Warns
    -----
    UnrealisticScatteringWarning
        If tau_2 exceeds tau_D^II.

    Examples
    --------
    By hand: tau_D^I = 3, tau_D^II = 3/2 and zeta = -(1/2) 2/(2 + 3/(1/2)).

    >>> from cedrag.drag.ratio import friction
    >>> friction(
    ...     1.0, scattering_time=0.5, density_e=2.0, density_h=1.0, mass_e=3.0, mass_h=1.5)
    Friction(drag_time=3.0, drag_time_back=1.5, ratio=-0.125)
    """
    density_e = positive_scalar("density_e", density_e)
    forth, back = drag_times(momentum_transfer, density_h=density_h, mass_e=mass_e, mass_h=mass_h)
    if forth == np.inf:
        raise ValueError(f"momentum_transfer must be positive (got {momentum_transfer})")
    zeta = drag_ratio(
        drag_time=forth,
        drag_time_back=back,
        scattering_time=positive_scalar("scattering_time", scattering_time),
        density_ratio=density_h / density_e,
        mass_ratio=mass_e / mass_h,
    )
    return Friction(forth, back, float(zeta))


def _check_same_unit(
    drag_time: ArrayLike, scattering_time: ArrayLike, drag_time_back: ArrayLike | None
) -> None:
    """A plain number beside a quantity would be in a unit that nobody has said."""
    times = [t for t in (drag_time, scattering_time, drag_time_back) if t is not None]
    if len({hasattr(t, "to") for t in times}) > 1:
        raise ValueError(
            "drag_time, scattering_time and drag_time_back must all carry a unit or none "
            f"(got {', '.join(map(shown, times))})"
        )


def drag_ratio(
    *,
    drag_time: ArrayLike,
    scattering_time: ArrayLike,
    drag_time_back: ArrayLike | None = None,
    density_ratio: ArrayLike = 1.0,
    mass_ratio: ArrayLike = 1.0,
    carriers: str = "electron-hole",
) -> Floats:
    r"""Ratio zeta = I_drag/I_drive of two short-circuited layers, eq (10).

    A carrier of the passive layer (h) gains p_e/tau_D^I from the driven layer (e), returns
    p_h/tau_D^II to it and loses p_h/tau_2 to the lattice. In the steady state

    .. math:: 0 = p_e/\tau_D^{I} - p_h/\tau_D^{II} - p_h/\tau_2 .

    With the currents j_e = -e n_e p_e/m_ex and j_h = +e n_h p_h/m_h this is

    .. math::

        \zeta = \frac{j_h}{j_e}
              = -\frac{n_h m_{ex}}{n_e m_h} \, \frac{1}{\tau_D^I/\tau_D^{II} + \tau_D^I/\tau_2} .

    Parameters
    ----------
    drag_time : float or array
        tau_D^I, any unit (all times in the same one).
    scattering_time : float or array
        tau_2, momentum relaxation time of the passive layer.
    drag_time_back : float or array, optional
        tau_D^II. By default tau_D^I m_h/m_ex, which is exact for parabolic layers.
    density_ratio : float or array
        n_h/n_e (passive over driven).
    mass_ratio : float or array
        m_ex/m_h (driven over passive).
    carriers : {"electron-hole", "electron-electron"}
        Equal charges turn the sign: zeta > 0.

    Returns
    -------
    float or ndarray
        The shape of the broadcast arguments.

    Warns
    -----
    UnrealisticScatteringWarning
        If tau_2 exceeds tau_D^II: the passive layer then loses its momentum to the other layer
        rather than to the lattice, and the weak-coupling assumption behind tau_D, a passive layer
        near rest, no longer holds.

    Notes
    -----
    tau_2 -> infinity gives -n_h/n_e for parabolic layers: equal mean velocities, full friction. It
    is not the perfect drag of a condensate, which needs no scattering time at all.

    Examples
    --------
    Friction hands over a hundredth of the current if tau_2 is a hundredth of tau_D.

    >>> from cedrag import drag_ratio
    >>> round(drag_ratio(drag_time=1e-9, scattering_time=1e-11), 5)
    -0.0099
    """
    given = {
        "drag_time": drag_time,
        "scattering_time": scattering_time,
        "density_ratio": density_ratio,
        "mass_ratio": mass_ratio,
    }
    if drag_time_back is not None:
        given["drag_time_back"] = drag_time_back
    # times are asked for in one unit, whichever: a quantity is taken in seconds
    arrays = {
        name: positive_array(name, value, unit="s" if name.endswith(("time", "back")) else "")
        for name, value in given.items()
    }
    _check_same_unit(drag_time, scattering_time, drag_time_back)
    chosen("carriers", carriers, CARRIER_SIGN)
    forth, ratio = arrays["drag_time"], arrays["mass_ratio"]
    back = arrays.get("drag_time_back", forth / ratio)
    lattice = arrays["scattering_time"]
    if np.any(lattice > back):
        warn(
            "scattering_time exceeds drag_time_back: the passive layer is no longer near rest, "
            "as the weak-coupling drag time assumes",
            UnrealisticScatteringWarning,
        )
    zeta = (
        -CARRIER_SIGN[carriers] * arrays["density_ratio"] * ratio / (forth / back + forth / lattice)
    )
    return float(zeta) if np.ndim(zeta) == 0 else zeta
