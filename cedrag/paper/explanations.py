"""What could make eta(B) of Fig 4b oscillate and vanish?  Each explanation gets the same test.

The text says of the picture: eta does not grow monotonically, oscillates irregularly over scales of
several k_B T_c, and vanishes at certain fields.  The picture itself is not used.
"""

import math
import warnings
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from .._checks import positive_scalar, real_array
from .._results import Record
from ..bilayer import Bilayer
from ..condensate.ginzburg_landau import GinzburgLandau
from ..errors import ValidityWarning
from .calibration import NATURAL, PUBLISHED
from .coarse_sums import grid_diode, shell_diode
from .sampling import sampled_diode

__all__ = [
    "FIELDS", "ROUND_SETS", "SMALL_J", "Oscillation", "RoundSet", "oscillation", "round_set",
    "sampled_efficiencies", "grid_efficiencies", "shell_efficiencies", "converged_efficiencies",
]  # fmt: skip

Floats = NDArray[np.float64]

#: Values of B (E_u) of the curves; B = 3 is one of them.
FIELDS = np.round(np.arange(0.3, 9.01, 0.3), 10)
#: E_F of both layers, lambda_e and J of thirty sets of round numbers with q0 near 0.2.
ROUND_SETS = tuple(
    (energy, rashba, J)
    for energy in (10.0, 11.0, 12.0, 13.0, 14.0, 15.0)
    for rashba, J in ((0.5, 8.0), (0.8, 11.0), (0.8, 13.0), (1.1, 18.0), (1.2, 17.0))
)
#: A set with small J whose converged efficiency has two zeros; its upper branch is filled.
SMALL_J = Bilayer.from_fermi_energies(
    fermi_energy_e=11.6, fermi_energy_h=14.6, rashba_e=1.0, zeeman_inplane=3.0,
    zeeman_outofplane=2.6,
)  # fmt: skip


@dataclass(frozen=True)
class Oscillation(Record):
    """What the text says about a curve eta(B), read off that curve.

    Attributes
    ----------
    zeros : int
        Changes of sign for B > 0.
    period : float
        Twice the mean distance of neighbouring zeros, in E_u; nan with fewer than two.
    largest : float
        max |eta|.
    at_three : float
        eta at B = 3.

    Examples
    --------
    >>> from cedrag.paper.explanations import Oscillation
    >>> Oscillation(zeros=2, period=1.5, largest=0.01, at_three=0.001).zeros
    2
    """

    zeros: int
    period: float
    largest: float
    at_three: float


def oscillation(fields: ArrayLike, efficiencies: ArrayLike) -> Oscillation:
    """Zeros, period and size of eta(B).

    Parameters
    ----------
    fields, efficiencies : array_like, shape (n,)
        B in E_u, ascending, and eta; between them eta is taken as linear.

    Returns
    -------
    Oscillation

    Examples
    --------
    >>> import numpy as np
    >>> from cedrag.paper.explanations import oscillation
    >>> B = np.linspace(0.5, 9.0, 200)
    >>> found = oscillation(B, 0.01 * np.sin(np.pi * B))
    >>> found.zeros, round(found.period, 2), round(found.largest, 4)
    (8, 2.0, 0.01)
    """
    B, eta = real_array("fields", fields), real_array("efficiencies", efficiencies)
    if B.shape != eta.shape or B.ndim != 1 or np.any(np.diff(B) <= 0.0):
        raise ValueError("fields must ascend, one for each efficiency (got other shapes or order)")
    i = np.flatnonzero(eta[:-1] * eta[1:] < 0.0)
    at = B[i] - eta[i] * (B[i + 1] - B[i]) / (eta[i + 1] - eta[i])
    return Oscillation(
        zeros=len(at),
        period=float(2.0 * np.mean(np.diff(at))) if len(at) > 1 else math.nan,
        largest=float(np.abs(eta).max()),
        at_three=float(np.interp(3.0, B, eta)),
    )


def _along(
    bilayer: Bilayer, fields: Sequence[float] | Floats, eta: Callable[[Bilayer], float]
) -> Floats:
    with warnings.catch_warnings(action="ignore", category=ValidityWarning):
        return np.array([eta(bilayer.replace(zeeman_inplane=float(B))) for B in fields])


def converged_efficiencies(
    bilayer: Bilayer = NATURAL, fields: Sequence[float] | Floats = FIELDS
) -> Floats:
    """eta(B) of the quartic theory, converged, at fixed chemical potentials; shape of fields.

    Parameters
    ----------
    bilayer : Bilayer
        All but its B, which ``fields`` replace.
    fields : sequence of float, shape (n,)
        B in E_u.

    Returns
    -------
    ndarray, shape (n,)

    Examples
    --------
    >>> from cedrag.paper.explanations import converged_efficiencies
    >>> converged_efficiencies(fields=[3.0]).round(6).tolist()
    [0.000191]
    """
    t = PUBLISHED.t
    return _along(bilayer, fields, lambda b: GinzburgLandau(b, t, rtol=1e-4).diode().efficiency)


