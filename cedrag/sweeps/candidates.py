"""One bilayer of a search: its diode, and what decides whether it counts."""

import math
import warnings
from dataclasses import dataclass

from .._checks import instance
from .._results import Result, provenance_of
from ..bilayer import Bilayer
from ..condensate.mean_field import MeanField
from ..errors import ConvergenceError, NoCondensateError, NoPairingError

__all__ = ["NO_DIODE", "Candidate", "examine", "table_row"]

#: What a bilayer without a diode raises.
NO_DIODE = (ConvergenceError, NoCondensateError, NoPairingError, ArithmeticError)


@dataclass(frozen=True, eq=False)
class Candidate(Result):
    """The diode of one bilayer and what decides whether it counts.

    Attributes
    ----------
    bilayer : Bilayer
    t : float
        T/T_c.
    spin : str
        Level of the mean field, "full" or "band".
    efficiency, efficiency_branch, efficiency_global : float
        As in :class:`cedrag.condensate.diode.Diode`.
    jc_plus, jc_minus : float
        In J_u.
    q0 : float
        Momentum of the state on the axis, in 1/l_u.
    gap : float
        In E_u.
    stiffness_temperature : float
        (pi/2) sqrt(det D) at t, in E_u: coherent if t is below it.
    margin : float
        Energy from the Fermi level to the upper spin branch, in E_u.
    softness : float
        D_xx w^2/(4 |F|), w half the window in q: 1 for alpha ~ q^2 - w^2, 0 at an internal critical
        point, where a curvature of F vanishes away from T_c.
    second_well : float
        F of the next minimum over that of the lowest: 1 on a line of first-order transitions
        between two states, 0 without a second minimum.
    error : float
        Of the efficiency, from that of the currents.

    Examples
    --------
    >>> from cedrag import NATURAL
    >>> from cedrag.sweeps.candidates import examine
    >>> found = examine(NATURAL, 0.5, spin="band")
    >>> round(found.efficiency, 5), found.coherent, found.counts
    (0.0007, True, True)
    """

    bilayer: Bilayer
    t: float
    spin: str
    efficiency: float
    efficiency_branch: float
    efficiency_global: float
    jc_plus: float
    jc_minus: float
    q0: float
    gap: float
    stiffness_temperature: float
    margin: float
    softness: float
    second_well: float
    error: float

    @property
    def coherent(self) -> bool:
        """Whether vortices stay bound at this temperature."""
        return self.t < self.stiffness_temperature

    @property
    def consistent(self) -> bool:
        """Whether the level keeps all branches that hold carriers."""
        return self.spin == "full" or self.margin > 0.0

    @property
    def counts(self) -> bool:
        """Coherent and consistent."""
        return self.coherent and self.consistent

    @property
    def robust_efficiency(self) -> float:
        """The smallest |eta| of the branch, of degenerate branches and of all momenta."""
        values = self.efficiency, self.efficiency_branch, self.efficiency_global
        return min(map(abs, values)) if len({v > 0.0 for v in values}) == 1 else 0.0


def examine(bilayer: Bilayer, t: float, *, spin: str = "full", rtol: float = 1e-5) -> Candidate:
    """Compute one diode with what decides whether it counts.

    Parameters
    ----------
    bilayer : Bilayer
    t : float
        T/T_c.
    spin : {"full", "band"}
        Level of :class:`cedrag.condensate.mean_field.MeanField`.
    rtol : float
        Accuracy of the momentum integrals.

    Returns
    -------
    Candidate

    Raises
    ------
    NoCondensateError, NoPairingError, ConvergenceError
        As ``MeanField`` does.

    Examples
    --------
    >>> from cedrag import NATURAL
    >>> from cedrag.sweeps.candidates import examine
    >>> found = examine(NATURAL, 0.9, spin="band")
    >>> found.coherent, round(found.stiffness_temperature, 2)
    (False, 0.29)
    """
    bilayer = instance("bilayer", bilayer, Bilayer)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return examined(MeanField(bilayer, t, spin=spin, rtol=rtol))


def table_row(
    bilayer: Bilayer, t: float, *, spin: str = "full", rtol: float = 1e-5
) -> dict[str, float]:
    """Numbers of :func:`examine` for a table or a map; nan where there is no condensate.

    Parameters
    ----------
    bilayer, t, spin, rtol
        As in :func:`examine`.

    Returns
    -------
    dict
        "efficiency", "efficiency_global", "jc_plus", "jc_minus", "q0", "gap",
        "stiffness_temperature", "margin", "softness" and "second_well".

    Examples
    --------
    >>> from cedrag import NATURAL
    >>> from cedrag.sweeps.candidates import table_row
    >>> table_row(NATURAL, 1.2, spin="band")["efficiency"]
    nan
    """
    names = (
        "efficiency", "efficiency_global", "jc_plus", "jc_minus", "q0", "gap",
        "stiffness_temperature", "margin", "softness", "second_well",
    )  # fmt: skip
    try:
        found = examine(bilayer, t, spin=spin, rtol=rtol)
    except NO_DIODE:
        return dict.fromkeys(names, math.nan)
    return {name: float(getattr(found, name)) for name in names}


def stiffness_limit(theory: MeanField) -> float:
    """(pi/2) sqrt(det D) of the lowest state.

    Parameters
    ----------
    theory : MeanField

    Returns
    -------
    float
        E_u.

    Examples
    --------
    >>> import warnings
    >>> from cedrag import NATURAL, MeanField
    >>> from cedrag.sweeps.candidates import stiffness_limit
    >>> with warnings.catch_warnings(action="ignore"):
    ...     round(stiffness_limit(MeanField(NATURAL, 0.9, spin="band", rtol=1e-5)), 2)
    0.29
    """
    xx, xy, yy = theory.minima[0].stiffness
    return 0.5 * math.pi * math.sqrt(max(xx * yy - xy * xy, 0.0))


def examined(theory: MeanField) -> Candidate:
    """What :func:`examine` says of the bilayer of a theory.

    Parameters
    ----------
    theory : MeanField

    Returns
    -------
    Candidate

    Examples
    --------
    >>> import warnings
    >>> from cedrag import NATURAL, MeanField
    >>> from cedrag.sweeps.candidates import examined
    >>> with warnings.catch_warnings(action="ignore"):
    ...     examined(MeanField(NATURAL, 0.9, spin="band", rtol=1e-5)).coherent
    False
    """
    diode = theory.diode()
    lowest, *others = theory.minima
    half = 0.5 * (diode.window[1] - diode.window[0])
    return Candidate(
        bilayer=theory.bilayer,
        t=theory.t,
        spin=theory.spin,
        efficiency=diode.efficiency,
        efficiency_branch=diode.efficiency_branch,
        efficiency_global=diode.efficiency_global,
        jc_plus=diode.jc_plus,
        jc_minus=diode.jc_minus,
        q0=diode.q0[0],
        gap=lowest.gap,
        stiffness_temperature=stiffness_limit(theory),
        margin=theory.bilayer.spin_gap_margin(),
        softness=lowest.stiffness[0] * half**2 / (4.0 * abs(lowest.free_energy)),
        second_well=others[0].free_energy / lowest.free_energy if others else 0.0,
        error=2.0 * diode.error / (diode.jc_plus - diode.jc_minus),
        provenance=provenance_of(theory),
    )
