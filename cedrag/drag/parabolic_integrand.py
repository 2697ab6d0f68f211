"""Where two parabolic layers exchange momentum: the integrand of their drag.

The kernels take hbar = k_B T = m_1 = 1. ``scaled_problem`` is the way there from SI.
"""

from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import constants

from .._checks import chosen, instance, positive_array, positive_scalar, real_array
from ..kernels.drag_integrand import integrand_map
from .parabolic_layer import ParabolicLayer

__all__ = ["drag_integrand"]


def check_layers(layer1: ParabolicLayer, layer2: ParabolicLayer) -> None:
    """Refuse what is no layer, by its name."""
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


def scaled_problem(
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


def wavevector_panels(pair: tuple[Any, ...], distance: float) -> NDArray[np.float64]:
    """Panels in q: the integrand lives below a few 1/d, ends thermally beyond 2 k_F."""
    last = 18.0 / distance  # exp(-2 q d) < 1e-15
    kinks = []
    for m, eta, *_ in pair[:2]:
        kappa = np.sqrt(2.0 * m)
        last = min(last, 2.0 * kappa * np.sqrt(max(eta, 0.0) + 40.0))
        kinks.append(2.0 * kappa * np.sqrt(max(eta, 0.0)))
    points = np.array([0.5 / distance, 2.0 / distance, 5.0 / distance, *kinks])
    return np.unique(np.concatenate([[0.0], points[(points > 0.0) & (points < last)], [last]]))


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
        As in :func:`~cedrag.drag.parabolic.drag_rate`.
    screening : {"rpa", "thomas-fermi"}
        As in :func:`~cedrag.drag.parabolic.drag_resistivity`.
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
    >>> from cedrag.drag.parabolic_integrand import drag_integrand
    >>> layer = ParabolicLayer(density=2e15, mass=0.067 * 9.1094e-31, degeneracy=2)
    >>> weight = drag_integrand(
    ...     layer, layer, [1e7, 4e7, 2e8], [1e11, 2e11],
    ...     separation=30e-9, permittivity=12.9, temperature=2.0)
    >>> weight[:, 0].round(2)
    array([0.55, 1.  , 0.  ])
    """
    check_layers(layer1, layer2)
    temperature = positive_scalar("temperature", temperature, unit="K")
    q = positive_array("wavevector", wavevector, unit="1/m").ravel()
    w = positive_array("angular_frequency", angular_frequency, unit="rad/s").ravel()
    for name, values in (("wavevector", q), ("angular_frequency", w)):
        if not values.size:
            raise ValueError(f"{name} must hold at least one value (got none)")
    length, pair, interaction = scaled_problem(
        layer1, layer2, separation, permittivity, temperature, screening, well_width
    )
    out = np.empty((q.size, w.size))
    thermal_frequency = constants.k * temperature / constants.hbar
    integrand_map(q * length, w / thermal_frequency, pair, interaction, out)
    largest = out.max(initial=0.0)
    return out / largest if largest > 0.0 else out
