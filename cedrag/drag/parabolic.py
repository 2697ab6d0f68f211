r"""Frictional Coulomb drag between two parabolic layers.

Carriers that move in layer 1 scatter from those of layer 2 and hand them momentum. With the layers
weakly coupled (second order in the screened interaction U12, Jauho & Smith 1993),

.. math::

    |\rho_D| = \frac{\hbar^2}{8\pi^2 e^2 n_1 n_2 k_B T} \int_0^\infty q^3 dq \int_0^\infty d\omega
               \, |U_{12}(q, \omega)|^2 \,
               \frac{\mathrm{Im}\,\Pi_1(q, \omega) \, \mathrm{Im}\,\Pi_2(q, \omega)}
                    {\sinh^2(\hbar\omega/2 k_B T)} .

Beside T_c fluctuations of the pair field add to the drag, which grows as ln[T/(T - T_c)] and more
(Hu 2000). They are not included: within some tenths of T_c this is a lower bound of the friction.

Everything here is SI. Layers whose band is not parabolic are in :mod:`cedrag.drag.boltzmann`.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import constants

from .._checks import Floats, chosen, positive_array, positive_scalar
from .._results import Result
from ..errors import ConvergenceError
from ..kernels.drag_integrand import momentum_integrand
from ..kernels.gauss_kronrod import integrate_adaptively
from .parabolic_integrand import check_layers, drag_integrand, scaled_problem, wavevector_panels
from .parabolic_layer import ParabolicLayer, polarisability
from .ratio import CARRIER_SIGN, Friction, drag_ratio, drag_times, friction

__all__ = [
    "ParabolicLayer",
    "DragRate",
    "drag_rate",
    "drag_resistivity",
    "drag_time",
    "drag_integrand",
    "drag_ratio",
    "friction_between",
    "polarisability",
]

_RTOL_MIN = 1e-11


@dataclass(frozen=True, eq=False)
class DragRate(Result):
    """The drag between two layers at one temperature.

    Attributes
    ----------
    resistivity : float
        rho_D = E_2/j_1 with layer 2 open, ohm. E_2 balances the drag force on the carriers of
        layer 2, so rho_D is positive for electron-hole and negative for electron-electron.
    time : float
        tau_D = m_1/(n_1 e^2 |rho_D|), s: the mean momentum per carrier of layer 2 grows by
        p_1/tau_D in unit time, where p_1 is the momentum per carrier of layer 1. It is tau_D^I of
        eq (10), with layer 1 as e and layer 2 as h.
    time_back : float
        tau_D^II = tau_D^I m_2/m_1, s: a carrier of layer 2 returns p_2/tau_D^II.
    force_coefficient : float
        Gamma, force per area on layer 2 for unit drift velocity of layer 1, kg/(m^2 s).
    error : float
        Estimated relative error of all of these.
    evaluations : int
        Number of wavevectors at which the frequency integral was done.

    Examples
    --------
    >>> from cedrag import ParabolicLayer
    >>> from cedrag.drag.parabolic import drag_rate
    >>> layer = ParabolicLayer(density=2e15, mass=0.067 * 9.1094e-31, degeneracy=2)
    >>> rate = drag_rate(layer, layer, separation=30e-9, permittivity=12.9, temperature=2.0)
    >>> round(float(rate.time) * 1e6, 3), bool(rate.error < 3e-6)  # microseconds
    (0.672, True)
    """

    resistivity: float
    time: float
    time_back: float
    force_coefficient: float
    error: float
    evaluations: int


def drag_rate(
    layer1: ParabolicLayer,
    layer2: ParabolicLayer,
    *,
    separation: float,
    permittivity: float,
    temperature: float,
    screening: str = "rpa",
    carriers: str = "electron-hole",
    well_width: ArrayLike = 0.0,
    rtol: float = 3e-6,
) -> DragRate:
    """Drag at one temperature with its error estimate.

    Parameters
    ----------
    layer1, layer2 : ParabolicLayer
        Driven and passive layer.
    separation, permittivity, temperature : float
        Layer distance in m, relative permittivity, and K.
    screening : {"rpa", "thomas-fermi"}
        See :func:`drag_resistivity`.
    carriers : {"electron-hole", "electron-electron"}
        The sign of rho_D.
    well_width : float or pair
        In m.
    rtol : float
        Relative accuracy asked for.

    Returns
    -------
    DragRate
        Resistivity, time and force coefficient with their common relative error.

    Raises
    ------
    TypeError, ValueError
        For a value that is not positive, not finite or not one of the choices.
    ConvergenceError
        If the quadrature does not reach ``rtol``.

    Examples
    --------
    >>> from cedrag import ParabolicLayer
    >>> from cedrag.drag.parabolic import drag_rate
    >>> layer = ParabolicLayer(density=2e15, mass=0.067 * 9.1094e-31, degeneracy=2)
    >>> rate = drag_rate(layer, layer, separation=30e-9, permittivity=12.9, temperature=2.0)
    >>> round(float(rate.resistivity) * 1e3, 3)  # milliohm
    1.77
    """
    check_layers(layer1, layer2)
    temperature = positive_scalar("temperature", temperature, unit="K")
    chosen("carriers", carriers, CARRIER_SIGN)
    rtol = positive_scalar("rtol", rtol)
    if rtol < _RTOL_MIN:
        raise ValueError(f"rtol must be at least {_RTOL_MIN}, the rounding error (got {rtol})")
    length, pair, interaction = scaled_problem(
        layer1, layer2, separation, permittivity, temperature, screening, well_width
    )
    inner_error = 0.0

    def integrand(q: NDArray[np.float64]) -> NDArray[np.float64]:
        nonlocal inner_error
        value, error = np.empty_like(q), np.empty_like(q)
        momentum_integrand(q, pair, interaction, 0.1 * rtol, value, error)
        with np.errstate(divide="ignore", invalid="ignore"):
            ratio = np.where(value > 1e-6 * value.max(), error / value, 0.0)
        inner_error = max(inner_error, float(ratio.max()))
        return value

    panels = wavevector_panels(pair, interaction[1])
    total, error, evaluations = integrate_adaptively(integrand, panels, rtol)
    relative = inner_error + (error / total if total > 0.0 else 0.0)
    if not relative <= 3.0 * rtol:
        raise ConvergenceError(
            f"drag integral reached a relative error of {relative:.1e}, not rtol (got {rtol})"
        )
    # In these units Gamma = (1/8 pi^2) total; one hbar/length^4 turns it into SI.
    force = total / (8.0 * np.pi**2) * constants.hbar / length**4
    resistivity = force / (constants.e**2 * layer1.density * layer2.density)
    time, back = drag_times(force, density_h=layer2.density, mass_e=layer1.mass, mass_h=layer2.mass)
    return DragRate(
        CARRIER_SIGN[carriers] * float(resistivity), time, back, float(force), relative, evaluations
    )


def _swept(
    attribute: str,
    layer1: ParabolicLayer,
    layer2: ParabolicLayer,
    separation: ArrayLike,
    permittivity: ArrayLike,
    temperature: ArrayLike,
    options: dict[str, Any],
) -> Floats:
    separation = positive_array("separation", separation, unit="m")
    permittivity = positive_array("permittivity", permittivity, unit="")
    temperature = positive_array("temperature", temperature, unit="K")
    try:
        grid = np.broadcast(separation, permittivity, temperature)
    except ValueError:
        shapes = separation.shape, permittivity.shape, temperature.shape
        raise ValueError(
            "separation, permittivity and temperature must broadcast against each other "
            f"(got shapes {shapes})"
        ) from None
    flat = [
        getattr(
            drag_rate(layer1, layer2, separation=d, permittivity=p, temperature=t, **options),
            attribute,
        )
        for d, p, t in grid
    ]
    values = np.array(flat, dtype=np.float64).reshape(grid.shape)
    return float(values) if values.ndim == 0 else values


def drag_resistivity(
    layer1: ParabolicLayer, layer2: ParabolicLayer, *, separation: ArrayLike,
    permittivity: ArrayLike, temperature: ArrayLike, **options: Any,
) -> Floats:  # fmt: skip
    """Transresistivity rho_D = E_2/j_1 of two parabolic layers, layer 2 open, in ohm.

    Parameters
    ----------
    layer1, layer2 : ParabolicLayer
        Driven and passive layer. Exchanging them changes nothing.
    separation : float or array
        Distance between the layer centres, m.
    permittivity : float or array
        Relative permittivity of the surroundings.
    temperature : float or array
        K, positive. The three arrays are broadcast against each other.
    **options
        Four more keywords.
        ``screening``: "rpa", dynamic RPA with the response at the same temperature (with its
        plasmons), or "thomas-fermi", its long-wavelength static limit.
        ``carriers``: "electron-hole" (rho_D > 0) or "electron-electron" (rho_D < 0).
        ``well_width``: widths of infinite wells in m, one or two, which soften the interaction;
        0 for ideal sheets.
        ``rtol``: relative accuracy asked for, default 3e-6; the estimate is cautious by a factor
        of ten.

    Returns
    -------
    float or ndarray
        In ohm, the shape of the broadcast arrays.

    Raises
    ------
    TypeError, ValueError
        For a value that is not positive, not finite or not one of the choices.
    ConvergenceError
        If ``rtol`` is not reached.

    Examples
    --------
    Nearly T^2, as for two Fermi liquids:

    >>> from cedrag import ParabolicLayer, drag_resistivity
    >>> layer = ParabolicLayer(density=2e15, mass=0.067 * 9.1094e-31, degeneracy=2)
    >>> rho = drag_resistivity(
    ...     layer, layer, separation=30e-9, permittivity=12.9, temperature=[1.0, 2.0, 4.0])
    >>> (1e3 * rho).round(2)  # milliohm
    array([0.45, 1.77, 6.86])
    """
    return _swept("resistivity", layer1, layer2, separation, permittivity, temperature, options)


def drag_time(
    layer1: ParabolicLayer, layer2: ParabolicLayer, *, separation: ArrayLike,
    permittivity: ArrayLike, temperature: ArrayLike, **options: Any,
) -> Floats:  # fmt: skip
    r"""Drag time tau_D = m_1/(n_1 e^2 |rho_D|) in s: tau_D^I of eq (10).

    Parameters
    ----------
    layer1, layer2 : ParabolicLayer
        Driven and passive layer.
    separation, permittivity, temperature : float or array
        As in :func:`drag_resistivity`.
    **options
        As in :func:`drag_resistivity`.

    Returns
    -------
    float or ndarray
        In s; inf where no momentum is transferred.

    Examples
    --------
    >>> from cedrag import ParabolicLayer, drag_time
    >>> layer = ParabolicLayer(density=2e15, mass=0.067 * 9.1094e-31, degeneracy=2)
    >>> time = drag_time(layer, layer, separation=30e-9, permittivity=12.9, temperature=2.0)
    >>> round(time * 1e6, 3)  # microseconds
    0.672
    """
    return _swept("time", layer1, layer2, separation, permittivity, temperature, options)


def friction_between(
    driven: ParabolicLayer, passive: ParabolicLayer, *, scattering_time: float, **options: Any
) -> Friction:
    """Drag times and zeta of eq (10) of two parabolic layers of any masses and degeneracies.

    Parameters
    ----------
    driven, passive : ParabolicLayer
        Layers e and h of eq (10).
    scattering_time : float
        tau_2 of the passive layer, s.
    **options
        As in :func:`drag_rate`: separation, permittivity, temperature and more.

    Returns
    -------
    Friction
        tau_D^I and tau_D^II in s, and zeta.

    Warns
    -----
    UnrealisticScatteringWarning
        If tau_2 exceeds tau_D^II.

    Examples
    --------
    >>> from cedrag import ParabolicLayer
    >>> from cedrag.drag.parabolic import friction_between
    >>> electrons = ParabolicLayer(density=2e15, mass=6.1e-32, degeneracy=2)
    >>> holes = ParabolicLayer(density=1e15, mass=3.05e-31, degeneracy=1)
    >>> found = friction_between(
    ...     electrons, holes, scattering_time=1e-11, separation=30e-9, permittivity=12.9,
    ...     temperature=2.0)
    >>> round(found.drag_time_back / found.drag_time, 9)  # m_h/m_e
    5.0
    """
    rate = drag_rate(driven, passive, **options)
    return friction(
        rate.force_coefficient,
        scattering_time=scattering_time,
        density_e=driven.density,
        density_h=passive.density,
        mass_e=driven.mass,
        mass_h=passive.mass,
    )