def sampled_efficiencies(
    step: float, bilayer: Bilayer = NATURAL, fields: Sequence[float] | Floats = FIELDS
) -> Floats:
    """The same with J_c read off a grid of pair momenta: see ``sampled_diode``.

    Parameters
    ----------
    step : float
        Of the grid of pair momenta, 1/l_u.
    bilayer : Bilayer
        All but its B, which ``fields`` replace.
    fields : sequence of float, shape (n,)
        B in E_u.

    Returns
    -------
    ndarray, shape (n,)

    Examples
    --------
    >>> from cedrag.paper.explanations import converged_efficiencies, sampled_efficiencies
    >>> exact, = converged_efficiencies(fields=[3.0])
    >>> read, = sampled_efficiencies(0.05, fields=[3.0])
    >>> bool(abs(read - exact) > 5 * abs(exact))  # the grid makes more than physics
    True
    """

    def eta(b: Bilayer) -> float:
        return sampled_diode(GinzburgLandau(b, PUBLISHED.t, rtol=1e-4), step).efficiency

    return _along(bilayer, fields, eta)


def grid_efficiencies(
    step: float,
    bilayer: Bilayer = NATURAL,
    fields: Sequence[float] | Floats = FIELDS,
    offset: float = 0.0,
) -> Floats:
    """The same with sums over a grid of k: see ``grid_diode``.

    Parameters
    ----------
    step : float
        Of the grid of k, 1/l_u.
    bilayer : Bilayer
        All but its B, which ``fields`` replace.
    fields : sequence of float, shape (n,)
        B in E_u.
    offset : float
        Of k_x, 1/l_u.

    Returns
    -------
    ndarray, shape (n,)

    Examples
    --------
    >>> from cedrag.paper.explanations import grid_efficiencies
    >>> grid_efficiencies(0.8, fields=[3.0]).shape
    (1,)
    """
    return _along(
        bilayer, fields, lambda b: grid_diode(b, step, offset=offset, reach=12.0).efficiency
    )


def shell_efficiencies(
    energy: float, bilayer: Bilayer = NATURAL, fields: Sequence[float] | Floats = FIELDS
) -> Floats:
    """The same with k in an energy shell: see ``shell_diode``.

    Parameters
    ----------
    energy : float
        Half the width of the shell, E_u.
    bilayer : Bilayer
        All but its B, which ``fields`` replace.
    fields : sequence of float, shape (n,)
        B in E_u.

    Returns
    -------
    ndarray, shape (n,)

    Examples
    --------
    >>> from cedrag.paper.explanations import shell_efficiencies
    >>> shell_efficiencies(5.0, fields=[3.0]).shape
    (1,)
    """
    return _along(bilayer, fields, lambda b: shell_diode(b, energy, rays=96).efficiency)


@dataclass(frozen=True)
class RoundSet(Record):
    """One set of round numbers, converged and on a grid of pair momenta, at B = 3.

    Attributes
    ----------
    q0, efficiency : float
        Converged.
    sampled_q0, sampled_efficiency : float
        On the grid.
    period : float
        step/(dq0/dB) in E_u: the field that moves q0 by one step.

    Examples
    --------
    >>> from cedrag.paper.explanations import RoundSet
    >>> RoundSet(0.214, 0.009, 0.2, 0.018, 1.5).like_published
    True
    """

    q0: float
    efficiency: float
    sampled_q0: float
    sampled_efficiency: float
    period: float

    @property
    def like_published(self) -> bool:
        """q0 = 0.2 and |eta| of 1.5 to 2.2 % on the grid."""
        return abs(self.sampled_q0 - 0.2) < 1e-9 and 0.015 < abs(self.sampled_efficiency) < 0.022


def round_set(fermi_energy: float, rashba: float, J: float, *, step: float = 0.1) -> RoundSet:
    """Read J_c and q0 of a set with equal Fermi energies off a grid of pair momenta.

    Parameters
    ----------
    fermi_energy, rashba, J : float
        E_F of both layers and J in E_u, lambda_e in E_u l_u.
    step : float
        Of the grid, in 1/l_u.

    Returns
    -------
    RoundSet

    Examples
    --------
    >>> from cedrag.paper.explanations import round_set
    >>> found = round_set(10.0, 0.5, 8.0)
    >>> round(found.sampled_q0, 3), abs(found.efficiency) < 0.001 < abs(found.sampled_efficiency)
    (0.2, True)
    """
    step = positive_scalar("step", step, bare="1/l_u")
    bilayer = Bilayer.from_fermi_energies(
        fermi_energy_e=fermi_energy, fermi_energy_h=fermi_energy, rashba_e=rashba,
        zeeman_inplane=PUBLISHED.zeeman_inplane, zeeman_outofplane=J,
    )  # fmt: skip
    with warnings.catch_warnings(action="ignore", category=ValidityWarning):
        theory = GinzburgLandau(bilayer, PUBLISHED.t, rtol=1e-4)
        exact = theory.diode()
        sampled = sampled_diode(theory, step, exact=exact)
        around = [
            GinzburgLandau(bilayer.replace(zeeman_inplane=B), PUBLISHED.t, rtol=1e-4)
            for B in (2.95, 3.05)
        ]
        low, high = (theory.diode().q0[0] for theory in around)
    return RoundSet(
        q0=exact.q0[0], efficiency=exact.efficiency, sampled_q0=sampled.q0,
        sampled_efficiency=sampled.efficiency, period=step * 0.1 / (high - low),
    )  # fmt: skip
