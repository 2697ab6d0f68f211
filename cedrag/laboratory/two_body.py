r"""One electron and one hole in two layers: how strongly the bare interaction binds them.

In units of the exciton's Bohr radius a_B = 4 pi eps0 eps hbar^2/(m_r e^2) and Rydberg
Ry = hbar^2/(2 m_r a_B^2), with x = r/a_B and D = d/a_B, the relative motion obeys

.. math:: \left[-\nabla^2 - \frac{2}{\sqrt{x^2 + D^2}}\right] \psi = -E_b \psi .

Two methods that share nothing but this line: closed-form Gaussians and shooting.
"""

import math
from dataclasses import dataclass

import numpy as np
import scipy
from numpy.typing import NDArray
from scipy import constants

from .._checks import nonnegative_scalar, positive_integer, positive_scalar
from .._results import Record
from ..errors import ConvergenceError

__all__ = ["ExcitonScales", "binding_variational", "binding_shooting"]


@dataclass(frozen=True, kw_only=True)
class ExcitonScales(Record):
    """Bohr radius and Rydberg of an electron-hole pair in a uniform dielectric.

    Parameters
    ----------
    electron_mass, hole_mass : float
        In units of the free electron mass.
    permittivity : float
        Relative permittivity around the layers.

    Raises
    ------
    TypeError, ValueError
        If an argument is not a positive finite real number.

    Examples
    --------
    >>> from cedrag.laboratory.two_body import ExcitonScales
    >>> exciton = ExcitonScales(electron_mass=0.2, hole_mass=0.2, permittivity=4.0)
    >>> round(exciton.bohr_radius * 1e9, 3)  # nm
    2.117
    >>> round(exciton.binding_energy(10e-9) / 1.602177e-22, 2)  # meV, at a distance of 10 nm
    23.69
    """

    electron_mass: float
    hole_mass: float
    permittivity: float

    def __post_init__(self) -> None:
        for name in ("electron_mass", "hole_mass", "permittivity"):
            object.__setattr__(self, name, positive_scalar(name, getattr(self, name)))

    @property
    def reduced_mass(self) -> float:
        """m_r = m_e m_h/(m_e + m_h) in kg."""
        pair = self.electron_mass * self.hole_mass / (self.electron_mass + self.hole_mass)
        return pair * constants.m_e

    @property
    def bohr_radius(self) -> float:
        """a_B = 4 pi eps0 eps hbar^2/(m_r e^2) in metre."""
        coulomb = constants.e**2 / (4.0 * math.pi * constants.epsilon_0 * self.permittivity)
        return constants.hbar**2 / (self.reduced_mass * coulomb)

    @property
    def rydberg(self) -> float:
        """Ry = hbar^2/(2 m_r a_B^2) in joule."""
        return constants.hbar**2 / (2.0 * self.reduced_mass * self.bohr_radius**2)

    def binding_energy(self, separation: float) -> float:
        """E_b of the interlayer exciton at layer distance ``separation`` (metre), in joule."""
        separation = nonnegative_scalar("separation", separation, unit="m")
        return self.rydberg * binding_variational(separation / self.bohr_radius)


def _size(distance: float) -> float:
    """Extent of the ground state: 1/2 at D = 0, the oscillator length D^(3/4) far apart."""
    return (0.25**2 + distance**3) ** 0.25


