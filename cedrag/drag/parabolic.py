r"""Frictional Coulomb drag between two parabolic layers.

Carriers that move in layer 1 scatter from those of layer 2 and hand them momentum. With the layers
weakly coupled (second order in the screened interaction U12, Jauho & Smith 1993),

.. math::

    |\rho_D| = \frac{\hbar^2}{8\pi^2 e^2 n_1 n_2 k_B T} \int_0^\infty q^3 dq \int_0^\infty d\omega
               \, |U_{12}(q, \omega)|^2 \,
               \frac{\mathrm{Im}\,\Pi_1(q, \omega) \, \mathrm{Im}\,\Pi_2(q, \omega)}
                    {\sinh^2(\hbar\omega/2 k_B T)} .

Everything here is SI. Layers whose band is not parabolic are in :mod:`cedrag.drag.boltzmann`.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import constants

from .._checks import Floats, chosen, instance, positive_array, positive_scalar, real_array
from .._results import Result
from ..errors import ConvergenceError
from ..kernels.drag_integrand import integrand_map, momentum_integrand
from ..kernels.gauss_kronrod import integrate_adaptively
from ..units import Scales
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
    "spin_polarised_layers",
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


def _check_layers(layer1: ParabolicLayer, layer2: ParabolicLayer) -> None:
    instance("layer1", layer1, ParabolicLayer)
    instance("layer2", layer2, ParabolicLayer)


def _well_widths(well_width: Any, separation: float) -> NDArray[np.float64]:
    widths = np.atleast_1d(real_array("well_width", well_width, unit="m"))
    if widths.shape not in ((1,), (2,)):
        raise ValueError(f"well_width must be one number or two (got shape {widths.shape})")
    widths = np.broadcast_to(widths, (2,))
    if np.any(widths < 0.0):
        raise ValueError(f"well_width must not be negative (got {well_width})")
    if widths.mean() > separation:
        raise ValueError(
            f"separation is between well centres and must exceed the mean well_width "
            f"{widths.mean()} (got {separation})"
        )
    return widths


def _scaled_problem(
    layer1: ParabolicLayer,
    layer2: ParabolicLayer,
    separation: float,
    permittivity: float,
    temperature: float,
    screening: str,
    well_width: ArrayLike,
) -> tuple[float, tuple[Any, ...], tuple[float, ...]]:
    """Length unit and kernel arguments in the units hbar = k_B T = 1, m_1 = 1."""
    separation = positive_scalar("separation", separation, unit="m")
    permittivity = positive_scalar("permittivity", permittivity, unit="")
    chosen("screening", screening, ("rpa", "thomas-fermi"))
    widths = _well_widths(well_width, separation)
    thermal = constants.k * temperature
    length = constants.hbar / np.sqrt(layer1.mass * thermal)
    vacuum = 4.0 * np.pi * constants.epsilon_0
    coulomb = constants.e**2 / (vacuum * permittivity * thermal * length)
    pair = layer1.scaled(temperature, length), layer2.scaled(temperature, length)
    static = [
        layer.compressibility(temperature) * thermal * length**2 for layer in (layer1, layer2)
    ]
    interaction = (coulomb, separation / length, *(widths / length), screening == "rpa", *static)
    return length, (*pair, layer1 == layer2), tuple(map(_plain, interaction))


def _plain(value: Any) -> float:
    return bool(value) if isinstance(value, (bool, np.bool_)) else float(value)


def _wavevector_panels(pair: tuple[Any, ...], distance: float) -> NDArray[np.float64]:
    """Panels in q: the integrand lives below a few 1/d, ends thermally beyond 2 k_F."""
    last = 18.0 / distance  # exp(-2 q d) < 1e-15
    kinks = []
    for m, eta, *_ in pair[:2]:
        kappa = np.sqrt(2.0 * m)
        last = min(last, 2.0 * kappa * np.sqrt(max(eta, 0.0) + 40.0))
        kinks.append(2.0 * kappa * np.sqrt(max(eta, 0.0)))
    points = np.array([0.5 / distance, 2.0 / distance, 5.0 / distance, *kinks])
    return np.unique(np.concatenate([[0.0], points[(points > 0.0) & (points < last)], [last]]))


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
    _check_layers(layer1, layer2)
    temperature = positive_scalar("temperature", temperature, unit="K")
    chosen("carriers", carriers, CARRIER_SIGN)
    rtol = positive_scalar("rtol", rtol)
    if rtol < _RTOL_MIN:
        raise ValueError(f"rtol must be at least {_RTOL_MIN}, the rounding error (got {rtol})")
    length, pair, interaction = _scaled_problem(
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

    panels = _wavevector_panels(pair, interaction[1])
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


def drag_integrand(
    layer1: ParabolicLayer,
    layer2: ParabolicLayer,
    wavevector: ArrayLike,
    angular_frequency: ArrayLike,
    *,
    separation: float,
    permittivity: float,
    temperature: float,
    screening: str = "rpa",
    well_width: ArrayLike = 0.0,
) -> NDArray[np.float64]:
    r"""Integrand of rho_D on a grid, over its largest value: where momentum is transferred.

    .. math::

        q^3 |U_{12}|^2 \, \mathrm{Im}\,\Pi_1 \, \mathrm{Im}\,\Pi_2 / \sinh^2(\hbar\omega/2k_BT)

    Parameters
    ----------
    layer1, layer2 : ParabolicLayer
        Driven and passive layer.
    wavevector : ndarray, shape (N,)
        In 1/m, positive.
    angular_frequency : ndarray, shape (M,)
        In rad/s, positive.
    separation, permittivity, temperature : float
        As in :func:`drag_rate`.
    screening : {"rpa", "thomas-fermi"}
        As in :func:`drag_resistivity`.
    well_width : float or pair
        In m.

    Returns
    -------
    ndarray, shape (N, M)
        Between 0 and 1.

    Examples
    --------
    At d = 30 nm momentum goes over near q = 1/d; beyond 6/d hardly any does.

    >>> from cedrag import ParabolicLayer
    >>> from cedrag.drag.parabolic import drag_integrand
    >>> layer = ParabolicLayer(density=2e15, mass=0.067 * 9.1094e-31, degeneracy=2)
    >>> weight = drag_integrand(
    ...     layer, layer, [1e7, 4e7, 2e8], [1e11, 2e11],
    ...     separation=30e-9, permittivity=12.9, temperature=2.0)
    >>> weight[:, 0].round(2)
    array([0.55, 1.  , 0.  ])
    """
    _check_layers(layer1, layer2)
    temperature = positive_scalar("temperature", temperature, unit="K")
    q = positive_array("wavevector", wavevector, unit="1/m").ravel()
    w = positive_array("angular_frequency", angular_frequency, unit="rad/s").ravel()
    for name, values in (("wavevector", q), ("angular_frequency", w)):
        if not values.size:
            raise ValueError(f"{name} must hold at least one value (got none)")
    length, pair, interaction = _scaled_problem(
        layer1, layer2, separation, permittivity, temperature, screening, well_width
    )
    out = np.empty((q.size, w.size))
    thermal_frequency = constants.k * temperature / constants.hbar
    integrand_map(q * length, w / thermal_frequency, pair, interaction, out)
    largest = out.max(initial=0.0)
    return out / largest if largest > 0.0 else out


def spin_polarised_layers(
    scales: Scales, density_e: float, density_h: float, mass_ratio: float
) -> tuple[ParabolicLayer, ParabolicLayer]:
    """Parabolic layers with the masses of a sample, m_e and m_e times ``mass_ratio``.

    Parameters
    ----------
    scales : Scales
        Holds m_e.
    density_e, density_h : float
        Carriers per area in SI, 1/m^2; one flavour each.
    mass_ratio : float
        m_h/m_e.

    Returns
    -------
    driven, passive : ParabolicLayer
        The electrons and the holes.

    Examples
    --------
    >>> from cedrag import Scales
    >>> from cedrag.drag.parabolic import spin_polarised_layers
    >>> scales = Scales(critical_temperature=10.0, electron_mass=0.2)
    >>> driven, passive = spin_polarised_layers(scales, 2e15, 1e15, mass_ratio=2.5)
    >>> round(passive.mass / driven.mass, 9), passive.density, passive.degeneracy
    (2.5, 1000000000000000.0, 1)
    """
    mass = scales.electron_mass * constants.m_e
    return (
        ParabolicLayer(density=density_e, mass=mass, degeneracy=1),
        ParabolicLayer(density=density_h, mass=mass * mass_ratio, degeneracy=1),
    )


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
