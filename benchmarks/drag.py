"""Coulomb drag: one resistivity, a temperature curve, a Rashba rate, the nonreciprocal friction."""

import numpy as np
from scipy import constants
from timing import Measured, once, repeat

from cedrag.drag.boltzmann import coulomb_strength, momentum_transfer
from cedrag.drag.nonreciprocal import nonlinear_drag
from cedrag.drag.parabolic import ParabolicLayer, drag_resistivity
from cedrag.paper.calibration import NATURAL
from cedrag.units import Scales

GAAS = ParabolicLayer(density=1.5e15, mass=0.067 * constants.m_e, degeneracy=2)
SAMPLE = {"separation": 375e-10, "permittivity": 12.9}
SCALES = Scales(critical_temperature=10.0, electron_mass=0.2)
PLACE = {"separation": 10e-9 / SCALES.length, "coulomb": coulomb_strength(SCALES, 4.0)}
# rho_D in ohm, computed independently on two quadratures (1 K, 3 K)
KNOWN = {1.0: 0.505875e-3, 3.0: 4.348843e-3}


def resistivity():
    """One RPA rho_D of the GaAs bilayer at 3 K."""
    first, seconds, rho = repeat(
        lambda: drag_resistivity(GAAS, GAAS, temperature=3.0, **SAMPLE), budget=1.0
    )
    difference = abs(float(rho) / KNOWN[3.0] - 1.0)
    return Measured(seconds, difference, 1e-5, "an independent quadrature", first=first)


def temperatures():
    """The same at 50 temperatures."""
    curve = np.linspace(1.0, 80.0, 50)
    first, seconds, rho = repeat(
        lambda: drag_resistivity(GAAS, GAAS, temperature=curve, **SAMPLE), at_most=3
    )
    difference = abs(rho[0] / KNOWN[1.0] - 1.0)
    return Measured(seconds, difference, 1e-5, "an independent quadrature at 1 K", first=first)


def rashba_rate():
    """One drag time of the lower Rashba branch with RPA screening."""
    run = lambda: momentum_transfer(NATURAL, 1.0, screening="rpa", **PLACE)  # noqa: E731
    first, seconds, found = repeat(run, at_most=1)
    return Measured(seconds, found.error, 1e-3, "its own error estimate", first=first)


def friction():
    """Nonlinear drag at two drifts of either sign: what the plateau's asymmetry is held against."""
    linear = momentum_transfer(NATURAL, 1.0, screening="rpa", **PLACE)
    seconds, found = once(lambda: nonlinear_drag(NATURAL, 1.0, [0.1, 0.2], **PLACE))
    difference = abs(found.linear.drag_time / linear.drag_time - 1.0)
    return Measured([seconds], difference, 1e-6, "the linear rate by itself")