def binding_variational(distance: float, functions: int = 32) -> float:
    """E_b/Ry at D = ``distance``, a lower bound, from Gaussians exp(-a x^2).

    Overlap pi/p, kinetic energy 4 pi a b/p^2 and potential -2 pi sqrt(pi/p) erfcx(D sqrt p), with
    p = a + b, are exact.  Widths form a geometric series.  Relative error below 1e-7 (1e-6 at
    D = 0, where psi has a cusp).

    Parameters
    ----------
    distance : float
        D = d/a_B >= 0.
    functions : int
        Number of Gaussians.

    Returns
    -------
    float

    Examples
    --------
    >>> from cedrag.laboratory.two_body import binding_variational
    >>> round(binding_variational(0.0), 4)  # the exciton in one plane
    4.0
    >>> round(binding_variational(1.0), 6)
    0.867654
    """
    distance = nonnegative_scalar("distance", distance)
    functions = positive_integer("functions", functions, largest=400)
    width = _size(distance) * np.geomspace(1.5e-3, 30.0, functions)
    a = 0.5 / width**2
    p = a[:, None] + a
    norm = np.sqrt(2.0 * a / math.pi)
    norm = norm[:, None] * norm
    overlap = norm * math.pi / p
    kinetic = norm * 4.0 * math.pi * a[:, None] * a / p**2
    attraction = (
        norm * 2.0 * math.pi * np.sqrt(math.pi / p) * scipy.special.erfcx(distance * np.sqrt(p))
    )
    weight, vectors = scipy.linalg.eigh(overlap)
    kept = weight > 1e-13 * weight[-1]  # neighbours in the series are nearly the same function
    basis = vectors[:, kept] / np.sqrt(weight[kept])
    return -float(scipy.linalg.eigvalsh(basis.T @ (kinetic - attraction) @ basis)[0])


def binding_shooting(distance: float, rtol: float = 1e-10) -> float:
    """E_b/Ry at D = ``distance`` from the slopes y = psi'/psi that grow from both ends.

    y' = V + E_b - y/x - y^2 is integrated outwards from x = 0 and inwards from where psi has
    decayed by e^-30; E_b is where both meet.  The bracket rises from the bound E_b < min(4, 2/D),
    so the first root is the ground state.

    Parameters
    ----------
    distance : float
        D = d/a_B >= 0.
    rtol : float
        Relative tolerance of the differential equation.

    Returns
    -------
    float
        E_b/Ry.

    Raises
    ------
    ConvergenceError
        If no bound state was found above a binding of 1e-6 Ry.

    Examples
    --------
    An independent check of :func:`binding_variational`:

    >>> from cedrag.laboratory.two_body import binding_shooting, binding_variational
    >>> abs(binding_shooting(1.0) - binding_variational(1.0)) < 1e-7
    True
    """
    distance = nonnegative_scalar("distance", distance)
    rtol = positive_scalar("rtol", rtol)
    if not 1e-13 <= rtol <= 1e-2:
        raise ValueError(f"rtol must lie between 1e-13 and 1e-2 (got {rtol})")
    middle = _size(distance)

    def potential(x: float) -> float:
        return -2.0 / math.sqrt(x * x + distance * distance)

    def slope(x: float, y: NDArray[np.float64], binding: float) -> list[float]:
        return [potential(x) + binding - y[0] / x - y[0] ** 2]

    def mismatch(binding: float) -> float:
        start, end = 1e-4 * middle, middle + 30.0 / math.sqrt(binding)
        # two terms of the series at the origin; with a cusp at D = 0
        inner = (
            -2.0 + 0.5 * (binding - 4.0) * start
            if distance == 0.0
            else 0.5 * (potential(0.0) + binding) * start
        )
        outer = -math.sqrt(potential(end) + binding) - 0.5 / end
        ends = [
            scipy.integrate.solve_ivp(
                slope, span, [y], args=(binding,), method="DOP853", rtol=rtol, atol=1e-12
            ).y[0, -1]
            for span, y in (((start, middle), inner), ((end, middle), outer))
        ]
        return ends[0] - ends[1]

    upper = 4.0 if distance == 0.0 else min(4.0, 2.0 / distance)
    high = 1.0001 * upper  # at D = 0 the bound is the answer
    while high > 1e-6 * upper:
        low = 0.95 * high
        if mismatch(low) < 0.0:
            return float(scipy.optimize.brentq(mismatch, low, high, xtol=1e-13, rtol=1e-12))
        high = low
    raise ConvergenceError(f"no bound state found for distance (got {distance})")
